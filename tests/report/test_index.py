import json

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
    links = [a["href"] for a in page.all("a") if not a["href"].startswith("#")]
    assert links == ["a-b.html", "b-c.html"] * 3  # the tasks, the columns of methods, and what validators cost
    assert {a["href"][1:] for a in page.all("a")} >= {"tasks", "means", "methods", "costs"}
    dann = next(entry for entry in bare()["summary"] if entry["method"] == "dann")
    mean = f"{100 * dann['mean']:.1f}"
    assert page.text.count(f"▲ Helps45.8 %DANN{mean} %+18.2+16.2 to +20.241 %") == 2
    assert f"DANN{mean}▲helps 41 %{mean}▲helps 41 %" in page.text
    assert page.text.count("reverse-svm: DANN") == 2


def test_the_pick_of_most_seeds_is_named_with_their_number(bare, read_page):
    data = bare(seeds=5)
    picks = [p for p in data["selection"] if (p["scope"], p["validator"]) == ("methods", "reverse-svm")]
    assert len(picks) == 5
    for entry in picks[:2]:
        entry["pick"] = "sa"
    assert "reverse-svm: DANN in 3 of 5" in read_page(render_index([(data, "")])).text


def test_what_a_task_repeats_is_called_as_on_its_page(bare, read_page):
    data = bare(seeds=2)
    drawn = {**data, "task": {**data["task"], "title": "Drawn", "source_per_class": 20}}
    text = read_page(render_index([(data, ""), (drawn, "")])).text
    assert "2 seeds" in text
    assert "Drawn2 draws" in text


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


@pytest.fixture
def folders(bare, tmp_path):
    """Two folders of reports, one of them below the other, and a study."""

    def put(place, slug, **changes):
        data = bare(seeds=2)
        data["task"] = {**data["task"], "title": f"Family, {slug}", "slug": f"fam-{slug}"}
        Results({**data, **changes}).to_json(place / f"{slug}.json")
        (place / f"{slug}.html").write_text("", encoding="utf-8")

    below = tmp_path / "fa mily"
    below.mkdir()
    put(tmp_path, "own")
    put(below, "a")
    put(below, "b", verdict={"code": "hurts", "text": "It hurts."})
    put(below, "quick", overrides=["--quick"])
    study = json.dumps({"schema": "dacompare-study-results/1", "title": "A study <b>"})
    (tmp_path / "study").mkdir()
    for name in ("s.json", "s.html"):
        (tmp_path / "study" / name).write_text(study, encoding="utf-8")
    write_index(below)
    return tmp_path


def test_a_folder_below_has_one_line_that_leads_to_its_index(folders, bare, read_page):
    page = read_page(write_index(folders).read_text(encoding="utf-8"))
    links = [a["href"] for a in page.all("a")]
    assert "fa%20mily/index.html" in links
    # Only the table of costs has a line for every page below.
    assert [link for link in links if link.startswith("fa%20mily/") and "index" not in link] == [
        "fa%20mily/a.html", "fa%20mily/b.html",
    ]  # fmt: skip
    dann = bare(seeds=2)["summary"][3]
    gain = f"+{100 * dann['vs_source_only']['difference']:.1f}"
    assert f"fa mily211DANN, {100 * dann['mean']:.1f} %, {gain} points against source-only" in page.text
    assert "fa mily: adaptation helps in 1 of 2 tasks and hurts in 1." in page.text
    assert "fa milymean over 2 tasks" in page.text


def test_a_folder_with_one_report_has_its_figures_for_means(folders, bare, read_page):
    (folders / "fa mily" / "b.json").unlink()
    page = read_page(write_index(folders).read_text(encoding="utf-8"))
    assert f"fa mily110DANN, {100 * bare(seeds=2)['summary'][3]['mean']:.1f} %" in page.text
    assert "no method is in all tasks" not in page.text


def test_a_study_is_linked_and_not_called_a_broken_file(folders, read_page):
    page = read_page(write_index(folders).read_text(encoding="utf-8"))
    assert "study/s.html" in [a["href"] for a in page.all("a")]
    assert "A study <b>: how settings were chosen" in page.text
    assert "Left out" not in page.text


def test_a_folder_without_an_index_is_no_folder_of_reports(folders, read_page):
    (folders / "fa mily" / "index.html").unlink()
    page = read_page(write_index(folders).read_text(encoding="utf-8"))
    assert "Folders of reports" not in page.text
    assert "fa mily" not in page.text


def test_a_folder_of_nothing_but_folders_says_so(folders, read_page):
    (folders / "own.json").unlink()
    text = read_page(write_index(folders).read_text(encoding="utf-8")).text
    assert "The reports lie in the folders below" in text
    assert "No reports here yet" not in text


def test_the_index_of_a_family_says_what_its_tasks_have_in_common_once(folders, read_page):
    text = read_page((folders / "fa mily" / "index.html").read_text(encoding="utf-8")).text
    assert text.startswith("fam · dacompare")
    assert "Methodab" in text
    assert "Family. Mean accuracy on the target" in text


def test_distances_of_the_folders_below_are_points_of_the_figure(folders, sample, read_page):
    data = {**sample(images=False, points=0, seeds=2), "sweep": [], "history": [], "embedding": []}
    Results(data).to_json(folders / "fa mily" / "a.json")
    page = read_page(write_index(folders).read_text(encoding="utf-8"))
    assert "The 2 points in numbers" in page.text
    assert "fa%20mily/a.html" in [a["href"] for a in page.all("a")]
    title = [i for i, (tag, *_) in enumerate(page.tags) if tag == "title"]
    assert len(title) == 2  # that of the page, and that of the figure


def test_many_tasks_with_many_rows_stay_below_the_budget(sample):
    data = {**sample(images=False, points=0, extra_rows=15), "sweep": [], "history": [], "embedding": []}
    data["divergence"] += [{**d, "features": f"variant-{i}"} for i in range(15) for d in data["divergence"][:5]]
    data["rows"], data["agreement"] = data["rows"][:100:5], []
    page = render_index([(data, f"{k}.html") for k in range(20)])
    assert len(page.encode()) < 300_000


def test_tasks_with_different_rows_share_a_table_and_say_what_has_no_mean(bare, read_page):
    page = read_page(render_index([(bare(seeds=2), ""), (bare(seeds=2, extra_rows=1), "")]))
    assert "Invented variant 0–" in page.text
    assert "Rows that some task lacks are not here: Invented variant 0." in page.text
