import pickle

import numpy as np
import pytest
from scipy.integrate import quad_vec
from scipy.linalg import null_space
from scipy.stats import ortho_group
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from dacompare.domains import Domain
from dacompare.shallow.geodesic import geodesic_path, subspace_disagreement
from dacompare.shallow.geodesic_flow_kernel import GeodesicFlowKernel, geodesic_flow_factor, geodesic_flow_kernel
from dacompare.shallow.linear_svm import linear_svm
from tests.estimator_battery import assert_passes_the_battery
from tests.turned_classes import turned_classes, turned_domains

SMALL_AND_LARGE = [
    [0.5],
    [0.0, 1e-9, 1e-5, 9e-4],
    [9.99e-4, 1.001e-3, 0.1, 1.2],
    [0.0, 0.7, np.pi / 2 - 1e-6],
]


def turned(angles, n_features, seed=0):
    """Return two random bases with known principal angles."""
    d = len(angles)
    frame = ortho_group.rvs(n_features, random_state=seed)
    start, across = frame[:, :d], frame[:, d : 2 * d]
    mix = np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]
    return start @ mix, (start * np.cos(angles) + across * np.sin(angles)) @ mix[::-1]


@pytest.fixture
def domains(rng):
    mix = rng.normal(size=(9, 9))
    return rng.normal(size=(60, 9)) @ mix + 1, rng.normal(size=(50, 9)) @ mix[::-1] - 2


@pytest.mark.parametrize("angles", SMALL_AND_LARGE)
def test_it_is_the_integral_over_the_path(angles):
    bases = turned(np.array(angles), 10)

    def projection(t):
        basis = geodesic_path(*bases, [t])[0]
        return basis @ basis.T

    np.testing.assert_allclose(geodesic_flow_kernel(*bases), quad_vec(projection, 0, 1, epsabs=1e-12)[0], atol=1e-11)


def test_it_equals_the_closed_form_of_the_paper():
    source, target = turned(np.array([0.2, 0.9, 1.4]), 11)
    complement = null_space(source.T)
    left, cosines, right = np.linalg.svd(source.T @ target)
    angles = np.arccos(cosines)
    across = -complement.T @ target @ right.T / np.sin(angles)
    first = (1 + np.sin(2 * angles) / (2 * angles)) / 2
    mixed = (np.cos(2 * angles) - 1) / (2 * angles) / 2
    second = (1 - np.sin(2 * angles) / (2 * angles)) / 2
    sides = np.hstack([source @ left, complement @ across])
    middle = np.block([[np.diag(first), np.diag(mixed)], [np.diag(mixed), np.diag(second)]])
    np.testing.assert_allclose(geodesic_flow_kernel(source, target), sides @ middle @ sides.T, atol=1e-13)


@pytest.mark.parametrize("angles", SMALL_AND_LARGE)
def test_it_is_symmetric_with_the_eigenvalues_of_the_angles(angles):
    G = geodesic_flow_kernel(*turned(np.array(angles), 10))
    np.testing.assert_array_equal(G, G.T)
    sinc = np.sinc(np.array(angles) / np.pi)
    expected = np.sort(np.concatenate([(1 + sinc) / 2, (1 - sinc) / 2, np.zeros(10 - 2 * len(angles))]))
    np.testing.assert_allclose(np.linalg.eigvalsh(G), expected, atol=1e-14)


@pytest.mark.parametrize("n_components", [1, 4])
def test_identical_subspaces_give_the_projection(n_components):
    basis, _ = turned(np.zeros(n_components), 10)
    np.testing.assert_allclose(geodesic_flow_kernel(basis, basis), basis @ basis.T, atol=1e-14)


def test_the_basis_of_a_subspace_and_the_direction_of_the_way_do_not_matter():
    source, target = turned(np.array([1e-8, 0.3, 1.1]), 9)
    G = geodesic_flow_kernel(source, target)
    turn = ortho_group.rvs(3, random_state=5)
    np.testing.assert_allclose(geodesic_flow_kernel(source @ turn, -target[:, ::-1]), G, atol=1e-14)
    np.testing.assert_allclose(geodesic_flow_kernel(target, source), G, atol=1e-14)


def test_it_turns_with_the_features():
    source, target = turned(np.array([0.3, 1.1]), 9)
    turn = ortho_group.rvs(9, random_state=6)
    G = geodesic_flow_kernel(source, target)
    np.testing.assert_allclose(geodesic_flow_kernel(turn @ source, turn @ target), turn @ G @ turn.T, atol=1e-14)


