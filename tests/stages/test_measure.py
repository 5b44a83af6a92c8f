"""What a stage of distances writes where something cannot be had, and what its controls cost."""

import json

import numpy as np
import pytest

from dacompare.divergence import MEASURES
from dacompare.divergence.measures import Measure
from dacompare.domains import Domain, Transfer
from dacompare.stages import measure
from dacompare.stages.measure import measure_row


@pytest.fixture
def transfer(rng):
    X, y = rng.normal(size=(80, 3)), np.arange(80) % 2
    source, test, target = Domain(X[:57], y[:57]), Domain(X[57:60], y[57:60]), Domain(X[60:] + 1)
    return Transfer(source, target, source_test=test, protocol="transductive")


def _distances(folder, transfer, measures):
    measure_row(folder, transfer, None, measures, 100, 0)
    return json.loads((folder / "distance.json").read_text())


@pytest.mark.parametrize("kind", [ValueError, MemoryError, RuntimeError])
def test_a_distance_that_cannot_be_had_leaves_the_others_alone(transfer, tmp_path, monkeypatch, kind):
    def refuse(*args, **kwargs):
        raise kind("no halves within max_memory")

    with pytest.raises(ValueError, match="at least 4 rows"):
        _distances(tmp_path / "none", transfer, ["proxy-a-distance", "mmd"])
    monkeypatch.setattr(measure, "proxy_a_distance_with_controls", refuse)
    transfer = Transfer(transfer.source, transfer.target, protocol="transductive")
    found = _distances(tmp_path / "one", transfer, ["proxy-a-distance", "mmd"])
    assert found["proxy-a-distance"] == {"reason": "no halves within max_memory"}
    assert found["mmd"]["value"] > 0


@pytest.mark.parametrize("name", [name for name, measure in MEASURES.items() if measure.permutes])
def test_controls_are_not_tested_by_permutations(transfer, tmp_path, monkeypatch, name):
    transfer = Transfer(transfer.source, transfer.target, protocol="transductive")
    asked = []
    plain = MEASURES[name].compute

    def counting(*domains, n_permutations="its own", **settings):
        asked.append(n_permutations)
        return plain(*domains, **settings)

    monkeypatch.setitem(MEASURES, name, Measure("label", counting, permutes=True))
    found = _distances(tmp_path / "stage", transfer, [name])[name]
    assert found["control_source"] is not None
    assert asked == ["its own", 0, 0]


def test_a_control_that_cannot_be_had_leaves_the_distance(transfer, tmp_path, monkeypatch):
    transfer = Transfer(transfer.source, transfer.target, protocol="transductive")
    plain, calls = MEASURES["mmd"].compute, []

    def once(*domains, **settings):
        calls.append(1)
        if len(calls) > 1:
            raise MemoryError("too much for max_memory")
        return plain(*domains, **settings)

    monkeypatch.setitem(MEASURES, "mmd", Measure("label", once, permutes=True))
    found = _distances(tmp_path / "stage", transfer, ["mmd"])["mmd"]
    assert found["value"] > 0
    assert found["control_source"] is found["control_target"] is None


def test_memory_that_is_short_for_the_moment_is_no_result(transfer, tmp_path, monkeypatch):
    def short(*domains, **settings):
        raise MemoryError("Unable to allocate")

    transfer = Transfer(transfer.source, transfer.target, protocol="transductive")
    monkeypatch.setitem(MEASURES, "mmd", Measure("label", short, permutes=True))
    with pytest.raises(MemoryError, match="Unable to allocate"):
        _distances(tmp_path / "stage", transfer, ["mmd"])
    assert not (tmp_path / "stage" / "distance.json").exists()
