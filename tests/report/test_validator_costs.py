import pytest

from dacompare.report.reading import as_data
from dacompare.report.validator_costs import NEVER, by_validator, validator_costs


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
    assert table["means"][0] == {
        "cost": pytest.approx(0.25),
        "gain": pytest.approx(0.05),
        "n": 2,
        "never": pytest.approx(0.3),
    }
    assert table["means"][1] == {
        "cost": pytest.approx(0.3),
        "gain": pytest.approx(0.0),
        "n": 1,
        "never": pytest.approx(0.3),
    }


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


def test_a_family_has_one_line_of_means_over_its_tasks():
    first, second = report("a", entry("entropy", 0, 0.8)), report("b", entry("entropy", 0, 0.4))
    table = validator_costs([report("own", entry("iwv", 0, 0.7))], [("family", "f/index.html", [first, second])])
    assert table["names"] == ["iwv", "entropy", NEVER]
    assert [line["title"] for line in table["lines"]] == ["own"]
    family = table["families"][0]
    assert (family["title"], family["link"], family["n"]) == ("family", "f/index.html", 2)
    assert family["cells"][0] is None
    cost = {"cost": pytest.approx(0.2), "gain": pytest.approx(0.1), "never": pytest.approx(0.3)}
    assert family["cells"][1] == {**cost, "n": 2}
    assert [(line["title"], line["link"]) for line in family["lines"]] == [
        (data["task"]["title"], link) for data, link in (first, second)
    ]
    assert [line["cells"][0] for line in family["lines"]] == [None, None]
    assert family["lines"][0]["cells"][1] == by_validator(first[0])["entropy"]


def test_a_folder_with_nothing_but_families_has_their_lines():
    table = validator_costs([], [("family", "f/index.html", [report("a", entry("entropy", 0, 0.8))])])
    assert table["lines"] == []
    assert table["means"] == [None, None]
    assert len(table["families"]) == 1
