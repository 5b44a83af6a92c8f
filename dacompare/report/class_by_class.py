"""Say which classes a method gets wrong, worst first, and what it takes them for."""

from typing import Any

from dacompare.names import in_sentence
from dacompare.report.formatting import listing, percent, points
from dacompare.report.hero import best_adapted, usual_pick
from dacompare.report.reading import Data, class_names, is_usable, mean_of, measured, methods_of
from dacompare.report.tsne_display import is_numbered

MOST_CELLS = 12  # classes up to which a confusion matrix is drawn as a table
MOST_CONFUSED = 10
MOST_DRAWN = 5  # methods up to which each has its own column and matrix
MOST_SAID = 3

Shares = list[list[float | None]]


def classes(data: Data) -> dict[str, Any] | None:
    """Return accuracy by class, a confusion matrix of the methods that matter most, and the worst of all others."""
    names = class_names(data)
    entries = [e for e in methods_of(data) if any(row.get("confusion") for row in measured(data, e["method"]))]
    if not entries or not names:
        return None
    shares = {e["method"]: mean_confusion(data, e["method"], len(names)) for e in entries}
    drawn = drawn_methods(data, entries)
    lines = class_lines(data, drawn, shares, names)
    return {
        "labels": [e["label"] for e in drawn],
        "lines": lines,
        "is_long": len(names) > MOST_CELLS,
        "has_change": any(line["change"] for line in lines),
        "changed": changed_label(data, drawn),
        "finding": finding(data, shares, names),
        "matrices": [confusion(e["label"], shares[e["method"]], names) for e in drawn],
        "names": names,
        "others": [weakness(e["label"], shares[e["method"]], names) for e in entries] if len(entries) > 1 else [],
        "is_selection": len(drawn) < len([e for e in entries if not e["oracle"]]),
    }


def drawn_methods(data: Data, entries: list[Data]) -> list[Data]:
    """Return the methods that get a column and a matrix each: all of a few, else those that the page speaks of.

    These are source-only, the best adapted one, the one that the primary validator picks, and the bound.
    """
    own = [entry for entry in entries if not entry["oracle"]]
    if len(own) <= MOST_DRAWN:
        return own
    best = best_adapted(data) or {}
    wanted = {"source-only", best.get("method"), usual_pick(data), "train-on-target"}
    return [entry for entry in own if entry["method"] in wanted] or own[:MOST_DRAWN]


def class_lines(data: Data, drawn: list[Data], shares: dict[str, Shares], names: list[str]) -> list[dict[str, Any]]:
    """Return a line a class, the worst of the best adapted method on top."""
    counts = (data["task"]["class_counts"] or {}).get("target") or []
    judge = judged_by(data, shares)
    before, after = shares.get("source-only"), shares.get(judge or "")
    order = sorted(range(len(names)), key=lambda k: known_first(accuracy(shares[judge], k)) if judge else (False, k))
    return [
        {
            "name": numbered(names, k),
            "n": counts[k] if k < len(counts) else None,
            "cells": [accuracy(shares[e["method"]], k) for e in drawn],
            "change": change(before, after, k) if judge != "source-only" else "",
        }
        for k in order
    ]


def judged_by(data: Data, shares: dict[str, Shares]) -> str | None:
    """Return the method whose classes are sorted: the best adapted, else source-only, else the first."""
    best = (best_adapted(data) or {}).get("method")
    return next((name for name in (best, "source-only", *shares) if name in shares), None)


def changed_label(data: Data, drawn: list[Data]) -> str:
    """Return the name of the method whose change against source-only has a column."""
    best = best_adapted(data) or {}
    return next((e["label"] for e in drawn if e["method"] == best.get("method")), "")


def accuracy(shares: Shares, k: int) -> float | None:
    """Return the share of a class's rows that are predicted right."""
    return shares[k][k]


def known_first(value: float | None) -> tuple[bool, float]:
    """Return a key that sorts small values first and unknown ones last."""
    return value is None, value or 0.0


