"""Look at two places and decide how they can be compared: sizes, classes, columns, and how the target is judged."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from dacompare.domains.harmonising import Label
from dacompare.domains.inspected import Choice, Inspected, named, one_line
from dacompare.domains.inspecting import inspect_domain

SMALLEST, USUAL, LARGEST = 16, 32, 40
"""Edges of images in pixels: what the network needs, what large images become, up to which they stay as they are."""
FEW_TARGETS = 500
"""Labelled target rows below which all are judged, as a fifth of them would be too few."""
MOST_SCALES = 10.0
"""Factor between the spreads of columns from which on they are standardised."""


@dataclass(frozen=True)
class Pair:
    """Two places, and how a recipe compares them.

    Parameters
    ----------
    source, target : Inspected
        With the choices that both together need.
    target_test : Inspected or None
        Official test rows of the target.
    classes : tuple of label
        Classes of the source.
    is_judged : bool
        Whether the target rows that are judged have labels.
    can_train_on_target : bool
        Whether its training rows have labels, too.
    protocol : {"inductive", "transductive"}
    notes, problems : tuple of str
        What a user should know, and what must be solved before a recipe can run.
    """

    source: Inspected
    target: Inspected
    target_test: Inspected | None
    classes: tuple[Label, ...]
    is_judged: bool
    can_train_on_target: bool
    protocol: str
    notes: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def is_image(self) -> bool:
        """Whether rows are images."""
        return self.source.is_image


def inspect_pair(
    source: str | Path,
    target: str | Path,
    target_test: str | Path | None = None,
    *,
    label: str = "",
    unlabelled: bool = False,
) -> Pair:
    """Look at a source and a target, and decide what a recipe must say about both.

    Parameters
    ----------
    source, target, target_test : path
        As `inspect_domain` takes them; one npz file may hold source and target.
    label : str
        Column of labels of CSV files; "" to find it.
    unlabelled : bool
        True: what looks like labels of the target is none.

    Returns
    -------
    Pair
        Its `problems` are empty where a recipe can run.

    Raises
    ------
    FileNotFoundError, ValueError
        Where one of the places cannot be loaded at all.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, shift in (("old", 0), ("new", 1)):
    ...         rows = "".join(f"{i + shift},{i % 7},{'cat' if i % 2 else 'dog'}\\n" for i in range(20))
    ...         _ = Path(folder, f"{name}.csv").write_text(f"a,b,label\\n{rows}")
    ...     pair = inspect_pair(f"{folder}/old.csv", f"{folder}/new.csv")
    >>> pair.classes, pair.protocol, pair.problems
    (('cat', 'dog'), 'transductive', ())
    """
    first = inspect_domain(source, label=label)
    second = inspect_domain(target, side="target", label=label, like=first)
    test = second.test
    if target_test is not None:
        test = inspect_domain(target_test, side="target", label=label, like=first)
        _check_test(second, test)
    if problem := _kinds_differ(first, second):
        raise ValueError(problem)
    return _paired(first, second, test, unlabelled)


def _check_test(target: Inspected, test: Inspected) -> None:
    if target.test is not None:
        raise ValueError(f"{target.path} holds X_target_test already; leave --target-test out.")
    if target.domain != test.domain:
        raise ValueError(
            f"--target-test must be of the kind of the target, {target.domain!r}, got {test.domain!r}: one loader"
            " reads both."
        )
    if target.labels is not None and test.labels is None:
        raise ValueError(f"{test.path} has no labels, though {target.path} has: test rows are there to be judged.")
    if target.columns != test.columns:
        raise ValueError(f"{test.path} must have the same columns of features as {target.path}, in the same order.")


def _kinds_differ(source: Inspected, target: Inspected) -> str:
    if source.is_image == target.is_image:
        return ""
    kinds = {True: "images", False: "rows of features"}
    return (
        f"{source.path} holds {kinds[source.is_image]} and {target.path} {kinds[target.is_image]}: these cannot be"
        " compared. Compute the same features for both, or give images for both."
    )


def _paired(source: Inspected, target: Inspected, test: Inspected | None, unlabelled: bool) -> Pair:
    notes, problems = [*source.notes, *target.notes], [*source.problems, *target.problems]
    labels = _judge_labels(source, target, test, unlabelled)
    rows = _image_choices(source, target) if source.is_image else _feature_choices(source, target)
    for part in (labels, rows):
        notes += part.notes
        problems += part.problems
    judged = target if test is None else test
    trains = labels.is_labelled and target.labels is not None
    is_judged = labels.is_labelled and judged.labels is not None
    inductive = test is not None or (is_judged and target.n_rows >= FEW_TARGETS)
    return Pair(
        source=replace(source, choices=(*source.choices, *rows.source, *labels.source)),
        target=replace(target, choices=(*_merged(target, test), *rows.target, *labels.target)),
        target_test=test,
        classes=tuple(source.labels or ()),
        is_judged=is_judged,
        can_train_on_target=trains and is_judged,
        protocol="inductive" if inductive else "transductive",
        notes=tuple(notes),
        problems=tuple(problems),
    )


def _merged(target: Inspected, test: Inspected | None) -> tuple[Choice, ...]:
    """Return what the target's loader needs for its training and its test rows."""
    own = {choice.key for choice in target.choices}
    return (*target.choices, *(choice for choice in (test.choices if test else ()) if choice.key not in own))


