"""Align the principal subspace of the source with that of the target."""

from copy import copy
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg
from sklearn.utils.validation import check_is_fitted

from dacompare.shallow.aligner import Aligner, Floats, align, check_dimension
from dacompare.shallow.decomposed_once import once

MIN_BLOCK = 4096
"""Rows decomposed at a time, unless there are more columns."""


def subspace_alignment(X_source: ArrayLike, X_target: ArrayLike, n_components: int) -> tuple[Floats, Floats]:
    """Return source and target rows in one common space of a few dimensions.

    Each domain is described by its first principal directions, P_s and P_t, and the source description is
    turned so that it comes as near as it can to that of the target: M = P_sᵀ P_t minimises ‖P_s M − P_t‖.
    Costs O(n d² + d³) for n rows of d features, or O(n² d + n³) where features outnumber rows.

    Parameters
    ----------
    X_source : array-like of shape (n_source, n_features)
    X_target : array-like of shape (n_target, n_features)
    n_components : int
        Dimensions kept, 1 ≤ d ≤ the smaller rank of the two centred domains. Fewer dimensions align more,
        and discard more.

    Returns
    -------
    Z_source : ndarray of shape (n_source, n_components)
        (X_s − μ_s) P_s P_sᵀ P_t.
    Z_target : ndarray of shape (n_target, n_components)
        (X_t − μ_t) P_t.

    Raises
    ------
    ValueError
        Where `n_components` is out of range or the domains have different features.

    References
    ----------
    Fernando, Habrard, Sebban & Tuytelaars 2013, Unsupervised visual domain adaptation using subspace
    alignment, equations 1–3.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> Z_source, Z_target = subspace_alignment(rng.normal(size=(50, 4)), rng.normal(size=(40, 4)), 2)
    >>> Z_source.shape, Z_target.shape
    ((50, 2), (40, 2))
    """
    return align(SubspaceAlignment(n_components), X_source, X_target)


def principal_directions(X: Floats) -> tuple[Floats, Floats]:
    """Return the mean of the rows and all principal directions that the rows really have.

    Directions without variance are left out: they would be rounding noise, to which a constant column adds none.
    The entry of largest magnitude of each direction is positive, so the same rows always give the same directions.
    In a block of :func:`~dacompare.shallow.decomposed_once.decomposing_once` the same rows are decomposed once.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)

    Returns
    -------
    mean : ndarray of shape (n_features,)
    directions : ndarray of shape (rank, n_features)
        Orthonormal rows, largest variance first.

    Examples
    --------
    >>> mean, directions = principal_directions(np.array([[0.0, 1.0], [0.0, 5.0]]))
    >>> mean.tolist(), directions.round(6).tolist()
    ([0.0, 3.0], [[0.0, 1.0]])
    """
    return once(_decompose, X)


def _decompose(X: Floats) -> tuple[Floats, Floats]:
    mean = column_means(X)
    _, spread, directions = linalg.svd(_centred_factor(X, mean), full_matrices=False)
    rank = int((spread > spread[0] * max(X.shape) * np.finfo(np.float64).eps).sum())
    directions = directions[:rank]
    largest = directions[np.arange(rank), np.abs(directions).argmax(axis=1)]
    return mean, directions * np.sign(largest)[:, None]


def column_means(X: Floats) -> Floats:
    """Return the mean of each column; of a constant one just that number, which a sum would miss by its last digit.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)

    Examples
    --------
    >>> (0.1 + 0.1 + 0.1) / 3, column_means(np.full((3, 1), 0.1)).tolist()
    (0.10000000000000002, [0.1])
    """
    return np.where(X.min(axis=0) == X.max(axis=0), X[0], X.mean(axis=0))


def project(X: Floats, mean: Floats, directions: Floats) -> Floats:
    """Return (X - mean) directionsᵀ, a block of rows at a time: a centred copy would double the memory.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
    mean : ndarray of shape (n_features,)
    directions : ndarray of shape (n_directions, n_features)

    Examples
    --------
    >>> project(np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([1.0, 1.0]), np.array([[0.0, 1.0]])).tolist()
    [[1.0], [4.0]]
    """
    projected = np.empty((len(X), len(directions)))
    step = max(MIN_BLOCK, X.shape[1])
    for start in range(0, len(X), step):
        np.matmul(X[start : start + step] - mean, directions.T, out=projected[start : start + step])
    return projected


