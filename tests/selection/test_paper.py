import pickle

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from dacompare.divergence import domain_error
from dacompare.domains import Domain
from dacompare.pipeline import make_adaptation_pipeline
from dacompare.selection import paper_refit, paper_scoring, rank_values, validator_scorer
from dacompare.shallow import SubspaceAlignment

CV = StratifiedKFold(3)
DIMENSIONS = [1, 2, 4]
GRID = {"subspacealignment__n_components": DIMENSIONS}
PIPELINE = make_adaptation_pipeline(StandardScaler(), SubspaceAlignment(), LinearSVC())


@pytest.fixture
def task(rng):
    """Return as many target rows as source rows, on purpose: scikit-learn would cut a bare array."""
    centres = 3 * rng.normal(size=(3, 6))
    y, y_target = rng.integers(0, 3, (2, 90))
    X = centres[y] + rng.normal(size=(90, 6))
    return X, np.array(["ant", "bee", "cow"])[y], centres[y_target] + rng.normal(size=(90, 6)) + 2


def results(accuracies, errors):
    return {"mean_test_source-accuracy": np.array(accuracies), "mean_test_domain-error": np.array(errors)}


def by_hand(n_components, X, y, X_target):
    """Return both measurements of one dimension as a reader of the protocol would take them: mean over the folds."""
    found = []
    for train, test in CV.split(X, y):
        scaler = StandardScaler().fit(X[train])
        aligner = SubspaceAlignment(n_components)
        Z = aligner.fit_transform(scaler.transform(X[train]), X_target=scaler.transform(X_target))
        Z_test = aligner.transform(scaler.transform(X[test]), domain="source")
        accuracy = LinearSVC().fit(Z, y[train]).score(Z_test, y[test])
        found.append((accuracy, domain_error(Z_test, aligner.transform(scaler.transform(X_target)))))
    return np.mean(found, axis=0)


def test_a_grid_search_chooses_by_the_mean_of_two_ranks(task):
    X, y, X_target = task
    target = Domain(X_target)
    search = GridSearchCV(
        PIPELINE, GRID, scoring=paper_scoring(X_target=target), refit=paper_refit, cv=CV, error_score="raise"
    ).fit(X, y, X_target=target)
    accuracies, errors = zip(*(by_hand(d, X, y, X_target) for d in DIMENSIONS), strict=True)
    np.testing.assert_allclose(search.cv_results_["mean_test_source-accuracy"], accuracies)
    np.testing.assert_allclose(search.cv_results_["mean_test_domain-error"], errors)
    best = int(np.argmin(rank_values(accuracies, errors)))
    assert search.best_index_ == best
    assert search.best_params_["subspacealignment__n_components"] == DIMENSIONS[best]
    assert search.predict(X_target).shape == (90,)


def test_other_scorers_may_stand_beside(task):
    X, y, X_target = task
    target = Domain(X_target)
    scoring = {**paper_scoring(X_target=target), "bnm": validator_scorer("bnm", X_target=target)}
    search = GridSearchCV(PIPELINE, GRID, scoring=scoring, refit=paper_refit, cv=CV).fit(X, y, X_target=target)
    assert np.isfinite(search.cv_results_["mean_test_bnm"]).all()


def test_ranks_are_those_worked_out_by_hand():
    # Source accuracies rank 1, 2, 3; domain errors rank 3, 1, 2.
    assert paper_refit(results([0.9, 0.8, 0.7], [0.1, 0.5, 0.3])) == 1
    assert paper_refit(results([0.8, 0.9], [0.4, 0.2])) == 0  # of equals the first


def test_settings_that_could_not_be_measured_are_passed_over():
    assert paper_refit(results([np.nan, 0.5, 0.9], [0.5, 0.4, np.nan])) == 1
    with pytest.raises(ValueError, match="none of the 2 settings has both .*error_score='raise'"):
        paper_refit(results([np.nan, 0.5], [0.5, np.nan]))


def test_a_missing_measurement_is_named_with_the_way_out():
    with pytest.raises(ValueError, match="no 'mean_test_domain-error'; give the search scoring=paper_scoring"):
        paper_refit({"mean_test_source-accuracy": np.ones(2)})
    with pytest.raises(ValueError, match="write paper_scoring"):
        paper_scoring(X_target=None)


def test_scorers_pickle_and_refuse_what_a_validator_refuses(task):
    X, y, X_target = task
    scorers = pickle.loads(pickle.dumps(paper_scoring(X_target=X_target)))
    assert repr(scorers["domain-error"]) == "DomainErrorScorer(X_target=...)"
    model = LinearSVC().fit(X, y)
    assert scorers["domain-error"](model, X, y) == domain_error(X, X_target)
    assert pickle.loads(pickle.dumps(paper_refit)) is paper_refit


def test_groups_of_the_target_stay_on_one_side(rng):
    y = np.arange(60) % 2
    X = rng.normal(size=(60, 5))
    target = Domain(np.repeat(rng.normal(size=(6, 5)), 10, axis=0), groups=np.repeat(np.arange(6), 10))
    score = paper_scoring(X_target=target)["domain-error"](LinearSVC().fit(X, y), X, y)
    assert score == domain_error(X, target) != domain_error(X, target.X)


def test_the_refusal_of_a_scorer_points_here():
    with pytest.raises(ValueError, match=r"scoring=paper_scoring\(X_target=…\), refit=paper_refit"):
        validator_scorer("paper", X_target=np.zeros((3, 1)))


def test_means_that_differ_by_rounding_are_equal():
    folds = [[0.05, 0.05, 0.2], [0.2, 0.05, 0.05]]
    means = [sum(fold) / 3 for fold in folds]
    assert means[0] != means[1]
    assert rank_values(means, [0.3, 0.3]) == [1.5, 1.5]
