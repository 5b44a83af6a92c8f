"""List the ways to measure how far apart two domains are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import ArrayLike

from dacompare.divergence.coral_distance import coral_distance
from dacompare.divergence.hdh import hdh_distance
from dacompare.divergence.linear_discrepancy import linear_discrepancy
from dacompare.divergence.mean_difference import mean_difference
from dacompare.divergence.measured import MeasuredDistance
from dacompare.divergence.mmd import mmd
from dacompare.divergence.proxy_a_distance import proxy_a_distance
from dacompare.divergence.sliced_wasserstein import sliced_wasserstein

A_NOTE = "2 where a linear classifier tells the domains apart without an error, about 0 where it cannot; signed."
HDH_NOTE = (
    "Between a lower estimate (a trained pair of predictors) and that of a trained discriminator, which is an upper"
    " bound only if it is the best of its kind."
)


class Compute(Protocol):
    """Measure two domains; only measures that say so look at the labels of the source."""

    def __call__(
        self,
        X_source: Any,
        X_target: Any,
        *,
        y_source: ArrayLike | None = None,
        groups_source: ArrayLike | None = None,
        groups_target: ArrayLike | None = None,
        max_rows: int = 5000,
        random_state: int = 0,
    ) -> MeasuredDistance:
        """Return the distance; same rows for every measure and every set of features."""


@dataclass(frozen=True)
class Measure:
    """One way to measure how far apart two domains are.

    Parameters
    ----------
    label : str
        For tables and figures.
    compute : callable
        ``compute(X_source, X_target, *, y_source, groups_source, groups_target, max_rows, random_state)``.
        The rows drawn, `min(n_source, n_target, max_rows)` of each domain, are the same for all measures.
    needs_labels : bool
        Whether `y_source` has to be given. Labels of the target are never asked for; where the target is measured
        against itself, as the control of a page, its own labels stand for them, and nothing is chosen by that.
    permutes : bool
        Whether `compute` takes `n_permutations`, for its p-value; 0 leaves that out.

    Examples
    --------
    >>> import numpy as np
    >>> X_source, X_target = np.random.default_rng(0).normal(size=(2, 40, 3))
    >>> distance = MEASURES["mean-difference"].compute(X_source, X_target + 5.0)
    >>> distance.value > 5, distance.p_value < 0.05, distance.n_per_domain
    (True, True, 40)
    """

    label: str
    compute: Compute
    needs_labels: bool = False
    permutes: bool = False


def _proxy_a_distance(X_source: Any, X_target: Any, *, y_source: Any = None, **settings: Any) -> MeasuredDistance:
    found = proxy_a_distance(X_source, X_target, **settings)
    details = {"domain_error": found.domain_error, "C": found.C, **found.details}
    return MeasuredDistance(found.value, found.n_per_domain, found.n_features, found.ci95, None, details, A_NOTE)


def _hdh(X_source: Any, X_target: Any, *, y_source: Any = None, **settings: Any) -> MeasuredDistance:
    found = hdh_distance(X_source, X_target, y_source, **settings)
    details = {
        "discriminator": found.discriminator,
        "discriminator_ci95": found.discriminator_ci95,
        "n_classes": found.n_classes,
        **found.details,
    }
    return MeasuredDistance(found.pair, found.n_per_domain, found.n_features, found.pair_ci95, None, details, HDH_NOTE)


def _without_labels(measure: Callable[..., MeasuredDistance]) -> Compute:
    def compute(X_source: Any, X_target: Any, *, y_source: Any = None, **settings: Any) -> MeasuredDistance:
        return measure(X_source, X_target, **settings)

    return compute


MEASURES: dict[str, Measure] = {
    "proxy-a-distance": Measure("proxy A-distance", _proxy_a_distance),
    "hdh": Measure("HΔH-distance, lower estimate", _hdh, needs_labels=True),
    "mmd": Measure("MMD², unbiased", _without_labels(mmd), permutes=True),
    "sliced-wasserstein": Measure("sliced Wasserstein distance", _without_labels(sliced_wasserstein), permutes=True),
    "coral": Measure("CORAL distance", _without_labels(coral_distance), permutes=True),
    "linear-discrepancy": Measure("linear discrepancy", _without_labels(linear_discrepancy), permutes=True),
    "mean-difference": Measure("difference of means", _without_labels(mean_difference), permutes=True),
}
"""Name -> measure; adding one is one line here."""
