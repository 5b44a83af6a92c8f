"""Measure how differently two linear regressors can disagree on two domains."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.linalg import LinearOperator, eigsh
from threadpoolctl import threadpool_limits

from dacompare.divergence.held_out import draw_pair
from dacompare.divergence.measured import MeasuredDistance
from dacompare.divergence.permutation import permutation_test

WIDE = 512
NOTHING = 1e-13
NOTE = "For linear regressors with weights up to ½ in norm; in squared units of the features, and above 0 on few rows."


def linear_discrepancy(
    X_source: Any,
    X_target: Any,
    *,
    groups_source: ArrayLike | None = None,
    groups_target: ArrayLike | None = None,
    n_permutations: int = 100,
    max_rows: int = 5000,
    random_state: int = 0,
) -> MeasuredDistance:
    """Compute the discrepancy of linear hypotheses under squared loss: the spectral norm ‖M_S − M_T‖₂.

    M = XᵀX / n is the matrix of second moments. Two regressors w, w′ disagree by (w − w′)ᵀ M (w − w′), so the
    largest difference of their disagreements on two domains is an eigenvalue of M_S − M_T. For weights up to Λ
    in norm it is 4Λ² times as large; `value` is that for Λ = ½.

    Parameters
    ----------
    X_source, X_target : array-like of shape (n, ...) or Domain
        Not centred: a shift of the means counts. Append a column of ones for regressors with an intercept.
    groups_source, groups_target : array-like of shape (n,), optional
        Whole groups are permuted. By default those of a `Domain`.
    n_permutations : int
        0: no test.
    max_rows : int
        Rows drawn from each domain at most; the cost is O(n d²) up to 512 features, O(n d) an iteration beyond.
    random_state : int

    Returns
    -------
    MeasuredDistance
        `value` ≥ 0; `details`: the eigenvalue with its sign (above 0: the source is wider) and the mean of
        `value` over the permutations.

    Raises
    ------
    ValueError
        For fewer than four rows in a domain, or different features.

    References
    ----------
    Mansour, Mohri & Rostamizadeh 2009, Domain adaptation: learning bounds and algorithms, section 5.2;
    Cortes & Mohri 2011, Domain adaptation in regression.

    Examples
    --------
    >>> X = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> linear_discrepancy(X, X * [2.0, 1.0], n_permutations=0).value  # ½ and 2 along the first axis
    1.5
    """
    drawn = draw_pair(X_source, X_target, groups_source, groups_target, max_rows, random_state)
    with threadpool_limits(1):
        value, p_value, null_mean = permutation_test(
            lambda domain: abs(largest_eigenvalue(drawn.X, domain)), drawn, n_permutations, random_state
        )
        details = {"eigenvalue": largest_eigenvalue(drawn.X, drawn.domain), "null_mean": null_mean}
    return MeasuredDistance(value, len(drawn.X) // 2, drawn.X.shape[1], None, p_value, details, NOTE)


def largest_eigenvalue(X: NDArray[np.float64], domain: NDArray[np.int64]) -> float:
    """Return the eigenvalue of M_S − M_T that is largest in magnitude, with its sign.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
    domain : ndarray of shape (n,)
        0 source, 1 target.

    Examples
    --------
    >>> largest_eigenvalue(np.array([[1.0], [2.0]]), np.array([0, 1]))
    -3.0
    """
    weight = np.where(domain == 0, 1.0, -1.0) / np.bincount(domain)[domain]
    # Equal moments leave rounding errors, which are no difference.
    size = NOTHING * (np.abs(weight) @ (X**2).sum(axis=1))
    if X.shape[1] <= WIDE:
        values = np.linalg.eigvalsh(X.T @ (weight[:, None] * X))
        largest = float(values[np.abs(values).argmax()])
        return largest if abs(largest) > size else 0.0
    # Lanczos needs products only; a fixed start gives the same digits each time.
    start = np.random.default_rng(0).normal(size=X.shape[1])
    moments = LinearOperator((X.shape[1],) * 2, matvec=lambda v: X.T @ (weight * (X @ v)), dtype=np.float64)
    if np.linalg.norm(moments @ start) <= size * np.linalg.norm(start):  # there is nothing to iterate on
        return 0.0
    ends = eigsh(moments, k=2, which="BE", v0=start, return_eigenvectors=False)
    return float(ends[np.abs(ends).argmax()])
