"""Find values so far from all others of their column that they may be marks, such as −9999 for what is missing."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dacompare.domains.scales import MIN_ROWS

FAR_ONCE, FAR_OFTEN = 1000.0, 30.0
"""Distances from the median, in widths between the quartiles: for any value, and for one that comes often."""
OFTEN = 3
HEAVY = 0.2, 0.8
"""Share of one value from which on it would be a quartile itself, and up to which it may still be a mark."""
CELLS = 1_000_000
"""For the quartiles; of more, every second row, every third, ... is enough."""


def far_values(X: np.ndarray, names: Sequence[str] = ()) -> str:
    """Return which column holds values far from all others; an empty text where none does.

    A mark for a missing value that was taken for a number moves means and covariances, which methods align, and the
    norm of rows, by which features are scaled. What is far lies many widths between the quartiles from the median, with
    nothing on at least half of the way there: a long tail has values all along. Columns of which the rest is one value
    are left alone, as a rare value is what such a column tells.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
    names : sequence of str, optional
        Of the columns.

    Examples
    --------
    >>> rows = np.arange(40.0).reshape(20, 2)
    >>> far_values(rows)
    ''
    >>> rows[:4, 1] = -9999
    >>> far_values(rows, ["height", "weight"])
    "column 'weight' holds -9999 in 4 of 20 rows, 668 times as far from the median as the quartiles are apart"
    """
    if X.ndim != 2 or len(X) < MIN_ROWS or not X.size:
        return ""
    some = np.asarray(X[:: -(-len(X) // max(100, CELLS // X.shape[1]))], dtype=np.float64)
    low, median, high = np.percentile(some, [25, 50, 75], axis=0)
    found: dict[int, str] = {}
    for ends in (X.min(axis=0), X.max(axis=0)):
        end = ends.astype(np.float64)
        share = (some == end).mean(axis=0)
        far = (high > low) & (np.abs(end - median) > FAR_OFTEN * (high - low))
        for column in np.flatnonzero(far | ((share >= HEAVY[0]) & (share <= HEAVY[1]))).tolist():
            rest = some[some[:, column] != end[column], column] if share[column] >= HEAVY[0] else some[:, column]
            count, times = _mark(X[:, column].astype(np.float64), rest, float(end[column]))
            if count:
                name = names[column] if len(names) else column
                found[column] = (
                    f"column {name!r} holds {ends[column]:.6g} in {count:,} of {len(X):,} rows, {times:,.3g} times as"
                    " far from the median as the quartiles are apart"
                )
    more = f"; so do {len(found) - 1:,} more columns" if len(found) > 2 else "; so does 1 more column"
    return next(iter(found.values()), "") + (more if len(found) > 1 else "")


def _mark(values: NDArray[np.float64], rest: NDArray[np.float64], end: float) -> tuple[int, float]:
    """Return how often the smallest or largest value of a column comes, and how far away it is; 0 where it is no mark.

    The distance is in widths between the quartiles of the rest.
    """
    low, median, high = np.percentile(rest, [25, 50, 75])
    count, width = int(np.count_nonzero(values == end)), float(high - low)
    if width <= 0 or not abs(end - median) > (FAR_OFTEN if count >= OFTEN else FAR_ONCE) * width:
        return 0, 0.0
    away = np.abs(values - median)[(values > median) == (end > median)]  # those on its side
    far = away > FAR_OFTEN * width
    nearest, last = float(away[far].min()), float(away[~far].max(initial=0.0))
    return (count, abs(end - median) / width) if nearest - last >= nearest / 2 else (0, 0.0)
