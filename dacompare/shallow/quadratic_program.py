"""Minimise a convex quadratic over weights that have a ceiling each and a given total in each group."""

import warnings
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from sklearn.exceptions import ConvergenceWarning

Floats = NDArray[np.float64]
Solver = Callable[[Floats], Floats]
# Where products of slacks and multipliers, relative to those at the start, are called zero.
TOLERANCE = 1e-11
# A result that is further than this from optimal, relative to the mean weight, is warned of.
ACCEPTED = 1e-4


class Quadratic(Protocol):
    """A matrix that is symmetric and has no negative eigenvalue, known by what it does."""

    def times(self, x: Floats) -> Floats:
        """Return its product with a vector."""

    def factor(self, d: Floats) -> Solver:
        """Return how to solve linear equations with it after `d` > 0 is added to its diagonal."""


class DenseQuadratic:
    """A matrix with all its n² entries; n³ / 3 operations to factor, and a second matrix to do that in."""

    def __init__(self, matrix: Floats) -> None:
        self.matrix, self.work = matrix, np.empty_like(matrix)

    def times(self, x: Floats) -> Floats:
        return self.matrix @ x

    def factor(self, d: Floats) -> Solver:
        np.copyto(self.work, self.matrix)
        self.work.flat[:: len(d) + 1] += d
        # The transpose is the same matrix in the order that LAPACK works in: nothing is copied.
        factored = linalg.cho_factor(self.work.T, lower=True, overwrite_a=True, check_finite=False)
        return lambda r: linalg.cho_solve(factored, r, check_finite=False)


class LowRankQuadratic:
    """Z Zᵀ with few columns m in Z; n m² operations to factor (Woodbury's identity), and a second Z to do that in."""

    def __init__(self, Z: Floats) -> None:
        self.Z, self.work = Z, np.empty_like(Z)

    def times(self, x: Floats) -> Floats:
        return self.Z @ (self.Z.T @ x)

    def factor(self, d: Floats) -> Solver:
        scaled = np.divide(self.Z, d[:, None], out=self.work)
        small = self.Z.T @ scaled
        small.flat[:: len(small) + 1] += 1
        factored = linalg.cho_factor(small, lower=True, overwrite_a=True, check_finite=False)

        def solve(r: Floats) -> Floats:
            return (r.T / d).T - scaled @ linalg.cho_solve(factored, scaled.T @ r, check_finite=False)

        return solve


def minimise_quadratic(
    quadratic: Quadratic,
    linear: Floats,
    *,
    upper: float,
    low: Floats,
    high: Floats,
    groups: NDArray[np.int64] | None = None,
    max_iter: int = 60,
) -> Floats:
    """Return the x that minimises ½ xᵀQx − cᵀx where 0 ≤ x ≤ upper and the groups' totals keep to their limits.

    Parameters
    ----------
    quadratic : DenseQuadratic or LowRankQuadratic
        Q, of n rows.
    linear : ndarray of shape (n,)
        c.
    upper : float
        Ceiling of every entry.
    low, high : ndarray of shape (n_groups,)
        Least and greatest total of each group; where they are equal, the total is fixed.
    groups : ndarray of int of shape (n,), optional
        Group of each entry, 0 to n_groups − 1; None for a single group.
    max_iter : int
        Steps, one factorisation each; 10 to 25 are usual.

    Returns
    -------
    ndarray of shape (n,)
        Within the limits up to rounding. Where many x are equally good, one that has few zeros.

    Raises
    ------
    ValueError
        Where no x is within the limits.

    Warns
    -----
    ConvergenceWarning
        Where the result is measurably not optimal.

    References
    ----------
    Mehrotra 1992, On the implementation of a primal-dual interior point method.

    Examples
    --------
    >>> Q = DenseQuadratic(np.eye(3))
    >>> minimise_quadratic(Q, np.array([2.0, 1.5, 0.0]), upper=9.0, low=np.ones(1), high=np.ones(1)).round(6).tolist()
    [0.75, 0.25, 0.0]
    """
    groups = np.zeros(len(linear), np.int64) if groups is None else groups
    sizes = np.bincount(groups, minlength=len(low))
    high = np.minimum(high, sizes * upper)
    if (low == sizes * upper).all() and (high >= low).all():
        return np.full(len(linear), float(upper))  # nothing is left to choose
    if not ((low >= 0) & (low <= high) & (low < sizes * upper) & (high > 0)).all():
        raise ValueError(f"no weights from 0 to {upper:g} have totals from {low} to {high} in groups of {sizes}.")
    point = _InteriorPoint(quadratic, linear, upper, low, high, groups)
    while not point.is_optimal() and point.steps < max_iter:
        point.advance()
    x = point.cleaned()
    kept = x > 0  # zeros stay zeros
    x[kept] = project_to_totals(x[kept], upper, low, high, groups[kept])
    gap = optimality_gap(x, quadratic, linear, upper, low, high, groups)
    if not gap <= ACCEPTED:
        warnings.warn(
            f"the weights are not optimal after {point.steps} steps: a projected gradient step still moves one of"
            f" them by {gap:.1e} times their mean",
            ConvergenceWarning,
            stacklevel=2,
        )
    return x


