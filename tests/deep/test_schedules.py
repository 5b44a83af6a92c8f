import math
from itertools import pairwise

import pytest

from dacompare.deep.schedules import adaptation_factor, learning_rate


@pytest.mark.parametrize(
    ("p", "expected"), [(0.0, 0.0), (0.1, 0.46212), (0.2, 0.76159), (0.5, 0.98661), (1.0, 0.99991)]
)
def test_adaptation_factor_follows_equation_14(p, expected):
    assert adaptation_factor(p) == pytest.approx(expected, abs=1e-5)


def test_gamma_zero_never_adapts():
    assert adaptation_factor(0.7, gamma=0.0) == 0.0


def test_learning_rate_follows_equation_13():
    assert learning_rate(0.0, 0.01) == 0.01
    assert learning_rate(1.0, 0.01) == pytest.approx(0.01 / 11**0.75)
    assert learning_rate(0.5, 1.0, alpha=2.0, beta=2.0) == pytest.approx(0.25)


def test_learning_rate_falls_and_the_factor_rises():
    steps = [k / 50 for k in range(51)]
    rates, factors = [learning_rate(p) for p in steps], [adaptation_factor(p) for p in steps]
    assert all(a > b for a, b in pairwise(rates))
    assert all(a < b for a, b in pairwise(factors))
    assert math.isclose(rates[-1], 0.1656 * 0.01, rel_tol=1e-3)
