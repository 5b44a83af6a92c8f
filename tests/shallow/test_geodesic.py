import numpy as np
import pytest
from scipy.linalg import null_space
from scipy.stats import ortho_group

from dacompare.shallow.geodesic import (
    dimension_limit,
    domain_axes,
    geodesic_path,
    principal_angles,
    principal_vectors,
    subspace_disagreement,
)


def orthonormal(rng, n_features, n_components):
    return np.linalg.qr(rng.normal(size=(n_features, n_components)))[0]


def turned(angles, n_features, rng):
    """Return two random bases with known principal angles."""
    d = len(angles)
    frame = ortho_group.rvs(n_features, random_state=rng)[:, : 2 * d]
    start, across = frame[:, :d], frame[:, d:]
    mix = [ortho_group.rvs(d, random_state=rng) if d > 1 else np.eye(1) for _ in range(2)]
    return start @ mix[0], (start * np.cos(angles) + across * np.sin(angles)) @ mix[1]


def projector(basis):
    return basis @ basis.T


@pytest.mark.parametrize("angles", [[0.3], [0.0, 0.0, 0.0], [0.0, 1e-12, 1e-6, 0.4], [0.2, 1.0, np.pi / 2]])
def test_known_angles_are_found(rng, angles):
    bases = turned(np.array(angles), 12, rng)
    np.testing.assert_allclose(principal_angles(*bases), angles, atol=1e-14)
    start, end, found = principal_vectors(*bases)
    np.testing.assert_allclose(found, angles, atol=1e-12)
    np.testing.assert_allclose(start.T @ end, np.diag(np.cos(angles)), atol=1e-14)
    for vectors, basis in ((start, bases[0]), (end, bases[1])):
        np.testing.assert_allclose(projector(vectors), projector(basis), atol=1e-14)


def test_angles_know_nothing_of_the_basis_and_are_symmetric(rng):
    source, target = turned(np.array([0.1, 0.7, 1.2]), 9, rng)
    turn = ortho_group.rvs(3, random_state=1)
    np.testing.assert_allclose(principal_angles(source @ turn, -target), [0.1, 0.7, 1.2], atol=1e-12)
    np.testing.assert_allclose(principal_angles(target, source), [0.1, 0.7, 1.2], atol=1e-12)


def test_the_path_is_the_one_of_the_paper(rng):
    source, target = turned(np.array([0.2, 0.9, 1.4]), 11, rng)
    complement = null_space(source.T)
    left, cosines, right = np.linalg.svd(source.T @ target)
    across = -complement.T @ target @ right.T / np.sin(np.arccos(cosines))  # R_sᵀ P_t = −U₂ Σ Vᵀ
    for t, basis in zip([0, 0.25, 1], geodesic_path(source, target, [0, 0.25, 1]), strict=True):
        turn = t * np.arccos(cosines)
        expected = source @ left * np.cos(turn) - complement @ across * np.sin(turn)
        np.testing.assert_allclose(projector(basis), projector(expected), atol=1e-13)


def test_the_path_leads_from_source_to_target_at_constant_speed(rng):
    angles = np.array([0.0, 1e-10, 0.5, 1.5])
    source, target = turned(angles, 10, rng)
    path = geodesic_path(source, target, [0, 0.3, 1])
    np.testing.assert_allclose(projector(path[0]), projector(source), atol=1e-14)
    np.testing.assert_allclose(projector(path[2]), projector(target), atol=1e-14)
    np.testing.assert_allclose(principal_angles(path[1], source), 0.3 * angles, atol=1e-12)
    np.testing.assert_allclose(path.transpose(0, 2, 1) @ path, np.broadcast_to(np.eye(4), (3, 4, 4)), atol=1e-13)


def test_between_a_subspace_and_itself_nothing_moves(rng):
    basis = orthonormal(rng, 7, 3)
    for step in geodesic_path(basis, basis @ ortho_group.rvs(3, random_state=2), np.linspace(0, 1, 5)):
        np.testing.assert_allclose(projector(step), projector(basis), atol=1e-14)


