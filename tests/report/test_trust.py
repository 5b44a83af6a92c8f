import tomllib

import pytest

from dacompare.report import trust
from dacompare.report.reading import as_data


@pytest.fixture(scope="module")
def data(bare):
    return as_data(bare(seeds=2))


def test_costs_are_means_over_seeds(data):
    lines = {line["name"]: line for line in trust.validators(data)["lines"]}
    assert lines["source-accuracy"]["cost"] == pytest.approx(0.17 / 2)
    assert lines["source-accuracy"]["picks"] == "Source only 1×, DANN 1×"
    assert lines["reverse-svm"]["cost"] == 0
    assert lines["reverse-svm"]["dimensions"] == "30 to 31"


def test_the_primary_validators_cost_is_the_finding(data):
    assert "reverse-svm, fixed before anything was measured, costs nothing" in trust.validators(data)["finding"]
    dear = [{**s, "cost": 0.031} if s["scope"] == "methods" else s for s in data["selection"]]
    assert "costs 3.1 points of target accuracy" in trust.validators({**data, "selection": dear})["finding"]


def test_what_has_no_score_says_why(data):
    lines = {line["name"]: line for line in trust.validators(data)["lines"]}
    reasons = lines["paper"]["reasons"]
    assert reasons == ["Subspace alignment and Subspace alignment, oracle: n/a, needs a source test set"]


def test_confusions_are_shares_of_the_true_class_and_seeds_are_not_pooled():
    rows = [
        {"method": "dann", "seed": 0, "status": "ok", "confusion": [[1, 1], [0, 1]]},
        {"method": "dann", "seed": 1, "status": "ok", "confusion": [[30, 0], [0, 30]]},
    ]
    found = trust.classes(as_data({"rows": rows, "task": {"classes": ["a", "b"]}}))
    assert found["matrices"][0]["rows"] == [[0.75, 0.25], [0.0, 1.0]]
    assert [line["cells"] for line in found["lines"]] == [[0.75], [1.0]]


def test_a_class_without_rows_has_no_accuracy():
    rows = [{"method": "dann", "seed": 0, "status": "ok", "confusion": [[2, 0], [0, 0]]}]
    found = trust.classes(as_data({"rows": rows, "task": {"classes": ["a", "b"]}}))
    assert found["lines"][1]["cells"] == [None]


def test_many_classes_list_their_largest_confusions(bare):
    found = trust.classes(as_data(bare(classes=43, seeds=1)))
    assert found["matrices"][0]["rows"] is None
    shares = [float(one["share"].split()[0]) for one in found["matrices"][0]["largest"]]
    assert len(shares) == 10
    assert shares == sorted(shares, reverse=True)
    assert found["lines"][7]["name"] == "7 · sign 7"


def test_the_recipe_reads_as_toml(data):
    recipe = {**data["recipe"], "odd key": 'quote " \\ and\nline', "flag": True, "nothing": None, "empty": []}
    read = tomllib.loads(trust.toml(recipe))
    assert read == {key: value for key, value in recipe.items() if value is not None}


def test_warnings_are_told_once(data):
    rows = [{**row, "warnings": ["same"]} for row in data["rows"]]
    (warning,) = trust.warnings_of({**data, "rows": rows})
    assert warning["text"] == "same"
    assert "DANN (seed 0)" in warning["rows"]
