import numpy as np
import pytest

from dacompare.divergence import mmd, proxy_a_distance
from dacompare.divergence.bound import combined_error, plug_in_bound
from dacompare.domains import Domain


def test_the_sum_is_that_of_the_paper():
    bound = plug_in_bound(0.1, 0.6, 0.2, n_classes=10)
    assert bound.value == pytest.approx(0.1 + 0.6 / 2 + 0.2)
    assert bound.chance_error == pytest.approx(0.9)
    assert bound.vacuous is False
    assert "not a certificate" in bound.note


def test_it_is_vacuous_from_chance_on():
    assert plug_in_bound(0.25, 0.25, 0.125, n_classes=2).value == 0.5
    assert plug_in_bound(0.25, 0.25, 0.125, n_classes=2).vacuous is True
    assert plug_in_bound(0.25, 0.25, 0.125, n_classes=3).vacuous is False


def test_without_target_labels_it_has_no_value_but_may_be_vacuous():
    unknown = plug_in_bound(0.1, 0.6, None, n_classes=10)
    assert unknown.value is unknown.vacuous is unknown.combined_error is None
    assert plug_in_bound(0.1, 1.6, None, n_classes=10).vacuous is True


def test_no_estimate_below_zero_makes_the_bound_smaller_than_its_other_terms():
    bound = plug_in_bound(0.1, -0.2, 0.1, n_classes=2)
    assert (bound.value, bound.half_distance) == (pytest.approx(0.2), 0.0)


def test_a_distance_stands_for_its_value(rng):
    distance = proxy_a_distance(rng.normal(size=(40, 2)), rng.normal(2.0, size=(40, 2)))
    assert plug_in_bound(0.0, distance, 0.0, n_classes=2).value == distance.value / 2


def test_what_one_line_can_and_cannot_do_for_both(rng):
    X_source, X_target = rng.normal(size=(600, 2)), rng.normal([3.0, 30.0], 1.0, size=(500, 2))
    y_source = np.where(X_source[:, 0] > 0, "a", "b")
    # x₁ > 0 here, x₁ > 3 there: one line, x₁ > x₂/10, is wrong for a share of arctan(0.1)/π in each.
    assert combined_error(X_source, y_source, X_target, np.where(X_target[:, 0] > 3, "a", "b")) < 0.15
    # On the same rows with the opposite labels every classifier errs on a row of one of the two: the sum is 1.
    opposite = np.where(X_source[:, 0] > 0, "b", "a")
    assert combined_error(X_source, y_source, X_source, opposite) == pytest.approx(1, abs=0.15)


def test_labels_go_with_their_rows(rng):
    # Far fewer rows are drawn than there are, by group: labels that went astray would cost half of them.
    X = rng.normal(size=(2, 900, 3))
    y = (X[:, :, 1] > 0).astype(int)
    groups = rng.integers(0, 80, size=(2, 900))
    error = combined_error(
        X[0], y[0], X[1, :300], y[1, :300], groups_source=groups[0], groups_target=groups[1, :300], max_rows=200
    )
    assert error < 0.2


def test_three_classes_of_which_one_is_in_the_target_alone(rng):
    centres = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]])
    y_source, y_target = rng.integers(0, 2, 200), rng.integers(1, 3, 200)
    X_source, X_target = (centres[y] + rng.normal(size=(200, 2)) for y in (y_source, y_target))
    assert combined_error(Domain(X_source), y_source, Domain(X_target), y_target) < 0.15


def test_no_target_labels_no_combined_error(rng):
    X = rng.normal(size=(9, 2))
    assert combined_error(X, np.arange(9) % 2, X, None) is None


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ((1.2, 0.1, 0.1, 2), "source_error must be a number from 0 on and up to 1, got 1.2"),
        ((0.1, 2.5, 0.1, 2), "distance must lie in .*, got 2.5"),
        ((0.1, 0.1, -0.1, 2), "combined_error must be a number from 0 on and up to 2, got -0.1"),
        ((0.1, 0.1, 0.1, 1), "n_classes must be a whole number from 2 on, got 1"),
        ((float("nan"), 0.1, 0.1, 2), "source_error must be a number"),
    ],
)
def test_terms_out_of_range_are_refused(terms, message):
    with pytest.raises(ValueError, match=message):
        plug_in_bound(*terms)


def test_only_distances_of_the_theorem_stand_in_its_place(rng):
    X = rng.normal(size=(2, 20, 2))
    with pytest.raises(TypeError, match="distance must be a number, an HDHDistance or .*, got a MeasuredDistance"):
        plug_in_bound(0.1, mmd(*X), 0.1, 2)
    with pytest.raises(TypeError, match="n_classes must be a whole number from 2 on, got 2.5"):
        plug_in_bound(0.1, 0.5, 0.1, 2.5)
    with pytest.raises(TypeError, match="source_error must be a number .*, got 'low'"):
        plug_in_bound("low", 0.5, 0.1, 2)


def test_labels_that_do_not_fit_are_refused(rng):
    X = rng.normal(size=(9, 2))
    with pytest.raises(ValueError, match="must hold labels of one type"):
        combined_error(X, np.arange(9) % 2, X, np.array(list("ababababa")))
    with pytest.raises(ValueError, match="leave one class to train on"):
        combined_error(X, np.zeros(9), X, np.zeros(9))
    with pytest.raises(ValueError, match="y_target must have one entry per row"):
        combined_error(X, np.zeros(9), X, np.zeros(8))
