"""Write the text of a recipe: every value with a comment that says why, every unknown choice with its alternative."""

import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from dacompare.domains.inspected import Choice, Inspected, named, one_line
from dacompare.domains.pairing import Pair
from dacompare.recipe_schema import SCHEMA
from dacompare.toml_text import comment, toml_value

LEAST_STEPS, USUAL_STEPS = 300, 2000
PASSES, HALF_BATCH = 100, 64
"""How often each source row is seen where there are few, and how many of them are seen at a time."""
MANY_ROWS = 20_000
"""Rows of a domain from which on a smaller run is suggested."""


def recipe_text(pair: Pair, path: str | Path, *, slug: str = "", title: str = "") -> str:
    """Return a recipe that compares two places that were looked at.

    Parameters
    ----------
    pair : Pair
        From `dacompare.domains.pairing.inspect_pair`, without problems.
    path : path
        Where the recipe will lie: data paths are written relative to it where they can be.
    slug, title : str
        Name of the page's file, and its heading; "" to make them from the names of the places.

    Returns
    -------
    str
        TOML that `load_recipe` reads.

    Examples
    --------
    >>> import tempfile
    >>> from dacompare.domains.pairing import inspect_pair
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("old", "new"):
    ...         rows = "".join(f"{i / 2},{i % 7},{'cat' if i % 2 else 'dog'}\\n" for i in range(20))
    ...         _ = Path(folder, f"{name}.csv").write_text(f"a,b,label\\n{rows}")
    ...     pair = inspect_pair(f"{folder}/old.csv", f"{folder}/new.csv")
    ...     text = recipe_text(pair, f"{folder}/mine.toml")
    >>> print(text[text.index("[target]") : text.index("[split]")])
    [target]
    # 20 rows of 2 features in 2 classes: "cat", "dog".
    domain = "table"
    path = "new.csv"
    # The same column as in the source.
    label = "label"
    # To see what a user without target labels sees:
    # labelled = false
    <BLANKLINE>
    <BLANKLINE>
    """
    place = Path(path)
    title = title or title_of(pair)
    slug = slug or slug_of(title)
    blocks = [
        _head(pair, place, slug, title),
        _side("source", pair.source, None, place),
        _side("target", pair.target, pair.target_test, place),
        _split(pair),
        _network(pair),
        _training(pair),
        _protocol(),
        _methods(pair),
        _looks(pair),
    ]
    return "\n\n".join(blocks) + "\n"


def title_of(pair: Pair) -> str:
    """Return a heading made from the names of the two places."""
    places = [pair.source.path.absolute(), pair.target.path.absolute()]
    if places[0] == places[1]:
        return places[0].stem
    names = [place.name if place.is_dir() else place.stem for place in places]
    if names[0] == names[1]:  # old/images and new/images: what is above tells them apart
        names = [f"{place.parent.name} {name}".strip() for place, name in zip(places, names, strict=True)]
    shown = [one_line(name, quote="").strip() or "data" for name in names]
    return f"{shown[0]} → {shown[1]}"


def slug_of(title: str) -> str:
    """Return a name for files, made from a heading.

    Examples
    --------
    >>> slug_of("Old camera → new"), slug_of("Ältere → Neue"), slug_of("旧 → 新")
    ('old-camera-new', 'altere-neue', 'comparison')
    """
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")[:60].strip("-")
    return slug if slug not in ("", "index") else "comparison"


def relative_path(path: Path, recipe: Path) -> str:
    """Return how a recipe names a place: relative to its own folder where both have one beginning.

    Examples
    --------
    >>> relative_path(Path("data/old"), Path("recipes/mine.toml")), relative_path(Path("old"), Path("mine.toml"))
    ('../data/old', 'old')
    """
    place, folder = Path(os.path.abspath(path)), Path(os.path.abspath(recipe)).parent
    if not place.is_relative_to(folder):  # ".." goes up from where a link leads to
        place, folder = place.resolve(), folder.resolve()
    shared = os.path.commonpath([place, folder]) if place.anchor == folder.anchor else place.anchor
    if shared == place.anchor:
        return place.as_posix()
    relative = Path(os.path.relpath(place, folder)).as_posix()
    return place.as_posix() if relative.startswith("~") else relative


# Lines


def _lines(choices: Iterable[Choice]) -> Iterable[str]:
    for choice in choices:
        yield comment(choice.why)
        yield f"{'' if choice.is_used else '# '}{choice.key} = {toml_value(choice.value)}"