def project_to_totals(x: Floats, upper: float, low: Floats, high: Floats, groups: NDArray[np.int64]) -> Floats:
    """Return the nearest point with entries from 0 to `upper` and totals from `low` to `high`.

    The nearest point is the clipped x − t, with one t for each group, found by bisection.

    Examples
    --------
    >>> one = np.ones(1)
    >>> project_to_totals(np.array([2.0, 1.5, -1.0]), 9.0, one, one, np.zeros(3, int)).tolist()
    [0.75, 0.25, 0.0]
    """
    nearest = np.clip(x, 0, upper)
    for group, (least, most) in enumerate(zip(low, high, strict=True)):
        members = groups == group
        total = min(max(nearest[members].sum(), least), most)
        if total != nearest[members].sum():
            nearest[members] = _shift_to_total(x[members], upper, total)
    return nearest


def optimality_gap(
    x: Floats,
    quadratic: Quadratic,
    linear: Floats,
    upper: float,
    low: Floats,
    high: Floats,
    groups: NDArray[np.int64],
) -> float:
    """Return how far a projected gradient step moves an entry of `x`, as a multiple of the mean; 0 at an optimum.

    The step is such that a gradient as large as c, or as Q times even weights, moves an entry by the mean.

    Examples
    --------
    >>> one, Q, c = np.ones(1), DenseQuadratic(np.eye(2)), np.array([2.0, 0.0])
    >>> [round(optimality_gap(np.array(x), Q, c, 9.0, one, one, np.zeros(2, int)), 6) for x in ([1.0, 0.0], [0.0, 1.0])]
    [0.0, 0.75]
    """
    mean = (low + high).sum() / 2 / len(x)
    scale = _size(quadratic.times(np.full(len(x), mean)), linear)
    step = mean / scale * (quadratic.times(x) - linear)
    return float(np.abs(project_to_totals(x - step, upper, low, high, groups) - x).max() / mean)


def _size(*vectors: Floats) -> float:
    """Return the largest magnitude in any of the vectors, 1 where there is nothing but zeros."""
    return float(max(np.abs(vector).max() for vector in vectors)) or 1.0


def _shift_to_total(x: Floats, upper: float, total: float) -> Floats:
    """Return x − t, clipped, with the t that gives it this total."""
    below, above = x.min() - upper, x.max()
    for _ in range(200):
        t = (below + above) / 2
        if not below < t < above:  # the two are neighbouring numbers
            break
        below, above = (t, above) if np.clip(x - t, 0, upper).sum() > total else (below, t)
    return np.clip(x - above, 0, upper)


