import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from dacompare.domains import Domain
from dacompare.pipeline import make_adaptation_pipeline
from dacompare.shallow.landmark_selection import LandmarkSelection
from dacompare.shallow.linear_svm import linear_svm
from dacompare.shallow.weighting import WeightingClassifier, keep_every_class
from tests.estimator_battery import assert_passes_the_battery


class Nearness(WeightingClassifier):
    """The smallest weighting there is: rows above the least of the target weigh 1, the others nothing."""

    def _weigh(self, X, X_target, y):
        return (X[:, 0] >= X_target[:, 0].min()).astype(float)


@pytest.fixture
def task(rng):
    X = rng.normal(size=(120, 2))
    return X, np.array(["cat", "dog"])[(X[:, 0] * X[:, 1] > 0).astype(int)], np.abs(rng.normal(size=(50, 2)))


def test_it_is_the_estimator_trained_with_the_weights(task):
    X, y, X_target = task
    weights = (X[:, 0] >= X_target[:, 0].min()).astype(float)
    for estimator in (None, LinearSVC(C=0.1), LogisticRegression(), DecisionTreeClassifier(random_state=0)):
        weighted = Nearness(estimator).fit(X, y, X_target=X_target)
        np.testing.assert_array_equal(weighted.weights_, weights)
        expected = clone(linear_svm() if estimator is None else estimator).fit(X, y, sample_weight=weights)
        np.testing.assert_array_equal(weighted.predict(X), expected.predict(X))
        assert weighted.score(X, y) == expected.score(X, y)


def test_without_a_target_every_row_weighs_one(task):
    X, y, _ = task
    weighted = Nearness(LogisticRegression()).fit(X, y)
    np.testing.assert_array_equal(weighted.weights_, np.ones(120))
    plain = LogisticRegression().fit(X, y)
    np.testing.assert_array_equal(weighted.predict_proba(X), plain.predict_proba(X))
    np.testing.assert_array_equal(weighted.decision_function(X), plain.decision_function(X))
    assert weighted.classes_.tolist() == ["cat", "dog"]


def test_it_offers_what_the_estimator_offers_and_no_transform():
    for fitted in (False, True):
        svm, logistic, tree = (Nearness(e) for e in (None, LogisticRegression(), DecisionTreeClassifier()))
        if fitted:
            for weighted in (svm, logistic, tree):
                weighted.fit([[0.0], [1.0]], [0, 1])
        assert hasattr(svm, "decision_function")
        assert not hasattr(svm, "predict_proba")
        assert hasattr(logistic, "predict_proba")
        assert not hasattr(tree, "decision_function")
        assert not any(hasattr(weighted, "transform") for weighted in (svm, logistic, tree))


def test_the_domain_makes_no_difference_but_must_be_one(task):
    X, y, X_target = task
    weighted = Nearness(LogisticRegression()).fit(X, y, X_target=Domain(X_target))
    for method in ("predict", "decision_function", "predict_proba"):
        call = getattr(weighted, method)
        np.testing.assert_array_equal(call(X, domain="source"), call(Domain(X), domain="target"))
        with pytest.raises(ValueError, match="domain must be one of"):
            call(X, domain="both")
    assert weighted.score(X, y, domain="source") == weighted.score(X, y)
    assert weighted.score(X, y, sample_weight=y == "cat") == weighted.score(X[y == "cat"], y[y == "cat"])


@pytest.mark.parametrize("estimator", [KNeighborsClassifier(), make_pipeline(StandardScaler(), LogisticRegression())])
def test_an_estimator_that_takes_no_weights_is_refused_with_one_that_does(task, estimator):
    with pytest.raises(TypeError, match=r"takes no sample_weight.*LogisticRegression\(\)"):
        Nearness(estimator).fit(task[0], task[1])


def test_the_estimator_given_stays_unfitted(task):
    estimator = LogisticRegression()
    weighted = Nearness(estimator).fit(task[0], task[1], X_target=task[2])
    assert weighted.estimator is estimator
    assert not hasattr(estimator, "coef_")


def test_a_class_without_weight_does_not_mix_up_the_others(rng):
    """LIBLINEAR drops the class, and LinearSVC then calls the second class by the name of the first."""
    y = np.repeat(["ant", "bee", "cow"], 40)
    X = np.repeat([[-4.0, 0.0], [4.0, 1.0], [4.0, -1.0]], 40, axis=0) + 0.1 * rng.normal(size=(120, 2))
    weighted = Nearness().fit(X, y, X_target=X[40:])
    assert (weighted.weights_[:40] == 0).all()
    assert (weighted.predict(X[40:]) == y[40:]).all()
    assert weighted.decision_function(X).shape == (120, 3)


def test_only_a_class_without_weight_gets_a_trace(rng):
    weights, codes = rng.random(30), np.arange(30) % 3
    np.testing.assert_array_equal(keep_every_class(weights, codes), weights)
    weights[codes == 1] = 0
    kept = keep_every_class(weights, codes)
    np.testing.assert_array_equal(kept[codes != 1], weights[codes != 1])
    assert 0 < kept[codes == 1].sum() < 1e-7


def test_a_fit_starts_afresh(task):
    X, y, X_target = task
    weighted = Nearness().fit(X, y, X_target=X_target)
    weighted.fit(X[:, :1], np.where(y == "cat", 1, 2))
    assert weighted.classes_.tolist() == [1, 2]
    assert weighted.weights_.tolist() == [1.0] * 120
    assert weighted.n_features_in_ == 1


