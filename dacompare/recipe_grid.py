"""Expand a recipe for many pairs of domains into one recipe for each pair."""

import re
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from typing import Any

from dacompare.names import nearest

PLACEHOLDERS = ("source", "target")
TEXTS = ("slug", "title", "note")
SIDES = ("source", "target")
Pair = tuple[str, str]


def expand_grid(data: Mapping[str, Any], only: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return one recipe per pair of a recipe's ``[grid]``, or the recipe alone where it has none.

    In the slug, the title, the note and the strings of ``[source]`` and ``[target]``, ``{source}`` and ``{target}``
    become the two names of the pair. A ``[[published]]`` row says its ``pair``, both names with a hyphen between
    them, and stays with that pair alone. A ``[[method]]`` that lists ``pairs`` stays with those, so that a row may have
    other parameters from pair to pair: write it twice, under one name. Nothing else is checked: that is done with each
    recipe that comes out.

    Parameters
    ----------
    data : mapping
        As read from TOML. It is not written to.
    only : collection of str
        Pairs that are wanted, such as "amazon-webcam"; none stands for all.

    Returns
    -------
    list of dict
        In the order of the grid, without ``grid``, ``pair`` and ``pairs``.

    Raises
    ------
    ValueError
        For pairs that are no two names or come twice, a placeholder that is unknown or stands where none may, slugs
        that are not distinct, and for figures, methods or wanted pairs that are not in the grid.

    Examples
    --------
    >>> template = {"slug": "surf-{source}-{target}", "title": "SURF, {source} → {target}",
    ...     "source": {"domain": "office-caltech", "part": "{source}"},
    ...     "target": {"domain": "office-caltech", "part": "{target}"},
    ...     "grid": {"pairs": [["amazon", "webcam"], ["dslr", "amazon"]]}}
    >>> for recipe in expand_grid(template):
    ...     print(recipe["slug"], recipe["source"]["part"], recipe["target"]["part"])
    surf-amazon-webcam amazon webcam
    surf-dslr-amazon dslr amazon
    """
    if "grid" not in data:
        if only:
            raise ValueError(f"pairs were asked for ({', '.join(only)}), but this recipe has no [grid]: it is one pair")
        return [deepcopy(dict(data))]
    pairs = _checked_pairs(data["grid"])
    template = {key: value for key, value in data.items() if key != "grid"}
    _check_places(template)
    _check_published(template.get("published", []), list(pairs))
    _check_methods(template.get("method", []), list(pairs))
    for name in only:
        _check_pair("pairs", name, list(pairs))
    recipes = {name: _filled(template, name, pair) for name, pair in pairs.items()}
    _check_slugs([recipe.get("slug") for recipe in recipes.values()])
    return [recipe for name, recipe in recipes.items() if not only or name in only]


def _checked_pairs(grid: object) -> dict[str, Pair]:
    """Return name → pair, such as "amazon-webcam" → ("amazon", "webcam")."""
    form = 'pairs = [["amazon", "webcam"], …]'
    if not isinstance(grid, Mapping) or not isinstance(grid.get("pairs"), list) or not grid["pairs"]:
        raise ValueError(f"[grid] must be a table with {form}, got {grid!r}")
    if others := [key for key in grid if key != "pairs"]:
        raise ValueError(f"grid.{others[0]} is no key of [grid]; its only key is 'pairs'")
    pairs: dict[str, Pair] = {}
    for i, pair in enumerate(grid["pairs"], 1):
        if not isinstance(pair, list | tuple) or len(pair) != 2 or not all(isinstance(n, str) and n for n in pair):
            raise ValueError(f"grid.pairs item {i} must be two names, source and target, got {pair!r}; write {form}")
        name = "-".join(pair)
        if name in pairs:
            raise ValueError(f"grid.pairs item {i} is called {name!r}, as another is: {list(pairs[name])}")
        pairs[name] = (pair[0], pair[1])
    return pairs


def _check_places(template: Mapping[str, Any]) -> None:
    for where, text in _strings(template, ""):
        top, _, option = where.partition(".")
        may_stand = (top in TEXTS and not option) or (top in SIDES and "." not in option and option)
        for name in re.findall(r"\{([^{}]*)\}", text):
            if may_stand and name not in PLACEHOLDERS:
                hint = nearest(name, PLACEHOLDERS)
                raise ValueError(f"{where} has the placeholder {{{name}}}, known are {{source}} and {{target}}{hint}")
            if not may_stand and name in PLACEHOLDERS:
                raise ValueError(
                    f"{where} has the placeholder {{{name}}}, which may stand in {', '.join(TEXTS)} and in strings of"
                    " [source] and [target] only"
                )


def _strings(value: object, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _strings(inner, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list | tuple):
        for i, inner in enumerate(value, 1):
            yield from _strings(inner, f"{where} {i}")


def _check_published(rows: object, names: list[str]) -> None:
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError(f"published must be written as [[published]], got {rows!r}")
    for i, row in enumerate(rows, 1):
        if "pair" not in row:
            raise ValueError(f"published {i}.pair is missing; with a [grid], say which pair it is: {names[0]!r}")
        _check_pair(f"published {i}.pair", row["pair"], names)


def _check_methods(rows: object, names: list[str]) -> None:
    for i, row in enumerate(rows if isinstance(rows, list) else [], 1):
        own = row.get("pairs") if isinstance(row, Mapping) else None
        if own is None:
            continue
        if not isinstance(own, list) or not own:
            raise ValueError(f"method {i}.pairs must be a list of pairs of the grid, such as {names[:1]}, got {own!r}")
        for pair in own:
            _check_pair(f"method {i}.pairs", pair, names)


def _check_pair(where: str, pair: object, names: list[str]) -> None:
    if pair not in names:
        hint = nearest(pair, names) or f"; pairs are {', '.join(names)}"
        raise ValueError(f"{where} is {pair!r}, which is no pair of the grid{hint}")


def _filled(template: Mapping[str, Any], name: str, pair: Pair) -> dict[str, Any]:
    recipe = deepcopy(dict(template))
    for key in TEXTS:
        if key in recipe:
            recipe[key] = _fill(recipe[key], pair)
    for side in SIDES:
        if isinstance(recipe.get(side), Mapping):
            recipe[side] = {option: _fill(value, pair) for option, value in recipe[side].items()}
    if "published" in recipe:
        kept = [row for row in recipe["published"] if row["pair"] == name]
        recipe["published"] = [{key: value for key, value in row.items() if key != "pair"} for row in kept]
    if isinstance(recipe.get("method"), list):
        here = [row for row in recipe["method"] if not isinstance(row, Mapping) or name in row.get("pairs", [name])]
        recipe["method"] = [_without_pairs(row) for row in here]
    return recipe


def _without_pairs(row: Any) -> Any:
    return {key: value for key, value in row.items() if key != "pairs"} if isinstance(row, Mapping) else row


def _fill(value: Any, pair: Pair) -> Any:
    if not isinstance(value, str):
        return value
    # In one step, so that a name with braces in it is not filled in again.
    return re.sub(r"\{(source|target)\}", lambda found: pair[PLACEHOLDERS.index(found[1])], value)


def _check_slugs(slugs: list[Any]) -> None:
    if None in slugs:
        raise ValueError('slug is missing; with a [grid], write one such as slug = "surf-{source}-{target}"')
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise ValueError(
                f"slug becomes {slug!r} for {slugs.count(slug)} pairs; write {{source}} and {{target}} into it, so that"
                " each pair has a file of its own"
            )
