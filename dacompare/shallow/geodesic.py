"""Measure the angles between two subspaces, walk from one to the other, and find where they disagree."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg
from sklearn.utils import check_array

from dacompare.domains.checks import check_same_columns
from dacompare.shallow.aligner import Floats, check_dimension
from dacompare.shallow.rows import check_target
from dacompare.shallow.subspace_alignment import column_means, principal_directions

# Rounded to two decimals this is the 1 of the rule, as in the released search for d; no angle ever reaches it exactly.
FULL_DISAGREEMENT = 0.995
# A dimension costs a decomposition of its own size; the released search proposes to stop here, too.
LONGEST_SEARCH = 200


def principal_angles(source_basis: ArrayLike, target_basis: ArrayLike) -> Floats:
    """Return the angles between two subspaces, smallest first.

    The first is the smallest angle between any direction of one and any of the other, the next the smallest
    among the directions orthogonal to these, and so on: all 0 where the subspaces are the same.

    Parameters
    ----------
    source_basis, target_basis : array-like of shape (n_features, n_components)
        Orthonormal columns.

    Returns
    -------
    angles : ndarray of shape (n_components,)
        Radians, from 0 to π/2; accurate near both ends.

    Raises
    ------
    ValueError
        Where the bases differ in shape or their columns are not orthonormal.

    References
    ----------
    Björck & Golub 1973, Numerical methods for computing angles between linear subspaces (scipy's way, too).

    Examples
    --------
    >>> principal_angles([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 0.6], [0.0, 0.8]]).round(4).tolist()
    [0.0, 0.9273]
    """
    return linalg.subspace_angles(*_check_bases(source_basis, target_basis))[::-1]


def principal_vectors(source_basis: ArrayLike, target_basis: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return a basis of each subspace such that the i-th vectors enclose the i-th angle, and all others none.

    Parameters
    ----------
    source_basis, target_basis : array-like of shape (n_features, n_components)
        Orthonormal columns. Their order, signs and rotation within the subspaces do not matter.

    Returns
    -------
    start, end : ndarray of shape (n_features, n_components)
        P_s U₁ and P_t V of the decomposition P_sᵀ P_t = U₁ Γ Vᵀ; the entry of largest magnitude of each
        column of `start` is positive. At a right angle the sign of `end` is free: two ways are equally short.
    angles : ndarray of shape (n_components,)
        Radians, smallest first.

    Raises
    ------
    ValueError
        Where the bases differ in shape or their columns are not orthonormal.

    References
    ----------
    Gong, Shi, Sha & Grauman 2012, Geodesic flow kernel for unsupervised domain adaptation: the
    decomposition P_sᵀ P_t = U₁ Γ Vᵀ, R_sᵀ P_t = −U₂ Σ Vᵀ, R_s being the orthogonal complement of P_s.

    Examples
    --------
    >>> start, end, angles = principal_vectors([[-1.0], [0.0]], [[0.6], [0.8]])
    >>> start.ravel().tolist(), end.ravel().round(6).tolist(), angles.round(4).tolist()
    ([1.0, 0.0], [0.6, 0.8], [0.9273])
    """
    source, target = _check_bases(source_basis, target_basis)
    left, cosines, right = linalg.svd(source.T @ target)
    start, end = source @ left, target @ right.T
    # The cosine of every angle below 1e-8 is 1 to the last digit; the chords still tell such angles apart.
    near = cosines**2 > 0.5
    if near.any():
        turn = linalg.svd(end[:, near] - start[:, near], full_matrices=False)[2][::-1].T
        start[:, near], end[:, near] = start[:, near] @ turn, end[:, near] @ turn
    signs = np.sign(start[np.abs(start).argmax(axis=0), np.arange(start.shape[1])])
    start, end = start * signs, end * signs
    return start, end, 2 * np.arcsin(np.minimum(linalg.norm(end - start, axis=0) / 2, np.sqrt(0.5)))


