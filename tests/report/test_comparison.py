import pytest

from dacompare.ranking import rank_methods
from dacompare.report.comparison import axis_of, comparison, how_judged, unlabelled_comparison
from dacompare.report.examples import changes
from dacompare.report.reading import as_data, methods_in_order
from dacompare.results import Results


@pytest.fixture(scope="module")
def data(bare):
    return as_data(bare(seeds=3))


def lines_of(found):
    return {line["method"]: line for group in found["groups"] for line in group["lines"]}


def test_differences_carry_their_sign_and_interval(data):
    versus = lines_of(comparison(data))["dann"]["versus"]
    assert versus["difference"].startswith("+")
    assert versus["wins"] == "better in 3 of 3"
    assert versus["p"] == ""


def test_dots_stand_in_the_order_of_their_accuracies(data):
    line = lines_of(comparison(data))["dann"]
    rows = [row["target_accuracy"] for row in data["rows"] if row["method"] == "dann"]
    places = [float(point["x"]) for point in line["dots"]["points"]]
    assert sorted(range(3), key=lambda i: places[i]) == sorted(range(3), key=lambda i: rows[i])
    assert float(line["dots"]["base"]) < min(places)
    assert "(seed 2)" in line["dots"]["title"]


def test_the_axis_holds_every_accuracy(data):
    axis = axis_of(data)
    values = [row["target_accuracy"] for row in data["rows"]]
    assert 0 <= axis["low"] <= min(values) <= max(values) <= axis["high"] <= 1


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_equal_accuracies_still_have_an_axis(value):
    row = {"method": "dann", "seed": 0, "status": "ok", "target_accuracy": value}
    axis = axis_of(as_data({"rows": [row]}))
    assert 0 <= axis["low"] < axis["high"] <= 1
    assert axis["low"] <= value <= axis["high"]


def test_one_seed_shows_the_interval_of_its_test_set(bare):
    line = lines_of(comparison(as_data(bare(seeds=1))))["dann"]
    assert " to " in line["interval"]
    assert line["dots"]["ends"] is None


def test_the_reason_stands_where_the_gap_is_not_given(bare):
    data = bare(seeds=2)
    for entry in data["summary"]:
        if entry["gap_covered"]:
            entry["gap_covered"] = {"value": None, "ci95": None, "reason": "the gap is below 1 point"}
    line = lines_of(comparison(as_data(data)))["dann"]
    assert (line["gap"], line["gap_reason"]) == (None, "the gap is below 1 point")


def test_without_labels_agreement_and_scores_remain(bare):
    found = unlabelled_comparison(as_data(bare(seeds=2, labelled=False)))
    lines = {line["label"]: line for line in found["lines"]}
    assert lines["DANN"]["agreement"] == pytest.approx(0.62)
    assert lines["Source only"]["agreement"] is None
    assert 0 < lines["DANN"]["score"] < 1
    assert lines["Train on target"]["problems"][0]["status"] == "skipped"


def test_the_column_of_genuine_rows_is_there_where_some_were_scored(bare):
    data = as_data(bare(seeds=3))
    assert not comparison(data)["has"]["genuine"]
    data["task"]["genuine"] = {"name": "published digits", "n": 1000}
    for entry in data["summary"]:
        if entry["method"] == "dann":
            entry.update(genuine_mean=0.611, genuine_ci95=[0.60, 0.62])
    table = comparison(data)
    lines = lines_of(table)
    assert table["has"]["genuine"]
    assert (lines["dann"]["genuine"], lines["dann"]["genuine_interval"]) == (0.611, "60.0 to 62.0")
    assert lines["source-only"]["genuine"] is None
    assert "1,000 rows of published digits, which nothing was trained on or chosen by" in " ".join(table["how"])


def test_the_time_of_a_step_stands_beside_that_of_a_seed(bare):
    data = as_data(bare(seeds=3))
    for row in data["rows"]:
        row["step_seconds"] = 0.0204 if row["kind"] == "deep" else None
    lines = lines_of(comparison(data))
    assert lines["dann"]["step"] == "20.4 ms a step"
    assert lines["sa"]["step"] == ""


