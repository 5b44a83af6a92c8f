import pickle

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import ortho_group
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning

from dacompare.shallow.domain_invariant_projection import DomainInvariantProjection, projected_mmd
from dacompare.shallow.linear_svm import linear_svm
from tests.estimator_battery import assert_passes_the_battery


@pytest.fixture
def domains(rng):
    """Return two domains that differ by a shift along a direction with much variance."""
    shift = rng.normal(size=8)
    return rng.normal(size=(80, 8)) * np.arange(8, 0, -1), rng.normal(size=(60, 8)) * np.arange(8, 0, -1) + 6 * shift


def test_the_value_is_the_mmd_of_the_projected_rows(domains, rng):
    X_source, X_target = (X[:9] for X in domains)
    W, bandwidth = rng.normal(size=(8, 3)), 7.0

    def mean_kernel(A, B):
        return np.mean([[np.exp(-(((a - b) @ W) ** 2).sum() / (2 * bandwidth**2)) for b in B] for a in A])

    expected = mean_kernel(X_source, X_source) + mean_kernel(X_target, X_target) - 2 * mean_kernel(X_source, X_target)
    assert projected_mmd(W, X_source, X_target, bandwidth)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("bandwidth", [3.0, 30.0])
def test_the_gradient_is_that_of_finite_differences(domains, rng, bandwidth):
    W = np.linalg.qr(rng.normal(size=(8, 3)))[0]
    gradient = projected_mmd(W, *domains, bandwidth)[1]
    numeric = approx_fprime(W.ravel(), lambda w: projected_mmd(w.reshape(8, 3), *domains, bandwidth)[0], 1e-6)
    np.testing.assert_allclose(gradient.ravel(), numeric, atol=1e-4 * np.abs(numeric).max())


def test_the_distance_knows_only_the_subspace_and_no_common_shift(domains, rng):
    W, turn = np.linalg.qr(rng.normal(size=(8, 3)))[0], ortho_group.rvs(3, random_state=1)
    value = projected_mmd(W, *domains, 5.0)[0]
    assert projected_mmd(W @ turn, *domains, 5.0)[0] == pytest.approx(value, rel=1e-10)
    assert projected_mmd(W, *(X + 3 for X in domains), 5.0)[0] == pytest.approx(value, rel=1e-9)
    assert projected_mmd(W, *domains[::-1], 5.0)[0] == pytest.approx(value, rel=1e-10)


@pytest.mark.parametrize(("offset", "bandwidth"), [(1e9, 5.0), (0.0, 1e-8)])
def test_the_distance_stays_in_its_range_whatever_the_units(domains, offset, bandwidth):
    value, gradient = projected_mmd(np.eye(8, 2), *(X + offset for X in domains), bandwidth)
    assert 0 <= value <= 2
    assert np.isfinite(gradient).all()


def test_rows_against_themselves_are_at_no_distance(domains):
    value, gradient = projected_mmd(np.eye(8, 2), domains[0], domains[0], 5.0)
    assert value < 1e-15
    np.testing.assert_allclose(gradient, 0, atol=1e-15)


def test_the_objective_never_rises_and_falls_far(domains):
    aligner = DomainInvariantProjection(3).fit(domains[0], X_target=domains[1])
    assert (np.diff(aligner.objective_) <= 0).all()
    assert aligner.objective_[-1] < 0.05 * aligner.objective_[0]
    assert len(aligner.objective_) == aligner.n_iter_ + 1
    np.testing.assert_allclose(aligner.components_ @ aligner.components_.T, np.eye(3), atol=1e-12)


def test_its_end_is_the_distance_of_its_own_features(domains):
    aligner = DomainInvariantProjection(3).fit(domains[0], X_target=domains[1])
    value = projected_mmd(aligner.components_.T, *domains, aligner.bandwidth_)[0]
    assert value == pytest.approx(aligner.objective_[-1], rel=1e-8)


