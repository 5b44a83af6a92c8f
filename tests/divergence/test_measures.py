import json
from dataclasses import asdict

import numpy as np
import pytest
from scipy import sparse

from dacompare.divergence import proxy_a_distance
from dacompare.divergence.hdh import hdh_distance
from dacompare.divergence.measures import MEASURES
from dacompare.domains import Domain

pytestmark = pytest.mark.parametrize("name", MEASURES)


def measure(name, X_source, X_target, **settings):
    y_source = (
        np.where(np.arange(getattr(X_source, "X", X_source).shape[0]) % 2, "cat", "dog")
        if MEASURES[name].needs_labels
        else None
    )
    return MEASURES[name].compute(X_source, X_target, y_source=y_source, **settings)


def test_far_domains_are_farther_than_near_ones(rng, name):
    X = rng.normal(size=(3, 60, 3))
    # So near that chance does not put them farther apart.
    near, far = measure(name, X[0], X[0] + 0.01 * X[1]), measure(name, X[0], 3 * X[2] + 3)
    assert far.value > near.value + 0.1
    assert far.p_value is None or far.p_value < 0.05 < near.p_value
    assert far.ci95 is None or far.ci95[0] <= far.value <= far.ci95[1]
    assert (far.ci95 is None) != (far.p_value is None)


def test_the_same_rows_are_drawn_whatever_the_features(rng, name):
    # Values of other rows would not be those of the same rows in another unit.
    X_source, X_target = np.arange(50.0)[:, None], 20 + np.arange(40.0)[:, None]
    first, second = (
        measure(name, factor * X_source, factor * X_target, max_rows=20, random_state=3) for factor in (1.0, 4.0)
    )
    assert first.n_per_domain == second.n_per_domain == 20
    power = {"coral": 16, "linear-discrepancy": 16, "mean-difference": 4, "sliced-wasserstein": 4}.get(name, 1)
    assert second.value == pytest.approx(power * first.value)


def test_same_seed_same_result_and_inputs_stay(rng, name):
    X = rng.normal(size=(2, 24, 3))
    X.flags.writeable = False
    assert measure(name, *X) == measure(name, *X)


def test_groups_are_taken_from_a_domain(rng, name):
    X, groups = rng.normal(size=(2, 24, 2)), np.repeat(np.arange(8), 3)
    by_domain = measure(name, Domain(X[0], groups=groups), Domain(X[1], groups=groups))
    assert by_domain == measure(name, *X, groups_source=groups, groups_target=groups)
    assert by_domain != measure(name, *X)


def test_it_can_be_written_down(rng, name):
    found = asdict(measure(name, *rng.normal(size=(2, 12, 2))))
    assert json.loads(json.dumps(found))["n_features"] == 2
    assert found["note"].endswith(".")
    assert MEASURES[name].label


def test_hostile_rows(rng, name):
    constant = measure(name, np.ones((12, 3)), np.ones((12, 3)))
    assert constant.value == pytest.approx(0, abs=1e-12)
    twice = np.repeat(rng.normal(size=(3, 2)), 4, axis=0)
    assert np.isfinite(measure(name, twice, twice + 1).value)
    assert np.isfinite(measure(name, *rng.normal(size=(2, 4, 9))).value)  # four rows, more features
    assert np.isfinite(measure(name, *rng.integers(0, 255, size=(2, 6, 4, 4, 3), dtype=np.uint8)).value)


def test_bad_input_is_named(rng, name):
    X = rng.normal(size=(8, 2))
    with pytest.raises(ValueError, match="X_target holds 1 NaN"):
        measure(name, X, np.where(np.arange(16).reshape(8, 2) == 5, np.nan, X))
    with pytest.raises(ValueError, match="X_source has 2 features, X_target 1"):
        measure(name, X, X[:, :1])
    with pytest.raises(ValueError, match="X_target must have at least 4 rows"):
        measure(name, X, X[:3])
    with pytest.raises(ValueError, match="max_rows must be a whole number from 4 on, got 3"):
        measure(name, X, X, max_rows=3)
    with pytest.raises(TypeError, match="random_state must be a whole number from 0 on, got None"):
        measure(name, X, X, random_state=None)
    with pytest.raises(TypeError, match=r"X_source is sparse.*toarray"):
        measure(name, sparse.csr_array(X), X)


def test_it_is_what_its_function_says(rng, name):
    X = rng.normal(size=(2, 30, 2))
    found = measure(name, *X, random_state=1)
    if name == "proxy-a-distance":
        own = proxy_a_distance(*X, random_state=1)
        assert (found.value, found.ci95, found.details["C"]) == (own.value, own.ci95, own.C)
    elif name == "hdh":
        # In the order of the names: the search starts elsewhere where the classes change places.
        own = hdh_distance(*X, (np.arange(30) + 1) % 2, random_state=1)
        assert (found.value, found.details["discriminator"]) == (own.pair, own.discriminator)
        with pytest.raises(ValueError, match="needs y_source"):
            MEASURES[name].compute(*X)
    else:
        assert MEASURES[name].compute(*X, y_source=[], random_state=1) == found
