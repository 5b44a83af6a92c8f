"""Project both domains on the principal subspace of one of them: fewer dimensions, subspaces not aligned."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from dacompare.names import check_name
from dacompare.shallow.aligner import Aligner, Floats, align, check_dimension
from dacompare.shallow.subspace_alignment import column_means, principal_directions

BASES = ("source", "target", "both")


def common_subspace(
    X_source: ArrayLike,
    X_target: ArrayLike,
    n_components: int,
    *,
    basis: Literal["source", "target", "both"] = "source",
) -> tuple[Floats, Floats]:
    """Return source and target rows in the coordinates of one principal subspace.

    With P the first principal directions of the rows that `basis` names, both domains are projected on P, each less
    its own mean. Costs O(n d² + d³) for n rows of d features, or O(n² d + n³) where features outnumber rows.

    Parameters
    ----------
    X_source : array-like of shape (n_source, n_features)
    X_target : array-like of shape (n_target, n_features)
    n_components : int
        Dimensions kept, from 1 to the rank of the rows that span the subspace.
    basis : {"source", "target", "both"}
        Whose directions: those of one domain, or of the rows of both, each less its domain's mean.

    Returns
    -------
    Z_source : ndarray of shape (n_source, n_components)
        (X_s − μ_s) P.
    Z_target : ndarray of shape (n_target, n_components)
        (X_t − μ_t) P.

    Raises
    ------
    ValueError
        Where `n_components` is out of range or the domains have different features.

    References
    ----------
    Fernando, Habrard, Sebban & Tuytelaars 2013, Unsupervised visual domain adaptation using subspace alignment,
    section 4: its two baselines, which project on the source's and on the target's subspace.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> Z_source, Z_target = common_subspace(rng.normal(size=(50, 4)), rng.normal(size=(40, 4)), 2)
    >>> Z_source.shape, Z_target.shape
    ((50, 2), (40, 2))
    """
    return align(CommonSubspace(n_components, basis), X_source, X_target)


class CommonSubspace(Aligner):
    """Project both domains on the principal subspace of one of them: fewer dimensions, subspaces not aligned.

    The control of :class:`~dacompare.shallow.subspace_alignment.SubspaceAlignment` and of other methods that keep few
    dimensions. Each domain is centred on its own mean, as there, which brings the means together and is an adaptation
    of its own (:class:`~dacompare.shallow.domain_scaling.DomainScaling` with ``with_std=False`` is that alone). What
    this row gains on that is due to fewer dimensions; what subspace alignment gains on this row is due to the target's
    own subspace and the alignment with it. Costs are those of :func:`common_subspace`.

    Parameters
    ----------
    n_components : int or None
        Dimensions kept; None keeps all that the rows of the basis have.
    basis : {"source", "target", "both"}
        Whose principal directions.

    Attributes
    ----------
    source_mean_, target_mean_ : ndarray of shape (n_features,)
    components_ : ndarray of shape (n_components_, n_features)
        Orthonormal principal directions, largest variance first.
    n_components_ : int
    n_features_in_ : int

    Raises
    ------
    ValueError
        Where `n_components` exceeds the rank of the rows that span the subspace.

    References
    ----------
    Fernando, Habrard, Sebban & Tuytelaars 2013, Unsupervised visual domain adaptation using subspace alignment,
    section 4: its two baselines.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X_source, X_target = rng.normal(size=(50, 4)), rng.normal(size=(40, 4))
    >>> CommonSubspace(2).fit_transform(X_source, X_target=X_target).shape
    (50, 2)
    """

    def __init__(self, n_components: int | None = None, basis: Literal["source", "target", "both"] = "source") -> None:
        self.n_components = n_components
        self.basis = basis

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        check_name("basis", self.basis, BASES)
        self.source_mean_, self.target_mean_ = column_means(X), column_means(X_target)
        rows = {"source": X, "target": X_target}.get(self.basis)
        if rows is None:
            rows = np.vstack([X - self.source_mean_, X_target - self.target_mean_])
        directions = principal_directions(rows)[1]
        if not len(directions):
            raise ValueError(f"The rows of basis={self.basis!r} have only constant features; there is no direction.")
        why = f"the centred rows of basis={self.basis!r} have rank {len(directions)}"
        self.n_components_ = check_dimension(self.n_components, len(directions), why)
        self.components_ = directions[: self.n_components_].copy(order="K")  # the others can go

    def _map(self, X: Floats, domain: str) -> Floats:
        return (X - (self.source_mean_ if domain == "source" else self.target_mean_)) @ self.components_.T

    @property
    def _n_features_out(self) -> int:
        return self.n_components_
