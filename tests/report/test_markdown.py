import re

import pytest

from dacompare.report.markdown import index_markdown, methods_markdown, report_markdown
from dacompare.summary import summarise


def cells(text, k=0):
    """Return the cells of the k-th table of a document."""
    tables = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in tables[k].splitlines()]
    return [[cell.strip() for cell in row] for row in rows]


def test_the_table_is_in_percent_with_intervals(bare):
    data = bare(seeds=6)
    table = cells(methods_markdown(data))
    assert table[0] == [
        "Method", "Target accuracy, %", "Gap covered, %", "Against source-only, points", "p", "Better in",
        "Published, %",
    ]  # fmt: skip
    dann, entry = table[5], data["summary"][3]
    low, high = entry["ci95"]
    assert dann[0] == "**DANN**"
    assert dann[1] == f"**{100 * entry['mean']:.1f}** ({100 * low:.1f} to {100 * high:.1f})"
    assert dann[4:] == [".062", "6 of 6", "76.7"]
    assert table[4][0] == "*Subspace alignment, oracle*"
    assert table[2][2:] == ["–", "–", "–", "–", "–"]


def test_columns_that_would_be_empty_are_left_out(bare):
    assert "p" not in cells(methods_markdown(bare(seeds=3)))[0]
    data = bare(seeds=1, methods=("source-only", "sa"))
    assert cells(methods_markdown(data))[0] == [
        "Method",
        "Target accuracy, %",
        "Against source-only, points",
        "Better in",
    ]


def test_where_seeds_are_all_alike_no_row_has_an_interval(bare):
    data = bare(seeds=2, methods=("source-only", "sa"))
    for row in data["rows"]:
        row["target_accuracy"] = 0.4 if row["method"] == "source-only" else 0.42
    for value in (0.42, 0.4):
        rows = [{**row, "target_accuracy": min(row["target_accuracy"], value)} for row in data["rows"]]
        table = cells(methods_markdown({**data, "summary": summarise(rows)}))
        assert table[3][1] == f"**{100 * value:.1f}** (the same in all 2 seeds)"
        assert table[3][2] == ("+2.0" if value > 0.4 else "0.0")


def test_a_row_that_failed_says_so(bare):
    data = bare(seeds=2)
    data["summary"][1].update(mean=None, ci95=None, n_seeds=0, n_missing=2, gap_covered=None, vs_source_only=None)
    assert cells(methods_markdown(data))[3][1] == "failed"


def test_the_document_has_verdict_published_figures_and_validators(bare):
    text = report_markdown(bare(overrides=["--quick"], partial=True))
    assert text.startswith("# Invented discs → discs on noise\n\n**Made with --quick: not a measurement to quote.**")
    assert "**Partial: some rows or seeds are missing.**" in text
    assert "- DANN: 76.7 %, gap covered 52.9 %. An invented paper, Table 1. Printed gap" in text
    assert ["**reverse-svm**", "DANN 5", "0.0", "+17.0"] in cells(text, 1)
    assert "Means over 5 seeds, with 95 % intervals. Rows in italics have seen target labels." in text


def test_without_target_labels_the_table_says_what_can_be_said(bare):
    table = cells(report_markdown(bare(labelled=False)))
    assert table[0][:2] == ["Method", "reverse-svm"]
    assert "Target accuracy, %" not in table[0]


def test_an_index_has_tasks_as_columns_accuracy_first_and_then_the_gap(bare):
    first, second = bare(seeds=2), bare(seeds=2, extra_rows=1)
    for data, name in ((first, "a|b"), (second, "c")):
        data["task"] = {**data["task"], "title": name}
    text = index_markdown([first, second])
    accuracy, gap = cells(text, 0), cells(text, 1)
    assert accuracy[0] == ["Method", r"a\|b", "c", "Mean"]
    named = {row[0]: row for row in accuracy}
    assert named["Invented variant 0"][1] == named["Invented variant 0"][3] == "–"
    mean = f"{100 * first['summary'][3]['mean']:.1f}"
    assert named["DANN"] == ["DANN", f"**{mean}**", f"**{mean}**", mean]
    assert accuracy[-1][0] == "*Subspace alignment, oracle*"
    assert "Source only" not in [row[0] for row in gap]


def test_an_index_names_what_it_leaves_out(bare):
    text = index_markdown([bare(overrides=["--quick"]), bare(labelled=False)])
    assert text == (
        "Without target labels: Invented discs → discs on noise.\n\n"
        "Left out, as no measurements to compare: Invented discs → discs on noise.\n"
    )


@pytest.mark.parametrize("write", [report_markdown, methods_markdown, lambda data: index_markdown([data, data])])
def test_hostile_text_cannot_leave_its_cell(bare, hostile, write):
    text = write(bare(seeds=2, hostile=f"{hostile}| a |\n| b"))
    assert "<script" not in text.replace("\\<script", "")
    assert "| a |" not in text.replace("\\| a \\|", "")
    width = {len(row) for row in cells(text)}
    assert len(width) == 1