class _InteriorPoint:
    """A point strictly within the limits, which goes to the optimum by Mehrotra's predictor and corrector.

    The unknowns are the weights and, of every group whose total is not fixed, its total above the least one. All of
    them lie between 0 and a ceiling, and one linear equation for each group ties them together. Every limit has a
    multiplier; at an optimum, the product of each with the slack of its limit is 0.
    """

    def __init__(
        self,
        quadratic: Quadratic,
        linear: Floats,
        upper: float,
        low: Floats,
        high: Floats,
        groups: NDArray[np.int64],
    ) -> None:
        self.quadratic, self.groups, self.low, self.n = quadratic, groups, low, len(linear)
        self.free = np.flatnonzero(high > low)
        self.membership = (groups[:, None] == np.arange(len(low))).astype(np.float64)
        weights = ((low + high) / 2 / self.membership.sum(axis=0))[groups]
        self.x = np.concatenate([weights, (high - low)[self.free] / 2])
        self.ceiling = np.concatenate([np.full(self.n, upper), (high - low)[self.free]])
        self.linear = np.concatenate([linear, np.zeros(len(self.free))])
        self.scale, self.mean = _size(linear, quadratic.times(weights)), float(weights.mean())
        self.y = np.zeros(len(low))
        self.floor_multiplier = np.full(len(self.x), self.scale)
        self.ceiling_multiplier = self.scale * self.mean / self.ceiling
        self.steps = 0

    def is_optimal(self) -> bool:
        unbalanced = self._gradient() - self.floor_multiplier + self.ceiling_multiplier
        small = np.abs(unbalanced).max() <= TOLERANCE * self.scale
        return bool(small and self._product() <= TOLERANCE * self.scale * self.mean)

    def advance(self) -> None:
        """Go one step: predict without regard to the limits, then correct and keep inside them."""
        slack, product = self.ceiling - self.x, self._product()
        self._factor()
        dx, _, d_floor, d_ceiling = self._direction(0.0, 0.0)
        length = self._length(dx, d_floor, d_ceiling)
        ahead = (self.x + length * dx) @ (self.floor_multiplier + length * d_floor)
        ahead += (slack - length * dx) @ (self.ceiling_multiplier + length * d_ceiling)
        aim = product * (ahead / (2 * len(dx)) / product) ** 3
        dx, dy, d_floor, d_ceiling = self._direction(aim - dx * d_floor, aim + dx * d_ceiling)
        length = min(1.0, 0.995 * self._length(dx, d_floor, d_ceiling))
        self.x, self.y = self.x + length * dx, self.y + length * dy
        self.floor_multiplier = self.floor_multiplier + length * d_floor
        self.ceiling_multiplier = self.ceiling_multiplier + length * d_ceiling
        self.steps += 1

    def cleaned(self) -> Floats:
        """Return the weights, those that are on their way to 0 set to 0."""
        vanishing = self.x / self.mean < self.floor_multiplier / self.scale
        return np.where(vanishing, 0.0, self.x)[: self.n]

    def _gradient(self) -> Floats:
        """Return the gradient of the Lagrangian of the equations; the limits are left out."""
        rows = np.concatenate([self.quadratic.times(self.x[: self.n]), np.zeros(len(self.free))])
        return rows - self.linear + np.concatenate([self.y[self.groups], -self.y[self.free]])

    def _totals(self, v: Floats) -> Floats:
        """Return the left side of the equations."""
        totals = self.membership.T @ v[: self.n]
        totals[self.free] -= v[self.n :]
        return totals

    def _product(self) -> float:
        """Return the mean product of a slack and its multiplier."""
        floor, ceiling = self.x @ self.floor_multiplier, (self.ceiling - self.x) @ self.ceiling_multiplier
        return float(floor + ceiling) / (2 * len(self.x))

    def _factor(self) -> None:
        """Prepare to solve for directions: everything that both directions of a step share."""
        # The last term is far below what matters, and keeps a singular kernel matrix solvable.
        diagonal = self.floor_multiplier / self.x + self.ceiling_multiplier / (self.ceiling - self.x)
        diagonal += TOLERANCE * self.scale / self.mean
        self.solve, self.rest = self.quadratic.factor(diagonal[: self.n]), diagonal[self.n :]
        self.solved_membership = self.solve(self.membership)
        self.schur = self.membership.T @ self.solved_membership
        self.schur[self.free, self.free] += 1 / self.rest
        self.gradient, self.missing = self._gradient(), self._totals(self.x) - self.low

    def _direction(self, floor: Floats | float, ceiling: Floats | float) -> tuple[Floats, Floats, Floats, Floats]:
        """Return Newton's direction to where slack times multiplier has these values."""
        slack = self.ceiling - self.x
        wanted = floor / self.x - ceiling / slack - self.gradient
        first = np.concatenate([self.solve(wanted[: self.n]), wanted[self.n :] / self.rest])
        dy = linalg.solve(self.schur, self._totals(first) + self.missing, assume_a="pos")
        dx = first - np.concatenate([self.solved_membership @ dy, -dy[self.free] / self.rest])
        d_floor = (floor - self.floor_multiplier * dx) / self.x - self.floor_multiplier
        d_ceiling = (ceiling + self.ceiling_multiplier * dx) / slack - self.ceiling_multiplier
        return dx, dy, d_floor, d_ceiling

    def _length(self, dx: Floats, d_floor: Floats, d_ceiling: Floats) -> float:
        """Return how far the direction can be followed, 1 at most, before a slack or a multiplier is negative."""
        values = np.concatenate([self.x, self.ceiling - self.x, self.floor_multiplier, self.ceiling_multiplier])
        changes = np.concatenate([dx, -dx, d_floor, d_ceiling])
        falling = changes < 0
        return float(np.min(-values[falling] / changes[falling], initial=1.0))
