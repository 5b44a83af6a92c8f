import pickle
import tracemalloc

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, minimize
from scipy.spatial.distance import cdist, pdist
from sklearn.base import clone

from dacompare.domains import Domain
from dacompare.pipeline import make_adaptation_pipeline
from dacompare.shallow.landmark_selection import SCALES, LandmarkSelection, landmark_weights, select_landmarks
from dacompare.shallow.linear_svm import linear_svm
from tests.estimator_battery import assert_passes_the_battery

NAMES = np.array(["cat", "dog"])


@pytest.fixture
def task(rng):
    """Return a source whose first 90 rows lie elsewhere and have their labels the other way round."""
    y, y_target = rng.integers(0, 2, 240), rng.integers(0, 2, 100)
    X, X_target = 0.5 * rng.normal(size=(240, 2)), 0.5 * rng.normal(size=(100, 2))
    X[:, 0] += 2 * y - 1
    X_target[:, 0] += 2 * y_target - 1
    X[:90] = X[:90] * [-2, 1] + [0, 6]
    return X, NAMES[y], X_target, NAMES[y_target]


def objective(beta, K_s, K_st):
    return beta @ K_s @ beta - 2 * (K_st @ beta).mean()


def test_it_minimises_the_distance_of_the_means_under_the_balance_of_classes(rng):
    X, y, X_target = rng.normal(size=(24, 2)), np.arange(24) % 3, rng.normal(0.6, 0.7, size=(20, 2))
    median = np.median(pdist(np.vstack([X, X_target])))
    scales = [0.5, 2.0, 8.0]
    for scale, beta in zip(scales, select_landmarks(X, y, X_target, scales=scales), strict=True):
        K_s, K_st = (np.exp(-scale * cdist(A, X) ** 2 / median**2) for A in (X, X_target))
        np.testing.assert_allclose(np.bincount(y, beta), 1 / 3, atol=1e-12)
        other = minimize(
            objective,
            np.full(24, 1 / 24),
            args=(K_s, K_st),
            jac=lambda b, K_s=K_s, K_st=K_st: 2 * K_s @ b - 2 * K_st.mean(axis=0),
            bounds=[(0, 1)] * 24,
            constraints=LinearConstraint(np.eye(3)[y].T, 1 / 3, 1 / 3),
            method="SLSQP",
            options={"maxiter": 500, "ftol": 1e-14},
        )
        assert objective(beta, K_s, K_st) < other.fun + 1e-6
        np.testing.assert_allclose(beta, other.x, atol=1e-3)


def test_landmarks_are_nearer_to_the_target_than_the_source_is(task):
    X, y, X_target, _ = task
    gamma = 1 / np.median(pdist(np.vstack([X, X_target]))) ** 2
    K_s, K_st = (np.exp(-gamma * cdist(A, X) ** 2) for A in (X, X_target))
    beta = select_landmarks(X, y, X_target, scales=[1.0])[0]
    constant = np.exp(-gamma * cdist(X_target, X_target) ** 2).mean()
    landmarks, source = objective(beta, K_s, K_st) + constant, objective(np.full(240, 1 / 240), K_s, K_st) + constant
    assert 0 <= landmarks < source / 20


def test_classes_keep_their_shares_at_every_scale_and_in_the_weights(task):
    X, _, X_target, _ = task
    y = np.repeat(["a", "b", "c"], [160, 70, 10])
    betas = select_landmarks(X, y, X_target)
    assert betas.shape == (len(SCALES), 240)
    for c, n in (("a", 160), ("b", 70), ("c", 10)):
        np.testing.assert_allclose(betas[:, y == c].sum(axis=1), n / 240, rtol=1e-10)
        for weighting in ("relaxed", "binary"):
            weights = landmark_weights(betas, y, weighting=weighting)
            assert weights[y == c].sum() == pytest.approx(n, rel=1e-10)


@pytest.mark.parametrize("settings", [{}, {"weighting": "binary", "scales": [0.25, 0.5]}, {"max_rows": 120}])
def test_it_helps_where_a_part_of_the_source_misleads(task, settings):
    X, y, X_target, y_target = task
    assert linear_svm().fit(X, y).score(X_target, y_target) < 0.8
    model = LandmarkSelection(**settings).fit(X, y, X_target=X_target)
    assert model.weights_[:90].sum() < 0.15 * 240
    assert model.score(X_target, y_target) > 0.87


