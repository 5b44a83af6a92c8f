import numpy as np
import pytest
from scipy.optimize import approx_fprime

from dacompare.divergence.domain_classifiers import CLASSIFIERS
from dacompare.divergence.drawing import DrawnRows
from dacompare.divergence.hdh_pair import Pair, linear_predictor, soft_loss, train_pair, with_ones
from dacompare.divergence.hdh_training import balanced_error


def both(X_source, X_target):
    return DrawnRows(np.concatenate([X_source, X_target]), np.repeat([0, 1], [len(X_source), len(X_target)]), None)


def value(rows, pair):
    return 2 - 4 * balanced_error(pair.says_target(rows.X), rows.domain)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_the_gradient_is_that_of_the_loss(rng, n_classes, sign):
    rows = both(rng.normal(size=(7, 3)), rng.normal(size=(5, 3)))
    weights = rng.normal(size=(2, n_classes, 4))

    def loss(flat):
        return soft_loss(flat.reshape(weights.shape), rows, 0.1, sign)[0]

    expected = approx_fprime(weights.ravel(), loss, 1e-7)
    np.testing.assert_allclose(soft_loss(weights, rows, 0.1, sign)[1].ravel(), expected, atol=1e-6)


def test_sharp_weights_make_the_loss_the_difference_of_disagreements(rng):
    rows = both(rng.normal(size=(40, 2)), rng.normal(1, size=(50, 2)))
    weights = 1e7 * rng.normal(size=(2, 3, 3))
    first, second = ((with_ones(rows.X) @ W.T).argmax(axis=1) for W in weights)
    differ = first != second
    difference = differ[rows.domain == 0].mean() - differ[rows.domain == 1].mean()
    for sign in (1, -1):
        assert soft_loss(weights, rows, 0.0, sign)[0] == pytest.approx(-sign * difference, abs=1e-6)
        # The fixed XOR is a domain classifier with the same value: 2 (1 − 2ε).
        assert value(rows, Pair(weights, sign)) == pytest.approx(2 * sign * difference)


def test_a_pair_of_halfspaces_is_an_interval_and_finds_the_wider_domain(rng):
    # N(0, 1) against N(0, 9): best is an interval |x| < t where the densities cross; twice the total variation.
    train, test = (both(rng.normal(size=(1000, 1)), 3 * rng.normal(size=(1000, 1))) for _ in range(2))
    t2 = 2 * 9 * np.log(3) / 8
    inside = [np.mean(test.X[test.domain == side] ** 2 < t2) for side in (0, 1)]
    best = 2 * (inside[0] - inside[1])
    assert best == pytest.approx(0.968, abs=0.1)
    pair, _ = train_pair(train, linear_predictor(train.X[:1000], np.arange(1000) % 2, 2), 1, 0)
    assert value(test, pair) == pytest.approx(best, abs=0.06)


def bands(rng, n):
    """Return source rows in two bands on a line, between target rows in three."""
    source, target = rng.choice([-1.5, 1.5], size=(n, 1)), rng.choice([-3.0, 0.0, 3.0], size=(n, 1))
    return both(*(X + 0.1 * rng.normal(size=X.shape) for X in (source, target)))


def test_more_classes_can_disagree_in_more_places(rng):
    train, test = bands(rng, 300), bands(rng, 300)
    two, six = (train_pair(train, linear_predictor(train.X[:300], np.arange(300) % K, K), 1, 0)[0] for K in (2, 6))
    # Two halfspaces cut out one interval: both source bands with one target band of three, 2 (1 − 1/3).
    assert value(test, two) < 4 / 3 + 0.25
    assert value(test, six) > 1.9


def test_nothing_is_found_where_there_is_nothing():
    values = []
    for seed in range(12):
        train, test = (both(*X) for X in np.random.default_rng(seed).normal(size=(2, 2, 60, 3)))
        values.append(value(test, train_pair(train, np.zeros((2, 4)), 0, seed)[0]))
    assert abs(np.mean(values)) < 0.2  # three standard errors
    assert min(values) < 0 < max(values)


def test_the_predictor_is_the_logistic_regression_and_leaves_absent_classes_out(rng):
    X = rng.normal(size=(90, 2))
    codes = np.array([0, 1, 3])[np.digitize(X[:, 0], [-0.5, 0.5])]
    weights = linear_predictor(X, codes, 5)
    assert weights.shape == (5, 3)
    said = (with_ones(X) @ weights.T).argmax(axis=1)
    assert set(said) <= {0, 1, 3}
    np.testing.assert_array_equal(said, CLASSIFIERS["logistic"].fit(0.1, X, codes, 0).predict(X))
    alone = linear_predictor(X, np.full(90, 2), 4)
    assert set((with_ones(X) @ alone.T).argmax(axis=1)) == {2}


def test_equal_rows_and_more_classes_than_rows_do_no_harm():
    rows = both(np.zeros((3, 2)), np.zeros((3, 2)))
    pair, _ = train_pair(rows, linear_predictor(rows.X[:3], np.array([0, 1, 2]), 9), 1, 0)
    assert abs(value(rows, pair)) == pytest.approx(0)
