import csv
import io
from pathlib import Path

import pytest

from dacompare.report.tables import METHOD_COLUMNS, VALIDATOR_COLUMNS, method_table, validator_table, write_csv
from dacompare.results import Results


def test_a_line_a_method_with_all_columns(bare):
    data = bare(seeds=6)
    table = method_table(data)
    assert [line["method"] for line in table] == [entry["method"] for entry in data["summary"]]
    assert all(tuple(sorted(line)) == tuple(sorted(METHOD_COLUMNS)) for line in table)
    dann, summary = table[3], data["summary"][3]
    assert dann["accuracy"] == summary["mean"]
    assert [dann["difference_low"], dann["difference_high"]] == summary["vs_source_only"]["ci95"]
    assert dann["p_holm"] == summary["vs_source_only"]["p_holm"]
    assert (dann["published_accuracy"], dann["published_where"]) == (0.7666, "An invented paper, Table 1")
    assert table[0]["difference"] is None
    assert [line["oracle"] for line in table] == [False, False, True, False, False]


def test_several_published_figures_stand_in_one_cell(bare):
    data = bare(seeds=2)
    data["summary"][3]["published"] = [{"accuracy": 0.5, "where": "A"}, {"accuracy": 0.75, "where": "B"}]
    line = method_table(data)[3]
    assert (line["published_accuracy"], line["published_where"]) == ("0.5; 0.75", "A; B")


def test_validators_have_means_over_seeds(bare):
    table = {line["validator"]: line for line in validator_table(bare())}
    assert table["reverse-svm"]["primary"] is True
    assert table["reverse-svm"]["picks"] == "DANN 5"
    assert table["reverse-svm"]["cost"] == 0
    assert table["entropy"]["picks"] == "Source only 3; DANN 2"
    assert table["entropy"]["cost"] == pytest.approx(3 * 0.17 / 5)
    assert table["entropy"]["gain"] == pytest.approx(2 * 0.17 / 5)
    assert tuple(table["entropy"]) == VALIDATOR_COLUMNS


def test_without_target_labels_cells_are_empty(bare):
    data = bare(labelled=False)
    text = write_csv(method_table(data), METHOD_COLUMNS)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(data["summary"])
    assert {row["accuracy"] for row in rows} == {""}
    assert {line["cost"] for line in validator_table(data)} == {None}


def test_csv_reads_back_as_it_was(bare):
    table = method_table(bare())
    rows = list(csv.DictReader(io.StringIO(write_csv(table, METHOD_COLUMNS))))
    assert tuple(rows[0]) == METHOD_COLUMNS
    for row, line in zip(rows, table, strict=True):
        assert float(row["accuracy"]) == pytest.approx(line["accuracy"], rel=1e-5)
        assert row["oracle"] == str(line["oracle"]).lower()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " =", "\t=", "\r@", "\n-", "＝"])
def test_text_is_never_a_formula(bare, start):
    data = bare(seeds=1)
    data["task"] = {**data["task"], "title": f"{start}HYPERLINK(1)"}
    rows = list(csv.reader(io.StringIO(write_csv(method_table(data), METHOD_COLUMNS))))
    assert {row[1] for row in rows[1:]} == {f"'{start.strip()}HYPERLINK(1)"}


def test_negative_numbers_stay_numbers():
    assert write_csv([{"a": -0.25, "b": "-0.25", "c": -1}], "abc") == "a,b,c\n-0.25,'-0.25,-1\n"


def test_hostile_text_stays_in_its_cell(bare, hostile):
    data = Results(bare(seeds=1, hostile=f'{hostile},"x"\r\n=1')).data
    rows = list(csv.reader(io.StringIO(write_csv(method_table(data), METHOD_COLUMNS))))
    assert {len(row) for row in rows} == {len(METHOD_COLUMNS)}
    assert len(rows) == 1 + len(data["summary"])
    assert not any("\n" in cell or "\r" in cell for row in rows for cell in row)


def test_every_column_is_explained_in_the_documentation():
    pages = [path.read_text(encoding="utf-8") for path in (Path(__file__).parents[2] / "docs").rglob("*.md")]
    assert any(all(f"`{name}`" in page for name in {*METHOD_COLUMNS, *VALIDATOR_COLUMNS}) for page in pages)
