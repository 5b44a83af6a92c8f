"""Minimise a function of a subspace."""

from collections.abc import Callable

import numpy as np
from scipy import linalg

from dacompare.shallow.aligner import Floats

Objective = Callable[[Floats], tuple[float, Floats]]

SUFFICIENT_DECREASE = 1e-4  # of what the slope promises; Nocedal & Wright 2006, chapter 3
HALVINGS = 30
FLAT = 1e-12  # a smaller slope is rounding, for values near 1
NUDGE = 1e-3


def minimise_on_grassmann(
    objective: Objective, start: Floats, *, max_iter: int, tol: float
) -> tuple[Floats, list[float], bool]:
    """Minimise a function of W that depends only on what the orthonormal columns of W span.

    Conjugate gradients (Polak–Ribière, restarted where they point uphill) with a backtracking line search; after
    each step the columns are made orthonormal again. The value never rises, and where it ends is
    a local minimum at best.

    Parameters
    ----------
    objective : callable
        W -> value, and the gradient as if W were unconstrained, shape of W.
    start : ndarray of shape (n_features, n_components)
        Orthonormal columns.
    max_iter : int
        Steps at most.
    tol : float
        Stop once the slope on the manifold (its Frobenius norm), and what two steps together gain, are at most this
        times the first value. A small slope alone is no sign: there is one near a saddle, too.

    Returns
    -------
    W : ndarray of shape (n_features, n_components)
        Orthonormal columns.
    history : list of float
        The first value and that after each step; never rising.
    converged : bool
        Whether the slope became flat, or no step downhill was left; False where `max_iter` ended it.

    References
    ----------
    Edelman, Arias & Smith 1998, The geometry of algorithms with orthogonality constraints (conjugate
    gradients); Absil, Mahony & Sepulchre 2008, Optimization algorithms on matrix manifolds (retractions).

    Examples
    --------
    The subspace of least variance is spanned by the last axes:

    >>> spread = np.diag([3.0, 2.0, 1.0])
    >>> start = np.linalg.qr(np.ones((3, 1)))[0]
    >>> W, history, _ = minimise_on_grassmann(
    ...     lambda W: (np.trace(W.T @ spread @ W), 2 * spread @ W), start, max_iter=100, tol=1e-8
    ... )
    >>> np.abs(W).round(4).ravel().tolist(), round(float(history[-1]), 6)
    ([0.0, 0.0, 1.0], 1.0)
    """
    W = start
    value, gradient = objective(W)
    if np.linalg.norm(horizontal(W, gradient)) <= FLAT:
        W, value, gradient = _off_the_top(objective, W, value, gradient)
    slope = horizontal(W, gradient)
    direction, step, history = -slope, np.inf, [value]
    while not _has_arrived(history, float(np.linalg.norm(slope)), tol * abs(history[0])):
        if len(history) > max_iter:
            return W, history, False
        if (slope * direction).sum() >= 0:
            direction = -slope
        # A step turns the subspace by about 1 radian at most, and by at most twice the last one.
        moved = _search(objective, W, value, slope, direction, min(2 * step, 1 / float(np.linalg.norm(direction))))
        if moved is None:
            break
        step, W, value, gradient = moved
        history.append(value)
        before, slope = slope, horizontal(W, gradient)
        change = slope - horizontal(W, before)
        direction = max(0.0, (slope * change).sum() / (before**2).sum()) * horizontal(W, direction) - slope
    return W, history, True


def _off_the_top(objective: Objective, W: Floats, value: float, gradient: Floats) -> tuple[Floats, float, Floats]:
    """Turn a subspace a little where that is downhill: it is flat at a minimum, and by symmetry at a maximum, too."""
    turned = retract(W + NUDGE * np.random.default_rng(0).normal(size=W.shape))
    new, slope = objective(turned)
    return (turned, new, slope) if new < value - FLAT else (W, value, gradient)


def _has_arrived(history: list[float], slope: float, small: float) -> bool:
    return slope <= FLAT or (len(history) > 2 and slope <= small and history[-3] - history[-1] <= small)


def horizontal(W: Floats, direction: Floats) -> Floats:
    """Return what of a direction moves the subspace of W, rather than W within it.

    Examples
    --------
    >>> horizontal(np.array([[1.0], [0.0]]), np.array([[5.0], [2.0]])).tolist()
    [[0.0], [2.0]]
    """
    return direction - W @ (W.T @ direction)


def retract(W: Floats) -> Floats:
    """Return the orthonormal columns that are nearest to W and have its span (its polar factor).

    Unlike those of a QR decomposition they turn with the columns of W, so that the last direction still fits them.

    Examples
    --------
    >>> retract(np.array([[-2.0], [0.0]])).tolist()
    [[-1.0], [0.0]]
    """
    left, _, right = linalg.svd(W, full_matrices=False)
    return left @ right


def _search(
    objective: Objective, W: Floats, value: float, slope: Floats, direction: Floats, step: float
) -> tuple[float, Floats, float, Floats] | None:
    """Halve the step until it lowers the value enough (Armijo)."""
    promise = SUFFICIENT_DECREASE * float((slope * direction).sum())
    for _ in range(HALVINGS):
        moved = retract(W + step * direction)
        new, gradient = objective(moved)
        if new < value and new <= value + step * promise:
            return step, moved, new, gradient
        step /= 2
    return None
