import pickle
import tracemalloc

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, minimize
from scipy.stats import norm
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from dacompare.domains import Domain
from dacompare.pipeline import make_adaptation_pipeline
from dacompare.shallow.kernel_mean_matching import KernelMeanMatching, kernel_mean_matching_weights
from dacompare.shallow.kernels import kernel_matrix, median_bandwidth
from dacompare.shallow.linear_svm import linear_svm
from tests.estimator_battery import assert_passes_the_battery


@pytest.fixture
def domains(rng):
    return rng.normal(size=(150, 3)), rng.normal(0.6, 0.8, size=(90, 3))


def program(X, X_target, gamma, kernel="rbf"):
    """Return K and κ as the paper writes them."""
    kappa = len(X) / len(X_target) * kernel_matrix(X, X_target, kernel=kernel, gamma=gamma).sum(axis=1)
    return kernel_matrix(X, kernel=kernel, gamma=gamma), kappa


def kkt_violation(K, kappa, beta, B, low, high):
    """Return the distance from the optimum's conditions, as a share of the largest κ and of the mean weight."""
    gradient = (K @ beta - kappa) / np.abs(kappa).max()
    # Only a sum at its limit may have a multiplier, and of one sign only; the best is the gradient of some weight.
    lower = -np.inf if beta.sum() >= high * (1 - 1e-7) else 0.0
    higher = np.inf if beta.sum() <= low * (1 + 1e-7) else 0.0
    reduced = gradient - np.clip(gradient, lower, higher)[:, None]
    below, above = np.minimum(beta, np.maximum(reduced, 0)), np.minimum(B - beta, np.maximum(-reduced, 0))
    return np.maximum(below, above).max(axis=1).min()


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
@pytest.mark.parametrize(("B", "eps"), [(1000.0, None), (1.5, 0.1), (5.0, 0.0), (1000.0, 3.0)])
def test_constraints_and_conditions_of_the_optimum_hold(domains, kernel, B, eps):
    X, X_target = domains
    beta = kernel_mean_matching_weights(X, X_target, kernel=kernel, B=B, eps=eps)
    n = len(X)
    band = n * ((np.sqrt(n) - 1) / np.sqrt(n) if eps is None else eps)
    assert beta.min() >= 0
    assert beta.max() <= B + 1e-8
    assert abs(beta.sum() - n) <= band + 1e-8
    gamma = 1 / (2 * median_bandwidth(X, X_target) ** 2)
    K, kappa = program(X, X_target, gamma, kernel)
    assert kkt_violation(K, kappa, beta, B, max(n - band, 0), n + band) < 2e-5


def test_the_optimum_is_that_of_a_general_solver(rng):
    X, X_target = rng.normal(size=(25, 2)), rng.normal(0.5, 1, size=(20, 2))
    beta = kernel_mean_matching_weights(X, X_target, gamma=2.0, B=3.0, eps=0.2)
    K, kappa = program(X, X_target, 2.0)
    other = minimize(
        lambda b: b @ K @ b / 2 - kappa @ b,
        np.ones(25),
        jac=lambda b: K @ b - kappa,
        bounds=[(0, 3)] * 25,
        constraints=LinearConstraint(np.ones((1, 25)), 20, 30),
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-14},
    )
    np.testing.assert_allclose(beta, other.x, atol=1e-4)


