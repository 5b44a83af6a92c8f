"""Learn on one half of the rows of two domains, and judge on the other."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.decomposition import PCA

from dacompare.divergence.drawing import MAX_FEATURES, DrawnRows, balanced, draw_rows, pair_and_groups
from dacompare.domains import split_rows
from dacompare.standardising import standardise
from dacompare.statistics import FEWEST_GROUPS, wilson_interval

BOOTSTRAPS = 1000


def draw_pair(
    X_source: Any,
    X_target: Any,
    groups_source: ArrayLike | None,
    groups_target: ArrayLike | None,
    max_rows: int,
    random_state: int,
    *,
    keep_type: bool = False,
) -> DrawnRows:
    """Check the rows of two domains, and draw equally many of each.

    Which rows depends on their numbers, `max_rows` and `random_state` alone, so that every measure and every
    set of features sees the same ones.

    Parameters
    ----------
    X_source, X_target : array-like of shape (n, ...) or Domain
    groups_source, groups_target : array-like of shape (n,), optional
        By default those of a `Domain`.
    max_rows : int
    random_state : int
    keep_type : bool
        Leave pixels as the bytes that they are, for :func:`scale_halves`; False: float64.

    Raises
    ------
    ValueError
        For fewer than four rows in a domain, or different features.

    Examples
    --------
    >>> draw_pair(np.zeros((9, 2)), np.ones((7, 2)), None, None, 5, 0).X.shape
    (10, 2)
    """
    rows_and_groups = pair_and_groups(X_source, X_target, groups_source, groups_target)
    return draw_rows(*rows_and_groups, max_rows, random_state, keep_type=keep_type)


def split_halves(drawn: DrawnRows, random_state: int) -> tuple[DrawnRows, DrawnRows]:
    """Return a training and a test half; no group is in both, and in training both domains have equally many rows.

    Raises
    ------
    ValueError
        Where the groups leave one half without rows of one domain.

    Examples
    --------
    >>> train, test = split_halves(DrawnRows(np.zeros((12, 1)), np.repeat([0, 1], 6), None), 0)
    >>> train.domain.tolist(), test.domain.tolist()
    ([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1])
    """
    kept, held = split_rows(drawn.domain, drawn.groups, 0.5, random_state)
    train, test = balanced(drawn.take(kept), random_state), drawn.take(held)
    for name, half in (("training", train), ("test", test)):
        if len(np.unique(half.domain)) < 2:
            raise ValueError(
                f"groups leave the {name} half without rows of one domain; there must be at least two groups"
                " in each domain."
            )
    return train, test


def scale_halves(
    train: DrawnRows, test: DrawnRows, random_state: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], int | None]:
    """Return the features of both halves, scaled as the training half asks, and how many directions were kept.

    Returns
    -------
    X, X_test : ndarray of shape (n, n_kept)
    kept : int or None
        Principal directions, where there were more than 200 features; None where nothing was cut.

    Examples
    --------
    >>> half = DrawnRows(np.array([[1.0], [3.0]]), np.array([0, 1]), None)
    >>> scale_halves(half, half, 0)[0].ravel().tolist()
    [-1.0, 1.0]
    """
    # Pixels are many columns with few digits each: twice the memory would tell nothing more about them.
    is_wide = train.X.dtype in (np.float32, np.uint8) and train.X.shape[1] > MAX_FEATURES
    dtype = np.float32 if is_wide else np.float64
    X: NDArray[Any] = train.X.astype(dtype)
    scale = standardise(X)
    if X.shape[1] <= MAX_FEATURES:
        return X, scale(test.X), None
    # A linear SVM on thousands of correlated pixels takes minutes. Directions are not rescaled: it stays
    # the SVM on scaled pixels, and loses only the directions of smallest variance.
    kept = min(MAX_FEATURES, len(X))
    pca = PCA(kept, svd_solver="randomized", random_state=random_state).set_output(transform="default").fit(X)
    X = pca.transform(X)  # before the other half is scaled: both at full width would double the memory
    return X, pca.transform(scale(test.X)), kept


def error_and_interval(
    wrong: NDArray[np.bool_], test: DrawnRows, random_state: int
) -> tuple[float, tuple[float, float], str]:
    """Return the mean of the two domains' errors, its 95 % interval, and whose that is.

    The interval is "wilson", of independent rows, or "bootstrap over groups".

    Where a domain has fewer than five groups, or all are alike, a bootstrap would say that nothing is left open; there
    it is "wilson over groups", as if both domains had as many groups as the one with fewer, and a group were a row.

    Parameters
    ----------
    wrong : ndarray of shape (n,)
        Whether a test row is taken for one of the other domain.
    test : DrawnRows
    random_state : int
        Of the bootstrap.

    Examples
    --------
    >>> test = DrawnRows(np.zeros((8, 1)), np.repeat([0, 1], 4), None)
    >>> error, _, kind = error_and_interval(np.array([True, True, False, False] * 2), test, 0)
    >>> error, kind
    (0.5, 'wilson')
    """
    error = float(np.mean([wrong[test.domain == side].mean() for side in (0, 1)]))
    if test.groups is None:
        return error, wilson_interval(int(wrong.sum()), len(wrong)), "wilson"
    fewest = min(len(np.unique(test.groups[test.domain == side])) for side in (0, 1))
    if fewest >= FEWEST_GROUPS:
        low, high = _bootstrap(wrong, test.domain, test.groups, random_state)
        if low < high:
            return error, (low, high), "bootstrap over groups"
    n = min(2 * fewest, len(np.unique(test.groups)))  # a group may lie in both
    return error, wilson_interval(error * n, n), "wilson over groups"


def interval_of_distance(interval: tuple[float, float]) -> tuple[float, float]:
    """Return the interval of 2(1 − 2ε) that belongs to one of ε.

    Examples
    --------
    >>> interval_of_distance((0.25, 0.5))
    (0.0, 1.0)
    """
    low, high = (2 - 4 * bound for bound in interval[::-1])
    return low, high


def _bootstrap(
    wrong: NDArray[np.bool_], domain: NDArray[np.int64], groups: NDArray[Any], random_state: int
) -> tuple[float, float]:
    """Draw groups with replacement; the interval holds the middle 95 % of the errors."""
    _, group = np.unique(groups, return_inverse=True)
    n_groups = int(group.max()) + 1
    cell = [np.bincount(group[domain == side], minlength=n_groups) for side in (0, 1)]
    bad = [np.bincount(group[(domain == side) & wrong], minlength=n_groups) for side in (0, 1)]
    times = np.random.default_rng(random_state).multinomial(n_groups, np.full(n_groups, 1 / n_groups), BOOTSTRAPS)
    drawn = [times @ sizes for sizes in cell]
    both = (drawn[0] > 0) & (drawn[1] > 0)  # a draw without one of the domains has no error
    errors = np.mean([(times @ bad[side])[both] / drawn[side][both] for side in (0, 1)], axis=0)
    low, high = np.quantile(errors, [0.025, 0.975])
    return float(low), float(high)
