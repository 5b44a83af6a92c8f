import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from dacompare.divergence.drawing import DrawnRows
from dacompare.divergence.held_out import (
    draw_pair,
    error_and_interval,
    interval_of_distance,
    scale_halves,
    split_halves,
)
from dacompare.domains import Domain
from dacompare.statistics import wilson_interval


def test_rows_are_drawn_and_halved_by_their_numbers_alone(rng):
    # Measures that need labels send them the way of the features: the row numbers must come out the same.
    numbers = np.arange(50.0)[:, None], 100 + np.arange(40.0)[:, None]
    wide = [np.hstack([column, rng.normal(size=(len(column), 3))]) for column in numbers]
    groups = rng.integers(0, 12, 50), rng.integers(6, 20, 40)
    drawn, labelled = (draw_pair(*pair, *groups, 30, 7) for pair in (wide, numbers))
    np.testing.assert_array_equal(drawn.X[:, 0], labelled.X[:, 0])
    for half, numbered in zip(split_halves(drawn, 7), split_halves(labelled, 7), strict=True):
        np.testing.assert_array_equal(half.X[:, 0], numbered.X[:, 0])


def test_no_group_is_in_both_halves_and_training_is_balanced(rng):
    groups = rng.integers(0, 15, 60), rng.integers(10, 30, 80)
    train, test = split_halves(draw_pair(np.zeros((60, 1)), np.ones((80, 1)), *groups, 100, 0), 0)
    assert not set(train.groups) & set(test.groups)
    assert np.bincount(train.domain)[0] == np.bincount(train.domain)[1]


def test_groups_of_a_domain_are_used(rng):
    X = rng.normal(size=(20, 2))
    drawn = draw_pair(Domain(X, groups=np.repeat(np.arange(5), 4)), X, None, None, 100, 0)
    assert len(np.unique(drawn.groups)) == 5 + 20


def test_scales_come_from_the_training_half(rng):
    train, test = (DrawnRows(rng.normal(k, 2, size=(20, 3)), np.repeat([0, 1], 10), None) for k in (0, 5))
    X, X_test, kept = scale_halves(train, test, 0)
    np.testing.assert_allclose(X_test, StandardScaler().fit(train.X).transform(test.X))
    assert kept is None
    np.testing.assert_allclose(X.std(axis=0), 1)


def test_wide_rows_keep_the_directions_of_largest_variance(rng):
    train, test = (DrawnRows(rng.normal(size=(20, 300)), np.repeat([0, 1], 10), None) for _ in range(2))
    X, X_test, kept = scale_halves(train, test, 0)
    assert kept == 20
    scaled = StandardScaler().fit_transform(train.X)
    np.testing.assert_allclose(X.var(axis=0)[:5], PCA(5, svd_solver="full").fit_transform(scaled).var(axis=0))
    assert X_test.shape == (20, 20)


def test_the_error_is_the_mean_of_both_domains():
    test = DrawnRows(np.zeros((6, 1)), np.array([0, 0, 1, 1, 1, 1]), None)
    wrong = np.array([True, False, True, False, False, False])
    error, interval, kind = error_and_interval(wrong, test, 0)
    assert kind == "wilson"
    assert error == (1 / 2 + 1 / 4) / 2
    assert interval == wilson_interval(2, 6)
    assert interval_of_distance(interval) == (2 - 4 * interval[1], 2 - 4 * interval[0])


def test_rows_that_hang_together_widen_the_interval(rng):
    wrong = np.repeat(rng.integers(0, 2, 20).astype(bool), 10)
    domain, groups = np.repeat([0, 1], 100), np.repeat(np.arange(20), 10)
    plain = error_and_interval(wrong, DrawnRows(np.zeros((200, 1)), domain, None), 0)[1]
    grouped = error_and_interval(wrong, DrawnRows(np.zeros((200, 1)), domain, groups), 0)[1]
    assert grouped[1] - grouped[0] > 2 * (plain[1] - plain[0])


def test_few_groups_leave_much_open():
    domain, groups = np.repeat([0, 1], 40), np.repeat(np.arange(4), 20)
    test = DrawnRows(np.zeros((80, 1)), domain, groups)
    assert error_and_interval(np.zeros(80, bool), test, 0) == (0.0, wilson_interval(0, 4), "wilson over groups")
    many = DrawnRows(np.zeros((80, 1)), domain, np.repeat(np.arange(20), 4))
    assert error_and_interval(np.zeros(80, bool), many, 0) == (0.0, wilson_interval(0, 20), "wilson over groups")
    assert error_and_interval(np.arange(80) % 8 < 4, many, 0)[2] == "bootstrap over groups"


def test_of_two_domains_the_one_with_fewer_groups_decides():
    sizes = [np.full(3, 100), np.ones(300, int)]
    groups = np.repeat(np.arange(303), np.concatenate(sizes))
    test = DrawnRows(np.zeros((600, 1)), np.repeat([0, 1], 300), groups)
    wrong = np.concatenate([np.repeat([False, True, False], 100), np.arange(300) % 3 == 0])
    error, interval, kind = error_and_interval(wrong, test, 0)
    assert (error, kind) == (pytest.approx(1 / 3), "wilson over groups")
    assert interval == wilson_interval(error * 6, 6)
    assert interval[1] - interval[0] > 0.5
    shared = DrawnRows(np.zeros((80, 1)), np.repeat([0, 1], 40), np.tile(np.repeat(np.arange(4), 10), 2))
    assert error_and_interval(np.zeros(80, bool), shared, 0)[1] == wilson_interval(0, 4)  # the same four in both


def test_groups_that_cannot_be_halved_are_refused(rng):
    drawn = draw_pair(rng.normal(size=(9, 2)), rng.normal(size=(9, 2)), np.zeros(9, int), np.ones(9, int), 100, 0)
    with pytest.raises(ValueError, match="without rows of one domain; there must be at least two groups"):
        split_halves(drawn, 0)
