import tomllib

import pytest

from dacompare.report import render, trust
from dacompare.report.reading import as_data
from dacompare.report.row_warnings import row_warnings


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


def test_methods_and_dimensions_are_ordered_apart(data, bare, read_page):
    lines = [
        {**entry, "spearman": {"value": -0.25, "n": 6}, "spearman_dimensions": {"value": 0.75, "n": 9}}
        for entry in data["validators"]
    ]
    found = trust.validators({**data, "validators": lines})
    assert {(line["spearman"], line["order"]) for line in found["lines"]} == {(-0.25, 0.75)}
    assert "correlate −0.25 with target accuracy here" in found["claim"]
    text = read_page(render({**bare(seeds=2), "validators": lines})).text
    assert "−0.256 candidates in 2 seeds0.759 candidates in 2 seeds" in text
    assert "Ganin & Lempitsky observe" in text
    assert trust.validators({**data, "validators": []})["claim"] == ""


def test_what_has_no_score_says_why(data):
    lines = {line["name"]: line for line in trust.validators(data)["lines"]}
    reasons = lines["paper"]["reasons"]
    assert reasons == ["Subspace alignment and Subspace alignment, oracle: n/a, needs a source test set"]


def test_the_recipe_reads_as_toml(data):
    recipe = {**data["recipe"], "odd key": 'quote " \\ and\nline', "flag": True, "nothing": None, "empty": []}
    read = tomllib.loads(trust.toml(recipe))
    assert read == {key: value for key, value in recipe.items() if value is not None}


def test_rows_that_were_left_out_are_counted(data):
    assert "Left out" not in dict(trust.facts(data))
    files = [{"name": "mine.csv", "sha256": "ab", "bytes": 9, "left_out": 1200}, {"name": "b", "bytes": 1}]
    told = dict(trust.facts({**data, "task": {**data["task"], "data": files}}))
    assert told["Left out"] == "1,200 of mine.csv"


def test_warnings_are_told_once(data):
    rows = [{**row, "warnings": ["same"]} for row in data["rows"]]
    (warning,) = row_warnings({**data, "rows": rows})
    assert warning["text"] == "same"
    assert warning["rows"].startswith("in every seed Source only; ")
    assert "DANN" in warning["rows"]
    assert "seeds" not in warning["rows"]
    assert warning["every"] == []


def test_seeds_are_named_where_a_row_was_warned_in_some(data):
    rows = [{**row, "warnings": ["same"] if row["seed"] or row["method"] == "sa" else []} for row in data["rows"]]
    (warning,) = row_warnings({**data, "rows": rows})
    assert warning["rows"].startswith("in every seed Subspace alignment; Source only (seed 1)")
    assert "DANN (seed 1)" in warning["rows"]


def test_warnings_that_differ_in_numbers_are_one_kind(data):
    texts = iter(range(100))
    rows = [{**row, "warnings": [f"{next(texts)} % are predicted as '{row['method']}'"]} for row in data["rows"]]
    (warning,) = row_warnings({**data, "rows": rows})
    assert warning["text"] == "0 % are predicted as 'source-only'"
    assert warning["rows"].startswith("in every seed Source only; ")
    assert "DANN" in warning["rows"]
    assert "seeds" not in warning["rows"]
    assert [one["text"] for one in warning["every"]] == [row["warnings"][0] for row in rows]


def test_a_reason_names_few_rows_and_counts_many(data):
    assert trust.few_or_how_many(["a", "b", "a"]) == "a and b"
    assert trust.few_or_how_many(list("abcde")) == "5 methods"


def test_what_a_pick_gains_stands_beside_what_it_costs(data):
    found = trust.validators(data)
    lines = {line["name"]: line for line in found["lines"]}
    assert lines["reverse-svm"]["gain"] == pytest.approx(0.17)
    assert lines["source-accuracy"]["gain"] == pytest.approx(0.17 / 2)
    assert found["never"] == {"cost": pytest.approx(0.17), "gain": 0.0}
    assert found["lines"][0]["name"] == "reverse-svm"  # the cheapest
    assert "and brings 17.0 points against never adapting" in found["finding"]


def test_a_page_says_that_validators_looked_at_rows_which_a_second_training_set_aside(bare, read_page):
    data = bare(seeds=2)
    sentence = "what is scored is a second training of each row, without a fifth of the source rows"
    assert sentence not in read_page(render(data)).text
    for row in data["rows"]:
        row["source_accuracy"] = None
        row["validators"] = {"source-accuracy": {"value": 0.9, "seconds": 0.0, "reason": None}}
    assert sentence in read_page(render(data)).text
    data["rows"] = [{**row, "validators": {"source-accuracy": {"value": None}}} for row in data["rows"]]
    assert not trust.validators(as_data(data))["held_out"]


def test_seeds_are_counted_that_have_an_order(data):
    assert trust.candidates_said({"n": 12, "seeds": 1}, data) == "12 candidates in 1 seed"
    assert trust.candidates_said({"n": 12}, data) == "12 candidates in 2 seeds"  # a file of before
