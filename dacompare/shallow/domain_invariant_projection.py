"""Find the projection after which two domains look most alike."""

import warnings
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg
from scipy.spatial.distance import pdist
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import Tags, check_random_state

from dacompare.checks import check_count, check_number
from dacompare.shallow.aligner import Aligner, Floats, align, check_dimension
from dacompare.shallow.geodesic import dimension_limit, domain_axes, subspace_disagreement
from dacompare.shallow.grassmann import minimise_on_grassmann
from dacompare.shallow.memory import DEFAULT_MEMORY, check_memory
from dacompare.shallow.subspaces import one_column_per_class

BLOCK = 64
"""Rows of the kernel that are made at a time; so many stay in a processor's cache."""


def projected_mmd(W: Floats, X_source: Floats, X_target: Floats, bandwidth: float) -> tuple[float, Floats]:
    """Return how far two domains are apart after a projection, and how that changes with it.

    The value is the squared maximum mean discrepancy of X_s W and X_t W under the kernel
    k(a, b) = exp(−‖a − b‖² / 2σ²), by means over all pairs (a V-statistic): 0 only where both are the same set.

    Parameters
    ----------
    W : ndarray of shape (n_features, n_components)
    X_source : ndarray of shape (n_source, n_features)
    X_target : ndarray of shape (n_target, n_features)
    bandwidth : float
        σ, in the unit of the projected rows.

    Returns
    -------
    value : float
        From 0 to 2; mean k(s, s') + mean k(t, t') − 2 mean k(s, t).
    gradient : ndarray of shape (n_features, n_components)
        Of the value at W. Both cost O(n² · n_components + n · n_features · n_components), n = n_source + n_target.

    References
    ----------
    Baktashmotlagh, Harandi, Lovell & Salzmann 2013, Unsupervised domain adaptation by domain invariant projection:
    tr(K_W L) with a Gaussian kernel K_W, and L = 1/n_s², 1/n_t², −1/(n_s n_t).

    Examples
    --------
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0]])
    >>> shifted = X + [3.0, 0.0]
    >>> round(projected_mmd(np.array([[1.0], [0.0]]), X, shifted, 1.0)[0], 4)  # along the shift
    1.9778
    >>> round(projected_mmd(np.array([[0.0], [1.0]]), X, shifted, 1.0)[0], 4)  # across it
    0.0
    """
    X = np.vstack([X_source, X_target])
    X -= X.mean(axis=0)  # the kernel does not see it, and a common offset would take its digits
    # tr(K L) with L = s sᵀ: each domain weighs 1 in all, the target negatively.
    share = np.repeat([1 / len(X_source), -1 / len(X_target)], [len(X_source), len(X_target)])
    Z = X @ W / bandwidth
    half = np.einsum("ij,ij->i", Z, Z) / 2
    # Σ k_ij s_j and Σ k_ij s_j z_j in one pass; a symmetric kernel is known by its upper half.
    summands = share[:, None] * np.column_stack([np.ones(len(Z)), Z])
    sums = np.zeros_like(summands)
    for start in range(0, len(Z), BLOCK):
        rows, below = slice(start, start + BLOCK), slice(start + BLOCK, None)
        kernel = Z[rows] @ Z[start:].T
        kernel -= half[rows, None]
        kernel -= half[start:]
        np.minimum(kernel, 0, out=kernel)  # −‖z − z′‖² / 2, but for rounding
        np.fill_diagonal(kernel, 0)
        np.exp(kernel, out=kernel)
        sums[rows] += kernel @ summands[start:]
        sums[below] += kernel[:, BLOCK:].T @ summands[rows]
    pull = sums[:, 0]
    inner = (share * pull)[:, None] * Z - share[:, None] * sums[:, 1:]
    return max(float(share @ pull), 0.0), -2 / bandwidth * (X.T @ inner)


def domain_invariant_projection(
    X_source: ArrayLike,
    X_target: ArrayLike,
    n_components: int | None = None,
    *,
    random_state: Any = 0,
    **parameters: Any,
) -> tuple[Floats, Floats]:
    """Return source and target rows after the projection under which the two domains look most alike.

    Costs are those of :class:`DomainInvariantProjection`.

    Parameters
    ----------
    X_source : array-like of shape (n_source, n_features)
    X_target : array-like of shape (n_target, n_features)
    n_components, random_state, **parameters
        As in :class:`DomainInvariantProjection`; `within_class` needs labels, and so the class.

    Returns
    -------
    Z_source : ndarray of shape (n_source, n_components)
        X_s W.
    Z_target : ndarray of shape (n_target, n_components)
        X_t W.

    Raises
    ------
    ValueError, TypeError, MemoryError
        As :class:`DomainInvariantProjection`.

    References
    ----------
    Baktashmotlagh, Harandi, Lovell & Salzmann 2013, Unsupervised domain adaptation by domain invariant projection.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X_source, X_target = rng.normal(size=(50, 3)), rng.normal(size=(50, 3)) + [4, 0, 0]
    >>> Z_source, Z_target = domain_invariant_projection(X_source, X_target, 2)
    >>> bool(np.linalg.norm(Z_source.mean(axis=0) - Z_target.mean(axis=0)) < 1)
    True
    """
    aligner = DomainInvariantProjection(n_components, random_state=random_state, **parameters)
    return align(aligner, X_source, X_target)


