"""Find the components in which two domains have the same mean and rows still differ."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from dacompare.checks import check_count, check_number
from dacompare.names import check_name
from dacompare.shallow.aligner import Aligner, Floats, align, check_dimension
from dacompare.shallow.kernels import KernelMap, choose_gamma, kernel_matrix, landmark_map
from dacompare.shallow.memory import DEFAULT_MEMORY, check_memory, columns_that_fit

CONVENTIONS = ("journal", "draft")


def transfer_component_analysis(
    X_source: ArrayLike,
    X_target: ArrayLike,
    n_components: int,
    *,
    kernel: str = "rbf",
    gamma: float | None = None,
    mu: float = 1.0,
    mu_convention: str = "journal",
    **parameters: Any,
) -> tuple[Floats, Floats]:
    """Return source and target rows in the components where their means agree and their variance is large.

    With K the kernel among all n rows of both domains, H = I − 11ᵀ/n, and L = eeᵀ, where e is 1/n_s for source rows
    and −1/n_t for target rows, the components W minimise tr(Wᵀ K L K W) + μ tr(WᵀW), the squared distance of the
    domains' means and a penalty, under WᵀKHKW = I, so that rows still differ. They solve
    K H K w = λ (K L K + μ I) w for the largest λ. Costs are those of :class:`TransferComponentAnalysis`.

    Parameters
    ----------
    X_source : array-like of shape (n_source, n_features)
    X_target : array-like of shape (n_target, n_features)
    n_components : int
        Components kept, largest λ first.
    kernel : {"rbf", "linear"}
    gamma : float or None
        Of the Gaussian kernel, exp(−γ ‖x − x'‖²); None takes 1 / 2σ² with σ the median distance between rows.
    mu : float
        Above 0. In the journal's convention a smaller one aligns more.
    mu_convention : {"journal", "draft"}
        "journal" has K L K + μ I on the right-hand side, "draft" has I + μ K L K: the same as the journal's at 1/μ.
    **parameters
        Others of :class:`TransferComponentAnalysis`: `n_landmarks`, `max_memory`, and so on.

    Returns
    -------
    Z_source : ndarray of shape (n_source, n_components)
    Z_target : ndarray of shape (n_target, n_components)
        The rows of KW, less their common mean; the variance of each component is λ, divided by the largest.

    Raises
    ------
    ValueError
        Where `n_components` exceeds the components that carry variance.
    MemoryError
        Where the kernel matrix does not fit into `max_memory`: `n_landmarks` is the way out.

    References
    ----------
    Pan, Tsang, Kwok & Yang 2011, Domain adaptation via transfer component analysis, IEEE Transactions on Neural
    Networks 22(2), section III ("journal"); the same authors at IJCAI 2009, section 3.3 ("draft"), where the
    distance is equation 7.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> Z_source, Z_target = transfer_component_analysis(rng.normal(size=(50, 4)), rng.normal(2, 1, (40, 4)), 2)
    >>> Z_source.shape, Z_target.shape
    ((50, 2), (40, 2))
    """
    aligner = TransferComponentAnalysis(
        n_components, kernel=kernel, gamma=gamma, mu=mu, mu_convention=mu_convention, **parameters
    )
    return align(aligner, X_source, X_target)


class TransferComponentAnalysis(Aligner):
    """Find the components in which two domains have the same mean and rows still differ.

    One map serves both domains; rows that were not seen in ``fit`` go through their kernels with the rows that were.
    See :func:`transfer_component_analysis` for what is minimised. Without a target there is nothing to align: what is
    left are the components of largest variance for the penalty wᵀw.

    Parameters
    ----------
    n_components : int or None
        Components kept, largest λ first; None keeps as many as there are features, or as carry variance.
    kernel : {"rbf", "linear"}
    gamma : float or None
        Of the Gaussian kernel, exp(−γ ‖x − x'‖²); None takes 1 / 2σ² with σ the median distance between rows.
    mu : float
        Above 0. In the journal's convention a smaller one aligns more.
    mu_convention : {"journal", "draft"}
        K L K + μ I, or I + μ K L K: the draft's μ is the journal's 1/μ.
    whiten : bool
        Whether every component has variance one, as the papers' constraint would have it (WᵀKHKW = n I), or variance
        λ / λ₁, so that components that carry little count little.
    n_landmarks : int or None
        Rows drawn from both domains that stand for all in the Gaussian kernel (Nyström); None takes all n rows. The
        linear kernel needs none.
    max_memory : int
        Bytes for the large matrices.
    random_state : int or None
        Of the draws for the median and of the landmarks.

    Attributes
    ----------
    map_ : KernelMap
        Rows and their weights W, so that new rows are mapped to k(x, rows) W; for the linear kernel, xᵀW.
    mean_ : ndarray of shape (n_components_,)
        Mean over both domains, which is subtracted from both.
    eigenvalues_ : ndarray of shape (n_components_,)
        λ, largest first.
    gamma_ : float or None
        In use; None for the linear kernel.
    n_components_ : int
        Components in use.
    n_features_in_ : int

    Raises
    ------
    ValueError
        Where `n_components` exceeds the components that carry variance: a further one would be rounding noise.
    MemoryError
        Where the matrices do not fit into `max_memory`.

    Notes
    -----
    For n rows of both domains together and d features, the Gaussian kernel takes O(n²) memory, two matrices at a time,
    and O(n² d + n³) time: its entries and the eigenproblem. m landmarks take O(n m) memory and O(n m d + n m²) time,
    the linear kernel O(n d) memory and O(n d min(n, d)) time, and no n × n matrix is made. For p components, a new row
    costs O(n (d + p)) with the kernel of all rows, O(m (d + p)) with landmarks and O(d p) with the linear kernel. L has
    rank one, which turns the generalised problem into a symmetric one without an inverse.

    What is minimised leaves the scale and the mean of each component open. The papers' constraint is WᵀKHKW = I; with
    variances of 1/n, a linear SVM would be regularised the more the more rows there are. Programs that return unit
    eigenvectors have nearly the scales of ``whiten=False``, but for a factor.

    References
    ----------
    Pan, Tsang, Kwok & Yang 2011, Domain adaptation via transfer component analysis, IEEE Transactions on Neural
    Networks 22(2), section III.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X_source, X_target = rng.normal(size=(50, 4)), rng.normal(2, 1, (40, 4))
    >>> aligner = TransferComponentAnalysis(2)
    >>> aligner.fit_transform(X_source, X_target=X_target).shape, aligner.transform(X_target).shape
    ((50, 2), (40, 2))
    """

    def __init__(
        self,
        n_components: int | None = None,
        *,
        kernel: str = "rbf",
        gamma: float | None = None,
        mu: float = 1.0,
        mu_convention: str = "journal",
        whiten: bool = False,
        n_landmarks: int | None = None,
        max_memory: int = DEFAULT_MEMORY,
        random_state: int | None = 0,
    ) -> None:
        self.n_components = n_components
        self.kernel = kernel
        self.gamma = gamma
        self.mu = mu
        self.mu_convention = mu_convention
        self.whiten = whiten
        self.n_landmarks = n_landmarks
        self.max_memory = max_memory
        self.random_state = random_state

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        check_name("mu_convention", self.mu_convention, CONVENTIONS)
        check_number("mu", self.mu, above=0)
        # Without a target the means agree from the start: e is 0, and no row is needed twice.
        rows = X.copy() if X_target is X else np.concatenate([X, X_target])
        e = np.zeros(len(X)) if X_target is X else mean_difference(len(X), len(X_target))
        if (rows == rows[0]).all():
            raise ValueError("X has only constant features, the same as X_target; there is no component to find.")
        if self.n_components is not None:  # before the matrix that many rows take long for
            check_dimension(
                self.n_components, len(rows), f"the kernel of {len(rows)} rows has rank {len(rows)} at most"
            )
        self.gamma_ = choose_gamma(self.kernel, self.gamma, rows, random_state=self.random_state)
        if self.kernel == "rbf" and self.n_landmarks is None:
            self._learn_from_kernel(rows, e)
        else:
            self._learn_from_features(rows, e)

    def _map(self, X: Floats, domain: str) -> Floats:
        return self.map_(X) - self.mean_

    def _learn_from_kernel(self, rows: Floats, e: Floats) -> None:
        """Find one weight for each row, from the n × n kernel matrix."""
        self._check_memory(len(rows), len(rows), copies=2)
        K = kernel_matrix(rows, gamma=self.gamma_)
        difference, mean = K @ e, K.mean(axis=0)
        K -= mean  # now HK
        scatter = K.T @ K
        del K  # before the eigenvectors are found: two matrices at a time
        W = self._solve(scatter, difference, rows)
        self._keep(rows, W, mean @ W)

    def _learn_from_features(self, rows: Floats, e: Floats) -> None:
        """Find one weight for each feature, where the kernel is ZZᵀ: with Z = USVᵀ, the best W is UB for some B."""
        features = self._landmark_features(rows)
        # A copy in either case: it is centred below.
        Z = rows.copy() if features is None else features(rows)
        _, S, Vt = linalg.svd(np.linalg.qr(Z, mode="r"), full_matrices=False)
        kept = S / S[0] > max(Z.shape) * np.finfo(np.float64).eps
        back = Vt[kept].T * S[kept]  # ZᵀU, so that KU is Z times it
        difference, mean = back.T @ (Z.T @ e), Z.mean(axis=0)
        Z -= mean
        centred = Z @ back
        weights = back @ self._solve(centred.T @ centred, difference, rows)
        if features is None:
            self._keep(None, weights, mean @ weights)
        else:
            self._keep(features.rows, features.weights @ weights, mean @ weights)

    def _landmark_features(self, rows: Floats) -> KernelMap | None:
        """Return the map whose inner products are the kernel, None where the rows themselves are such features."""
        if self.kernel == "linear":
            self._check_memory(len(rows), rows.shape[1], copies=5)
            return None
        n_landmarks = check_count("n_landmarks", self.n_landmarks)
        self._check_memory(len(rows), n_landmarks, copies=5)
        return landmark_map(rows, n_landmarks, gamma=self.gamma_, random_state=self.random_state)

    def _solve(self, scatter: Floats, difference: Floats, rows: Floats) -> Floats:
        """Return W, and remember how many components it has."""
        limit = len(scatter)
        known = check_dimension(self.n_components, limit, f"the kernel of {len(rows)} rows has rank {limit} at most")
        wanted = known if self.n_components is not None else min(limit, rows.shape[1])
        factors = (1.0, self.mu) if self.mu_convention == "journal" else (self.mu, 1.0)
        self.eigenvalues_, W = solve_components(scatter, difference, *factors, wanted)
        found = len(self.eigenvalues_)
        if not found:
            raise ValueError(f"the kernel of all rows is the same; gamma={self.gamma_!r} is too small for them.")
        why = f"only so many components of these {len(rows)} rows carry variance that rounding leaves"
        why += "; scale the features, or raise mu" if self.kernel == "linear" else ""
        self.n_components_ = check_dimension(self.n_components, found, why)
        scale = 1.0 if self.whiten else np.sqrt(self.eigenvalues_ / self.eigenvalues_[0])
        return W * np.sqrt(len(rows)) * scale

    def _keep(self, rows: Floats | None, weights: Floats, mean: Floats) -> None:
        """Remember the map; the largest weight of each component is positive, so that no sign is left to chance."""
        signs = np.sign(weights[np.abs(weights).argmax(axis=0), np.arange(weights.shape[1])])
        self.map_, self.mean_ = KernelMap(rows, weights * signs, self.gamma_), mean * signs

    def _check_memory(self, rows: int, columns: int, copies: int) -> None:
        fits = columns_that_fit(rows, copies=5, max_memory=self.max_memory) if self.kernel == "rbf" else 0
        way_out = (
            f"pass n_landmarks={fits} (Nyström), or fewer"
            if fits
            else "fit on fewer rows, or reduce the features first"
        )
        check_memory(rows, columns, copies=copies, max_memory=self.max_memory, name="TCA", way_out=way_out)

    @property
    def _n_features_out(self) -> int:
        return self.n_components_


def mean_difference(n_source: int, n_target: int) -> Floats:
    """Return e, so that eᵀ times a column is its source mean less its target mean, and L = eeᵀ.

    Examples
    --------
    >>> mean_difference(2, 1).tolist()
    [0.5, 0.5, -1.0]
    """
    return np.concatenate([np.full(n_source, 1 / n_source), np.full(n_target, -1 / n_target)])


def solve_components(
    scatter: Floats, difference: Floats, alpha: float, beta: float, n_components: int
) -> tuple[Floats, Floats]:
    """Return the largest λ and their w of A w = λ (α qqᵀ + β I) w, with wᵀAw = 1.

    The right-hand matrix has rank one beside a multiple of I, so that its inverse root is known: what is left is an
    ordinary symmetric eigenproblem, solved exactly, in O(n³) time.

    Parameters
    ----------
    scatter : ndarray of shape (n, n)
        A, symmetric, no eigenvalue below 0. Is overwritten.
    difference : ndarray of shape (n,)
        q.
    alpha, beta : float
        Above 0.
    n_components : int
        From 1 to n.

    Returns
    -------
    eigenvalues : ndarray of shape (n_found,)
        Largest first; fewer than asked for where the rest are rounding noise.
    W : ndarray of shape (n, n_found)

    Examples
    --------
    >>> eigenvalues, W = solve_components(np.diag([4.0, 1.0]), np.array([3.0, 0.0]), 1.0, 1.0, 1)
    >>> eigenvalues.round(6).tolist(), np.abs(W).round(6).tolist()
    ([1.0], [[0.0], [1.0]])
    """
    n = len(scatter)
    length = np.sqrt(difference @ difference)
    q = difference / (length or 1.0)
    # (α qqᵀ + β I)^(−1/2) is β^(−1/2) (I − shrink q̂q̂ᵀ).
    shrink = 1 - np.sqrt(beta / (beta + alpha * length**2))
    across = scatter @ q
    across = shrink * across - shrink**2 / 2 * (q @ across) * q
    scatter -= np.outer(q, across)
    scatter -= np.outer(across, q)
    # The transpose is the same matrix in the order that LAPACK works in: nothing is copied.
    values, V = linalg.eigh(scatter.T, subset_by_index=[n - n_components, n - 1], overwrite_a=True, check_finite=False)
    values, V = values[::-1], V[:, ::-1]
    found = values > max(values[0], 0) * n * np.finfo(np.float64).eps
    values, V = values[found], V[:, found]
    W = V - shrink * np.outer(q, q @ V)
    return values / beta, W / np.sqrt(values)