def test_overlapping_draws_are_told_and_not_tested(bare, read_page):
    from dacompare.report import render

    data = bare(seeds=7)
    data["task"]["source_per_class"] = 20
    for entry in data["summary"]:
        if entry["vs_source_only"]:
            entry["vs_source_only"].update(p_value=None, p_holm=None)
    text = read_page(render(data)).text
    assert "A seed is a draw of 20 source rows of each class. Draws overlap" in text
    assert "draws overlap: no test" in text
    assert "too few seeds" not in text
    assert "7 draws" in text
    assert "draws in which it is better" in text


def test_source_only_comes_first_then_the_highest_mean(data):
    usable = [line["method"] for line in comparison(data)["groups"][0]["lines"]]
    assert usable == ["source-only", "dann", "sa"]


def test_helps_and_hurts_are_said_of_the_interval_for_all_at_once(bare):
    data = bare(seeds=3)
    for entry in data["summary"]:
        if entry["method"] == "sa":
            entry["vs_source_only"].update(ci95=[0.01, 0.03], ci95_joint=[-0.01, 0.05])
        if entry["method"] == "dann":
            entry["vs_source_only"].update(ci95=[-0.08, -0.06], ci95_joint=[-0.09, -0.05])
    lines = lines_of(comparison(as_data(data)))
    assert lines["sa"]["effect"] is None
    assert lines["dann"]["effect"] == {"code": "hurts", "word": "hurts", "sign": "▼"}
    assert lines["train-on-target"]["effect"] is None  # no method that one could use


def test_what_looking_at_many_rows_costs_is_said(bare):
    said = " ".join(how_judged(as_data(bare(seeds=5, extra_rows=11))))
    assert "The best of 13 rows is also the luckiest of 13" in said
    assert "too few seeds for a test" in said
    one = bare(seeds=5, methods=("source-only", "dann"))
    assert "luckiest" not in " ".join(how_judged(as_data(one)))


def test_p_values_that_could_not_be_small_are_called_that(bare):
    said = " ".join(how_judged(as_data(bare(seeds=6, extra_rows=11))))
    assert "With 6 seeds and 13 rows the smallest of them cannot fall below 0.41" in said
    assert "cannot fall" not in " ".join(how_judged(as_data(bare(seeds=7))))


def test_a_p_value_that_is_not_corrected_says_so(bare):
    data = bare(seeds=6)
    for entry in data["summary"]:
        if entry["method"] == "dann":
            entry["vs_source_only"].update(p_value=0.03125, p_holm=None)
    assert lines_of(comparison(as_data(data)))["dann"]["versus"]["p"] == "p = .031 for this row alone"


@pytest.mark.parametrize("higher", [True, False])
def test_without_labels_the_validator_orders_the_methods_after_source_only(bare, higher):
    data = bare(seeds=2, labelled=False, extra_rows=4)
    data["validators"] = [{"name": "reverse-svm", "higher_is_better": higher}]
    lines = unlabelled_comparison(as_data(data))["lines"]
    assert lines[0]["is_base"]
    ranks = [name for name in rank_methods(data) if name != "source-only"]
    assert [line["method"] for line in lines[1:] if line["score"] is not None] == ranks
    assert lines[-1]["label"] == "Train on target"


def test_without_labels_the_order_is_that_of_what_is_chosen(bare):
    """By ranks within seeds, of rows that every seed has: a mean would let one seed decide."""
    data = bare(seeds=3, labelled=False)
    data["validators"] = [{"name": "reverse-svm", "higher_is_better": True}]
    scores = {"source-only": (0.5, 0.5, 0.5), "sa": (0.62, 0.62, 0.62), "dann": (0.99, 0.6, 0.6)}
    data["rows"] = [row for row in data["rows"] if row["method"] in scores and not row["oracle"]]
    for row in data["rows"]:
        row["validators"] = {
            "reverse-svm": {"value": scores[row["method"]][row["seed"]], "seconds": 0.0, "reason": None}
        }
    lines = [line["method"] for line in unlabelled_comparison(as_data(data))["lines"] if line["score"] is not None]
    assert lines == ["source-only", "sa", "dann"]
    assert Results(data).select() == "sa"


