"""Say how far the page can be trusted: validators, errors class by class, agreement, and where it all comes from."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dacompare.report.formatting import count, listing, percent, plural, points, seconds, size
from dacompare.report.hero import agreement
from dacompare.report.reading import Data, class_names, label_of, mean_of, measured, methods_of
from dacompare.report.tsne_display import is_numbered

MOST_CELLS = 12  # classes up to which a confusion matrix is drawn as a table
MOST_CONFUSED = 10
RECIPE = (
    "schema", "slug", "title", "seeds", "note", "source", "target", "split", "network", "training", "protocol",
    "method", "divergence", "embedding", "report", "published",
)  # fmt: skip

# Validators


def validators(data: Data) -> dict[str, Any] | None:
    """Return what each validator picks without target labels, and what that costs."""
    known = {entry["name"]: entry for entry in data["validators"]}
    recorded = {name: None for row in data["rows"] for name in row.get("validators") or {}}
    names = list(dict.fromkeys([*known, *(s["validator"] for s in data["selection"]), *recorded]))
    if not names:
        return None
    primary = (data["recipe"].get("protocol") or {}).get("primary_validator")
    lines = [validator_line(data, name, known.get(name, {}), name == primary) for name in names]
    return {
        "lines": lines,
        "scores": validator_values(data, names),
        "has_costs": any(line["cost"] is not None for line in lines),
        "finding": cost_said(lines),
    }


def validator_line(data: Data, name: str, entry: Data, is_primary: bool) -> dict[str, Any]:
    """Return one validator's line."""
    spearman = entry.get("spearman") or {}
    rows, dimensions = (picks_of(data, name, scope) for scope in ("methods", "n_components"))
    higher = entry.get("higher_is_better")
    return {
        "name": name,
        "is_primary": is_primary,
        "direction": "" if higher is None else "higher is better" if higher else "lower is better",
        "spearman": spearman.get("value"),
        "n": spearman.get("n"),
        "picks": said_picks(data, rows),
        "cost": mean_of(s.get("cost") for s in rows),
        "dimensions": span(s["pick"] for s in dimensions),
        "dimension_cost": mean_of(s.get("cost") for s in dimensions),
        "reasons": missing_reasons(data, name),
    }


def picks_of(data: Data, name: str, scope: str) -> list[Data]:
    """Return a validator's picks among methods, or among dimensions."""
    return [s for s in data["selection"] if s.get("validator") == name and s.get("scope") == scope]


def said_picks(data: Data, rows: list[Data]) -> str:
    """Return the picks among methods, the most frequent first."""
    counts = Counter(label_of(data, str(s["pick"])) for s in rows)
    several = len(rows) > 1
    return ", ".join(f"{label} {n}×" if several else label for label, n in counts.most_common())


def span(values: Any) -> str:
    """Return the range of the dimensions that were picked."""
    known = sorted(value for value in values if isinstance(value, int | float))
    return "" if not known else f"{known[0]}" if known[0] == known[-1] else f"{known[0]} to {known[-1]}"


def missing_reasons(data: Data, name: str) -> list[str]:
    """Return why a validator has no value for some rows, each reason once, with the rows."""
    found: dict[str, list[str]] = {}
    for row in data["rows"]:
        score = (row.get("validators") or {}).get(name)
        if score and score.get("value") is None:
            labels = found.setdefault(score.get("reason") or "no reason was recorded", [])
            labels.append(label_of(data, row["method"]))
    return [f"{listing(dict.fromkeys(labels))}: n/a, {reason}" for reason, labels in found.items()]


def validator_values(data: Data, names: list[str]) -> dict[str, Any]:
    """Return every method's mean score by every validator."""
    lines = []
    for entry in methods_of(data):
        rows = [row.get("validators") or {} for row in measured(data, entry["method"])]
        cells = [mean_of((scores.get(name) or {}).get("value") for scores in rows) for name in names]
        if any(cell is not None for cell in cells):
            lines.append({"label": entry["label"], "cells": cells})
    return {"names": names, "lines": lines}


def cost_said(lines: list[dict[str, Any]]) -> str:
    """Return what the primary validator's picks cost, in words."""
    primary = next((line for line in lines if line["is_primary"] and line["cost"] is not None), None)
    if primary is None:
        return ""
    lost = primary["cost"]
    cost = "costs nothing" if lost < 0.0005 else f"costs {points(lost, unit=True).removeprefix('+')} of target accuracy"
    return f"Choosing the method by {primary['name']}, fixed before anything was measured, {cost} against the best row."


