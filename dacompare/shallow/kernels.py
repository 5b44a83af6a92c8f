"""Compare rows by a kernel whose width comes from the rows themselves."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import pdist
from sklearn.kernel_approximation import Nystroem
from sklearn.metrics.pairwise import linear_kernel, rbf_kernel
from sklearn.utils import check_array, gen_batches

from dacompare.checks import check_count, check_number
from dacompare.domains import subsample_rows
from dacompare.names import check_name

Floats = NDArray[np.float64]
KERNELS = ("linear", "rbf")
# Entries of a block of a kernel matrix that is used at once and thrown away: 64 MiB.
BLOCK = 2**23


def median_bandwidth(
    X: ArrayLike,
    Y: ArrayLike | None = None,
    *,
    max_rows: int = 1000,
    random_state: int | None = 0,
    way_out: str = "give gamma",
) -> float:
    """Return the median distance between two rows, the usual width of a Gaussian kernel.

    Pairs of equal rows do not count: many copies of one row would make the median 0, and the kernel useless.

    Parameters
    ----------
    X, Y : array-like of shape (n, n_features)
        Rows of one domain or of both; they are pooled.
    max_rows : int
        Rows drawn at random, at least 2, among whose pairs the median is taken: O(max_rows² n_features) time.
    random_state : int or None
        Of the draw; the same number draws the same rows.
    way_out : str
        What to do where all rows are equal, for the message.

    Returns
    -------
    float
        σ of k(x, x') = exp(−‖x − x'‖² / 2σ²); above 0.

    Raises
    ------
    ValueError
        Where all rows are equal.

    References
    ----------
    Gretton, Borgwardt, Rasch, Schölkopf & Smola 2012, A kernel two-sample test, section 8.

    Examples
    --------
    >>> median_bandwidth([[0.0], [1.0]], [[3.0], [3.0]])
    2.0
    """
    pooled = check_array(X if Y is None else np.concatenate([np.asarray(X), np.asarray(Y)]), dtype=np.float64)
    # Differences, not the expanded square: that one gives two copies of a row a distance above 0.
    distances = pdist(pooled[draw_rows(len(pooled), max_rows, random_state)])
    distances = distances[distances > 0]
    if not len(distances):
        raise ValueError(f"all rows drawn are equal, so there is no distance to take the median of; {way_out}.")
    return float(np.median(distances))


def kernel_matrix(
    X: ArrayLike, Y: ArrayLike | None = None, *, kernel: str = "rbf", gamma: float | None = None
) -> Floats:
    """Return the kernel between all pairs of rows; O(n_x n_y n_features) time and one matrix of memory.

    Parameters
    ----------
    X : array-like of shape (n_x, n_features)
    Y : array-like of shape (n_y, n_features), optional
        None stands for `X`.
    kernel : {"rbf", "linear"}
        exp(−γ ‖x − y‖²), or xᵀy.
    gamma : float or None
        γ of the Gaussian kernel, above 0; None takes 1 / 2σ² with σ the median distance.

    Returns
    -------
    ndarray of shape (n_x, n_y)

    Raises
    ------
    TypeError, ValueError
        For another kernel, or a `gamma` that is no positive number.

    Examples
    --------
    >>> kernel_matrix([[0.0], [1.0]], gamma=np.log(2)).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    if check_name("kernel", kernel, KERNELS) == "linear":
        return linear_kernel(X, Y)
    return _gaussian(X, Y, choose_gamma(kernel, gamma, X, Y), np.asarray(X, dtype=np.float64).mean(axis=0))


def _gaussian(X: ArrayLike, Y: ArrayLike | None, gamma: float | None, centre: Floats) -> Floats:
    """Return the Gaussian kernel of centred rows: the same, but that squares of a common offset would cost digits."""
    return rbf_kernel(np.asarray(X) - centre, None if Y is None else np.asarray(Y) - centre, gamma=gamma)


