"""Write a comparison that is asked for in Python as a recipe, and check what a recipe's own checks cannot know."""

from collections.abc import Iterable, Mapping
from typing import Any

from dacompare.domains import Transfer
from dacompare.methods import METHODS, NO_NETWORK, PAPER, method_of
from dacompare.names import check_name
from dacompare.recipe import Recipe, recipe_from_dict
from dacompare.summary import BASE


def recipe_of_call(transfer: Any, methods: Any, seeds: Any, *, source_per_class: int = 0, **tables: Any) -> Recipe:
    """Return the recipe of a call of :func:`dacompare.compare`, whose arguments these are.

    Parameters
    ----------
    transfer : Transfer
    methods : iterable of str or mapping, or None
        Rows; None for those of the paper that the labels at hand, and a recipe without a network, allow.
    seeds : iterable of int
    source_per_class : int
        Source rows of each class that a seed draws; 0 for all of them.
    **tables
        The recipe's tables of these names, each a mapping or None.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, its value and what would work.

    Examples
    --------
    >>> transfer = Transfer.from_arrays([[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1], [[2.0]])
    >>> recipe = recipe_of_call(transfer, ["source-only", "gfk"], [0], network={"name": "none"})
    >>> [row["label"] for row in recipe.method]
    ['Source only', 'Geodesic flow kernel']
    """
    if not isinstance(transfer, Transfer):
        raise TypeError(
            f"transfer must be a Transfer, got {type(transfer).__name__}; make one with Transfer.from_arrays"
        )
    for name, value in (("methods", methods), ("seeds", seeds)):
        if (value is None and name == "seeds") or isinstance(value, str) or not isinstance(value, Iterable | None):
            raise TypeError(f"{name} must be a list, got {value!r}")
    for name, table in tables.items():
        if not isinstance(table, Mapping | None):
            raise TypeError(f"{name} must be a mapping of keys of the recipe's [{name}], or None, got {table!r}")
    names = (tables.get("report") or {}).get("class_names")
    n = len(transfer.class_names)
    if names and len(names) != n:
        raise ValueError(f"report.class_names must name the {n} classes of the transfer, got {list(names)!r}")
    if methods is None:
        methods = [name for name in PAPER if METHODS[name].kind != "bound" or transfer.can_train_on_target]
        if (tables.get("network") or {}).get("name") == NO_NETWORK:
            methods = [name for name in methods if METHODS[name].kind != "deep" or not METHODS[name].adapts]
    rows = _checked_rows([_as_table(row) for row in methods], transfer)
    settings: dict[str, Any] = {
        "schema": "dacompare-recipe/1",
        "slug": transfer.slug or "comparison",
        "title": transfer.title or "Source → target",
        "seeds": list(seeds),
        "source": {"domain": "arrays"} | ({"unit_variance": True} if transfer.preparation.unit_variance else {}),
        "target": {"domain": "arrays", "labelled": transfer.has_target_labels},
        "split": {"protocol": transfer.protocol, "source_per_class": source_per_class},
        "method": rows,
        **{name: dict(table or {}) for name, table in tables.items()},
    }
    measured = ["pixels", *(row["name"] for row in rows if method_of(row).kind != "bound")]
    settings["divergence"] = {"features": measured, **settings.get("divergence", {})}
    return recipe_from_dict(settings, name="compare")


def _as_table(row: Any) -> dict[str, Any]:
    if isinstance(row, str):
        return {"name": row}
    if not isinstance(row, Mapping):
        raise TypeError(
            f"methods must hold names or tables, got {row!r}; an estimator becomes a row by a line in METHODS,"
            " see docs/writing-a-method.md"
        )
    if "name" not in row:
        raise ValueError(
            f'methods must name each row, got {dict(row)!r}; write {{"name": "my-row", "method": "gfk"}}, or the'
            " name of a method alone"
        )
    return dict(row)


def _checked_rows(rows: list[dict[str, Any]], transfer: Transfer) -> list[dict[str, Any]]:
    names = [row["name"] for row in rows]
    for row in rows:
        method = check_name("methods", row.get("method", row["name"]), METHODS)
        if method_of(row).kind == "bound" and not transfer.can_train_on_target:
            raise ValueError(f"methods names {method!r}, which needs target labels, and this transfer has none")
    if BASE not in names:
        raise ValueError(f"methods must name {BASE!r}, with which every row is compared, got {names!r}")
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise ValueError(f"methods names {twice[0]!r} twice; give a second row a name of its own and its `method`")
    return rows