def _table(name: str, lines: Iterable[str]) -> str:
    return "\n".join([f"[{name}]", *lines])


# Blocks


def _head(pair: Pair, place: Path, slug: str, title: str) -> str:
    said = [comment(f"{one_line(title, quote='')}, as dacompare new found it. Every line may be changed.")]
    said += ["#", *(comment(note) for note in _meaning(pair))]
    lines = [
        *said,
        "",
        f"schema = {toml_value(SCHEMA)}",
        comment(f"The page will be reports/{slug}.html."),
        f"slug = {toml_value(slug)}",
        f"title = {toml_value(title)}",
        comment("Each seed trains everything anew; five give intervals worth quoting: [0, 1, 2, 3, 4]."),
        "seeds = [0, 1, 2]",
    ]
    return "\n".join(lines)


def _meaning(pair: Pair) -> Iterable[str]:
    """Say what the report of this pair can and cannot say."""
    if pair.can_train_on_target:
        yield (
            "The target has labels. They are used to judge, never to adapt: the report says how often each method is"
            " right on the target, and how far it is from training on target labels."
        )
    elif pair.is_judged:
        yield (
            "Only the target's test rows have labels: the report says how often each method is right on them. There is"
            " no row train-on-target, as the other target rows have no labels to train on."
        )
    else:
        yield (
            "The target has no labels. The report can say how far the domains are apart, what each method predicts,"
            " where methods agree, and which one validators prefer. It cannot say how often a method is right, nor"
            " whether adaptation helps: label some target rows for that, and name them with --target-test. So there is"
            " no row train-on-target."
        )


def _side(name: str, side: Inspected, test: Inspected | None, recipe: Path) -> str:
    lines = [comment(f"{_content(side)}.")]
    lines += [f"domain = {toml_value(side.domain)}", f"path = {toml_value(relative_path(side.path, recipe))}"]
    if test is not None:
        where = "in the same file" if test.path == side.path else ""
        lines.append(comment(f"Official test rows{f', {where}' if where else ''}: {_content(test)}."))
        if not where:
            lines.append(f"test_path = {toml_value(relative_path(test.path, recipe))}")
    used = {choice.key for choice in side.choices if choice.is_used}
    alternatives = [c for c in side.choices if c.is_used or c.key not in used or c.key == "size"]
    lines += list(_lines(alternatives))
    if name == "target" and side.labels is not None and side.option("labelled") is None:
        lines += list(_lines([Choice("labelled", False, "To see what a user without target labels sees:", False)]))
    return _table(name, lines)


def _content(side: Inspected) -> str:
    """Say what lies in a place, in a line.

    Names of classes come from users, and may hold anything.
    """
    if side.is_image:
        what = f"{side.n_rows:,} {'' if side.colours == 'grey and colour' else side.colours + ' '}image"
        what += "s" * (side.n_rows != 1)
    else:
        what = f"{side.n_rows:,} row{'s' * (side.n_rows != 1)} of {side.n_features:,} features"
    if side.option("labelled") is False or side.labels is None:
        return f"{what}, without labels"
    groups = "" if side.groups is None else f", {side.groups:,} groups that no split cuts"
    return f"{what} in {len(side.labels):,} class{'es' * (len(side.labels) != 1)}{groups}: {named(side.labels)}"


