from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import norm

from dacompare.selection import Candidate, score_candidate
from dacompare.selection.dev import dev_risk

# Source N(0, 1), target N(1, 1), errors in (½, 1½).
TARGET_RISK = norm.cdf(0.5) - norm.cdf(-0.5)
SOURCE_RISK = norm.cdf(1.5) - norm.cdf(0.5)


def draw(rng, n):
    x = rng.normal(size=n)
    return x, (x > 0.5) & (x < 1.5), x - 0.5


def test_it_is_the_formula_written_out(rng):
    losses, logs = rng.random(40), rng.normal(size=40)
    w = np.exp(logs)
    eta = -np.cov(w * losses, w)[0, 1] / np.var(w, ddof=1)
    assert dev_risk(losses, logs) == pytest.approx(np.mean(w * losses) + eta * np.mean(w) - eta, rel=1e-12)


def test_with_the_true_ratio_it_is_the_target_risk_and_varies_less(rng):
    plain, steadied = [], []
    for _ in range(1500):
        _, errors, logs = draw(rng, 1000)
        plain.append(np.mean(np.exp(logs) * errors))
        steadied.append(dev_risk(errors, logs))
    standard_error = np.std(steadied) / np.sqrt(1500)
    # Estimating η from the same rows costs a bias of the order 1/n = 0.001.
    assert np.mean(steadied) == pytest.approx(TARGET_RISK, abs=4 * standard_error + 0.002)
    # The variance left is 1 − corr²(w ℓ, w) of the plain one: here about 0.9.
    assert np.var(steadied) < np.var(plain)


def test_the_control_variate_takes_out_all_variance_of_a_constant_loss(rng):
    # Provably: with ℓ = 1, w ℓ = w, η = −1 and the value is exactly 1, whatever the weights.
    assert dev_risk(np.ones(30), rng.normal(size=30)) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("log_weight", [20.0, 35.0, 50.0])
def test_one_heavy_row_takes_no_digits_from_the_others(rng, log_weight):
    """Beyond 35 one weight has more digits than a float: the value must not be what is left of a cancellation."""
    logs = np.append(rng.normal(size=20), log_weight)
    assert dev_risk(np.ones(21), logs) == 1.0
    losses = np.append(rng.random(20), 0.25)
    exact = [Fraction(float(value)) for value in losses]
    weights = [Fraction(float(value)) for value in np.exp(logs)]
    mean = sum(weights) / 21
    product = sum(w * loss for w, loss in zip(weights, exact, strict=True)) / 21
    both = sum((w - mean) * (w * loss - product) for w, loss in zip(weights, exact, strict=True))
    eta = -both / sum((w - mean) ** 2 for w in weights)
    assert dev_risk(losses, logs) == pytest.approx(float(product + eta * mean - eta), rel=1e-9)


def test_with_a_learned_ratio_it_is_near_the_target_risk(rng):
    x, errors, _ = draw(rng, 4000)
    y = np.zeros(4000, int)
    source = rng.normal(size=(4000, 1))
    parts = {"source_test_features": x[:, None], "target_features": rng.normal(1.0, size=(4000, 1))}
    value = score_candidate("dev", Candidate(y, errors.astype(int), **parts, source_features=source)).value
    assert value == pytest.approx(TARGET_RISK, abs=0.05)
    assert value - SOURCE_RISK > 0.08


def test_equal_weights_give_the_plain_error_whatever_their_size(rng):
    losses = np.array([1.0, 0.0, 0.0, 1.0, 0.0])
    for level in (-800.0, -3.0, 0.0, 3.0, 800.0):
        noise = 1e-9 * rng.normal(size=5)
        assert dev_risk(losses, level + noise) == pytest.approx(0.4)
    assert dev_risk([1.0], [5.0]) == 1.0


def test_features_without_information_give_the_plain_error(rng):
    y = rng.integers(0, 2, 53)
    wrong = np.where(np.arange(53) < 13, 1 - y, y)
    c = Candidate(y, wrong, source_test_features=np.ones((53, 2)), target_features=np.ones((37, 2)))
    assert score_candidate("dev", c).value == pytest.approx(13 / 53)


def test_weights_that_would_underflow_or_overflow_are_finite(rng):
    losses, logs = rng.integers(0, 2, 30), rng.normal(size=30)
    tiny = dev_risk(losses, logs - 2000)
    w = np.exp(logs)
    # As w → 0 only −η is left: the slope of w ℓ on w.
    assert tiny == pytest.approx(np.cov(w * losses, w)[0, 1] / np.var(w, ddof=1))
    assert np.isfinite(dev_risk(losses, logs + 2000))


def test_it_can_leave_the_range_of_a_risk():
    # Of weights whose mean is far from 1 the control variate extrapolates: the slope of w ℓ on w is negative here.
    assert dev_risk([0, 0, 0, 1], np.log([0.4, 0.4, 0.4, 0.1])) < 0
    assert dev_risk([0, 0, 0, 1], np.log([8.0, 8.0, 8.0, 2.0])) > 1


def test_a_single_row_and_missing_parts(rng):
    y, Z = np.array(["cat"]), np.zeros((1, 2))
    assert score_candidate("dev", Candidate(y, y, Z, Z, source_features=Z)).value == 0.0
    assert score_candidate("dev", Candidate(y, y, Z, Z)).value is None
    assert score_candidate("dev", Candidate(y, y)).reason == "needs source_test_features, target_features"
