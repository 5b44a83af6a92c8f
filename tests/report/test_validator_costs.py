import pytest

from dacompare.report.reading import as_data
from dacompare.report.validator_costs import NEVER, validator_costs


def entry(validator, seed, pick, best=0.8, base=0.5, **more):
    known = {"pick_accuracy": pick, "oracle_accuracy": best, "source_only_accuracy": base, "cost": best - pick}
    return {"validator": validator, "scope": "methods", "seed": seed, "pick": "x", **known, **more}


def report(title, *entries):
    return as_data({"task": {"title": title}, "selection": list(entries)}), f"{title}.html"


def test_costs_and_gains_are_means_over_seeds_and_over_tasks():
    first = report("a", entry("entropy", 0, 0.8), entry("entropy", 1, 0.6), entry("iwv", 0, 0.5), entry("iwv", 1, 0.5))
    second = report("b", entry("entropy", 0, 0.4))
    table = validator_costs([first, second])
    assert table["names"] == ["entropy", "iwv", NEVER]
    cells = table["lines"][0]["cells"]
    assert cells[0] == {"cost": pytest.approx(0.1), "gain": pytest.approx(0.2)}
    assert cells[1] == {"cost": pytest.approx(0.3), "gain": pytest.approx(0.0)}
    assert cells[2] == {"cost": pytest.approx(0.3), "gain": 0.0}
    assert table["lines"][1]["cells"][1] is None
    assert table["means"][0] == {"cost": pytest.approx(0.25), "gain": pytest.approx(0.05)}
    assert table["means"][1]["cost"] == pytest.approx(0.3)


def test_picks_of_a_dimension_do_not_count_and_tasks_without_labels_have_no_line():
    unlabelled = {"pick_accuracy": None, "oracle_accuracy": None, "source_only_accuracy": None, "cost": None}
    first = report("a", entry("entropy", 0, 0.8), entry("entropy", 0, 0.1, scope="n_components"))
    second = report("b", {"validator": "entropy", "scope": "methods", "seed": 0, "pick": "x", **unlabelled})
    table = validator_costs([first, second])
    assert [line["title"] for line in table["lines"]] == ["a"]
    assert table["lines"][0]["cells"][0]["cost"] == pytest.approx(0.0)
    assert validator_costs([second]) is None


def test_without_a_source_only_row_there_is_a_cost_but_no_gain():
    table = validator_costs([report("a", entry("entropy", 0, 0.7, base=None))])
    assert table["names"] == ["entropy"]
    assert table["lines"][0]["cells"] == [{"cost": pytest.approx(0.1), "gain": None}]
