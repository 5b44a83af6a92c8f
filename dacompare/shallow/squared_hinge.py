"""Minimise the squared hinge loss of a linear SVM by Newton's method, every class at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Floats = NDArray[np.float64]
EPS = float(np.finfo(np.float64).eps)
# Numbers in one chunk of rows and margins: they stay in the cache through all steps of a pass.
CHUNK = 2**18
# Rows that come and go leave rounding behind; a search that has not ended by then sums its rows again.
AFRESH = 10
SHORTENINGS = 40


@dataclass(frozen=True)
class SquaredHinge:
    """The loss C Σᵢ cᵢ max(0, 1 − yᵢ xᵢᵀu)² of each class against the rest.

    Parameters
    ----------
    rows : ndarray of shape (n, width)
        Features xᵢ, a constant one for the intercept among them. Fewer leading columns may be asked for.
    codes : ndarray of int of shape (n,)
        Class of each row.
    positives : ndarray of int of shape (n_problems,)
        The code whose rows have yᵢ = 1; all others have −1.
    C : float
        Weight of the loss against the margin.
    weight : ndarray of shape (n,), optional
        cᵢ ≥ 0, by default 1.

    Examples
    --------
    >>> hinge = SquaredHinge(np.array([[2.0], [-0.5]]), np.array([1, 0]), np.array([1]), C=1.0)
    >>> loss, slope, active = hinge.evaluate(np.array([[1.0]]), np.array([0]))
    >>> loss.tolist(), slope.tolist(), active.tolist()
    ([0.25], [[-0.5]], [[False, True]])
    """

    rows: Floats
    codes: NDArray[np.int64]
    positives: NDArray[np.int64]
    C: float
    weight: Floats | None = None

    def evaluate(self, U: Floats, which: NDArray[Any]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Return losses, their gradients and the rows inside the margin, at one point for each problem in `which`.

        Parameters
        ----------
        U : ndarray of shape (len(which), w)
            Uses the first w columns of the rows.
        which : ndarray of int
            Positions in `positives`.
        """
        loss, slope = np.zeros(len(U)), np.zeros_like(U)
        active = np.empty((len(U), len(self.rows)), bool)
        for at in self.chunks(U.shape[1]):
            rows, signs = self.rows[at, : U.shape[1]], self.signs(at, which)
            margin = U @ rows.T
            margin *= signs
            short = np.subtract(1, margin, out=margin)
            np.greater(short, 0, out=active[:, at])
            np.maximum(short, 0, out=short)
            weighted = short if self.weight is None else short * self.weight[at]
            loss += np.einsum("kn,kn->k", short, weighted)
            signs *= weighted
            slope -= signs @ rows
        return self.C * loss, 2 * self.C * slope, active

    def chunks(self, width: int) -> Iterator[slice]:
        """Return slices of rows that are small enough for the cache."""
        size = max(256, CHUNK // (width + 4 * len(self.positives)))
        return (slice(start, start + size) for start in range(0, len(self.rows), size))

    def signs(self, at: Any, which: NDArray[Any]) -> Floats:
        """Return yᵢ of the rows `at`, shape (len(which), len(at))."""
        return np.where(self.codes[at] == self.positives[which, None], 1.0, -1.0)


class ActiveGram:
    """For each class Σ cᵢ xᵢ xᵢᵀ and Σ cᵢ yᵢ xᵢ over the rows inside its margin, kept up to date as rows come and go.

    Between two Newton steps, or two neighbouring dimensions of a sweep, few rows change sides; only those cost
    anything. The corner of fewer columns is the Gram matrix of those columns.

    Parameters
    ----------
    hinge : SquaredHinge

    Attributes
    ----------
    active : ndarray of bool of shape (n_problems, n)
        Rows that are summed; all at first.
    gram : ndarray of shape (n_problems, width, width)
    pull : ndarray of shape (n_problems, width)

    Raises
    ------
    ValueError
        Where squares of the features overflow.

    Examples
    --------
    >>> rows = np.array([[1.0, 2.0], [1.0, 3.0]])
    >>> gram = ActiveGram(SquaredHinge(rows, np.array([1, 0]), np.array([1]), C=1.0))
    >>> gram.move(0, np.array([False, True]))
    >>> gram.gram[0].tolist(), gram.pull[0].tolist()
    ([[1.0, 3.0], [3.0, 9.0]], [-1.0, -3.0])
    """

    def __init__(self, hinge: SquaredHinge) -> None:
        self.hinge = hinge
        n_problems, (n, width) = len(hinge.positives), hinge.rows.shape
        self.active = np.ones((n_problems, n), bool)
        self.pull = np.zeros((n_problems, width))
        total = np.zeros((width, width))
        with np.errstate(over="ignore", invalid="ignore"):
            for at in hinge.chunks(width):
                rows, signs = self._weighted(at, np.arange(n_problems))
                total += rows.T @ rows
                self.pull += signs @ rows
        if not np.isfinite(total).all():
            largest = np.abs(hinge.rows).max()
            raise ValueError(f"X holds numbers as large as {largest:.3g}, whose squares overflow; scale the features.")
        self.gram = np.repeat(total[None], n_problems, axis=0)

    def move(self, k: int, active: NDArray[np.bool_], *, afresh: bool = False) -> None:
        """Let the rows `active` be those of class number `k`; sum all of them again where `afresh` says so."""
        changed = np.flatnonzero(active != self.active[k])
        if afresh or len(changed) > np.count_nonzero(active):
            self.gram[k], self.pull[k] = 0, 0
            self._add(k, np.flatnonzero(active), 1)
        else:
            coming = active[changed]
            self._add(k, changed[coming], 1)
            self._add(k, changed[~coming], -1)
        self.active[k] = active

    def _add(self, k: int, which: NDArray[Any], sign: int) -> None:
        size = max(256, CHUNK // self.gram.shape[1])
        for start in range(0, len(which), size):
            rows, signs = self._weighted(which[start : start + size], np.array([k]))
            self.gram[k] += sign * (rows.T @ rows)
            self.pull[k] += sign * (signs[0] @ rows)

    def _weighted(self, at: Any, which: NDArray[Any]) -> tuple[Floats, Floats]:
        """Return rows and signs times the root of their weight."""
        rows, signs = self.hinge.rows[at], self.hinge.signs(at, which)
        if self.hinge.weight is None:
            return rows, signs
        root = np.sqrt(self.hinge.weight[at])
        return rows * root[:, None], signs * root


@dataclass(frozen=True)
class Minimum:
    """Where a search ended; the first axis of every array are the problems.

    Parameters
    ----------
    weights : ndarray of shape (n_problems, width)
    objective : ndarray of shape (n_problems,)
    gap : ndarray of shape (n_problems,)
        What the objective is above its minimum at most, as a share of it.
    n_iter : ndarray of int of shape (n_problems,)
    converged : ndarray of bool of shape (n_problems,)
        Whether the gap is within the tolerance, or all that float64 can tell apart is gained.
    """

    weights: Floats
    objective: Floats
    gap: Floats
    n_iter: NDArray[np.int64]
    converged: NDArray[np.bool_]


def minimise(
    gram: ActiveGram, turn: Floats, *, tol: float = 1e-10, max_iter: int = 1000, start: Floats | None = None
) -> Minimum:
    """Minimise ½‖v‖² + C Σᵢ cᵢ max(0, 1 − yᵢ xᵢᵀAv)² over v, for each class.

    The loss is quadratic as long as no row crosses the margin, so Newton's method jumps to the minimum for the
    rows now inside it, H = I + 2C Aᵀ(Σ cᵢ xᵢ xᵢᵀ)A; a line search makes every jump a descent. It ends after
    finitely many of them, most often fewer than ten. Half the squared gradient norm is exactly the duality gap to
    the dual variables αᵢ = 2C cᵢ max(0, 1 − yᵢ xᵢᵀAv), hence a bound on what is left to gain.

    Each iteration costs O(n w) per class for the gradient, O(w²) for each row that crossed the margin (at first
    up to n of them) and O(w³).

    Parameters
    ----------
    gram : ActiveGram
        Of the loss. Its active rows are where the search begins, and move along.
    turn : ndarray of shape (w, w)
        A, from the weights to the coordinates of the first w columns of the rows.
    tol : float
        Largest duality gap, as a share of the objective; 1e-4 puts the objective within 1e-4 of its minimum.
    max_iter : int
        Largest number of points tried, line searches aside.
    start : ndarray of shape (n_problems, w), optional
        Weights to begin with.

    Returns
    -------
    Minimum

    References
    ----------
    Keerthi & DeCoste 2005, A modified finite Newton method for fast solution of large scale linear SVMs,
    section 4. Chapelle 2007, Training a support vector machine in the primal, section 4. Lin, Weng & Keerthi 2008,
    Trust region Newton method for large-scale logistic regression, section 5 (LIBLINEAR's own way).

    Examples
    --------
    >>> gram = ActiveGram(SquaredHinge(np.array([[1.0], [-1.0]]), np.array([1, 0]), np.array([1]), C=1.0))
    >>> found = minimise(gram, np.eye(1))
    >>> found.weights.round(6).tolist(), found.objective.round(6).tolist(), found.converged.tolist()
    ([[0.8]], [0.4], [True])
    """
    descent = _Descent(gram, turn, start)
    for iteration in range(1, max_iter):
        which = descent.unfinished(tol)
        if not len(which):
            break
        descent.step(which, afresh=iteration % AFRESH == 0)
    gap = descent.gap()
    converged = (gap <= tol * descent.objective) | descent.exhausted
    return Minimum(descent.V, descent.objective, gap / np.maximum(descent.objective, 1e-300), descent.n_iter, converged)


class _Descent:
    """The points reached so far, one per problem."""

    def __init__(self, gram: ActiveGram, turn: Floats, start: Floats | None) -> None:
        self.gram, self.turn = gram, turn
        every = np.arange(len(gram.active))
        self.n_iter = np.ones(len(every), np.int64)
        self.exhausted, self.stuck = np.zeros((2, len(every)), bool)
        # Least squares on the rows that are active now.
        self.V = np.stack([self._solve(k, self._pull(k)) for k in every.tolist()]) if start is None else start.copy()
        self.objective, self.gradient, self.active = self._evaluate(self.V, every)

    def gap(self) -> Floats:
        return 0.5 * np.einsum("kw,kw->k", self.gradient, self.gradient)

    def unfinished(self, tol: float) -> NDArray[Any]:
        return np.flatnonzero((self.gap() > tol * self.objective) & ~self.exhausted & ~self.stuck)

    def step(self, which: NDArray[Any], afresh: bool) -> None:
        """Jump towards the minimum of the quadratic that holds where each problem is."""
        for k in which.tolist():
            self.gram.move(k, self.active[k], afresh=afresh)
        P = np.stack([-self._solve(k, self.gradient[k]) for k in which.tolist()])
        slope = np.einsum("kw,kw->k", P, self.gradient[which])
        # A jump gains half its slope: less than that and the objective is all it can be in float64.
        flat = -slope <= 4 * EPS * self.objective[which]
        self.exhausted[which[flat]] = True
        self.n_iter[which] += 1
        self._search(which[~flat], P[~flat], slope[~flat])

    def _search(self, which: NDArray[Any], P: Floats, slope: Floats) -> None:
        """Shorten the jumps until each makes its objective smaller; the first length is almost always right."""
        length = np.ones(len(which))
        for _ in range(SHORTENINGS):
            if not len(which):
                return
            trial = self.V[which] + length[:, None] * P
            objective, gradient, active = self._evaluate(trial, which)
            along, before = np.einsum("kw,kw->k", gradient, P), self.objective[which]
            lower = objective <= before + 1e-4 * length * slope
            # Near the minimum rounding hides what is gained, but the slope still tells.
            lower |= (np.abs(along) <= -0.9 * slope) & (objective <= before * (1 + 4 * EPS))
            self._take(which[lower], trial[lower], objective[lower], gradient[lower], active[lower])
            # The slope along the jump is monotone: where a straight line through its two values is zero.
            length *= np.clip(-slope / np.maximum(along - slope, -slope), 0.1, 0.9)
            which, P, slope, length = which[~lower], P[~lower], slope[~lower], length[~lower]
        self.stuck[which] = True

    def _take(self, which: NDArray[Any], V: Floats, objective: Floats, gradient: Floats, active: Any) -> None:
        before, gap = self.objective[which], self.gap()[which]
        self.V[which], self.objective[which] = V, objective
        self.gradient[which], self.active[which] = gradient, active
        # Neither the objective nor its bound fell: rounding has the upper hand.
        self.stuck[which] = (before - objective <= 4 * EPS * before) & (self.gap()[which] > gap / 2)

    def _evaluate(self, V: Floats, which: NDArray[Any]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        loss, slope, active = self.gram.hinge.evaluate(V @ self.turn.T, which)
        return loss + 0.5 * np.einsum("kw,kw->k", V, V), V + slope @ self.turn, active

    def _pull(self, k: int) -> Floats:
        return 2 * self.gram.hinge.C * self.gram.pull[k, : len(self.turn)] @ self.turn

    def _solve(self, k: int, right: Floats) -> Floats:
        """Return H⁻¹ right."""
        w = len(self.turn)
        H = 2 * self.gram.hinge.C * (self.turn.T @ self.gram.gram[k, :w, :w] @ self.turn)
        H[np.diag_indices(w)] += 1
        return _solve_scaled(H, right)


def _solve_scaled(H: Floats, right: Floats) -> Floats:
    """Return H⁻¹ right for a positive definite H, whatever the units of its columns."""
    scale = 1 / np.sqrt(np.maximum(np.diag(H), 1))
    unit, b = H * scale * scale[:, None], right * scale
    try:
        x = linalg.cho_solve(linalg.cho_factor(unit), b)
    except linalg.LinAlgError:
        x = np.zeros_like(b)
    if not x @ b > 0:  # no descent: collinear columns at a scale where float64 no longer sees the I in H
        values, vectors = linalg.eigh(unit)
        x = vectors @ (vectors.T @ b / np.maximum(values, values[-1] * len(b) * EPS))
    return scale * x
