import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA

from dacompare.shallow.geodesic import geodesic_path
from dacompare.shallow.geodesic_flow_kernel import GeodesicFlowKernel
from dacompare.shallow.linear_svm import linear_svm
from dacompare.shallow.sampling_geodesic_flow import SamplingGeodesicFlow, sampled_projection
from tests.estimator_battery import assert_passes_the_battery
from tests.turned_classes import turned_classes, turned_domains


@pytest.fixture
def domains(rng):
    mix = rng.normal(size=(9, 9))
    X_source, X_target = rng.normal(size=(60, 9)) @ mix + 1, rng.normal(size=(50, 9)) @ mix[::-1] - 2
    return X_source, rng.choice(["ant", "bee", "cow"], 60), X_target


def accuracies(aligner, X_source, y_source, X_target, y_target):
    plain = linear_svm().fit(X_source, y_source).score(X_target, y_target)
    Z_source = aligner.fit_transform(X_source, y_source, X_target=X_target)
    return plain, linear_svm().fit(Z_source, y_source).score(aligner.transform(X_target), y_target)


def test_features_are_the_projections_on_each_subspace_side_by_side(domains):
    X_source, _, X_target = domains
    Z_source = SamplingGeodesicFlow(2, n_steps=4).fit_transform(X_source, X_target=X_target)
    ends = [PCA(2, svd_solver="full").fit(X).components_.T for X in (X_source, X_target)]
    rows = X_source - X_source.mean(axis=0)
    for k, t in enumerate([0, 1 / 3, 2 / 3, 1]):
        own, expected = Z_source[:, 2 * k : 2 * k + 2], rows @ geodesic_path(*ends, [t])[0] / 2
        np.testing.assert_allclose(own @ own.T, expected @ expected.T, atol=1e-10)


def test_both_ends_are_the_subspaces_of_the_domains(domains):
    X_source, _, X_target = domains
    aligner = SamplingGeodesicFlow(3, n_steps=2).fit(X_source, X_target=X_target)
    for basis, components in (
        (aligner.projection_[:, :3], aligner.source_components_),
        (aligner.projection_[:, 3:], aligner.target_components_),
    ):
        np.testing.assert_allclose(2 * basis @ basis.T, components.T @ components, atol=1e-12)


def test_many_subspaces_tend_to_the_geodesic_flow_kernel(domains):
    X_source, _, X_target = domains
    kernel = GeodesicFlowKernel(3).fit(X_source, X_target=X_target)
    G = kernel.factor_ @ kernel.factor_.T

    def error(n_steps):
        P = sampled_projection(kernel.source_components_.T, kernel.target_components_.T, n_steps)
        return np.abs(P @ P.T - G).max()

    # Both ends have the weight of the others, so the error falls as 1 / n_steps.
    assert error(5) > 1e-3
    assert error(400) < error(40) / 9
    assert error(400) < 1e-2


def test_the_scale_does_not_depend_on_the_number_of_subspaces(domains):
    X = domains[0]
    Z_few, Z_many = (SamplingGeodesicFlow(3, n_steps=n).fit_transform(X) for n in (2, 9))
    np.testing.assert_allclose(Z_few @ Z_few.T, Z_many @ Z_many.T, atol=1e-10)


def test_without_a_target_it_is_pca(domains):
    X = domains[0]
    aligner = SamplingGeodesicFlow(3).fit(X)
    Z, scores = aligner.transform(X), PCA(3, svd_solver="full").fit_transform(X)
    np.testing.assert_allclose(Z @ Z.T, scores @ scores.T, atol=1e-10)
    np.testing.assert_array_equal(Z, aligner.transform(X, domain="source"))


def test_the_reduction_is_pls_on_the_projected_source(domains):
    X_source, y_source, X_target = domains
    aligner = SamplingGeodesicFlow(2, n_steps=5, n_output=3)
    Z_source = aligner.fit_transform(X_source, y_source, X_target=X_target)
    whole = SamplingGeodesicFlow(2, n_steps=5).fit(X_source, X_target=X_target)
    columns = np.equal.outer(y_source, np.unique(y_source)).astype(float)
    pls = PLSRegression(3, scale=False, tol=1e-12, max_iter=9999).fit(
        whole.transform(X_source, domain="source"), columns
    )
    expected = pls.transform(whole.transform(X_source, domain="source"))
    signs = np.sign((Z_source * expected).sum(axis=0))
    np.testing.assert_allclose(Z_source * signs, expected, atol=1e-4 * np.abs(expected).max())
    assert aligner.transform(X_target).shape == (50, 3)


def test_pls_keeps_what_the_labels_say_and_pca_does_not_lead_with(rng):
    y = np.arange(300) % 2
    X = rng.normal(size=(300, 9)) * [9, 8, 7, 1, 1, 1, 1, 1, 1]
    X[:, 2] += 9 * y
    Z = SamplingGeodesicFlow(3, n_output=1).fit_transform(X, y)
    assert abs(np.corrcoef(Z[:, 0], X[:, 2])[0, 1]) > 0.9


