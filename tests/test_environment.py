import json

import pytest

from dacompare.environment import EXTRAS, PACKAGES, UNKNOWN, available_cores, describe_environment


def test_the_environment_is_json_and_complete():
    facts = describe_environment({"threads": 1, "device": "cpu", "precision": "float32"}, 2, 1.5)
    assert set(facts["packages"]) - set(EXTRAS) == set(PACKAGES)
    assert facts["packages"]["torch"] != "unknown"
    assert facts["n_jobs"] == 2
    assert facts["gpu"] is None
    assert facts["peak_memory_mb"] > 10
    assert json.loads(json.dumps(facts)) == facts


@pytest.mark.parametrize("version", ["1.2", UNKNOWN])
def test_what_an_extra_brings_is_named_where_it_is_there(version, monkeypatch):
    monkeypatch.setattr("dacompare.environment._version", lambda name: version)
    facts = describe_environment({"threads": 1, "device": "cpu", "precision": "float32"}, 2, 1.5)
    assert facts["packages"].get("POT") == (None if version == UNKNOWN else version)
    assert facts["packages"]["scipy"] == version


def test_at_least_one_core_is_there():
    assert available_cores() >= 1