def geodesic_path(source_basis: ArrayLike, target_basis: ArrayLike, times: ArrayLike) -> Floats:
    """Return bases of the subspaces on the shortest way from one subspace to the other.

    Each principal vector of the source turns at constant speed into that of the target:
    Φ(t) = P_s U₁ Γ(t) − R_s U₂ Σ(t), written here with both ends, so that an angle of zero is no special case.

    Parameters
    ----------
    source_basis, target_basis : array-like of shape (n_features, n_components)
        Orthonormal columns.
    times : array-like of shape (n_times,)
        From 0, the source, to 1, the target.

    Returns
    -------
    path : ndarray of shape (n_times, n_features, n_components)
        Φ(t) for each t, with orthonormal columns. Φ(0) and Φ(1) span what the bases span.

    Raises
    ------
    ValueError
        Where the bases do not fit, or a time lies outside 0 to 1.

    References
    ----------
    Gong, Shi, Sha & Grauman 2012, Geodesic flow kernel for unsupervised domain adaptation: the
    geodesic flow Φ(t).

    Examples
    --------
    >>> geodesic_path([[1.0], [0.0]], [[0.0], [1.0]], [0, 0.5, 1])[:, :, 0].round(4).tolist()
    [[1.0, 0.0], [0.7071, 0.7071], [0.0, 1.0]]
    """
    t = np.asarray(times, dtype=np.float64).reshape(-1, 1, 1)
    if not ((t >= 0) & (t <= 1)).all():
        raise ValueError(f"times must lie between 0 and 1, got {np.asarray(times).tolist()!r}.")
    start, end, angles = principal_vectors(source_basis, target_basis)

    def share(part: Floats) -> Floats:
        # sin(part·θ) / sin(θ), which is `part` itself at θ = 0.
        return part * np.sinc(part * angles / np.pi) / np.sinc(angles / np.pi)

    return start * share(1 - t) + end * share(t)


def subspace_disagreement(
    X_source: ArrayLike, X_target: ArrayLike, max_components: int | None = None
) -> tuple[Floats, int]:
    """Choose how many principal directions both domains can share, without a label.

    D(d) = ½ (sin α_d + sin β_d) compares the first d principal directions of each domain with those of all rows
    together: α_d and β_d are the d-th, which is the largest, principal angles. D is small while both domains
    agree with the common subspace, and 1 where each has a direction of which the common subspace knows nothing;
    the first such d is picked.

    Parameters
    ----------
    X_source : array-like of shape (n_source, n_features)
    X_target : array-like of shape (n_target, n_features)
        Each domain is centred on its own mean first; a mere shift of the target would otherwise be the first
        direction of the rows together, and d = 1 the pick. (The authors z-score each domain beforehand.)
    max_components : int or None
        Where the search ends; below n_features / 2. None searches as far as there are directions, to 200 at most.
        Dimension d costs O(d³), beside one decomposition of all rows, O(n · n_features²).

    Returns
    -------
    curve : ndarray of shape (n_searched,)
        D(1), D(2), …, which ends with the pick.
    n_components : int
        The smallest d with D(d) = 1, rounded to two decimals; the end of the search where there is none.

    Raises
    ------
    ValueError
        Where the domains have different features, one has only constant ones, or `max_components` is out of range.

    References
    ----------
    Gong, Shi, Sha & Grauman 2012, Geodesic flow kernel for unsupervised domain adaptation: the
    subspace disagreement measure D(d), and d* = min {d | D(d) = 1}.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X_source, X_target = rng.normal(size=(200, 8)), rng.normal(size=(200, 8))
    >>> X_source[:, 0] *= 9; X_target[:, 0] *= 9  # one direction is shared
    >>> X_source[:, 1] *= 3; X_target[:, 2] *= 4  # and each domain has one of its own
    >>> curve, n_components = subspace_disagreement(X_source, X_target)
    >>> curve.round(1).tolist(), n_components
    ([0.0, 0.5, 1.0], 3)
    """
    source = check_array(X_source, dtype=np.float64, ensure_min_samples=2, input_name="X_source")
    target = check_target(X_target, source.shape[1], source="X_source")
    check_same_columns(X_source, X_target, source="X_source")
    return measure_disagreement(source, target, domain_axes(source)[1], domain_axes(target)[1], max_components)


