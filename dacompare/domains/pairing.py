"""Look at two places and decide how they can be compared: sizes, classes, columns, and how the target is judged."""

from dataclasses import dataclass, replace
from pathlib import Path

from dacompare.domains.harmonising import Label
from dacompare.domains.inspected import Choice, Inspected
from dacompare.domains.inspecting import inspect_domain
from dacompare.domains.pairing_labels import decide_labels
from dacompare.domains.pairing_rows import decide_features, decide_images

FEW_TARGETS = 500
"""Labelled target rows below which all are judged, as a fifth of them would be too few."""


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
    if Path(test.path).resolve() == Path(target.path).resolve():
        raise ValueError(
            f"--target-test {test.path} is the target itself: leave it out, and the target is adapted to and judged on"
            " as a whole."
        )
    if not test.labels:
        raise ValueError(f"--target-test {test.path} has no labels, and it is there to judge on: leave it out.")
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
    if source.path == target.path and source.domain != "npz":  # one npz file may hold both
        notes.append(
            "source and target are one place: there is nothing to adapt to, and the bound is the source's own."
        )
    labels = decide_labels(source, target, test, unlabelled)
    rows = decide_images(source, target) if source.is_image else decide_features(source, target)
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
