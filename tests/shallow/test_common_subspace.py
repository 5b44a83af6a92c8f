import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier

from dacompare import METHODS, Transfer, compare
from dacompare.shallow import CommonSubspace, common_subspace, linear_svm, subspace_alignment
from tests.estimator_battery import assert_passes_the_battery
from tests.turned_classes import turned_domains

BASES = ["source", "target", "both"]


@pytest.fixture
def domains(rng):
    return rng.normal(size=(60, 5)) * [5, 4, 3, 2, 1] + 7, rng.normal(size=(50, 5)) * [1, 2, 3, 4, 5] - 2


def test_it_is_scikit_learns_pca_with_the_mean_of_each_domain(domains):
    for basis, rows in zip(BASES, (*domains, np.vstack([X - X.mean(axis=0) for X in domains])), strict=True):
        axes = PCA(3).fit(rows).components_
        for X, Z in zip(domains, common_subspace(*domains, 3, basis=basis), strict=True):
            np.testing.assert_allclose(np.abs(Z), np.abs((X - X.mean(axis=0)) @ axes.T), atol=1e-10)


def test_with_all_dimensions_subspace_alignment_is_a_projection_on_the_target(domains):
    for aligned, projected in zip(
        subspace_alignment(*domains, 5), common_subspace(*domains, 5, basis="target"), strict=True
    ):
        np.testing.assert_allclose(aligned, projected, atol=1e-10)


def noisy(rng, n=300):
    y = np.arange(n) % 2
    return np.hstack([12.0 * y[:, None] - 6, np.zeros((n, 200))]) + rng.normal(size=(n, 201)) * 3, y


def test_it_helps_a_nearest_neighbour_among_many_noisy_features(rng):
    (X_source, y_source), (X_target, y_target) = noisy(rng), noisy(rng)
    neighbour = KNeighborsClassifier(1)
    plain = neighbour.fit(X_source, y_source).score(X_target, y_target)
    Z_source, Z_target = common_subspace(X_source, X_target, 1)
    assert plain < 0.9
    assert neighbour.fit(Z_source, y_source).score(Z_target, y_target) > plain + 0.05


def test_it_cannot_help_where_the_directions_differ_and_alignment_does(rng):
    """The target's classes lie along another axis: turning the subspace finds it, projecting does not."""
    X_source, X_target, y = turned_domains(rng)

    def accuracy(Z_source, Z_target):
        return linear_svm().fit(Z_source, y).score(Z_target, y)

    assert accuracy(*subspace_alignment(X_source, X_target, 1)) > 0.99
    assert accuracy(*common_subspace(X_source, X_target, 1)) < 0.75


def test_it_hurts_where_only_the_shares_of_the_classes_differ(rng):
    def classes(share):
        y = (rng.random(2000) < share).astype(int)
        return np.stack([4.0 * y - 2, np.zeros(2000)], axis=1) + rng.normal(size=(2000, 2)), y

    (X_source, y_source), (X_target, y_target) = classes(0.5), classes(0.1)
    Z_source, Z_target = common_subspace(X_source, X_target, 2)
    assert linear_svm().fit(X_source, y_source).score(X_target, y_target) > 0.96
    assert linear_svm().fit(Z_source, y_source).score(Z_target, y_target) < 0.85


def test_what_cannot_be_is_named(domains):
    with pytest.raises(ValueError, match="n_components must be between 1 and 5, got 6: .* basis='both'"):
        common_subspace(*domains, 6, basis="both")
    with pytest.raises(ValueError, match="basis must be one of .*, got 'sorce', did you mean 'source'"):
        common_subspace(*domains, 2, basis="sorce")
    with pytest.raises(ValueError, match="basis='target' have only constant features"):
        common_subspace(domains[0], np.ones((4, 5)), 1, basis="target")
    with pytest.raises(ValueError, match="X_target has 3 features, but X has 5"):
        common_subspace(domains[0], domains[1][:, :3], 2)


def test_clone_pickle_and_names(domains):
    aligner = CommonSubspace(2, basis="both").fit(domains[0], X_target=domains[1])
    again = pickle.loads(pickle.dumps(aligner))
    np.testing.assert_array_equal(again.transform(domains[1]), aligner.transform(domains[1]))
    assert clone(aligner).get_params() == {"n_components": 2, "basis": "both"}
    assert list(aligner.get_feature_names_out()) == ["commonsubspace0", "commonsubspace1"]
    alone = CommonSubspace(2).fit(domains[0])
    np.testing.assert_array_equal(alone.transform(domains[0]), alone.transform(domains[0], domain="source"))


def test_it_is_a_row_of_a_comparison(rng):
    (X_source, y_source), (X_target, y_target) = noisy(rng), noisy(rng)
    transfer = Transfer.from_arrays(X_source, y_source, X_target, X_target_test=X_target, y_target_test=y_target)
    results = compare(transfer, methods=["source-only", "pca"], seeds=[0], training={"steps": 30})
    row = next(row for row in results.data["rows"] if row["method"] == "pca")
    assert METHODS["pca"].label == row["label"] == "Principal components, not aligned"
    assert row["target_accuracy"] > 0.6


@pytest.mark.parametrize("basis", BASES)
def test_check_estimator(basis):
    assert_passes_the_battery(CommonSubspace(basis=basis))


def test_a_constant_column_is_no_direction_of_both_domains(rng):
    X_source, X_target = rng.normal(size=(40, 3)), rng.normal(size=(30, 3))
    X_source, X_target = (
        np.column_stack([X_source, np.full(40, 1e9 + 0.1)]),
        np.column_stack([X_target, np.full(30, 1e9 + 0.3)]),
    )
    assert CommonSubspace(basis="both").fit(X_source, X_target=X_target).n_components_ == 3
    with pytest.raises(ValueError, match="only constant features"):
        CommonSubspace(basis="both").fit(np.full((9, 2), 0.1), X_target=np.full((9, 2), 0.7))