def test_hostile_rows_are_named(task):
    X, y, X_target = task
    with pytest.raises(ValueError, match="X_target has 1 features, but X has 2"):
        Nearness().fit(X, y, X_target=X_target[:, :1])
    with pytest.raises(ValueError, match="X_target contains NaN"):
        Nearness().fit(X, y, X_target=np.full((4, 2), np.nan))
    with pytest.raises(ValueError, match="Input X contains infinity"):
        Nearness().fit(X + np.inf, y, X_target=X_target)
    with pytest.raises(ValueError, match="X has 1 features, but Nearness is expecting 2"):
        Nearness().fit(X, y).predict(X[:, :1])
    with pytest.raises(ValueError, match="Unknown label type"):
        Nearness().fit(X, X[:, 0])
    with pytest.raises(NotFittedError):
        Nearness().predict(X)


def test_one_class_is_refused_by_its_name(task):
    X, _, X_target = task
    with pytest.raises(ValueError, match=r"y must hold at least two classes to train on, got one class, 7\."):
        Nearness().fit(X, np.full(len(X), 7), X_target=X_target)


def test_a_child_without_weights_says_what_is_missing(task):
    with pytest.raises(TypeError, match="WeightingClassifier must define _weigh"):
        WeightingClassifier().fit(task[0], task[1], X_target=task[2])


def test_pipelines_pass_the_target_through_the_steps_in_front(task):
    X, y, X_target = task
    scaled = StandardScaler().fit(X)
    expected = Nearness().fit(scaled.transform(X), y, X_target=scaled.transform(X_target))
    pipeline = make_adaptation_pipeline(StandardScaler(), Nearness()).fit(X, y, X_target=X_target)
    np.testing.assert_array_equal(pipeline[-1].weights_, expected.weights_)
    np.testing.assert_array_equal(pipeline.predict(X), expected.predict(scaled.transform(X)))
    assert pipeline.score(X, y) == pipeline.score(X, y, domain="source")


def test_a_grid_search_reaches_into_the_estimator(task):
    X, y, X_target = task
    grid = {"estimator__C": [0.01, 1.0], "estimator": [LogisticRegression()]}
    search = GridSearchCV(Nearness(), grid, cv=3).fit(X, y, X_target=Domain(X_target))
    assert search.best_params_["estimator__C"] == search.best_estimator_.estimator_.C


def test_clone_and_pickle(task):
    X, y, X_target = task
    weighted = Nearness(Perceptron()).fit(X, y, X_target=X_target)
    again = pickle.loads(pickle.dumps(weighted))
    np.testing.assert_array_equal(again.predict(X), weighted.predict(X))
    assert repr(clone(weighted)) == "Nearness(estimator=Perceptron())"


def test_scikit_learns_own_battery():
    assert_passes_the_battery(WeightingClassifier())


class Selecting(Nearness):
    """Rows weigh alike, or nothing."""

    def _only_selects(self):
        return True

    def _weigh(self, X, X_target, y):
        return np.arange(len(X)) % 3 > 0


def test_a_classifier_without_weights_learns_from_the_rows_that_are_selected(task):
    X, y, X_target = task
    weighted = Selecting(KNeighborsClassifier(1)).fit(X, y, X_target=X_target)
    kept = np.arange(len(X)) % 3 > 0
    np.testing.assert_array_equal(weighted.predict(X), KNeighborsClassifier(1).fit(X[kept], y[kept]).predict(X))
    assert weighted.estimator_.n_samples_fit_ == kept.sum()
    for weighting, allowed in (("binary", True), ("relaxed", False)):
        assert LandmarkSelection(weighting=weighting)._only_selects() is allowed


@pytest.mark.parametrize(
    ("weights", "complaint"),
    [
        (None, r"must give a number for each of the 120 source rows, got None\."),
        (np.ones(5), r"must give a number for each of the 120 source rows, got .* shape \(5,\)"),
        (np.ones((120, 1)), r"got dtype float64 and shape \(120, 1\)"),
        (["a"] * 120, r"got dtype <U1 and shape \(120,\)"),
        (-np.ones(120), "gives source rows weights from -1 to -1; they must be finite and not negative"),
        (np.r_[-1, np.ones(119)], "gives source rows weights from -1 to 1"),
        (np.r_[np.nan, np.ones(119)], "must be finite"),
        (np.zeros(120), "one at least above 0"),
    ],
)
@pytest.mark.parametrize("estimator", [None, LogisticRegression()])
def test_what_a_child_gives_must_be_weights(task, weights, complaint, estimator):
    class Child(WeightingClassifier):
        def _weigh(self, X, X_target, y):
            return weights

    with pytest.raises(ValueError, match=rf"^Child\._weigh .*{complaint}"):
        Child(estimator).fit(task[0], task[1], X_target=task[2])


def test_the_source_may_be_a_domain(task):
    X, y, X_target = task
    expected = Nearness().fit(X, y, X_target=X_target)
    weighted = Nearness().fit(Domain(X), y, X_target=Domain(X_target))
    np.testing.assert_array_equal(weighted.weights_, expected.weights_)
    np.testing.assert_array_equal(weighted.predict(Domain(X)), expected.predict(X))
    pipeline = make_adaptation_pipeline(Nearness()).fit(Domain(X), y, X_target=Domain(X_target))
    np.testing.assert_array_equal(pipeline.predict(X), expected.predict(X))


def test_a_source_domain_keeps_the_names_of_its_columns(task):
    pytest.importorskip("pandas")
    X, y, X_target = task
    weighted = Nearness().fit(Domain(X, feature_names=["a", "b"]), y, X_target=Domain(X_target))
    assert weighted.feature_names_in_.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="columns of X in the same order"):
        Nearness().fit(Domain(X, feature_names=["a", "b"]), y, X_target=Domain(X_target, feature_names=["b", "a"]))
