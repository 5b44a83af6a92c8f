"""Check source rows and their labels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d, validate_data

from dacompare.domains.unwrapping import unwrap


def check_labelled_source(
    estimator: Any, X: Any, y: Any, *, dtype: Any = np.float64
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return source rows and their labels, or say what is wrong with them; the estimator remembers their features.

    Parameters
    ----------
    estimator : estimator
        Whose ``fit`` it is.
    X : array-like of shape (n_source, n_features) or Domain
    y : array-like of shape (n_source,)
        Labels of two classes at least.
    dtype : dtype or tuple of dtypes
        Of the rows.

    Raises
    ------
    TypeError, ValueError
        For what is no array of rows, NaN or infinity, and as `source_labels` and `check_two_classes`.

    Examples
    --------
    >>> from dacompare.shallow import SubspaceSweep
    >>> rows, labels = check_labelled_source(SubspaceSweep(), [[1], [2]], ["cat", "dog"])
    >>> rows.tolist(), labels.tolist()
    ([[1.0], [2.0]], ['cat', 'dog'])
    """
    rows = validate_data(estimator, unwrap(X, named=True), dtype=dtype, ensure_min_samples=2)
    labels = source_labels(y, len(rows), type(estimator).__name__)
    check_two_classes(np.unique(labels))
    return rows, labels


def source_labels(y: Any, n_source: int, needed_by: str) -> NDArray[Any]:
    """Return the labels that a method needs.

    Parameters
    ----------
    y : array-like of shape (n_source,)
        Labels of any type that can be sorted.
    n_source : int
        How many there must be.
    needed_by : str
        Who asks, for the message.

    Raises
    ------
    ValueError
        Where there are no labels, not as many as rows, NaN or infinity, or numbers that are no classes.

    Examples
    --------
    >>> source_labels(["cat", "dog"], 2, "PLS").tolist()
    ['cat', 'dog']
    """
    if y is None:
        raise ValueError(f"{needed_by} requires y to be passed, but the target y is None: pass labels of the source.")
    check_labels_of_source(y, n_source)
    labels = column_or_1d(y, warn=True)
    assert_all_finite(labels, input_name="y")
    check_classification_targets(labels)
    return labels


def check_labels_of_source(y: Any, n_source: int) -> None:
    """Say so where what stands in the place of the labels is something else, such as the target rows.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> check_labels_of_source([[0.0, 1.0], [2.0, 3.0]], 2)
    Traceback (most recent call last):
        ...
    ValueError: y must hold one label for each of the 2 source rows, got shape (2, 2); target rows go into
    fit(X, y, X_target=...).
    """
    shape = np.asarray(y).shape if y is not None else (n_source,)
    if shape not in ((n_source,), (n_source, 1)):
        raise ValueError(
            f"y must hold one label for each of the {n_source} source rows, got shape {shape}; target rows go into"
            " fit(X, y, X_target=...)."
        )


def check_two_classes(classes: NDArray[Any]) -> None:
    """Refuse a single class, by its name.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> check_two_classes(np.array([7]))
    Traceback (most recent call last):
        ...
    ValueError: y must hold at least two classes to train on, got one class, 7.
    """
    if len(classes) < 2:
        raise ValueError(f"y must hold at least two classes to train on, got one class, {classes.tolist()[0]!r}.")
