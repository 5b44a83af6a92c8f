"""Map rows by an estimator, and refuse in words what no classifier could be trained on."""

from typing import Any

import numpy as np


def mapped_rows(estimator: Any, X: Any, domain: str) -> Any:
    """Return what an estimator's ``transform`` makes of rows of a domain, untouched, once it is known to be rows.

    A classifier would refuse the rest, too, but it would be the one to be named, and some print the whole array.

    Parameters
    ----------
    estimator : estimator
        Its ``transform`` may take ``domain``.
    X : array of shape (n, n_features)
    domain : {"source", "target"}

    Raises
    ------
    ValueError
        Where that is no 2-D array, has another number of rows, or holds numbers that are not finite.

    Examples
    --------
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> mapped_rows(FunctionTransformer(lambda X: X[:, 0]), np.zeros((3, 2)), "target")
    Traceback (most recent call last):
        ...
    ValueError: FunctionTransformer.transform must return a 2-D array with a row for each that it is given, but of
        target rows of shape (3, 2) it made shape (3,)
    """
    from dacompare.shallow.rows import apply_in_domain

    rows = apply_in_domain(estimator.transform, X, domain)
    name, given = f"{type(estimator).__name__}.transform", f"of {domain} rows of shape {np.shape(X)} it made"
    try:
        shape = np.shape(rows)
    except ValueError:  # parts of several lengths
        shape = None
    if shape is None or len(shape) != 2 or shape[0] != len(X):
        made = type(rows).__name__ if not shape else f"shape {shape}"
        raise ValueError(f"{name} must return a 2-D array with a row for each that it is given, but {given} {made}")
    if wrong := count_not_finite(rows):
        raise ValueError(
            f"{name} must return finite numbers, but {given} {wrong} of {shape[0] * shape[1]} NaN or infinite"
        )
    return rows


def count_not_finite(rows: Any) -> int:
    """Return how many numbers are NaN or infinite; anything but an array of floats has none.

    Examples
    --------
    >>> count_not_finite([[0.0, np.nan], [np.inf, -np.inf]]), count_not_finite([[1, 2]])
    (3, 0)
    """
    values = np.asarray(rows)
    if values.dtype.kind != "f":
        return 0
    with np.errstate(all="ignore"):  # a sum is cheaper than a look at each number, and may overflow where all are fine
        total = values.sum(dtype=np.float64)
    return 0 if np.isfinite(total) else values.size - int(np.isfinite(values).sum())
