import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from dacompare.divergence.sliced_wasserstein import _distance, sliced_wasserstein


def test_two_gaussians_are_as_far_as_the_closed_form_says(rng):
    # Along a direction θ: W₂² = (θᵀδ)² + (σ − τ)²; on average over θ: ‖δ‖²/d + (σ − τ)².
    delta = np.array([2.0, 0.0, 0.0, 1.0])
    X_source, X_target = rng.normal(size=(4000, 4)), 2.5 * rng.normal(size=(4000, 4)) + delta
    found = sliced_wasserstein(X_source, X_target, n_directions=400, n_permutations=0)
    assert found.value == pytest.approx(np.sqrt(5 / 4 + 1.5**2), rel=0.04)


def test_in_one_dimension_a_shift_costs_its_length(rng):
    X = rng.normal(size=(30, 1))
    assert sliced_wasserstein(X, X[::-1] + 2.5, n_permutations=0).value == pytest.approx(2.5)
    # |x − y| is constant here, so that W₁ = W₂.
    assert wasserstein_distance(X[:, 0], X[:, 0] + 2.5) == pytest.approx(2.5)


def test_rows_are_matched_in_order(rng):
    X, Y = rng.normal(size=(25, 1)), 3 * rng.normal(size=(25, 1)) - 1
    expected = np.sqrt(((np.sort(X[:, 0]) - np.sort(Y[:, 0])) ** 2).mean())
    assert sliced_wasserstein(X, Y, n_permutations=0).value == pytest.approx(expected)


def test_permuted_groups_of_other_sizes_are_matched_by_quantile():
    ordered = np.array([[0.0, 0.0, 5.0, 5.0, 5.0, 5.0]])
    # Two rows at 0 against four at 5, and 0, 5 against 0, 5, 5, 5: half of the mass stays, a quarter moves.
    assert _distance(ordered, np.array([[0, 0, 1, 1, 1, 1]])) == 5
    assert _distance(ordered, np.array([[0, 1, 0, 1, 1, 1]])) == pytest.approx(np.sqrt(25 / 4))


def test_a_rotation_of_both_domains_changes_little_and_a_factor_scales(rng):
    X, Y = rng.normal(size=(200, 3)), rng.normal(size=(200, 3)) + 1
    found = sliced_wasserstein(X, Y, n_directions=2000, n_permutations=0).value
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    assert sliced_wasserstein(X @ turn, Y @ turn, n_directions=2000, n_permutations=0).value == pytest.approx(
        found, rel=0.05
    )
    assert sliced_wasserstein(7 * X, 7 * Y, n_directions=2000, n_permutations=0).value == pytest.approx(7 * found)


def test_chance_alone_gives_a_distance_and_the_test_says_so(rng):
    # A draw is significant by chance now and then, but not most of five.
    nulls = [sliced_wasserstein(*rng.normal(size=(2, 60, 3))) for _ in range(5)]
    assert min(null.value for null in nulls) > 0.05
    assert np.median([null.value / null.details["null_mean"] for null in nulls]) < 2
    assert np.median([null.p_value for null in nulls]) > 0.02
    X = rng.normal(size=(2, 60, 3))
    far = sliced_wasserstein(X[0], X[1] + 1)
    assert far.p_value < 0.02
    assert far.value > 2 * far.details["null_mean"]


def test_no_direction_is_refused(rng):
    with pytest.raises(ValueError, match="n_directions must be a whole number from 1 on, got 0"):
        sliced_wasserstein(rng.normal(size=(9, 2)), rng.normal(size=(9, 2)), n_directions=0)
