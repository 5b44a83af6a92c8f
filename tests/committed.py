"""Read committed reports and pages, for tests of what is told of them."""

import json
from functools import cache
from pathlib import Path
from statistics import fmean

from dacompare.names import rounded
from dacompare.report.validator_costs import by_validator

ROOT = Path(__file__).parent.parent


def shown(points):
    """Return points as the pages print them."""
    return f"{rounded(points, 1):.1f}"


def signed(points):
    """Return a difference in points as the pages print it."""
    return f"{rounded(points, 1):+.1f}".replace("-", "−")


def words(page):
    """Return the text of a page with single spaces: sentences are found wherever their lines end."""
    return " ".join(page.read_text(encoding="utf-8").split())


@cache
def report(slug):
    """Return a results file; a report in a folder of its own has the folder in its slug."""
    return json.loads((ROOT / "reports" / f"{slug}.json").read_text(encoding="utf-8"))


def pairs_in(folder):
    return [report(f"{folder}/{path.stem}") for path in sorted((ROOT / "reports" / folder).glob("*.json"))]


def rows_of_all(reports):
    """Return, by method, the lines of the summaries of all reports, for methods that each of them has."""
    lines = [{entry["method"]: entry for entry in data["summary"]} for data in reports]
    return {name: [own[name] for own in lines] for name in lines[0] if all(name in own for own in lines)}


def by_label(reports):
    return {own[0]["label"]: own for own in rows_of_all(reports).values()}


def gains(reports):
    """Return how many points each method stands above source only, mean over the reports."""
    return {
        name: 100 * fmean(entry["vs_source_only"]["difference"] for entry in own)
        for name, own in rows_of_all(reports).items()
        if own[0]["vs_source_only"]
    }


def mean_cost(reports, validator):
    """Return how many points the picks of a validator lie below the best row, mean over the reports."""
    return 100 * fmean(by_validator(data)[validator]["cost"] for data in reports)
