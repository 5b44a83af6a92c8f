"""Say how far the page can be trusted: what validators would have picked, and where it all comes from."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dacompare.report.class_by_class import numbered
from dacompare.report.formatting import count, listing, number, plural, points, seconds, size, span
from dacompare.report.reading import (
    Data,
    class_names,
    is_usable,
    label_of,
    mean_of,
    measured,
    methods_in_order,
    seeds_of,
)
from dacompare.report.row_warnings import row_warnings
from dacompare.report.validator_costs import NEVER, by_validator, gain
from dacompare.verdict import repeats_of

MOST_LISTED = 3  # rows up to which a reason names them
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
    lines.sort(key=lambda line: (line["cost"] is None, line["cost"] or 0.0))
    return {
        "lines": lines,
        "scores": validator_values(data, names),
        "has_costs": any(line["cost"] is not None for line in lines),
        "has_dimensions": any(line["dimensions"] for line in lines),
        "never": by_validator(data).get(NEVER),
        "finding": cost_said(lines),
        "claim": claim_said(lines),
        "held_out": any(map(is_scored_apart, data["rows"])),
        "repeat": repeats_of(data["task"]),
    }


def is_scored_apart(row: Data) -> bool:
    """Return whether validators looked at source rows that a second training of the row set aside.

    The row itself has then learned from every source row, so that it has no accuracy on source test rows of its own.
    """
    score = (row.get("validators") or {}).get("source-accuracy") or {}
    return row.get("source_accuracy") is None and score.get("value") is not None


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
        "n": candidates_said(spearman, data),
        "order": (entry.get("spearman_dimensions") or {}).get("value"),
        "n_dimensions": candidates_said(entry.get("spearman_dimensions") or {}, data),
        "picks": said_picks(data, rows),
        "cost": mean_of(s.get("cost") for s in rows),
        "gain": gain([s for s in rows if s.get("pick_accuracy") is not None]),
        "dimensions": span(s["pick"] for s in dimensions),
        "dimension_cost": mean_of(s.get("cost") for s in dimensions),
        "reasons": missing_reasons(data, name),
    }


def candidates_said(order: Data, data: Data) -> str:
    """Return of how many candidates a mean rank correlation is; the results file adds them up over the seeds.

    Examples
    --------
    >>> candidates_said({"n": 34}, {"task": {}, "rows": [{"seed": 0}, {"seed": 1}]})
    '34 candidates in 2 seeds'
    """
    if not order.get("n"):
        return ""
    n_seeds = order.get("seeds") or len(seeds_of(data))
    return f"{plural(order['n'], 'candidate')} in {plural(n_seeds, repeats_of(data['task']))}"


def picks_of(data: Data, name: str, scope: str) -> list[Data]:
    """Return a validator's picks among methods, or among dimensions."""
    return [s for s in data["selection"] if s.get("validator") == name and s.get("scope") == scope]


def said_picks(data: Data, rows: list[Data]) -> str:
    """Return the picks among methods, the most frequent first."""
    counts = Counter(label_of(data, str(s["pick"])) for s in rows)
    several = len(rows) > 1
    between = "; " if any("," in label for label in counts) else ", "
    return between.join(f"{label} {n}×" if several else label for label, n in counts.most_common())


def missing_reasons(data: Data, name: str) -> list[str]:
    """Return why a validator has no value for some rows, each reason once, with the rows."""
    found: dict[str, list[str]] = {}
    for row in data["rows"]:
        score = (row.get("validators") or {}).get(name)
        if score and score.get("value") is None:
            labels = found.setdefault(score.get("reason") or "no reason was recorded", [])
            labels.append(label_of(data, row["method"]))
    return [f"{few_or_how_many(labels)}: n/a, {reason}" for reason, labels in found.items()]


def few_or_how_many(labels: list[str]) -> str:
    """Return the names of a few rows, or how many they are."""
    own = list(dict.fromkeys(labels))
    return listing(own) if len(own) <= MOST_LISTED else f"{len(own)} methods"


