"""Check that the domains of one transfer belong together: rows of one kind, known labels, test sets apart."""

import warnings
from collections.abc import Iterable, Mapping

import numpy as np

from dacompare.domains.checks import first_difference
from dacompare.domains.domain import Domain

UNKNOWN = (
    "; where that stands for an unknown label, give the rows with labels as X_target_test and y_target_test, and leave"
    " y_target out"
)


def check_same_rows(domains: Mapping[str, Domain]) -> None:
    """Check that all domains hold rows of one kind, shape and pixel range, and columns of one order.

    Parameters
    ----------
    domains : mapping of str to Domain
        What the caller calls each domain, and the domain; the first is what the others are compared with.

    Raises
    ------
    ValueError
        Naming the first two domains that differ, with both values.

    Examples
    --------
    >>> check_same_rows({"source": Domain([[1.0, 2.0]]), "target": Domain([[1.0]])})
    Traceback (most recent call last):
        ...
    ValueError: source and target must have rows of one shape, got (2,) and (1,); give both the same columns.
    """
    (first_name, first), *others = domains.items()
    for name, domain in others:
        pair = f"{first_name} and {name}"
        if first.kind != domain.kind:
            raise ValueError(
                f"{pair} must both be images or both be feature vectors, got {first.kind} and {domain.kind}."
            )
        if first.row_shape != domain.row_shape:
            hint = "resize one of them" if first.kind == "image" else "give both the same columns"
            raise ValueError(
                f"{pair} must have rows of one shape, got {first.row_shape} and {domain.row_shape}; {hint}."
            )
        if first.kind == "image" and (first.X.dtype == np.uint8) != (domain.X.dtype == np.uint8):
            raise ValueError(
                f"{pair} must have one pixel range, got {first.X.dtype} and {domain.X.dtype}; uint8 images"
                " are 0..255, float images 0..1: divide the uint8 images by 255."
            )
        if first.feature_names and domain.feature_names and first.feature_names != domain.feature_names:
            k = first_difference(first.feature_names, domain.feature_names)
            raise ValueError(
                f"{pair} must have the same columns in the same order, but column {k} is"
                f" {first.feature_names[k]!r} and {domain.feature_names[k]!r}."
            )


def check_labels(domains: Mapping[str, Domain]) -> None:
    """Check that the source has labels of two classes or more, and that no other label is new.

    Raises
    ------
    ValueError
        Where the source has no labels, one class or fractions, or where another domain has a label that it lacks.

    Examples
    --------
    >>> source = Domain([[1.0], [2.0]], ["a", "b"])
    >>> check_labels({"source": source, "target": Domain([[1.0]], ["c"])})
    Traceback (most recent call last):
        ...
    ValueError: target has 1 label unseen in source: 'c'; drop these rows (1 of 1): new classes in the target
    are not supported.
    """
    (name, source), *others = domains.items()
    if source.y is None:
        raise ValueError(f"{name} must have labels, got y=None; only the target may be unlabelled.")
    if source.y.dtype.kind == "f" and (source.y % 1).any():
        first = source.y[source.y % 1 != 0][0]
        raise ValueError(
            f"{name} has labels that are fractions, such as {first:g}, which classifiers refuse as quantities;"
            " name classes by whole numbers or by text, for instance with y.astype(str)."
        )
    known = set(source.y.tolist())
    if len(known) < 2:
        raise ValueError(f"{name} must have at least two classes, got only {next(iter(known))!r}.")
    for other, domain in others:
        if domain.y is None:
            continue
        labels = domain.y.tolist()
        new = set(labels) - known
        if new:
            plural = "s" if len(new) > 1 else ""
            raise ValueError(
                f"{other} has {len(new)} label{plural} unseen in {name}: {_some(new)}; drop these rows"
                f" ({sum(label in new for label in labels)} of {domain.n_rows}): new classes in the target"
                f" are not supported{UNKNOWN if new == {-1} else ''}."
            )


