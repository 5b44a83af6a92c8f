"""Check the rows of a recipe: which methods are compared, on which features, with which parameters."""

from collections.abc import Mapping
from math import prod
from typing import Any

from dacompare.names import check_name
from dacompare.recipe_schema import LATER_METHODS, METHOD, SHALLOW, SWEEP, TABLES, Key, check_table, one_of

MOST_COMBINATIONS = 200


def checked_methods(rows: object) -> list[dict[str, Any]]:
    from dacompare.methods import METHODS, method_of

    if isinstance(rows, dict):
        raise ValueError("method must be a list of tables: write [[method]], with two brackets, above each row")
    if not isinstance(rows, list | tuple) or not rows:
        raise ValueError(f"at least one [[method]] is required, got {rows!r}")
    checked: list[dict[str, Any]] = []
    for i, row in enumerate(rows, 1):
        if not isinstance(row, dict) or "name" not in row:
            raise ValueError(f"method {i} must be a table with a name, got {row!r}")
        kind = "method" if "method" in row else "name"
        check_table({kind: row[kind]}, {kind: Key(one_of(METHODS, LATER_METHODS))}, f"method {i}")
        name, where = row["name"], f"method {i} ({row['name']})"
        if name in [other["name"] for other in checked]:
            raise ValueError(f"{where} is there twice; a row is known by its name")
        method = method_of(row)
        if method.kind == "shallow":
            keys = METHOD | SHALLOW | (SWEEP if method.sweeps else {})
            own = () if method.sweeps else ("params", "search")
            entry = check_table(row, keys, where, other=("method", *own))
            for part in (part for part in own if part == "params" or part in row):
                entry[part] = _checked_params(row.get(part, {}), method, f"{where}.{part}")
            _check_search(entry.get("search", {}), where)
        else:
            own = ("training", "network")
            entry = check_table(row, METHOD, where, other=("method", "features", *own))
            if "features" in row:
                entry["features"] = check_table({"features": row["features"]}, SHALLOW, where)["features"]
            for part in own:
                entry[part] = check_table(row.get(part, {}), TABLES[part], f"{where}.{part}", partial=True)
        if "method" in row:
            entry["method"] = row["method"]
        checked.append({**entry, "label": entry["label"] or method.label})
    return checked


def _checked_params(table: object, method: Any, where: str) -> dict[str, Any]:
    """Check the names of a shallow method's parameters; their values are the estimator's own business."""
    if not isinstance(table, dict):
        raise ValueError(f"{where} must be a table, got {table!r}")
    known = method.parameters() if table else None
    if known is not None:
        for key in table:
            check_name(where, key, known)
    return dict(table)


def _check_search(table: Mapping[str, Any], where: str) -> None:
    for key, values in table.items():
        if not isinstance(values, list) or not values:
            raise ValueError(f"{where}.search.{key} must be a list of values to choose from, got {values!r}")
    if (n := prod(map(len, table.values()))) > MOST_COMBINATIONS:
        raise ValueError(f"{where}.search has {n} combinations, at most {MOST_COMBINATIONS} are tried; leave some out")
