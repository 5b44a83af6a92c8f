"""Hold what a validator may look at, and what it says."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dacompare.checks import check_number

Predict = Callable[[NDArray], NDArray]
"""Rows -> labels."""

Refit = Callable[[NDArray, NDArray, NDArray, NDArray], NDArray]
"""(X_target, pseudo labels, X_source, X_source_test) -> labels of X_source_test."""

# Probabilities of a network may be float32, or have gone through a file of few digits.
ROUNDING = 1e-2

SOURCE_TEST_ROWS = ("y_source_test", "source_test_predictions", "source_test_features")
TARGET_ROWS = ("target_features", "target_predictions", "target_probabilities")
FEATURES = ("source_test_features", "target_features", "source_features")

LABELS = ("y_source_test", "source_test_predictions", "target_predictions")
AXES = {
    **dict.fromkeys(LABELS, 1),
    "target_probabilities": 2,
    **dict.fromkeys(FEATURES, None),
}
"""Entries that are arrays, and how many axes they have; None for rows of features or images, which have two or more."""


@dataclass(frozen=True)
class Candidate:
    """What a validator may look at; there is no place for a target label.

    Parameters
    ----------
    y_source_test : ndarray of shape (n_source_test,), optional
        Labels of source rows that nothing was trained on.
    source_test_predictions : ndarray of shape (n_source_test,), optional
        What the candidate's classifier says about them.
    source_test_features : ndarray of shape (n_source_test, n_features), optional
        The same rows, as the classifier sees them.
    target_features : ndarray of shape (n_target, n_features), optional
        Target rows, as the classifier sees them.
    target_predictions : ndarray of shape (n_target,), optional
    target_probabilities : ndarray of shape (n_target, n_classes), optional
        Each row sums to 1.
    domain_error : float, optional
        Error of a classifier that tells the domains apart by these features, in [0, 1]; NaN where there is none.
    source_features : ndarray of shape (n_source, n_features), optional
        Source rows that the candidate was trained on, without labels.
    predict_target : callable, optional
        ``predict_target(rows) -> labels`` of new rows, of the kind that `target_features` holds.
    refit : callable, optional
        ``refit(X_target, pseudo_labels, X_source, X_source_test) -> labels of X_source_test``: trains the same
        method the other way round, with target rows as its labelled source and `X_source` as its unlabelled
        target. It gets the candidate's features; a method that starts from other rows (images, say) takes
        those instead, in the same order.
    n_classes : int, optional
        How many classes there are; by default as many as labels in `y_source_test` and `target_predictions` together.

    Raises
    ------
    ValueError
        Where two entries that describe the same rows differ in length, rows of two domains in their features, an array
        has another shape, labels are text in one entry and numbers in another, rows of probabilities do not sum to 1,
        or the domain error is none.
    """

    y_source_test: NDArray | None = None
    source_test_predictions: NDArray | None = None
    source_test_features: NDArray | None = None
    target_features: NDArray | None = None
    target_predictions: NDArray | None = None
    target_probabilities: NDArray | None = None
    domain_error: float | None = None
    source_features: NDArray | None = None
    predict_target: Predict | None = None
    refit: Refit | None = None
    n_classes: int | None = None
    _known: dict[str, NDArray] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, axes in AXES.items():
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, _array(name, value, axes))
        check_labels(**{name: value for name in LABELS if (value := getattr(self, name)) is not None})
        if self.target_probabilities is not None:
            check_probabilities("target_probabilities", self.target_probabilities)
        if self.domain_error is not None and not math.isnan(self.domain_error):
            check_number("domain_error", self.domain_error, at_least=0, at_most=1)
        if self.n_classes is None and self.y_source_test is not None and self.target_predictions is not None:
            object.__setattr__(self, "n_classes", len(np.union1d(self.y_source_test, self.target_predictions)))
        for group in (SOURCE_TEST_ROWS, TARGET_ROWS):
            sizes = {name: len(value) for name in group if (value := getattr(self, name)) is not None}
            if len(set(sizes.values())) > 1:
                said = ", ".join(f"{name} has {size}" for name, size in sizes.items())
                raise ValueError(f"{said} rows; all must describe the same rows.")
        shapes = {name: value.shape[1:] for name in FEATURES if (value := getattr(self, name)) is not None}
        if len(set(shapes.values())) > 1:
            said = ", ".join(f"{name} has rows of shape {shape}" for name, shape in shapes.items())
            raise ValueError(f"{said}; all must hold the same features.")


@dataclass(frozen=True)
class Validator:
    """One way to judge candidates without target labels.

    Parameters
    ----------
    name : str
        Its key in `VALIDATORS`.
    higher_is_better : bool
    needs : tuple of str
        Fields of `Candidate` that must be known.
    score : callable or None
        Candidate -> float; raises `CannotScore` where there is no value. None where candidates can only be
        ranked among each other.
    note : str
        One sentence for readers of a report.
    """

    name: str
    higher_is_better: bool
    needs: tuple[str, ...]
    score: Callable[[Candidate], float] | None
    note: str


@dataclass(frozen=True)
class ValidatorScore:
    """What a validator says about one candidate: a value, or the reason why there is none."""

    value: float | None
    seconds: float
    reason: str | None


def _array(name: str, value: object, axes: int | None) -> NDArray:
    array = np.asarray(value)
    if array.ndim != axes if axes else array.ndim < 2:
        wanted = {1: "one label a row, shape (n,)", 2: "shape (n, n_classes)", None: "rows, shape (n, n_features)"}[
            axes
        ]
        raise ValueError(f"{name} must hold {wanted}, got shape {array.shape}.")
    return array


def check_labels(**labels: NDArray) -> None:
    """Stop where no label could ever equal another: text on one side and numbers on the other.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> check_labels(y=np.array([0, 1]), predictions=np.array(["0", "1"]))
    Traceback (most recent call last):
        ...
    ValueError: y has int64, predictions has <U1; labels must be of one type in all of them.
    """
    text = {name: array.dtype.kind in "OSU" for name, array in labels.items()}
    if len(set(text.values())) > 1:
        said = ", ".join(f"{name} has {array.dtype}" for name, array in labels.items())
        raise ValueError(f"{said}; labels must be of one type in all of them.")


def check_probabilities(name: str, probabilities: NDArray) -> None:
    """Say so where rows are no probabilities of classes; what is not finite is a reason of its own, for others to give.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> check_probabilities("probabilities", np.array([[0.5, 0.5], [1.0, 1.0]]))
    Traceback (most recent call last):
        ...
    ValueError: probabilities must be from 0 on and sum to 1 in each row, row 1 sums to 2.0.
    """
    if not probabilities.size:
        return
    total, least = probabilities.sum(axis=1), probabilities.min(axis=1)
    wrong = np.isfinite(total) & ((np.abs(total - 1) > ROUNDING) | (least < -ROUNDING))
    if wrong.any():
        row = int(wrong.argmax())
        fault = f"holds {least[row]}" if least[row] < -ROUNDING else f"sums to {total[row]}"
        raise ValueError(f"{name} must be from 0 on and sum to 1 in each row, row {row} {fault}.")


class CannotScore(ValueError):
    """Raised by a validator for a candidate that it has no value for; the message is the reason."""


def unusable(name: str, value: object) -> str | None:
    """Return why an entry of a candidate cannot be used: it is empty, or holds numbers that are not finite.

    Examples
    --------
    >>> unusable("target_features", np.array([[np.inf]]))
    'target_features is not finite'
    """
    if not isinstance(value, np.ndarray):
        return None
    if not value.size:
        return f"{name} is empty"
    return f"{name} is not finite" if value.dtype.kind == "f" and not np.isfinite(value).all() else None


def check_usable(**arrays: NDArray) -> None:
    """Stop where an array is empty or holds numbers that are not finite.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> check_usable(y=np.array([0, 1]), X_target=np.zeros((0, 2)))
    Traceback (most recent call last):
        ...
    ValueError: X_target is empty; pass at least one row, and leave out those with NaN or infinity.
    """
    for name, array in arrays.items():
        if reason := unusable(name, array):
            raise ValueError(f"{reason}; pass at least one row, and leave out those with NaN or infinity.")


def flat_rows(X: NDArray) -> NDArray[np.float64]:
    """Return rows as a float64 matrix; images are flattened.

    Examples
    --------
    >>> flat_rows(np.zeros((3, 2, 2), np.uint8)).shape
    (3, 4)
    """
    rows = np.asarray(X, np.float64)
    return rows.reshape(len(rows), int(np.prod(rows.shape[1:])))