# Class by class


def classes(data: Data) -> dict[str, Any] | None:
    """Return accuracy by class, and a confusion matrix for each method that has one."""
    names = class_names(data)
    entries = [e for e in methods_of(data) if any(row.get("confusion") for row in measured(data, e["method"]))]
    if not entries or not names:
        return None
    shares = {e["method"]: mean_confusion(data, e["method"], len(names)) for e in entries}
    counts = (data["task"]["class_counts"] or {}).get("target") or []
    lines = [
        {
            "name": numbered(names, k),
            "n": counts[k] if k < len(counts) else None,
            "cells": [shares[e["method"]][k][k] for e in entries],
        }
        for k in range(len(names))
    ]
    matrices = [confusion(e["label"], shares[e["method"]], names) for e in entries if not e["oracle"]]
    return {"labels": [e["label"] for e in entries], "lines": lines, "matrices": matrices, "names": names}


def numbered(names: list[str], position: int) -> str:
    """Return a class's name, with its number where figures have room for numbers only."""
    return f"{position} · {names[position]}" if is_numbered(names) else names[position]


def mean_confusion(data: Data, method: str, n_classes: int) -> list[list[float | None]]:
    """Return shares of each true class by predicted class: the mean over seeds, whose rows are never pooled."""
    matrices = [row["confusion"] for row in measured(data, method) if row.get("confusion")]
    cells: list[list[float | None]] = []
    for true in range(n_classes):
        rows = [m[true] for m in matrices if true < len(m) and sum(m[true])]
        by_seed = [[value / sum(row) for value in row] for row in rows]
        cells.append([mean_of(row[k] for row in by_seed if k < len(row)) for k in range(n_classes)])
    return cells


def confusion(label: str, shares: list[list[float | None]], names: list[str]) -> dict[str, Any]:
    """Return one matrix: in full where it is small, else its largest confusions."""
    wrong = [
        (share, true, said)
        for true, row in enumerate(shares)
        for said, share in enumerate(row)
        if share is not None and share > 0 and true != said
    ]
    wrong.sort(key=lambda cell: (-cell[0], cell[1:]))
    largest = [{"true": names[t], "said": names[s], "share": percent(share)} for share, t, s in wrong[:MOST_CONFUSED]]
    full = len(names) <= MOST_CELLS
    return {"label": label, "rows": shares if full else None, "largest": [] if full else largest}


def agreements(data: Data) -> dict[str, Any] | None:
    """Return the share of target rows that two methods call alike, mean over seeds."""
    names = list(dict.fromkeys(name for entry in data["agreement"] for name in entry["methods"]))
    if len(names) < 2:
        return None
    lines = [{"label": label_of(data, a), "cells": [agreement(data, a, b) for b in names]} for a in names]
    return {"labels": [label_of(data, name) for name in names], "lines": lines}


# Where it comes from


def provenance(data: Data) -> dict[str, Any]:
    """Return what is needed to make the page again, and to judge the machine that made it."""
    environment, task = data["environment"], data["task"]
    return {
        "command": data["command"],
        "facts": facts(data),
        "packages": sorted((environment.get("packages") or {}).items()),
        "files": [
            {"name": f.get("name"), "sha256": f.get("sha256"), "size": size(f.get("bytes"))} for f in task["data"]
        ],
        "generator": toml(task["generator"]) if task["generator"] else "",
        "recipe": toml(in_order(data["recipe"])) if data["recipe"] else "",
        "counts": class_counts(data),
        "warnings": warnings_of(data),
    }


def in_order(recipe: Data) -> Data:
    """Return a recipe with its tables in the order in which one writes them."""
    first = [key for key in RECIPE if key in recipe]
    return {key: recipe[key] for key in [*first, *(key for key in recipe if key not in first)]}