def change(before: Shares | None, after: Shares | None, k: int) -> str:
    """Return by how many points a class is predicted better than by source-only."""
    if before is None or after is None or before[k][k] is None or after[k][k] is None:
        return ""
    return points((after[k][k] or 0.0) - (before[k][k] or 0.0))


def finding(data: Data, shares: dict[str, Shares], names: list[str]) -> str:
    """Return the worst classes of the best method, and those that adaptation helped and hurt most, in words."""
    judge = judged_by(data, shares)
    if judge is None or len(names) < 2:
        return ""
    label = next(e["label"] for e in methods_of(data) if e["method"] == judge)
    known = [(share, k) for k in range(len(names)) if (share := accuracy(shares[judge], k)) is not None]
    few = min(MOST_SAID, max(1, len(known) - 1))  # to name all would say nothing
    worst = listing(f"{names[k]} ({percent(share)})" for share, k in sorted(known)[:few])
    said = f"Hardest for {in_sentence(label)}: {worst}." if known else ""
    before = shares.get("source-only")
    if before is None or judge == "source-only":
        return said
    moved = [(share - own, k) for share, k in known if (own := accuracy(before, k)) is not None]
    if not moved:
        return said
    (most, up), (least, down) = max(moved), min(moved)
    said += f" Against source-only, {names[up]} gains most ({points(most, unit=True)})" if most > 0 else ""
    lost = f"{names[down]} loses most ({points(least, unit=True)})" if least < 0 else "no class loses"
    return f"{said}{', ' if most > 0 else ' Against source-only, '}{lost}."


def weakness(label: str, shares: Shares, names: list[str]) -> dict[str, str]:
    """Return a method's worst class, and its largest confusion."""
    known = [(share, k) for k in range(len(names)) if (share := accuracy(shares, k)) is not None]
    largest = largest_confusions(shares, names, 1)
    share, k = min(known) if known else (None, None)
    said = largest[0] if largest else None
    return {
        "label": label,
        "class": "–" if k is None else numbered(names, k),
        "share": percent(share),
        "confusion": f"{said['true']} → {said['said']}" if said else "–",
        "confused": said["share"] if said else "",
    }


def numbered(names: list[str], position: int) -> str:
    """Return a class's name, with its number where figures have room for numbers only."""
    return f"{position} · {names[position]}" if is_numbered(names) else names[position]


def mean_confusion(data: Data, method: str, n_classes: int) -> Shares:
    """Return shares of each true class by predicted class: the mean over seeds, whose rows are never pooled."""
    matrices = [row["confusion"] for row in measured(data, method) if row.get("confusion")]
    cells: Shares = []
    for true in range(n_classes):
        rows = [m[true] for m in matrices if true < len(m) and sum(m[true])]
        by_seed = [[value / sum(row) for value in row] for row in rows]
        cells.append([mean_of(row[k] for row in by_seed if k < len(row)) for k in range(n_classes)])
    return cells


def confusion(label: str, shares: Shares, names: list[str]) -> dict[str, Any]:
    """Return one matrix: in full where it is small, else its largest confusions."""
    full = len(names) <= MOST_CELLS
    largest = [] if full else largest_confusions(shares, names, MOST_CONFUSED)
    return {"label": label, "rows": shares if full else None, "largest": largest}


def largest_confusions(shares: Shares, names: list[str], n: int) -> list[dict[str, str]]:
    """Return the most frequent errors, as a share of the true class."""
    wrong = [
        (share, true, said)
        for true, row in enumerate(shares)
        for said, share in enumerate(row)
        if share is not None and share > 0 and true != said
    ]
    wrong.sort(key=lambda cell: (-cell[0], cell[1:]))
    return [{"true": names[t], "said": names[s], "share": percent(share)} for share, t, s in wrong[:n]]


def usable_methods(data: Data) -> list[Data]:
    """Return the methods that a reader could use, source-only among them, as far as something was measured."""
    return [entry for entry in methods_of(data) if is_usable(entry) and measured(data, entry["method"])]
