"""Say how sure a number is: intervals and tests on a handful of seeds."""

import math
from collections.abc import Mapping, Sequence
from itertools import product
from statistics import NormalDist, fmean, stdev
from typing import Any

import numpy as np

Interval = tuple[float, float]

SMALLEST_GAP = 0.01
FEWEST_GROUPS = 5  # drawn again with replacement, fewer look sure of what they hardly know
MOST_EXACT = 16  # 2**16 sign patterns take milliseconds; beyond, patterns are drawn


def student_interval(values: Sequence[float], *, level: float = 0.95) -> Interval | None:
    """Return the Student-t interval for the mean of a few measurements.

    The seed is the unit of replication here, so `values` are one number per seed.

    Parameters
    ----------
    values : sequence of float, shape (n_seeds,)
        Measurements in any unit.
    level : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    tuple of two floats, or None
        None below two values: one measurement says nothing of the spread.

    References
    ----------
    Student (1908), "The probable error of a mean", Biometrika 6.

    Examples
    --------
    >>> [round(end, 3) for end in student_interval([1.0, 2.0, 3.0])]
    [-0.484, 4.484]
    >>> student_interval([1.0]) is None
    True
    """
    if len(values) < 2:
        return None
    from scipy.special import stdtrit  # scipy.stats would take a second to import

    half = float(stdtrit(len(values) - 1, (1 + level) / 2)) * stdev(values) / math.sqrt(len(values))
    return fmean(values) - half, fmean(values) + half


def paired_interval(first: Sequence[float], second: Sequence[float], *, n_intervals: int = 1) -> Interval | None:
    """Return the 95 % Student-t interval for the mean of ``first - second``, seed by seed.

    Pairs share initialisation, batch order and data, so their common luck cancels. None below two seeds, and where
    every seed differs by one and the same number other than 0: nothing varied, and nothing tells what might have.

    Parameters
    ----------
    first, second : sequence of float, shape (n_seeds,)
        The same seeds in the same order.
    n_intervals : int
        How many such intervals have to hold at once, with 95 % for all of them together (Bonferroni): whoever looks
        at many methods and names the best must judge it by an interval that is wider by that.

    References
    ----------
    Dunn (1961), "Multiple comparisons among means", JASA 56.

    Raises
    ------
    ValueError
        If the two have different lengths.

    Examples
    --------
    >>> [round(end, 3) for end in paired_interval([0.5, 0.6, 0.7], [0.4, 0.4, 0.4])]
    [-0.048, 0.448]
    >>> [round(end, 3) for end in paired_interval([0.5, 0.6, 0.7], [0.4, 0.4, 0.4], n_intervals=4)]
    [-0.312, 0.712]
    """
    if len(first) != len(second):
        raise ValueError(f"first and second must be pairs, got {len(first)} and {len(second)} values")
    if n_intervals < 1:
        raise ValueError(f"n_intervals must be at least 1, got {n_intervals!r}")
    differences = [a - b for a, b in zip(first, second, strict=True)]
    return None if is_copied(differences) else student_interval(differences, level=1 - 0.05 / n_intervals)


def is_copied(differences: Sequence[float]) -> bool:
    """Return whether all differences are one number other than 0, as where nothing depends on the seed.

    Examples
    --------
    >>> is_copied([0.05, 0.05, 0.05]), is_copied([0.05, 0.06]), is_copied([0.0, 0.0])
    (True, False, False)
    """
    return bool(differences) and max(differences) - min(differences) < 1e-12 < abs(differences[0])


def wilson_interval(k: float, n: int, *, level: float = 0.95) -> Interval:
    """Return the Wilson score interval for a fraction, `k` right of `n`: what a finite test set leaves open.

    Parameters
    ----------
    k, n : float, int
        Right answers and rows, ``0 <= k <= n`` and ``n >= 1``; where a row stands for several, `k` need not be whole.
    level : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    tuple of two floats
        Always within [0, 1], and never empty at 0 or n right answers.

    Raises
    ------
    ValueError
        If there is no row, or `k` is no count of them.

    References
    ----------
    Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.

    Examples
    --------
    >>> [round(end, 3) for end in wilson_interval(8, 10)]
    [0.49, 0.943]
    """
    if n < 1 or not 0 <= k <= n:
        raise ValueError(f"k must lie between 0 and n, and n be at least 1, got k={k!r}, n={n!r}")
    z = NormalDist().inv_cdf((1 + level) / 2)
    centre = (k + z * z / 2) / (n + z * z)
    half = z * math.sqrt(k * (n - k) / n + z * z / 4) / (n + z * z)
    return max(0.0, centre - half), min(1.0, centre + half)


