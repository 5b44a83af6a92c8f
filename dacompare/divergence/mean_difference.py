"""Measure how far apart the means of two domains are, and pick the layer where they are nearest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from dacompare.divergence.held_out import draw_pair
from dacompare.divergence.measured import MeasuredDistance
from dacompare.divergence.permutation import permutation_test

NOTE = "In the units of the features, blind to everything but the means, and above 0 on finitely many rows."


@dataclass(frozen=True)
class LayerChoice:
    """The layer that was picked, and what was compared.

    Parameters
    ----------
    layer : str
        Name of the features whose domains have the nearest means; of equals the first.
    differences : dict of str to float
        Name -> what was compared.
    """

    layer: str
    differences: dict[str, float]


def mean_difference(
    X_source: Any,
    X_target: Any,
    *,
    groups_source: ArrayLike | None = None,
    groups_target: ArrayLike | None = None,
    n_permutations: int = 200,
    max_rows: int = 5000,
    random_state: int = 0,
) -> MeasuredDistance:
    """Compute the distance ‖μ_S − μ_T‖ between the means of two domains: MMD with a linear kernel.

    Parameters
    ----------
    X_source, X_target : array-like of shape (n, ...) or Domain
    groups_source, groups_target : array-like of shape (n,), optional
        Whole groups are permuted. By default those of a `Domain`.
    n_permutations : int
        0: no test.
    max_rows : int
        Rows drawn from each domain at most.
    random_state : int

    Returns
    -------
    MeasuredDistance
        `value` ≥ 0. `details`: `relative`, the same divided by the root mean square length of the source rows
        (None where they are all 0); `unbiased_square`, the square less what chance adds to it, which is
        negative as often as positive where the means are equal and rows do not come in groups; the mean of `value` over
        the permutations.

    Raises
    ------
    ValueError
        For fewer than four rows in a domain, or different features.

    References
    ----------
    Tzeng, Hoffman, Zhang, Saenko & Darrell 2014, Deep domain confusion, equation 1.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(50, 2))
    >>> round(mean_difference(X, X + [3.0, 4.0]).value, 6)
    5.0
    """
    drawn = draw_pair(X_source, X_target, groups_source, groups_target, max_rows, random_state)
    with threadpool_limits(1):
        value, p_value, null_mean = permutation_test(
            lambda domain: float(np.linalg.norm(_gap(drawn.X, domain))), drawn, n_permutations, random_state
        )
    source, target = (drawn.X[drawn.domain == side] for side in (0, 1))
    chance = sum(X.var(axis=0, ddof=1).sum() / len(X) for X in (source, target))
    length = float(np.sqrt((source**2).sum(axis=1).mean()))
    details = {
        "relative": value / length if length else None,
        "unbiased_square": float(value**2 - chance),
        "null_mean": null_mean,
    }
    return MeasuredDistance(value, len(source), drawn.X.shape[1], None, p_value, details, NOTE)


def pick_layer(
    features: Mapping[str, tuple[ArrayLike, ArrayLike]],
    *,
    relative: bool = False,
    max_rows: int = 5000,
    random_state: int = 0,
) -> LayerChoice:
    """Pick the layer to attach a domain classifier to: the one where the means of the domains are nearest.

    Parameters
    ----------
    features : dict of str to (X_source, X_target)
        Name of a layer -> the same rows of both domains as that layer shows them, shape (n, ...).
    relative : bool
        Compare differences in units of the length of the source rows. As published they are compared as they
        are: then a layer wins by small activations alone.
    max_rows, random_state
        As in `mean_difference`.

    Raises
    ------
    TypeError, ValueError
        Where `features` is no dict of pairs, where there is no layer, or the layers do not have the same numbers of
        rows.

    References
    ----------
    Ganin & Lempitsky 2015, section 4, "Choosing meta-parameters"; Tzeng et al. 2014, section 4.1.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(50, 2))
    >>> pick_layer({"conv": (X, X + 2.0), "hidden": (X, X + 1.0)}).layer
    'hidden'
    """
    if not isinstance(features, Mapping):
        raise TypeError(
            f"features must be a dict of a layer's name to (X_source, X_target), got {type(features).__name__}."
        )
    for name, pair in features.items():
        if not hasattr(pair, "__len__") or len(pair) != 2:
            raise TypeError(f"features[{name!r}] must be a pair (X_source, X_target), got {pair!r:.80}.")
    sizes = {(len(np.asarray(source)), len(np.asarray(target))) for source, target in features.values()}
    if len(sizes) != 1:
        raise ValueError(
            "features must name at least one layer, and all layers must show the same rows, got"
            f" {sorted(sizes) or 'none'} source and target rows."
        )
    settings: dict[str, Any] = {"n_permutations": 0, "max_rows": max_rows, "random_state": random_state}
    differences = {
        name: _compared(mean_difference(*map(_flat, pair), **settings), relative) for name, pair in features.items()
    }
    return LayerChoice(min(differences, key=differences.__getitem__), differences)


def _flat(activations: ArrayLike) -> NDArray[Any]:
    """Return what a layer says of each row as one line; maps of a convolution are no images."""
    found = np.asarray(activations)
    return found.reshape(len(found), -1)


def _gap(X: NDArray[np.float64], domain: NDArray[np.int64]) -> NDArray[np.float64]:
    return X[domain == 0].mean(axis=0) - X[domain == 1].mean(axis=0)


def _compared(distance: MeasuredDistance, relative: bool) -> float:
    if not relative:
        return distance.value
    # A dead layer has no units to measure in, and is nobody's choice.
    return np.inf if distance.details["relative"] is None else distance.details["relative"]
