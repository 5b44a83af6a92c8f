"""Rows in, tables out: what the page says must follow from the numbers."""

import numpy as np
import pytest

from dacompare.summary import (
    agreement_table,
    changes_table,
    fill_gap_covered,
    selection_table,
    summarise,
    validator_table,
)
from dacompare.verdict import verdict
from tests.invented_rows import BASE, rows_of, shifted

# summarise


def test_gap_of_a_row_is_that_of_its_seed():
    rows = fill_gap_covered(rows_of(source_only=[0.5, 0.5], dann=[0.6, None], train_on_target=[0.9, 0.9]))
    assert [row["gap_covered"] for row in rows] == [None, None, pytest.approx(0.25), None, None, None]


def test_a_gap_below_one_point_is_no_gap():
    rows = fill_gap_covered(rows_of(source_only=[0.5], dann=[0.6], train_on_target=[0.505]))
    assert rows[1]["gap_covered"] is None


def test_summary_keeps_the_order_of_the_rows():
    entries = summarise(rows_of(dann=[0.5], source_only=[0.4]))
    assert [entry["method"] for entry in entries] == ["dann", "source-only"]


def test_summary_by_hand():
    entry = summarise(rows_of(source_only=[0.4, 0.5], dann=[0.6, 0.5], train_on_target=[0.9, 1.0]))[1]
    assert entry["mean"] == pytest.approx(0.55)
    assert entry["sd"] == pytest.approx(0.1 / np.sqrt(2))
    assert entry["n_seeds"] == 2
    assert entry["vs_source_only"]["difference"] == pytest.approx(0.1)
    assert entry["vs_source_only"]["wins"] == 1
    assert entry["gap_covered"]["value"] == pytest.approx(0.1 / 0.5)


def test_failed_rows_do_not_count_and_are_counted():
    entry = summarise(rows_of(source_only=[0.4, 0.4, 0.4], dann=[0.5, None, 0.7]))[1]
    assert (entry["n_seeds"], entry["n_missing"]) == (2, 1)
    assert entry["mean"] == pytest.approx(0.6)
    assert entry["vs_source_only"]["n"] == 2


def test_a_method_that_always_failed_keeps_its_line():
    entry = summarise(rows_of(source_only=[0.4], dann=[None]))[1]
    assert entry["mean"] is None
    assert entry["vs_source_only"] is None


def test_too_few_seeds_for_a_test():
    entry = summarise(rows_of(source_only=BASE, dann=shifted(0.1, 0.1, 0.2, 0.1, 0.1)))[1]
    assert entry["vs_source_only"]["p_value"] is None
    assert entry["vs_source_only"]["p_holm"] is None


def test_holm_counts_the_methods_one_could_use():
    six = [0.4] * 6
    better = [0.5, 0.6, 0.5, 0.6, 0.5, 0.6]
    entries = summarise(rows_of(source_only=six, sa=better, sa_oracle=better, dann=better, train_on_target=better))
    p = {
        e["method"]: e["vs_source_only"] and (e["vs_source_only"]["p_value"], e["vs_source_only"]["p_holm"])
        for e in entries
    }
    assert p["sa"] == p["dann"] == (2 / 64, 4 / 64)
    assert p["sa-oracle"] == p["train-on-target"] == (None, None)
    assert p["source-only"] is None


def test_published_figures_stand_beside_their_row():
    published = [{"method": "dann", "accuracy": 0.7666, "where": "Table 1"}]
    source, dann = summarise(rows_of(source_only=[0.4], dann=[0.5]), published)
    assert source["published"] == []
    assert dann["published"] == [{"accuracy": 0.7666, "gap_covered": None, "where": "Table 1", "note": ""}]


def test_rows_without_target_labels_have_no_accuracy_but_count():
    rows = rows_of(source_only=[0.4], dann=[0.5])
    for row in rows:
        row["target_accuracy"] = None
    entry = summarise(rows)[1]
    assert (entry["n_seeds"], entry["mean"], entry["gap_covered"], entry["vs_source_only"]) == (1, None, None, None)


def test_an_interval_of_accuracies_ends_where_accuracies_end():
    entry = summarise(rows_of(source_only=[0.99, 1.0, 0.9], dann=[0.0, 0.01, 0.1]))
    assert entry[0]["ci95"][1] == 1.0
    assert entry[1]["ci95"][0] == 0.0


# tables


def scored(method, seed, accuracy, **values):
    (row,) = rows_of(**{method: [accuracy]})
    return {**row, "seed": seed, "validators": {name.replace("_", "-"): {"value": v} for name, v in values.items()}}


HIGHER = {"reverse-svm": True, "entropy": False}