def test_the_factor_has_orthogonal_columns():
    F = geodesic_flow_factor(*turned(np.array([0.0, 0.3, 1.1]), 9))
    gram = F.T @ F
    np.testing.assert_allclose(gram, np.diag(np.diag(gram)), atol=1e-14)


def test_a_kernel_that_does_not_fit_is_refused():
    bases = turned(np.array([0.3]), 9)
    with pytest.raises(MemoryError, match="use geodesic_flow_factor"):
        geodesic_flow_kernel(*bases, max_memory=9 * 9 * 8 - 1)
    assert geodesic_flow_kernel(*bases, max_memory=9 * 9 * 8).shape == (9, 9)


def test_features_have_the_kernel_as_inner_product(domains):
    X_source, X_target = domains
    aligner = GeodesicFlowKernel(3)
    Z_source = aligner.fit_transform(X_source, X_target=X_target)
    G = geodesic_flow_kernel(aligner.source_components_.T, aligner.target_components_.T)
    rows, others = X_source - X_source.mean(axis=0), X_target - X_target.mean(axis=0)
    np.testing.assert_allclose(Z_source @ aligner.transform(X_target).T, rows @ G @ others.T, atol=1e-11)
    np.testing.assert_allclose(Z_source @ Z_source.T, rows @ G @ rows.T, atol=1e-11)


def test_rows_with_zero_mean_are_taken_as_they_are(domains):
    X_source, X_target = (X - X.mean(axis=0) for X in domains)
    aligner = GeodesicFlowKernel(2).fit(X_source, X_target=X_target)
    np.testing.assert_allclose(aligner.transform(X_target), X_target @ aligner.factor_, atol=1e-12)


def test_a_shift_of_the_target_changes_nothing(domains):
    X_source, X_target = domains
    plain, shifted = (GeodesicFlowKernel(2).fit(X_source, X_target=X_target + shift) for shift in (0, 50))
    np.testing.assert_allclose(shifted.transform(X_target + 50), plain.transform(X_target), atol=1e-9)


def test_it_helps_where_the_direction_of_the_classes_turned(rng):
    # On the source the classes differ along e₁ only, on the target along u at 85°: e₁ · u = 0.09, but
    # e₁ᵀ G u = ½ (cos θ + sin θ / θ) = 0.38.
    X_source, X_target, y = turned_domains(rng)
    aligner = GeodesicFlowKernel(1)
    Z_source = aligner.fit_transform(X_source, X_target=X_target)
    assert linear_svm().fit(X_source, y).score(X_target, y) < 0.75
    assert linear_svm().fit(Z_source, y).score(aligner.transform(X_target), y) > 0.95


def test_it_hurts_where_only_the_classes_are_unequally_frequent(rng):
    # Nothing moved: centring each domain takes the frequent class of the target to where the border was.
    y_source, y_target = np.arange(600) % 2, (np.arange(600) % 20 > 0).astype(int)
    X_source, X_target = turned_classes(rng, y_source), turned_classes(rng, y_target)
    plain = linear_svm().fit(X_source, y_source).score(X_target, y_target)
    aligner = GeodesicFlowKernel(1)
    Z_source = aligner.fit_transform(X_source, X_target=X_target)
    aligned = linear_svm().fit(Z_source, y_source).score(aligner.transform(X_target), y_target)
    assert plain > 0.99
    assert aligned < plain - 0.1


def test_without_a_number_the_disagreement_chooses(domains):
    aligner = GeodesicFlowKernel().fit(domains[0], X_target=domains[1])
    curve, n_components = subspace_disagreement(*domains)
    assert aligner.n_components_ == n_components
    np.testing.assert_array_equal(aligner.disagreement_, curve)
    assert GeodesicFlowKernel(2).fit(domains[0], X_target=domains[1]).disagreement_ is None


def test_without_a_target_it_is_pca(domains):
    X = domains[0]
    aligner = GeodesicFlowKernel(3).fit(X)
    projected = (X - X.mean(axis=0)) @ aligner.source_components_.T
    Z = aligner.transform(X)
    np.testing.assert_allclose(Z @ Z.T, projected @ projected.T, atol=1e-10)
    np.testing.assert_array_equal(Z, aligner.transform(X, domain="source"))
    np.testing.assert_allclose(Z[:, 3:], 0, atol=1e-12)


