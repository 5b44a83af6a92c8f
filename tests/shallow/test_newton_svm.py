import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from dacompare.shallow.newton_svm import NewtonSVC, newton_svm
from tests.estimator_battery import assert_passes_the_battery

NAMES = np.array(["ant", "bee", "cow"])


def objective(svm, X, y, C, weight=None):
    """Return the objective of each class, and by what share it is above that of the dual, from the textbook."""
    classes, scale = svm.classes_, svm.intercept_scaling
    weight = np.ones(len(X)) if weight is None else np.asarray(weight)
    found = []
    for k, (w, b) in enumerate(zip(svm.coef_, np.broadcast_to(svm.intercept_, len(svm.coef_)), strict=True)):
        signs = np.where(y == (classes[k] if len(classes) > 2 else classes[1]), 1, -1)
        short = np.maximum(0, 1 - signs * (X @ w + b))
        primal = (w @ w + (b / scale) ** 2) / 2 + C * (weight * short**2).sum()
        alpha = 2 * C * weight * short
        pulled = (alpha * signs) @ np.column_stack([X, np.full(len(X), scale * float(svm.fit_intercept))])
        dual = alpha.sum() - (alpha * short).sum() / 2 - pulled @ pulled / 2
        found.append((primal, (primal - dual) / primal))
    return np.array(found).T