def test_what_a_pick_costs():
    rows = [
        scored("source_only", 0, 0.5, reverse_svm=0.9, entropy=0.3),
        scored("sa", 0, 0.7, reverse_svm=0.8, entropy=0.2),
        scored("dann", 0, 0.6, reverse_svm=0.9, entropy=0.1),
        scored("sa_oracle", 0, 0.95, reverse_svm=0.99, entropy=0.01),
        scored("train_on_target", 0, 0.99, reverse_svm=1.0, entropy=0.0),
    ]
    reverse, entropy = selection_table(rows, higher_is_better=HIGHER)
    assert (reverse["pick"], reverse["cost"]) == ("source-only", pytest.approx(0.2))
    assert (entropy["pick"], entropy["cost"]) == ("dann", pytest.approx(0.1))
    assert entropy["oracle_accuracy"] == 0.7
    assert entropy["source_only_accuracy"] == 0.5


def test_a_classifier_that_does_not_adapt_may_be_picked_and_is_not_judged():
    rows = [
        {**scored(name, seed, accuracy + seed * spread, reverse_svm=score), "adapts": name == "dann"}
        for name, accuracy, score, spread in [
            ("source_only", 0.5, 0.7, 0),
            ("sa", 0.8, 0.9, 0),
            ("dann", 0.6, 0.8, 0.01),
        ]
        for seed in range(6)
    ]
    base, still, dann = summarise(rows)
    assert (base["adapts"], still["adapts"], dann["adapts"]) == (False, False, True)
    assert still["vs_source_only"]["difference"] == pytest.approx(0.3)
    assert still["vs_source_only"]["p_holm"] is still["vs_source_only"]["ci95_joint"] is None
    assert dann["vs_source_only"]["p_holm"] == dann["vs_source_only"]["p_value"]  # corrected for itself alone
    assert verdict([base, still, dann])["text"].startswith(
        "Adaptation helps: DANN reaches 62.5 % on the target, 12.5 points"
    )
    assert {pick["pick"] for pick in selection_table(rows, higher_is_better=HIGHER)} == {"sa"}


def test_a_validator_without_values_picks_nothing():
    assert selection_table([scored("dann", 0, 0.6, entropy=None)], higher_is_better=HIGHER) == []


def test_dimensions_are_picked_without_labels_too():
    sweep = {
        "method": "sa",
        "seed": 3,
        "n_components": [2, 5, 9],
        "target_accuracy": None,
        "validators": {"entropy": [0.2, None, 0.1]},
    }
    (entry,) = selection_table([], [sweep], higher_is_better=HIGHER)
    assert (entry["scope"], entry["seed"], entry["pick"]) == ("n_components", 3, 9)
    assert entry["pick_accuracy"] is entry["oracle_accuracy"] is entry["cost"] is None


def test_a_good_validator_correlates_whichever_way_it_points():
    curve = [0.3, 0.5, 0.4, 0.6]
    validators = {"entropy": [-a for a in curve], "reverse-svm": [-a for a in curve]}
    sweeps = [
        {"method": "sa", "seed": seed, "n_components": [2, 3, 4, 5], "target_accuracy": curve, "validators": validators}
        for seed in (0, 1)
    ]
    entropy, reverse = validator_table([], sweeps, higher_is_better=HIGHER)
    assert entropy["spearman_dimensions"] == {"value": pytest.approx(1.0), "n": 8, "seeds": 2}
    assert reverse["spearman_dimensions"]["value"] == pytest.approx(-1.0)
    assert entropy["spearman"] is None  # of methods there are none


def test_many_dimensions_do_not_outvote_the_methods():
    """A validator that orders dimensions well may order methods the wrong way round."""
    accuracies = {"source-only": 0.5, "sa": 0.6, "dann": 0.7}
    rows = [scored(m, seed, a, entropy=a) for m, a in accuracies.items() for seed in (0, 1)]
    curve = [0.3, 0.5, 0.4, 0.6]
    sweep = {"method": "sa", "seed": 0, "n_components": [2, 3, 4, 5], "target_accuracy": curve}
    sweep["validators"] = {"entropy": [-a for a in curve]}
    (entropy,) = validator_table(rows, [sweep], higher_is_better=HIGHER)
    assert entropy["spearman"] == {"value": pytest.approx(-1.0), "n": 6, "seeds": 2}
    assert entropy["spearman_dimensions"] == {"value": pytest.approx(1.0), "n": 4, "seeds": 1}
    assert "2 seeds" in entropy["note"]


def test_no_correlation_without_target_labels():
    sweep = {
        "method": "sa",
        "seed": 0,
        "n_components": [2, 3, 4],
        "target_accuracy": None,
        "validators": {"entropy": [1, 2, 3]},
    }
    (entry,) = validator_table([], [sweep], higher_is_better=HIGHER)
    assert entry["spearman"] is None
    assert "needs target labels" in entry["note"]


def test_agreement_and_changes_by_hand():
    predictions = {4: {"source-only": np.array([0, 1, 1, 0]), "dann": np.array([0, 1, 0, 1])}}
    (agreement,) = agreement_table(predictions)
    assert agreement == {"seed": 4, "methods": ["source-only", "dann"], "matrix": [[1.0, 0.5], [0.5, 1.0]]}
    (changes,) = changes_table(predictions, np.array([0, 0, 0, 0]))
    assert changes == {"method": "dann", "seed": 4, "fixed": 1, "broken": 1, "both_right": 1, "both_wrong": 1}
    assert changes_table(predictions, None) == []