@pytest.mark.parametrize("settings", [{}, {"n_landmarks": 50}, {"B": 10.0}])
def test_it_finds_the_known_density_ratio_of_two_gaussians(settings):
    errors, even = [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        X, X_target = rng.normal(0, 1, (600, 1)), rng.normal(0.5, 0.6, (600, 1))
        ratio = norm.pdf(X[:, 0], 0.5, 0.6) / norm.pdf(X[:, 0])
        beta = kernel_mean_matching_weights(X, X_target, **settings)
        assert np.corrcoef(beta, ratio)[0, 1] > 0.85
        errors.append(np.linalg.norm(beta - ratio) / np.linalg.norm(ratio))
        even.append(np.linalg.norm(1 - ratio) / np.linalg.norm(ratio))
    assert np.mean(errors) < 0.3 < 0.5 < np.mean(even)


def test_the_weighted_source_has_the_mean_of_the_target(domains):
    X, X_target = domains
    beta = kernel_mean_matching_weights(X, X_target, kernel="linear")
    np.testing.assert_allclose(beta @ X / len(X), X_target.mean(axis=0), atol=1e-4)


def test_equal_domains_need_no_weights(domains):
    X = domains[0]
    np.testing.assert_allclose(kernel_mean_matching_weights(X, X, gamma=5.0), 1, atol=1e-3)


def covariate_shift(rng):
    """Return domains with one labelling, right by a straight cut in the target only.

    The source has most rows about the border at −1, and so its best cut there; the target lies about that at 1.
    """
    X, X_target = rng.normal(-0.75, 1.5, (400, 1)), rng.normal(1, 0.3, (200, 1))
    return X, np.where(np.abs(X[:, 0]) < 1, "in", "out"), X_target, np.where(np.abs(X_target[:, 0]) < 1, "in", "out")


@pytest.mark.parametrize("settings", [{}, {"n_landmarks": 40}, {"max_rows": 100}])
def test_it_helps_a_classifier_that_cannot_be_right_everywhere(rng, settings):
    X, y, X_target, y_target = covariate_shift(rng)
    assert linear_svm().fit(X, y).score(X_target, y_target) < 0.65
    assert KernelMeanMatching(**settings).fit(X, y, X_target=X_target).score(X_target, y_target) > 0.75


def test_it_cannot_make_up_for_other_shares_of_the_classes():
    """Where rows stay ambiguous, weights that depend on x alone leave P(y | x), and so the best cut, as it was."""
    cuts, lost, best_cut = [], [], -np.log(9) / 2
    for seed in range(4):
        rng = np.random.default_rng(seed)
        y, y_target = rng.random(800) < 0.5, rng.random(2000) < 0.9
        X, X_target = (2.0 * labels[:, None] - 1 + rng.normal(size=(len(labels), 1)) for labels in (y, y_target))
        svm = KernelMeanMatching(LogisticRegression(), B=10.0, n_landmarks=50).fit(X, y, X_target=X_target)
        cuts.append(-svm.estimator_.intercept_[0] / svm.estimator_.coef_[0, 0])
        lost.append(np.mean((X_target[:, 0] > best_cut) == y_target) - svm.score(X_target, y_target))
    assert np.mean(cuts) > best_cut / 2
    assert np.mean(lost) > 0.03


def test_labels_have_no_part_in_the_weights(rng):
    X, y, X_target, _ = covariate_shift(rng)
    weights = KernelMeanMatching().fit(X, y, X_target=X_target).weights_
    np.testing.assert_array_equal(KernelMeanMatching().fit(X, rng.permutation(y), X_target=X_target).weights_, weights)
    np.testing.assert_array_equal(kernel_mean_matching_weights(X, X_target), weights)


def test_weights_move_with_the_rows(domains, rng):
    X, X_target = domains
    order = rng.permutation(len(X))
    beta = kernel_mean_matching_weights(X, X_target, gamma=1.0)
    np.testing.assert_allclose(
        kernel_mean_matching_weights(X[order], X_target[::-1], gamma=1.0), beta[order], atol=1e-3
    )


def test_equal_rows_weigh_the_same(rng):
    X = np.repeat(rng.normal(size=(30, 2)), 4, axis=0)
    beta = kernel_mean_matching_weights(X, rng.normal(0.5, 1, (50, 2))).reshape(30, 4)
    np.testing.assert_allclose(beta, beta[:, :1].repeat(4, axis=1), rtol=1e-5, atol=1e-5)


def test_a_lower_ceiling_spreads_the_weight(domains):
    shares = [(kernel_mean_matching_weights(*domains, B=B) > 0.01).mean() for B in (1000.0, 4.0, 1.2)]
    assert shares[0] < shares[1] < shares[2]


def test_all_rows_as_landmarks_give_the_same_match(domains):
    X, X_target = domains
    exact = kernel_mean_matching_weights(X, X_target, gamma=1.0)
    landmarks = kernel_mean_matching_weights(X, X_target, gamma=1.0, n_landmarks=1000)
    np.testing.assert_allclose(landmarks, exact, atol=1e-2)


def test_max_rows_takes_that_many_target_rows(domains):
    X, X_target = domains
    assert not np.array_equal(
        kernel_mean_matching_weights(X, X_target, gamma=1.0, max_rows=40),
        kernel_mean_matching_weights(X, X_target, gamma=1.0),
    )
    np.testing.assert_array_equal(
        kernel_mean_matching_weights(X, X_target, gamma=1.0, max_rows=1000),
        kernel_mean_matching_weights(X, X_target, gamma=1.0),
    )


def test_two_matrices_of_all_pairs_are_what_it_takes_and_what_is_counted(rng):
    X, X_target = rng.normal(size=(600, 3)), rng.normal(0.5, 1, size=(30, 3))
    limit = 2 * 8 * 600**2
    tracemalloc.start()
    kernel_mean_matching_weights(X, X_target, gamma=1.0, max_memory=limit)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.1 * limit
    with pytest.raises(MemoryError, match=r"KernelMeanMatching needs .* 600 x 600.*n_landmarks=399 \(Nyström\)"):
        kernel_mean_matching_weights(X, X_target, max_memory=limit - 1)
    tracemalloc.start()
    kernel_mean_matching_weights(X, X_target, gamma=1.0, n_landmarks=30, max_memory=limit - 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < limit / 4


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"B": 1.0}, ValueError, "B must be a number above 1, the mean weight, got 1.0"),
        ({"B": "many"}, TypeError, "B must be a number above 1, the mean weight, got 'many'"),
        ({"eps": -0.1}, ValueError, "eps must be a number from 0 on, or None .*, got -0.1"),
        ({"eps": "none"}, TypeError, "eps must be a number from 0 on, or None .*, got 'none'"),
        ({"kernel": "rfb"}, ValueError, "did you mean 'rbf'"),
        ({"gamma": 0}, ValueError, "gamma must be a number above 0"),
        ({"n_landmarks": 0}, ValueError, "n_landmarks must be a whole number from 1 on"),
        ({"n_landmarks": 2.5}, TypeError, "n_landmarks must be a whole number from 1 on"),
        ({"max_rows": 1}, ValueError, "max_rows must be a whole number from 2 on"),
        ({"max_memory": -5}, ValueError, "max_memory must be a whole number of bytes from 1 on, got -5"),
    ],
)
def test_settings_that_mean_nothing_are_refused(domains, settings, error, message):
    with pytest.raises(error, match=message):
        KernelMeanMatching(**settings).fit(domains[0], np.arange(150) % 2, X_target=domains[1])


