"""Make plain tables of results, a line a method or a validator, and write them as CSV."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dacompare.report.reading import Data, as_data, label_of, mean_of, methods_of

METHOD_COLUMNS = (
    "task", "title", "source", "target", "method", "label", "kind", "oracle", "n_seeds", "n_missing",
    "accuracy", "accuracy_low", "accuracy_high", "accuracy_sd", "network_accuracy", "genuine_accuracy",
    "gap_covered", "gap_covered_low", "gap_covered_high",
    "difference", "difference_low", "difference_high", "joint_low", "joint_high",
    "wins", "n_pairs", "p_value", "p_holm",
    "published_accuracy", "published_gap_covered", "published_where", "partial", "overrides",
)  # fmt: skip
VALIDATOR_COLUMNS = (
    "task", "title", "validator", "primary", "n_seeds", "picks", "accuracy", "cost", "gain", "spearman",
)  # fmt: skip

# What makes a spreadsheet compute a cell, the full-width forms among it.
FORMULA = tuple("=+-@＝＋－＠")


def method_table(results: Any) -> list[dict[str, Any]]:
    """Return one line a method of one task: the columns are ``METHOD_COLUMNS``, accuracies are fractions.

    `difference` is the paired difference to source-only; `_low` and `_high` are ends of 95 % intervals. Where a row has
    several published figures, they stand in one cell, parted by semicolons, as do their places.

    Parameters
    ----------
    results : Results or dict
        Of schema "dacompare/1".

    Examples
    --------
    >>> table = method_table({"task": {"slug": "a-b"}, "summary": [{"method": "dann", "mean": 0.5}]})
    >>> table[0]["task"], table[0]["method"], table[0]["accuracy"], table[0]["difference"]
    ('a-b', 'dann', 0.5, None)
    """
    data = as_data(results)
    task = data["task"]
    of_task = {"task": task["slug"], "title": task["title"], "source": task["source"], "target": task["target"]}
    state = {"partial": bool(data["partial"]), "overrides": _joined(data["overrides"])}
    return [{**of_task, **_method(entry), **state} for entry in methods_of(data)]


def validator_table(results: Any) -> list[dict[str, Any]]:
    """Return one line a validator of one task, with what it picks among methods: ``VALIDATOR_COLUMNS``.

    `accuracy` is that of the picks, `cost` how far they stay behind the best method, `gain` how far they stand above
    source-only: fractions, means over seeds.

    Parameters
    ----------
    results : Results or dict
        Of schema "dacompare/1".
    """
    data = as_data(results)
    picks: dict[str, list[Data]] = {}
    for entry in data["selection"]:
        if entry.get("scope") == "methods":
            picks.setdefault(entry["validator"], []).append(entry)
    return [_validator(data, name, own) for name, own in picks.items()]


def write_csv(table: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    r"""Return a table as CSV: numbers as they are, unknown ones empty, text on one line and never a formula.

    Text that a spreadsheet would compute gets an apostrophe before it.

    Examples
    --------
    >>> write_csv([{"label": "=1+1", "gain": -0.5, "p": None, "oracle": False}], ("label", "gain", "p", "oracle"))
    "label,gain,p,oracle\n'=1+1,-0.5,,false\n"
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(line[name]) for name in columns] for line in table)
    return text.getvalue()


def _method(entry: Data) -> dict[str, Any]:
    gap, versus = entry["gap_covered"] or {}, entry["vs_source_only"] or {}
    published = entry["published"]
    return {
        **{key: entry[key] for key in ("method", "label", "kind", "oracle", "n_seeds", "n_missing")},
        "accuracy": entry["mean"],
        **_ends("accuracy", entry["ci95"]),
        "accuracy_sd": entry["sd"],
        "network_accuracy": entry["network_mean"],
        "genuine_accuracy": entry["genuine_mean"],
        "gap_covered": gap.get("value"),
        **_ends("gap_covered", gap.get("ci95")),
        "difference": versus.get("difference"),
        **_ends("difference", versus.get("ci95")),
        **_ends("joint", versus.get("ci95_joint")),
        "wins": versus.get("wins"),
        "n_pairs": versus.get("n"),
        "p_value": versus.get("p_value"),
        "p_holm": versus.get("p_holm"),
        "published_accuracy": _joined(p.get("accuracy") for p in published),
        "published_gap_covered": _joined(p.get("gap_covered") for p in published),
        "published_where": _joined(p.get("where") for p in published),
    }


def _validator(data: Data, name: str, picks: list[Data]) -> dict[str, Any]:
    orders = {entry["name"]: (entry.get("spearman") or {}).get("value") for entry in data["validators"]}
    counts = Counter(label_of(data, entry["pick"]) for entry in picks)
    known = [e for e in picks if e.get("pick_accuracy") is not None and e.get("source_only_accuracy") is not None]
    return {
        "task": data["task"]["slug"],
        "title": data["task"]["title"],
        "validator": name,
        "primary": name == (data["recipe"].get("protocol") or {}).get("primary_validator"),
        "n_seeds": len(picks),
        "picks": "; ".join(f"{label} {n}" for label, n in counts.most_common()),
        "accuracy": mean_of(e.get("pick_accuracy") for e in picks),
        "cost": mean_of(e.get("cost") for e in picks),
        "gain": mean_of(e["pick_accuracy"] - e["source_only_accuracy"] for e in known),
        "spearman": orders.get(name),
    }


def _ends(name: str, interval: Sequence[float] | None) -> dict[str, float | None]:
    low, high = interval or (None, None)
    return {f"{name}_low": low, f"{name}_high": high}


def _joined(values: Iterable[Any]) -> Any:
    """Return one value as it is, several as text."""
    known = [value for value in values if value is not None]
    return known[0] if len(known) == 1 else "; ".join(map(str, known)) or None


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return float(f"{value:.6g}")  # as many digits as the results file has
    if not isinstance(value, str):
        return "" if value is None else value
    line = " ".join(value.split())
    return f"'{line}" if line.startswith(FORMULA) else line
