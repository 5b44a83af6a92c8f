"""Check the rows of a recipe: which methods are compared, on which features, with which parameters."""

from collections.abc import Mapping
from math import isfinite, prod
from typing import Any

from dacompare.names import check_name
from dacompare.recipe_schema import LATER_METHODS, METHOD, ORACLE, SHALLOW, SWEEP, TABLES, Key, check_table, one_of

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
        if name.endswith(ORACLE):
            raise ValueError(f"{where} ends in {ORACLE!r}, which rows chosen on target labels do; take another name")
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
    """Check the names of a shallow method's parameters; their values are the estimator's own, and plain."""
    if not isinstance(table, dict):
        raise ValueError(f"{where} must be a table, got {table!r}")
    known = method.parameters() if table else None
    if known is not None:
        for key in table:
            check_name(where, key, known)
    return {key: plain(value, f"{where}.{key}") for key, value in table.items()}


def plain(value: Any, where: str) -> Any:
    """Return a value as recipes and results can hold it: NumPy's numbers and arrays become Python's own.

    Raises
    ------
    ValueError
        For anything that has no place in JSON, such as an estimator.

    Examples
    --------
    >>> import numpy as np
    >>> plain({"n_components": np.int64(2), "range": np.arange(2)}, "params")
    {'n_components': 2, 'range': [0, 1]}
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if value is None or isinstance(value, str | int) or (isinstance(value, float) and isfinite(value)):
        return value
    if isinstance(value, list | tuple):
        return type(value)(plain(item, f"{where}[{i}]") for i, item in enumerate(value))
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: plain(item, f"{where}.{key}") for key, item in value.items()}
    raise ValueError(
        f"{where} must be text, a finite number, true or false, or a list or table of these, got {value!r:.80};"
        " what else an estimator needs goes into a line of METHODS, see docs/writing-a-method.md"
    )


def _check_search(table: Mapping[str, Any], where: str) -> None:
    for key, values in table.items():
        if not isinstance(values, list) or not values:
            raise ValueError(f"{where}.search.{key} must be a list of values to choose from, got {values!r}")
    if (n := prod(map(len, table.values()))) > MOST_COMBINATIONS:
        raise ValueError(f"{where}.search has {n} combinations, at most {MOST_COMBINATIONS} are tried; leave some out")