def test_hostile_rows_are_named(domains):
    X, X_target = domains
    with pytest.raises(ValueError, match="X_target has 2 features, but X_source has 3"):
        kernel_mean_matching_weights(X, X_target[:, :2])
    with pytest.raises(ValueError, match="X_source contains NaN"):
        kernel_mean_matching_weights(np.full((4, 3), np.nan), X_target)
    with pytest.raises(ValueError, match="all rows drawn are equal"):
        kernel_mean_matching_weights(np.ones((5, 2)), np.ones((4, 2)))
    np.testing.assert_allclose(kernel_mean_matching_weights(np.ones((5, 2)), np.ones((4, 2)), gamma=1.0), 1, atol=1e-6)


def test_two_source_rows_one_target_row_and_more_features_than_rows(rng):
    X = rng.normal(size=(2, 40))
    beta = kernel_mean_matching_weights(X, X[:1] + 0.01)
    assert beta[0] > 1 > beta[1]
    model = KernelMeanMatching(gamma=0.01).fit(X, ["cat", "dog"], X_target=X[:1])
    assert model.predict(X[:1]).tolist() == ["cat"]


def test_a_target_far_away_leaves_finite_weights(domains):
    beta = kernel_mean_matching_weights(domains[0], domains[1] + 1e6, gamma=1.0)
    assert np.isfinite(beta).all()
    assert beta.sum() == pytest.approx(np.sqrt(150), rel=1e-6)  # the least that the band allows


def test_the_same_bytes_every_time(domains):
    for settings in ({}, {"n_landmarks": 20}, {"max_rows": 50}):
        one, other = (kernel_mean_matching_weights(*domains, **settings) for _ in range(2))
        assert one.tobytes() == other.tobytes()


def test_clone_pickle_domains_and_pipelines(rng):
    X, y, X_target, y_target = covariate_shift(rng)
    model = KernelMeanMatching().fit(X, y, X_target=Domain(X_target))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))
    assert clone(model).get_params() == KernelMeanMatching().get_params()
    pipeline = make_adaptation_pipeline(KernelMeanMatching()).fit(X, y, X_target=X_target)
    assert pipeline.score(X_target, y_target) == model.score(X_target, y_target)


class Adapting(KernelMeanMatching):
    """Always has a target, so that the battery meets the weights as well."""

    def fit(self, X, y, *, X_target=None):
        return super().fit(X, y, X_target=X if X_target is None else X_target)


@pytest.mark.parametrize("model", [KernelMeanMatching(), Adapting(gamma=0.1)])
def test_scikit_learns_own_battery(model):
    assert_passes_the_battery(model)


def test_the_linear_kernel_gives_the_weighted_source_the_mean_of_the_target(rng):
    X, X_target = rng.normal([3, 0], 1, size=(400, 2)), rng.normal([4.5, 0], 0.5, size=(300, 2))
    weights = kernel_mean_matching_weights(X, X_target, kernel="linear")
    np.testing.assert_allclose(np.average(X, axis=0, weights=weights), X_target.mean(axis=0), atol=1e-4)
    assert weights.mean() == pytest.approx(1)
    moved = kernel_mean_matching_weights(X + 10, X_target + 10, kernel="linear")
    np.testing.assert_allclose(np.average(X, axis=0, weights=moved), X_target.mean(axis=0), atol=1e-4)


def test_more_features_or_landmarks_than_source_rows_cost_a_square_of_the_rows(rng):
    X, X_target = rng.normal(size=(20, 3000)), rng.normal(size=(30, 3000)) + 0.1
    limit = 3 * 8 * 20 * 3000
    tracemalloc.start()
    weights = kernel_mean_matching_weights(X, X_target, kernel="linear", max_memory=limit)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * limit
    assert np.isfinite(weights).all()
    with pytest.raises(MemoryError, match="600 x 600.*pass fewer n_landmarks"):
        kernel_mean_matching_weights(X[:, :5], rng.normal(size=(900, 5)), n_landmarks=600, max_memory=300_000)
    few = kernel_mean_matching_weights(X[:, :5], X_target[:, :5], n_landmarks=14_000, gamma=0.1, max_memory=10**6)
    whole = kernel_mean_matching_weights(X[:, :5], X_target[:, :5], gamma=0.1)
    np.testing.assert_allclose(few, whole, rtol=1e-3, atol=1e-3)
