"""Tell each kind of warning that rows gave once, with the rows that gave it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dacompare.report.formatting import listing
from dacompare.report.reading import Data, label_of

VARYING = re.compile(r"'[^']*'|-?\d[\d.,]*(?:e[-+]?\d+)?")


def row_warnings(data: Data) -> list[dict[str, Any]]:
    """Return every kind of warning once: its first text, the rows that gave it, and all texts where they differ.

    Two texts are of one kind where they differ in numbers and quoted names alone.
    """
    kinds: dict[str, list[tuple[str, Data]]] = {}
    for row in data["rows"]:
        for text in map(str, row.get("warnings") or []):
            kinds.setdefault(VARYING.sub("…", text), []).append((text, row))
    return [warning(data, given) for given in kinds.values()]


def warning(data: Data, given: list[tuple[str, Data]]) -> dict[str, Any]:
    """Return one kind of warning."""
    seeds: dict[str, list[int]] = {}
    for _, row in given:
        own = seeds.setdefault(label_of(data, row["method"]), [])
        own += [row["seed"]] if row["seed"] not in own else []
    rows = rows_said(seeds, Counter(label_of(data, row["method"]) for row in data["rows"]))
    told: dict[str, list[str]] = {}
    for text, row in given:
        told.setdefault(text, []).append(f"{label_of(data, row['method'])} (seed {row['seed']})")
    every = [{"text": text, "rows": listing(dict.fromkeys(own))} for text, own in told.items()]
    return {"text": given[0][0], "n": len(given), "rows": rows, "every": every if len(every) > 1 else []}


def rows_said(seeds: Mapping[str, Sequence[int]], of: Mapping[str, int]) -> str:
    """Return which rows gave a warning: those of every seed by name, others with their seeds.

    Examples
    --------
    >>> rows_said({"DANN": [0, 1], "CORAL": [0, 1], "TCA": [1]}, {"DANN": 2, "CORAL": 2, "TCA": 2})
    'in every seed DANN and CORAL; TCA (seed 1)'
    """
    always = [label for label, own in seeds.items() if len(own) > 1 and len(own) == of[label]]
    others = {label: own for label, own in seeds.items() if label not in always}
    said = [f"in every seed {listing(always)}"] if always else []
    named = [f"{label} (seed{'s' * (len(own) > 1)} {listing(sorted(own))})" for label, own in others.items()]
    between = ". Also " if any(";" in part for part in said) else "; "
    return between.join([*said, listing(named)] if named else said)
