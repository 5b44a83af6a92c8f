"""Measure the maximum mean discrepancy between two domains, and test whether it is chance."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import pdist
from sklearn.metrics.pairwise import euclidean_distances
from threadpoolctl import threadpool_limits

from dacompare.checks import check_count, check_number
from dacompare.divergence.drawing import DrawnRows
from dacompare.divergence.held_out import draw_pair
from dacompare.divergence.measured import MeasuredDistance
from dacompare.divergence.permutation import deal_domains, p_value_of
from dacompare.domains import subsample_rows
from dacompare.shallow.memory import DEFAULT_MEMORY, check_memory

MEDIAN_ROWS = 500
NOTE = (
    "Unbiased: below 0 as often as above where the domains do not differ; where rows come in groups, which are alike,"
    " above 0, and `null_mean` says by how much. The kernel follows the distances between the rows, so values of"
    " different features have different scales; compare p-values."
)


def mmd(
    X_source: Any,
    X_target: Any,
    *,
    groups_source: ArrayLike | None = None,
    groups_target: ArrayLike | None = None,
    bandwidth: float | None = None,
    scales: Sequence[float] = (1.0,),
    n_permutations: int = 200,
    max_rows: int = 5000,
    max_memory: int = DEFAULT_MEMORY,
    random_state: int = 0,
) -> MeasuredDistance:
    """Estimate the squared maximum mean discrepancy, MMD², without bias, and test it by permutation.

    MMD² is the squared distance between the means of the two domains in the space of a Gaussian kernel; it is
    0 only for equal distributions. k(x, y) is the mean over scales s of exp(−‖x − y‖² / (2 s²σ²)).

    Parameters
    ----------
    X_source, X_target : array-like of shape (n, ...) or Domain
    groups_source, groups_target : array-like of shape (n,), optional
        Rows of one group hang together: then whole groups are permuted. By default those of a `Domain`.
    bandwidth : float, optional
        σ, above 0; by default the median distance between two rows of the pooled domains.
    scales : sequence of float
        Multiples of σ, each a kernel.
    n_permutations : int
        0: no test.
    max_rows : int
        Rows drawn from each domain at most; they decide the cost, O(n² (d + n_permutations)).
    max_memory : int
        Bytes that three matrices of 2n x 2n may take.
    random_state : int

    Returns
    -------
    MeasuredDistance
        `value` may be negative. `details`: bandwidth, scales, and the mean of `value` over the permutations.

    Raises
    ------
    ValueError
        For fewer than four rows in a domain, different features, or a bandwidth or scale that is not positive.
    MemoryError
        Where the kernel matrix would not fit.

    References
    ----------
    Gretton, Borgwardt, Rasch, Schölkopf & Smola 2012, A kernel two-sample test, lemma 6 with equation 3,
    and section 8 (the median heuristic).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> far = mmd(rng.normal(size=(60, 3)), rng.normal(1.0, size=(60, 3)))
    >>> far.value > 0.1, far.p_value < 0.01
    (True, True)
    """
    multiples = _check_scales(scales)
    drawn = draw_pair(X_source, X_target, groups_source, groups_target, max_rows, random_state)
    n = len(drawn.X)
    dealings = check_count("n_permutations", n_permutations, at_least=0)
    # Squares, kernel and one term of it; and four columns for each dealing: twice whole numbers, twice floats.
    check_memory(
        n, n, copies=3 + -(-4 * dealings // n), max_memory=max_memory, name="MMD", way_out="pass a smaller max_rows"
    )
    with threadpool_limits(1):
        sigma = median_distance(drawn, random_state) if bandwidth is None else check_number("bandwidth", bandwidth)
        kernel = gaussian_kernel(drawn.X, [sigma * scale for scale in multiples])
        dealt = deal_domains(drawn, n_permutations, random_state)
        values = unbiased_mmd2(kernel, np.concatenate([drawn.domain[None], dealt]))
    details = {"bandwidth": float(sigma), "scales": multiples}
    if not len(dealt):
        return MeasuredDistance(float(values[0]), n // 2, drawn.X.shape[1], details=details, note=NOTE)
    details["null_mean"] = float(values[1:].mean())
    p_value = p_value_of(float(values[0]), values[1:])
    return MeasuredDistance(float(values[0]), n // 2, drawn.X.shape[1], None, p_value, details, NOTE)


def unbiased_mmd2(kernel: NDArray[np.float64], domains: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the unbiased MMD² for each way to deal the rows out to two domains.

    Parameters
    ----------
    kernel : ndarray of shape (n, n)
        Symmetric.
    domains : ndarray of shape (n_dealt, n)
        0 or 1, at least two of each in a row.

    Examples
    --------
    >>> unbiased_mmd2(np.eye(4), np.array([[0, 0, 1, 1]])).tolist()
    [0.0]
    """
    target = domains.T.astype(np.float64)
    m, diagonal, sums = target.sum(axis=0), kernel.diagonal(), kernel.sum(axis=0)
    n = len(kernel) - m
    within = np.einsum("ij,ij->j", target, kernel @ target)
    across = sums @ target - within
    other = sums.sum() - 2 * across - within
    own = diagonal @ target
    return (other - (diagonal.sum() - own)) / (n * (n - 1)) + (within - own) / (m * (m - 1)) - 2 * across / (n * m)


def gaussian_kernel(X: NDArray[np.float64], bandwidths: Sequence[float]) -> NDArray[np.float64]:
    """Return the mean of Gaussian kernels between all rows, shape (n, n).

    Raises
    ------
    ValueError
        Where there is no bandwidth, or one is not above 0.

    Examples
    --------
    >>> gaussian_kernel(np.array([[0.0], [2.0]]), [2.0]).round(4).tolist()
    [[1.0, 0.6065], [0.6065, 1.0]]
    """
    if not len(bandwidths) or not all(0 < sigma < np.inf for sigma in bandwidths):
        raise ValueError(f"bandwidth and scales must be above 0, their products are {list(bandwidths)!r}.")
    # Centred: the squares of a common offset would cost digits.
    squares = euclidean_distances(X - X.mean(axis=0), squared=True)
    kernel = np.zeros_like(squares)
    term = np.empty_like(squares)
    for sigma in bandwidths:
        np.divide(squares, -2 * sigma**2, out=term)
        kernel += np.exp(term, out=term)
    kernel /= len(bandwidths)
    return kernel


def median_distance(drawn: DrawnRows, random_state: int) -> float:
    """Return the median distance between two rows of the pooled domains, of at most 500 rows of each.

    Equal rows do not count; where all rows are equal it is 1, and any kernel says so.

    Examples
    --------
    >>> median_distance(DrawnRows(np.array([[0.0], [0.0], [3.0], [3.0]]), np.array([0, 0, 1, 1]), None), 0)
    3.0
    """
    sides = [np.flatnonzero(drawn.domain == side) for side in (0, 1)]
    seeds = np.random.SeedSequence(random_state).spawn(2)
    rows = [
        side[subsample_rows(None, MEDIAN_ROWS, seed, n_rows=len(side))] for side, seed in zip(sides, seeds, strict=True)
    ]
    distances = pdist(drawn.X[np.concatenate(rows)])
    distances = distances[distances > 0]
    return float(np.median(distances)) if len(distances) else 1.0


def _check_scales(scales: Any) -> list[float]:
    if not isinstance(scales, Sequence | np.ndarray) or isinstance(scales, str):
        raise TypeError(f"scales must be a list of numbers above 0, such as (1.0,), got {scales!r}.")
    return [check_number(f"scales[{i}]", scale) for i, scale in enumerate(scales)]
