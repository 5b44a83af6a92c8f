"""Say what predictions tell of each other where no label says who is right."""

from collections import Counter
from typing import Any

from dacompare.names import in_sentence
from dacompare.report.class_by_class import numbered, usable_methods
from dacompare.report.examples import is_image
from dacompare.report.formatting import listing, percent, plural, shorten
from dacompare.report.hero import agreement, usual_pick
from dacompare.report.reading import Data, class_name, class_names, label_of, mean_of, measured

MOST_NAMED = 6  # methods up to which a table of agreement names its columns
MOST_CLASSES = 12
MOST_COLUMNS = 5


def agreements(data: Data) -> dict[str, Any] | None:
    """Return the share of target rows that two methods call alike, mean over seeds."""
    names = list(dict.fromkeys(name for entry in data["agreement"] for name in entry["methods"]))
    if len(names) < 2:
        return None
    lines = [
        {"label": label_of(data, a), "cells": [None if a == b else agreement(data, a, b) for b in names]} for a in names
    ]
    return {
        "labels": [label_of(data, name) for name in names],
        "lines": lines,
        "is_numbered": len(names) > MOST_NAMED,
        "finding": disagreement_said(data, names),
    }


def disagreement_said(data: Data, names: list[str]) -> str:
    """Return who differ most, and the error that this proves: where two differ, at least one is wrong."""
    pairs = [(agreement(data, a, b), a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    known = [(share, a, b) for share, a, b in pairs if share is not None]
    if not known:
        return ""
    share, a, b = min(known)
    first, second = (in_sentence(label_of(data, name)) for name in (a, b))
    return (
        f"{first[:1].upper()}{first[1:]} and {second} agree least: on {percent(share)} of the target rows. Where two "
        f"differ, at least one of them is wrong, so that one of these errs on {percent((1 - share) / 2)} or more."
    )


def unknowns(data: Data) -> dict[str, list[str]] | None:
    """Return what a page without target labels can say, and what it cannot; None where there are labels."""
    if data["task"]["target_labels"]:
        return None
    cannot = [
        "How often any method is right on the target, and so whether adapting helps at all.",
        "Which method is best. A validator that picked well elsewhere may pick badly here.",
        "Whether classes are as frequent in the target as in the source. Where they are not, features that look alike "
        "may have been matched to the wrong classes.",
    ]
    can = [
        "On how many rows two methods differ: there, at least one of them is wrong.",
        "How far apart the domains lie, in each method’s features.",
        "How each method mixes the classes, beside the mix of the source.",
    ]
    rows = (data["task"]["n"] or {}).get("target_test") or (data["task"]["n"] or {}).get("target_train")
    next_step = f"Labels for a few of the {plural(rows, 'target row')}, drawn at random, would tell" if rows else ""
    return {"can": can, "cannot": cannot, "next": [f"{next_step} more than every score on this page."] if rows else []}


# How the classes are mixed


def class_mix(data: Data) -> dict[str, Any] | None:
    """Return the share of target rows that each method calls each class, beside the share that the source has.

    Only without target labels: with them, the confusions say more.
    """
    source = (data["task"]["class_counts"] or {}).get("source") or []
    names = class_names(data)
    found = {e["method"]: shares for e in usable_methods(data) if (shares := predicted_shares(data, e["method"]))}
    if data["task"]["target_labels"] or not found or len(source) != len(names) or not sum(source):
        return None
    own = [count / sum(source) for count in source]
    found = {name: shares for name, shares in found.items() if len(shares) == len(names)}
    shown = shown_methods(data, list(found))
    spread = {k: max((abs(found[name][k] - own[k]) for name in found), default=0.0) for k in range(len(names))}
    rows = sorted(range(len(names)), key=lambda k: -spread[k])[:MOST_CLASSES]
    return {
        "labels": [label_of(data, name) for name in shown],
        "lines": [
            {"name": numbered(names, k), "source": own[k], "cells": [found[name][k] for name in shown]}
            for k in (sorted(rows) if len(rows) == len(names) else rows)
        ],
        "left_out": len(names) - len(rows),
        "moved": [moved(data, name, shares, own, names) for name, shares in found.items()],
        "is_selection": len(shown) < len(found),
    }


def predicted_shares(data: Data, method: str) -> list[float]:
    """Return the share of target rows predicted as each class, mean over seeds."""
    counts = [row["predicted_counts"] for row in measured(data, method) if sum(row.get("predicted_counts") or [])]
    if not counts or len({len(own) for own in counts}) > 1:
        return []
    by_class = zip(*([n / sum(own) for n in own] for own in counts), strict=True)
    return [mean_of(shares) or 0.0 for shares in by_class]


def shown_methods(data: Data, names: list[str]) -> list[str]:
    """Return the methods that get a column: all of a few, else source-only, the validator's pick and the first."""
    if len(names) <= MOST_COLUMNS:
        return names
    wanted = dict.fromkeys(["source-only", usual_pick(data), "dann", "sa", *names])
    return [name for name in wanted if name in names][:MOST_COLUMNS]


def moved(data: Data, method: str, shares: list[float], own: list[float], names: list[str]) -> dict[str, str]:
    """Return how many rows would have to change class for the mix of the source, and the class that grew most."""
    differences = [a - b for a, b in zip(shares, own, strict=True)]
    most = max(range(len(names)), key=lambda k: differences[k])
    grown = f"{names[most]}: {percent(own[most])} → {percent(shares[most])}" if differences[most] > 0.0005 else "–"
    return {"label": label_of(data, method), "share": percent(sum(map(abs, differences)) / 2), "grown": grown}


# Disputed rows


def disputed(data: Data) -> dict[str, Any] | None:
    """Return the target rows that methods dispute most, each with who says what."""
    found = data["disputed"]
    names, rows = found.get("methods") or [], found.get("rows") or []
    if not names or not rows:
        return None
    lines = [row_said(data, row, names) for row in rows]
    return {
        "rows": lines,
        "has_images": all(line["src"] for line in lines),
        "note": f"The rows on which the largest group of methods that agree is smallest, seed {found.get('seed')}: "
        "the first to look at, or to label.",
    }


def row_said(data: Data, row: Data, names: list[str]) -> dict[str, Any]:
    """Return one row: its camps, the largest first; few methods are named, many counted."""
    camps: dict[int, list[str]] = {}
    for name, position in zip(names, row["said"], strict=False):
        camps.setdefault(position, []).append(label_of(data, name))
    votes: Counter[int] = Counter(row["said"])
    order = [position for position, _ in votes.most_common()]
    few = len(names) <= 3
    said = [
        {"class": class_name(data, k), "by": listing(camps[k]) if few else plural(len(camps[k]), "method")}
        for k in order
        if k in camps
    ]
    full = "; ".join(f"{class_name(data, k)}: {listing(map(in_sentence, camps[k]))}" for k in order if k in camps)
    src = row.get("png_base64")
    return {
        "index": row["index"],
        "src": src if is_image(src) else "",
        "said": [{"class": shorten(one["class"]), "by": one["by"]} for one in said],
        "full": full,
        "alt": f"Target row {row['index']}, called {full}.",
    }
