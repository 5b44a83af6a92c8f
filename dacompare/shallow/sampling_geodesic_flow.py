"""Project rows on some subspaces between the source and the target, side by side."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import Tags

from dacompare.checks import check_count
from dacompare.shallow.aligner import Aligner, Floats, align, check_dimension
from dacompare.shallow.geodesic import geodesic_path
from dacompare.shallow.subspaces import learn_subspaces, pls_directions


def sampled_projection(source_basis: Any, target_basis: Any, n_steps: int) -> Floats:
    """Return the projections on subspaces at equal distances from the source to the target, side by side.

    Parameters
    ----------
    source_basis, target_basis : array-like of shape (n_features, n_components)
        Orthonormal columns.
    n_steps : int
        Subspaces, both ends included; at least 2.

    Returns
    -------
    projection : ndarray of shape (n_features, n_steps * n_components)
        [Φ(0), …, Φ(1)] / √n_steps. The factor, which the paper does not have, makes inner products of projected
        rows their mean over the subspaces, which tends to the geodesic flow kernel with more of them.

    Raises
    ------
    ValueError, TypeError
        Where the bases do not fit or `n_steps` is no whole number from 2 on.

    References
    ----------
    Gopalan, Li & Chellappa 2011, Domain adaptation for object recognition: an unsupervised approach.

    Examples
    --------
    >>> (sampled_projection([[1.0], [0.0]], [[0.0], [1.0]], 3) * 3**0.5).round(4).tolist()
    [[1.0, 0.7071, 0.0], [0.0, 0.7071, 1.0]]
    """
    times = np.linspace(0, 1, check_count("n_steps", n_steps, at_least=2))
    path = geodesic_path(source_basis, target_basis, times)
    return np.hstack(list(path)) / np.sqrt(n_steps)


def sampling_geodesic_flow(
    X_source: ArrayLike, X_target: ArrayLike, n_components: int | None = None, *, n_steps: int = 10
) -> tuple[Floats, Floats]:
    """Return the projections of source and target rows on subspaces between the domains, side by side.

    Costs are those of :class:`SamplingGeodesicFlow`.

    Parameters
    ----------
    X_source : array-like of shape (n_source, n_features)
    X_target : array-like of shape (n_target, n_features)
    n_components, n_steps : int
        As in :class:`SamplingGeodesicFlow`, which also reduces them by labels of the source.

    Returns
    -------
    Z_source : ndarray of shape (n_source, n_steps * n_components)
    Z_target : ndarray of shape (n_target, n_steps * n_components)

    Raises
    ------
    ValueError, TypeError
        As :class:`SamplingGeodesicFlow`.

    References
    ----------
    Gopalan, Li & Chellappa 2011, Domain adaptation for object recognition: an unsupervised approach.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X_source, X_target = rng.normal(size=(50, 6)), rng.normal(size=(40, 6))
    >>> Z_source, Z_target = sampling_geodesic_flow(X_source, X_target, 2, n_steps=5)
    >>> Z_source.shape, Z_target.shape
    ((50, 10), (40, 10))
    """
    return align(SamplingGeodesicFlow(n_components, n_steps), X_source, X_target)


class SamplingGeodesicFlow(Aligner):
    """Project rows on some subspaces between the source and the target, side by side.

    Features are (x − mean) [Φ(0), Φ(1/(m−1)), …, Φ(1)] / √m: m bases at equal distances on the geodesic Φ from the
    principal subspace of the source to that of the target, as in :func:`sampled_projection`.
    Both domains take the same projections, but each is centred on its own mean, as in
    :class:`~dacompare.shallow.geodesic_flow_kernel.GeodesicFlowKernel`, which is the limit of many subspaces.
    Costs O(n d² + d³) for n rows of d features, and O(n d p) for mapping them to p projections.

    Parameters
    ----------
    n_components : int or None
        Dimensions of each subspace, below n_features / 2 (one dimension is always allowed); None chooses
        by the subspace disagreement of Gong et al.
    n_steps : int
        Subspaces sampled at equal distances, both ends included. All lie within 2 n_components dimensions.
    n_output : int or None
        Features that partial least squares on the labelled source makes of all projections, as the authors do;
        `fit` then needs y; without a target there are n_components at most. None keeps all n_steps * n_components
        projections, and needs no labels.

    Attributes
    ----------
    source_mean_, target_mean_ : ndarray of shape (n_features,)
    source_components_, target_components_ : ndarray of shape (n_components_, n_features)
        Principal directions that span the two ends.
    projection_ : ndarray of shape (n_features, n_features_out)
        Centred rows times this are the features.
    disagreement_ : ndarray or None
        D(1), …, D(n_components_) where `n_components` is None and there is a target.
    n_components_ : int
    n_features_in_ : int

    Raises
    ------
    ValueError
        Where `n_components` is not below n_features / 2 or exceeds the rank of a centred domain, and where
        `n_output` exceeds the rank of the projected source or comes without labels.

    References
    ----------
    Gopalan, Li & Chellappa 2011, Domain adaptation for object recognition: an unsupervised approach.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X_source, X_target = rng.normal(size=(50, 6)), rng.normal(size=(40, 6))
    >>> SamplingGeodesicFlow(2, n_steps=5).fit_transform(X_source, X_target=X_target).shape
    (50, 10)
    >>> labels = X_source[:, 0] > 0
    >>> SamplingGeodesicFlow(2, n_steps=5, n_output=3).fit_transform(X_source, labels, X_target=X_target).shape
    (50, 3)
    """

    def __init__(self, n_components: int | None = None, n_steps: int = 10, n_output: int | None = None) -> None:
        self.n_components = n_components
        self.n_steps = n_steps
        self.n_output = n_output

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        found = learn_subspaces(X, X_target, y, self.n_components)
        self.source_mean_, self.target_mean_ = found.source_mean, found.target_mean
        self.source_components_, self.target_components_ = found.source, found.target
        self.disagreement_ = found.disagreement
        self.n_components_ = len(found.source)
        self.projection_ = sampled_projection(found.source.T, found.target.T, self.n_steps)
        if self.n_output is not None:
            projected = (X - self.source_mean_) @ self.projection_
            self.projection_ = self.projection_ @ self._reduce(projected, y, alone=X_target is X)

    def _reduce(self, projected: Floats, y: Any, *, alone: bool) -> Floats:
        rank = int(np.linalg.matrix_rank(projected))
        limit, why = rank, f"the projected source rows have rank {rank}, which is at most twice n_components"
        if alone:  # all subspaces are one, of half the dimensions: what a target may allow is no mistake
            limit, why = 2 * self.n_components_, "with a target, projected rows have rank twice n_components at most"
        n_output = check_dimension(self.n_output, limit, why, name="n_output")
        return pls_directions(projected, y, min(n_output, rank))[1]

    def _map(self, X: Floats, domain: str) -> Floats:
        return (X - (self.source_mean_ if domain == "source" else self.target_mean_)) @ self.projection_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self.n_output is not None
        return tags

    @property
    def _n_features_out(self) -> int:
        return self.projection_.shape[1]
