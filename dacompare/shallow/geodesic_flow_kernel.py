"""Compare rows in all subspaces on the way from the source to the target at once."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import Tags

from dacompare.shallow.aligner import Aligner, Floats, align
from dacompare.shallow.geodesic import principal_vectors
from dacompare.shallow.memory import DEFAULT_MEMORY, check_memory
from dacompare.shallow.subspaces import learn_subspaces


def geodesic_flow_kernel(
    source_basis: ArrayLike, target_basis: ArrayLike, *, max_memory: int = DEFAULT_MEMORY
) -> Floats:
    """Return G = ∫₀¹ Φ(t) Φ(t)ᵀ dt, the mean projection on the subspaces between two subspaces.

    Costs O(n_features² · n_components) time and O(n_features²) memory.

    Parameters
    ----------
    source_basis, target_basis : array-like of shape (n_features, n_components)
        Orthonormal columns. Which basis of a subspace it is does not matter.
    max_memory : int
        Bytes that G may take; :func:`geodesic_flow_factor` holds the same in far fewer.

    Returns
    -------
    G : ndarray of shape (n_features, n_features)
        Symmetric, with eigenvalues from 0 to 1; xᵀ G y is the inner product of two rows.

    Raises
    ------
    ValueError
        Where the bases differ in shape or their columns are not orthonormal.
    MemoryError
        Where G would not fit.

    References
    ----------
    Gong, Shi, Sha & Grauman 2012, Geodesic flow kernel for unsupervised domain adaptation: G in
    closed form, (P_s U₁, R_s U₂) Λ (P_s U₁, R_s U₂)ᵀ with the blocks (Λ₁, Λ₂; Λ₂, Λ₃) of Λ, and in each the ½ that the
    integral has.

    Examples
    --------
    >>> geodesic_flow_kernel([[1.0], [0.0]], [[0.0], [1.0]]).round(4).tolist()
    [[0.5, 0.3183], [0.3183, 0.5]]
    """
    n_features = len(np.asarray(source_basis))
    way_out = "use geodesic_flow_factor, which is G in 2 n_components columns"
    check_memory(n_features, n_features, max_memory=max_memory, name="The geodesic flow kernel", way_out=way_out)
    factor = geodesic_flow_factor(source_basis, target_basis)
    return factor @ factor.T


def geodesic_flow_factor(source_basis: ArrayLike, target_basis: ArrayLike) -> Floats:
    """Return F with F Fᵀ = G of :func:`geodesic_flow_kernel`, which costs O(n_features · n_components²).

    Seen from the middle of the way, each principal vector turns by ±θ/2, and the mixed terms of the integral
    cancel: the eigenvectors of G are a + b and b − a for each pair of principal vectors a and b, with the
    eigenvalues ½ (1 ± sin θ / θ). This is the closed form of the paper with its 2 × 2 blocks diagonalised.

    Parameters
    ----------
    source_basis, target_basis : array-like of shape (n_features, n_components)
        Orthonormal columns.

    Returns
    -------
    F : ndarray of shape (n_features, 2 * n_components)
        Orthogonal columns: first the directions half-way, then those in which the domains differ.

    Raises
    ------
    ValueError
        Where the bases differ in shape or their columns are not orthonormal.

    References
    ----------
    Gong, Shi, Sha & Grauman 2012, Geodesic flow kernel for unsupervised domain adaptation, equation 6: the
    blocks Λ₁, Λ₂, Λ₃, here with the ½ that the integral has: ½ (1 + sin 2θ / 2θ), ½ (cos 2θ − 1) / 2θ,
    ½ (1 − sin 2θ / 2θ).

    Examples
    --------
    >>> geodesic_flow_factor([[1.0], [0.0]], [[1.0], [0.0]]).tolist()  # no way to go: the projection itself
    [[1.0, 0.0], [0.0, 0.0]]
    """
    start, end, angles = principal_vectors(source_basis, target_basis)
    mean_cosine = np.sinc(angles / np.pi)
    along = np.sqrt((1 + mean_cosine) / 2) / (2 * np.cos(angles / 2))
    return np.hstack([(start + end) * along, (end - start) * _weight_across(angles, mean_cosine)])


def _weight_across(angles: Floats, mean_cosine: Floats) -> Floats:
    """Return √(½ (1 − sin θ / θ)) over the length of the chord, 2 sin(θ/2)."""
    # Both vanish with θ; their ratio is a series in θ² there.
    small = angles < 1e-3
    chord = 2 * np.sin(np.where(small, 1.0, angles) / 2)
    return np.where(small, np.sqrt((1 + angles**2 / 30) / 12), np.sqrt((1 - mean_cosine) / 2) / chord)


def geodesic_flow_features(
    X_source: ArrayLike, X_target: ArrayLike, n_components: int | None = None
) -> tuple[Floats, Floats]:
    """Return source and target rows whose inner products are those of the geodesic flow kernel between the domains.

    Costs are those of :class:`GeodesicFlowKernel`.

    Parameters
    ----------
    X_source : array-like of shape (n_source, n_features)
    X_target : array-like of shape (n_target, n_features)
    n_components : int or None
        As in :class:`GeodesicFlowKernel`, which also takes the source's subspace from its labels.

    Returns
    -------
    Z_source : ndarray of shape (n_source, 2 * n_components)
        (X_s − μ_s) F, with F Fᵀ = G.
    Z_target : ndarray of shape (n_target, 2 * n_components)
        (X_t − μ_t) F.

    Raises
    ------
    ValueError, TypeError
        As :class:`GeodesicFlowKernel`.

    References
    ----------
    Gong, Shi, Sha & Grauman 2012, Geodesic flow kernel for unsupervised domain adaptation, equation 6.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> Z_source, Z_target = geodesic_flow_features(rng.normal(size=(50, 6)), rng.normal(size=(40, 6)), 2)
    >>> Z_source.shape, Z_target.shape
    ((50, 4), (40, 4))
    """
    return align(GeodesicFlowKernel(n_components), X_source, X_target)


class GeodesicFlowKernel(Aligner):
    """Compare rows in all subspaces on the way from the source to the target at once.

    The kernel xᵀ G y is returned as explicit features, Fᵀ x with F Fᵀ = G, so any classifier can follow; 1-NN and
    a kernel SVM see exactly the kernel. Both domains take the same F, but each is centred on its own mean.
    The authors fit PCA on centred rows and then apply G to the rows as given, which they have z-scored domain by
    domain, so that their means are zero: there, both are the same. Here the centring is part of the method, since a
    shift between the domains would otherwise decide x − y alone. z-scoring is left to the caller. Costs O(n D² + D³)
    for n rows of D features, and O(n D d) for mapping rows.

    Parameters
    ----------
    n_components : int or None
        Dimensions d of each subspace, below n_features / 2 (one dimension is always allowed); None chooses
        by :func:`subspace_disagreement`, which needs no labels (without a target there is nothing to choose: as many
        as there may be).
    source_basis : {"pca", "pls"}
        Source subspace of most variance, or of most covariance with the labels, for which `fit` needs y.

    Attributes
    ----------
    source_mean_, target_mean_ : ndarray of shape (n_features,)
    source_components_, target_components_ : ndarray of shape (n_components_, n_features)
        Orthonormal rows that span the two subspaces.
    factor_ : ndarray of shape (n_features, 2 * n_components_)
        F; ``factor_ @ factor_.T`` is G, which is never made.
    disagreement_ : ndarray or None
        D(1), …, D(n_components_) where `n_components` is None and there is a target.
    n_components_ : int
    n_features_in_ : int

    Raises
    ------
    ValueError
        Where `n_components` is not below n_features / 2 or exceeds the rank of a centred domain, and where
        ``"pls"`` gets no labels.

    References
    ----------
    Gong, Shi, Sha & Grauman 2012, Geodesic flow kernel for unsupervised domain adaptation, equation 6.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X_source, X_target = rng.normal(size=(50, 6)), rng.normal(size=(40, 6))
    >>> aligner = GeodesicFlowKernel(n_components=2)
    >>> aligner.fit_transform(X_source, X_target=X_target).shape, aligner.transform(X_target).shape
    ((50, 4), (40, 4))
    """

    def __init__(self, n_components: int | None = None, source_basis: Literal["pca", "pls"] = "pca") -> None:
        self.n_components = n_components
        self.source_basis = source_basis

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        found = learn_subspaces(X, X_target, y, self.n_components, self.source_basis)
        self.source_mean_, self.target_mean_ = found.source_mean, found.target_mean
        self.source_components_, self.target_components_ = found.source, found.target
        self.disagreement_ = found.disagreement
        self.n_components_ = len(found.source)
        self.factor_ = geodesic_flow_factor(found.source.T, found.target.T)

    def _map(self, X: Floats, domain: str) -> Floats:
        return (X - (self.source_mean_ if domain == "source" else self.target_mean_)) @ self.factor_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self.source_basis == "pls"
        return tags

    @property
    def _n_features_out(self) -> int:
        return self.factor_.shape[1]
