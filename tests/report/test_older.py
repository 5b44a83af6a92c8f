"""Files of before the joint intervals are judged as files of today."""

import copy

import pytest

from dacompare.report.older import brought_up
from dacompare.report.reading import as_data
from dacompare.summary import summarise
from dacompare.verdict import verdict


def results_of(**accuracies):
    rows = [
        {"method": m, "label": m, "kind": "deep", "seed": s, "status": "ok", "target_accuracy": a}
        for m, values in accuracies.items()
        for s, a in enumerate(values)
    ]
    summary = summarise(rows)
    task = {"classes": ["a", "b"], "class_counts": {"source": [5, 5], "target": [5, 5]}}
    return {"rows": rows, "summary": summary, "verdict": verdict(summary, chance=0.5), "task": task}


@pytest.fixture
def today():
    noise = {f"m{i}": [0.6 + 0.001 * (i % 3), 0.61, 0.59] for i in range(12)}
    return results_of(**{"source-only": [0.6, 0.61, 0.6]}, lucky=[0.64, 0.66, 0.635], **noise)


@pytest.fixture
def before(today):
    old = copy.deepcopy(today)
    for entry in old["summary"]:
        if entry["vs_source_only"]:
            del entry["vs_source_only"]["ci95_joint"]
    old["verdict"] = {"code": "helps", "text": "Adaptation helps, said the version of before.", "basis": []}
    return old


def test_a_file_of_before_says_what_it_would_say_today(today, before):
    read = as_data(before)
    assert read["verdict"] == as_data(today)["verdict"]
    assert read["verdict"]["code"] == "unclear"
    assert read["summary"][1]["vs_source_only"] == as_data(today)["summary"][1]["vs_source_only"]


def test_the_file_itself_is_not_changed(before):
    kept = copy.deepcopy(before)
    as_data(before)
    assert before == kept


def test_reading_twice_changes_nothing_more(before):
    once = as_data(before)
    assert as_data(once)["summary"] == once["summary"]
    assert as_data(once)["verdict"] == once["verdict"]
    assert brought_up(once) is once


def test_a_file_without_labels_keeps_its_verdict(before):
    unlabelled = {**before, "verdict": {"code": "unlabelled", "text": "nobody knows"}}
    assert as_data(unlabelled)["verdict"]["text"] == "nobody knows"


def test_a_summary_that_lacks_parts_stays_as_it_is(before):
    for entry in before["summary"]:
        del entry["n_missing"]
    assert as_data(before)["verdict"]["text"] == "Adaptation helps, said the version of before."
