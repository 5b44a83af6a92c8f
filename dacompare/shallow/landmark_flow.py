"""Compare rows by the geodesic flow kernels of easier tasks, in which landmarks already belong to the target."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from sklearn.utils import Tags

from dacompare.checks import check_number
from dacompare.shallow.aligner import Aligner, Floats
from dacompare.shallow.geodesic_flow_kernel import geodesic_flow_factor
from dacompare.shallow.landmark_selection import SCALES, select_among_drawn
from dacompare.shallow.memory import DEFAULT_MEMORY
from dacompare.shallow.multiple_kernels import kernel_weights
from dacompare.shallow.source_rows import source_labels
from dacompare.shallow.subspaces import learn_subspaces


def auxiliary_factors(
    X_source: Floats, X_target: Floats, landmarks: Sequence[NDArray[np.bool_]], n_components: int
) -> tuple[list[Floats], list[int]]:
    """Return the geodesic flow kernel of each task in which landmarks have changed sides.

    Task q goes from the source without its landmarks to the target with them: S ∖ L_q → T ∪ L_q. Its domains are
    closer to each other than source and target are, and part of its target has labels. Costs O((n_s + n_t) D² + D³)
    per task, for D features.

    Parameters
    ----------
    X_source, X_target : ndarray of shape (n, n_features)
        Each centred on its own mean, so that a shift between the domains takes no part.
    landmarks : sequence of ndarrays of shape (n_source,)
        Which source rows are landmarks, for each scale.
    n_components : int
        Dimensions of each subspace, below n_features / 2.

    Returns
    -------
    factors : list of ndarrays of shape (n_features, 2 * n_components)
        F with F Fᵀ = G_q.
    kept : list of int
        Which of `landmarks` they belong to. Scales with landmarks of an earlier one are left out, and those whose
        other source rows span too few dimensions.

    References
    ----------
    Gong, Grauman & Sha 2013, Connecting the dots with landmarks: discriminatively learning domain-invariant features
    for unsupervised domain adaptation, section 3.2.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X_source, X_target = rng.normal(size=(20, 6)), rng.normal(size=(20, 6))
    >>> landmarks = [np.arange(20) < 8, np.arange(20) < 8, np.arange(20) < 19]
    >>> factors, kept = auxiliary_factors(X_source, X_target, landmarks, n_components=2)
    >>> [factor.shape for factor in factors], kept  # the second is the first, the third leaves one row
    ([(6, 4)], [0])
    """
    factors: list[Floats] = []
    kept: list[int] = []
    for q, chosen in enumerate(landmarks):
        if chosen.all() or any(np.array_equal(chosen, landmarks[k]) for k in kept):
            continue
        rest = leading_axes(X_source[~chosen], n_components)
        joined = leading_axes(np.vstack([X_target, X_source[chosen]]), n_components)
        if rest.shape[1] == joined.shape[1] == n_components:
            factors.append(geodesic_flow_factor(rest, joined))
            kept.append(q)
    return factors, kept


def leading_axes(X: Floats, n_components: int) -> Floats:
    """Return the principal directions of most variance, as columns; fewer where the rows have no more.

    From the scatter of rows or columns, whichever are fewer: faster than all directions where few are needed.
    Costs O(n D min(n, D)).

    Examples
    --------
    >>> abs(leading_axes(np.array([[0.0, 1.0], [0.0, 5.0]]), 2)).round(6).tolist()
    [[0.0], [1.0]]
    """
    centred = X - X.mean(axis=0)  # the scatter is never larger than this, so that it needs no check of its own
    tall = len(X) > X.shape[1]
    size = min(X.shape)
    first = max(size - n_components, 0)
    scatter = centred.T @ centred if tall else centred @ centred.T
    values, vectors = linalg.eigh(scatter, subset_by_index=(first, size - 1))
    real = values > values[-1] * max(X.shape) * np.finfo(np.float64).eps
    vectors = vectors[:, real][:, ::-1]
    axes: Floats = np.linalg.qr(vectors if tall else centred.T @ vectors)[0]
    return axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])


class LandmarkFlowKernel(Aligner):
    """Compare rows by the geodesic flow kernels of easier tasks, in which landmarks already belong to the target.

    Landmarks are source rows that are distributed like the target. They are selected at several scales s, under the
    kernel exp(−s (x − x')ᵀ G (x − x') / σ²), G being the geodesic flow kernel from source to target. At each scale they
    leave the source and join the target, which makes an auxiliary task with a geodesic flow kernel G_q of its own
    (:func:`auxiliary_factors`). On the landmarks of all scales, whose labels are known, multiple kernel learning finds
    the combination Σ w_q G_q that tells the classes apart
    (:func:`~dacompare.shallow.multiple_kernels.kernel_weights`); its explicit features are returned.
    Where every scale is left out, what remains is G itself.

    For n rows drawn from each domain and subspaces of d dimensions, the selection costs O(n³ + n² d) time at each scale
    and O(n²) memory; each task costs O((n_s + n_t) D² + D³) time and O((n_s + n_t) D) memory for all rows of D
    features.

    Parameters
    ----------
    n_components : int or None
        Dimensions d of each subspace, below n_features / 2; None chooses by
        :func:`~dacompare.shallow.subspace_disagreement` of source and target. All tasks have the same.
    scales : sequence of float
        s; small ones compare domains roughly, large ones in detail.
    max_share : float
        A scale whose landmarks are a larger share of the rows that may be some selects nothing, and is left out; in
        (0, 1].
    C : float
        Of the SVM by which kernels are weighed; above 0.
    max_rows : int or None
        Rows drawn from each domain, from the source by class: only those can be landmarks. None takes all.
    max_memory : int
        Bytes for the large matrices: two of max_rows × max_rows.
    random_state : int or None
        Of all draws.

    Attributes
    ----------
    source_mean_, target_mean_ : ndarray of shape (n_features,)
    factor_ : ndarray of shape (n_features, n_features_out)
        ``factor_ @ factor_.T`` is Σ w_q G_q; kernels of weight 0 are left out.
    scales_ : list of float
        Those that make a task; empty where `factor_` is that of G.
    kernel_weights_ : ndarray of shape (n_tasks,)
        w, with sum 1.
    landmarks_ : ndarray of bool, shape (n_tasks, n_source)
        Which source rows are landmarks, for each scale of `scales_`.
    n_components_ : int
    n_features_in_ : int

    Raises
    ------
    ValueError
        Without labels of the source, and as :class:`~dacompare.shallow.GeodesicFlowKernel`.
    MemoryError
        Where two matrices of the rows that may be landmarks do not fit into `max_memory`.

    Notes
    -----
    The classifier that follows sees all source rows, landmarks or not. Kernels are weighed with one C rather than with
    one chosen on the rest of the source. Distances are centred domain by domain; the authors z-score each domain
    beforehand, after which means are zero.

    References
    ----------
    Gong, Grauman & Sha 2013, Connecting the dots with landmarks: discriminatively learning domain-invariant features
    for unsupervised domain adaptation, sections 3.1–3.3.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(60) % 2
    >>> X_source = rng.normal(size=(60, 6)) + 3 * y[:, None] * np.eye(6)[0]
    >>> X_target = rng.normal(size=(40, 6)) + 1
    >>> aligner = LandmarkFlowKernel(n_components=2).fit(X_source, y, X_target=X_target)
    >>> bool(aligner.transform(X_target).shape[1] == 4 * (aligner.kernel_weights_ > 0).sum())
    True
    """

    def __init__(
        self,
        n_components: int | None = None,
        *,
        scales: Sequence[float] = SCALES,
        max_share: float = 2 / 3,
        C: float = 1.0,
        max_rows: int | None = 2000,
        max_memory: int = DEFAULT_MEMORY,
        random_state: int | None = 0,
    ) -> None:
        self.n_components = n_components
        self.scales = scales
        self.max_share = max_share
        self.C = C
        self.max_rows = max_rows
        self.max_memory = max_memory
        self.random_state = random_state

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        check_number("max_share", self.max_share, above=0, at_most=1)
        check_number("C", self.C, above=0)
        labels = source_labels(y, len(X), "LandmarkFlowKernel")
        found = learn_subspaces(X, X_target, n_components=self.n_components)
        self.source_mean_, self.target_mean_ = found.source_mean, found.target_mean
        self.n_components_ = len(found.source)
        plain = geodesic_flow_factor(found.source.T, found.target.T)
        source, target = X - self.source_mean_, X_target - self.target_mean_
        factors: list[Floats] = []
        self.scales_: list[float] = []
        self.landmarks_: NDArray[np.bool_] = np.zeros((0, len(X)), dtype=bool)
        if X_target is not X:
            used, landmarks = self._select(source @ plain, labels, target @ plain)
            factors, kept = auxiliary_factors(source, target, list(landmarks), self.n_components_)
            self.scales_ = [float(self.scales[q]) for q in used[kept]]
            self.landmarks_ = landmarks[kept]
        self.kernel_weights_ = self._weigh(factors, source, labels)
        parts = [np.sqrt(w) * F for w, F in zip(self.kernel_weights_, factors, strict=True) if w > 0]
        self.factor_: Floats = np.hstack(parts) if parts else plain

    def _select(self, source: Floats, y: NDArray[Any], target: Floats) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Return the scales that select, and which rows are landmarks at each; rows that were not drawn are none."""
        drawn, betas = select_among_drawn(
            source, y, target,
            max_rows=self.max_rows, scales=self.scales, max_memory=self.max_memory, random_state=self.random_state,
            needed_by="LandmarkFlowKernel",
        )  # fmt: skip
        used = np.flatnonzero((betas > 0).mean(axis=1) <= self.max_share)
        landmarks = np.zeros((len(used), len(source)), dtype=bool)
        landmarks[:, drawn] = betas[used] > 0
        return used, landmarks

    def _weigh(self, factors: list[Floats], source: Floats, y: NDArray[Any]) -> Floats:
        rows = self.landmarks_.any(axis=0)
        if len(factors) < 2 or len(np.unique(y[rows])) < 2:
            return np.full(len(factors), 1 / max(len(factors), 1))
        return kernel_weights([source[rows] @ factor for factor in factors], y[rows], C=self.C)

    def _map(self, X: Floats, domain: str) -> Floats:
        return (X - (self.source_mean_ if domain == "source" else self.target_mean_)) @ self.factor_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    @property
    def _n_features_out(self) -> int:
        return self.factor_.shape[1]