@dataclass
class _Part:
    source: tuple[Choice, ...] = ()
    target: tuple[Choice, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    is_labelled: bool = False


# Labels


def _judge_labels(source: Inspected, target: Inspected, test: Inspected | None, unlabelled: bool) -> _Part:
    problems = tuple(_source_problems(source))
    counts = _joined(target.labels, None if test is None else test.labels)
    if counts is None or problems:
        return _Part(problems=problems)
    if unlabelled:
        return _Part(target=(Choice("labelled", False, "As asked for: what looks like labels is none."),))
    if len(counts) == 1 and target.domain == "svmlight":
        (only,) = counts
        why = f"All rows have the label {one_line(only)}, which is taken for a placeholder."
        return _Part(
            target=(Choice("labelled", False, why),), notes=(f"The target's labels: {why[0].lower()}{why[1:]}",)
        )
    as_text = _comparable(source, target)
    known = {as_text(source, label): label for label in source.labels or ()}
    own = {as_text(target, label): label for label in counts}
    shared, new = [t for t in own if t in known], [t for t in own if t not in known]
    missing, twins = [t for t in known if t not in own], _twins([*known, *own])
    if not shared:
        return _Part(problems=(_nothing_shared(known, own, twins),))
    part = _Part(is_labelled=True, notes=tuple(_label_notes(missing, twins)))
    if new:
        n = sum(counts[own[text]] for text in new)
        why = f"The source has no {named(new)}: {n:,} target rows, which no method could get right, are left out."
        part.target = (Choice("classes", [own[text] for text in shared], why),)
        part.notes += (f"{why[:-1]} (classes = … in [target]).",)
    if missing:
        why = "The target has fewer classes than the source; with this line, the source has only those of the target:"
        part.source = (Choice("classes", [known[text] for text in shared], why, is_used=False),)
    return part


def _source_problems(source: Inspected) -> Iterable[str]:
    if source.labels is None:
        how = "put the images of each class into a folder of their own" if source.is_image else "give it labels"
        yield f"The source {source.path} has no labels, and nothing can be learned from it: {how}."
    elif len(source.labels) < 2:
        yield f"The source has one class only, {named(source.labels)}; at least two are needed."
    elif max(source.labels.values()) < 2:
        yield "No class of the source has two rows, so that nothing is left to test on; give more rows."


def _joined(*counts: Mapping[Label, int] | None) -> dict[Label, int] | None:
    known = [each for each in counts if each is not None]
    joined: dict[Label, int] = {}
    for each in known:
        for label, n in each.items():
            joined[label] = joined.get(label, 0) + n
    return joined if known else None


def _comparable(source: Inspected, target: Inspected) -> Callable[[Inspected, Label], Any]:
    """Return what makes the labels of both sides comparable, as loading does: text where one side has text."""
    if source.has_text_labels == target.has_text_labels:
        return lambda side, label: label
    return lambda side, label: side.texts.get(label, str(label))


def _twins(names: Iterable[Any]) -> list[tuple[str, str]]:
    """Return pairs of names that differ only in case or in spaces around them."""
    first: dict[str, str] = {}
    twins = []
    for name in dict.fromkeys(name for name in names if isinstance(name, str)):
        other = first.setdefault(name.strip().casefold(), name)
        if other != name:
            twins.append((other, name))
    return twins


def _nothing_shared(known: Iterable[Any], own: Iterable[Any], twins: list[tuple[str, str]]) -> str:
    text = f"The two domains share no class: the source has {named(known)}, the target {named(own)}."
    if twins:
        return f"{text} {_say_twins(twins)} Name them alike."
    return f"{text} Name them alike; or, if the target's are no classes, add --unlabelled."


def _say_twins(twins: list[tuple[str, str]]) -> str:
    shown = "; ".join(f"{one_line(a)} and {one_line(b)}" for a, b in twins[:3])
    return f"These names differ in case or spaces alone, and count as different classes: {shown}."


def _label_notes(missing: list[Any], twins: list[tuple[str, str]]) -> Iterable[str]:
    if twins:
        yield _say_twins(twins)
    if missing:
        yield (
            f"The target has no row of {named(missing)}. Methods that bring all of the source and all of the target"
            " together may suffer from that."
        )


# Rows


def _image_choices(source: Inspected, target: Inspected) -> _Part:
    part = _Part()
    folders = [side for side in (source, target) if side.domain == "folder"]
    if source.is_float != target.is_float:
        floats, whole = (source, target) if source.is_float else (target, source)
        part.problems += (
            f"{floats.path} holds images from 0 to 1 and {whole.path} from 0 to 255: save both as uint8.",
        )
    size, why, problem = _size(source, target)
    part.problems += (problem,) if problem else ()
    shared: tuple[Choice, ...] = () if size is None else (Choice("size", size, why),)
    if size == USUAL:
        larger = Choice(
            "size", 2 * USUAL, "More detail, and about four times the time; in both domains:", is_used=False
        )
        shared += (larger,)
    if folders and source.colours == target.colours == "grey":
        shared += (Choice("grey", True, "All images are grey, so that one channel holds all there is."),)
    elif folders and "grey" in f"{source.colours} {target.colours}":
        why = (
            f"The source is {source.colours}, the target {target.colours}. Grey images are repeated to three channels;"
            " this line would take the colour away, in both domains alike:"
        )
        shared += (Choice("grey", True, why, is_used=False),)
        part.notes += (f"The source is {source.colours}, the target {target.colours}; all are read as colour.",)
    part.source, part.target = (shared if side.domain == "folder" else () for side in (source, target))
    return part


def _size(source: Inspected, target: Inspected) -> tuple[int | None, str, str]:
    """Return the size to resize to, None for as they are; why; and what makes that impossible."""
    arrays = [side for side in (source, target) if side.domain != "folder"]
    sizes = {*source.sizes, *target.sizes}
    told = f"The images measure {_measured(sizes)} pixels"
    if arrays:
        ((width, height),) = arrays[0].sizes
        if sizes == {(width, height)}:
            return None, "", ""
        if len(arrays) == 2 or width != height:
            fixed = f"{arrays[0].path} holds images of {width}×{height} pixels"
            return None, "", f"{told}, and arrays are not resized: {fixed}. Resize them to one square size first."
        return width, f"As large as those in {arrays[0].path.name}, as both domains must be.", ""
    edges = [edge for size in sizes for edge in size]
    if len(sizes) == 1 and min(edges) >= SMALLEST and max(edges) <= LARGEST:
        return None, "", ""
    shortest = min(median(_edges(side)) for side in (source, target))
    size = USUAL if shortest >= USUAL else max(SMALLEST, int(shortest))
    if len(sizes) == 1:
        limit = "at least" if min(edges) < SMALLEST else "about"
        reason = (
            f"the network needs {limit} {size}×{size}"
            if min(edges) < SMALLEST
            else "the network is made for small ones"
        )
        return size, f"{told}, and {reason}: all are resized to {size}×{size}.", ""
    return (
        size,
        f"{told}, and all must have one size: they are resized to {size}×{size} (proportions are not kept).",
        "",
    )


def _edges(side: Inspected) -> list[int]:
    return [min(size) for size, n in side.sizes.items() for _ in range(n)]


def _measured(sizes: Iterable[tuple[int, int]]) -> str:
    ordered = sorted(sizes, key=lambda size: (size[0] * size[1], size))
    (a, b), (c, d) = ordered[0], ordered[-1]
    return f"{a}×{b}" if len(ordered) == 1 else f"{a}×{b} to {c}×{d}"


def _feature_choices(source: Inspected, target: Inspected) -> _Part:
    part, (source, target) = _both_zero_based(source, target)
    if source.columns and target.columns and source.columns != target.columns:
        part.problems += (_columns_differ(source, target),)
    width = max(source.n_features, target.n_features)
    for side in ("source", "target"):
        own = source if side == "source" else target
        if own.n_features == width:
            continue
        if own.domain == "svmlight":
            why = f"The largest index here is {own.n_features:,}; the other domain has {width:,} features."
            setattr(part, side, (*getattr(part, side), Choice("n_features", width, why)))
        elif not part.problems:
            part.problems += (
                f"Both domains must have the same features: {source.path} has {source.n_features:,} columns,"
                f" {target.path} {target.n_features:,}.",
            )
    part.source += tuple(_scaling(source))
    return part


def _both_zero_based(source: Inspected, target: Inspected) -> tuple[_Part, tuple[Inspected, Inspected]]:
    """Let both svmlight files count features from 0 where one of them does."""
    files = {side.domain == "svmlight": side for side in (source, target) if not side.option("zero_based")}
    other, part = files.get(True), _Part()
    if other is None or not any(side.option("zero_based") for side in (source, target)):
        return part, (source, target)
    why = "The other file has a feature with the index 0, so that this one is read in the same way."
    side = "source" if other is source else "target"
    setattr(part, side, (Choice("zero_based", True, why),))
    part.notes += (f"{other.path.name} is read as counting features from 0, as the other file does.",)
    wider = replace(other, n_features=other.n_features + 1)
    return part, (wider, target) if other is source else (source, wider)


def _columns_differ(source: Inspected, target: Inspected) -> str:
    lacking = [name for name in source.columns if name not in target.columns]
    if lacking:
        return f"{target.path} lacks columns of the source: {named(lacking)}."
    return f"{source.path} and {target.path} must have their columns in the same order."


def _scaling(source: Inspected) -> Iterable[Choice]:
    if source.domain == "svmlight":
        return
    if source.scales > MOST_SCALES:
        yield Choice(
            "standardise",
            True,
            f"Columns differ in spread by a factor of {source.scales:,.0f}, so that the widest would decide all. With"
            " this line, each is divided by its standard deviation in the source, in both domains alike.",
        )
    else:
        why = "Columns have similar spreads; this line would bring each to standard deviation 1 (of the source):"
        yield Choice("standardise", True, why, is_used=False)
