"""Select the source rows that are distributed like the target, at several scales, and train on them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_X_y
from threadpoolctl import threadpool_limits

from dacompare.checks import check_number
from dacompare.domains.checks import check_same_columns
from dacompare.names import check_name
from dacompare.shallow.kernels import Floats, draw_rows, kernel_matrix, mean_kernel, median_bandwidth
from dacompare.shallow.memory import DEFAULT_MEMORY, check_memory
from dacompare.shallow.quadratic_program import DenseQuadratic, minimise_quadratic
from dacompare.shallow.rows import check_target
from dacompare.shallow.weighting import WeightingClassifier

SCALES = tuple(2.0**q for q in range(-6, 7))
WEIGHTINGS = ("binary", "relaxed")
# A landmark has at least this share of the mean weight; the others are zero but for the solver's rounding.
NEGLIGIBLE = 1e-3


def select_landmarks(
    X_source: ArrayLike,
    y_source: ArrayLike,
    X_target: ArrayLike,
    *,
    scales: Sequence[float] = SCALES,
    max_memory: int = DEFAULT_MEMORY,
    random_state: int | None = 0,
) -> Floats:
    """Return how much each source row is part of the landmarks, at each scale: 0 for most, where domains differ.

    Landmarks α ∈ {0, 1} minimise ‖Σ α_m φ(x_m) / Σ α_m − Σ φ(x'_n) / N‖², the distance of their mean from that of the
    target in the space of a Gaussian kernel, where every class has the same share of them as of the source. With
    β_m = α_m / Σ α this is relaxed to a convex program: minimise βᵀK_s β − (2/N) βᵀK_st 1 over β from 0 to 1 whose sum
    over the rows of each class is the share of that class.

    Parameters
    ----------
    X_source : array-like of shape (n_source, n_features)
    y_source : array-like of shape (n_source,)
        Labels.
    X_target : array-like of shape (n_target, n_features)
    scales : sequence of float
        Factors s of the kernel exp(−s ‖x − x'‖² / σ²), with σ the median distance between rows of both domains.
    max_memory : int
        Bytes for the large matrices.
    random_state : int or None
        Of the draw of rows for the median.

    Returns
    -------
    ndarray of shape (n_scales, n_source)
        β; every row of it has sum 1, rows that are no landmark have exactly 0.

    Raises
    ------
    ValueError
        Where the domains have different features, or a scale is not above 0.
    MemoryError
        Where two n_source × n_source matrices do not fit into `max_memory`.

    Notes
    -----
    For n_s source and n_t target rows of d features, takes O(n_s²) memory, two matrices at a time, and for each scale
    O(n_s (n_s + n_t) d) time for the kernels and O(n_s³) for each of the ten to thirty steps of the solver.

    References
    ----------
    Gong, Grauman & Sha 2013, Connecting the dots with landmarks: discriminatively learning domain-invariant features
    for unsupervised domain adaptation, section 3.1. The scales are those of the code that the authors released.

    Examples
    --------
    >>> X, y = np.array([[0.0], [0.2], [5.0], [1.0], [1.2], [6.0]]), np.array([0, 0, 0, 1, 1, 1])
    >>> select_landmarks(X, y, [[0.1], [1.1]], scales=[1.0]).round(2).tolist()
    [[0.24, 0.26, 0.0, 0.26, 0.24, 0.0]]
    """
    X, y = check_X_y(X_source, y_source, dtype=np.float64)
    target = check_target(X_target, X.shape[1], least=1, source="X_source")
    check_same_columns(X_source, X_target, source="X_source")
    if not np.ndim(scales) or not len(scales):
        raise ValueError(f"scales must hold at least one number above 0, such as [0.5, 1.0], got {scales!r}.")
    factors = [check_number("each of scales", scale, above=0) for scale in scales]
    way_out = "pass {fits} source rows at most, as LandmarkSelection(max_rows={fits}) does"
    check_memory(len(X), len(X), copies=2, max_memory=max_memory, name="select_landmarks", way_out=way_out)
    codes = np.unique(y, return_inverse=True)[1]
    sigma = median_bandwidth(X, target, random_state=random_state, way_out="landmarks need rows that differ")
    # One BLAS thread: sums in another order would give other last digits, and the program makes them larger.
    with threadpool_limits(1):
        return np.stack([_relaxed_landmarks(X, codes, target, factor / sigma**2) for factor in factors])


def select_among_drawn(
    X: Floats,
    y: NDArray[Any],
    X_target: Floats,
    *,
    max_rows: int | None,
    max_memory: int = DEFAULT_MEMORY,
    random_state: int | None,
    needed_by: str = "LandmarkSelection",
    **settings: Any,
) -> tuple[NDArray[np.int64], Floats]:
    """Draw rows of both domains, those of the source by class, and select landmarks among them.

    Parameters
    ----------
    X, X_target : ndarray of shape (n, n_features)
    y : ndarray of shape (n_source,)
    max_rows : int or None
        Of each domain; None takes all.
    max_memory : int
        Bytes for the large matrices.
    random_state : int or None
        Of all draws.
    needed_by : str
        Who asks, for the message where they do not fit.
    **settings
        Others of :func:`select_landmarks`.

    Returns
    -------
    drawn : ndarray of int of shape (n_drawn,)
        Numbers of the source rows that may be landmarks.
    betas : ndarray of shape (n_scales, n_drawn)
        As :func:`select_landmarks` returns them.

    Examples
    --------
    >>> X, y = np.array([[0.0], [5.0], [1.0], [6.0]]), np.array([0, 0, 1, 1])
    >>> drawn, betas = select_among_drawn(X, y, X[::2], max_rows=None, random_state=0, scales=[1.0])
    >>> drawn.tolist(), betas.shape
    ([0, 1, 2, 3], (1, 4))
    """
    drawn = draw_rows(len(X), max_rows, random_state, y=y)
    if len(np.unique(y[drawn])) < (n_classes := len(np.unique(y))):
        raise ValueError(f"max_rows must leave a row of each of the {n_classes} classes, got {max_rows!r}.")
    target = X_target[draw_rows(len(X_target), max_rows, random_state)]
    n = len(drawn)
    check_memory(n, n, copies=2, max_memory=max_memory, name=needed_by, way_out="pass max_rows={fits}")
    settings |= {"max_memory": max_memory, "random_state": random_state}
    return drawn, select_landmarks(X[drawn], y[drawn], target, **settings)


def landmark_weights(betas: Floats, y: ArrayLike, *, max_share: float = 2 / 3, weighting: str = "relaxed") -> Floats:
    """Return one weight for each source row, from its part in the landmarks of all scales.

    Parameters
    ----------
    betas : ndarray of shape (n_scales, n_source)
        What :func:`select_landmarks` returns.
    y : array-like of shape (n_source,)
        Labels.
    max_share : float
        A scale whose landmarks are a larger share of all rows selects nothing, and is left out; in (0, 1].
    weighting : {"relaxed", "binary"}
        "relaxed" takes the mean of β over the scales; "binary" gives all rows that are a landmark at any scale the same
        weight, but for the balance of classes.

    Returns
    -------
    ndarray of shape (n_source,)
        The weights of each class have its number of rows as their sum. All one where every scale is left out.

    Examples
    --------
    >>> betas = np.array([[0.5, 0.0, 0.25, 0.25, 0.0, 0.0], [1 / 6] * 6])
    >>> landmark_weights(betas, [0, 0, 1, 1, 1, 1]).tolist()
    [2.0, 0.0, 2.0, 2.0, 0.0, 0.0]
    """
    check_name("weighting", weighting, WEIGHTINGS)
    check_number("max_share", max_share, above=0, at_most=1)
    kept = betas[(betas > 0).mean(axis=1) <= max_share]
    if not len(kept):
        return np.ones(betas.shape[1])
    raw = kept.mean(axis=0) if weighting == "relaxed" else (kept > 0).any(axis=0).astype(np.float64)
    codes = np.unique(y, return_inverse=True)[1]
    return _share_out(raw, codes, np.bincount(codes))


class LandmarkSelection(WeightingClassifier):
    """Train a classifier on landmarks: source rows that are distributed like the target.

    Landmarks are selected at each of several scales, and together weight the rows that the classifier is trained on.
    Classes keep their shares of the source, so labels of the source take part.

    Parameters
    ----------
    estimator : classifier or None
        Its ``fit`` must take ``sample_weight``, unless `weighting` is "binary": a classifier without weights, such as
        the nearest neighbour, is then trained on the landmarks. None takes :func:`~dacompare.linear_svm`.
    scales : sequence of float
        Factors s of the kernel exp(−s ‖x − x'‖² / σ²), with σ the median distance between rows. Small ones compare
        domains roughly, large ones in detail.
    max_share : float
        A scale whose landmarks are a larger share of all rows is left out; in (0, 1]. Where all are, all rows weigh 1.
    weighting : {"relaxed", "binary"}
        Whether a row weighs its mean part in the landmarks of all scales, or the same as any other landmark of its
        class. "binary" is the paper's α; it counts rows in full that the relaxed program hardly needs, of which narrow
        kernels have many.
    max_rows : int or None
        Rows drawn from each domain, from the source by class: only those can be landmarks. None takes all.
    max_memory : int
        Bytes for the large matrices: two of max_rows × max_rows.
    random_state : int or None
        Of all draws.

    Attributes
    ----------
    weights_ : ndarray of shape (n_source,)
        One per source row, 0 where it is no landmark; all one where there is no target.
    estimator_ : classifier
        Trained on the weighted rows.
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int

    Notes
    -----
    Takes O(n²) memory for the n = max_rows rows of d features that are drawn from each domain, and for each scale
    O(n² d) time for the kernels and O(n³) for each of the ten to thirty steps of the solver; beside it comes the
    training of the classifier.

    This is the first step of the paper: the selection, with its scales and its balance of classes. What it does next,
    with auxiliary tasks and a combination of kernels, is :class:`~dacompare.shallow.LandmarkFlowKernel`; here the
    landmarks of all scales weight the rows of a single classifier. Leaving out scales that select over two thirds of
    the rows is in the code that the authors released.

    The paper's distance between rows is that of the geodesic flow kernel, here it is the Euclidean one: put a geodesic
    flow kernel in front, in a pipeline, for the other. In hundreds of dimensions, where all Euclidean distances are
    alike, every scale selects nearly all rows, and nothing is adapted: reduce the dimensions first.

    References
    ----------
    Gong, Grauman & Sha 2013, Connecting the dots with landmarks: discriminatively learning domain-invariant features
    for unsupervised domain adaptation, section 3.1.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(200) % 2
    >>> X = rng.normal(size=(200, 2)) + 4 * np.stack([y, np.zeros(200)], axis=1)
    >>> X[:80] = -X[:80] + [0, 9]  # a part of the source in another place, the other way round
    >>> landmarks = LandmarkSelection(scales=[0.5, 1.0, 2.0]).fit(X, y, X_target=X[150:])
    >>> bool(landmarks.weights_[:80].sum() < 0.1 * landmarks.weights_.sum())
    True
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        scales: Sequence[float] = SCALES,
        max_share: float = 2 / 3,
        weighting: str = "relaxed",
        max_rows: int | None = 2000,
        max_memory: int = DEFAULT_MEMORY,
        random_state: int | None = 0,
    ) -> None:
        super().__init__(estimator)
        self.scales = scales
        self.max_share = max_share
        self.weighting = weighting
        self.max_rows = max_rows
        self.max_memory = max_memory
        self.random_state = random_state

    def _only_selects(self) -> bool:
        return self.weighting == "binary"

    def _weigh(self, X: Floats, X_target: Floats, y: NDArray[Any]) -> Floats:
        source, betas = select_among_drawn(
            X, y, X_target,
            max_rows=self.max_rows, scales=self.scales, max_memory=self.max_memory, random_state=self.random_state,
        )  # fmt: skip
        own = landmark_weights(betas, y[source], max_share=self.max_share, weighting=self.weighting)
        if (own == 1).all():  # no scale selects, so that rows that were not drawn are no worse than those that were
            return np.ones(len(X))
        weights = np.zeros(len(X))
        weights[source] = own
        # A draw of few rows has more of a rare class than its share; together the rows of a class weigh what they were.
        codes = np.unique(y, return_inverse=True)[1]
        return _share_out(weights, codes, np.bincount(codes))


def _relaxed_landmarks(X: Floats, codes: NDArray[np.int64], target: Floats, gamma: float) -> Floats:
    """Return β for one kernel."""
    shares = np.bincount(codes) / len(X)
    closeness = mean_kernel(X, target, kernel="rbf", gamma=gamma)
    K = DenseQuadratic(kernel_matrix(X, gamma=gamma))
    betas = minimise_quadratic(K, closeness, upper=1.0, low=shares, high=shares, groups=codes)
    betas[betas < NEGLIGIBLE / len(X)] = 0
    return _share_out(betas, codes, shares)


def _share_out(weights: Floats, codes: NDArray[np.int64], totals: NDArray[Any]) -> Floats:
    """Scale the weights of each class, so that they have its total as their sum."""
    return weights * (totals / np.bincount(codes, weights))[codes]
