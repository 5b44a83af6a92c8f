import pickle
import sys

import numpy as np
import pytest
from scipy.stats import ortho_group
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from dacompare.domains import Domain
from dacompare.shallow import CommonSubspace, GeodesicFlowKernel, SubspaceAlignment, linear_svm, subspace_alignment
from dacompare.shallow.subspace_alignment import principal_directions


@pytest.fixture
def domains(rng):
    mix = rng.normal(size=(8, 8))
    return rng.normal(size=(60, 8)) @ mix + 1, rng.normal(size=(50, 8)) @ mix[::-1] - 2


def rotated_domains(rng):
    """Return two domains in two orthogonal planes, whose coordinates in the plane mean the same."""
    plane = ortho_group.rvs(10, random_state=0)
    y_source, y_target = rng.integers(0, 2, 200), rng.integers(0, 2, 200)
    spread = np.array([6.0, 1.0])

    def coordinates(y):
        # Skewed classes on the first axis: the sign of a direction does not depend on chance.
        return spread * np.stack([2.0 * y, rng.normal(scale=0.5, size=len(y))], axis=1)

    X_source = coordinates(y_source) @ plane[:2] + 0.01 * rng.normal(size=(200, 10))
    turn = plane[:2] * 0.28 + plane[2:4] * 0.96
    return X_source, y_source, coordinates(y_target) @ turn + 5 * plane[5], y_target


