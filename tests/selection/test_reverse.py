from dataclasses import replace

import numpy as np
import pytest
from sklearn.neighbors import NearestCentroid

from dacompare.selection import Candidate, pick, score_candidate
from dacompare.selection.reverse import reverse_accuracy


def centred(X, y, X_target):
    """Train nearest centroids on centred rows, a small adaptation; return it for rows of the target."""
    model = NearestCentroid().fit(X - X.mean(axis=0), y)
    return lambda rows: model.predict(rows - X_target.mean(axis=0))


def plain(X, y, X_target):
    return NearestCentroid().fit(X, y).predict


def candidate(method, X, y, X_target, held_out, y_held_out):
    return Candidate(
        y_source_test=y_held_out,
        source_test_features=held_out,
        source_features=X,
        target_features=X_target,
        target_predictions=method(X, y, X_target)(X_target),
        refit=lambda X_target, pseudo, X_source, X_test: method(X_target, pseudo, X_source)(X_test),
    )


@pytest.fixture
def task(rng):
    """Return source rows of three classes, and the same moved far away in a direction that classes differ in."""
    centres = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]])
    y, y_test, y_target = rng.integers(0, 3, (3, 150))
    X, test, target = (centres[labels] + 0.5 * rng.normal(size=(150, 2)) for labels in (y, y_test, y_target))
    names = np.array(["ant", "bee", "cow"])
    return X, names[y], target + np.array([2.5, -1.0]), test, names[y_test], names[y_target]


def test_it_finds_the_method_that_adapts(task):
    *parts, y_target = task
    candidates = [candidate(method, *parts) for method in (plain, centred)]
    accuracies = [(c.target_predictions == y_target).mean() for c in candidates]
    assert accuracies[1] > 0.95 > accuracies[0] + 0.2
    values = [score_candidate("reverse", c).value for c in candidates]
    assert values[1] > 0.95
    assert values[1] > values[0]
    assert pick("reverse", candidates) == 1


def test_it_is_misled_by_two_mistakes_that_undo_each_other(rng):
    # Provably: the target is the source turned round, so centred means match each class with the other one.
    # All target predictions are wrong; learned the other way round, they are wrong again, and so right.
    y, y_test = np.arange(100) % 2, np.arange(60) % 2
    X, test = ((2.0 * labels - 1 + 0.1 * rng.normal(size=len(labels)))[:, None] for labels in (y, y_test))
    X_target, y_target = -X, y
    c = candidate(centred, X, y, X_target, test, y_test)
    assert (c.target_predictions == y_target).mean() == 0
    assert score_candidate("reverse", c).value == 1


def test_source_labels_are_not_shown_to_the_way_back(task):
    seen = {}

    def refit(X_target, pseudo, X_source, X_source_test):
        seen.update(X_target=X_target, pseudo=pseudo, X_source=X_source, X_source_test=X_source_test)
        return np.resize(pseudo, len(X_source_test))

    c = replace(candidate(plain, *task[:5]), refit=refit)
    assert score_candidate("reverse", c).value is not None
    assert seen["X_target"] is c.target_features
    assert seen["pseudo"] is c.target_predictions
    assert seen["X_source"] is c.source_features
    assert seen["X_source_test"] is c.source_test_features


def test_one_predicted_class_is_the_share_of_that_class_and_trains_nothing(task):
    def never(*rows):
        raise AssertionError("nothing to train")

    c = replace(candidate(plain, *task[:5]), target_predictions=np.repeat("bee", 150), refit=never)
    assert score_candidate("reverse", c).value == (c.y_source_test == "bee").mean()


def test_a_class_that_is_never_predicted_is_lost_on_the_way_back(task):
    c = candidate(centred, *task[:5])
    c = replace(c, target_predictions=np.where(c.target_predictions == "cow", "ant", c.target_predictions))
    assert score_candidate("reverse", c).value <= (c.y_source_test != "cow").mean()


def test_a_method_that_cannot_go_back_is_a_reason(task):
    def too_few(*rows):
        raise ValueError("n_samples=1 should be >= 2")

    c = replace(candidate(plain, *task[:5]), refit=too_few)
    assert score_candidate("reverse", c).reason == ("cannot be trained the other way round: n_samples=1 should be >= 2")
    assert score_candidate("reverse", replace(c, refit=None)).reason == "needs refit"


def test_answers_must_be_one_label_a_row():
    X, y = np.zeros((3, 1)), np.array([0, 1, 0])
    for wrong, got in ((y[:2], r"\(2,\)"), (None, "NoneType"), ([0, 1, 0], "list")):
        with pytest.raises(ValueError, match=rf"shape \(3,\), got {got}"):
            reverse_accuracy(lambda *rows, wrong=wrong: wrong, X, y, X, X, y)
