"""Check the tables of a recipe that say which domains to load and how to split them, loading nothing."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

from dacompare.domains.catalogue import DOMAINS
from dacompare.domains.transfer import PROTOCOLS
from dacompare.names import check_name

SIDES = ("source", "target", "genuine")
FOR_ALL = ("labelled", "classes", "unit_variance")
"""Options that every domain has, whatever its loader: they say what is done with what was loaded."""
SPLIT_DEFAULTS: dict[str, Any] = {
    "protocol": "inductive",
    "source_test": None,
    "target_test": None,
    "by_group": True,
    "split_seed": 0,
    "max_rows": 0,
    "source_per_class": 0,
}
"""What `[split]` means where it is silent; None: the official test set where there is one, else a fifth."""


def check_options(side: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """Check a `[source]`, `[target]` or `[genuine]` table against the signature of its loader.

    Parameters
    ----------
    side : {"source", "target", "genuine"}
        Which table it is; only the target may say `labelled = false`.
    table : mapping
        `domain`, a key of DOMAINS, the loader's own options, and those of every domain: `classes`, the labels whose
        rows are kept; in the target `labelled`; in the source `unit_variance`.

    Returns
    -------
    dict
        The keyword arguments for the loader.

    Raises
    ------
    TypeError
        Where an option has a value of the wrong type.
    ValueError
        Where the domain, an option or its value is unknown (with the nearest name), or one is missing.

    Examples
    --------
    >>> check_options("source", {"domain": "fonts", "rows": 500})
    {'rows': 500}
    >>> check_options("source", {"domain": "fonts", "row": 500})
    Traceback (most recent call last):
        ...
    ValueError: [source] option of domain 'fonts' must be one of 'data_seed', 'rows', 'size', 'test_rows', got
    'row', did you mean 'rows'?
    """
    check_name("side", side, SIDES)
    if "domain" not in table:
        raise ValueError(f"[{side}] must say which domain to load: domain = one of {', '.join(sorted(DOMAINS))}.")
    name = check_name(f"[{side}] domain", table["domain"], DOMAINS)
    _check_for_all(side, table)
    known = dict(inspect.signature(DOMAINS[name]).parameters)
    takes_side = known.pop("side", None) is not None
    options = {key: value for key, value in table.items() if key not in ("domain", *FOR_ALL)}
    for option, value in options.items():
        check_name(f"[{side}] option of domain {name!r}", option, known)
        _check_value(f"[{side}] {option}", value, known[option].annotation)
    for option, parameter in known.items():
        if parameter.default is parameter.empty and option not in options:
            raise ValueError(f"[{side}] with domain = {name!r} must have the option {option!r}, got {sorted(options)}.")
    # A pair in one file has two sides; rows to look at beside them are the target's.
    return {**options, "side": "source" if side == "source" else "target"} if takes_side else options


def check_split(table: Mapping[str, Any] | None) -> dict[str, Any]:
    """Check a `[split]` table, and fill in what it leaves out.

    Parameters
    ----------
    table : mapping or None
        Any of protocol, source_test, target_test, by_group, split_seed, max_rows, source_per_class. The last is
        how many source rows of each class a seed draws to learn from; 0: all.

    Returns
    -------
    dict
        All seven; `source_test` and `target_test` are "official", a share, False (none), or None: the official
        test set where there is one, else 0.2.

    Raises
    ------
    ValueError
        Where a key or a value is unknown, or the two do not go together.

    Examples
    --------
    >>> check_split({"protocol": "transductive", "source_test": 0.25})["source_test"]
    0.25
    """
    split = dict(SPLIT_DEFAULTS)
    for key, value in (table or {}).items():
        split[check_name("[split] key", key, SPLIT_DEFAULTS)] = value
    check_name("[split] protocol", split["protocol"], PROTOCOLS)
    for key in ("source_test", "target_test"):
        _check_test(key, split[key])
    for key in ("split_seed", "max_rows", "source_per_class"):
        if type(split[key]) is not int or split[key] < 0:
            raise ValueError(f"[split] {key} must be an integer from 0, got {split[key]!r}.")
    if not isinstance(split["by_group"], bool):
        raise ValueError(f"[split] by_group must be true or false, got {split['by_group']!r}.")
    if split["protocol"] == "transductive" and split["target_test"] not in (None, False):
        raise ValueError(
            "[split] target_test must be absent when the protocol is transductive, got"
            f" {split['target_test']!r}: all target rows are tested on."
        )
    if split["protocol"] == "inductive" and split["target_test"] is False:
        raise ValueError(
            "[split] target_test = false needs protocol = 'transductive': inductive means a target test set."
        )
    return split


def _check_for_all(side: str, table: Mapping[str, Any]) -> None:
    _check_labelled(side, table)
    classes = table.get("classes", ["any"])
    if not isinstance(classes, list) or not all(isinstance(label, str | int | float) for label in classes):
        raise TypeError(f"[{side}] classes must be a list of labels, got {classes!r}.")
    if not classes:
        raise ValueError(f"[{side}] classes must name at least one label, got []; leave it out to keep all.")
    if side != "source" and "unit_variance" in table:
        raise ValueError(f"[{side}] unit_variance belongs to [source], whose means and deviations serve both domains.")
    if not isinstance(table.get("unit_variance", False), bool):
        raise TypeError(f"[{side}] unit_variance must be true or false, got {table['unit_variance']!r}.")


def _check_labelled(side: str, table: Mapping[str, Any]) -> None:
    if side != "target" and "labelled" in table:
        raise ValueError(f"[{side}] labelled belongs to [target]; the {side} rows must have their labels.")
    if not isinstance(table.get("labelled", True), bool):
        raise TypeError(f"[{side}] labelled must be true or false, got {table['labelled']!r}.")


def _check_value(argument: str, value: object, annotation: Any) -> None:
    if get_origin(annotation) is Literal:
        check_name(argument, value, get_args(annotation))
        return
    if get_origin(annotation) is Sequence:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise TypeError(f"{argument} must be a list of strings, got {value!r}.")
        return
    # TOML's true is Python's bool, which is an int.
    is_type = type(value) is int if annotation is int else isinstance(value, annotation)
    if not is_type:
        raise TypeError(f"{argument} must be of type {annotation.__name__}, got {value!r} ({type(value).__name__}).")


def _check_test(key: str, value: object) -> None:
    if value is None or value is False or value == "official":
        return
    if isinstance(value, bool) or not isinstance(value, float) or not 0 < value < 1:
        raise ValueError(f'[split] {key} must be "official", a share between 0 and 1, or false, got {value!r}.')
