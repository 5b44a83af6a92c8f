"""Build the table of what it costs to choose by each validator, over all reports of an index."""

from collections.abc import Sequence
from typing import Any

from dacompare.report.reading import Data, mean_of

NEVER = "never adapting"


def validator_costs(
    reports: Sequence[tuple[Data, str]], below: Sequence[tuple[str, str, Sequence[tuple[Data, str]]]] = ()
) -> dict[str, Any] | None:
    """Return a line a task: by how much each validator's pick misses the best row, and what it gains.

    Both are means over seeds, as fractions: `cost` is the best row's accuracy minus the pick's, `gain` the pick's minus
    that of source-only. The column "never adapting" is the choice of source-only, whatever comes. Tasks without target
    labels have no costs, and no line.

    Parameters
    ----------
    reports : sequence of (dict, str)
        Results as :func:`~dacompare.report.reading.as_data` gives them, each with the link of its page.
    below : sequence of (str, str, sequence of (dict, str))
        Families of tasks, each with its name, the link of its index, and its results with theirs: a line of means each,
        and a line a task.

    Returns
    -------
    dict or None
        `names`, `lines` and their `means`, and `families` with their own `lines`; a mean says over how many tasks it is
        (`n`), as not every validator can score every task, and what never adapting costs there (`never`). None where
        there is no cost at all.
    """
    lines = cost_lines([(data["task"]["title"], link, data) for data, link in reports])
    families = [
        (name, link, cost_lines([(data["task"]["title"], page, data) for data, page in own]))
        for name, link, own in below
    ]
    families = [family for family in families if family[2]]
    met = dict.fromkeys(name for line in [*lines, *(x for _, _, own in families for x in own)] for name in line["own"])
    if not met:
        return None
    names = [*(name for name in met if name != NEVER), *(name for name in met if name == NEVER)]
    return {
        "names": names,
        "lines": _in_columns(lines, names),
        "means": [mean_cell(lines, name) for name in names],
        "families": [
            {
                "title": title,
                "link": link,
                "n": len(own),
                "cells": [mean_cell(own, name) for name in names],
                "lines": _in_columns(own, names),
            }
            for title, link, own in families
        ],
    }


def _in_columns(lines: Sequence[dict[str, Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    return [{**line, "cells": [line["own"].get(name) for name in names]} for line in lines]


def cost_lines(reports: Sequence[tuple[str, str, Data]]) -> list[dict[str, Any]]:
    """Return title, link and costs of every task that has any."""
    found = [{"title": title, "link": link, "own": by_validator(data)} for title, link, data in reports]
    return [line for line in found if line["own"]]


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


def mean_cell(lines: Sequence[dict[str, Any]], name: str) -> dict[str, Any] | None:
    """Return the mean over the tasks that a validator could score, and what never adapting costs on these.

    None where it could score none. Tasks differ in what there is to lose, so that costs compare on the same ones only.
    """
    scored = [line["own"] for line in lines if name in line["own"]]
    if not scored:
        return None
    means = {key: mean_of(own[name][key] for own in scored) for key in ("cost", "gain")}
    return {**means, "n": len(scored), "never": mean_of(own[NEVER]["cost"] for own in scored if NEVER in own)}