def validator_values(data: Data, names: list[str]) -> dict[str, Any]:
    """Return every method's mean score by every validator."""
    lines = []
    for entry in methods_in_order(data):
        rows = [row.get("validators") or {} for row in measured(data, entry["method"])]
        cells = [mean_of((scores.get(name) or {}).get("value") for scores in rows) for name in names]
        if any(cell is not None for cell in cells):
            lines.append({"label": entry["label"], "usable": is_usable(entry), "cells": cells})
    return {"names": names, "lines": lines}


def cost_said(lines: list[dict[str, Any]]) -> str:
    """Return what the primary validator's picks cost, in words."""
    primary = next((line for line in lines if line["is_primary"] and line["cost"] is not None), None)
    if primary is None:
        return ""
    lost, gained = primary["cost"], primary["gain"]
    cost = "costs nothing" if lost < 0.0005 else f"costs {points(lost, unit=True).removeprefix('+')} of target accuracy"
    than = "" if gained is None else f" and {against_never(gained)}"
    chosen = f"Choosing the method by {primary['name']}, fixed before anything was measured,"
    return f"{chosen} {cost} against the best row{than}."


def claim_said(lines: list[dict[str, Any]]) -> str:
    """Return what became here of the paper's observation that two errors tell how well adaptation works."""
    order = next((line["spearman"] for line in lines if line["name"] == "paper"), None)
    if order is None:
        return ""
    return (
        "Ganin & Lempitsky observe that a low source error together with a high error of the domain classifier goes"
        f" with success on the target. Methods ordered by these two correlate {number(order)} with target accuracy"
        " here (Spearman, mean over seeds); 1 would bear them out."
    )


def against_never(gained: float) -> str:
    """Return what choosing by a validator brings against not adapting at all."""
    if abs(gained) < 0.0005:
        return "brings nothing against never adapting"
    size_ = number(100 * abs(gained), 1)
    return (
        f"brings {size_} points against never adapting"
        if gained > 0
        else f"is {size_} points worse than never adapting"
    )


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
        "warnings": row_warnings(data),
    }


def in_order(recipe: Data) -> Data:
    """Return a recipe with its tables in the order in which one writes them."""
    first = [key for key in RECIPE if key in recipe]
    return {key: recipe[key] for key in [*first, *(key for key in recipe if key not in first)]}


def left_out(data: Data) -> str:
    """Return how many rows of which file the recipe left out."""
    files = [file for file in data["task"]["data"] if file.get("left_out")]
    return ", ".join(f"{count(file['left_out'])} of {file.get('name')}" for file in files)


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
        "Left out": left_out(data),
        "Shape of a row": " × ".join(map(str, task["shape"])),
        "Split": f"{task['protocol']}{', by group' if task['groups'] else ''}" if task["protocol"] else None,
        "Recipe hash": data["recipe_hash"],
        "Commit": e.get("commit"),
        "Python": e.get("python"),
        "Machine": ", ".join(filter(None, [e.get("cpu"), cores, e.get("gpu")])),
        "Run": ", ".join(filter(None, [jobs, e.get("precision"), e.get("device")])),
        "Time to fit": fitting_time(data),
        "Wall time": wall_time(e.get("wall_seconds")),
        "Peak memory": peak_memory(e.get("peak_memory_mb")),
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


def peak_memory(megabytes: float | None) -> str | None:
    """Return how large a process of the last run grew."""
    return None if megabytes is None else f"{size(megabytes * 2**20)} in the largest process of the last run"


def class_counts(data: Data) -> list[dict[str, Any]]:
    """Return how many rows of each class either domain has."""
    counts = data["task"]["class_counts"] or {}
    source, target = counts.get("source") or [], counts.get("target") or []
    return [
        {"name": numbered(class_names(data), k), "source": _at(source, k), "target": _at(target, k)}
        for k in range(len(class_names(data)))
        if source or target
    ]


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
