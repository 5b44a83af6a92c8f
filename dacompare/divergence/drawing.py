"""Draw equally many rows of two domains, and deal them out with every group on one side."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dacompare.checks import check_count
from dacompare.domains import Domain, subsample_rows
from dacompare.domains.checks import check_groups, check_same_columns, check_X

FOLDS = 3
SMALLEST = 4
MAX_FEATURES = 200
"""Wider features are turned to their first principal directions before a classifier is trained on them."""


class DrawnRows(NamedTuple):
    """Rows of both domains together: features, which domain, group identity or None."""

    X: NDArray[Any]
    domain: NDArray[np.int64]
    groups: NDArray[Any] | None

    def take(self, rows: NDArray[Any]) -> "DrawnRows":
        """Return some of the rows."""
        return DrawnRows(self.X[rows], self.domain[rows], None if self.groups is None else self.groups[rows])


def rows_and_groups(X: Any, groups: ArrayLike | None, name: str) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return checked, flattened rows and their groups, those of a Domain where none are given."""
    if isinstance(X, Domain):
        X, groups = X.X, X.groups if groups is None else groups
    rows = check_X(X, f"X_{name}")
    if len(rows) < SMALLEST:
        raise ValueError(f"X_{name} must have at least {SMALLEST} rows to train and to test on, got {len(rows)}.")
    return rows.reshape(len(rows), -1), check_groups(groups, len(rows), f"groups_{name}")


def pair_and_groups(
    X_source: Any, X_target: Any, groups_source: ArrayLike | None, groups_target: ArrayLike | None
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any] | None, NDArray[Any] | None]:
    """Return the checked rows of two domains with the same features, and the groups of both.

    Columns are compared here, while they still have names.

    Examples
    --------
    >>> pair_and_groups(np.zeros((4, 2)), np.zeros((5, 3)), None, None)
    Traceback (most recent call last):
        ...
    ValueError: X_source has 2 features, X_target 3; a distance needs the same.
    """
    check_same_columns(X_source, X_target, source="X_source")
    source, groups_source = rows_and_groups(X_source, groups_source, "source")
    target, groups_target = rows_and_groups(X_target, groups_target, "target")
    if source.shape[1] != target.shape[1]:
        raise ValueError(
            f"X_source has {source.shape[1]} features, X_target {target.shape[1]}; a distance needs the same."
        )
    return source, target, groups_source, groups_target


def draw_rows(
    X_source: NDArray[Any],
    X_target: NDArray[Any],
    groups_source: NDArray[Any] | None,
    groups_target: NDArray[Any] | None,
    max_rows: int,
    random_state: int,
    *,
    keep_type: bool = False,
) -> DrawnRows:
    """Draw equally many rows of both domains, as float64 unless their own type is to be kept."""
    check_count("max_rows", max_rows, at_least=SMALLEST)
    # None would draw other rows where labels are drawn beside their features, and other halves.
    check_count("random_state", random_state, at_least=0)
    n = min(len(X_source), len(X_target), max_rows)
    seeds = np.random.SeedSequence(random_state).spawn(2)
    source, target = (
        subsample_rows(None, n, seed, n_rows=len(X)) for seed, X in zip(seeds, (X_source, X_target), strict=True)
    )
    X = np.concatenate([X_source[source], X_target[target]])
    X = X if keep_type else X.astype(np.float64)
    groups = None
    if groups_source is not None or groups_target is not None:
        groups = _shared_identities(groups_source, groups_target, source, target)
    return DrawnRows(X, np.repeat([0, 1], n), groups)


def _shared_identities(
    groups_source: NDArray[Any] | None,
    groups_target: NDArray[Any] | None,
    source: NDArray[Any],
    target: NDArray[Any],
) -> NDArray[np.int64]:
    """Number the groups of both domains together; rows of a domain without groups are groups of one."""
    keys = [
        [("row", side, int(row)) for row in rows]
        if groups is None
        else [("group", identity) for identity in groups[rows].tolist()]
        for side, (groups, rows) in enumerate(((groups_source, source), (groups_target, target)))
    ]
    number: dict[tuple, int] = {}
    return np.array([number.setdefault(key, len(number)) for key in [*keys[0], *keys[1]]])


def balanced(train: DrawnRows, random_state: int) -> DrawnRows:
    """Drop rows of the larger domain: halves by group are not equal, and chance must stay at one half."""
    n = np.bincount(train.domain, minlength=2).min()
    sides = [np.flatnonzero(train.domain == side) for side in (0, 1)]
    rows = [side[subsample_rows(None, n, random_state, n_rows=len(side))] for side in sides] if n else sides
    return train.take(np.concatenate(rows))


def folds_of(train: DrawnRows, random_state: int) -> NDArray[np.int64]:
    """Deal the groups (or rows) of each domain out to the folds."""
    groups = np.arange(len(train.X)) if train.groups is None else train.groups
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    order = np.random.default_rng(random_state).permutation(len(first))
    order = order[np.argsort(train.domain[first][order], kind="stable")]
    fold_of_group = np.empty(len(first), np.int64)
    fold_of_group[order] = np.arange(len(first)) % FOLDS
    return fold_of_group[group]
