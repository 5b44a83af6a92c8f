import pytest

from dacompare.report import render, without_labels
from dacompare.report.reading import as_data


@pytest.fixture(scope="module")
def data(bare):
    return as_data(bare(seeds=2, labelled=False))


def test_where_two_differ_one_is_wrong(data):
    table = [{"seed": 0, "methods": ["source-only", "dann"], "matrix": [[1.0, 0.62], [0.62, 1.0]]}]
    said = without_labels.agreements({**data, "agreement": table})["finding"]
    assert said == (
        "Source only and DANN agree least: on 62.0 % of the target rows. Where two differ, at least one of them is "
        "wrong, so that one of these errs on 19.0 % or more."
    )


def test_many_methods_are_columns_by_number(bare, read_page):
    data = bare(seeds=1, labelled=False, extra_rows=12)
    table = without_labels.agreements(as_data(data))
    assert table["is_numbered"]
    page = read_page(render(data))
    heads = [a for a in page.all("th") if a.get("scope") == "col"]
    assert len(heads) > len(table["labels"])


def test_what_cannot_be_known_is_said_only_where_it_cannot(bare, data):
    assert without_labels.unknowns(as_data(bare(seeds=1))) is None
    found = without_labels.unknowns(data)
    assert "whether adapting helps at all" in found["cannot"][0]
    assert found["next"][0].startswith("Labels for a few of the 1,000 target rows")


def test_the_mix_of_classes_stands_beside_that_of_the_source(bare):
    data = bare(classes=2, seeds=2, labelled=False)
    data["task"]["class_counts"] = {"source": [60, 40], "target": None}
    for row in data["rows"]:
        row["predicted_counts"] = [75, 25] if row["method"] == "dann" else [60, 40]
    found = without_labels.class_mix(as_data(data))
    dann = found["labels"].index("DANN")
    assert [line["source"] for line in found["lines"]] == [0.6, 0.4]
    assert [line["cells"][dann] for line in found["lines"]] == [0.75, 0.25]
    moved = {line["label"]: line for line in found["moved"]}
    assert moved["DANN"] == {"label": "DANN", "share": "15.0 %", "grown": "0: 60.0 % → 75.0 %"}
    assert moved["Source only"]["grown"] == "–"


def test_of_many_classes_those_that_moved_most_are_shown(bare):
    data = bare(classes=43, seeds=1, labelled=False)
    found = without_labels.class_mix(as_data(data))
    assert len(found["lines"]) == without_labels.MOST_CLASSES
    assert found["left_out"] == 43 - without_labels.MOST_CLASSES


def test_disputed_rows_say_who_says_what(data):
    table = {"seed": 0, "methods": ["source-only", "sa", "dann"], "rows": [{"index": 7, "said": [3, 3, 8]}]}
    (row,) = without_labels.disputed({**data, "disputed": table})["rows"]
    assert row["full"] == "3: source only and subspace alignment; 8: DANN"
    assert [one["by"] for one in row["said"]] == ["Source only and Subspace alignment", "DANN"]
    assert row["alt"].startswith("Target row 7, called 3: source only")


def test_the_page_has_rows_with_and_without_pictures(sample, read_page):
    for images in (True, False):
        text = read_page(render(sample(labelled=False, images=images, points=0, steps=3, seeds=1))).text
        assert "Rows that the methods dispute" in text
        assert ("Disputed target rows, counted from 0" in text) is not images


def test_a_page_with_labels_says_none_of_it(full_page):
    assert "Rows that the methods dispute" not in full_page
    assert "What cannot be known" not in full_page
