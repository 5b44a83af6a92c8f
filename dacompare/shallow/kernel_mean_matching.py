"""Weight source rows so that their mean in the space of a kernel is that of the target."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_array
from threadpoolctl import threadpool_limits

from dacompare.checks import check_count, check_number
from dacompare.domains.checks import check_same_columns
from dacompare.shallow.kernels import (
    Floats,
    choose_gamma,
    draw_rows,
    kernel_matrix,
    landmark_map,
    mean_kernel,
)
from dacompare.shallow.memory import DEFAULT_MEMORY, check_memory, columns_that_fit
from dacompare.shallow.quadratic_program import DenseQuadratic, LowRankQuadratic, Quadratic, minimise_quadratic
from dacompare.shallow.rows import check_target
from dacompare.shallow.weighting import WeightingClassifier


def kernel_mean_matching_weights(
    X_source: ArrayLike,
    X_target: ArrayLike,
    *,
    kernel: str = "rbf",
    gamma: float | None = None,
    B: float = 1000.0,
    eps: float | None = None,
    n_landmarks: int | None = None,
    max_rows: int | None = None,
    max_memory: int = DEFAULT_MEMORY,
    random_state: int | None = 0,
) -> Floats:
    """Return a weight for each source row, so that the weighted source has the target's mean in the kernel's space.

    The weights β minimise ½ βᵀKβ − κᵀβ with κ_i = (n_s / n_t) Σ_j k(x_i, x'_j) over the target rows x', where
    0 ≤ β_i ≤ B and |Σ β_i − n_s| ≤ n_s ε. They estimate the density ratio p_t(x) / p_s(x). Their mean is 1 up to ε
    only, which by default is wide: weights of far domains are small, and a classifier with them is regularised more.

    Parameters
    ----------
    X_source : array-like of shape (n_source, n_features)
    X_target : array-like of shape (n_target, n_features)
    kernel : {"rbf", "linear"}
        The linear kernel matches the domains' plain means, and nothing else.
    gamma : float or None
        Of the Gaussian kernel, exp(−γ ‖x − x'‖²); None takes 1 / 2σ² with σ the median distance between rows.
    B : float
        Ceiling of a weight, above 1. A lower one spreads the weight over more rows.
    eps : float or None
        ε ≥ 0; None takes (√n_s − 1) / √n_s, and 0 for the linear kernel, whose means all weights together would scale.
    n_landmarks : int or None
        Rows drawn from both domains that stand for all in the Gaussian kernel (Nyström); None takes all rows. The
        linear kernel needs none.
    max_rows : int or None
        Target rows drawn for κ; None takes all.
    max_memory : int
        Bytes for the large matrices.
    random_state : int or None
        Of all draws.

    Returns
    -------
    ndarray of shape (n_source,)

    Raises
    ------
    ValueError
        Where a parameter is out of range, or the domains have different features.
    MemoryError
        Where the kernel matrix does not fit into `max_memory`.

    Notes
    -----
    For d features, all rows take two n_s × n_s matrices, O(n_s² d) time for the kernel and O(n_s³) for each of the ten
    to thirty steps of the solver; κ takes O(n_s n_t d) time, and little memory. m landmarks take O(n_s m) memory,
    O((n_s + n_t) m d) time for all kernels and O(n_s m² + m³) a step; the linear kernel O(n_s d + d²) memory, O(n_t d)
    time for κ and O(n_s d² + d³) a step. More features, or landmarks, than source rows cost what all rows cost.

    References
    ----------
    Huang, Smola, Gretton, Borgwardt & Schölkopf 2006, Correcting sample selection bias by unlabeled data, section 3,
    whose experiments have B = 1000 and ε = (√n_s − 1) / √n_s.

    Examples
    --------
    >>> X = np.linspace(-1, 1, 9)[:, None]
    >>> weights = kernel_mean_matching_weights(X, X[6:])
    >>> bool(weights[6:].sum() > 0.9 * weights.sum())
    True
    """
    X = check_array(X_source, dtype=np.float64, input_name="X_source")
    target = check_target(X_target, X.shape[1], least=1, source="X_source")
    check_same_columns(X_source, X_target, source="X_source")
    low, high = _total_limits(len(X), B, 0.0 if eps is None and kernel == "linear" else eps)
    gamma = choose_gamma(kernel, gamma, X, target, random_state)
    target = target[draw_rows(len(target), max_rows, random_state)]
    # One BLAS thread: sums in another order would give other last digits, and the program makes them larger.
    with threadpool_limits(1):
        if kernel == "rbf" and n_landmarks is None:
            quadratic, mean = _all_rows(X, target, gamma, max_memory)
        else:
            quadratic, mean = _few_features(X, target, kernel, gamma, n_landmarks, max_memory, random_state)
        return minimise_quadratic(quadratic, len(X) * mean, upper=B, low=low, high=high)


class KernelMeanMatching(WeightingClassifier):
    """Train a classifier on source rows that are weighted to have the target's mean in the kernel's space.

    It helps where the domains differ in how often rows occur, not in what their labels are (covariate shift), and the
    classifier is too simple to be right everywhere. Labels have no part in the weights.

    Costs are those of :func:`kernel_mean_matching_weights`, O(n_s³ + n_s² d + n_s n_t d) time and O(n_s²) memory for
    n_s source and n_t target rows of d features unless `n_landmarks` or the linear kernel is taken, beside the training
    of the classifier on all source rows.

    Parameters
    ----------
    estimator : classifier or None
        Its ``fit`` must take ``sample_weight``; None takes :func:`~dacompare.linear_svm`.
    kernel, gamma, B, eps, n_landmarks, max_rows, max_memory, random_state
        As in :func:`kernel_mean_matching_weights`.

    Attributes
    ----------
    weights_ : ndarray of shape (n_source,)
        One per source row; all one where there is no target.
    estimator_ : classifier
        Trained on the weighted rows.
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int

    References
    ----------
    Huang, Smola, Gretton, Borgwardt & Schölkopf 2006, Correcting sample selection bias by unlabeled data, section 3.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X, X_target = rng.normal(size=(200, 1)), rng.normal(1, 0.3, (100, 1))
    >>> y = (np.abs(X[:, 0]) < 1).astype(int)  # no straight cut is right everywhere, one at 1 is right in the target
    >>> matched = KernelMeanMatching().fit(X, y, X_target=X_target)
    >>> matched.score(X_target, np.abs(X_target[:, 0]) < 1) > 0.9
    True
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        kernel: str = "rbf",
        gamma: float | None = None,
        B: float = 1000.0,
        eps: float | None = None,
        n_landmarks: int | None = None,
        max_rows: int | None = None,
        max_memory: int = DEFAULT_MEMORY,
        random_state: int | None = 0,
    ) -> None:
        super().__init__(estimator)
        self.kernel = kernel
        self.gamma = gamma
        self.B = B
        self.eps = eps
        self.n_landmarks = n_landmarks
        self.max_rows = max_rows
        self.max_memory = max_memory
        self.random_state = random_state

    def _weigh(self, X: Floats, X_target: Floats, y: NDArray[Any]) -> Floats:
        return kernel_mean_matching_weights(
            X,
            X_target,
            kernel=self.kernel,
            gamma=self.gamma,
            B=self.B,
            eps=self.eps,
            n_landmarks=self.n_landmarks,
            max_rows=self.max_rows,
            max_memory=self.max_memory,
            random_state=self.random_state,
        )


def _total_limits(n: int, B: float, eps: float | None) -> tuple[Floats, Floats]:
    """Return the least and the greatest sum of the weights."""
    check_number("B", B, above=1, note="the mean weight")
    eps = (np.sqrt(n) - 1) / np.sqrt(n) if eps is None else eps
    check_number("eps", eps, at_least=0, note="or None for (√n - 1) / √n")
    return np.array([n * max(0.0, 1 - eps)]), np.array([n * (1 + eps)])


def _all_rows(X: Floats, target: Floats, gamma: float | None, max_memory: int) -> tuple[Quadratic, Floats]:
    """Return K, and the mean kernel of each source row with the target."""
    fits = columns_that_fit(len(X), copies=3, max_memory=max_memory)
    way_out = f"pass n_landmarks={fits} (Nyström), or fewer" if fits else "fit on fewer source rows"
    check_memory(len(X), len(X), copies=2, max_memory=max_memory, name="KernelMeanMatching", way_out=way_out)
    return DenseQuadratic(kernel_matrix(X, gamma=gamma)), mean_kernel(X, target, kernel="rbf", gamma=gamma)


def _few_features(
    X: Floats,
    target: Floats,
    kernel: str,
    gamma: float | None,
    n_landmarks: int | None,
    max_memory: int,
    random_state: int | None,
) -> tuple[Quadratic, Floats]:
    """Return the same in terms of features whose inner products are the kernel."""
    # More landmarks than rows there are not.
    m = X.shape[1] if kernel == "linear" else min(check_count("n_landmarks", n_landmarks), len(X) + len(target))
    way_out = "reduce the features first" if kernel == "linear" else "pass fewer n_landmarks"
    # The map of the landmarks takes a square of them; the solver never more than one of the rows.
    taken = max(len(X), m) if kernel == "rbf" else len(X)
    check_memory(taken, m, copies=3, max_memory=max_memory, name="KernelMeanMatching", way_out=way_out)
    if kernel == "linear":
        return _in_fewer(X), X @ target.mean(axis=0)
    features = landmark_map(np.concatenate([X, target]), m, gamma=gamma, random_state=random_state)
    Z = features(X)
    # The mean must pass through the same features: what they cannot tell apart would pull weights to their ceiling.
    return _in_fewer(Z), Z @ features.mean(target)


def _in_fewer(Z: Floats) -> Quadratic:
    """Return Z Zᵀ by its columns or, where these are more, by its rows."""
    return LowRankQuadratic(Z) if Z.shape[1] <= len(Z) else DenseQuadratic(Z @ Z.T)