def check_split(y: np.ndarray | None, train: np.ndarray, test_size: float, *, by_groups: bool = False) -> None:
    """Check that a random split left rows of every class to train on.

    Parameters
    ----------
    y : ndarray of shape (n,) or None
        Labels before the split.
    train : ndarray of int
        Rows that are trained on.
    test_size : float
        What was asked for.
    by_groups : bool
        Whether whole groups were shared out.

    Raises
    ------
    ValueError
        With the class that is lost, and what would keep it.

    Examples
    --------
    >>> check_split(np.array(["a", "b"]), np.array([0]), 0.2)
    Traceback (most recent call last):
        ...
    ValueError: test_size=0.2 leaves no row of class 'b' to train on, as there are too few rows to share out; pass
    test_size=None to keep all 2 rows for training, or give more rows.
    """
    lost = set() if y is None else set(y.tolist()) - set(y[train].tolist())
    if y is None or not lost:
        return
    why, more = "there are too few rows to share out", "give more rows"
    if by_groups:
        why, more = "all rows of a group stay together", "give each class two groups or more"
    raise ValueError(
        f"test_size={test_size!r} leaves no row of class {_some(lost)} to train on, as {why}; pass test_size=None to"
        f" keep all {len(y)} rows for training, or {more}."
    )


def check_groups_apart(domains: Mapping[str, Domain]) -> None:
    """Check that no group has rows in a training set and in a test set.

    Within one domain that is an error. Between the source and the target test set it is a warning, since a
    chance equality of two unrelated numberings looks the same.

    Raises
    ------
    ValueError
        Where a domain and its own test set share a group.

    Examples
    --------
    >>> train, test = Domain([[1.0]], groups=[7]), Domain([[2.0]], groups=[7])
    >>> check_groups_apart({"source": train, "source_test": test})
    Traceback (most recent call last):
        ...
    ValueError: source and source_test share 1 group: 7; all rows of a group must be on one side (see
    split_rows).
    """
    judged = "target_test" if "target_test" in domains else "target"
    for train, test in (("source", "source_test"), ("target", "target_test"), ("source", judged)):
        shared = _shared_groups(domains.get(train), domains.get(test))
        if not shared:
            continue
        text = f"{train} and {test} share {len(shared)} group{'s' if len(shared) > 1 else ''}: {_some(shared)}"
        if test.startswith(train):
            raise ValueError(f"{text}; all rows of a group must be on one side (see split_rows).")
        warnings.warn(
            f"{text}; if these are the same things, the test set is not independent of the source labels; if"
            " not,"
            " number the groups of both domains differently.",
            UserWarning,
            stacklevel=4,
        )


def warn_constant_features(domains: Mapping[str, Domain]) -> None:
    """Warn of feature columns that hold one value only, and of images that are all of one colour.

    Border pixels that never change are normal, so that images are only judged as a whole.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     warn_constant_features({"source": Domain([[1.0, 2.0], [3.0, 2.0]])})
    >>> print(caught[0].message)
    1 of 2 features of source is constant, the first is column 1; such columns say nothing about the
    classes.
    """
    for name, domain in domains.items():
        columns = domain.X if domain.kind == "features" else domain.X.reshape(1, -1).T
        constant = np.flatnonzero(columns.min(axis=0) == columns.max(axis=0))
        if domain.n_rows < 2 or not len(constant):
            continue
        verb = "is" if len(constant) == 1 else "are"
        text = f"{len(constant)} of {columns.shape[1]} features of {name} {verb} constant"
        column = domain.feature_names[constant[0]] if domain.feature_names else int(constant[0])
        message = f"{text}, the first is column {column!r}; such columns say nothing about the classes."
        if domain.kind == "image":
            message = f"all pixels of {name} have one value, {columns[0, 0]}; is this the right array?"
        warnings.warn(message, UserWarning, stacklevel=4)


def _shared_groups(first: Domain | None, second: Domain | None) -> set[object]:
    if first is None or second is None or first.groups is None or second.groups is None:
        return set()
    return set(first.groups.tolist()) & set(second.groups.tolist())


def _some(values: Iterable[object]) -> str:
    ordered = sorted(values, key=lambda value: (str(type(value)), value))
    return ", ".join(map(repr, ordered[:5])) + (", …" if len(ordered) > 5 else "")
