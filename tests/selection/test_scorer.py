import pickle

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from dacompare.domains import Domain
from dacompare.pipeline import make_adaptation_pipeline
from dacompare.selection import Candidate, fit_temperature, score_candidate, svm_probabilities, validator_scorer
from dacompare.shallow import SubspaceAlignment, SubspaceSweep

CV = StratifiedKFold(3)


@pytest.fixture
def task(rng):
    """Return as many target rows as source rows, on purpose: scikit-learn would cut a bare array."""
    centres = 3 * rng.normal(size=(3, 6))
    y, y_target = rng.integers(0, 3, (2, 90))
    X = centres[y] + rng.normal(size=(90, 6))
    X_target = (centres[y_target] + rng.normal(size=(90, 6))) @ (np.eye(6) + 0.2 * rng.normal(size=(6, 6))) + 2
    return X, np.array(["ant", "bee", "cow"])[y], X_target


def by_hand(name, n_components, X, y, X_target):
    """Score one dimension as a reader of the protocol would: scale, align, train, and validate each fold."""
    scores = []
    for train, test in CV.split(X, y):
        scaler = StandardScaler().fit(X[train])
        aligner = SubspaceAlignment(n_components)
        Z = aligner.fit_transform(scaler.transform(X[train]), X_target=scaler.transform(X_target))
        svm = LinearSVC().fit(Z, y[train])
        Z_test = aligner.transform(scaler.transform(X[test]), domain="source")
        Z_target = aligner.transform(scaler.transform(X_target))
        T = fit_temperature(svm.decision_function(Z_test), y[test], classes=svm.classes_)
        candidate = Candidate(
            y_source_test=y[test],
            source_test_predictions=svm.predict(Z_test),
            source_test_features=Z_test,
            target_features=Z_target,
            target_predictions=svm.predict(Z_target),
            target_probabilities=svm_probabilities(svm.decision_function(Z_target), T),
        )
        value = score_candidate(name, candidate).value
        scores.append(-value if name == "entropy" else value)
    return np.mean(scores)


@pytest.mark.parametrize("name", ["source-accuracy", "reverse-svm", "entropy"])
def test_a_grid_search_equals_a_loop_written_out(task, name):
    X, y, X_target = task
    pipeline = make_adaptation_pipeline(StandardScaler(), SubspaceAlignment(), LinearSVC())
    search = GridSearchCV(
        pipeline,
        {"subspacealignment__n_components": [1, 2, 4]},
        scoring=validator_scorer(name, X_target=Domain(X_target)),
        cv=CV,
        error_score="raise",
    ).fit(X, y, X_target=Domain(X_target))
    expected = [by_hand(name, d, X, y, X_target) for d in (1, 2, 4)]
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], expected, atol=1e-10)
    assert search.best_params_["subspacealignment__n_components"] == [1, 2, 4][int(np.argmax(expected))]


def test_source_accuracy_needs_no_target(task):
    X, y, X_target = task
    pipeline = make_adaptation_pipeline(SubspaceAlignment(3), LinearSVC()).fit(X, y, X_target=X_target)
    score = validator_scorer("source-accuracy")(pipeline, X, y)
    assert score == pipeline.score(X, y, domain="source")
    assert score > 0.9


def test_probabilities_of_the_estimator_come_first(task):
    X, y, X_target = task
    model = LogisticRegression().fit(X, y)
    P = model.predict_proba(X_target)
    expected = (P * np.log(P)).sum(axis=1).mean()
    assert validator_scorer("entropy", X_target=X_target)(model, X, y) == pytest.approx(expected)


def test_an_estimator_without_steps_is_scored_on_what_it_transforms(task):
    X, y, X_target = task
    sweep = SubspaceSweep((2, 4)).fit(X, y, X_target=X_target)
    candidate = Candidate(
        y_source_test=y,
        source_test_features=sweep.transform(X, domain="source"),
        target_features=sweep.transform(X_target),
        target_predictions=sweep.predict(X_target),
    )
    score = validator_scorer("reverse-svm", X_target=X_target)(sweep, X, y)
    assert score == score_candidate("reverse-svm", candidate).value


def test_cross_val_score_takes_it_and_it_pickles(task):
    X, y, X_target = task
    scorer = pickle.loads(pickle.dumps(validator_scorer("reverse-svm", X_target=X_target)))
    assert np.isfinite(cross_val_score(LinearSVC(), X, y, scoring=scorer, cv=3)).all()
    assert repr(scorer) == "validator_scorer('reverse-svm', X_target=...)"


def test_a_pipeline_that_would_lose_the_domain_is_refused(task):
    X, y, X_target = task
    plain = make_pipeline(SubspaceAlignment(2), LinearSVC()).fit(X, y, subspacealignment__X_target=X_target)
    with pytest.raises(ValueError, match="make_adaptation_pipeline"):
        validator_scorer("source-accuracy")(plain, X, y)
    harmless = make_pipeline(StandardScaler(), LinearSVC()).fit(X, y)
    assert validator_scorer("source-accuracy")(harmless, X, y) == harmless.score(X, y)


def test_what_cannot_score_is_refused_at_once(task):
    with pytest.raises(ValueError, match="'paper' compares candidates with each other"):
        validator_scorer("paper")
    with pytest.raises(ValueError, match="needs target rows; pass X_target="):
        validator_scorer("entropy")
    with pytest.raises(ValueError, match="did you mean 'reverse-svm'"):
        validator_scorer("reverse_svm")


def test_an_estimator_without_scores_cannot_be_judged_by_entropy(task):
    from sklearn.neighbors import NearestCentroid

    X, y, X_target = task
    silent = NearestCentroid(metric="manhattan").fit(X, y)
    if hasattr(silent, "predict_proba"):
        pytest.skip("this scikit-learn gives probabilities for it")
    with pytest.raises(ValueError, match="cannot score NearestCentroid: needs target_probabilities"):
        validator_scorer("entropy", X_target=X_target)(silent, X, y)
