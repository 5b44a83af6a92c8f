"""Read a recipe: TOML in, a checked Recipe with all defaults filled in out."""

import hashlib
import json
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dacompare.names import nearest
from dacompare.recipe_agreement import check_together
from dacompare.recipe_grid import expand_grid
from dacompare.recipe_methods import checked_methods
from dacompare.recipe_overrides import apply_override, quicken
from dacompare.recipe_schema import (
    PUBLISHED,
    SCHEMA,
    TABLES,
    TOP,
    check_schema,
    check_table,
)

IN_MEMORY = "arrays"


@dataclass(frozen=True)
class Recipe:
    """A comparison, written down: two domains, the methods, how they are trained and judged.

    Made by :func:`load_recipe` and :func:`recipe_from_dict`, which check every key. The attributes are the
    tables of the TOML file, so ``recipe.training["steps"]`` reads as it is written there.

    Parameters
    ----------
    slug, title, note : str
        File name, heading and remark.
    seeds : tuple of int
        Repetitions.
    source, target, split, network, training, protocol, divergence, embedding, report : dict
        Tables, defaults filled in; None stands for "as the network or the data has it".
    method, published : tuple of dict
        The ``[[method]]`` rows in their order, and the ``[[published]]`` figures.
    genuine : dict or None
        The ``[genuine]`` table: rows that networks are also scored on, and that nothing is chosen by.
    overrides : tuple of str
        What was changed on the way in: "--quick", "training.steps=500".
    base : Path or None
        Folder that relative paths in the file start from.
    """

    slug: str
    title: str
    seeds: tuple[int, ...]
    note: str
    source: dict[str, Any]
    target: dict[str, Any]
    split: dict[str, Any]
    network: dict[str, Any]
    training: dict[str, Any]
    protocol: dict[str, Any]
    method: tuple[dict[str, Any], ...]
    divergence: dict[str, Any]
    embedding: dict[str, Any]
    report: dict[str, Any]
    published: tuple[dict[str, Any], ...]
    genuine: dict[str, Any] | None = None
    overrides: tuple[str, ...] = ()
    base: Path | None = field(default=None, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as JSON can hold it; `recipe_from_dict` gives an equal recipe back."""
        tables = {k: deepcopy(v) for k, v in vars(self).items() if k not in ("overrides", "base")}
        lists = {name: list(tables[name]) for name in ("seeds", "method", "published")}
        if tables["genuine"] is None:  # most recipes have none, and their hash must not depend on it
            del tables["genuine"]
        return {"schema": SCHEMA, **tables, **lists}

    @property
    def hash(self) -> str:
        """SHA-256 of what the recipe says, defaults filled in: equal recipes have equal hashes."""
        canonical = json.dumps(self.to_dict(), sort_keys=True, allow_nan=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def load_recipe(
    path_or_name: str | Path, overrides: Iterable[str] = (), quick: bool = False, *, choices: Iterable[str] = ()
) -> Recipe:
    """Return the recipe in a TOML file, checked, with all defaults filled in.

    Parameters
    ----------
    path_or_name : str or Path
        A file, or the name of a recipe that comes along; see :func:`list_recipes`.
    overrides : iterable of str
        Such as "training.steps=500" or "method.sa.sweep=[2, 20]": a value in TOML, or a bare string.
    quick : bool
        A small run to try things out: at most 2,000 rows, 300 steps, 300 embedded points, the first seed.
        Overrides come after it, and win.
    choices : iterable of str
        Written as overrides are, but no departure from the recipe, and not recorded as one: "seeds=[0, 1]" and
        "training.device=cpu" say how often and where it is run.

    Raises
    ------
    ValueError
        Naming the file, the key, its value and what would work.

    Examples
    --------
    >>> recipe = load_recipe("fonts-fontsm", overrides=["training.steps=500"])
    >>> recipe.training["steps"], recipe.overrides
    (500, ('training.steps=500',))
    """
    recipes = load_recipes(path_or_name, overrides, quick, choices=choices)
    if len(recipes) > 1:
        slugs = ", ".join(recipe.slug for recipe in recipes)
        raise ValueError(f"{path_or_name} stands for {len(recipes)} recipes ({slugs}); load_recipes gives them all")
    return recipes[0]


def load_recipes(
    path_or_name: str | Path,
    overrides: Iterable[str] = (),
    quick: bool = False,
    *,
    choices: Iterable[str] = (),
    pairs: Collection[str] = (),
) -> list[Recipe]:
    """Return all recipes that a TOML file stands for: one for each pair of its ``[grid]``, else one.

    Parameters
    ----------
    path_or_name, overrides, quick, choices
        As in :func:`load_recipe`; every recipe is changed in the same way.
    pairs : collection of str
        Those of the grid that are wanted, such as "amazon-webcam"; none stands for all.

    Examples
    --------
    >>> [recipe.slug for recipe in load_recipes("fonts-fontsm")]
    ['fonts-fontsm']
    """
    path = find_recipe(path_or_name)
    data = _read(path)
    data.setdefault("slug", f"{path.stem}-{{source}}-{{target}}" if "grid" in data else path.stem)
    with _named(path):
        expanded = expand_grid(data, pairs)
    settings: dict[str, Any] = {"overrides": tuple(overrides), "quick": quick, "choices": tuple(choices)}
    recipes = [recipe_from_dict(one, name=str(path), base=path.parent, **settings) for one in expanded]
    if any(IN_MEMORY in (recipe.source["domain"], recipe.target["domain"]) for recipe in recipes):
        raise ValueError(f"{path}: domain = 'arrays' is data in memory; name a file with domain = 'npz' instead")
    return recipes


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: a recipe must be UTF-8 text, got a byte that is not: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: not valid TOML: {error}") from error


def recipe_from_dict(
    data: Mapping[str, Any],
    *,
    name: str = "recipe",
    base: Path | None = None,
    overrides: Iterable[str] = (),
    quick: bool = False,
    choices: Iterable[str] = (),
) -> Recipe:
    """Return the recipe that a dict describes: the same keys as in TOML, the same checks.

    Parameters
    ----------
    data : mapping
        As read from TOML, or from `Recipe.to_dict`. It is not written to.
    name : str
        First word of every error message.
    base, overrides, quick, choices
        As in :class:`Recipe` and :func:`load_recipe`.

    Examples
    --------
    >>> recipe = recipe_from_dict({"schema": "dacompare-recipe/1", "slug": "mine", "title": "Mine",
    ...     "source": {"domain": "fonts"}, "target": {"domain": "fontsm"},
    ...     "method": [{"name": "source-only"}]})
    >>> recipe.training["steps"], recipe.method[0]["label"]
    (2000, 'Source only')
    """
    own, overrides = deepcopy(dict(data)), tuple(overrides)
    with _named(name):
        check_schema(own)
        if "grid" in own:
            raise ValueError("grid stands for several recipes; read the file with load_recipes, which gives them all")
        if quick:
            quicken(own)
        for change in (*overrides, *choices):
            apply_override(own, change)
        settings = _checked(own)
    return Recipe(**settings, overrides=("--quick", *overrides) if quick else overrides, base=base)


def find_recipe(name: str | Path) -> Path:
    """Return the file of a recipe: an existing path, or the name of one that comes along.

    Another name is a ValueError that suggests the nearest one.

    Examples
    --------
    >>> find_recipe("fonts-fontsm").name
    'fonts-fontsm.toml'
    """
    if Path(name).is_file():
        return Path(name)
    files, wanted = _recipe_files(), str(name)
    if wanted in files:
        return files[wanted]
    hint = nearest(wanted, files) or f"; recipes are {', '.join(files)}"
    raise ValueError(f"no recipe and no file is called {wanted!r}{hint}")


def list_recipes() -> dict[str, str]:
    """Return name → title of the recipes that come along, by name.

    Examples
    --------
    >>> "fonts-fontsm" in list_recipes()
    True
    """
    return {name: _title(path) for name, path in _recipe_files().items()}


def _title(path: Path) -> str:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        pairs = data["grid"]["pairs"] if "grid" in data else []
        return str(data.get("title", "")) + (f" ({len(pairs)} pairs)" if pairs else "")
    except (ValueError, TypeError, KeyError) as error:
        return f"(cannot be read: {error})"


def _recipe_files() -> dict[str, Path]:
    """Return name → file: the copies inside an installed package win over those beside a checkout."""
    package = Path(__file__).parent
    folders = (package.parent / "baselines", package / "_recipes")
    return dict(sorted((path.stem, path) for folder in folders for path in sorted(folder.glob("*.toml"))))


@contextmanager
def _named(name: str | Path) -> Iterator[None]:
    """Put the file's name before every message."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise ValueError(f"{name}: {error}") from error


def _checked(data: dict[str, Any]) -> dict[str, Any]:
    """Return all settings of a recipe, checked one by one and against each other."""
    sides = ("source", "target")
    other = ["schema", *sides, "genuine", "split", *TABLES, "method", "published"]
    settings = check_table(data, TOP, "", other=other)
    if settings["slug"] is None:
        raise ValueError("slug is missing; it is required where no file gives the name")
    for side in sides:
        settings[side] = _checked_side(data, side)
    settings["genuine"] = _checked_side(data, "genuine") if "genuine" in data else None
    settings["split"] = _checked_split(data.get("split", {}))
    settings |= {name: check_table(data.get(name, {}), keys, name) for name, keys in TABLES.items()}
    settings["method"] = tuple(checked_methods(data.get("method")))
    published = data.get("published", [])
    if not isinstance(published, list):
        raise ValueError(f"published must be written as [[published]], got {published!r}")
    numbered = enumerate(published, 1)
    settings["published"] = tuple(check_table(row, PUBLISHED, f"published {i}") for i, row in numbered)
    settings["seeds"] = tuple(settings["seeds"])
    _fill_in(settings)
    check_together(settings)
    return settings


def _checked_split(table: object) -> dict[str, Any]:
    from dacompare.domains.options import check_split

    if not isinstance(table, dict):
        raise ValueError(f"split must be a table, got {table!r}")
    return check_split(table)


def _checked_side(data: Mapping[str, Any], side: str) -> dict[str, Any]:
    from dacompare.domains.options import check_options

    table = data.get(side)
    if not isinstance(table, dict):
        raise ValueError(f"[{side}] is required, a table with a domain, got {table!r}")
    if table.get("domain") != IN_MEMORY:
        check_options(side, table)
    return {**table, "labelled": table.get("labelled", True)} if side == "target" else dict(table)


def _fill_in(settings: dict[str, Any]) -> None:
    """Fill in the defaults that follow from other keys."""
    from dacompare.methods import method_of

    defaults: list[tuple[str, str, Any]] = [
        ("training", "monitor_every", max(1, settings["training"]["steps"] // 50)),
        (
            "divergence",
            "features",
            [r["name"] for r in settings["method"] if method_of(r).kind != "bound"],
        ),
        ("embedding", "seed", settings["seeds"][0]),
    ]
    deep = [row["name"] for row in settings["method"] if method_of(row).kind == "deep"]
    adapted = [row["name"] for row in settings["method"] if row["name"] in deep and method_of(row).adapts][:1]
    defaults.append(("embedding", "features", [n for n in deep if n == "source-only" or n in adapted]))
    for table, key, value in defaults:
        if settings[table][key] is None:
            settings[table][key] = value