def facts(data: Data) -> list[tuple[str, str]]:
    """Return name and value of every fact that is known."""
    e, task = data["environment"], data["task"]
    n = task["n"] or {}
    cores = f"{e['cores']} cores" if e.get("cores") else ""
    jobs = (
        f"{plural(e['n_jobs'], 'process', 'processes')}, {plural(e.get('threads') or 1, 'thread')} each"
        if e.get("n_jobs")
        else ""
    )
    parts = ("source_train", "source_test", "target_train", "target_test")
    rows = [f"{name.replace('_', ' ')} {count(n[name])}" for name in parts if n.get(name) is not None]
    found = {
        "Made": data["created"],
        "Rows": ", ".join(rows),
        "Shape of a row": " × ".join(map(str, task["shape"])),
        "Split": f"{task['protocol']}{', by group' if task['groups'] else ''}" if task["protocol"] else None,
        "Recipe hash": data["recipe_hash"],
        "Commit": e.get("commit"),
        "Python": e.get("python"),
        "Machine": ", ".join(filter(None, [e.get("cpu"), cores, e.get("gpu")])),
        "Run": ", ".join(filter(None, [jobs, e.get("precision"), e.get("device")])),
        "Time to fit": fitting_time(data),
        "Wall time": wall_time(e.get("wall_seconds")),
        "Peak memory": size(e["peak_memory_mb"] * 2**20) if e.get("peak_memory_mb") is not None else None,
        "Source rows a draw": task["source_per_class"] and f"{task['source_per_class']} of each class",
        "Few labels": None if not task["few"] else toml(task["few"]).strip().replace("\n", ", "),
    }
    return [(name, str(value)) for name, value in found.items() if value]


def fitting_time(data: Data) -> str | None:
    """Return how long all rows and seeds took to fit together, however often the run was taken up again."""
    own = [row["fit_seconds"] for row in data["rows"] if row.get("fit_seconds") is not None and not row.get("oracle")]
    return f"{seconds(sum(own))} for all rows and seeds, one after the other" if own else None


def wall_time(value: float | None) -> str | None:
    """Return how long the last run took."""
    return None if value is None else f"{seconds(value)} for the last run; stages that were there already not counted"


def class_counts(data: Data) -> list[dict[str, Any]]:
    """Return how many rows of each class either domain has."""
    counts = data["task"]["class_counts"] or {}
    source, target = counts.get("source") or [], counts.get("target") or []
    return [
        {"name": numbered(class_names(data), k), "source": _at(source, k), "target": _at(target, k)}
        for k in range(len(class_names(data)))
        if source or target
    ]


def warnings_of(data: Data) -> list[dict[str, str]]:
    """Return every warning once, with the rows that gave it."""
    found: dict[str, list[str]] = {}
    for row in data["rows"]:
        for text in row.get("warnings") or []:
            found.setdefault(str(text), []).append(f"{label_of(data, row['method'])} (seed {row['seed']})")
    return [{"text": text, "rows": listing(dict.fromkeys(rows))} for text, rows in found.items()]


def toml(table: Mapping[str, Any], prefix: str = "") -> str:
    """Return a dict in the words of TOML: to be read, and copied into a recipe.

    Keys whose value is None are left out, as TOML has no such value.

    Examples
    --------
    >>> print(toml({"slug": "a-b", "seeds": [0, 1], "source": {"domain": "mnist"}, "method": [{"name": "dann"}]}))
    slug = "a-b"
    seeds = [0, 1]
    <BLANKLINE>
    [source]
    domain = "mnist"
    <BLANKLINE>
    [[method]]
    name = "dann"
    """
    lines, below = [], []
    for key, value in table.items():
        name = f"{prefix}{_key(key)}"
        if isinstance(value, Mapping):
            below.append(f"\n[{name}]\n{toml(value, f'{name}.')}")
        elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            below += [f"\n[[{name}]]\n{toml(item, f'{name}.')}" for item in value]
        elif value is not None:
            lines.append(f"{_key(key)} = {_toml_value(value)}")
    return "\n".join([*lines, *(block.rstrip("\n") for block in below)])


def _key(key: str) -> str:
    bare = key and all(c.isascii() and (c.isalnum() or c in "-_") for c in key)
    return key if bare else _toml_value(key)


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return '"' + text.replace("\r", "\\r") + '"'
    if isinstance(value, list):
        return f"[{', '.join(_toml_value(item) for item in value)}]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_toml_value(v)}" for k, v in value.items()) + " }"
    return str(value)


def _at(counts: list[int], position: int) -> int | None:
    return counts[position] if position < len(counts) else None
