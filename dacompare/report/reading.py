"""Read a results dict that may lack parts: what is missing comes back empty, never as an error."""

from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import Any

from dacompare.report.older import brought_up

Data = dict[str, Any]

# Control characters have no place in HTML or XML; a lone surrogate cannot be written at all.
UNPRINTABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160), *range(0xD800, 0xE000), 0xFFFE], "�")

LISTS = (
    "overrides", "rows", "summary", "sweep", "selection", "validators", "agreement", "changes", "divergence",
    "bound", "history", "embedding",
)  # fmt: skip
TABLES = ("recipe", "environment", "task", "examples", "disputed", "verdict")

SUMMARY = {
    "kind": None, "oracle": False, "adapts": True, "n_seeds": 0, "n_missing": 0, "mean": None, "sd": None, "ci95": None,
    "network_mean": None, "genuine_mean": None, "genuine_ci95": None, "gap_covered": None, "vs_source_only": None,
    "published": (),
}  # fmt: skip
TASK = {
    "slug": "", "title": "Untitled", "source": "source", "target": "target", "protocol": None, "head": None,
    "target_labels": True, "classes": (), "kind": None, "shape": (), "n": None, "class_counts": None,
    "groups": False, "few": None, "genuine": None, "source_per_class": None, "data": (), "generator": None,
}  # fmt: skip


def as_data(results: Any) -> Data:
    """Return the plain dict of a Results, or of a dict of the same schema, ready to be read without surprises.

    The given object is not changed. Missing lists become empty lists, missing tables empty tables, and characters
    that cannot stand on a page are replaced.

    Raises
    ------
    TypeError
        If it is neither.

    Examples
    --------
    >>> as_data({"task": {"title": "A → B"}})["rows"]
    []
    """
    data = getattr(results, "data", results)
    if not isinstance(data, Mapping):
        raise TypeError(f"results must be a Results or a dict of its schema, got {type(results).__name__}")
    clean = {**dict.fromkeys(("created", "command", "recipe_hash")), "partial": False, **_printable(data)}
    clean.update({name: clean.get(name) or [] for name in LISTS})
    clean.update({name: clean.get(name) or {} for name in TABLES})
    clean["task"] = {**TASK, **{key: value for key, value in clean["task"].items() if value is not None}}
    return brought_up(clean)


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(UNPRINTABLE)
    if isinstance(value, Mapping):
        # Files hold their keys in sorted order: a page must not differ from the one made before it was saved.
        return {_printable(key): _printable(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [_printable(item) for item in value]
    return value


def methods_of(data: Data) -> list[Data]:
    """Return one entry a method in the order of the page: its summary, label, kind, and whether it is an oracle."""
    rows = {row["method"]: row for row in reversed(data["rows"])}
    summaries = {entry["method"]: entry for entry in data["summary"]}
    names = list(dict.fromkeys([*(row["method"] for row in data["rows"]), *summaries]))
    entries = []
    for name in names:
        row, summary = rows.get(name, {}), summaries.get(name, {})
        known = {key: row[key] for key in ("label", "kind", "oracle", "adapts") if row.get(key) is not None}
        given = {key: value for key, value in summary.items() if value is not None}
        entries.append({**SUMMARY, "method": name, "label": name, **known, **given})
    return entries


def is_usable(entry: Data) -> bool:
    """Return whether a method is one that a reader could use: no oracle, and no bound that needs target labels."""
    return not entry["oracle"] and entry["kind"] not in ("bound", "few")


def methods_in_order(data: Data) -> list[Data]:
    """Return the methods in the order of every table: source-only, the best mean on top, then those not usable.

    What measured nothing stands last of its kind.
    """

    def place(entry: Data) -> tuple[bool, bool, bool, float]:
        mean = entry["mean"]
        return not is_usable(entry), entry["method"] != "source-only", mean is None, -(mean or 0.0)

    return sorted(methods_of(data), key=place)


def adapted(data: Data) -> list[Data]:
    """Return the usable methods that have looked at the target."""
    return [e for e in methods_of(data) if is_usable(e) and e["adapts"] and e["method"] != "source-only"]


def label_of(data: Data, method: str) -> str:
    """Return a method's label; "pixels" and other features that are no row keep their name."""
    return next((entry["label"] for entry in methods_of(data) if entry["method"] == method), str(method))


def measured(data: Data, method: str) -> list[Data]:
    """Return a method's rows that are there, one a seed."""
    return [row for row in data["rows"] if row["method"] == method and row.get("status", "ok") == "ok"]


def mean_of(values: Iterable[float | None]) -> float | None:
    """Return the mean of the values that are known, or None.

    Examples
    --------
    >>> mean_of([1.0, None, 2.0]), mean_of([None])
    (1.5, None)
    """
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def class_names(data: Data) -> list[str]:
    """Return the class names as text; an unnamed class keeps its position."""
    return [str(name) for name in data["task"]["classes"]]


def class_name(data: Data, position: int | None) -> str:
    """Return the name of the class at a position."""
    names = class_names(data)
    return "?" if position is None else names[position] if 0 <= position < len(names) else str(position)


def seeds_of(data: Data) -> list[int]:
    """Return the seeds that rows have, in order."""
    return sorted({row["seed"] for row in data["rows"]})