def test_it_helps_where_the_direction_of_the_classes_turned(rng):
    # e₁ · u = 0.09 for the angle of 85°, but its mean over the sampled subspaces is about 0.4.
    X_source, X_target, y = turned_domains(rng)
    for aligner in (SamplingGeodesicFlow(1), SamplingGeodesicFlow(1, n_output=1)):
        plain, aligned = accuracies(aligner, X_source, y, X_target, y)
        assert plain < 0.75
        assert aligned > 0.95
    # Both ends alone know e₁ and u, but nothing in between: the path is what helps.
    assert accuracies(SamplingGeodesicFlow(1, n_steps=2), X_source, y, X_target, y)[1] < 0.87


def test_it_hurts_where_only_the_classes_are_unequally_frequent(rng):
    y_source, y_target = np.arange(600) % 2, (np.arange(600) % 20 > 0).astype(int)
    X_source, X_target = turned_classes(rng, y_source), turned_classes(rng, y_target)
    plain, aligned = accuracies(SamplingGeodesicFlow(1), X_source, y_source, X_target, y_target)
    assert plain > 0.99
    assert aligned < plain - 0.1


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"n_steps": 1}, ValueError, "n_steps must be a whole number from 2 on, got 1"),
        ({"n_steps": 2.0}, TypeError, "n_steps must be a whole number from 2 on, got 2.0"),
        ({"n_steps": True}, TypeError, "n_steps must be a whole number"),
        ({"n_output": 5}, ValueError, "n_output must be between 1 and 4, got 5.*at most twice n_components"),
        ({"n_output": 0}, ValueError, "n_output must be between 1 and 4, got 0"),
        ({"n_output": 1.5}, TypeError, "n_output must be a whole number or None, got 1.5"),
        ({"n_components": 5}, ValueError, "between 1 and 4, got 5: a geodesic needs fewer"),
    ],
)
def test_parameters_out_of_range_are_refused(domains, parameters, error, message):
    X_source, y_source, X_target = domains
    with pytest.raises(error, match=message):
        SamplingGeodesicFlow(**{"n_components": 2, **parameters}).fit(X_source, y_source, X_target=X_target)


def test_a_reduction_needs_labels(domains):
    with pytest.raises(ValueError, match="requires y to be passed"):
        SamplingGeodesicFlow(2, n_output=2).fit(domains[0], X_target=domains[2])
    with pytest.raises(ValueError, match="1 class"):
        SamplingGeodesicFlow(2, n_output=2).fit(domains[0], np.ones(60), X_target=domains[2])


def test_hostile_targets_are_named(rng):
    X = rng.normal(size=(9, 4))
    for target, message in (
        (np.ones((9, 4)), "X_target has only constant features"),
        (np.full((9, 4), np.nan), "X_target contains NaN"),
        (X[:, :3], "X_target has 3 features, but X has 4"),
        (X[:1], "X_target must have at least 2 rows"),
    ):
        with pytest.raises(ValueError, match=message):
            SamplingGeodesicFlow(1).fit(X, X_target=target)


def test_few_rows_and_duplicates_work(rng):
    X_source, X_target = rng.normal(size=(5, 30)), np.repeat(rng.normal(size=(3, 30)), 4, axis=0)
    aligner = SamplingGeodesicFlow(2, n_steps=3, n_output=3)
    assert aligner.fit_transform(X_source, [0, 1, 0, 1, 1], X_target=X_target).shape == (5, 3)


def test_clone_pickle_and_names(domains):
    aligner = SamplingGeodesicFlow(1, n_steps=2).fit(domains[0], X_target=domains[2])
    again = pickle.loads(pickle.dumps(aligner))
    np.testing.assert_array_equal(again.transform(domains[2]), aligner.transform(domains[2]))
    assert clone(aligner).get_params() == {"n_components": 1, "n_steps": 2, "n_output": None}
    assert aligner.get_feature_names_out().tolist() == ["samplinggeodesicflow0", "samplinggeodesicflow1"]


@pytest.mark.parametrize("estimator", [SamplingGeodesicFlow(), SamplingGeodesicFlow(n_output=1)])
def test_check_estimator(estimator):
    assert_passes_the_battery(estimator)


def test_without_a_target_no_more_features_are_asked_for_than_there_are(rng):
    X, y = rng.normal(size=(60, 6)), np.arange(60) % 3
    assert SamplingGeodesicFlow(2, 5, n_output=3).fit_transform(X, y, X_target=X[:40] + 1).shape == (60, 3)
    alone = SamplingGeodesicFlow(2, 5, n_output=3).fit(X, y)
    np.testing.assert_array_equal(alone.transform(X), SamplingGeodesicFlow(2, 5, n_output=2).fit(X, y).transform(X))
    assert len(alone.get_feature_names_out()) == 2
    with pytest.raises(ValueError, match="n_output must be between 1 and 4, got 5: with a target, projected rows have"):
        SamplingGeodesicFlow(2, 5, n_output=5).fit(X, y)
