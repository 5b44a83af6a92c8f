"""Measure how far apart two domains are, with the uncertainty of the measurement."""

from dacompare.divergence.proxy_a_distance import (
    ProxyADistance,
    domain_error,
    proxy_a_distance,
    proxy_a_distance_with_controls,
)

__all__ = ["ProxyADistance", "domain_error", "proxy_a_distance", "proxy_a_distance_with_controls"]
