import numpy as np
import pytest

from dacompare.divergence import proxy_a_distance
from dacompare.divergence.optimistic import JOURNAL_CS, optimistic_proxy_a_distance


def null(seed):
    return np.random.default_rng(seed).normal(size=(2, 80, 10))


def test_it_is_never_below_the_honest_one_and_above_it_on_average():
    pairs = [
        (optimistic_proxy_a_distance(*null(s), random_state=s).value, proxy_a_distance(*null(s), random_state=s).value)
        for s in range(30)
    ]
    # The honest C is one of the ten, on the same halves: the best of ten can only look better.
    excess = np.array([optimistic - honest for optimistic, honest in pairs])
    assert excess.min() >= -1e-12
    assert excess.mean() > 0.02


def test_folding_turns_noise_into_a_distance():
    folded = [optimistic_proxy_a_distance(*null(seed), fold=True, random_state=seed) for seed in range(20)]
    plain = [optimistic_proxy_a_distance(*null(seed), random_state=seed) for seed in range(20)]
    assert min(distance.value for distance in folded) >= 0
    assert min(distance.value for distance in plain) < 0
    assert np.mean([distance.value for distance in folded]) > 0.12
    for one, other in zip(folded, plain, strict=True):
        assert one.errors == {C: min(error, 1 - error) for C, error in other.errors.items()}


def test_it_is_the_smallest_of_ten_errors():
    distance = optimistic_proxy_a_distance(*null(0))
    assert tuple(distance.errors) == JOURNAL_CS
    np.testing.assert_allclose(JOURNAL_CS, np.logspace(-5, 4, 10))
    assert distance.domain_error == min(distance.errors.values()) == distance.errors[distance.C]
    assert float(distance) == 2 * (1 - 2 * distance.domain_error)
    assert (distance.n_per_domain, distance.n_features) == (80, 10)


def test_groups_are_on_one_side(rng):
    X = np.repeat(rng.normal(size=(2, 30, 60)), 8, axis=1)
    groups = np.repeat(np.arange(30), 8)
    cheated = optimistic_proxy_a_distance(*X)
    honest = optimistic_proxy_a_distance(*X, groups_source=groups, groups_target=groups + 30)
    assert cheated.value > 1.8
    assert honest.value < 1


def test_bad_input_is_named(rng):
    with pytest.raises(ValueError, match="X_target holds 1 NaN"):
        optimistic_proxy_a_distance(np.zeros((5, 1)), np.array([[0.0], [1], [np.nan], [2]]))
