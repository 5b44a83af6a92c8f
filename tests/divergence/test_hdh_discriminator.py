import numpy as np
import pytest
from scipy.optimize import approx_fprime

from dacompare.divergence.drawing import DrawnRows
from dacompare.divergence.hdh_discriminator import SPARE, Discriminator, _exact_xor, _flat, train_discriminator
from dacompare.divergence.hdh_pair import Pair, linear_predictor, train_pair
from dacompare.divergence.hdh_training import balanced_error


def both(X_source, X_target):
    return DrawnRows(np.concatenate([X_source, X_target]), np.repeat([0, 1], [len(X_source), len(X_target)]), None)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_gradient_is_that_of_the_loss(rng, n_classes):
    rows = both(rng.normal(size=(7, 3)), rng.normal(size=(5, 3)))
    hidden = n_classes + SPARE
    weights = rng.normal(size=2 * n_classes * 4 + hidden * (2 * n_classes + 1) + hidden + 1)

    def loss(flat):
        return Discriminator(flat, n_classes, 3).loss(rows, 0.1)[0]

    expected = approx_fprime(weights, loss, 1e-7)
    np.testing.assert_allclose(Discriminator(weights, n_classes, 3).loss(rows, 0.1)[1], expected, atol=1e-6)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_head_it_starts_from_is_the_xor_of_the_pair(rng, sign):
    X = rng.normal(size=(200, 3))
    pair = Pair(1e3 * rng.normal(size=(2, 4, 4)), sign)
    start = Discriminator(_flat(pair.weights, *_exact_xor(4, sign, rng)), 4, 3)
    np.testing.assert_array_equal(start.says_target(X), pair.says_target(X))


def test_it_knows_what_the_pair_cannot(rng):
    # Four bands on a line, of either domain by turns. Two halfspaces cut out one interval, so that one band is
    # wrong, half a domain: an error of 1/4. The discriminator may cut at each of the three gaps.
    def bands(n):
        source, target = rng.choice([-3.0, 1.0], size=(n, 1)), rng.choice([-1.0, 3.0], size=(n, 1))
        return both(*(X + 0.1 * rng.normal(size=X.shape) for X in (source, target)))

    train, test = bands(200), bands(200)
    predictor = linear_predictor(train.X[:200], (train.X[:200, 0] > 0).astype(int), 2)
    pair, draft = train_pair(train, predictor, 1, 0)
    discriminator = train_discriminator(train, predictor, draft, 2, 0)
    assert balanced_error(pair.says_target(test.X), test.domain) > 0.15
    assert balanced_error(discriminator.says_target(test.X), test.domain) < 0.02


def test_same_seed_same_weights(rng):
    rows = both(rng.normal(size=(30, 2)), rng.normal(1, size=(30, 2)))
    predictor = np.zeros((2, 3))
    pair = Pair(rng.normal(size=(2, 2, 3)), 1)
    first, again = (train_discriminator(rows, predictor, pair, 1, 5).weights for _ in range(2))
    np.testing.assert_array_equal(first, again)