def choose_gamma(
    kernel: str, gamma: float | None, X: ArrayLike, Y: ArrayLike | None = None, random_state: int | None = 0
) -> float | None:
    """Return the γ that a kernel uses: the one given, 1 / 2σ² with σ the median distance, or None if it has none.

    Examples
    --------
    >>> choose_gamma("rbf", None, [[0.0]], [[2.0]]), choose_gamma("linear", None, [[0.0]])
    (0.125, None)
    """
    if check_name("kernel", kernel, KERNELS) == "linear":
        return None
    if gamma is None:
        return 1 / (2 * median_bandwidth(X, Y, random_state=random_state) ** 2)
    return check_number("gamma", gamma, above=0)


def mean_kernel(X: Floats, Y: Floats, *, kernel: str, gamma: float | None) -> Floats:
    """Return the mean over rows of `Y` of their kernel with each row of `X`, shape (n_x,), block by block.

    Examples
    --------
    >>> mean_kernel(np.array([[1.0], [2.0]]), np.array([[1.0], [5.0]]), kernel="linear", gamma=None).tolist()
    [3.0, 6.0]
    """
    total = np.zeros(len(X))
    for block in gen_batches(len(Y), max(1, BLOCK // len(X))):
        total += kernel_matrix(X, Y[block], kernel=kernel, gamma=gamma).sum(axis=1)
    return total / len(Y)


@dataclass(frozen=True)
class KernelMap:
    """Turn rows into a few features by their kernels with known rows: k(x, rows) @ weights, or x @ weights.

    Parameters
    ----------
    rows : ndarray of shape (n, n_features) or None
        None for the linear kernel, whose weights act on the features themselves.
    weights : ndarray of shape (n or n_features, n_out)
    gamma : float or None
        Of the Gaussian kernel.
    """

    rows: Floats | None
    weights: Floats
    gamma: float | None

    def __call__(self, X: Floats) -> Floats:
        """Return the features of rows, shape (n_x, n_out)."""
        if self.rows is None:
            return X @ self.weights
        mapped, centre = np.empty((len(X), self.weights.shape[1])), self.rows.mean(axis=0)
        for block in gen_batches(len(X), max(1, BLOCK // len(self.rows))):
            mapped[block] = _gaussian(X[block], self.rows, self.gamma, centre) @ self.weights
        return mapped

    def mean(self, X: Floats) -> Floats:
        """Return the mean of the features of rows, shape (n_out,), without making them all."""
        if self.rows is None:
            return X.mean(axis=0) @ self.weights
        return mean_kernel(self.rows, X, kernel="rbf", gamma=self.gamma) @ self.weights


def landmark_map(X: Floats, n_landmarks: int, *, gamma: float | None, random_state: int | None = 0) -> KernelMap:
    """Return the Nyström map: features whose inner products approximate the Gaussian kernel.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        Rows that the landmarks are drawn from.
    n_landmarks : int
        More come nearer to the kernel; all rows give it exactly. O(n_landmarks³) time.
    gamma : float
    random_state : int or None
        Of the draw.

    References
    ----------
    Williams & Seeger 2001, Using the Nyström method to speed up kernel machines.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [2.0]])
    >>> features = landmark_map(X, 3, gamma=1.0)(X)
    >>> np.allclose(features @ features.T, kernel_matrix(X, gamma=1.0))
    True
    """
    wanted = min(check_count("n_landmarks", n_landmarks), len(X))
    centre = X.mean(axis=0)
    fitted = Nystroem("rbf", gamma=gamma, n_components=wanted, random_state=random_state).fit(X - centre)
    return KernelMap(fitted.components_ + centre, fitted.normalization_.T, gamma)


def draw_rows(
    n_rows: int, max_rows: int | None, random_state: int | None = 0, *, y: NDArray[Any] | None = None
) -> NDArray[np.int64]:
    """Return the numbers of at most `max_rows` rows, drawn without replacement, by class where labels are given.

    Parameters
    ----------
    n_rows : int
    max_rows : int or None
        From 2 on; None takes all.
    random_state : int or None
        The same number draws the same rows; None stands for 0.
    y : ndarray of shape (n_rows,), optional
        Labels; every class keeps its share.

    Examples
    --------
    >>> len(draw_rows(10, 4)), draw_rows(3, None).tolist()
    (4, [0, 1, 2])
    """
    limit = 0 if max_rows is None else check_count("max_rows", max_rows, at_least=2)
    return subsample_rows(y, limit, 0 if random_state is None else random_state, n_rows=n_rows)