def test_it_cannot_make_up_for_other_shares_of_the_classes(rng):
    """The balance of classes holds the shares of the source, whatever the target looks like."""
    y, y_target = np.arange(200) % 2, (np.arange(200) % 10 > 0).astype(int)
    X, X_target = ((2.0 * labels - 1 + rng.normal(size=200))[:, None] for labels in (y, y_target))
    model = LandmarkSelection().fit(X, y, X_target=X_target)
    np.testing.assert_allclose(np.bincount(y, model.weights_), 100, rtol=1e-9)
    cut = -model.estimator_.intercept_[0] / model.estimator_.coef_[0, 0]
    assert cut > -np.log(9) / 4  # half-way to the target's best cut
    best = max(((X_target[:, 0] > c) == y_target).mean() for c in np.linspace(-3, 3, 121))
    assert model.score(X_target, y_target) < min(best - 0.03, linear_svm().fit(X, y).score(X_target, y_target) + 0.005)


def test_scales_that_select_nearly_all_rows_are_left_out():
    betas = np.array([[0.25, 0.25, 0.25, 0.25], [0.5, 0.0, 0.5, 0.0]])
    y = ["a", "a", "b", "b"]
    assert landmark_weights(betas, y).tolist() == [2.0, 0.0, 2.0, 0.0]
    assert landmark_weights(betas, y, max_share=1.0).tolist() == [1.5, 0.5, 1.5, 0.5]
    assert landmark_weights(betas, y, max_share=1.0, weighting="binary").tolist() == [1.0] * 4
    assert landmark_weights(betas[:1], y).tolist() == [1.0] * 4


def test_equal_domains_have_no_landmarks_to_select_at_narrow_scales(rng):
    X, y = rng.normal(size=(60, 3)), np.arange(60) % 2
    np.testing.assert_allclose(select_landmarks(X, y, X, scales=[64.0]), 1 / 60, rtol=1e-3)
    model = LandmarkSelection(scales=[64.0]).fit(X, y, X_target=X)
    assert model.weights_.tolist() == [1.0] * 60


def test_source_labels_have_a_part_but_not_their_names(task):
    X, y, X_target, _ = task
    betas = select_landmarks(X, y, X_target, scales=[1.0])
    np.testing.assert_array_equal(select_landmarks(X, (y == "dog") * 7 - 3, X_target, scales=[1.0]), betas)
    assert not np.allclose(select_landmarks(X, np.roll(y, 1), X_target, scales=[1.0]), betas)


def test_scales_are_relative_to_the_rows(task):
    X, y, X_target, _ = task
    expected = select_landmarks(X, y, X_target, scales=[2.0])
    np.testing.assert_allclose(select_landmarks(1e3 * X - 5, y, 1e3 * X_target - 5, scales=[2.0]), expected, atol=1e-5)


def test_max_rows_bounds_who_can_be_a_landmark(task):
    X, y, X_target, _ = task
    model = LandmarkSelection(max_rows=50, scales=[1.0]).fit(X, y, X_target=X_target)
    assert 0 < (model.weights_ > 0).sum() <= 50
    assert model.weights_.sum() == pytest.approx(240)
    whole = LandmarkSelection(max_rows=None, scales=[1.0]).fit(X, y, X_target=X_target)
    np.testing.assert_array_equal(whole.weights_, LandmarkSelection(scales=[1.0]).fit(X, y, X_target=X_target).weights_)


def test_two_matrices_of_all_pairs_are_what_it_takes_and_what_is_counted(rng):
    X, y, X_target = rng.normal(size=(900, 3)), np.arange(900) % 2, rng.normal(0.5, 1, size=(20, 3))
    limit = 2 * 8 * 900**2
    tracemalloc.start()
    select_landmarks(X, y, X_target, scales=[1.0], max_memory=limit)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.1 * limit
    with pytest.raises(MemoryError, match=r"select_landmarks needs .* 900 x 900.*max_rows=899"):
        select_landmarks(X, y, X_target, max_memory=limit - 1)
    model = LandmarkSelection(max_rows=100, scales=[1.0], max_memory=limit - 1)
    assert model.fit(X, y, X_target=X_target).weights_.shape == (900,)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"scales": [1.0, 0.0]}, "each of scales must be a number above 0, got 0.0"),
        ({"scales": []}, "scales must hold at least one number"),
        ({"max_share": 1.5}, "max_share must be a number above 0 and up to 1, got 1.5"),
        ({"weighting": "relax"}, "did you mean 'relaxed'"),
        ({"max_rows": 1}, "max_rows must be a whole number from 2 on"),
        ({"max_memory": 0}, "max_memory must be a whole number of bytes from 1 on"),
    ],
)
def test_settings_that_mean_nothing_are_refused(task, settings, message):
    with pytest.raises(ValueError, match=message):
        LandmarkSelection(**{"scales": [1.0], **settings}).fit(*task[:2], X_target=task[2])