def test_a_reason_that_all_gaps_share_stands_once(bare):
    data = bare(seeds=2)
    for entry in data["summary"]:
        if entry["gap_covered"]:
            entry["gap_covered"] = {"value": None, "ci95": None, "reason": "the gap is below 1 point"}
    found = comparison(as_data(data))
    assert not found["has"]["gap"]
    assert found["judged"][-1] == "No share of the gap to training on target labels is given: the gap is below 1 point."
    assert not any("No share" in sentence for sentence in comparison(as_data(bare(seeds=2)))["judged"])


def test_networks_have_a_column_of_their_own_only_where_an_svm_is_what_counts(bare):
    data = as_data(bare(seeds=2))
    assert comparison(data)["has"]["networks"]
    data["task"]["head"] = "network"
    assert not comparison(data)["has"]["networks"]


def test_the_row_of_the_verdict_is_marked_even_below_a_higher_mean(bare):
    data = bare(seeds=3)
    for entry in data["summary"]:
        if entry["method"] == "dann":
            entry["vs_source_only"].update(ci95_joint=[-0.05, 0.4])
        if entry["method"] == "sa":
            entry["vs_source_only"].update(ci95_joint=[0.04, 0.2])
    found = comparison(as_data(data))
    assert found["best_said"] == "best of those that clearly help"
    assert [line["method"] for group in found["groups"] for line in group["lines"] if line["is_best"]] == ["sa"]
    assert comparison(as_data(bare(seeds=3)))["best_said"] == "best adapted"


def test_every_table_of_a_page_has_one_order_and_says_which_rows_have_seen_labels(full, read_page):
    from dacompare.report import render

    data = as_data(full)
    order = [entry["label"] for entry in methods_in_order(data)]
    assert order[0] == "Source only"
    assert order[-1] in {line["label"] for line in comparison(data)["groups"][-1]["lines"]}
    for found in (comparison(data)["seeds"]["lines"], changes(data)):
        labels = [line["label"] for line in found]
        assert labels == [label for label in order if label in labels]
    assert [line["usable"] for line in changes(data)][-1] is False
    assert read_page(render(full)).text.count("has seen target labels") >= 3


def test_rows_that_a_recipe_leaves_out_are_told_beside_the_accuracies(bare):
    data = as_data(bare(seeds=2))
    assert not any("leaves out" in sentence for sentence in comparison(data)["how"])
    data["task"]["data"] = [{"name": "new.csv", "left_out": 34}, {"name": "old.csv"}]
    assert "in no number of this page: 34 of new.csv." in " ".join(comparison(data)["how"])


@pytest.mark.parametrize(("classifier", "name"), [("svm", "a linear SVM"), ("1-nn", "a nearest neighbour")])
def test_the_classifier_that_judges_is_named(bare, classifier, name):
    data = as_data(bare(seeds=2))
    data["recipe"]["protocol"] = {**(data["recipe"].get("protocol") or {}), "classifier": classifier}
    assert [sentence for sentence in comparison(data)["how"] if name in sentence]
    (other,) = {"a linear SVM", "a nearest neighbour"} - {name}
    assert not [sentence for sentence in comparison(data)["how"] if other in sentence]


def test_a_row_that_does_not_adapt_says_so_and_has_no_effect(bare):
    data = bare(seeds=5)
    (entry,) = [entry for entry in data["summary"] if entry["method"] == "dann"]
    entry["vs_source_only"].update(ci95=[0.1, 0.2], ci95_joint=[0.1, 0.2])
    assert lines_of(comparison(as_data(data)))["dann"]["effect"]["code"] == "helps"
    entry["adapts"] = False
    line = lines_of(comparison(as_data(data)))["dann"]
    assert line["effect"] is None
    assert line["tag"] == "does not look at the target, so it is not judged"
    assert line["usable"]
