"""Say which keys a recipe has, what each may hold, and what it means where it is silent."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from dacompare.names import check_name, nearest

SCHEMA = "dacompare-recipe/1"
REQUIRED: Any = object()

Check = Callable[[object], Any]
Names = Iterable[str] | Callable[[], Iterable[str]]


@dataclass(frozen=True)
class Key:
    """One key of a table: how its value is checked, and its default.

    Parameters
    ----------
    check : callable
        Value → the value to use; raises a ValueError whose text follows the key's name.
    default : object
        Used where the key is missing; None stands for "as the network, the data or the method has it".
    """

    check: Check
    default: Any = REQUIRED


def text(pattern: str = "", hint: str = "") -> Check:
    """Accept a string; with a pattern, one that matches it all."""

    def check(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(f"must be a string, got {value!r}")
        if pattern and not re.fullmatch(pattern, value):
            raise ValueError(f"must be {hint}, got {value!r}")
        return value

    return check


def flag(value: object) -> bool:
    """Accept true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, got {value!r}")
    return value


def whole(least: int = 0, most: int | None = None) -> Check:
    """Accept a whole number from `least` on, up to `most`; true is none, though Python takes it for 1."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
            raise ValueError(f"must be a whole number from {least} on, got {value!r}")
        if most is not None and int(value) > most:
            raise ValueError(f"must be a whole number up to {most}, got {value!r}")
        return int(value)

    return check


def number(low: float = 0.0, high: float = math.inf, *, above: bool = False, below: bool = False) -> Check:
    """Accept a finite number in [low, high]; `above` and `below` leave the ends out."""
    ends = f"{'above' if above else 'from'} {low:g}{'' if above else ' on'}"
    if high < math.inf:
        ends += f" and {'below' if below else 'at most'} {high:g}"

    def check(value: object) -> float:
        known = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
        if not known or value < low or value > high or (above and value == low) or (below and value == high):  # type: ignore[operator]
            raise ValueError(f"must be a number {ends}, got {value!r}")
        return float(value)  # type: ignore[arg-type]

    return check


def one_of(names: Names, later: tuple[str, ...] = ()) -> Check:
    """Accept one of some names; those that will come later are refused in other words than the unknown."""

    def check(value: object) -> str:
        allowed = list(names() if callable(names) else names)
        if value in later:
            known = ", ".join(map(repr, allowed))
            raise ValueError(f"= {value!r} is not available yet; use one of {known}")
        return check_name("", value, allowed)

    return check


def listed(check_item: Check, *, unique: bool = True, least: int = 0) -> Check:
    """Accept a list, each item of which passes its own check."""

    def check(value: object) -> list[Any]:
        if not isinstance(value, list | tuple) or len(value) < least:
            raise ValueError(f"must be a list{f' of at least {least}' if least else ''}, got {value!r}")
        items = []
        for i, item in enumerate(value):
            try:
                items.append(check_item(item))
            except ValueError as error:
                raise ValueError(f"item {i + 1} {str(error).strip()}") from error
        if unique and len(set(map(repr, items))) < len(items):
            raise ValueError(f"must not name anything twice, got {value!r}")
        return items

    return check


def either(first: Check, second: Check) -> Check:
    """Accept what one of two checks accepts; the error joins what both ask for."""

    def check(value: object) -> Any:
        try:
            return first(value)
        except ValueError as one:
            try:
                return second(value)
            except ValueError as two:
                raise ValueError(f"{str(one).split(', got ')[0].strip()}, or {str(two).strip()}") from two

    return check


def pair_of_dimensions(value: object) -> list[int]:
    """Accept [low, high], inclusive."""
    if isinstance(value, list | tuple) and len(value) == 2:
        low, high = (whole(1)(end) for end in value)
        if low <= high:
            return [low, high]
    raise ValueError(f"must be two dimensions [low, high] with low <= high, got {value!r}")


def validator_names() -> Iterable[str]:
    """Return the validators that can be named, loading them on demand."""
    from dacompare.selection import VALIDATORS

    return list(VALIDATORS)


def measure_names() -> Iterable[str]:
    """Return the distances that can be named, loading them on demand."""
    from dacompare.divergence import MEASURES

    return list(MEASURES)


LATER_NETWORKS = ("svhn", "gtsrb", "alexnet", "squeezenet")
# What names of rows that are chosen on target labels end in, and no other name may.
ORACLE = "-oracle"
LATER_METHODS = ("target-few", "source-only+few", "dann+few")
# Without "reverse", which trains every row a second time.
VALIDATORS_RUN = ["source-accuracy", "paper", "reverse-svm", "entropy", "bnm", "class-ami", "mixval", "dev", "iwv"]

TOP: dict[str, Key] = {
    "slug": Key(text(r"(?!index$)[a-z0-9-]+", "lower-case letters, digits and hyphens, and not 'index'"), None),
    "title": Key(text(r"(?s).*\S.*", "some words")),
    "seeds": Key(listed(whole(most=2**32 - 1), least=1), [0, 1, 2]),
    "note": Key(text(), ""),
}

TABLES: dict[str, dict[str, Key]] = {
    "network": {
        "name": Key(one_of(("", "mnist", "mlp", "none"), LATER_NETWORKS), ""),
        "domain_hidden": Key(listed(whole(1), unique=False), None),
        "padding": Key(one_of(("valid", "same")), None),
        "dropout": Key(number(0, 1, below=True), None),
        "init": Key(one_of(("kaiming", "xavier", "torch")), "kaiming"),
    },
    "training": {
        "steps": Key(whole(1), 2000),
        "batch": Key(whole(2), 128),
        "learning_rate": Key(number(above=True), 0.01),
        "schedule": Key(one_of(("paper", "constant")), "paper"),
        "momentum": Key(number(0, 1, below=True), 0.9),
        "weight_decay": Key(number(), 0.0),
        "adaptation_factor": Key(either(one_of(("paper",)), number()), "paper"),
        "gamma": Key(number(above=True), 10.0),
        "domain_loss_weight": Key(number(), 1.0),
        "clip_gradient": Key(number(), 0.0),
        "input_scale": Key(number(above=True), 255.0),
        "precision": Key(one_of(("float32", "bf16")), "float32"),
        "threads": Key(whole(1), 1),
        "device": Key(one_of(("auto", "cpu", "cuda")), "auto"),
        "monitor_every": Key(whole(1), None),
        "checkpoint_every": Key(whole(), 1000),
    },
    "protocol": {
        "head": Key(one_of(("svm", "network")), "svm"),
        "classifier": Key(one_of(("svm", "1-nn")), "svm"),
        "svm_C": Key(either(one_of(("cv",)), number(above=True)), 1.0),
        "scaling": Key(one_of(("rms", "none", "zscore-per-domain")), "rms"),
        "layer": Key(one_of(("last_hidden",), ("extractor",)), "last_hidden"),
        "primary_validator": Key(one_of(validator_names), "reverse-svm"),
        "validators": Key(listed(one_of(validator_names), least=1), VALIDATORS_RUN),
    },
    "divergence": {
        "measures": Key(listed(one_of(measure_names)), ["proxy-a-distance"]),
        "features": Key(listed(text()), None),
        "max_rows": Key(whole(10), 5000),
        "bound": Key(flag, False),
    },
    "embedding": {
        "features": Key(listed(text()), None),
        "layer": Key(one_of(("last_hidden", "extractor", "both")), "last_hidden"),
        "max_points": Key(whole(10), 1000),
        "perplexity": Key(number(1), 30.0),
        "seed": Key(whole(), None),
    },
    "report": {
        "examples": Key(whole(), 10),
        "class_names": Key(listed(text()), []),
    },
}

METHOD: dict[str, Key] = {
    "name": Key(text(r"[a-z0-9+.-]+", "lower-case letters, digits, '+', '.' and '-'")),
    "label": Key(text(r"(?s).*\S.*", "some words"), None),
}
SHALLOW: dict[str, Key] = {"features": Key(text(), "source-only")}
SWEEP: dict[str, Key] = {
    "n_components": Key(either(one_of(("sweep",)), whole(1)), "sweep"),
    "sweep": Key(pair_of_dimensions, [2, 60]),
}
PUBLISHED: dict[str, Key] = {
    "method": Key(text()),
    "accuracy": Key(number(0, 1)),
    "gap_covered": Key(number(-math.inf), None),
    "where": Key(text(r"(?s).*\S.*", "the place it was printed")),
    "note": Key(text(), ""),
}

# Planned keys: refused in words, so that nobody believes that they did something.
NOT_YET = {
    "": ("few",),
    "network": ("weights",),
    "training": ("max_norm",),
}


def check_schema(data: Mapping[str, Any]) -> None:
    """Check that a recipe is of the schema that this version reads."""
    schema = data.get("schema")
    kind, _, version = str(schema).partition("/")
    if kind == "dacompare-recipe" and version.isdecimal() and int(version) > 1:
        raise ValueError(f"schema {schema!r} is newer than this dacompare reads ({SCHEMA!r}); upgrade it")
    if schema != SCHEMA:
        raise ValueError(f"schema must be {SCHEMA!r}, got {schema!r}; write it as the first line")


def check_table(
    table: object, keys: Mapping[str, Key], name: str, *, other: Iterable[str] = (), partial: bool = False
) -> dict[str, Any]:
    """Return a table with every value checked and defaults filled in.

    Parameters
    ----------
    table : object
        What the file holds; it must be a table.
    keys : dict of str to Key
        The keys that it may have.
    name : str
        Its name in messages, such as "training" or "method 2 (dann)"; "" for the top of the file.
    other : iterable of str
        Keys that are checked elsewhere: known here, and left out of what is returned.
    partial : bool
        True: only the keys that are there, for tables of overrides.

    Raises
    ------
    ValueError
        Naming the key, the value and what would work.

    Examples
    --------
    >>> check_table({"steps": 500}, TABLES["training"], "training", partial=True)
    {'steps': 500}
    >>> check_table({"step": 500}, TABLES["training"], "training")
    Traceback (most recent call last):
        ...
    ValueError: training.step is no key of [training], did you mean 'steps'?
    """
    if not isinstance(table, Mapping):
        raise ValueError(f"{name} must be a table, got {table!r}")
    where = f"[{name}]" if name else "a recipe"
    known = [*keys, *other]
    for key in table:
        if key in NOT_YET.get(name.split(".")[-1].split(" ")[0], ()):
            raise ValueError(f"{_path(name, key)} is not available yet; leave it out")
        if key not in known:
            raise ValueError(f"{_path(name, key)} is no key of {where}{_did_you_mean(key, known)}")
    chosen = [key for key in keys if not partial or key in table]
    return {key: _value(table, key, keys[key], name) for key in chosen}


def _value(table: Mapping[str, Any], key: str, spec: Key, name: str) -> Any:
    if key not in table:
        if spec.default is REQUIRED:
            raise ValueError(f"{_path(name, key)} is missing; it is required")
        return list(spec.default) if isinstance(spec.default, list) else spec.default
    if table[key] is None and spec.default is None:
        return None
    try:
        return spec.check(table[key])
    except ValueError as error:
        raise ValueError(f"{_path(name, key)} {str(error).strip()}") from error


def _path(name: str, key: object) -> str:
    return f"{name}.{key}" if name else str(key)


def _did_you_mean(key: object, known: list[str]) -> str:
    return nearest(key, known) or f"; its keys are {', '.join(known)}"
