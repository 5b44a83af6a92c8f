"""Build the table of what it costs to choose by each validator, over all reports of an index."""

from typing import Any

from dacompare.report.reading import Data, mean_of

NEVER = "never adapting"


def validator_costs(reports: list[tuple[Data, str]]) -> dict[str, Any] | None:
    """Return a line a task: by how much each validator's pick misses the best row, and what it gains.

    Both are means over seeds, as fractions: `cost` is the best row's accuracy minus the pick's, `gain` the pick's minus
    that of source-only. The column "never adapting" is the choice of source-only, whatever comes. Tasks without target
    labels have no costs, and no line.

    Parameters
    ----------
    reports : list of (dict, str)
        Results as :func:`~dacompare.report.reading.as_data` gives them, each with the link of its page.
    """
    found = [(data, link, by_validator(data)) for data, link in reports]
    found = [(data, link, own) for data, link, own in found if own]
    met = dict.fromkeys(name for _, _, own in found for name in own)
    names = [*(name for name in met if name != NEVER), *(name for name in met if name == NEVER)]
    if not found:
        return None
    lines = [
        {"title": data["task"]["title"], "link": link, "cells": [own.get(name) for name in names]}
        for data, link, own in found
    ]
    return {"names": names, "lines": lines, "means": [mean_cell(lines, k) for k in range(len(names))]}


def by_validator(data: Data) -> dict[str, dict[str, float | None]]:
    """Return cost and gain of every validator's picks among methods, and of never adapting."""
    picks: dict[str, list[Data]] = {}
    for entry in data["selection"]:
        if entry.get("scope") == "methods" and entry.get("cost") is not None:
            picks.setdefault(entry["validator"], []).append(entry)
    table = {name: {"cost": mean_of(e["cost"] for e in own), "gain": gain(own)} for name, own in picks.items()}
    seeds = {e["seed"]: e for own in picks.values() for e in own if e.get("source_only_accuracy") is not None}
    if seeds:
        costs = [e["oracle_accuracy"] - e["source_only_accuracy"] for e in seeds.values()]
        table[NEVER] = {"cost": mean_of(costs), "gain": 0.0}
    return table


def gain(picks: list[Data]) -> float | None:
    """Return how far the picks stand above source-only, mean over seeds; None where there is no source-only row."""
    known = [e for e in picks if e.get("source_only_accuracy") is not None]
    return mean_of(e["pick_accuracy"] - e["source_only_accuracy"] for e in known)


def mean_cell(lines: list[dict[str, Any]], k: int) -> dict[str, float | None]:
    """Return the mean over tasks of one column."""
    cells = [line["cells"][k] for line in lines if line["cells"][k]]
    return {key: mean_of(cell[key] for cell in cells) for key in ("cost", "gain")}