def accuracy_interval(right: Sequence[bool], groups: Sequence[Any] | None = None) -> Interval:
    """Return the 95 % interval of an accuracy on a finite test set.

    Wilson's for independent rows. Rows of one group (a photo, a track) are right or wrong together: then whole groups
    are drawn with replacement, 2,000 times, and the middle 95 % of the accuracies kept. Where there are fewer than five
    groups, or all are alike, that would say that nothing is left open: there it is Wilson's with a group as a row.

    Parameters
    ----------
    right : sequence of bool
        Whether each row was predicted correctly.
    groups : sequence, optional
        What each row belongs to.

    Examples
    --------
    >>> accuracy_interval([True] * 50 + [False] * 50) == wilson_interval(50, 100)
    True
    >>> accuracy_interval([True] * 50 + [False] * 50, [0] * 50 + [1] * 50) == wilson_interval(1, 2)
    True
    """
    answers = np.asarray(right, dtype=float)
    number = None if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    if number is None or number.max() + 1 == len(answers):
        return wilson_interval(int(answers.sum()), len(answers))
    size, good = np.bincount(number), np.bincount(number, weights=answers)
    rng = np.random.default_rng(0)
    times = rng.multinomial(len(size), np.full(len(size), 1 / len(size)), 2000)
    low, high = np.quantile((times @ good) / (times @ size), [0.025, 0.975])
    if len(size) < FEWEST_GROUPS or low == high:
        return wilson_interval(float(answers.mean()) * len(size), len(size))
    return float(low), float(high)


def bootstrap_ratio_interval(
    numerator: Sequence[float], denominator: Sequence[float], *, n_draws: int = 10_000, random_state: int = 0
) -> Interval | None:
    """Return the 95 % percentile interval for ``mean(numerator) / mean(denominator)``, seeds drawn together.

    Parameters
    ----------
    numerator, denominator : sequence of float, shape (n_seeds,)
        For the gap covered: method minus source-only, and train-on-target minus source-only.
    n_draws : int
        Bootstrap samples.
    random_state : int
        The same number gives the same interval.

    Returns
    -------
    tuple of two floats, or None
        None below five seeds, and where a drawn denominator is not above 0: the interval has no end then.

    References
    ----------
    Efron & Tibshirani (1993), "An Introduction to the Bootstrap", chapter 13.

    Examples
    --------
    >>> bootstrap_ratio_interval([0.1, 0.1, 0.1, 0.1, 0.1], [0.2, 0.2, 0.2, 0.2, 0.2])
    (0.5, 0.5)
    """
    if len(numerator) != len(denominator):
        raise ValueError(f"numerator and denominator must be pairs, got {len(numerator)} and {len(denominator)} values")
    n = len(numerator)
    if n < 5:
        return None
    draws = np.random.default_rng(random_state).integers(n, size=(n_draws, n))
    below = np.asarray(denominator, dtype=float)[draws].mean(axis=1)
    if below.min() <= 0:
        return None
    ratios = np.asarray(numerator, dtype=float)[draws].mean(axis=1) / below
    low, high = np.quantile(ratios, [0.025, 0.975])
    return float(low), float(high)