def test_features_lie_along_principal_axes_with_fixed_signs(domains):
    aligner = DomainInvariantProjection(3).fit(domains[0], X_target=domains[1])
    covariance = np.cov(aligner.transform(np.vstack(domains)).T)
    np.testing.assert_allclose(covariance, np.diag(np.sort(np.diag(covariance))[::-1]), atol=1e-9)
    assert (aligner.components_[np.arange(3), np.abs(aligner.components_).argmax(axis=1)] > 0).all()


def test_the_features_of_both_domains_take_one_map(domains):
    aligner = DomainInvariantProjection(2).fit(domains[0], X_target=domains[1])
    expected = domains[1] @ aligner.components_.T
    np.testing.assert_array_equal(aligner.transform(domains[1]), expected)
    np.testing.assert_array_equal(aligner.transform(domains[1], domain="source"), expected)


def test_the_unit_of_the_rows_does_not_matter(domains):
    plain, scaled = (
        DomainInvariantProjection(2).fit(unit * domains[0], X_target=unit * domains[1]) for unit in (1.0, 1000.0)
    )
    np.testing.assert_allclose(scaled.components_, plain.components_, atol=1e-6)
    assert scaled.bandwidth_ == pytest.approx(1000 * plain.bandwidth_)


def test_without_a_target_it_is_pca(domains):
    X = domains[0]
    aligner = DomainInvariantProjection(3).fit(X)
    expected = PCA(3, svd_solver="full").fit(X).components_
    np.testing.assert_allclose(np.abs((aligner.components_ * expected).sum(axis=1)), np.ones(3), atol=1e-12)
    assert aligner.n_iter_ == 1
    assert len(aligner.objective_) == 1


def test_without_a_target_a_draw_is_compared_with_itself(domains):
    aligner = DomainInvariantProjection(2, max_rows=20, random_state=0).fit(domains[0])
    np.testing.assert_allclose(aligner.objective_, [0], atol=1e-15)


def test_all_dimensions_are_no_choice(domains):
    aligner = DomainInvariantProjection(8).fit(domains[0], X_target=domains[1])
    assert len(aligner.objective_) == 1


def shortcut_domains(rng, y_source, y_target):
    """Return domains with a feature that tells the classes in both, and a stronger one that the target turns round."""
    parts = []
    for y, side in ((y_source, 1), (y_target, -1)):
        X = rng.normal(scale=0.5, size=(len(y), 4))
        X[:, 0] += 2 * y
        X[:, 1] += side * (3 * y + 3)
        parts.append(X)
    return parts


def test_it_helps_where_one_feature_is_shifted_and_another_is_not(rng):
    # Only the second of four features differs between the domains, so the three alike dimensions are the others.
    y = np.arange(300) % 2
    X_source, X_target = shortcut_domains(rng, y, y)
    plain = linear_svm().fit(X_source, y).score(X_target, y)
    aligner = DomainInvariantProjection(3)
    Z_source = aligner.fit_transform(X_source, X_target=X_target)
    aligned = linear_svm().fit(Z_source, y).score(aligner.transform(X_target), y)
    assert np.abs(aligner.components_[:, 1]).max() < 0.2
    assert plain < 0.6
    assert aligned > 0.85


def test_it_hurts_where_only_the_classes_are_unequally_frequent(rng):
    # Where classes differ, so do the domains: the direction that is alike in both is the one without classes.
    y_source, y_target = np.arange(300) % 2, (np.arange(300) % 10 > 0).astype(int)
    X_source, X_target = (rng.normal(size=(300, 2)) + np.outer(6 * y, [1, 0]) for y in (y_source, y_target))
    plain = linear_svm().fit(X_source, y_source).score(X_target, y_target)
    aligner = DomainInvariantProjection(1)
    Z_source = aligner.fit_transform(X_source, X_target=X_target)
    aligned = linear_svm().fit(Z_source, y_source).score(aligner.transform(X_target), y_target)
    assert plain > 0.98
    assert aligned < 0.8


