import pytest

from dacompare.report import render_index, write_index, write_report
from dacompare.results import Results


@pytest.fixture
def reports(bare, tmp_path):
    for slug, options in {"a-b": {}, "b-c": {"partial": True}, "quick": {"overrides": ["--quick"]}}.items():
        data = bare(**options)
        data["task"] = {**data["task"], "title": f"Task {slug}"}
        Results(data).to_json(tmp_path / f"{slug}.json")
        write_report(data, tmp_path / f"{slug}.html")
    return tmp_path


def test_one_line_a_task_with_its_means_and_its_link(reports, read_page, bare):
    page = read_page(write_index(reports).read_text(encoding="utf-8"))
    links = [a["href"] for a in page.all("a")]
    assert links == ["a-b.html", "b-c.html"] * 2  # the tasks, and what validators cost on them
    dann = next(entry for entry in bare()["summary"] if entry["method"] == "dann")
    assert page.text.count(f"{100 * dann['mean']:.1f} %") == 2
    assert page.text.count("▲ Helps") == 2
    assert page.text.count("reverse-svm: DANN") == 2


def test_partial_reports_are_marked_and_overridden_ones_refused(reports, read_page):
    text = read_page(write_index(reports).read_text(encoding="utf-8")).text
    assert "Task b-c partial" in text
    assert "Left out Task quick: made with --quick: not a measurement to compare" in text


def test_oracles_have_no_column(reports):
    assert "oracle" not in write_index(reports).read_text(encoding="utf-8").lower()


def test_a_file_that_is_no_results_file_is_named_without_its_folder(reports, read_page):
    (reports / "broken.json").write_text("{", encoding="utf-8")
    text = write_index(reports).read_text(encoding="utf-8")
    assert "broken.json" in read_page(text).text
    assert "is not JSON" in text
    assert str(reports) not in text


def test_a_page_that_is_not_there_is_not_linked(reports):
    (reports / "a-b.html").unlink()
    assert 'href="a-b.html"' not in write_index(reports).read_text(encoding="utf-8")


def test_an_empty_folder_says_how_to_begin(tmp_path):
    assert "No reports here yet" in write_index(tmp_path).read_text(encoding="utf-8")


def test_same_folder_same_bytes(reports):
    first = write_index(reports).read_bytes()
    assert write_index(reports).read_bytes() == first


def test_hostile_titles_and_links(bare, hostile, read_page):
    page = read_page(render_index([(bare(hostile=hostile, seeds=1), hostile)], left_out=[(hostile, hostile)]))
    assert not page.all("script")
    assert not page.all("img")


def test_a_task_without_labels_is_listed(bare, read_page):
    assert "○ No target labels" in read_page(render_index([(bare(labelled=False), "u.html")])).text


def test_what_each_validator_costs_stands_beside_never_adapting(reports, read_page):
    text = read_page(write_index(reports).read_text(encoding="utf-8")).text
    table = text[text.index("What the pick of each validator costs") :]
    assert table.index("reverse-svm") < table.index("never adapting")
    # reverse-svm picks DANN in every seed, entropy in every second one of five: 3 x 17 / 5 points are lost.
    assert "Task a-b10.2+6.8" in table.replace("Task a-b ", "Task a-b")
    assert "Mean over tasks" in table
