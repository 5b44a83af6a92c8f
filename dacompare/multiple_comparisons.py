"""Allow for looking at many rows at once, where one of them is bound to look good by luck."""

from collections.abc import Sequence

from dacompare.statistics import Interval


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


def widen_interval(interval: Interval, n: int, looks: int) -> Interval:
    """Return the interval that holds for all of several looks at once with 95 %: Bonferroni's.

    Who takes the best of many rows and then asks whether it is better than nothing has looked as many times as there
    are rows.

    Parameters
    ----------
    interval : tuple of two floats
        Student's 95 % interval of one mean.
    n : int
        Values behind it, at least 2.
    looks : int
        How many such intervals there are, at least 1.

    References
    ----------
    Dunn (1961), "Multiple comparisons among means", JASA 56.

    Examples
    --------
    >>> [round(end, 3) for end in widen_interval((-1.0, 3.0), 5, 12)]
    [-2.991, 4.991]
    """
    if looks == 1:
        return interval
    from scipy.special import stdtrit  # scipy.stats would take a second to import

    centre, half = sum(interval) / 2, (interval[1] - interval[0]) / 2
    factor = float(stdtrit(n - 1, 1 - 0.025 / looks) / stdtrit(n - 1, 0.975))
    return centre - factor * half, centre + factor * half
