"""Find values so far from all others of their column that they may be marks, such as −9999 for what is missing."""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from dacompare.domains.domain import Domain
from dacompare.domains.scales import MIN_ROWS

FAR_ONCE, FAR_OFTEN = 1000.0, 30.0
"""Distances from the median, in widths between the quartiles: for any value, and for one that comes often."""
OFTEN = 3
CELLS = 1_000_000
"""For the quartiles; of more, every second row, every third, ... is enough."""


def far_values(X: np.ndarray, names: Sequence[str] = ()) -> str:
    """Return which column holds values far from all others; an empty text where none does.

    A mark for a missing value that was taken for a number moves means and covariances, which methods align, and the
    norm of rows, by which features are scaled. Columns whose quartiles are one value are left alone: there a rare
    value is what the column tells.

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
    "column 'weight' holds -9999 in 4 of 20 rows, 527 times as far from the median as the quartiles are apart"
    """
    if X.ndim != 2 or len(X) < MIN_ROWS or not X.size:
        return ""
    every = -(-len(X) // max(100, CELLS // X.shape[1]))
    low, median, high = np.percentile(np.asarray(X[::every], dtype=np.float64), [25, 50, 75], axis=0)
    width = high - low
    found: dict[int, str] = {}
    for ends in (X.min(axis=0), X.max(axis=0)):
        away = np.abs(ends.astype(np.float64) - median)
        for column in np.flatnonzero((width > 0) & (away > FAR_OFTEN * width)).tolist():
            count = int(np.count_nonzero(X[:, column] == ends[column]))
            times = away[column] / width[column]
            if times > FAR_ONCE or count >= OFTEN:
                name = names[column] if len(names) else column
                found[column] = (
                    f"column {name!r} holds {ends[column]:.6g} in {count:,} of {len(X):,} rows, {times:,.3g} times as"
                    " far from the median as the quartiles are apart"
                )
    more = f"; so do {len(found) - 1:,} more columns" if len(found) > 2 else "; so does 1 more column"
    return next(iter(found.values()), "") + (more if len(found) > 1 else "")


def warn_far_values(domains: Mapping[str, Domain]) -> None:
    """Warn of features that hold values far from all others.

    Examples
    --------
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     warn_far_values({"target": Domain([[float(k)] for k in range(19)] + [[1e9]])})
    >>> print(caught[0].message)
    target: column 0 holds 1e+09 in 1 of 20 rows, 1.05e+08 times as far from the median as the quartiles are apart;
    where that stands for a missing value, leave such rows out or fill them in, as it moves what all methods go by.
    """
    for name, domain in domains.items():
        if said := far_values(domain.X, domain.feature_names or ()):
            warnings.warn(
                f"{name}: {said}; where that stands for a missing value, leave such rows out or fill them in, as it"
                " moves what all methods go by.",
                UserWarning,
                stacklevel=4,
            )