def liblinear(X, y, C, **settings):
    """Return LIBLINEAR as near to its optimum as it gets."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LinearSVC(C=C, dual=False, tol=1e-10, max_iter=10_000, **settings).fit(X, y)


def hostile(name):
    """Return features and labels that a solver may stumble over."""
    rng = np.random.default_rng(7)
    n, d = 120, 6
    y = rng.integers(0, 3, n)
    noise = rng.normal(size=(n, d))
    near, far = noise + 1.5 * np.eye(3, d)[y], noise + 6 * np.eye(3, d)[y]
    few = rng.integers(0, 2, n)
    return {
        "noise": lambda: (noise, y),
        "binary": lambda: (noise + few[:, None], few),
        "words": lambda: (near, NAMES[y]),
        "separable": lambda: (far, y),
        "n < d": lambda: (rng.normal(size=(20, 60)), np.arange(20) % 3),
        "constant": lambda: (np.column_stack([near, np.ones(n), np.full(n, 7.0), np.zeros(n)]), y),
        "large constant": lambda: (np.column_stack([near, np.full(n, 1e4)]), y),
        "duplicate rows": lambda: (np.repeat(near[:20], 10, axis=0), np.repeat(y[:20], 10)),
        "conflicting rows": lambda: (np.repeat(near[:20], 10, axis=0), rng.integers(0, 3, 200)),
        "duplicate columns": lambda: (np.column_stack([near, near, near]), y),
        "huge": lambda: (1e8 * near, y),
        "tiny": lambda: (1e-8 * near, y),
        "mixed scales": lambda: (near * np.logspace(-6, 6, d), y),
        "a far row": lambda: (np.concatenate([near, np.full((1, d), 1e6)]), np.append(y, 0)),
        "a row of its own class": lambda: (near, np.where(np.arange(n) == 5, 9, y)),
        "two rows": lambda: (near[:2], np.array([0, 1])),
        "nothing but zeros": lambda: (np.zeros((20, 3)), np.arange(20) % 2),
    }[name]()


HOSTILE = (
    "noise", "binary", "words", "separable", "n < d", "constant", "large constant", "duplicate rows",
    "conflicting rows", "duplicate columns", "huge", "tiny", "mixed scales", "a far row", "a row of its own class",
    "two rows", "nothing but zeros",
)  # fmt: skip


@pytest.mark.parametrize("C", [1e-4, 1e-2, 1.0, 1e2, 1e4])
@pytest.mark.parametrize("name", HOSTILE)
def test_it_finds_the_optimum_of_liblinear(name, C):
    X, y = hostile(name)
    ours, theirs = NewtonSVC(C).fit(X, y), liblinear(X, y, C)
    (found, gap), (best, their_gap) = objective(ours, X, y, C), objective(theirs, X, y, C)
    np.testing.assert_allclose(ours.objective_, found, rtol=1e-9)
    # Proof without LIBLINEAR: the dual is a lower bound on every objective.
    assert gap.max() < 1e-4
    assert (found <= best * (1 + 1e-4)).all()
    if their_gap.max() < 1e-5:  # LIBLINEAR is at its optimum, too
        np.testing.assert_allclose(found, best, rtol=1e-4)
        assert ours.score(X, y) == pytest.approx(theirs.score(X, y), abs=1e-3)


def test_liblinear_reaches_its_optimum_in_most_of_these_cases():
    """The comparison above is no empty one."""
    reached = 0
    for name in HOSTILE:
        X, y = hostile(name)
        reached += objective(liblinear(X, y, 1.0), X, y, 1.0)[1].max() < 1e-5
    assert reached >= len(HOSTILE) - 3


def test_it_is_nearer_to_the_optimum_than_liblinear_on_unscaled_features():
    X, y = hostile("huge")
    ours, theirs = NewtonSVC().fit(X, y), liblinear(X, y, 1.0)
    assert (objective(ours, X, y, 1.0)[0] < 0.99 * objective(theirs, X, y, 1.0)[0]).all()


def test_the_function_is_the_estimator(rng):
    X, y, weight = rng.normal(size=(40, 3)), NAMES[rng.integers(0, 3, 40)], rng.random(40)
    svm = NewtonSVC(0.1).fit(X, y, sample_weight=weight)
    for ours, theirs in zip(newton_svm(X, y, 0.1, sample_weight=weight), (svm.coef_, svm.intercept_), strict=True):
        assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("classes", [2, 3])
def test_weights_scores_and_labels_are_those_of_liblinear(classes, rng):
    X, y = make_blobs(200, centers=classes, cluster_std=4, random_state=0)
    ours, theirs = NewtonSVC().fit(X, NAMES[y]), liblinear(X, NAMES[y], 1.0)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-6)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-6)
    np.testing.assert_array_equal(ours.classes_, theirs.classes_)
    new = 5 * rng.normal(size=(50, 2))
    np.testing.assert_allclose(ours.decision_function(new), theirs.decision_function(new), atol=1e-5)
    np.testing.assert_array_equal(ours.predict(new), theirs.predict(new))


@pytest.mark.parametrize("settings", [{"fit_intercept": False}, {"intercept_scaling": 10.0}])
def test_the_intercept_counts_as_it_does_in_liblinear(settings):
    X, y = hostile("binary")
    ours, theirs = NewtonSVC(**settings).fit(X, y), liblinear(X, y, 1.0, **settings)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-6)
    np.testing.assert_allclose(ours.intercept_, np.broadcast_to(theirs.intercept_, 1), atol=1e-6)
    assert objective(ours, X, y, 1.0)[1].max() < 1e-9


def test_a_weight_of_two_is_the_row_twice_and_of_zero_none(rng):
    X, y = hostile("words")
    weight = rng.permutation(np.arange(len(X)) % 3)
    weighted, repeated = NewtonSVC().fit(X, y, sample_weight=weight), np.repeat(np.arange(len(X)), weight)
    np.testing.assert_allclose(weighted.coef_, NewtonSVC().fit(X[repeated], y[repeated]).coef_, atol=1e-9)
    assert objective(weighted, X, y, 1.0, weight)[1].max() < 1e-9


def test_one_weight_for_all_rows_is_another_C():
    X, y = hostile("words")
    np.testing.assert_allclose(NewtonSVC().fit(X, y, sample_weight=3.0).coef_, NewtonSVC(3.0).fit(X, y).coef_)


def test_a_start_at_the_minimum_takes_one_step_and_changes_nothing():
    X, y = hostile("separable")
    svm = NewtonSVC().fit(X, y)
    again = NewtonSVC().fit(X, y, coef_init=svm.coef_, intercept_init=svm.intercept_)
    assert again.n_iter_ == 1 < svm.n_iter_
    np.testing.assert_array_equal(again.coef_, svm.coef_)
    elsewhere = NewtonSVC(intercept_scaling=2.0).fit(X, y, coef_init=-100 * svm.coef_)
    np.testing.assert_allclose(elsewhere.coef_, NewtonSVC(intercept_scaling=2.0).fit(X, y).coef_, atol=1e-9)


def test_any_number_of_threads_gives_the_same_bytes(rng):
    X, y = rng.normal(size=(3000, 30)), rng.integers(0, 4, 3000)
    with threadpool_limits(2):
        two = NewtonSVC().fit(X, y)
    with threadpool_limits(1):
        one = NewtonSVC().fit(X, y)
    assert one.coef_.tobytes() == two.coef_.tobytes()


def test_inputs_are_left_alone_and_a_pickle_says_the_same():
    X, y = hostile("words")
    X.flags.writeable = y.flags.writeable = False
    svm = NewtonSVC().fit(X, y)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(svm)).predict(X), svm.predict(X))
    assert clone(svm).get_params() == svm.get_params()


def test_a_grid_search_takes_it_for_a_classifier():
    X, y = hostile("words")
    assert GridSearchCV(NewtonSVC(), {"C": [0.01, 1.0]}, cv=3).fit(X, y).best_score_ > 0.5


def test_too_few_steps_are_reported():
    X, y = hostile("separable")
    with pytest.warns(ConvergenceWarning, match=r"stopped at a duality gap of .*, above tol=1e-10, after 2 iterations"):
        NewtonSVC(max_iter=2).fit(X, y)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"C": 0}, ValueError, "C must be a number above 0, got 0"),
        ({"C": np.inf}, ValueError, "C must be a number above 0, got inf"),
        ({"tol": -1.0}, ValueError, "tol must be a number above 0, got -1.0"),
        ({"intercept_scaling": "1"}, TypeError, "intercept_scaling must be a number above 0, got '1'"),
        ({"max_iter": 0}, ValueError, "max_iter must be a whole number from 1 on, got 0"),
        ({"max_iter": 1.5}, TypeError, "max_iter must be a whole number from 1 on, got 1.5"),
    ],
)
def test_a_parameter_out_of_range_is_refused(settings, error, message):
    with pytest.raises(error, match=message):
        NewtonSVC(**settings).fit([[0.0], [1.0]], [0, 1])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sample_weight": [1.0]}, "inconsistent numbers of samples"),
        ({"sample_weight": [1.0, -1.0]}, "sample_weight must be one number of at least 0 per row"),
        ({"sample_weight": [0.0, 0.0]}, "sample_weight is zero for every row"),
        ({"sample_weight": [np.nan, 1.0]}, "sample_weight contains NaN"),
        ({"coef_init": [[1.0, 2.0]]}, r"must have shapes \(1, 1\) and \(1,\), got \(1, 2\) and \(1,\)"),
        ({"intercept_init": [1.0, 2.0]}, r"must have shapes \(1, 1\) and \(1,\), got \(1, 1\) and \(2,\)"),
    ],
)
def test_weights_and_starts_that_do_not_fit_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        NewtonSVC().fit([[0.0], [1.0]], [0, 1], **settings)


def test_rows_that_cannot_be_learned_from_are_refused():
    with pytest.raises(ValueError, match="NaN"):
        NewtonSVC().fit([[np.nan], [1.0]], [0, 1])
    with pytest.raises(ValueError, match="at least two classes to train on, got one class, 'ant'"):
        NewtonSVC().fit([[0.0], [1.0]], ["ant", "ant"])
    with pytest.raises(ValueError, match="squares overflow"):
        NewtonSVC().fit([[0.0], [1e200]], [0, 1])
    with pytest.raises(ValueError, match="has 2 features, but NewtonSVC is expecting 1"):
        NewtonSVC().fit([[0.0], [1.0]], [0, 1]).predict([[0.0, 1.0]])


def test_hessians_that_would_not_fit_are_refused_before_they_are_made(rng):
    X = rng.normal(size=(10, 300))
    with pytest.raises(MemoryError, match=r"use LinearSVC .*, or raise max_memory"):
        NewtonSVC(max_memory=10**6).fit(X, np.arange(10) % 2)


def test_check_estimator():
    assert_passes_the_battery(NewtonSVC(), also={"check_sample_weight_equivalence_on_dense_data"})
