"""scikit-learn's folds are source rows; what is as long as they are is cut with them."""

import warnings

import numpy as np
import pytest
from sklearn import config_context
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_val_score,
    permutation_test_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from dacompare import DANNClassifier, Domain, KernelMeanMatching, SubspaceAlignment, SubspaceSweep, validator_scorer
from dacompare import make_adaptation_pipeline as chain

CUT = "cut it like X"
WRONG_SCORE = "took them for target rows"


@pytest.fixture
def task(rng):
    y = np.arange(60) % 2
    X = rng.normal(size=(60, 5)) + 3 * y[:, None]
    return X, y, X + 0.5


def heard(call):
    """Return what is warned of: how often that the target was cut, and that source rows went through its map."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        call()
    messages = [str(one.message) for one in said]
    return [sum(sentence in one for one in messages) for sentence in (CUT, WRONG_SCORE)]


def score(estimator, X, y, X_target, name="X_target", **how):
    return heard(lambda: cross_val_score(estimator, X, y, params={name: X_target}, cv=2, error_score="raise", **how))


@pytest.mark.parametrize(
    ("estimator", "score_is_wrong"),
    [
        (SubspaceSweep((1, 2), validator="source-accuracy", validators=[]), True),
        (KernelMeanMatching(), False),
        (DANNClassifier("mlp", max_steps=2, batch_size=8, random_state=0), False),
        (chain(SubspaceAlignment(2), LinearSVC()), True),
        (chain(SubspaceAlignment(2), KernelMeanMatching()), True),
    ],
    ids=["sweep", "weighting", "network", "pipeline", "two steps"],
)
def test_both_mistakes_are_warned_of_once_a_fold(task, estimator, score_is_wrong):
    X, y, X_target = task
    assert score(estimator, X, y, X_target) == [2, 2 * score_is_wrong]
    assert score(estimator, X, y, Domain(X_target)) == [0, 2 * score_is_wrong]
    assert score(estimator, X, y, None) == [0, 0]  # nothing is adapted, so both domains have one map
    assert score(estimator, X, y, Domain(X_target), scoring=validator_scorer("bnm", X_target=X_target)) == [0, 0]


def test_a_domain_of_the_folds_size_is_no_cut(task):
    X, y, X_target = task
    for estimator in (SubspaceSweep((1, 2)), chain(SubspaceAlignment(2), LinearSVC())):
        assert score(estimator, X, y, Domain(X_target[:30]))[0] == 0


@pytest.mark.parametrize(
    "estimator", [SubspaceSweep(2), chain(SubspaceAlignment(2), LinearSVC()), KernelMeanMatching()]
)
def test_an_array_that_is_as_long_as_a_fold_by_chance_is_no_cut(task, estimator):
    X, y, X_target = task
    assert score(estimator, X, y, X_target[:30])[0] == 0
    search = GridSearchCV(estimator, {}, cv=2, scoring=validator_scorer("source-accuracy"))
    assert heard(lambda: search.fit(X, y, X_target=X_target[:30])) == [0, 0]
    assert score(search, X, y, X_target[:30])[0] == 4  # in an outer fold it is as long as X, so the inner folds cut it


@pytest.mark.parametrize("scoring", ["accuracy", "neg_log_loss", ["accuracy", "f1_macro"]])
def test_scoring_by_name_is_the_same_mistake_as_the_default(task, scoring):
    X, y, X_target = task
    pipeline = chain(SubspaceAlignment(2), LogisticRegression())
    search = GridSearchCV(pipeline, {}, cv=2, scoring=scoring, refit=False)
    assert heard(lambda: search.fit(X, y, X_target=Domain(X_target)))[1] >= 2


def test_a_plain_pipeline_is_warned_of_too(task):
    X, y, X_target = task
    plain = make_pipeline(SubspaceAlignment(2), LinearSVC())
    assert score(plain, X, y, X_target, "subspacealignment__X_target") == [2, 2]
    assert score(plain, X, y, Domain(X_target), "subspacealignment__X_target", scoring="accuracy") == [0, 2]


@pytest.mark.parametrize(
    "ask",
    [
        lambda estimator, X, y, **target: cross_val_predict(estimator, X, y, cv=2, params=target),
        lambda estimator, X, y, **target: CalibratedClassifierCV(estimator, cv=2).fit(X, y, **target),
        lambda estimator, X, y, **target: TunedThresholdClassifierCV(estimator, cv=2).fit(X, y, **target),
        lambda estimator, X, y, **target: permutation_test_score(
            estimator, X, y, cv=2, n_permutations=1, params=target, scoring="accuracy"
        ),
    ],
    ids=["predict", "calibration", "threshold", "permutation"],
)
def test_other_ways_to_cross_validate_make_both_mistakes(task, ask):
    X, y, X_target = task
    pipeline = chain(SubspaceAlignment(2), LinearSVC())
    with config_context(enable_metadata_routing=True):  # without it, the threshold takes no X_target
        cut, lost = heard(lambda: ask(pipeline, X, y, X_target=X_target))
        assert (cut > 0, lost > 0) == (True, True)
        cut, lost = heard(lambda: ask(pipeline, X, y, X_target=Domain(X_target)))
        assert (cut > 0, lost > 0) == (False, True)


def test_what_a_search_has_chosen_answers_for_the_target(task):
    X, y, X_target = task
    search = GridSearchCV(
        chain(SubspaceAlignment(2), LinearSVC()), {}, cv=2, scoring=validator_scorer("bnm", X_target=X_target)
    )
    assert heard(lambda: search.fit(X, y, X_target=Domain(X_target)).predict(X_target)) == [0, 0]


def test_a_scorer_of_ones_own_may_look_at_the_target(task):
    X, y, X_target = task

    def disagreement(estimator, X, y):
        return np.mean(estimator.predict(X_target) != estimator.predict(X_target, domain="source"))

    pipeline = chain(SubspaceAlignment(2), LinearSVC())
    assert score(pipeline, X, y, Domain(X_target), scoring=disagreement) == [0, 0]


def test_nothing_is_said_outside_of_cross_validation(task):
    X, y, X_target = task
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SubspaceSweep((1, 2)).fit(X, y, X_target=X_target).score(X_target, y)


def test_a_step_that_is_switched_off_is_the_row_without_adaptation(task):
    X, y, X_target = task
    pipeline = chain(SubspaceAlignment(2), LinearSVC())
    grid = {"subspacealignment": [SubspaceAlignment(2), "passthrough"]}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise", scoring=validator_scorer("source-accuracy"))
    search.fit(X, y, X_target=Domain(X_target))
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    with pytest.raises(TypeError, match="no step of this pipeline .* takes X_target"):
        chain(LinearSVC()).fit(X, y, X_target=X_target)
