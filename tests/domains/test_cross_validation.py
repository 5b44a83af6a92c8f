"""scikit-learn's folds are source rows; what is as long as they are is cut with them."""

import warnings

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.svm import LinearSVC

from dacompare import DANNClassifier, Domain, KernelMeanMatching, SubspaceAlignment, SubspaceSweep, validator_scorer
from dacompare import make_adaptation_pipeline as chain

CUT = "cut it like X"
WRONG_SCORE = "the default score treats them as target rows"


@pytest.fixture
def task(rng):
    y = np.arange(60) % 2
    X = rng.normal(size=(60, 5)) + 3 * y[:, None]
    return X, y, X + 0.5


def messages(estimator, X, y, X_target):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        cross_val_score(estimator, X, y, params={"X_target": X_target}, cv=2, error_score="raise")
    return [str(one.message) for one in said]


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
    said = messages(estimator, X, y, X_target)
    assert sum(CUT in one for one in said) == 2
    assert sum(WRONG_SCORE in one for one in said) == 2 * score_is_wrong
    assert not [one for one in messages(estimator, X, y, Domain(X_target)) if CUT in one]


def test_a_domain_of_the_folds_size_is_no_cut(task):
    X, y, X_target = task
    assert not [
        one for one in messages(chain(SubspaceAlignment(2), LinearSVC()), X, y, Domain(X_target[:30])) if CUT in one
    ]


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
