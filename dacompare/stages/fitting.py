"""Fit a row's estimator, at fewer dimensions than it comes with where the rows do not have so many."""

import warnings
from bisect import bisect_left
from typing import Any

from numpy.typing import NDArray


def fit_default(estimator: Any, X: NDArray[Any], y: Any, X_target: NDArray[Any]) -> Any:
    """Fit an estimator whose dimension nobody asked for: its own, or the largest below it that these rows allow.

    How many they allow depends on the method: on the rank of one domain or of both, or on that of a kernel. So the
    estimator is asked: it refuses what is too much. Where its own dimension fits, nothing is computed twice; else a
    handful of smaller ones is tried, by halving.

    Parameters
    ----------
    estimator : estimator
        With ``fit(X, y, X_target=...)``; its dimension is `n_components`, if it has one.
    X, y, X_target : arrays
        Source rows, their labels, and target rows.

    Warns
    -----
    UserWarning
        Of the dimension that was taken instead.

    Examples
    --------
    >>> import numpy as np
    >>> from dacompare.shallow import SubspaceAlignment
    >>> X = np.random.default_rng(0).normal(size=(9, 4)) * [1, 1, 1, 0]  # a constant column
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     fit_default(SubspaceAlignment(20), X, None, X + 1).n_components_
    3
    """
    most = getattr(estimator, "n_components", None)

    def refuses(dimension: int) -> bool:
        estimator.n_components = dimension
        with warnings.catch_warnings():  # of a dimension that is only tried
            warnings.simplefilter("ignore")
            try:
                estimator.fit(X, y, X_target=X_target)
            except ValueError:
                return True
        return False

    try:
        return estimator.fit(X, y, X_target=X_target)
    except ValueError:
        allowed = bisect_left(range(1, most), True, key=refuses) if isinstance(most, int) else 0
        if not allowed:  # one dimension is refused, too: the reason is another
            raise
    warnings.warn(
        f"By default {most} dimensions would be kept; these rows allow {allowed}, which are kept.",
        UserWarning,
        stacklevel=2,
    )
    estimator.n_components = allowed
    return estimator.fit(X, y, X_target=X_target)