def test_it_equals_the_closed_form(domains):
    X_source, X_target = domains
    P_s = PCA(3, svd_solver="full").fit(X_source).components_.T
    P_t = PCA(3, svd_solver="full").fit(X_target).components_.T
    Z_source, Z_target = subspace_alignment(X_source, X_target, 3)
    expected = (X_source - X_source.mean(axis=0)) @ P_s @ (P_s.T @ P_t)
    np.testing.assert_allclose(Z_source, expected, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(Z_target, (X_target - X_target.mean(axis=0)) @ P_t, rtol=1e-10, atol=1e-10)


def test_it_equals_the_closed_form_with_more_features_than_rows(rng):
    X_source, X_target = rng.normal(size=(12, 30)), rng.normal(size=(15, 30))
    P_s = PCA(5, svd_solver="full").fit(X_source).components_.T
    P_t = PCA(5, svd_solver="full").fit(X_target).components_.T
    expected = (X_source - X_source.mean(axis=0)) @ P_s @ (P_s.T @ P_t)
    np.testing.assert_allclose(subspace_alignment(X_source, X_target, 5)[0], expected, atol=1e-10)


def test_it_helps_where_the_target_lies_in_a_turned_subspace(rng):
    X_source, y_source, X_target, y_target = rotated_domains(rng)
    plain = linear_svm().fit(X_source, y_source).score(X_target, y_target)
    Z_source, Z_target = subspace_alignment(X_source, X_target, 2)
    aligned = linear_svm().fit(Z_source, y_source).score(Z_target, y_target)
    assert aligned > 0.95
    assert plain < 0.7


def test_it_cannot_help_and_hurts_where_only_the_shares_of_the_classes_differ(rng):
    """Each domain loses its own mean, which the shares of its classes have moved."""
    y_source, y_target = np.arange(2000) % 2, (np.arange(2000) % 10 == 0).astype(int)
    X_source, X_target = (np.stack([4.0 * y, 0 * y], axis=1) + rng.normal(size=(2000, 2)) for y in (y_source, y_target))
    plain = linear_svm().fit(X_source, y_source).score(X_target, y_target)
    for d in (1, 2):
        Z_source, Z_target = subspace_alignment(X_source, X_target, d)
        aligned = linear_svm().fit(Z_source, y_source).score(Z_target, y_target)
        assert plain > 0.96
        assert aligned < plain - 0.1


def test_the_alignment_is_the_best_linear_map_between_the_bases(domains, rng):
    aligner = SubspaceAlignment(3).fit(domains[0], X_target=domains[1])

    def gap(M):
        return np.linalg.norm(aligner.source_components_.T @ M - aligner.target_components_.T)

    best = gap(aligner.alignment_)
    assert all(best < gap(aligner.alignment_ + 0.01 * rng.normal(size=(3, 3))) for _ in range(20))


def test_without_a_target_it_is_pca(domains):
    X = domains[0]
    Z = SubspaceAlignment(3).fit_transform(X)
    np.testing.assert_allclose(Z, PCA(3, svd_solver="full").fit_transform(X), atol=1e-10)
    np.testing.assert_allclose(SubspaceAlignment(3).fit(X).transform(X), Z, atol=1e-10)


def test_source_and_target_rows_take_different_maps(domains):
    X_source, X_target = domains
    aligner = SubspaceAlignment(2)
    Z_source = aligner.fit_transform(X_source, X_target=X_target)
    np.testing.assert_array_equal(aligner.transform(X_source, domain="source"), Z_source)
    np.testing.assert_array_equal(aligner.transform(X_target), aligner.transform(X_target, domain="target"))
    assert np.abs(aligner.transform(X_source) - Z_source).max() > 0.1


def test_it_takes_a_domain_as_an_array(domains):
    X_source, X_target = domains
    by_array = SubspaceAlignment(2).fit(X_source, X_target=X_target)
    by_domain = SubspaceAlignment(2).fit(X_source, X_target=Domain(X_target))
    np.testing.assert_array_equal(by_array.alignment_, by_domain.alignment_)
    np.testing.assert_array_equal(by_domain.transform(Domain(X_target)), by_array.transform(X_target))


def test_read_only_inputs_are_left_as_they_are(domains):
    before = [X.copy() for X in domains]
    for X in domains:
        X.flags.writeable = False
    subspace_alignment(*domains, 2)
    for X, old in zip(domains, before, strict=True):
        np.testing.assert_array_equal(X, old)


def test_dead_units_are_no_directions(rng):
    X_source, X_target = rng.normal(size=(40, 6)), rng.normal(size=(40, 6))
    X_source[:, 4:] = 0
    assert SubspaceAlignment().fit(X_source, X_target=X_target).n_components_ == 4
    with pytest.raises(ValueError, match="between 1 and 4, got 5: the centred source rows have rank 4"):
        SubspaceAlignment(5).fit(X_source, X_target=X_target)


def test_few_rows_span_few_directions(rng):
    with pytest.raises(ValueError, match="between 1 and 2, got 3.*target rows 2"):
        SubspaceAlignment(3).fit(rng.normal(size=(40, 6)), X_target=rng.normal(size=(3, 6)))


@pytest.mark.parametrize(("wanted", "error"), [(0, ValueError), (2.0, TypeError), (True, TypeError), ("2", TypeError)])
def test_a_dimension_that_is_none_is_refused(domains, wanted, error):
    with pytest.raises(error, match="n_components must be"):
        SubspaceAlignment(wanted).fit(domains[0], X_target=domains[1])


def test_constant_features_are_refused(rng):
    with pytest.raises(ValueError, match="X_target has only constant features"):
        SubspaceAlignment().fit(rng.normal(size=(9, 3)), X_target=np.ones((9, 3)))


def test_domains_with_different_features_are_refused(rng):
    with pytest.raises(ValueError, match="X_target has 3 features, but X has 4"):
        SubspaceAlignment().fit(rng.normal(size=(9, 4)), X_target=rng.normal(size=(9, 3)))


def test_nan_in_the_target_is_named(rng):
    with pytest.raises(ValueError, match="X_target contains NaN"):
        SubspaceAlignment().fit(rng.normal(size=(9, 2)), X_target=np.full((9, 2), np.nan))


def test_the_largest_entry_of_each_direction_is_positive(rng):
    _, directions = principal_directions(rng.normal(size=(30, 5)))
    assert (directions[np.arange(5), np.abs(directions).argmax(axis=1)] > 0).all()
    np.testing.assert_allclose(directions @ directions.T, np.eye(5), atol=1e-12)


def test_a_constant_column_gives_no_direction_however_large(rng):
    X = np.hstack([rng.normal(size=(3000, 3)), np.full((3000, 2), [1e12 / 3, -0.1])])
    _, directions = principal_directions(X)
    assert len(directions) == 3
    assert (directions[:, 3:] == 0).all()


@pytest.mark.parametrize("rows", [4, 7, 100])
def test_directions_do_not_depend_on_how_many_rows_are_decomposed_at_a_time(rng, monkeypatch, rows):
    X = rng.normal(size=(rows, 7)) * np.arange(1, 8) + 5
    whole = principal_directions(X)[1]
    monkeypatch.setattr(sys.modules[principal_directions.__module__], "MIN_BLOCK", 1)
    np.testing.assert_allclose(principal_directions(X)[1], whole, atol=1e-12)


def test_a_smaller_alignment_is_a_corner_of_a_larger_one(domains):
    X_source, X_target = domains
    small = SubspaceAlignment(2).fit(X_source, X_target=X_target)
    cut = SubspaceAlignment(5).fit(X_source, X_target=X_target).truncate(2)
    for domain, X in (("source", X_source), ("target", X_target)):
        np.testing.assert_allclose(cut.transform(X, domain=domain), small.transform(X, domain=domain), atol=1e-12)
    with pytest.raises(ValueError, match="between 1 and 2, got 3"):
        cut.truncate(3)


def test_clone_pickle_and_names(domains):
    aligner = SubspaceAlignment(2).fit(domains[0], X_target=domains[1])
    again = pickle.loads(pickle.dumps(aligner))
    np.testing.assert_array_equal(again.transform(domains[1]), aligner.transform(domains[1]))
    assert clone(aligner).get_params() == {"n_components": 2}
    assert aligner.get_feature_names_out().tolist() == ["subspacealignment0", "subspacealignment1"]


def test_a_plain_pipeline_passes_the_target_by_the_name_of_the_step(rng):
    X_source, y_source, X_target, y_target = rotated_domains(rng)
    labels = np.array(["cat", "dog"])
    pipeline = make_pipeline(SubspaceAlignment(2), LinearSVC())
    pipeline.fit(X_source, labels[y_source], subspacealignment__X_target=X_target)
    assert (pipeline.predict(X_target) == labels[y_target]).mean() > 0.95


def test_the_directions_that_are_not_used_are_not_kept(rng):
    X = rng.normal(size=(60, 40))
    for aligner in (SubspaceAlignment(2), GeodesicFlowKernel(2), CommonSubspace(2)):
        fitted = aligner.fit(X, X_target=X[:50] + 1)
        kept = [value for value in vars(fitted).values() if isinstance(value, np.ndarray) and value.base is not None]
        assert all(value.base.size <= 2 * value.size for value in kept), aligner
        again = pickle.loads(pickle.dumps(fitted)).transform(X)
        np.testing.assert_array_equal(again, fitted.transform(X))
