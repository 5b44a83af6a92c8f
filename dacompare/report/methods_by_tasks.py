"""Lay out the methods of several tasks: a line a method, a column a task, and means over tasks."""

from collections.abc import Sequence
from typing import Any

from dacompare.ranks import average_ranks
from dacompare.report.hero import VERDICTS, best_adapted
from dacompare.report.reading import Data, is_usable, methods_of
from dacompare.statistics import SMALLEST_GAP

# The rows of the paper come first, in its order; others follow as they are met.
FIRST = ("source-only", "sa", "dann")
BASE, TOP = "source-only", "train-on-target"


def methods_by_tasks(reports: Sequence[Data], *, oracles: bool = False) -> dict[str, Any] | None:
    """Return the accuracy and the gap covered of every method on every task whose target has labels.

    Parameters
    ----------
    reports : sequence of dict
        Results as :func:`~dacompare.report.reading.as_data` gives them. Tasks may have different rows.
    oracles : bool
        Whether rows that were chosen on target test labels have lines, too; those come last.

    Returns
    -------
    dict or None
        `tasks`, the places in `reports` of the columns; `titles`, what all titles have in common left out; `common`,
        that part; `groups`, each with a title and `lines`; None where no task has a target accuracy.

    Examples
    --------
    >>> methods_by_tasks([]) is None
    True
    """
    known = [(k, methods_of(data)) for k, data in enumerate(reports) if data["task"]["target_labels"]]
    known = [(k, entries) for k, entries in known if any(entry["mean"] is not None for entry in entries)]
    if not known:
        return None
    common, titles = split_titles([reports[k]["task"]["title"] for k, _ in known])
    bests = [(best_adapted(reports[k]) or {}).get("method") for k, _ in known]
    lines = [method_line(entry, [own for _, own in known], bests) for entry in every_method([own for _, own in known])]
    groups = [
        ("", [line for line in lines if line["usable"]]),
        (
            "Not methods one could use: they have seen target labels",
            [x for x in lines if x["seen"] and not x["oracle"]],
        ),
        ("Oracles: chosen on target test labels", [x for x in lines if x["oracle"]] if oracles else []),
    ]
    return {
        "tasks": [k for k, _ in known],
        "titles": titles,
        "common": common,
        "groups": [{"title": title, "lines": own} for title, own in groups if own],
    }


def every_method(tasks: Sequence[list[Data]]) -> list[Data]:
    """Return the first entry of every method of any task, those of the paper first."""
    met: dict[str, Data] = {}
    for entries in tasks:
        for entry in entries:
            met.setdefault(entry["method"], entry)
    names = [*(name for name in FIRST if name in met), *(name for name in met if name not in FIRST)]
    return [met[name] for name in names]


def method_line(entry: Data, tasks: Sequence[list[Data]], bests: Sequence[str | None]) -> dict[str, Any]:
    """Return one method's line: a cell a task, None where the task has no such row."""
    name = entry["method"]
    cells: list[dict[str, Any] | None] = []
    for entries, best in zip(tasks, bests, strict=True):
        own = next((e for e in entries if e["method"] == name), None)
        cells.append(own and {**cell_of(own), "best": name == best})
    return {
        "method": name,
        "label": entry["label"],
        "usable": is_usable(entry),
        "oracle": entry["oracle"],
        "seen": not is_usable(entry),
        "cells": cells,
    }


def cell_of(entry: Data) -> dict[str, Any]:
    """Return what one method reached on one task, and on which side of source-only its own interval lies."""
    versus = entry["vs_source_only"] or {}
    code = side(versus.get("ci95")) if is_usable(entry) else ""
    return {
        "mean": entry["mean"],
        "gap": (entry["gap_covered"] or {}).get("value"),
        "difference": versus.get("difference"),
        "code": code,
        "sign": VERDICTS[code][1] if code else "",
        "word": VERDICTS[code][0].lower() if code else "",
    }


def side(interval: Sequence[float] | None) -> str:
    """Return the verdict on one difference: the word for the side of 0 that its interval lies on."""
    if not interval:
        return ""
    return "helps" if interval[0] > 0 else "hurts" if interval[1] < 0 else "unclear"


# Means over tasks


