"""Deal the domains out again at random, to see what no distance looks like."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dacompare.checks import check_count
from dacompare.divergence.drawing import DrawnRows

Statistic = Callable[[NDArray[np.int64]], float]
FEWEST = 2  # rows of a domain that a covariance or an unbiased mean needs


def permutation_test(
    statistic: Statistic, drawn: DrawnRows, n_permutations: int, random_state: int, *, null_factor: float = 1.0
) -> tuple[float, float | None, float | None]:
    """Return a statistic of two domains, its p-value, and its mean where the domains are dealt out at random.

    Parameters
    ----------
    statistic : callable
        Domain of each row (0 source, 1 target) -> float, larger where domains are farther apart.
    drawn : DrawnRows
    n_permutations : int
        0: no test, and None for the p-value and the mean.
    random_state : int
    null_factor : float
        What values of dealt domains are multiplied by, where dealing makes them smaller than those of domains drawn
        from one distribution.

    Returns
    -------
    value, p_value, null_mean

    References
    ----------
    Phipson & Smyth 2010, Permutation p-values should never be zero: the seen order counts as one of them.

    Examples
    --------
    >>> drawn = DrawnRows(np.arange(8.0)[:, None], np.repeat([0, 1], 4), None)
    >>> value, p_value, _ = permutation_test(lambda side: drawn.X[side == 1].sum(), drawn, 99, 0)
    >>> float(value), p_value < 0.05
    (22.0, True)
    """
    value = float(statistic(drawn.domain))
    dealt = deal_domains(drawn, n_permutations, random_state)
    if not len(dealt):
        return value, None, None
    null = null_factor * np.array([statistic(domain) for domain in dealt])
    return value, p_value_of(value, null), float(null.mean())


def p_value_of(value: float, null: NDArray[np.float64]) -> float:
    """Return the share of values, the seen one among them, that are at least as large as the seen one.

    Examples
    --------
    >>> p_value_of(3.0, np.array([1.0, 2.0, 3.0]))
    0.5
    """
    tolerance = 1e-12 * max(abs(value), float(np.abs(null).max()))  # ties but for rounding count
    return float((1 + (null >= value - tolerance).sum()) / (1 + len(null)))


def deal_domains(drawn: DrawnRows, n_permutations: int, random_state: int) -> NDArray[np.int64]:
    """Return the domains of the rows, dealt out at random, as often as asked for.

    Without groups, rows change places. With groups, whole groups do: those of one domain change domains with
    each other; one that has rows of both exchanges the two, or not, by the toss of a coin. So rows that hang
    together stay together, and two domains whose groups come from one distribution are exchangeable. Where groups of
    the two differ much in size, so do the dealt domains: a p-value then errs on the safe side.

    Returns
    -------
    ndarray of shape (n_dealt, n_rows)
        Less than `n_permutations` of them where a dealing leaves a domain with fewer than two rows.

    Raises
    ------
    ValueError
        For a negative number.

    Examples
    --------
    >>> drawn = DrawnRows(np.zeros((6, 1)), np.array([0, 0, 0, 1, 1, 1]), np.array([7, 7, 7, 8, 8, 8]))
    >>> sorted({tuple(row) for row in deal_domains(drawn, 20, 0).tolist()})
    [(0, 0, 0, 1, 1, 1), (1, 1, 1, 0, 0, 0)]
    """
    check_count("n_permutations", n_permutations, at_least=0)
    rng = np.random.default_rng(random_state)
    rows = np.tile(drawn.domain, (n_permutations, 1))
    dealt = rng.permuted(rows, axis=1) if drawn.groups is None else _deal_groups(rows, drawn.groups, rng)
    n_target = dealt.sum(axis=1)
    return dealt[(n_target >= FEWEST) & (n_target <= dealt.shape[1] - FEWEST)]


def _deal_groups(rows: NDArray[np.int64], groups: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    if not len(rows):
        return rows
    _, group = np.unique(groups, return_inverse=True)
    n_rows, n_target = np.bincount(group), np.bincount(group, weights=rows[0])
    mixed = (n_target > 0) & (n_target < n_rows)
    swapped = np.zeros((len(rows), len(n_rows)), np.int64)
    swapped[:, mixed] = rng.integers(0, 2, size=(len(rows), int(mixed.sum())))
    side = np.tile((n_target[~mixed] > 0).astype(np.int64), (len(rows), 1))
    swapped[:, ~mixed] = rng.permuted(side, axis=1) ^ side
    return rows ^ swapped[:, group]
