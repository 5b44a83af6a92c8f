"""Split rows at random into training and test rows, by class, with every group on one side."""

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

Seed = int | np.random.SeedSequence


def split_rows(
    y: np.ndarray | None,
    groups: np.ndarray | None,
    test_size: float = 0.2,
    random_state: Seed = 0,
    *,
    n_rows: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a test set that keeps the share of every class and never cuts a group in two.

    A group counts for the class that most of its rows have (ties: the smaller label). Within each class the
    groups are shuffled, and the first of them are the test set: as many as come nearest to `test_size` of
    the rows, but at least one and not all. Rows without groups are groups of one; a class with one group
    stays in training. So this is a StratifiedShuffleSplit without groups, and a GroupShuffleSplit within
    each class with them.

    Parameters
    ----------
    y : ndarray of shape (n,) or None
        Labels; None: not stratified.
    groups : ndarray of shape (n,) or None
        Group identities; None: every row on its own.
    test_size : float
        Share of the rows to test on, in (0, 1).
    random_state : int or SeedSequence
        Same value, same split.
    n_rows : int, optional
        Number of rows; needed where both `y` and `groups` are None.

    Returns
    -------
    train_rows, test_rows : ndarray of int
        Row numbers, sorted; together every row once.

    Raises
    ------
    ValueError
        For a share outside (0, 1), and where there are fewer than two groups to share out.

    Examples
    --------
    >>> train, test = split_rows(np.repeat([0, 1], 10), None, test_size=0.2)
    >>> len(train), len(test)
    (16, 4)
    """
    _check_share(test_size)
    n = _count(y, groups, n_rows)
    _, group_of_row = (None, np.arange(n)) if groups is None else np.unique(groups, return_inverse=True)
    strata = _majority_class(y, group_of_row)
    test_groups = _draw_groups(group_of_row, strata, test_size, random_state)
    if not len(test_groups):  # every class has one group: better a test set of other proportions than none
        test_groups = _draw_groups(group_of_row, np.zeros_like(strata), test_size, random_state)
    if not len(test_groups):
        raise ValueError(
            f"a test set needs at least two groups (or rows) to share out, got {len(strata)}; give a test"
            " set, or go without one."
        )
    in_test = np.isin(group_of_row, test_groups)
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def split_rows_beside(
    y: np.ndarray | None,
    groups: np.ndarray,
    test_size: float,
    random_state: Seed,
    *,
    train_groups: Collection[Any],
    test_groups: Collection[Any],
) -> tuple[np.ndarray, np.ndarray]:
    """Split rows as `split_rows` does, but follow what another domain has done with the groups they share.

    Groups that the other domain trains on are trained on here, groups that it tests on are tested on;
    the rest are drawn. So one digit, seen in two domains, never teaches in one and examines in the other.

    Parameters
    ----------
    y, groups, test_size, random_state
        As in `split_rows`.
    train_groups, test_groups : collection
        Group identities that the other domain trains and tests on.

    Returns
    -------
    train_rows, test_rows : ndarray of int
        Row numbers, sorted. The share of test rows among those that were not free is not `test_size`.

    Examples
    --------
    >>> groups = np.array([1, 2, 3, 4])
    >>> split_rows_beside(None, groups, 0.5, 0, train_groups={1, 2, 3}, test_groups={4})
    (array([0, 1, 2]), array([3]))
    """
    _check_share(test_size)
    train = np.isin(groups, list(train_groups)) if len(train_groups) else np.zeros(len(groups), bool)
    test = np.isin(groups, list(test_groups)) & ~train if len(test_groups) else np.zeros(len(groups), bool)
    free = np.flatnonzero(~train & ~test)
    # A single free group cannot be shared out, and costs least in training.
    if len(np.unique(groups[free])) > 1:
        drawn = split_rows(None if y is None else y[free], groups[free], test_size, random_state)[1]
        test[free[drawn]] = True
    if not test.any() or test.all():
        side = "testing" if test.all() else "training"
        raise ValueError(
            f"the other domain uses every group of these {len(groups)} rows for {side}, and nothing is left"
            " to share out; number the groups of both domains differently if they are not the same things."
        )
    return np.flatnonzero(~test), np.flatnonzero(test)


def subsample_rows(
    y: np.ndarray | None, max_rows: int, random_state: Seed = 0, *, n_rows: int | None = None
) -> np.ndarray:
    """Draw at most `max_rows` rows, by class where there are labels.

    Parameters
    ----------
    y : ndarray of shape (n,) or None
        Labels; every class keeps its share of the rows, and at least one row where `max_rows` allows.
    max_rows : int
        Rows to keep; 0 or more than there are: all.
    random_state : int or SeedSequence
        Same value, same rows.
    n_rows : int, optional
        Number of rows; needed where `y` is None.

    Returns
    -------
    ndarray of int
        Row numbers, sorted, `min(max_rows, n)` of them.

    Examples
    --------
    >>> rows = subsample_rows(np.repeat([0, 1], [30, 10]), 8)
    >>> len(rows), int((rows >= 30).sum())
    (8, 2)
    """
    if max_rows < 0:
        raise ValueError(f"max_rows must be 0 (all rows) or a positive number, got {max_rows!r}.")
    n = _count(y, None, n_rows)
    if max_rows == 0 or max_rows >= n:
        return np.arange(n)
    order = np.random.default_rng(random_state).permutation(n)
    codes = np.zeros(n, int) if y is None else np.unique(y, return_inverse=True)[1]
    # The k-th row of a class of size m stands at place (k + ½) / m: the first places hold every class in
    # proportion. The first row of each class goes ahead of all, so that no class vanishes.
    rank = _rank_within(codes[order])
    place = np.where(rank == 0, -1.0, (rank + 0.5) / np.bincount(codes)[codes[order]])
    return np.sort(order[np.argsort(place, kind="stable")[:max_rows]])


def _check_share(test_size: float) -> None:
    if isinstance(test_size, bool) or not isinstance(test_size, int | float) or not 0 < test_size < 1:
        raise ValueError(f"test_size must be a share between 0 and 1, such as 0.2, got {test_size!r}.")


def _count(y: np.ndarray | None, groups: np.ndarray | None, n_rows: int | None) -> int:
    sizes = {len(values) for values in (y, groups) if values is not None} | ({n_rows} if n_rows is not None else set())
    if len(sizes) != 1:
        raise ValueError(f"y, groups and n_rows must give one number of rows, got {sorted(sizes) or 'none'}.")
    return sizes.pop()


def _majority_class(y: np.ndarray | None, group_of_row: np.ndarray) -> np.ndarray:
    n_groups = int(group_of_row.max()) + 1
    if y is None:
        return np.zeros(n_groups, int)
    codes = np.unique(y, return_inverse=True)[1]
    n_classes = int(codes.max()) + 1
    pairs, counts = np.unique(group_of_row * n_classes + codes, return_counts=True)
    # Ascending counts: the last one written for a group is its most frequent class (ties: the smallest).
    order = np.lexsort((-pairs, counts))
    majority = np.empty(n_groups, int)
    majority[pairs[order] // n_classes] = pairs[order] % n_classes
    return majority


def _draw_groups(group_of_row: np.ndarray, strata: np.ndarray, test_size: float, random_state: Seed) -> np.ndarray:
    rng = np.random.default_rng(random_state)
    sizes = np.bincount(group_of_row)
    drawn = [np.empty(0, int)]
    for stratum in np.unique(strata):
        shuffled = rng.permutation(np.flatnonzero(strata == stratum))
        if len(shuffled) > 1:
            filled = np.cumsum(sizes[shuffled])
            wanted = test_size * filled[-1]
            drawn.append(shuffled[: 1 + int(np.argmin(np.abs(filled[:-1] - wanted)))])
    return np.concatenate(drawn)


def _rank_within(codes: np.ndarray) -> np.ndarray:
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(codes))[:-1]])
    rank = np.empty(len(codes), int)
    rank[order] = np.arange(len(codes)) - starts[codes[order]]
    return rank


def draw_per_class(y: ArrayLike, n: int, seed: int | np.random.SeedSequence) -> np.ndarray:
    """Draw equally many rows of each class, without replacement.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        Labels.
    n : int
        Rows of each class.
    seed : int or SeedSequence
        Same seed, same rows.

    Returns
    -------
    ndarray of int, sorted

    Raises
    ------
    ValueError
        Where a class has fewer rows.

    Examples
    --------
    >>> y = np.repeat([0, 1], [30, 10])
    >>> np.bincount(y[draw_per_class(y, 8, 0)]).tolist()
    [8, 8]
    """
    labels, rng = np.asarray(y), np.random.default_rng(seed)
    classes, counts = np.unique(labels, return_counts=True)
    if n < 1 or counts.min() < n:
        least = classes[counts.argmin()]
        raise ValueError(
            f"source_per_class must be from 1 to {counts.min()}, the rows of the smallest class {least!s}, got {n!r}."
        )
    return np.sort(np.concatenate([rng.permutation(np.flatnonzero(labels == c))[:n] for c in classes]))
