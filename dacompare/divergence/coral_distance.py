"""Measure how much the covariances of two domains differ."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from dacompare.divergence.drawing import DrawnRows
from dacompare.divergence.held_out import draw_pair
from dacompare.divergence.measured import MeasuredDistance
from dacompare.divergence.permutation import permutation_test
from dacompare.shallow.memory import DEFAULT_MEMORY, check_memory

PERMUTATIONS = 100
WIDE = 512
NOTE = "Blind to a shift of the means; in squared units of the features, and above 0 on finitely many rows."


def coral_distance(
    X_source: Any,
    X_target: Any,
    *,
    groups_source: ArrayLike | None = None,
    groups_target: ArrayLike | None = None,
    n_permutations: int | None = None,
    max_rows: int = 5000,
    max_memory: int = DEFAULT_MEMORY,
    random_state: int = 0,
) -> MeasuredDistance:
    """Compute the CORAL distance, the Frobenius norm ‖C_S − C_T‖ of the difference of two covariance matrices.

    Parameters
    ----------
    X_source, X_target : array-like of shape (n, ...) or Domain
    groups_source, groups_target : array-like of shape (n,), optional
        Whole groups are permuted. By default those of a `Domain`.
    n_permutations : int, optional
        0: no test. By default 100, but none for more than 512 features: each costs as much as the value.
    max_rows : int
        Rows drawn from each domain at most; the cost is O(n d min(n, d)), for each permutation again.
    max_memory : int
        Bytes that three matrices of the smaller of n and d may take.
    random_state : int

    Returns
    -------
    MeasuredDistance
        `value` ≥ 0; `details`: the loss of Deep CORAL, ‖C_S − C_T‖² / (4 d²), and the mean of `value` over the
        permutations, enlarged by what the gap of rows that have lost their domain's mean lacks.

    Raises
    ------
    ValueError
        For fewer than four rows in a domain, or different features.
    MemoryError
        Where the matrices would not fit.

    References
    ----------
    Sun & Saenko 2016, Deep CORAL: correlation alignment for deep domain adaptation, equation 1.

    Examples
    --------
    >>> X = np.array([[-1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]])
    >>> round(coral_distance(X, 2 * X, n_permutations=0).value, 6)  # variances 4/3 and 16/3
    4.0
    """
    drawn = draw_pair(X_source, X_target, groups_source, groups_target, max_rows, random_state)
    n, d = len(drawn.X), drawn.X.shape[1]
    side = min(n, d)
    check_memory(side, side, copies=3, max_memory=max_memory, name="CORAL", way_out="pass a smaller max_rows")
    if n_permutations is None:
        n_permutations = PERMUTATIONS if d <= WIDE else 0
    # Without each domain's own mean: rows that keep it would be dealt into mixtures of two means, whose covariances
    # differ from those of either domain.
    X = drawn.X.copy()
    for side in (0, 1):
        X[drawn.domain == side] -= X[drawn.domain == side].mean(axis=0)
    with threadpool_limits(1):
        value, p_value, null_mean = permutation_test(
            lambda domain: covariance_gap(X[domain == 0], X[domain == 1]),
            drawn, n_permutations, random_state,
            null_factor=_null_factor(drawn._replace(X=X)) if n_permutations else 1.0,
        )  # fmt: skip
    details = {"deep_coral_loss": value**2 / (4 * d**2), "null_mean": null_mean}
    return MeasuredDistance(value, n // 2, d, None, p_value, details, NOTE)


def _null_factor(drawn: DrawnRows) -> float:
    """Return by how much the gap of dealt domains comes out too small, as their rows are without their domain's mean.

    Of m rows that lose their mean m − 1 are left to vary, and the squared gap of two covariances goes with 1 / (m − 1):
    rows that are dealt count as m. With as few rows as features its spread is so small that this decides the test.
    Where rows hang together in groups, m is the number of independent rows that leave a mean as uncertain.
    """
    m = min(_effective_rows(drawn.take(np.flatnonzero(drawn.domain == side))) for side in (0, 1))
    return float(np.sqrt(m / (m - 1)))


def _effective_rows(own: DrawnRows) -> float:
    """Return of how many independent rows a mean would be as uncertain: of the groups at least, of the rows at most.

    The rows are centred, and of one domain.
    """
    X = own.X
    if own.groups is None or (n_groups := len(np.unique(own.groups))) < 2:
        return float(len(X))
    sums = np.zeros((n_groups, X.shape[1]))
    np.add.at(sums, np.unique(own.groups, return_inverse=True)[1], X)
    of_mean = n_groups / (n_groups - 1) * (sums**2).sum() / len(X) ** 2
    spread = (X**2).sum() / (len(X) - 1)
    return float(np.clip(spread / of_mean, n_groups, len(X))) if of_mean > 0 else float(len(X))


def covariance_gap(X_source: NDArray[np.float64], X_target: NDArray[np.float64]) -> float:
    """Return ‖C_S − C_T‖ of unbiased covariances; for many features by products of rows, without a d x d matrix.

    Examples
    --------
    >>> covariance_gap(np.array([[0.0], [2.0]]), np.array([[0.0], [4.0]]))
    6.0
    """
    source, target = ((X - X.mean(axis=0)) / np.sqrt(len(X) - 1) for X in (X_source, X_target))
    if source.shape[1] <= len(source) + len(target):
        return float(np.linalg.norm(source.T @ source - target.T @ target))
    squares = [((first @ second.T) ** 2).sum() for first, second in ((source,) * 2, (target,) * 2, (source, target))]
    return float(np.sqrt(max(0.0, squares[0] + squares[1] - 2 * squares[2])))
