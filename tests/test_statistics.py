"""Intervals, tests and ranks against values worked out by hand or printed in tables."""

import math

import numpy as np
import pytest

from dacompare.statistics import (
    accuracy_interval,
    bootstrap_ratio_interval,
    compare_pairs,
    cover_gap,
    holm,
    paired_interval,
    sign_flip_p_value,
    student_interval,
    wilson_interval,
)


def test_student_interval_uses_the_tabulated_quantile():
    # Five values: mean 3, sd sqrt(2.5), t(.975, 4) = 2.776445 in every table.
    low, high = student_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    half = 2.776445 * math.sqrt(2.5 / 5)
    assert (low, high) == pytest.approx((3 - half, 3 + half), abs=1e-5)


def test_one_value_has_no_interval():
    assert student_interval([0.5]) is None
    assert student_interval([]) is None


def test_equal_values_have_an_interval_without_width():
    assert student_interval([0.5, 0.5, 0.5]) == (0.5, 0.5)


def test_pairing_removes_what_both_share():
    luck = [0.0, 0.2, 0.4, 0.1]
    own = [x + 0.1 + d for x, d in zip(luck, (0.001, -0.001, 0.0, 0.0), strict=True)]
    assert paired_interval(own, luck) == pytest.approx((0.1, 0.1), abs=0.002)


def test_copies_of_one_difference_have_no_interval():
    assert paired_interval([0.5] * 9, [0.4] * 9) is None
    assert paired_interval([0.1 + 0.2] * 3, [0.3] * 3) == pytest.approx((0.0, 0.0), abs=1e-12)
    assert compare_pairs(dict.fromkeys(range(9), 0.5), dict.fromkeys(range(9), 0.4))["p_value"] is None


def test_pairs_must_match():
    with pytest.raises(ValueError, match="got 2 and 1 values"):
        paired_interval([0.1, 0.2], [0.1])


def test_wilson_interval_by_hand():
    # k = 50 of 100: centre .5, half width z sqrt(n/4 + z²/4) / (n + z²).
    z = 1.959964
    half = z * math.sqrt(25 + z * z / 4) / (100 + z * z)
    assert wilson_interval(50, 100) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-6)


def test_wilson_interval_stays_inside_and_open_at_the_ends():
    low, high = wilson_interval(0, 10)
    assert low == 0.0
    assert high == pytest.approx(0.2775, abs=1e-4)
    assert 1 - 1e-12 < wilson_interval(10, 10)[1] <= 1


