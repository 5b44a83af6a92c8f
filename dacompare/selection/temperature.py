"""Turn the scores of a linear SVM into probabilities."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.utils import column_or_1d

from dacompare.selection.candidate import check_labels, check_usable

# Beyond these the probabilities no longer change: uniform above, one-hot below.
COLDEST, HOTTEST = 1e-3, 1e3


def fit_temperature(decision: ArrayLike, y: ArrayLike, *, classes: ArrayLike | None = None) -> float:
    """Return the temperature at which softmax(decision / T) gives the labels the highest likelihood.

    Parameters
    ----------
    decision : array-like of shape (n, n_classes), or (n,) for two classes
        Scores of rows that the classifier was not trained on: on training rows it would be too sure.
    y : array-like of shape (n,)
        Their labels.
    classes : array-like of shape (n_classes,), optional
        The label of each column, the classifier's ``classes_``; by default the sorted labels in `y`.

    Returns
    -------
    float
        T in [0.001, 1000]; small where few rows are wrong, large where scores say nothing. Within these bounds, scores
        that are twice as large have twice the temperature, and so the same probabilities.

    Raises
    ------
    ValueError
        Where columns and labels do not fit together, and for scores that are not finite.

    Notes
    -----
    Where every row is right, the likelihood has no maximum: it grows without end as T falls. There one more row is
    counted, as wrong as chance: its label is spread evenly over the classes, and its scores over those of all rows.

    References
    ----------
    Guo, Pleiss, Sun & Weinberger 2017, On calibration of modern neural networks, section 4.2.

    Examples
    --------
    >>> fit_temperature([2.0, 2.0, 2.0, -2.0], ["dog", "dog", "cat", "cat"]) > 1
    True
    """
    scores = _two_columns(decision)
    column = _columns_of(column_or_1d(y), scores, classes)
    rows = np.arange(len(scores))
    chance_rows = 1 if (scores[rows, column] >= scores.max(axis=1)).all() else 0

    def loss(log_inverse: float) -> float:
        log_probabilities = log_softmax(scores * np.exp(log_inverse), axis=1)
        return -float(log_probabilities[rows, column].mean() + chance_rows * log_probabilities.mean() / len(rows))

    # Convex in 1/T, so one bounded search on its logarithm finds the only minimum.
    found = minimize_scalar(loss, bounds=(np.log(1 / HOTTEST), np.log(1 / COLDEST)), method="bounded")
    return float(np.exp(-found.x))


def fit_known_temperature(decision: ArrayLike, y: ArrayLike, *, classes: ArrayLike) -> float | None:
    """Return the temperature by the rows whose label is among the classes; None where there is no such row.

    Rows held out may be of a class that the classifier never met, for which it has no score.

    Parameters
    ----------
    decision, y, classes
        As in `fit_temperature`.

    Examples
    --------
    >>> decision, y = [2.0, 2.0, -2.0], ["dog", "cat", "cat"]
    >>> known = fit_temperature(decision, y, classes=["cat", "dog"])
    >>> fit_known_temperature([*decision, 0.5], [*y, "owl"], classes=["cat", "dog"]) == known
    True
    """
    labels, known_classes = column_or_1d(y), np.asarray(classes)
    check_labels(y=labels, classes=known_classes)
    known = np.isin(labels, known_classes)
    if not known.any():
        return None
    return fit_temperature(np.asarray(decision)[known], labels[known], classes=known_classes)


def svm_probabilities(decision: ArrayLike, T: float) -> NDArray[np.float64]:
    """Return softmax(decision / T), shape (n, n_classes).

    Parameters
    ----------
    decision : array-like of shape (n, n_classes), or (n,) for two classes
        Scores; a single column is that of the second class.
    T : float
        Temperature, above 0.

    Examples
    --------
    >>> svm_probabilities([0.0], T=2.0)
    array([[0.5, 0.5]])
    """
    if not T > 0:
        raise ValueError(f"T must be above 0, got {T!r}; fit_temperature finds one.")
    # As scipy's softmax, but in place: rows may be many, and several are asked about side by side.
    scaled = _two_columns(decision) / T
    scaled -= scaled.max(axis=1, keepdims=True)
    np.exp(scaled, out=scaled)
    scaled /= scaled.sum(axis=1, keepdims=True)
    return scaled


def _two_columns(decision: ArrayLike) -> NDArray[np.float64]:
    scores = np.asarray(decision, np.float64)
    # Two scores that differ by d give the same odds as a logistic of d.
    return np.stack([-scores / 2, scores / 2], axis=1) if scores.ndim == 1 else scores


def _columns_of(y: NDArray, scores: NDArray[np.float64], classes: ArrayLike | None) -> NDArray[np.intp]:
    if len(y) != len(scores) or not len(y):
        raise ValueError(f"decision and y must have as many rows, at least one, got {len(scores)} and {len(y)}.")
    check_usable(decision=scores)
    labels = np.unique(y) if classes is None else np.asarray(classes)
    if len(labels) != scores.shape[1]:
        raise ValueError(
            f"decision has {scores.shape[1]} classes, but there are {len(labels)} labels; pass"
            " classes=classifier.classes_ where some classes have no row in y."
        )
    check_labels(y=y, classes=labels)
    order = np.argsort(labels)
    column = order[np.minimum(np.searchsorted(labels, y, sorter=order), len(labels) - 1)]
    unknown = y[labels[column] != y].tolist()
    if unknown:
        raise ValueError(f"y holds {unknown[0]!r}, which is not among classes.")
    return column