def measure_disagreement(
    X_source: Floats, X_target: Floats, source: Floats, target: Floats, max_components: int | None = None
) -> tuple[Floats, int]:
    """Do as :func:`subspace_disagreement` where the principal directions of both domains are known already.

    Parameters
    ----------
    X_source, X_target : ndarray of shape (n, n_features)
    source, target : ndarray of shape (rank, n_features)
        Their principal directions, as rows.
    max_components : int or None

    Returns
    -------
    curve : ndarray of shape (n_searched,)
    n_components : int

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(20, 5))
    >>> directions = principal_directions(X)[1]
    >>> curve, n_components = measure_disagreement(X, X, directions, directions)
    >>> curve.round(6).tolist(), n_components
    ([0.0, 0.0], 2)
    """
    limit, why = dimension_limit(X_source.shape[1], len(source), len(target))
    end = check_dimension(min(limit, LONGEST_SEARCH) if max_components is None else max_components, limit, why)
    pooled = principal_directions(np.vstack([X - column_means(X) for X in (X_source, X_target)]))[1][:end].T
    overlaps = source[:end] @ pooled, target[:end] @ pooled
    curve: list[float] = []
    while len(curve) < end and (not curve or curve[-1] < FULL_DISAGREEMENT):
        d = len(curve) + 1
        curve.append(sum(_largest_sine(overlap[:d, :d]) for overlap in overlaps) / 2)
    return np.array(curve), len(curve)


def domain_axes(X: Floats) -> tuple[Floats, Floats]:
    """Return the mean of the rows and their principal directions; none at all where all rows are the same.

    Examples
    --------
    >>> [len(domain_axes(X)[1]) for X in (np.eye(3), np.full((9, 3), 0.1))]
    [2, 0]
    """
    mean, directions = principal_directions(X)
    # A constant like 0.1 may differ from its own mean in the last digit, which is no direction.
    return mean, directions if np.ptp(X, axis=0).any() else directions[:0]


def dimension_limit(n_features: int, source_rank: int, target_rank: int) -> tuple[int, str]:
    """Return how many dimensions two subspaces may have that a geodesic joins, and why no more.

    The shortest way leads through d further directions, so twice d of the features are needed; d < n_features / 2
    is the authors' condition. One dimension is always allowed.

    Raises
    ------
    ValueError
        Where one of the domains has no direction at all.

    Examples
    --------
    >>> dimension_limit(8, 8, 8)[0], dimension_limit(9, 8, 2)[0], dimension_limit(2, 2, 2)[0]
    (3, 2, 1)
    """
    if min(source_rank, target_rank) == 0:
        constant = "X" if source_rank == 0 else "X_target"
        raise ValueError(f"{constant} has only constant features; there is no direction that a geodesic could join.")
    why = (
        f"a geodesic needs fewer dimensions than half of the {n_features} features, the centred source rows have"
        f" rank {source_rank}, the centred target rows {target_rank}"
    )
    return min(max(1, (n_features - 1) // 2), source_rank, target_rank), why


def _check_bases(source_basis: ArrayLike, target_basis: ArrayLike) -> tuple[Floats, Floats]:
    bases = [
        check_array(basis, dtype=np.float64, input_name=name)
        for name, basis in (("source_basis", source_basis), ("target_basis", target_basis))
    ]
    if bases[0].shape != bases[1].shape:
        raise ValueError(f"Both bases must have one shape, got {bases[0].shape} and {bases[1].shape}.")
    for name, basis in zip(("source_basis", "target_basis"), bases, strict=True):
        error = np.abs(basis.T @ basis - np.eye(basis.shape[1])).max()
        if error > 1e-6:
            raise ValueError(
                f"{name} must have orthonormal columns, but basis.T @ basis is {error:.2g} away from the identity;"
                " numpy.linalg.qr makes them so."
            )
    return bases[0], bases[1]


def _largest_sine(overlap: Floats) -> float:
    """Return the sine of the largest angle, from the smallest cosine."""
    cosine = min(float(linalg.svdvals(overlap)[-1]), 1.0)
    return float(np.sqrt((1 - cosine) * (1 + cosine)))
