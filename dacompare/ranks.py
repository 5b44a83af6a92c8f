"""Rank values, and say how far two orders agree."""

import math
from collections.abc import Sequence

import numpy as np


def average_ranks(values: Sequence[float]) -> list[float]:
    """Return ranks from 1 (smallest) on; ties share the mean of their ranks.

    Examples
    --------
    >>> average_ranks([0.3, 0.1, 0.3])
    [2.5, 1.0, 2.5]
    """
    x = np.asarray(values, dtype=float)
    smaller = (x[None, :] < x[:, None]).sum(axis=1)
    equal = (x[None, :] == x[:, None]).sum(axis=1)
    return [float(rank) for rank in smaller + (equal + 1) / 2]


def spearman(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation: 1 where `b` orders things exactly as `a` does.

    Parameters
    ----------
    a, b : sequence of float, shape (n,)
        Pairs.

    Returns
    -------
    float in [-1, 1], or None
        None below three pairs, or where one side is constant.

    References
    ----------
    Spearman (1904), "The proof and measurement of association between two things".

    Examples
    --------
    >>> spearman([1, 2, 3, 4], [10, 20, 40, 30])
    0.8
    """
    if len(a) != len(b):
        raise ValueError(f"a and b must be pairs, got {len(a)} and {len(b)} values")
    if len(a) < 3 or len(set(a)) < 2 or len(set(b)) < 2:
        return None
    first = np.array(average_ranks(a)) - (len(a) + 1) / 2
    second = np.array(average_ranks(b)) - (len(b) + 1) / 2
    value = float(first @ second) / math.sqrt(float(first @ first) * float(second @ second))
    return max(-1.0, min(1.0, value))
