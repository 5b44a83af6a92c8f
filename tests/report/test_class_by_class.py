import pytest

from dacompare.report.class_by_class import classes
from dacompare.report.reading import as_data


def test_confusions_are_shares_of_the_true_class_and_seeds_are_not_pooled():
    rows = [
        {"method": "dann", "seed": 0, "status": "ok", "confusion": [[1, 1], [0, 1]]},
        {"method": "dann", "seed": 1, "status": "ok", "confusion": [[30, 0], [0, 30]]},
    ]
    found = classes(as_data({"rows": rows, "task": {"classes": ["a", "b"]}}))
    assert found["matrices"][0]["rows"] == [[0.75, 0.25], [0.0, 1.0]]
    assert [line["cells"] for line in found["lines"]] == [[0.75], [1.0]]


def test_a_class_without_rows_has_no_accuracy():
    rows = [{"method": "dann", "seed": 0, "status": "ok", "confusion": [[2, 0], [0, 0]]}]
    found = classes(as_data({"rows": rows, "task": {"classes": ["a", "b"]}}))
    assert found["lines"][1]["cells"] == [None]


def test_many_classes_list_their_largest_confusions(bare):
    found = classes(as_data(bare(classes=43, seeds=1)))
    assert found["matrices"][0]["rows"] is None
    shares = [float(one["share"].split()[0]) for one in found["matrices"][0]["largest"]]
    assert len(shares) == 10
    assert shares == sorted(shares, reverse=True)
    assert any(line["name"] == "7 · sign 7" for line in found["lines"])


def test_the_hardest_class_comes_first_and_is_named(bare):
    data = bare(classes=3, seeds=2)
    for row in data["rows"]:
        if row["method"] == "dann":
            row["confusion"] = [[90, 10, 0], [0, 50, 50], [30, 0, 70]]
        if row["method"] == "source-only":
            row["confusion"] = [[95, 5, 0], [0, 20, 80], [40, 0, 60]]
    found = classes(as_data(data))
    assert [line["name"] for line in found["lines"]] == ["1", "2", "0"]
    assert [line["change"] for line in found["lines"]] == ["+30.0", "+10.0", "−5.0"]
    assert found["finding"] == (
        "Hardest for DANN: 1 (50.0 %) and 2 (70.0 %). Against source-only, 1 gains most (+30.0 points), "
        "0 loses most (−5.0 points)."
    )
    (dann,) = (line for line in found["others"] if line["label"] == "DANN")
    assert (dann["class"], dann["share"], dann["confusion"], dann["confused"]) == ("1", "50.0 %", "1 → 2", "50.0 %")


def test_many_methods_share_one_table_and_the_four_that_matter_are_drawn(bare):
    found = classes(as_data(bare(extra_rows=12, seeds=2)))
    assert found["labels"] == ["Source only", "DANN", "Train on target"]
    assert [matrix["label"] for matrix in found["matrices"]] == found["labels"]
    assert len(found["others"]) == 17
    assert found["is_selection"]


def test_source_only_alone_has_classes_and_no_change(bare):
    found = classes(as_data(bare(methods=("source-only",), seeds=1)))
    assert not found["has_change"]
    assert found["finding"].startswith("Hardest for source only: ")
    assert "Against" not in found["finding"]


def test_no_class_loses(bare):
    data = bare(classes=2, seeds=1)
    for row in data["rows"]:
        row["confusion"] = [[9, 1], [1, 9]] if row["method"] == "dann" else [[5, 5], [5, 5]]
    assert "Against source-only, 1 gains most (+40.0 points), no class loses." in classes(as_data(data))["finding"]


@pytest.mark.parametrize("confusion", [None, []])
def test_without_confusions_there_is_nothing_to_say(bare, confusion):
    data = bare(seeds=1)
    for row in data["rows"]:
        row["confusion"] = confusion
    assert classes(as_data(data)) is None
