"""What is told of choosing without target labels is what the reports say."""

import re

from dacompare.report.formatting import number, points
from dacompare.report.validator_costs import NEVER, by_validator
from tests.committed import ROOT, report, words


def _costs():
    """Return the slugs of the columns and, line by line, the cells of the table of what validators cost."""
    text = (ROOT / "docs" / "choosing-without-labels.md").read_text(encoding="utf-8")
    head, _, *lines = re.findall(r"<!-- costs -->\s*\n((?:\|.*\n)+)", text)[0].splitlines()
    cells = [[cell.strip().strip("*`") for cell in line.strip("|").split("|")] for line in lines]
    return re.findall(r"reports/([a-z0-9-]+)\.html", head), {name: own for name, *own in cells}


def _measured_costs(slugs):
    return [by_validator(report(slug)) for slug in slugs]


def _cell(entry):
    return "–" if entry is None else f"{number(100 * entry['cost'], 1)} ({points(entry['gain'])})"


def test_what_validators_cost_is_what_the_reports_say():
    slugs, table = _costs()
    measured = _measured_costs(slugs)
    assert len(slugs) == 5
    assert {name for own in measured for name in own} == set(table)
    # Compared as a whole: where a report is made anew, the message is the table to put in.
    assert table == {name: [_cell(own.get(name)) for own in measured] for name in table}


def test_what_the_page_says_about_validators_in_words_is_so():
    slugs, _ = _costs()
    measured = dict(zip(slugs, _measured_costs(slugs), strict=True))
    counts = []
    for slug in slugs:
        summary = report(slug)["summary"]
        counts.append(len({entry["method"] for entry in summary if not entry["oracle"]} - {"train-on-target"}))
    assert counts == [17, 17, 17, 3, 3]
    where_it_helps = {slug: own for slug, own in measured.items() if slug != "digits-fontsm"}
    for own in where_it_helps.values():
        assert own["bnm"]["cost"] == min(costs["cost"] for costs in own.values()) < 0.0075
    second = [sorted(own, key=lambda name: own[name]["cost"])[1] for own in where_it_helps.values()]
    assert second.count("entropy") == 2
    entropy = {slug: own["entropy"]["cost"] for slug, own in measured.items()}
    assert entropy["fonts-fontsm"] > 0.8 * measured["fonts-fontsm"][NEVER]["cost"]
    assert measured["mnist-mnistm"]["reverse-svm"]["gain"] < 0.2 * measured["mnist-mnistm"]["bnm"]["gain"]
    gains = {name: entry["gain"] for name, entry in measured["digits-fontsm"].items()}
    assert {name for name, gained in gains.items() if gained > 0} == {"iwv", "dev", "source-accuracy"}
    assert -0.0105 < min(gains.values()) < max(gains.values()) < 0.0035
    assert [slug for slug, own in measured.items() if "reverse" in own] == ["digits-fontsm"]
    text = words(ROOT / "docs" / "choosing-without-labels.md")
    ends = {}
    for key in ("spearman_dimensions", "spearman"):
        orders = [
            entry[key]["value"]
            for slug in slugs
            for entry in report(slug)["validators"]
            if entry["name"] == "reverse-svm"
        ]
        ends[key] = f"between {number(min(orders))} and {number(max(orders))}"
    assert f"(Spearman's correlation {ends['spearman_dimensions']}); methods it orders {ends['spearman']}." in text
