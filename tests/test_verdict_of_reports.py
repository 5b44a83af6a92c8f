"""What the committed reports conclude is what today's code says of their numbers."""

from functools import cache
from pathlib import Path

import pytest

from dacompare.gather import bounds_of
from dacompare.plain_data import plain
from dacompare.report.reading import as_data
from dacompare.results import Results
from dacompare.selection.class_shares import share_warnings
from dacompare.summary import validator_table
from dacompare.verdict import chance_of, repeats_of, verdict

ROOT = Path(__file__).parent.parent
FILES = sorted(path for path in (ROOT / "reports").rglob("*.json") if path.parent.name != "study")


@cache
def read(path):
    return as_data(Results.from_json(path))


def test_there_are_reports():
    assert {"mnist-mnistm", "amazon-reviews-books-dvd"} <= {path.stem for path in FILES}
    assert read(ROOT / "reports" / "mnist-mnistm.json")["bound"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_verdict_follows_from_the_numbers(path):
    data = read(path)
    labelled, chance = data["task"]["target_labels"], chance_of(data["task"])
    assert data["verdict"]["code"] in (("helps", "hurts", "unclear") if labelled else ("unlabelled",))
    if labelled:
        assert data["verdict"] == verdict(data["summary"], chance=chance, repeats=repeats_of(data["task"]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_how_well_validators_order_follows_from_the_rows(path):
    data = read(path)
    again = plain(validator_table(data["rows"], data["sweep"]))
    n_seeds = len({row["seed"] for row in data["rows"]})
    for told, found in zip(data["validators"], again, strict=True):
        for key in ("spearman", "spearman_dimensions"):
            if told[key] and "seeds" not in told[key]:  # a file of before: its page counts all seeds
                assert found[key].pop("seeds") == n_seeds
    assert data["validators"] == again


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_bound_is_made_of_the_distance_that_the_theorem_is_about(path):
    data = read(path)
    combined = {(entry["features"], entry["seed"]): entry["combined_error"] for entry in data["bound"]}
    own = bounds_of(data["rows"], data["divergence"], combined, len(data["task"]["classes"]))
    assert [entry["vacuous"] for entry in own] == [entry["vacuous"] for entry in data["bound"]]
    for made, kept in zip(own, data["bound"], strict=True):
        assert {key: made[key] for key in ("features", "seed")} == {key: kept[key] for key in ("features", "seed")}
        for key in ("source_error", "half_distance", "value", "target_error"):
            assert made[key] == pytest.approx(kept[key], abs=1e-5)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_warnings_of_class_shares_are_about_the_rows_that_were_learnt_from(path):
    data = read(path)
    task, counts = data["task"], data["task"]["class_counts"]
    drawn = task["source_per_class"]
    source = [drawn] * len(task["classes"]) if drawn else counts["source"]
    for row in data["rows"]:
        if row["status"] == "ok" and row["kind"] != "bound":
            told = [warning for warning in row["warnings"] if "predicted class shares leave the source" in warning]
            assert told == share_warnings(task["classes"], row["predicted_counts"], source, counts["target"])
