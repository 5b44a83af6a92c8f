import numpy as np
import pytest
from scipy.special import softmax
from sklearn.svm import LinearSVC

from dacompare.selection import fit_temperature, svm_probabilities
from dacompare.selection.temperature import fit_known_temperature


def loss(decision, y, T):
    return -np.log(softmax(decision / T, axis=1)[np.arange(len(y)), y]).mean()


def test_it_finds_the_temperature_that_made_the_labels(rng):
    decision = 3 * rng.normal(size=(20_000, 4))
    chances = softmax(decision / 2.5, axis=1).cumsum(axis=1)
    y = (rng.random((20_000, 1)) > chances).sum(axis=1).clip(max=3)
    assert fit_temperature(decision, y) == pytest.approx(2.5, rel=0.03)


def test_no_other_temperature_is_better(rng):
    decision, y = rng.normal(size=(200, 3)), rng.integers(0, 3, 200)
    decision[np.arange(200), y] += 1
    T = fit_temperature(decision, y)
    assert all(loss(decision, y, T) <= loss(decision, y, T * factor) for factor in (0.9, 0.99, 1.01, 1.1))


def test_one_column_is_the_logistic_of_the_second_class(rng):
    decision = rng.normal(size=50)
    expected = 1 / (1 + np.exp(-decision / 0.7))
    np.testing.assert_allclose(svm_probabilities(decision, 0.7)[:, 1], expected)
    y = np.where(rng.random(50) < expected, "dog", "cat")
    two = np.stack([-decision / 2, decision / 2], axis=1)
    assert fit_temperature(decision, y) == pytest.approx(fit_temperature(two, y))


def test_probabilities_agree_with_the_predictions_of_the_svm(rng):
    X, y = rng.normal(size=(60, 3)), rng.choice(["a", "b", "c"], 60)
    svm = LinearSVC().fit(X, y)
    probabilities = svm_probabilities(svm.decision_function(X), 2.0)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(svm.classes_[probabilities.argmax(axis=1)], svm.predict(X))


@pytest.mark.parametrize(("n", "n_classes"), [(2, 2), (300, 2), (300, 4)])
def test_where_every_row_is_right_one_more_is_counted_as_chance(n, n_classes):
    y = np.arange(n) % n_classes
    decision = 7 * np.eye(n_classes)[y]
    sure = svm_probabilities(decision, fit_temperature(decision, y, classes=np.arange(n_classes)))
    assert sure.max(axis=1) == pytest.approx((n + 1 / n_classes) / (n + 1), abs=1e-4)


def test_rows_that_are_all_wrong_give_no_certainty():
    decision = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert svm_probabilities(decision, fit_temperature(decision, [1, 0]))[0, 0] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("separable", [True, False])
def test_the_unit_of_the_scores_does_not_matter(rng, separable):
    y = np.arange(80) % 3
    decision = rng.normal(size=(80, 3)) + (9 if separable else 2) * np.eye(3)[y]
    assert ((decision.argmax(axis=1) == y).all()) == separable
    found = [fit_temperature(decision * scale, y) / scale for scale in (0.1, 1.0, 10.0)]
    assert found == pytest.approx([found[1]] * 3, rel=1e-3)


def test_a_class_without_held_out_rows_needs_the_names_of_the_columns():
    decision = np.eye(3)[:2]
    with pytest.raises(ValueError, match="3 classes, but there are 2 labels; pass classes=classifier.classes_"):
        fit_temperature(decision, ["a", "b"])
    assert fit_temperature(decision, ["a", "b"], classes=["a", "b", "c"]) < 1


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="y holds 'z', which is not among classes"):
        fit_temperature(np.eye(2), ["a", "z"], classes=["a", "b"])
    with pytest.raises(ValueError, match="y holds 7, which is not among classes"):
        fit_temperature(np.eye(2), [0, 7], classes=[0, 1])
    with pytest.raises(ValueError, match="y has int64, classes has <U1; labels must be of one type"):
        fit_temperature(np.eye(2), [0, 1], classes=["0", "1"])
    with pytest.raises(ValueError, match="y should be a 1d array"):
        fit_temperature(np.eye(2), [["a", "b"], ["b", "a"]])
    with pytest.raises(ValueError, match="as many rows"):
        fit_temperature(np.eye(2), ["a"])
    with pytest.raises(ValueError, match=r"T must be above 0, got 0\.0"):
        svm_probabilities([1.0], 0.0)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_scores_that_are_not_finite_are_refused(wrong):
    with pytest.raises(ValueError, match="decision is not finite"):
        fit_temperature([[wrong, 1], [0, 1]], [0, 1])


def test_labels_in_a_column_are_labels(rng):
    decision, y = rng.normal(size=(50, 3)), rng.integers(0, 3, 50)
    assert fit_temperature(decision, y[:, None]) == fit_temperature(decision, y)


def test_columns_may_stand_in_any_order(rng):
    decision, y = rng.normal(size=(50, 3)), rng.choice(["a", "b", "c"], 50)
    turned = fit_temperature(decision[:, [2, 0, 1]], y, classes=["c", "a", "b"])
    assert turned == pytest.approx(fit_temperature(decision, y), rel=1e-3)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_rows_of_a_class_that_the_classifier_never_met_say_nothing_of_the_temperature(rng, n_classes):
    classes = np.array(["ant", "bee", "cow"])[:n_classes]
    decision = rng.normal(size=(40, 3) if n_classes == 3 else 40)
    y = rng.choice(classes, 40)
    expected = fit_temperature(decision, y, classes=classes)
    assert fit_known_temperature(decision, y, classes=classes) == expected
    with_owls = np.concatenate([decision[:5], decision]), [*["owl"] * 5, *y]
    assert fit_known_temperature(*with_owls, classes=classes) == expected
    assert fit_known_temperature(decision, ["owl"] * 40, classes=classes) is None
    with pytest.raises(ValueError, match="labels must be of one type"):
        fit_known_temperature(decision, np.arange(40), classes=classes)
