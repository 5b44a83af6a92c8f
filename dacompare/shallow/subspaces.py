"""Describe two domains by a subspace each, between which a geodesic can be drawn."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.cross_decomposition import PLSRegression

from dacompare.names import check_name
from dacompare.shallow.aligner import Floats, check_dimension
from dacompare.shallow.geodesic import dimension_limit, domain_axes, measure_disagreement
from dacompare.shallow.source_rows import source_labels

SOURCE_BASES = ("pca", "pls")


@dataclass(frozen=True)
class Subspaces:
    """Hold the means and the subspaces of two domains.

    Parameters
    ----------
    source_mean, target_mean : ndarray of shape (n_features,)
    source, target : ndarray of shape (n_components, n_features)
        Orthonormal rows.
    disagreement : ndarray or None
        D(1), D(2), … where the dimension was chosen by it.
    """

    source_mean: Floats
    target_mean: Floats
    source: Floats
    target: Floats
    disagreement: Floats | None


def learn_subspaces(
    X: Floats, X_target: Floats, y: Any = None, n_components: int | None = None, source_basis: str = "pca"
) -> Subspaces:
    """Learn a subspace for each domain.

    Parameters
    ----------
    X, X_target : ndarray of shape (n, n_features)
        Source and target rows; the same object twice stands for no adaptation, and gives the same subspace twice.
    y : array-like of shape (n_source,), optional
        Labels of the source, of any type; needed by ``"pls"`` only.
    n_components : int or None
        Below n_features / 2; None chooses by the subspace disagreement.
    source_basis : {"pca", "pls"}
        Directions of most variance, or those that vary most with the labels. The target has no labels, hence PCA.

    Raises
    ------
    ValueError, TypeError
        Where `n_components` is out of range, a domain is constant, or ``"pls"`` misses labels.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> found = learn_subspaces(rng.normal(size=(30, 6)), rng.normal(size=(30, 6)), n_components=2)
    >>> found.source.shape, found.target.shape
    ((2, 6), (2, 6))
    """
    check_name("source_basis", source_basis, SOURCE_BASES)
    source_mean, source = domain_axes(X)
    target_mean, target = (source_mean, source) if X_target is X else domain_axes(X_target)
    limit, why = dimension_limit(X.shape[1], len(source), len(target))
    disagreement = None
    if n_components is None and X_target is not X:
        disagreement, n_components = measure_disagreement(X, X_target, source, target)
    d = check_dimension(n_components, limit, why)
    source, target = (axes[:d].copy(order="K") for axes in (source, target))  # the rest can go
    if source_basis == "pls":
        source = pls_directions(X, y, d)[0]
    target = source if X_target is X else target
    return Subspaces(source_mean, target_mean, source, target, disagreement)


def pls_directions(X: Floats, y: Any, n_components: int) -> tuple[Floats, Floats]:
    """Return the directions along which rows vary most with their labels, by partial least squares.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
    y : array-like of shape (n,)
        Labels of any type, two classes at least; each class is a column of zeros and ones.
    n_components : int

    Returns
    -------
    weights : ndarray of shape (n_components, n_features)
        Orthonormal rows that span the subspace.
    rotations : ndarray of shape (n_features, n_components)
        Centred rows times these are the scores, whose columns are uncorrelated.

    Raises
    ------
    ValueError
        Without labels, with one class, or where fewer components explain the labels entirely.

    Examples
    --------
    >>> X = np.array([[0.0, 5.0], [0.0, -5.0], [1.0, 5.0], [1.0, -5.0]])
    >>> weights, _ = pls_directions(X, ["cat", "cat", "dog", "dog"], 1)
    >>> np.abs(weights).round(6).tolist()
    [[1.0, 0.0]]
    """
    columns = one_column_per_class(y, len(X), "PLS")
    if columns.shape[1] < 2:
        raise ValueError("PLS needs two classes at least, but y holds 1 class only.")
    centred, sides = X - X.mean(axis=0), columns - columns.mean(axis=0)
    if np.linalg.norm(centred.T @ sides) <= 1e-12 * np.linalg.norm(centred) * np.linalg.norm(sides):
        raise ValueError("PLS finds no component: no feature goes along with y; use PCA instead.")
    # scikit-learn's own tolerance leaves later components wrong in the third digit.
    pls = PLSRegression(n_components, scale=False, tol=1e-10, max_iter=5000).fit(X, columns)
    found = int((np.linalg.norm(pls.x_weights_, axis=0) > 0).sum())
    if found < n_components:
        raise ValueError(
            f"PLS finds only {found} components that say something of y, but {n_components} are asked for."
        )
    # Orthonormal but for rounding, which the geodesic would see as angles.
    weights = np.linalg.qr(pls.x_weights_)[0].T
    return weights * np.sign((weights * pls.x_weights_.T).sum(axis=1))[:, None], pls.x_rotations_


def one_column_per_class(y: Any, n_rows: int, needed_by: str) -> Floats:
    """Return labels as columns of zeros and ones, one for each class, in sorted order.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        Labels of any type that can be sorted.
    n_rows : int
        How many there must be.
    needed_by : str
        Who asks, for the message.

    Raises
    ------
    ValueError
        Where there are no labels, not as many as rows, or numbers that are no classes.

    Examples
    --------
    >>> one_column_per_class(["cat", "dog", "cat"], 3, "PLS").tolist()
    [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    """
    classes, codes = np.unique(source_labels(y, n_rows, needed_by), return_inverse=True)
    return np.eye(len(classes))[codes]