def _centred_factor(X: Floats, mean: Floats) -> Floats:
    """Return a matrix with the singular values and right singular vectors of X - mean, with few rows.

    Of many rows only the triangular factor of a QR decomposition is kept, block after block: as exact as the whole,
    several times faster, and without a centred copy of the rows.
    """
    step = max(MIN_BLOCK, X.shape[1])
    blocks = (X[start : start + step] - mean for start in range(0, len(X), step))
    if len(X) <= X.shape[1]:
        return next(blocks)
    upper: Any = X[:0]
    for block in blocks:
        upper = np.linalg.qr(np.vstack([upper, block]), mode="r")
    return upper


class SubspaceAlignment(Aligner):
    """Align the principal subspace of the source with that of the target.

    What a classifier learns on ``fit_transform(X, X_target=...)`` holds for ``transform`` of target rows. In a
    pipeline, :func:`~dacompare.make_adaptation_pipeline` sees to that. Costs are those of :func:`subspace_alignment`.

    Parameters
    ----------
    n_components : int or None
        Dimensions kept in each domain; None keeps as many as both domains have. Fewer dimensions align more,
        and discard more.

    Attributes
    ----------
    source_mean_, target_mean_ : ndarray of shape (n_features,)
    source_components_, target_components_ : ndarray of shape (n_components_, n_features)
        Orthonormal principal directions, largest variance first.
    alignment_ : ndarray of shape (n_components_, n_components_)
        P_sᵀ P_t, which turns source coordinates into target coordinates.
    n_components_ : int
        Dimensions in use.
    n_features_in_ : int

    Raises
    ------
    ValueError
        Where `n_components` exceeds the rank of a centred domain: a further direction would be arbitrary.

    References
    ----------
    Fernando, Habrard, Sebban & Tuytelaars 2013, Unsupervised visual domain adaptation using subspace
    alignment, algorithm 1; Ganin & Lempitsky 2015, section 4, uses it as the baseline.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X_source, X_target = rng.normal(size=(50, 4)), rng.normal(size=(40, 4))
    >>> aligner = SubspaceAlignment(n_components=2)
    >>> aligner.fit_transform(X_source, X_target=X_target).shape
    (50, 2)
    >>> aligner.transform(X_target).shape, aligner.transform(X_source, domain="source").shape
    ((40, 2), (50, 2))
    """

    def __init__(self, n_components: int | None = None) -> None:
        self.n_components = n_components

    def truncate(self, n_components: int) -> "SubspaceAlignment":
        """Return the same alignment on its first dimensions, without another decomposition.

        Parameters
        ----------
        n_components : int
            From 1 to ``n_components_``.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> whole = SubspaceAlignment(3).fit(rng.normal(size=(50, 4)), X_target=rng.normal(size=(40, 4)))
        >>> whole.truncate(2).transform(np.zeros((1, 4))).shape
        (1, 2)
        """
        check_is_fitted(self)
        smaller = copy(self)
        smaller.n_components = n_components
        smaller.n_components_ = d = smaller._choose_dimension(self.n_components_, self.n_components_)
        smaller.source_components_ = self.source_components_[:d]
        smaller.target_components_ = self.target_components_[:d]
        # The entries of P_sᵀ P_t are products of single directions, so a corner of it is the smaller map.
        smaller.alignment_ = self.alignment_[:d, :d]
        return smaller

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        self.source_mean_, source = principal_directions(X)
        self.target_mean_, other = (self.source_mean_, source) if X_target is X else principal_directions(X_target)
        self.n_components_ = self._choose_dimension(len(source), len(other))
        # Copies, so that the whole decompositions can go; in the order that they have: another gives other last bits.
        self.source_components_ = source[: self.n_components_].copy(order="K")
        self.target_components_ = other[: self.n_components_].copy(order="K")
        self.alignment_ = self.source_components_ @ self.target_components_.T

    def _map(self, X: Floats, domain: str) -> Floats:
        if domain == "target":
            return project(X, self.target_mean_, self.target_components_)
        return project(X, self.source_mean_, self.source_components_) @ self.alignment_

    def _choose_dimension(self, source_rank: int, target_rank: int) -> int:
        limit = min(source_rank, target_rank)
        if limit == 0:
            constant = "X" if source_rank == 0 else "X_target"
            raise ValueError(f"{constant} has only constant features; there is no direction to align.")
        why = f"the centred source rows have rank {source_rank}, the centred target rows {target_rank}"
        return check_dimension(self.n_components, limit, why)

    @property
    def _n_features_out(self) -> int:
        return self.n_components_