@pytest.mark.parametrize(("k", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_wilson_interval_refuses_what_is_no_count(k, n):
    with pytest.raises(ValueError, match=f"got k={k}, n={n}"):
        wilson_interval(k, n)


def test_bootstrap_needs_five_seeds_and_a_gap():
    assert bootstrap_ratio_interval([0.1] * 4, [0.2] * 4) is None
    assert bootstrap_ratio_interval([0.1] * 5, [0.2, 0.2, 0.2, 0.2, -2.0]) is None


def test_bootstrap_interval_holds_the_ratio_and_repeats():
    numerator, denominator = [0.10, 0.12, 0.08, 0.11, 0.09], [0.2, 0.21, 0.19, 0.2, 0.2]
    low, high = bootstrap_ratio_interval(numerator, denominator)
    assert 0.4 < low < 0.5 < high < 0.6
    assert bootstrap_ratio_interval(numerator, denominator) == (low, high)


def test_sign_flip_counts_all_patterns():
    # All of one sign: only the pattern itself and its mirror are as far, 2 of 64.
    assert sign_flip_p_value([1, 2, 3, 4, 5, 6]) == 2 / 64
    # One loss of the smallest size: sums 21 - 2 = 19 and 21 are reached by 4 patterns.
    assert sign_flip_p_value([-1, 2, 3, 4, 5, 6]) == 4 / 64
    assert sign_flip_p_value([0.1, -0.1, 0.1, -0.1, 0.1, -0.1]) == 1.0


def test_sign_flip_is_null_below_six_seeds():
    assert sign_flip_p_value([1, 2, 3, 4, 5]) is None


def test_sign_flip_over_many_seeds_is_drawn_and_repeats():
    p = sign_flip_p_value([0.1] * 20)
    assert p == sign_flip_p_value([0.1] * 20)
    assert 0 < p < 0.001


def test_holm_by_hand():
    # Sorted .01 .02 .04 → 3(.01), max(.03, 2(.02)), max(.04, .04).
    assert holm([0.04, 0.01, None, 0.02]) == pytest.approx([0.04, 0.03, None, 0.04])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_a_comparison_uses_the_seeds_of_both():
    versus = compare_pairs({0: 0.6, 1: 0.4, 7: 0.9}, {0: 0.5, 1: 0.5, 3: 0.1})
    assert versus["difference"] == pytest.approx(0.0)
    assert (versus["wins"], versus["n"]) == (1, 2)
    assert compare_pairs({0: 0.6}, {1: 0.5}) is None


def test_gap_is_a_ratio_of_means():
    gap = cover_gap({0: 0.6, 1: 0.8, 2: 0.5}, {0: 0.5, 1: 0.5, 2: 0.5}, {0: 1.0, 1: 0.9, 2: 0.9})
    # (.1 + .3 + 0) / (.5 + .4 + .4); the mean of ratios would be (.2 + .75 + 0) / 3.
    assert gap["value"] == pytest.approx(0.4 / 1.3)
    assert gap["ci95"] is None


@pytest.mark.parametrize(("own", "covered"), [(0.4, -0.2), (1.1, 1.2)])
def test_gaps_below_nothing_and_above_all_stand(own, covered):
    assert cover_gap({0: own}, {0: 0.5}, {0: 1.0})["value"] == pytest.approx(covered)


def test_gap_is_null_with_its_reason():
    small = cover_gap({0: 0.6}, {0: 0.5}, {0: 0.505})
    assert small == {"value": None, "ci95": None, "reason": "the gap is below 1 point"}
    unsure = cover_gap({0: 0.6, 1: 0.6}, {0: 0.5, 1: 0.5}, {0: 0.9, 1: 0.49})
    assert unsure["reason"] == "the 95 % interval of the gap itself holds 0"
    missing = cover_gap({0: 0.6}, {0: 0.5}, {})
    assert "needs source-only and train-on-target" in missing["reason"]


def test_rows_of_one_group_are_no_independent_evidence():
    right = np.repeat(np.random.default_rng(0).random(40) < 0.6, 25)
    groups = np.repeat(np.arange(40), 25)
    alone, together = accuracy_interval(right), accuracy_interval(right, groups)
    assert together[0] < alone[0] < right.mean() < alone[1] < together[1]
    assert accuracy_interval(right, groups) == together


def test_groups_of_one_row_each_change_nothing():
    right = np.arange(50) < 30
    assert accuracy_interval(right, np.arange(50)) == accuracy_interval(right) == wilson_interval(30, 50)


@pytest.mark.parametrize(
    ("right", "groups"), [([True] * 30, [0] * 10 + [1] * 10 + [2] * 10), ([True, False] * 50, [0] * 100)]
)
def test_few_groups_leave_much_open(right, groups):
    assert accuracy_interval(right, groups) == wilson_interval(np.mean(right) * len(set(groups)), len(set(groups)))


def test_groups_that_are_all_right_leave_open_what_their_number_leaves():
    assert accuracy_interval([True] * 100, np.repeat(np.arange(50), 2)) == wilson_interval(50, 50)


def test_one_lead_in_all_seeds_has_a_p_value_where_accuracies_vary():
    base = dict(enumerate([0.5, 0.54, 0.58, 0.48, 0.56, 0.52]))
    versus = compare_pairs({seed: value + 0.02 for seed, value in base.items()}, base)
    assert (versus["ci95"], versus["p_value"]) == (None, 2 / 64)
    copies = compare_pairs(dict.fromkeys(range(6), 0.52), dict.fromkeys(range(6), 0.5))
    assert (copies["ci95"], copies["p_value"]) == (None, None)


def test_a_gap_of_one_point_is_one_whatever_its_last_digit():
    assert cover_gap({0: 0.57}, {0: 0.56}, {0: 0.57})["value"] == pytest.approx(1.0)
