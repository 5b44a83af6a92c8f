"""Show a comparison in a notebook: what was found and the table, not the whole page."""

from typing import Any

from dacompare.report.comparison import mean_interval, problems, versus
from dacompare.report.formatting import number, percent
from dacompare.report.hero import banners, hero, is_constant
from dacompare.report.page import fill
from dacompare.report.reading import Data, as_data, mean_of, measured, methods_of
from dacompare.verdict import repeats_of


def render_summary(results: Any) -> str:
    """Return verdict and table as a piece of HTML, without any style that could reach the rest of a notebook.

    Parameters
    ----------
    results : Results or dict
        Of schema "dacompare/1".

    Examples
    --------
    >>> piece = render_summary({"schema": "dacompare/1", "recipe": {}, "task": {"title": "A & B"}, "rows": []})
    >>> "<strong>A &amp; B</strong>" in piece
    True
    """
    return fill("notebook.html.j2", summary(as_data(results)))


def summary(data: Data) -> dict[str, Any]:
    """Return what the template fills in; without target labels, the validator's score stands for the accuracy."""
    known = data["task"]["target_labels"]
    primary = (data["recipe"].get("protocol") or {}).get("primary_validator") or ""
    scored = "target accuracy" if known else f"score of {primary}, without labels" if primary else "score"
    return {
        "title": data["task"]["title"],
        "banners": banners(data),
        "verdict": hero(data)["verdict"],
        "scored": scored,
        "known": known,
        "lines": [line(data, entry, None if known else primary) for entry in methods_of(data)],
    }


def line(data: Data, entry: Data, validator: str | None) -> dict[str, Any]:
    """Return one line of the table; with a validator, its mean score instead of the accuracy."""
    if validator is None:
        value, ends = percent(entry["mean"]), mean_interval(entry, repeats_of(data["task"]))
    else:
        scores = [(row.get("validators") or {}).get(validator) or {} for row in measured(data, entry["method"])]
        value, ends = number(mean_of(score.get("value") for score in scores), 3), ""
    return {
        "label": entry["label"],
        "tag": "chosen on target labels"
        if entry["oracle"]
        else "trained on target labels"
        if entry["kind"] == "bound"
        else "",
        "value": value,
        "interval": ends,
        "versus": versus(entry["vs_source_only"], is_constant=is_constant(data)),
        "problems": problems(data, entry["method"]),
    }