def test_the_scatter_within_classes_is_part_of_the_objective(domains, rng):
    X_source, X_target = domains
    y = rng.choice(["cat", "dog"], 80)
    aligner = DomainInvariantProjection(2, within_class=0.5).fit(X_source, y, X_target=X_target)
    Z = aligner.transform(X_source)
    scatter = sum(((Z[y == name] - Z[y == name].mean(axis=0)) ** 2).sum() for name in ("cat", "dog"))
    mmd = projected_mmd(aligner.components_.T, X_source, X_target, aligner.bandwidth_)[0]
    assert aligner.objective_[-1] == pytest.approx(mmd + 0.5 * scatter / (80 * aligner.bandwidth_**2), rel=1e-8)
    assert (np.diff(aligner.objective_) <= 0).all()


def test_the_scatter_within_classes_decides_where_the_domains_do_not(rng):
    # Two features without a difference between domains; the rows of one class are close together along one of them.
    y = np.arange(200) % 2
    X_source, X_target = (
        np.stack([rng.normal(scale=3, size=200), 6.0 * y + rng.normal(scale=0.2, size=200)], axis=1) for _ in range(2)
    )
    aligner = DomainInvariantProjection(1, within_class=1.0).fit(X_source, y, X_target=X_target)
    assert abs(aligner.components_[0, 1]) > 0.95


def test_labels_are_needed_only_for_the_scatter(domains):
    DomainInvariantProjection(2).fit(domains[0], X_target=domains[1])
    with pytest.raises(ValueError, match="within_class requires y to be passed"):
        DomainInvariantProjection(2, within_class=1.0).fit(domains[0], X_target=domains[1])


def test_drawn_rows_are_as_good_and_depend_on_the_seed_alone(rng):
    shift = np.zeros(6)
    shift[0] = 5
    X_source, X_target = rng.normal(size=(2000, 6)), rng.normal(size=(3000, 6)) + shift
    first, again, other = (
        DomainInvariantProjection(2, max_rows=100, random_state=seed).fit(X_source, X_target=X_target)
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.components_, again.components_)
    assert np.abs(first.components_ - other.components_).max() > 1e-6
    assert np.abs(first.components_[:, 0]).max() < 0.15


def test_a_kernel_that_does_not_fit_is_refused_and_the_way_out_works(rng):
    X_source, X_target = rng.normal(size=(300, 3)), rng.normal(size=(300, 3)) + 1
    allowed = {"max_memory": 300 * 300 * 8}
    with pytest.raises(MemoryError, match="600 x 600.*pass max_rows=150, or a bandwidth"):
        DomainInvariantProjection(1, max_rows=None, **allowed).fit(X_source, X_target=X_target)
    DomainInvariantProjection(1, max_rows=150, **allowed).fit(X_source, X_target=X_target)
    DomainInvariantProjection(1, max_rows=None, bandwidth=2.0, **allowed).fit(X_source, X_target=X_target)


def test_the_advice_on_rows_is_one_that_fits(rng):
    X_source, X_target = rng.normal(size=(60, 3)), rng.normal(size=(50, 3)) + 1
    with pytest.raises(MemoryError, match="110 x 110.*pass max_rows=25,"):
        DomainInvariantProjection(1, max_memory=50 * 50 * 8).fit(X_source, X_target=X_target)
    DomainInvariantProjection(1, max_memory=50 * 50 * 8, max_rows=25).fit(X_source, X_target=X_target)


def test_a_start_on_the_top_of_the_hill_is_left():
    X = np.array([[-3.0, -1.0], [-3.0, 1.0], [-3.0, 0.0]])
    projection = DomainInvariantProjection(1).fit(X, X_target=-X)
    np.testing.assert_allclose(np.abs(projection.components_), [[0.0, 1.0]], atol=1e-3)
    assert projection.objective_[-1] < 1e-6