def sign_flip_p_value(differences: Sequence[float]) -> float | None:
    """Return the two-sided p-value of paired differences under random signs.

    If the method made no difference, each seed's sign would be a coin toss; p is the share of all sign
    patterns whose mean is at least as far from 0 as the one seen. Exact up to 16
    seeds; beyond, 100,000 seeded draws.

    Parameters
    ----------
    differences : sequence of float, shape (n_seeds,)
        Method minus source-only, one a seed.

    Returns
    -------
    float in (0, 1], or None
        None below six seeds, where no result could fall under .05 (five seeds: at best 2/32).

    References
    ----------
    Fisher (1935), "The Design of Experiments", section 21.

    Examples
    --------
    >>> sign_flip_p_value([0.1, 0.2, 0.3, 0.1, 0.2, 0.3])
    0.03125
    >>> sign_flip_p_value([0.1, 0.2, 0.3, 0.1, 0.2]) is None
    True
    """
    values = np.asarray(differences, dtype=float)
    if len(values) < 6:
        return None
    # The tolerance counts patterns that tie but for rounding.
    seen = abs(values.sum()) - 1e-12 * np.abs(values).sum()
    if len(values) <= MOST_EXACT:
        signs = np.array(list(product((1, -1), repeat=len(values))))
        return float(np.mean(np.abs(signs @ values) >= seen))
    signs = np.random.default_rng(0).choice((1, -1), size=(100_000, len(values)))
    return float((np.sum(np.abs(signs @ values) >= seen) + 1) / 100_001)


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return p-values corrected for looking at several rows at once (Holm's step-down).

    Parameters
    ----------
    p_values : sequence of float or None
        None stays None and is not counted.

    References
    ----------
    Holm (1979), "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6.

    Examples
    --------
    >>> holm([0.01, None, 0.04, 0.03])
    [0.03, None, 0.06, 0.06]
    """
    order = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, i) in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p))
        corrected[i] = largest
    return corrected


def compare_pairs(own: Mapping[int, float], base: Mapping[int, float]) -> dict[str, Any] | None:
    """Return how a method differs from another, over the seeds that both have; None where they share no seed.

    Parameters
    ----------
    own, base : dict of seed to accuracy
        Fractions.

    Examples
    --------
    >>> versus = compare_pairs({0: 0.75, 1: 1.0, 2: 0.5}, {0: 0.5, 1: 0.5})
    >>> versus["difference"], versus["wins"], versus["n"], versus["p_value"]
    (0.375, 2, 2, None)
    """
    seeds = [seed for seed in own if seed in base]
    if not seeds:
        return None
    differences = [own[seed] - base[seed] for seed in seeds]
    # One lead in all seeds says much where accuracies vary, and nothing where they are copies of each other.
    copies = is_copied(differences) and len({own[seed] for seed in seeds}) == 1
    return {
        "difference": fmean(differences),
        "ci95": paired_interval([own[seed] for seed in seeds], [base[seed] for seed in seeds]),
        "ci95_joint": None,
        "wins": sum(difference > 0 for difference in differences),
        "n": len(seeds),
        "p_value": None if copies else sign_flip_p_value(differences),
        "p_holm": None,
    }


def cover_gap(own: Mapping[int, float], base: Mapping[int, float], top: Mapping[int, float]) -> dict[str, Any]:
    """Return the share of the way from source-only to train-on-target that a method goes: a ratio of means.

    Parameters
    ----------
    own, base, top : dict of seed to accuracy
        The method, source-only and train-on-target; seeds that one of them lacks do not count.

    Returns
    -------
    dict
        `value` (None with its `reason` where the gap is below .01 or its own interval holds 0) and `ci95`.
        Negative values and values above 1 stand as they are.

    References
    ----------
    Ganin & Lempitsky 2015, Table 1 (the figures in brackets).

    Examples
    --------
    >>> cover_gap({0: 0.75}, {0: 0.5}, {0: 1.0})
    {'value': 0.5, 'ci95': None, 'reason': None}
    """
    seeds = [seed for seed in own if seed in base and seed in top]
    if not seeds:
        reason = "it needs source-only and train-on-target in the same seeds"
        return {"value": None, "ci95": None, "reason": reason}
    gained, gap = [own[s] - base[s] for s in seeds], [top[s] - base[s] for s in seeds]
    around = student_interval(gap)
    if fmean(gap) < SMALLEST_GAP - 1e-12:
        return {"value": None, "ci95": None, "reason": "the gap is below 1 point"}
    if around and around[0] <= 0:
        return {"value": None, "ci95": None, "reason": "the 95 % interval of the gap itself holds 0"}
    return {
        "value": fmean(gained) / fmean(gap),
        "ci95": bootstrap_ratio_interval(gained, gap),
        "reason": None,
    }