def _split(pair: Pair) -> str:
    other: tuple[Choice, ...] = ()
    if pair.target_test is not None:
        why = "Adapt to the target rows, judge on the official test rows."
    elif pair.protocol == "inductive":
        why = "Adapt to four fifths of the target, judge on the fifth that no method has seen."
        other = (Choice("protocol", "transductive", "To adapt to all target rows and judge on the same rows:", False),)
    else:
        why = (
            "Adapt to all target rows and judge on the same: they are few, and a fifth of them too few to judge on."
            if pair.is_judged
            else "Adapt to all target rows: none has a label that could be kept for a test."
        )
    lines = [*_lines([Choice("protocol", pair.protocol, why), *other])]
    tiny = [label for label, n in (pair.source.labels or {}).items() if n < 2]
    why = "A fifth of the source is held out, class by class: validators, which need no target label, are scored on it."
    if tiny:
        why += f" Classes with one row stay in training: {named(tiny)}."
    lines += list(_lines([Choice("source_test", 0.2, why)]))
    if max(pair.source.n_rows, pair.target.n_rows) > MANY_ROWS:
        why = f"There are many rows ({pair.source.n_rows:,} and {pair.target.n_rows:,}); for a faster run, keep fewer:"
        lines += list(_lines([Choice("max_rows", MANY_ROWS // 2, why, False)]))
    return _table("split", lines)


def _network(pair: Pair) -> str:
    name, why = network_of(pair)
    lines = [comment(why), f"name = {toml_value(name)}"]
    none = (
        "Without a network, the classical methods are compared on the rows as they are, in seconds. For that, put this"
        " in place of the line above, and take dann, which is a network, out of [[method]] and of features in"
        " [divergence]:"
    )
    return _table("network", [*lines, comment(none), '# name = "none"'])


def network_of(pair: Pair) -> tuple[str, str]:
    """Return the network for the rows of a pair, and why."""
    if not pair.is_image:
        return "mlp", "For features: one hidden layer of 100 units (the shallow DANN of Ganin et al. 2016)."
    size = pair.source.option("size") or pair.target.option("size")
    smallest = size or min(edge for side in (pair.source, pair.target) for edges in side.sizes for edge in edges)
    if smallest < 16:
        return (
            "mlp",
            f"The images are {smallest} pixels small, too small for convolutions: one hidden layer of 100 units.",
        )
    return (
        "mnist",
        "Two convolutions and two hidden layers of 100 (Ganin & Lempitsky 2015, for digits), from random weights.",
    )


def steps_for(n_source: int) -> int:
    """Return how many steps to train: 2,000, or fewer where all source rows have then been seen a hundred times.

    Examples
    --------
    >>> steps_for(100), steps_for(800), steps_for(60_000)
    (300, 1300, 2000)
    """
    enough = -(-PASSES * n_source // HALF_BATCH)
    return min(USUAL_STEPS, max(LEAST_STEPS, -(-enough // 100) * 100))


def _training(pair: Pair) -> str:
    n = pair.source.n_rows - pair.source.n_rows // 5
    steps = steps_for(n)
    times = max(1, round(steps * HALF_BATCH / n))
    often = f"{times:,} times" if times > 1 else "once"
    passes = f"{steps:,} steps of {HALF_BATCH} source rows see each of the {n:,} about {often}"
    if steps < USUAL_STEPS:
        why = f"There are few source rows, and more steps would only learn them by heart: {passes}."
    else:
        why = f"{passes}. If the curves of the report still rise at their end, train for longer (MNIST took 10,000)."
    return _table("training", _lines([Choice("steps", steps, why)]))


def _protocol() -> str:
    why = (
        "Every method is judged through one linear SVM on its features, so that features are compared, not classifiers."
        ' "network" takes the predictions of the networks themselves; the report shows both.'
    )
    cv = 'Of that SVM; "cv" chooses it by cross-validation on source labels.'
    return _table("protocol", _lines([Choice("head", "svm", why), Choice("svm_C", "cv", cv, False)]))


ROWS: Mapping[str, str] = {
    "source-only": "A network that sees the source alone: what one has without adaptation.",
    "sa": "Subspace alignment (Fernando et al. 2013), on the features of source-only, at every dimension up to 60.",
    "coral": "CORAL (Sun et al. 2016), on the same features; takes no time.",
    "dann": "The domain-adversarial network (Ganin & Lempitsky 2015).",
    "train-on-target": "The bound: a network that learns from target labels. It is never ranked.",
}
"""Rows of a recipe, and what they are."""


def _methods(pair: Pair) -> str:
    rows = [name for name in ROWS if name != "train-on-target" or pair.can_train_on_target]
    blocks = [f"{comment(ROWS[name])}\n[[method]]\nname = {toml_value(name)}" for name in rows]
    more = comment(
        "More rows: `dacompare list` names them, docs/methods.md explains them. For instance, in the same way:"
    )
    return "\n\n".join([*blocks, f'{more}\n# [[method]]\n# name = "gfk"'])


def _looks(pair: Pair) -> str:
    features = ["pixels", "source-only", "sa", "coral", "dann"]
    raw = "raw images" if pair.is_image else "rows as they are"
    lines = [Choice("features", features, f'Where the distance of the domains is measured; "pixels" are the {raw}.')]
    block = _table("divergence", _lines(lines))
    if pair.is_image:
        why = "Images of each domain that the page shows; 0 for pages that must not show any."
        block += "\n\n" + _table("report", _lines([Choice("examples", 10, why)]))
    return block