def test_running_out_of_steps_is_said(domains):
    with pytest.warns(ConvergenceWarning, match="still improved after max_iter=1 steps"):
        DomainInvariantProjection(3, max_iter=1).fit(domains[0], X_target=domains[1])


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"n_components": 9}, ValueError, "between 1 and 8, got 9: the rows of both domains together have rank 8"),
        ({"n_components": 1.0}, TypeError, "n_components must be a whole number"),
        ({"bandwidth": 0.0}, ValueError, "bandwidth must be a number above 0, got 0.0"),
        ({"within_class": -1.0}, ValueError, "within_class must be a number from 0 on, got -1.0"),
        ({"max_iter": 0}, ValueError, "max_iter must be a whole number from 1 on, got 0"),
        ({"tol": -1.0}, ValueError, "tol must be a number from 0 on, got -1.0"),
        ({"tol": np.nan}, ValueError, "tol must be a number from 0 on, got nan"),
        ({"max_rows": 1}, ValueError, "max_rows must be a whole number from 2 on, got 1"),
        ({"max_memory": 0}, ValueError, "max_memory must be a whole number of bytes from 1 on"),
    ],
)
def test_parameters_out_of_range_are_refused(domains, parameters, error, message):
    with pytest.raises(error, match=message):
        DomainInvariantProjection(**parameters).fit(domains[0], X_target=domains[1])


def test_dead_units_are_never_the_invariant_direction(domains):
    X_source, X_target = (np.hstack([X[:, :4], np.zeros((len(X), 3))]) for X in domains)
    aligner = DomainInvariantProjection(3).fit(X_source, X_target=X_target)
    np.testing.assert_allclose(aligner.components_[:, 4:], 0, atol=1e-12)
    with pytest.raises(ValueError, match="between 1 and 4, got 5"):
        DomainInvariantProjection(5).fit(X_source, X_target=X_target)


def test_hostile_targets_are_named(rng):
    X = rng.normal(size=(9, 4))
    for target, message in (
        (np.full((9, 4), np.nan), "X_target contains NaN"),
        (X[:, :3], "X_target has 3 features, but X has 4"),
        (X[:1], "X_target must have at least 2 rows"),
        (np.ones((9, 4)), "X_target has only constant features"),
    ):
        with pytest.raises(ValueError, match=message):
            DomainInvariantProjection().fit(X, X_target=target)
    with pytest.raises(ValueError, match="X and X_target have only constant features"):
        DomainInvariantProjection(1).fit(np.full((9, 4), 0.1), X_target=np.full((9, 4), 0.1))


def test_a_constant_target_and_duplicates_work_with_a_dimension(rng):
    X_source = np.repeat(rng.normal(size=(2, 5)), 8, axis=0)
    aligner = DomainInvariantProjection(1).fit(X_source, X_target=np.ones((9, 5)))
    assert aligner.components_.shape == (1, 5)
    assert np.isfinite(aligner.objective_).all()


def test_fewer_rows_than_features_work(rng):
    X_source, X_target = rng.normal(size=(6, 40)), rng.normal(size=(5, 40)) + 1
    aligner = DomainInvariantProjection(2).fit(X_source, X_target=X_target)
    assert aligner.transform(X_target).shape == (5, 2)
    assert aligner.objective_[-1] < aligner.objective_[0]


def test_inputs_are_left_as_they_are(domains):
    before = [X.copy() for X in domains]
    for X in domains:
        X.flags.writeable = False
    DomainInvariantProjection(2).fit(domains[0], X_target=domains[1])
    for X, old in zip(domains, before, strict=True):
        np.testing.assert_array_equal(X, old)


def test_clone_pickle_and_names(domains):
    aligner = DomainInvariantProjection(2).fit(domains[0], X_target=domains[1])
    again = pickle.loads(pickle.dumps(aligner))
    np.testing.assert_array_equal(again.transform(domains[1]), aligner.transform(domains[1]))
    assert clone(aligner).get_params() == aligner.get_params()
    assert aligner.get_feature_names_out().tolist() == ["domaininvariantprojection0", "domaininvariantprojection1"]


@pytest.mark.parametrize("estimator", [DomainInvariantProjection(), DomainInvariantProjection(within_class=1.0)])
def test_check_estimator(estimator):
    assert_passes_the_battery(estimator)