class DomainInvariantProjection(Aligner):
    """Find the projection after which two domains look most alike.

    W has orthonormal columns and is the same for both domains: features are X W. It starts at the principal
    directions of both domains together and follows the maximum mean discrepancy downhill, to a local minimum. It sees
    only whether domains differ, not what is worth keeping: a direction in which rows hardly vary hardly tells domains
    apart, and one that tells the classes apart is given up where the classes are not equally frequent in both domains.
    Fewer features beforehand (PCA) help against the first; `within_class`, which is least where rows hardly vary, does
    not, and nothing here holds against the second. An objective below about 1/n_source + 1/n_target is no gain any
    more: two draws of one distribution differ by as much. For D features and d components, a step costs
    O(m² d + m D d), m being the rows of both domains that it sees, and the start O(n D² + D³).

    Parameters
    ----------
    n_components : int or None
        Dimensions kept, at most the rank of both domains together (all of them are no choice: nothing is optimised).
        None chooses by :func:`~dacompare.shallow.geodesic.subspace_disagreement`.
    bandwidth : float or None
        σ of the Gaussian kernel. None takes the median distance between rows of both domains at the start.
    within_class : float
        Weight of the scatter of source rows about the mean of their class, Σ ‖Wᵀ(x − μ_c)‖² / (n_source σ²), which
        is added to the discrepancy; above 0 it needs y. This is the authors' variant with class clustering, in which
        the sum is not divided.
    max_iter : int
        Steps at most; running out of them raises a ConvergenceWarning.
    tol : float
        Stop once the slope of the objective, and what two steps gain, are at most this times its value at the start.
    max_rows : int or None
        Rows of each domain that the optimisation sees, drawn without replacement. None takes all.
    max_memory : int
        Bytes that the distances may take from which the default `bandwidth` comes: O(rows²), with rows of both
        domains. All else is O(rows).
    random_state : int, RandomState instance or None
        For the draw of `max_rows`; without a draw nothing is random.

    Attributes
    ----------
    components_ : ndarray of shape (n_components_, n_features)
        Wᵀ: orthonormal rows, turned to the principal axes of the projected rows.
    objective_ : ndarray of shape (n_steps + 1,)
        Its value at the start and after each step; never rising.
    bandwidth_ : float
        σ in use.
    n_components_ : int
    n_iter_ : int
    n_features_in_ : int

    Raises
    ------
    ValueError
        Where `n_components` exceeds the rank, all rows are the same, or `within_class` comes without labels.
    MemoryError
        Where the distances between the rows that the optimisation sees would not fit, and `bandwidth` is None.

    References
    ----------
    Baktashmotlagh, Harandi, Lovell & Salzmann 2013, Unsupervised domain adaptation by domain invariant projection:
    min tr(K_W L) over WᵀW = I (DIP), and with λ Σ ‖Wᵀx − μ_c‖² (DIP-CC) for `within_class`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X_source, X_target = rng.normal(size=(50, 3)), rng.normal(size=(50, 3)) + [4, 0, 0]  # shifted along one axis
    >>> aligner = DomainInvariantProjection(n_components=2).fit(X_source, X_target=X_target)
    >>> aligner.transform(X_target).shape, bool(np.abs(aligner.components_[:, 0]).max() < 0.2)
    ((50, 2), True)
    """

    def __init__(
        self,
        n_components: int | None = None,
        *,
        bandwidth: float | None = None,
        within_class: float = 0.0,
        max_iter: int = 100,
        tol: float = 1e-2,
        max_rows: int | None = 1000,
        max_memory: int = DEFAULT_MEMORY,
        random_state: Any = 0,
    ) -> None:
        self.n_components = n_components
        self.bandwidth = bandwidth
        self.within_class = within_class
        self.max_iter = max_iter
        self.tol = tol
        self.max_rows = max_rows
        self.max_memory = max_memory
        self.random_state = random_state

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        self._check_parameters()
        pooled = X if X_target is X else np.vstack([X, X_target])
        # Directions in which no row varies would be perfectly invariant, and worthless: W stays within the others.
        mean, axes = domain_axes(pooled)
        self.n_components_ = d = self._choose_dimension(X, X_target, len(axes))
        drawn = self._draw(len(X), len(X_target), same=X_target is X)
        rows = (X[drawn[0]] - mean) @ axes.T, (X_target[drawn[1]] - mean) @ axes.T
        residuals = self._class_residuals(rows[0], y, len(X), drawn[0])
        self.bandwidth_ = float(self.bandwidth or _median_distance(np.vstack(rows)[:, :d]))
        W = self._minimise(np.eye(len(axes), d), rows, residuals)
        self.components_ = _along_principal_axes(axes.T @ W, pooled - mean)

    def _map(self, X: Floats, domain: str) -> Floats:
        return X @ self.components_.T

    def _check_parameters(self) -> None:
        check_number("within_class", self.within_class, at_least=0)
        check_count("max_iter", self.max_iter)
        check_number("tol", self.tol, at_least=0)
        if self.bandwidth is not None:
            check_number("bandwidth", self.bandwidth, above=0)
        if self.max_rows is not None:
            check_count("max_rows", self.max_rows, at_least=2)

    def _choose_dimension(self, X: Floats, X_target: Floats, rank: int) -> int:
        if rank == 0:
            raise ValueError("X and X_target have only constant features; there is nothing to project.")
        if self.n_components is not None:
            return check_dimension(self.n_components, rank, f"the rows of both domains together have rank {rank}")
        if X_target is X:
            return dimension_limit(X.shape[1], rank, rank)[0]
        return subspace_disagreement(X, X_target)[1]

    def _draw(self, n_source: int, n_target: int, *, same: bool) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the rows that the optimisation sees; the same in both where one domain stands for both."""
        random = check_random_state(self.random_state)
        limit = max(n_source, n_target) if self.max_rows is None else self.max_rows
        total = min(n_source, limit) + min(n_target, limit)
        if self.bandwidth is None:
            check_memory(
                total,
                total,
                max_memory=self.max_memory,
                name="Domain-invariant projection",
                way_out=f"pass max_rows={max(2, min(1000, isqrt(self.max_memory // 8) // 2))}, or a bandwidth",
            )
        source, target = (
            np.arange(n) if n <= limit else np.sort(random.choice(n, limit, replace=False))
            for n in (n_source, n_target)
        )
        return source, source if same else target

    def _class_residuals(self, rows: Floats, y: Any, n_source: int, drawn: NDArray[np.intp]) -> Floats | None:
        if not self.within_class:
            return None
        columns = one_column_per_class(y, n_source, "within_class")[drawn]
        # A class of which no row was drawn has no mean, and none to be compared with it.
        return rows - columns @ (columns.T @ rows / np.maximum(columns.sum(axis=0), 1)[:, None])

    def _minimise(self, start: Floats, rows: tuple[Floats, Floats], residuals: Floats | None) -> Floats:
        def objective(W: Floats) -> tuple[float, Floats]:
            value, gradient = projected_mmd(W, rows[0], rows[1], self.bandwidth_)
            if residuals is None:
                return value, gradient
            weight, scattered = self.within_class / (len(residuals) * self.bandwidth_**2), residuals @ W
            return value + weight * (scattered**2).sum(), gradient + 2 * weight * (residuals.T @ scattered)

        W, history, converged = minimise_on_grassmann(objective, start, max_iter=self.max_iter, tol=self.tol)
        self.objective_ = np.array(history)
        self.n_iter_ = max(1, len(history) - 1)
        if not converged:
            warnings.warn(
                f"The projection still improved after max_iter={self.max_iter} steps (from {history[0]:.3g} to"
                f" {history[-1]:.3g}); raise max_iter or tol.",
                ConvergenceWarning,
                stacklevel=4,
            )
        return W

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self.within_class > 0
        return tags

    @property
    def _n_features_out(self) -> int:
        return self.n_components_


def _median_distance(Z: Floats) -> float:
    """Return the median distance between two rows, or the mean one where most rows are the same."""
    distances = pdist(Z)
    return float(np.median(distances)) or float(distances.mean()) or 1.0


def _along_principal_axes(W: Floats, centred: Floats) -> Floats:
    """Turn a basis to the principal axes of the projected rows, which makes it unique."""
    turned = linalg.svd(centred @ W, full_matrices=False)[2] @ W.T
    return turned * np.sign(turned[np.arange(len(turned)), np.abs(turned).argmax(axis=1)])[:, None]
