"""List all reports of a folder on one page: tasks by methods, and what choosing without labels costs."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dacompare.files import write_whole
from dacompare.report.formatting import listing, points
from dacompare.report.hero import VERDICTS, best_adapted
from dacompare.report.page import fill
from dacompare.report.reading import Data, as_data, label_of, mean_of, methods_of
from dacompare.report.validator_costs import validator_costs
from dacompare.results import Results

# The rows of the paper come first, in its order; others follow as they are met.
FIRST = ("source-only", "sa", "dann", "train-on-target")


def render_index(reports: Iterable[tuple[Any, str]], *, left_out: Iterable[tuple[str, str]] = ()) -> str:
    """Return the index of some reports.

    Results with overrides (``--quick``, ``--set``) are no measurements to compare: they are named below the table,
    never in it. Partial ones are marked.

    Parameters
    ----------
    reports : iterable of (Results or dict, str)
        Each with the relative link of its page; an empty link for a page that is not there.
    left_out : iterable of (str, str)
        Further files with the reason why they are not shown.

    Examples
    --------
    >>> page = render_index([({"task": {"title": "A → B"}}, "a-b.html")])
    >>> '<a href="a-b.html">A → B</a>' in page
    True
    """
    read = [(as_data(results), link) for results, link in reports]
    kept = [(data, link) for data, link in read if not data["overrides"]]
    refused = [(data["task"]["title"], overridden(data)) for data, _ in read if data["overrides"]]
    columns = method_columns([data for data, _ in kept])
    return fill(
        "index.html.j2",
        {
            "columns": columns,
            "lines": [index_line(data, link, [name for name, _ in columns]) for data, link in kept],
            "costs": validator_costs(kept),
            "left_out": [*refused, *left_out],
        },
    )


def write_index(folder: str | Path) -> Path:
    """Write ``index.html`` over all results files (``*.json``) of a folder.

    A file that holds no results is left out, and the page says so.

    Parameters
    ----------
    folder : str or Path
        Each ``<slug>.json`` is linked to ``<slug>.html`` where that exists.

    Returns
    -------
    Path
        Where the index lies.
    """
    folder = Path(folder)
    reports, left_out = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            results = Results.from_json(path)
        except (ValueError, TypeError, OSError) as error:
            # The folder's own path is this machine's business.
            left_out.append((path.name, str(error).replace(str(path), path.name)))
            continue
        page = path.with_suffix(".html")
        reports.append((results, quote(page.name) if page.exists() else ""))
    return write_whole(folder / "index.html", render_index(reports, left_out=left_out))


def overridden(data: Data) -> str:
    """Return why results with overrides are refused."""
    how = listing(change if str(change).startswith("-") else f"--set {change}" for change in data["overrides"])
    return f"made with {how}: not a measurement to compare"


def method_columns(reports: list[Data]) -> list[tuple[str, str]]:
    """Return name and label of every method of any report; oracles are no methods."""
    found = {e["method"]: e["label"] for data in reversed(reports) for e in methods_of(data) if not e["oracle"]}
    met = dict.fromkeys(e["method"] for data in reports for e in methods_of(data) if not e["oracle"])
    return [(name, found[name]) for name in [*(n for n in FIRST if n in met), *(n for n in met if n not in FIRST)]]


def index_line(data: Data, link: str, columns: list[str]) -> dict[str, Any]:
    """Return one task's line."""
    entries, best = {entry["method"]: entry for entry in methods_of(data)}, best_adapted(data)
    code = data["verdict"].get("code")
    word, sign = VERDICTS.get(code, ("Not judged", "○"))
    versus = (best or {}).get("vs_source_only") or {}
    return {
        "title": data["task"]["title"],
        "link": link,
        "partial": data["partial"],
        "code": code if code in VERDICTS else "none",
        "word": word,
        "sign": sign,
        "cells": [
            {"mean": entries.get(name, {}).get("mean"), "best": best is not None and name == best["method"]}
            for name in columns
        ],
        "difference": points(versus["difference"]) if versus else "",
        "gap": ((best or {}).get("gap_covered") or {}).get("value"),
        "seeds": max((entry["n_seeds"] for entry in entries.values()), default=0),
        **validator_cost(data),
    }


def validator_cost(data: Data) -> dict[str, Any]:
    """Return what the primary validator picks among methods, and what that costs on average."""
    primary = (data["recipe"].get("protocol") or {}).get("primary_validator")
    picks = [s for s in data["selection"] if s.get("scope") == "methods" and s.get("validator") == primary]
    chosen = listing(dict.fromkeys(label_of(data, s["pick"]) for s in picks), "or")
    return {"validator": primary or "", "pick": chosen, "cost": mean_of(s.get("cost") for s in picks)}
