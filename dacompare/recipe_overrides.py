"""Change a recipe on its way in: cut it down to try things out, or set single keys."""

import tomllib
from typing import Any

from dacompare.names import check_name
from dacompare.recipe_schema import TOP

QUICK = (("split", "max_rows", 2000), ("training", "steps", 300), ("embedding", "max_points", 300))


def quicken(data: dict[str, Any]) -> None:
    """Cut the run down; what is no number is left for the check to refuse."""
    seeds = data.get("seeds", TOP["seeds"].default)
    data["seeds"] = seeds[:1] if isinstance(seeds, list) else seeds
    for name, key, limit in QUICK:
        _cap(data.setdefault(name, {}), key, limit)
    if isinstance(data["embedding"], dict):
        data["embedding"].pop("seed", None)
    for row in data["method"] if isinstance(data.get("method"), list) else []:
        own = row.get("training") if isinstance(row, dict) else None
        if isinstance(own, dict) and "steps" in own:
            _cap(own, "steps", 300)


def _cap(table: Any, key: str, limit: int) -> None:
    value = table.get(key, limit) if isinstance(table, dict) else None
    # max_rows = 0 means all rows.
    if type(value) is int:
        table[key] = limit if key == "max_rows" and value == 0 else min(value, limit)


def apply_override(data: dict[str, Any], override: str) -> None:
    """Set one key, such as "training.steps=500" or "method.dann.training.gamma=5"."""
    path, equals, text = override.partition("=")
    parts = path.strip().split(".")
    if not equals or not all(parts):
        raise ValueError(f"--set must look like training.steps=500, got {override!r}")
    table: Any = data
    for part in parts[:-1]:
        if isinstance(table, list):
            names = {row.get("name"): row for row in table if isinstance(row, dict)}
            table = names[check_name(f"--set {override}: the row", part, [str(name) for name in names])]
        elif isinstance(table, dict):
            table = table.setdefault(part, {})
    if not isinstance(table, dict):
        raise ValueError(f"--set {override}: there is no such key; rows are named as in method.sa.sweep")
    table[parts[-1]] = _toml_value(text.strip())


def _toml_value(text: str) -> Any:
    try:
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return parsed["value"] if list(parsed) == ["value"] else text
