"""Turn Results into one self-contained HTML page."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dacompare.files import write_whole
from dacompare.report import class_by_class, comparison, distance_table, examples, hero, inside, trust, without_labels
from dacompare.report.formatting import FILTERS
from dacompare.report.reading import Data, as_data

TEMPLATES = Path(__file__).parent / "templates"

VERBATIM = re.compile(r"(<pre\b.*?</pre>)", flags=re.DOTALL)  # what a reader may copy


def render(results: Any) -> str:
    """Return the report of a comparison: one HTML page without scripts, requests or clocks.

    Parameters
    ----------
    results : Results or dict
        Of schema "dacompare/1". Optional parts may be missing; the page then goes without their sections.

    Returns
    -------
    str
        The same results give the same bytes.

    Examples
    --------
    >>> page = render({"schema": "dacompare/1", "recipe": {}, "task": {"title": "A & B"}, "rows": []})
    >>> "<h1>A &amp; B</h1>" in page
    True
    """
    return fill("page.html.j2", context(as_data(results)))


def write_report(results: Any, path: str | Path) -> Path:
    """Write the report to a file, whole or not at all.

    Parameters
    ----------
    results : Results or dict
    path : str or Path
        Its folder is made where it is missing.

    Returns
    -------
    Path
        Where the page lies.
    """
    return write_whole(Path(path), render(results))


def context(data: Data) -> dict[str, Any]:
    """Return what the template fills in: one entry a section, None or empty for a section that is left out."""
    known = data["task"]["target_labels"]
    page = {
        "task": data["task"],
        "scope": hero.scope(data),
        "note": data["recipe"].get("note") or "",
        "banners": hero.banners(data),
        "hero": hero.hero(data),
        "comparison": comparison.comparison(data) if known else None,
        "unlabelled": None if known else comparison.unlabelled_comparison(data),
        "examples": examples.examples(data),
        "changes": examples.changes(data),
        "sweeps": inside.sweeps(data),
        "embeddings": inside.embeddings(data),
        "training": inside.training(data),
        "distances": distance_table.distances(data),
        "validators": trust.validators(data),
        "classes": class_by_class.classes(data),
        "unknowns": without_labels.unknowns(data),
        "agreements": without_labels.agreements(data),
        "mix": without_labels.class_mix(data),
        "disputed": without_labels.disputed(data),
        "provenance": trust.provenance(data),
    }
    # With labels, agreement is a detail of the classes; without, it is most of what is known.
    page["differ"] = bool(page["disputed"] or page["mix"] or (page["agreements"] and not page["classes"]))
    return {**page, "contents": contents(page)}


def contents(page: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return anchor and title of every section that the page has, in the order of the questions of a reader."""
    titles = [
        ("methods", "Methods compared", page["comparison"] or page["unlabelled"]),
        (
            "domains",
            "The two domains" if page["examples"] else "Rows fixed and broken",
            page["examples"] or page["changes"],
        ),
        ("differ", "Where the methods differ", page["differ"]),
        ("dimensions", "Dimensions of the alignment", page["sweeps"]),
        ("features", "Features in the plane", page["embeddings"]),
        ("training", "Training", page["training"]),
        ("distance", "Distance between the domains", page["distances"]),
        ("choosing", "Choosing without target labels", page["validators"]),
        ("classes", "Class by class", page["classes"]),
        ("provenance", "Where this comes from", True),
    ]
    return [(anchor, title) for anchor, title, there in titles if there]


def fill(template: str, values: Mapping[str, Any]) -> str:
    """Return a template filled in: everything is escaped but the figures that we drew ourselves."""
    # select_autoescape() would not escape files called *.html.j2.
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    page = environment.get_template(template).render(values)
    parts = VERBATIM.split(page)
    parts[::2] = [re.sub(r"(?<=\d) %", "\u00a0%", part) for part in parts[::2]]  # a number keeps its sign beside it
    return "".join(parts)