def test_pls_needs_labels_of_the_source_and_takes_strings(domains, rng):
    X_source, X_target = domains
    y = rng.choice(["cat", "dog", "eel"], len(X_source))
    aligner = GeodesicFlowKernel(2, "pls").fit(X_source, y, X_target=X_target)
    assert np.abs(aligner.source_components_ - GeodesicFlowKernel(2).fit(X_source).source_components_).max() > 0.1
    with pytest.raises(ValueError, match="requires y to be passed"):
        GeodesicFlowKernel(2, "pls").fit(X_source, X_target=X_target)


@pytest.mark.parametrize(("wanted", "error"), [(0, ValueError), (5, ValueError), (2.0, TypeError), (True, TypeError)])
def test_a_dimension_that_is_none_is_refused(domains, wanted, error):
    with pytest.raises(error, match="n_components must be"):
        GeodesicFlowKernel(wanted).fit(domains[0], X_target=domains[1])


def test_half_of_the_features_is_refused_in_words(rng):
    X_source, X_target = rng.normal(size=(2, 40, 8))
    with pytest.raises(
        ValueError, match="between 1 and 3, got 4: a geodesic needs fewer dimensions than half of the 8"
    ):
        GeodesicFlowKernel(4).fit(X_source, X_target=X_target)


def test_few_rows_span_few_directions(rng):
    X_source, X_target = rng.normal(size=(40, 30)), rng.normal(size=(4, 30))
    assert GeodesicFlowKernel(3).fit(X_source, X_target=X_target).factor_.shape == (30, 6)
    with pytest.raises(ValueError, match="between 1 and 3, got 4.*target rows 3"):
        GeodesicFlowKernel(4).fit(X_source, X_target=X_target)
    with pytest.raises(ValueError, match="X_target must have at least 2 rows"):
        GeodesicFlowKernel(1).fit(X_source, X_target=X_target[:1])


def test_duplicate_rows_are_one_direction(rng):
    rows = rng.normal(size=(2, 7))
    aligner = GeodesicFlowKernel().fit(np.repeat(rows, 9, axis=0), X_target=rng.normal(size=(30, 7)))
    assert aligner.n_components_ == 1


def test_hostile_targets_are_named(rng):
    X = rng.normal(size=(9, 4))
    for target, message in (
        (np.full((9, 4), 0.1), "X_target has only constant features"),
        (np.full((9, 4), np.nan), "X_target contains NaN"),
        (X[:, :3], "X_target has 3 features, but X has 4"),
    ):
        with pytest.raises(ValueError, match=message):
            GeodesicFlowKernel(1).fit(X, X_target=target)


def test_inputs_are_left_as_they_are_and_a_domain_is_an_array(domains):
    before = [X.copy() for X in domains]
    for X in domains:
        X.flags.writeable = False
    aligner = GeodesicFlowKernel(2).fit(domains[0], X_target=domains[1])
    by_domain = GeodesicFlowKernel(2).fit(domains[0], X_target=Domain(domains[1]))
    np.testing.assert_array_equal(by_domain.factor_, aligner.factor_)
    for X, old in zip(domains, before, strict=True):
        np.testing.assert_array_equal(X, old)


def test_clone_pickle_names_and_pipelines(domains, rng):
    aligner = GeodesicFlowKernel(1).fit(domains[0], X_target=domains[1])
    again = pickle.loads(pickle.dumps(aligner))
    np.testing.assert_array_equal(again.transform(domains[1]), aligner.transform(domains[1]))
    assert clone(aligner).get_params() == {"n_components": 1, "source_basis": "pca"}
    assert aligner.get_feature_names_out().tolist() == ["geodesicflowkernel0", "geodesicflowkernel1"]
    y = rng.choice(["cat", "dog"], 60)
    pipeline = make_pipeline(GeodesicFlowKernel(2, "pls"), LinearSVC())
    pipeline.fit(domains[0], y, geodesicflowkernel__X_target=domains[1])
    assert set(pipeline.predict(domains[1])) <= {"cat", "dog"}


@pytest.mark.parametrize("estimator", [GeodesicFlowKernel(), GeodesicFlowKernel(1, "pls")])
def test_check_estimator(estimator):
    assert_passes_the_battery(estimator)