def test_hostile_rows(rng):
    X, y = rng.normal(size=(9, 3)), np.arange(9) % 2
    with pytest.raises(ValueError, match="X_target has 2 features, but X_source has 3"):
        select_landmarks(X, y, X[:, :2])
    with pytest.raises(ValueError, match="X_target contains NaN"):
        select_landmarks(X, y, np.full((4, 3), np.nan))
    with pytest.raises(ValueError, match="all rows drawn are equal"):
        select_landmarks(np.ones((5, 2)), [0, 1, 0, 1, 0], np.ones((4, 2)))
    alone = select_landmarks(X, np.arange(9), X[:1], scales=[1.0])  # every class has a single row
    np.testing.assert_allclose(alone, 1 / 9)
    wide = LandmarkSelection().fit(rng.normal(size=(4, 50)), ["a", "a", "b", "b"], X_target=rng.normal(size=(1, 50)))
    assert np.isfinite(wide.weights_).all()
    twins = select_landmarks(np.repeat(X, 3, axis=0), np.repeat(y, 3), X + 1, scales=[1.0]).reshape(9, 3)
    np.testing.assert_allclose(twins, twins[:, :1].repeat(3, axis=1), atol=1e-6)


def test_the_same_bytes_every_time_clone_pickle_domains_and_pipelines(task):
    X, y, X_target, y_target = task
    one, other = (LandmarkSelection(max_rows=150).fit(X, y, X_target=target) for target in (X_target, Domain(X_target)))
    assert one.weights_.tobytes() == other.weights_.tobytes()
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(one)).predict(X), one.predict(X))
    assert clone(one).get_params()["max_rows"] == 150
    pipeline = make_adaptation_pipeline(LandmarkSelection(max_rows=150)).fit(X, y, X_target=X_target)
    assert pipeline.score(X_target, y_target) == one.score(X_target, y_target)


class Adapting(LandmarkSelection):
    """Always has a target, so that the battery meets the selection as well."""

    def fit(self, X, y, *, X_target=None):
        return super().fit(X, y, X_target=X if X_target is None else X_target)


@pytest.mark.parametrize("model", [LandmarkSelection(), Adapting(scales=(0.5, 2.0))])
def test_scikit_learns_own_battery(model):
    assert_passes_the_battery(model)


def test_classes_keep_their_shares_where_few_rows_are_drawn(rng):
    y = np.repeat(["often", "rare", "rarer"], [994, 3, 3])
    X, X_target = rng.normal(size=(1000, 2)), rng.normal(0.5, 1, size=(100, 2))
    weights = LandmarkSelection(max_rows=60, scales=[1.0]).fit(X, y, X_target=X_target).weights_
    for name, n in (("often", 994), ("rare", 3), ("rarer", 3)):
        assert weights[y == name].sum() == pytest.approx(n)


def test_one_scale_alone_is_no_list(task):
    with pytest.raises(ValueError, match=r"scales must hold at least one number .*, such as \[0.5, 1.0\], got 1.0"):
        LandmarkSelection(scales=1.0).fit(*task[:2], X_target=task[2])


def test_a_draw_that_leaves_a_class_out_is_refused(rng):
    X, y = rng.normal(size=(30, 2)), np.arange(30) % 3
    with pytest.raises(ValueError, match="max_rows must leave a row of each of the 3 classes, got 2"):
        LandmarkSelection(max_rows=2).fit(X, y, X_target=X + 1)
    assert np.isfinite(LandmarkSelection(max_rows=3).fit(X, y, X_target=X + 1).weights_).all()


def test_rows_that_are_all_equal_are_refused_without_a_parameter_that_it_lacks():
    X, y = np.ones((20, 2)), np.arange(20) % 2
    with pytest.raises(ValueError, match=r"all rows drawn are equal.*; landmarks need rows that differ\.$"):
        LandmarkSelection().fit(X, y, X_target=X)


def test_the_way_out_of_too_little_memory_works(rng):
    X, y = rng.normal(size=(90, 3)), np.arange(90) % 2
    with pytest.raises(MemoryError, match=r"^LandmarkSelection needs .* 90 x 90.*: pass max_rows=25, or raise"):
        LandmarkSelection(max_memory=10_000).fit(X, y, X_target=X)
    near = LandmarkSelection(max_memory=10_000, max_rows=25, scales=[1.0, 4.0]).fit(X, y, X_target=0.1 * X + 1)
    assert 0 < (near.weights_ > 0).sum() <= 25


@pytest.mark.parametrize("weighting", ["relaxed", "binary"])
def test_where_no_scale_selects_all_rows_count_those_too_that_were_not_drawn(weighting, rng):
    X, y = rng.normal(size=(300, 100)), np.arange(300) % 2
    found = LandmarkSelection(max_rows=100, scales=(4.0, 8.0), weighting=weighting).fit(X, y, X_target=X[:200] + 0.1)
    np.testing.assert_array_equal(found.weights_, np.ones(300))
