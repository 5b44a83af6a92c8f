import pytest

from dacompare.report.hero import best_adapted, hero, n_judged, usual_pick
from dacompare.report.reading import as_data


@pytest.fixture(scope="module")
def data(bare):
    return as_data(bare(seeds=2))


def figures(data):
    return {figure["label"]: figure for figure in hero(data)["figures"]}


def test_what_choosing_without_labels_gets_stands_below_the_verdict(data):
    dear = [{**s, "pick_accuracy": 0.5, "cost": 0.13} for s in data["selection"] if s["scope"] == "methods"]
    assert hero({**data, "selection": dear})["choice"] == (
        "Finding the best row needs target labels. Chosen without any, by reverse-svm as fixed beforehand, it would be "
        "50.0 % on average: +4.0 points against source-only, 13.0 points below the best row of each seed."
    )
    assert hero(data)["choice"].endswith("+17.0 points against source-only, as much as the best row of each seed.")


def test_without_labels_or_picks_nothing_is_said_of_choosing(bare, data):
    assert hero(as_data(bare(seeds=1, labelled=False)))["choice"] == ""
    assert hero({**data, "selection": []})["choice"] == ""


def test_both_intervals_of_the_best_are_given(bare):
    data = bare(seeds=5, extra_rows=11)
    for entry in data["summary"]:
        if entry["method"] == "dann":
            entry["vs_source_only"].update(ci95=[0.16, 0.18], ci95_joint=[0.1, 0.24])
    note = figures(as_data(data))["points against source-only"]["note"]
    assert note == "95 % interval +16.0 to +18.0; +10.0 to +24.0 for all 13 at once"
    assert n_judged(as_data(data)) == 13


def test_beyond_the_bound_the_last_figure_is_the_bound(bare):
    data = as_data(bare(seeds=3))
    share = "of the gap to training on target labels"
    assert share in figures(data)
    top = next(e for e in data["summary"] if e["kind"] == "bound")
    best = next(e for e in data["summary"] if e["method"] == "dann")
    best["gap_covered"] = {"value": 5.27, "ci95": [4.3, 6.9], "reason": None}
    shown = figures(data)
    assert share not in shown
    assert shown["training on target labels, less than that"]["value"] == f"{100 * top['mean']:.1f} %"


def test_a_p_value_is_called_corrected_only_where_it_is(bare):
    data = bare(seeds=6)
    assert figures(as_data(data))["seeds in which it is better"]["note"] == "p = .062, corrected for all rows"
    for entry in data["summary"]:
        if entry["vs_source_only"]:
            entry["vs_source_only"]["p_holm"] = None
    assert figures(as_data(data))["seeds in which it is better"]["note"] == "p = .031 for this row alone"


def test_the_best_is_that_which_gains_most_in_the_seeds_it_shares(bare):
    """A method whose bad seeds failed has the higher mean, and gains less where both were measured."""
    data = bare(seeds=3)
    for entry in data["summary"]:
        if entry["method"] == "sa":
            entry["mean"] = 0.7
    assert best_adapted(as_data(data))["method"] == "dann"


def test_the_usual_pick_is_that_of_most_seeds(data):
    assert usual_pick(data) == "dann"
    assert usual_pick({**data, "selection": []}) is None


def test_without_labels_the_first_figure_names_who_is_level(bare):
    data = bare(seeds=2, labelled=False)
    label = "put first by reverse-svm"
    for row in data["rows"]:
        row["validators"] = {"reverse-svm": {"value": 0.9 if row["method"] == "dann" else 0.5}}
    assert figures(as_data(data))[label] == {"label": label, "value": "DANN", "note": "in 2 of 2 seeds; no proof"}
    for row in data["rows"]:
        row["validators"] = {"reverse-svm": {"value": 0.5}}
    assert figures(as_data(data))[label] == {
        "label": label, "value": "Source only", "note": "level with subspace alignment and DANN; no proof",
    }  # fmt: skip
    for row in data["rows"]:
        row["validators"] = {}
    assert label not in figures(as_data(data))


def test_the_distance_is_that_of_whatever_was_adapted(bare, sample):
    data = sample(seeds=1, labelled=False, images=False, points=0, steps=3)
    data["divergence"] = [d for d in data["divergence"] if d["features"] in ("source-only", "sa")]
    assert "subspace alignment; about 0 alike, 2 told apart" in figures(as_data(data))["proxy A-distance"]["note"]
