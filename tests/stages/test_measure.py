"""What a stage of distances writes where something cannot be had, and what its controls cost."""

import json

import numpy as np
import pytest

from dacompare.divergence import MEASURES
from dacompare.domains import Domain, Transfer
from dacompare.stages.measure import measure_row


@pytest.fixture
def transfer(rng):
    X, y = rng.normal(size=(80, 3)), np.arange(80) % 2
    source, test, target = Domain(X[:57], y[:57]), Domain(X[57:60], y[57:60]), Domain(X[60:] + 1)
    return Transfer(source, target, source_test=test, protocol="transductive")


def _distances(folder, transfer, measures):
    measure_row(folder, transfer, None, measures, 100, 0)
    return json.loads((folder / "distance.json").read_text())


def test_a_distance_that_cannot_be_had_leaves_the_others_their_reasons(transfer, tmp_path):
    found = _distances(tmp_path / "stage", transfer, ["proxy-a-distance", "mmd"])
    assert {name: list(entry) for name, entry in found.items()} == {name: ["reason"] for name in found}
    assert "at least 4 rows" in found["mmd"]["reason"]


@pytest.mark.parametrize("measure", [name for name, measure in MEASURES.items() if measure.permutes])
def test_controls_are_not_tested_by_permutations(transfer, tmp_path, monkeypatch, measure):
    transfer = Transfer(transfer.source, transfer.target, protocol="transductive")
    asked = []
    plain = MEASURES[measure].compute

    def counting(*domains, n_permutations="its own", **settings):
        asked.append(n_permutations)
        return plain(*domains, **settings)

    monkeypatch.setitem(MEASURES, measure, type(MEASURES[measure])("label", counting, permutes=True))
    found = _distances(tmp_path / "stage", transfer, [measure])[measure]
    assert found["control_source"] is not None
    assert asked == ["its own", 0, 0]