def means_over_tasks(reports: Sequence[Data], *, oracles: bool = False, fewest: int = 2) -> dict[str, Any] | None:
    """Return means over the tasks of all rows that every task has, the best first; bounds last.

    `gap` is a ratio of means, as that of one task is a ratio of means over seeds. `rank` is the mean over tasks of the
    rank by accuracy among the methods that one could use, 1 being the best. Tasks of a family share domains, so that
    there is no interval.

    Parameters
    ----------
    reports : sequence of dict
        Tasks whose target has no labels do not count.
    oracles : bool
        Whether rows that were chosen on target test labels have lines, too.
    fewest : int
        Tasks that make a mean; with 1, the figures of a single task are its means.

    Returns
    -------
    dict or None
        `n` tasks, `lines`, and the labels of the rows that are `missing` in some; None below `fewest` tasks, or where
        no row beside source-only is in all.
    """
    tasks = [entries for entries in (measured_entries(data, oracles) for data in reports) if entries]
    if len(tasks) < fewest:
        return None
    known = every_method([list(own.values()) for own in tasks])
    kept = [entry for entry in known if all(entry["method"] in own for own in tasks)]
    if not any(is_usable(entry) and entry["method"] != BASE for entry in kept):
        return None
    usable = [entry["method"] for entry in kept if is_usable(entry)]
    ranks = [average_ranks([-own[name]["mean"] for name in usable]) for own in tasks]
    mean_rank = {name: sum(own[k] for own in ranks) / len(tasks) for k, name in enumerate(usable)}
    means = {e["method"]: sum(own[e["method"]]["mean"] for own in tasks) / len(tasks) for e in kept}
    lines = [mean_line(entry, tasks, means, mean_rank) for entry in kept]
    return {
        "n": len(tasks),
        "lines": sorted(lines, key=lambda line: (not line["usable"], -line["mean"])),
        "missing": [entry["label"] for entry in known if entry not in kept],
    }


def measured_entries(data: Data, oracles: bool) -> dict[str, Data]:
    """Return the entries that have a mean, by their names."""
    known = methods_of(data) if data["task"]["target_labels"] else []
    return {e["method"]: e for e in known if e["mean"] is not None and (oracles or not e["oracle"])}


def mean_line(
    entry: Data, tasks: Sequence[dict[str, Data]], means: dict[str, float], ranks: dict[str, float]
) -> dict[str, Any]:
    """Return the means of one method, and in how many tasks it stands on which side of source-only."""
    name, base, top = entry["method"], means.get(BASE), means.get(TOP)
    own = means[name]
    sides = [side((task[name]["vs_source_only"] or {}).get("ci95")) for task in tasks]
    gap = None if base is None or top is None or top - base < SMALLEST_GAP else (own - base) / (top - base)
    return {
        "method": name,
        "label": entry["label"],
        "usable": is_usable(entry),
        "mean": own,
        "difference": None if base is None or name == BASE else own - base,
        "gap": None if name in (BASE, TOP) else gap,
        "rank": ranks.get(name),
        "sides": None if name == BASE else {code: sides.count(code) for code in ("helps", "hurts", "unclear")},
    }


# Names


def split_titles(titles: Sequence[str]) -> tuple[str, list[str]]:
    """Return what titles begin with in common, up to a comma or a colon, and the titles without it.

    Examples
    --------
    >>> split_titles(["SURF, a → b", "SURF, a → c"])
    ('SURF', ['a → b', 'a → c'])
    >>> split_titles(["MNIST → USPS", "MNIST → MNIST-M"])
    ('', ['MNIST → USPS', 'MNIST → MNIST-M'])
    """
    common = shared_start(titles)
    cut = max(common.rfind(", "), common.rfind(": "))
    if cut < 1:
        return "", list(titles)
    return common[:cut], [title[cut + 2 :] for title in titles]


def family_name(reports: Sequence[Data]) -> str:
    """Return what the slugs of all tasks begin with, or "" where that is nothing.

    Examples
    --------
    >>> family_name([{"task": {"slug": "office-a-b"}}, {"task": {"slug": "office-b-a"}}])
    'office'
    """
    return shared_start([data["task"]["slug"] for data in reports]).rpartition("-")[0]


def shared_start(texts: Sequence[str]) -> str:
    """Return the longest text that all texts begin with, "" for fewer than two."""
    if len(texts) < 2:
        return ""
    first, last = min(texts), max(texts)
    n = next((k for k, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:n]
