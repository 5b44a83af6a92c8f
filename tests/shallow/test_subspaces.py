import numpy as np
import pytest
from sklearn.decomposition import PCA

from dacompare.shallow.geodesic import principal_angles, subspace_disagreement
from dacompare.shallow.subspaces import learn_subspaces, one_column_per_class, pls_directions


@pytest.fixture
def domains(rng):
    X_source, X_target = rng.normal(size=(60, 9)) @ rng.normal(size=(9, 9)), rng.normal(size=(50, 9)) * 2 + 5
    return X_source, rng.integers(0, 3, 60), X_target


def pls_by_deflation(X, y, n_components):
    """Return weights by singular vectors, another road than scikit-learn's."""
    X, Y = X - X.mean(axis=0), np.equal.outer(y, np.unique(y)).astype(float)
    Y -= Y.mean(axis=0)
    weights = []
    for _ in range(n_components):
        weights.append(np.linalg.svd(X.T @ Y)[0][:, 0])
        score = X @ weights[-1]
        score /= np.linalg.norm(score)
        X, Y = X - np.outer(score, score @ X), Y - np.outer(score, score @ Y)
    return np.array(weights)


def test_pca_subspaces_are_those_of_each_domain(domains):
    X_source, _, X_target = domains
    found = learn_subspaces(X_source, X_target, n_components=3)
    for X, own, mean in ((X_source, found.source, found.source_mean), (X_target, found.target, found.target_mean)):
        assert principal_angles(own.T, PCA(3, svd_solver="full").fit(X).components_.T).max() < 1e-7
        np.testing.assert_allclose(mean, X.mean(axis=0))
    assert found.disagreement is None


def test_without_a_number_the_disagreement_chooses(domains):
    X_source, _, X_target = domains
    curve, n_components = subspace_disagreement(X_source, X_target)
    found = learn_subspaces(X_source, X_target)
    assert len(found.source) == len(found.target) == n_components
    np.testing.assert_array_equal(found.disagreement, curve)


@pytest.mark.parametrize("source_basis", ["pca", "pls"])
def test_without_a_target_both_subspaces_are_one(domains, source_basis):
    X_source, y_source, _ = domains
    found = learn_subspaces(X_source, X_source, y_source, None, source_basis)
    assert len(found.source) == 4
    np.testing.assert_array_equal(found.source, found.target)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_pls_spans_what_its_definition_spans(domains, n_classes):
    X_source, y_source, X_target = domains
    y_source = y_source % n_classes
    found = learn_subspaces(X_source, X_target, y_source, 3, "pls")
    expected = pls_by_deflation(X_source, y_source, 3)
    np.testing.assert_allclose(np.abs((found.source * expected).sum(axis=1)), np.ones(3), atol=1e-6)
    assert principal_angles(found.source.T, expected.T).max() < 1e-3
    np.testing.assert_allclose(found.source @ found.source.T, np.eye(3), atol=1e-14)


def test_pls_scores_are_uncorrelated_and_labels_may_be_strings(domains):
    X_source, y_source, _ = domains
    weights, rotations = pls_directions(X_source, y_source, 4)
    scores = (X_source - X_source.mean(axis=0)) @ rotations
    correlations = np.corrcoef(scores.T) - np.eye(4)
    assert np.abs(correlations).max() < 1e-8
    names = np.array(["a", "b", "c"], dtype=object)[y_source]
    np.testing.assert_array_equal(pls_directions(X_source, names, 4)[0], weights)


def test_pls_finds_what_variance_hides(rng):
    X, y = rng.normal(size=(300, 8)) * [9, 9, 9, 1, 1, 1, 1, 1], rng.integers(0, 2, 300)
    X[:, 5] += 3 * y
    X = X - X.mean(axis=0)
    by_labels, by_variance = (learn_subspaces(X, X, y, 2, basis).source for basis in ("pls", "pca"))
    assert np.linalg.norm(by_labels[:, 5]) > 0.8
    assert np.linalg.norm(by_variance[:, 5]) < 0.1


def test_labels_that_cannot_serve_are_refused(domains):
    X_source, y_source, X_target = domains
    for y, message in (
        (None, "PLS requires y to be passed"),
        (np.zeros(60), "1 class"),
        (y_source[:-1], "one label for each of the 60 source rows"),
        (np.linspace(0, 1, 60), "Unknown label type"),
    ):
        with pytest.raises(ValueError, match=message):
            learn_subspaces(X_source, X_target, y, 2, "pls")
    with pytest.raises(ValueError, match="source_basis"):
        learn_subspaces(X_source, X_target, y_source, 2, "lda")


def test_labels_that_no_feature_follows_are_refused():
    X = np.array([[1.0, 2.0], [-1.0, 3.0], [1.0, 2.0], [-1.0, 3.0]])
    with pytest.raises(ValueError, match="no feature goes along with y; use PCA instead"):
        pls_directions(X, [0, 0, 1, 1], 1)


def test_labels_that_one_component_explains_leave_none_for_a_second():
    X = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [-1.0, 0.0, 1.0]])
    with (
        pytest.warns(UserWarning, match="residual is constant"),
        pytest.raises(ValueError, match="PLS finds only 1 components"),
    ):
        pls_directions(X, [0, 0, 1, 1], 2)


def test_classes_become_columns_in_sorted_order():
    assert one_column_per_class([7, -1, 7], 3, "it").tolist() == [[0, 1], [1, 0], [0, 1]]
