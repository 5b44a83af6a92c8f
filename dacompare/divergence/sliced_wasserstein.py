"""Measure how far rows have to be moved, on average over one-dimensional views of them."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from dacompare.checks import check_count
from dacompare.divergence.held_out import draw_pair
from dacompare.divergence.measured import MeasuredDistance
from dacompare.divergence.permutation import permutation_test

NOTE = "In the units of the features, and above 0 on finitely many rows even where the domains do not differ."


def sliced_wasserstein(
    X_source: Any,
    X_target: Any,
    *,
    groups_source: ArrayLike | None = None,
    groups_target: ArrayLike | None = None,
    n_directions: int = 128,
    n_permutations: int = 100,
    max_rows: int = 5000,
    random_state: int = 0,
) -> MeasuredDistance:
    """Estimate the sliced 2-Wasserstein distance between two domains.

    Rows are projected on random unit directions. Along each, the cheapest way to turn one set of numbers into
    the other matches them in order; the value is the root of the mean squared step over directions and rows.

    Parameters
    ----------
    X_source, X_target : array-like of shape (n, ...) or Domain
    groups_source, groups_target : array-like of shape (n,), optional
        Whole groups are permuted. By default those of a `Domain`.
    n_directions : int
        The same ones for all features of one width.
    n_permutations : int
        0: no test.
    max_rows : int
        Rows drawn from each domain at most; the cost is O(n n_directions (d + log n)), and O(n n_directions) a
        permutation.
    random_state : int

    Returns
    -------
    MeasuredDistance
        `value` ≥ 0, in the units of the features; `details`: its mean over the permutations, which is what
        no distance looks like here.

    Raises
    ------
    ValueError
        For fewer than four rows in a domain, different features, or no direction.

    References
    ----------
    Bonneel, Rabin, Peyré & Pfister 2015, Sliced and Radon Wasserstein barycenters of measures, section 3.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(50, 2))
    >>> round(sliced_wasserstein(X, X + [3.0, 4.0], n_directions=2000).value, 1)  # 5 / √2
    3.5
    """
    check_count("n_directions", n_directions)
    drawn = draw_pair(X_source, X_target, groups_source, groups_target, max_rows, random_state)
    directions = np.random.default_rng(random_state).normal(size=(drawn.X.shape[1], n_directions))
    with threadpool_limits(1):
        views = (drawn.X @ (directions / np.linalg.norm(directions, axis=0))).T
        order = np.argsort(views, axis=1, kind="stable")
        ordered = np.take_along_axis(views, order, axis=1)
        value, p_value, null_mean = permutation_test(
            lambda domain: _distance(ordered, domain[order]), drawn, n_permutations, random_state
        )
    details = {"n_directions": n_directions, "null_mean": null_mean}
    return MeasuredDistance(value, len(drawn.X) // 2, drawn.X.shape[1], None, p_value, details, NOTE)


def _distance(ordered: NDArray[np.float64], domain: NDArray[np.int64]) -> float:
    """Match the numbers of two domains in order; rows of `ordered` ascend, `domain` says whose each number is."""
    sides = [ordered[domain == side].reshape(len(ordered), -1) for side in (0, 1)]
    # Quantiles at as many places as the larger domain has rows; permuted groups may not halve the rows.
    places = (np.arange(max(side.shape[1] for side in sides)) + 0.5) / max(side.shape[1] for side in sides)
    source, target = (side[:, (places * side.shape[1]).astype(int)] for side in sides)
    return float(np.sqrt(((source - target) ** 2).mean()))
