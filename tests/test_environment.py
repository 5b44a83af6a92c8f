import json

from dacompare.environment import PACKAGES, available_cores, describe_environment


def test_the_environment_is_json_and_complete():
    facts = describe_environment({"threads": 1, "device": "cpu", "precision": "float32"}, 2, 1.5)
    assert set(facts["packages"]) == set(PACKAGES)
    assert facts["packages"]["torch"] != "unknown"
    assert facts["n_jobs"] == 2
    assert facts["gpu"] is None
    assert facts["peak_memory_mb"] > 10
    assert json.loads(json.dumps(facts)) == facts


def test_at_least_one_core_is_there():
    assert available_cores() >= 1
