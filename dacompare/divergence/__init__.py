"""Measure how far apart two domains are, with the uncertainty of the measurement.

`MEASURES` lists the ways. No label of the target is ever looked at, except in `combined_error`, one term of the bound,
and where a page measures the HΔH-distance of the target to itself, as a control.
"""

from dacompare.divergence.bound import BoundValue, combined_error, plug_in_bound
from dacompare.divergence.coral_distance import coral_distance
from dacompare.divergence.hdh import HDHDistance, hdh_distance
from dacompare.divergence.linear_discrepancy import linear_discrepancy
from dacompare.divergence.mean_difference import mean_difference, pick_layer
from dacompare.divergence.measured import MeasuredDistance
from dacompare.divergence.measures import MEASURES, Measure
from dacompare.divergence.mmd import mmd
from dacompare.divergence.optimistic import optimistic_proxy_a_distance
from dacompare.divergence.proxy_a_distance import (
    ProxyADistance,
    domain_error,
    proxy_a_distance,
    proxy_a_distance_with_controls,
)
from dacompare.divergence.sliced_wasserstein import sliced_wasserstein

__all__ = [
    "MEASURES",
    "BoundValue",
    "HDHDistance",
    "Measure",
    "MeasuredDistance",
    "ProxyADistance",
    "combined_error",
    "coral_distance",
    "domain_error",
    "hdh_distance",
    "linear_discrepancy",
    "mean_difference",
    "mmd",
    "optimistic_proxy_a_distance",
    "pick_layer",
    "plug_in_bound",
    "proxy_a_distance",
    "proxy_a_distance_with_controls",
    "sliced_wasserstein",
]