@pytest.mark.parametrize("times", [[-0.1], [1.1], [np.nan]])
def test_times_outside_the_path_are_refused(rng, times):
    basis = orthonormal(rng, 5, 2)
    with pytest.raises(ValueError, match="times must lie between 0 and 1"):
        geodesic_path(basis, basis, times)


def test_bases_that_do_not_fit_are_refused(rng):
    basis = orthonormal(rng, 5, 2)
    with pytest.raises(ValueError, match=r"one shape, got \(5, 2\) and \(5, 1\)"):
        principal_angles(basis, basis[:, :1])
    with pytest.raises(ValueError, match="target_basis must have orthonormal columns"):
        principal_vectors(basis, 2 * basis)
    with pytest.raises(ValueError, match="source_basis contains NaN"):
        principal_angles(np.full((5, 2), np.nan), basis)


def domains(rng, shared=2):
    """Return two domains with `shared` strong directions in common and two of their own each."""
    scales = np.ones((2, 12))
    scales[:, :shared] = np.arange(shared, 0, -1) * 10 + 10
    scales[0, 4:6] = scales[1, 6:8] = 5, 4
    frame = ortho_group.rvs(12, random_state=3)
    return [rng.normal(size=(400, 12)) * own @ frame for own in scales]


def test_the_disagreement_is_that_of_the_definition(rng):
    source, target = domains(rng)
    curve, n_components = subspace_disagreement(source, target)
    axes = [domain_axes(X)[1] for X in (source, target, np.vstack([X - X.mean(axis=0) for X in (source, target)]))]
    for d in range(1, n_components + 1):
        own, other, both = (part[:d].T for part in axes)
        sines = [np.sin(principal_angles(basis, both)[-1]) for basis in (own, other)]
        np.testing.assert_allclose(curve[d - 1], np.mean(sines), atol=1e-7)
    assert len(curve) == n_components
    assert round(curve[-1], 2) == 1
    assert all(round(value, 2) < 1 for value in curve[:-1])


def test_shared_directions_agree_and_own_ones_do_not(rng):
    curve, n_components = subspace_disagreement(*domains(rng, shared=3))
    assert (curve[:3] < 0.2).all()
    assert 4 <= n_components <= 5


def test_a_shift_of_the_target_changes_nothing(rng):
    source, target = domains(rng)
    curve, n_components = subspace_disagreement(source, target)
    shifted, same = subspace_disagreement(source + 7, target - 100)
    np.testing.assert_allclose(shifted, curve, atol=1e-6)
    assert same == n_components


def test_domains_that_agree_keep_all_that_may_be_kept(rng):
    X = rng.normal(size=(50, 9))
    curve, n_components = subspace_disagreement(X, X)
    np.testing.assert_allclose(curve, np.zeros(4), atol=1e-6)
    assert n_components == 4
    assert subspace_disagreement(X, X, max_components=2)[1] == 2


def test_the_search_ends_at_200_dimensions(rng):
    X = rng.normal(size=(420, 415)) * np.linspace(3, 1, 415)
    assert subspace_disagreement(X, X)[1] == 200


def test_hostile_domains_are_named(rng):
    X = rng.normal(size=(20, 6))
    with pytest.raises(ValueError, match="max_components|between 1 and 2, got 3: a geodesic needs fewer dimensions"):
        subspace_disagreement(X, X, max_components=3)
    with pytest.raises(ValueError, match="X_target has 5 features, but X_source has 6"):
        subspace_disagreement(X, X[:, :5])
    with pytest.raises(ValueError, match="X_target has only constant features"):
        subspace_disagreement(X, np.full((9, 6), 0.1))
    with pytest.raises(ValueError, match="contains NaN"):
        subspace_disagreement(X, np.full((9, 6), np.nan))


@pytest.mark.parametrize(("n_features", "limit"), [(1, 1), (2, 1), (3, 1), (4, 1), (5, 2), (20, 9)])
def test_dimensions_stay_below_half_of_the_features(n_features, limit):
    assert dimension_limit(n_features, 99, 99)[0] == limit
