"""Bring columns to one scale, and say where they are on scales so different that the widest decides all."""

import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dacompare.domains.domain import Domain

MIN_ROWS = 10
"""Fewer say nothing of spreads."""
MOST_SCALES = 10.0
"""Factor between the spreads of columns, and between their distance from 0 and their spread, that is worth a word."""


def scales_of(deviations: np.ndarray) -> float:
    """Return by what factor the spreads of columns differ, constant ones left out.

    Examples
    --------
    >>> scales_of(np.array([0.5, 0.0, 50.0]))
    100.0
    """
    spread = deviations[deviations > 0]
    return float(spread.max() / spread.min()) if len(spread) else 1.0


def offset_of(mean: np.ndarray, deviation: np.ndarray) -> float:
    """Return how many times as far from 0 rows lie as from each other; 0 where all are the same.

    Examples
    --------
    >>> offset_of(np.array([30.0, 40.0]), np.array([3.0, 4.0]))
    10.0
    """
    spread = np.linalg.norm(deviation)
    return float(np.linalg.norm(mean) / spread) if spread > 0 else 0.0


def unequal_scales(X: np.ndarray) -> str:
    """Return what is wrong with the scales of columns; an empty text where nothing is.

    A linear classifier goes by the widest columns, or by what all rows have in common where they lie far from 0. A
    method that standardises columns then gains without adapting to anything. Images are left alone, and so are counts
    and rare marks, columns of which most are 0.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        Source rows.

    Examples
    --------
    >>> rows = np.arange(10.0)[:, np.newaxis]
    >>> unequal_scales(rows * [1.0, 1000.0])
    'columns differ in spread by a factor of 1,000'
    >>> unequal_scales(rows + 1000)
    'rows lie 350 times as far from 0 as from each other'
    >>> unequal_scales(rows * [1.0, 3.0])
    ''
    """
    if X.ndim != 2 or len(X) < MIN_ROWS:
        return ""
    X = X[:, np.count_nonzero(X, axis=0) >= len(X) / 2]
    mean, deviation = X.mean(axis=0, dtype=np.float64), X.std(axis=0, dtype=np.float64)
    scales = scales_of(deviation)
    if scales > MOST_SCALES:
        return f"columns differ in spread by a factor of {scales:,.0f}"
    offset = offset_of(mean, deviation)
    return f"rows lie {offset:,.0f} times as far from 0 as from each other" if offset > MOST_SCALES else ""


def unit_variance_of(X: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return what subtracts the mean of each column of X, and divides by its standard deviation.

    Columns that are constant in X are only shifted.

    Examples
    --------
    >>> unit_variance_of(np.array([[0.0], [2.0]]))(np.array([[5.0]]))
    array([[4.]])
    """
    mean, deviation = X.mean(axis=0, dtype=np.float64), X.std(axis=0, dtype=np.float64)
    deviation[deviation == 0] = 1.0
    return lambda rows: ((rows - mean) / deviation).astype(np.result_type(rows, np.float32))


def on_one_scale(source: Domain, unit_variance: bool) -> Callable[[Domain], Domain]:
    """Return what brings domains to the scale of the source where that is asked for, and else leaves them.

    Parameters
    ----------
    source : Domain
    unit_variance : bool
        Whether each column is brought to mean 0 and standard deviation 1 of the source.

    Raises
    ------
    ValueError
        Where it is asked for images.

    Warns
    -----
    UserWarning
        Where it is not asked for, and columns need it.

    Examples
    --------
    >>> source, target = Domain([[0.0], [2.0]], [0, 1]), Domain([[5.0]])
    >>> on_one_scale(source, True)(target).X
    array([[4.]])
    """
    if not unit_variance:
        if problem := unequal_scales(source.X):
            warnings.warn(
                f"X_source: {problem}, and a method that scales columns would seem to adapt; unit_variance=True brings"
                " each column to mean 0 and standard deviation 1 of the source, in both domains alike.",
                UserWarning,
                stacklevel=3,
            )
        return lambda domain: domain
    if source.kind == "image":
        raise ValueError("unit_variance=True is for columns of features; networks centre images by themselves.")
    scale = unit_variance_of(source.X)
    # Rows of another shape are refused in words a little later.
    return lambda own: replace(own, X=scale(own.X)) if own.row_shape == source.row_shape else own
