"""The page says what the results say, wherever they come from and whatever they lack."""

import copy
import re
import subprocess
import sys

import pytest

from dacompare.report import render, write_report
from dacompare.report.formatting import percent
from dacompare.results import Results

# what it says


def kept_together(text):
    return text.replace(" %", "\u00a0%")


def test_a_number_and_its_sign_stay_on_one_line_but_where_they_are_copied(bare):
    data = bare(seeds=2)
    data["recipe"] = {**data["recipe"], "note": "50 % of it"}
    page = render(data)
    assert page.count("50\u00a0% of it") == 1
    assert page.count("50 % of it") == 1  # in the recipe to be copied
    assert not re.search(r"\d %", re.sub("<pre.*?</pre>", "", page, flags=re.DOTALL))


def test_every_mean_stands_on_the_page(full, full_page):
    for entry in full["summary"]:
        assert f"<b>{kept_together(percent(entry['mean']))}</b>" in full_page


def test_every_seed_stands_on_the_page(full, full_page):
    for row in full["rows"]:
        assert kept_together(percent(row["target_accuracy"])) in full_page


def test_the_verdict_comes_before_any_table(full, full_page):
    assert full_page.index(kept_together(full["verdict"]["text"])) < full_page.index("<table")


def test_an_oracle_is_marked_and_stands_apart(read_page, full_page):
    text = read_page(full_page).text
    apart = text.index("Not methods one could use")
    assert text.index("oracle: chosen on target test labels, not a method you can use") > apart
    assert text.index("bound: trained on target labels") > apart
    assert full_page.count('<span class="tag">best adapted</span>') == 1


def test_an_oracle_is_never_the_best(bare):
    data = bare()
    for entry in data["summary"]:
        if entry["oracle"]:
            entry["mean"] = 0.99
    page = render(data)
    assert re.search(r'DANN <span class="tag">best adapted</span>', page)


def test_published_figures_name_their_place(read_page, full_page):
    assert (
        "76.7 % (52.9 % of the gap, as printed), here 64.0 %. An invented paper, Table 1." in read_page(full_page).text
    )


def test_too_few_seeds_for_a_test(bare, read_page):
    assert "too few seeds for a test" in read_page(render(bare(seeds=5))).text
    text = read_page(render(bare(seeds=6))).text
    assert "p = .062" in text
    assert "too few seeds" not in text


def test_overrides_and_missing_parts_are_said_first(bare, read_page):
    text = read_page(render(bare(overrides=["--quick", "training.steps=5"], partial=True))).text
    said = "Made with --quick, --set training.steps=5: not a measurement to quote."
    assert (
        text.index(said) < text.index("Partial: some rows") < text.index("Invented discs → discs on noise 10 classes")
    )


def test_failed_rows_give_their_reason(bare, read_page):
    data = bare()
    for row in data["rows"]:
        if row["method"] == "sa" and row["seed"] in (1, 3):
            row.update(status="failed", reason="out of memory", target_accuracy=None)
    assert "failed, seeds 1 and 3: out of memory" in read_page(render(data)).text


def test_a_page_without_target_labels_has_no_target_accuracy(sample, read_page):
    text = read_page(render(sample(labelled=False, points=30, steps=5))).text
    assert "No number here says how often a method is right on the target" in text
    assert "what a pick costs cannot be known" in text
    for word in ("Gap covered", "Against source-only", "Accuracy on target test rows", "Fixed by"):
        assert word not in text


def test_warnings_are_told_with_their_rows(full_page, read_page):
    assert "the domain classifier hardly learned DANN (seed 0)" in read_page(full_page).text


def test_the_command_and_the_recipe_are_there(full_page):
    assert "dacompare run invented" in full_page
    assert "primary_validator = &#34;reverse-svm&#34;" in full_page


# how it is built


def test_same_results_same_bytes(sample):
    data = sample(points=60, steps=8, seeds=2)
    before = copy.deepcopy(data)
    first = render(data)
    assert data == before
    assert render(Results(data)) == first == render(Results.from_json(Results(data).to_json()))


def test_a_readers_matplotlibrc_changes_nothing(sample):
    import matplotlib

    data = sample(points=20, steps=5, seeds=1)
    expected = render(data)
    with matplotlib.rc_context({"lines.linewidth": 9, "axes.grid": True, "savefig.bbox": "tight", "font.size": 20}):
        assert render(data) == expected


def test_the_page_fits_its_budget(full_page):
    assert len(full_page.encode()) <= 600_000


SIZES = {
    "sixty rows": {"extra_rows": 55, "seeds": 5},
    "43 classes": {"classes": 43, "extra_rows": 15, "seeds": 5},
    "100 seeds": {"seeds": 100, "extra_rows": 5},
    "one seed": {"seeds": 1},
    "one method": {"methods": ("source-only",)},
    "no labels": {"labelled": False, "extra_rows": 15},
}


@pytest.mark.parametrize("case", SIZES)
def test_a_page_of_any_size_is_one_to_send(sample, read_page, case):
    text = render(sample(**SIZES[case]))
    assert read_page(text).text.count("Invented discs")
    assert len(text.encode()) <= (600_000 if case in ("one seed", "one method", "no labels") else 800_000)


def test_twenty_rows_fit_the_budget_of_a_usual_page(sample):
    assert len(render(sample(extra_rows=15)).encode()) <= 600_000


def test_markup_is_well_formed_and_ids_are_unique(read_page, full_page):
    page = read_page(full_page)
    ids = [attributes["id"] for _, attributes, _ in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    anchors = {a["href"][1:] for a in page.all("a") if a["href"].startswith("#")}
    assert anchors <= set(ids)
    labels = {a["aria-labelledby"] for _, a, _ in page.tags if "aria-labelledby" in a}
    assert labels <= set(ids)


def test_nothing_is_fetched_and_nothing_runs(read_page, full_page):
    page = read_page(full_page)
    assert not page.all("script")
    for _, attributes, _ in page.tags:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "xlink:href", "srcset", "action"):
            if name in attributes:
                assert attributes[name].startswith(("data:", "#")), attributes
    assert "url(" not in full_page
    assert "@import" not in full_page
    assert "http:" not in full_page.replace("http-equiv", "")
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_the_page_can_be_heard(read_page, full_page):
    page = read_page(full_page)
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert all(a["aria-label"] for a in page.all("nav"))
    assert all(len(a["alt"]) > 20 for a in page.all("img"))
    assert len(page.all("table")) == len(page.all("caption"))
    assert all("scope" in a for a in page.all("th"))
    drawings = re.findall(r"<svg (?![^>]*aria-hidden)[^>]*>(<title>[^<]{10,}</title>)?", full_page)
    assert drawings
    assert all(drawings)
    assert full_page.count("<svg") == full_page.count('role="img"') + full_page.count('<svg viewBox="0 0 30 8"')


def test_wide_tables_scroll_in_frames_that_the_keyboard_reaches(read_page, full_page):
    page = read_page(full_page)
    for tag, _, around in page.tags:
        if tag == "table":
            assert "div" in around
    frames = [a for a in page.all("div") if a.get("class") == "scroll"]
    assert len(frames) == len(page.all("table"))
    assert all(a["role"] == "region" and a["aria-label"] and a["tabindex"] == "0" for a in frames)


# bad input


def test_hostile_text_is_shown_and_never_obeyed(sample, hostile, read_page):
    text = render(sample(hostile=hostile, points=30, steps=5, seeds=2, overrides=[hostile]))
    page = read_page(text)
    assert not page.all("script")
    assert len(page.all("style")) == 1
    assert all(a["src"].startswith("data:") for a in page.all("img"))
    assert "{{ 7 * 7 }}" in text
    assert "\x00" not in text
    assert "\x1b" not in text
    assert "<script>alert(1)</script>" in page.text


def test_hostile_text_on_a_page_without_labels(sample, hostile, read_page):
    for extra_rows, images in ((0, True), (8, False)):
        data = sample(
            hostile=hostile, points=10, steps=3, seeds=1, labelled=False, extra_rows=extra_rows, images=images
        )
        page = read_page(render(data))
        assert not page.all("script")
        assert len(page.all("style")) == 1
        assert "<script>alert(1)</script>" in page.text


def _strings(value, path=()):
    """Yield the place of every text in a results dict."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item, (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value[:2]):
            yield from _strings(item, (*path, i))
    elif isinstance(value, str):
        yield path


def test_every_text_of_a_results_file_may_be_hostile(sample, hostile, read_page):
    """Whatever field a text stands in, and whoever put it there: names of methods and features are keys, and stay."""
    keys = {"schema", "method", "features", "status", "kind", "png_base64", "code", "measure", "validator", "scope"}
    for labelled in (True, False):
        data = sample(points=0, steps=2, seeds=1, labelled=labelled)
        for path in list(_strings(data)):
            if path[-1] in keys or path[-2:-1] == ("methods",):
                continue
            place = data
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = f"{place[path[-1]]}{hostile}"
        page = read_page(render(data))
        assert not page.all("script")
        assert len(page.all("style")) == 1
        assert all(a["src"].startswith("data:image/png;base64,iVBOR") for a in page.all("img"))
        assert not any(name.startswith("on") for _, attributes, _ in page.tags for name in attributes)


@pytest.mark.parametrize("key", ["method", "features", "validator", "measure", "kind", "status", "code"])
def test_names_that_are_keys_may_be_hostile_too(sample, hostile, read_page, key):
    def change(value):
        if isinstance(value, dict):
            return {k: f"{v}{hostile}" if k == key and isinstance(v, str) else change(v) for k, v in value.items()}
        return [change(item) for item in value] if isinstance(value, list) else value

    page = read_page(render(change(sample(points=0, steps=2, seeds=1))))
    assert not page.all("script")
    assert len(page.all("style")) == 1


def test_images_that_are_none_are_left_out(bare):
    data = bare()
    sheet = {"png_base64": 'x" onerror="alert(1)', "columns": 1, "labels": None}
    page = render({**data, "examples": {"source": sheet, "target": None, "fixed": None, "broken": None}})
    assert "<img" not in page
    assert "onerror" not in page


@pytest.mark.parametrize("value", [None, "absent"])
def test_any_part_may_be_missing(bare, read_page, value):
    data = bare()
    for key in [key for key in data if key not in ("schema", "task", "rows", "recipe")]:
        rest = {k: v for k, v in data.items() if k != key} if value else {**data, key: None}
        assert "Invented discs" in read_page(render(rest)).text


def test_any_part_of_the_task_may_be_missing(bare, read_page):
    data = bare()
    for key in data["task"]:
        task = {k: v for k, v in data["task"].items() if k != key}
        assert read_page(render({**data, "task": task})).text


def test_rows_may_hold_nothing_but_what_they_must(read_page):
    rows = [{"method": "dann", "seed": 0, "status": "ok"}, {"method": "sa", "seed": 0, "status": "failed"}]
    text = read_page(render({"schema": "dacompare/1", "recipe": {}, "task": {}, "rows": rows})).text
    assert "no reason was recorded" in text


def test_an_empty_comparison_is_a_page_too(read_page):
    assert "Untitled" in read_page(render({"schema": "dacompare/1", "recipe": {}, "task": {}, "rows": []})).text


def test_anything_else_is_refused_in_words():
    with pytest.raises(TypeError, match="must be a Results or a dict of its schema, got int"):
        render(3)


# files


def test_a_report_is_written_whole(bare, tmp_path):
    path = write_report(bare(), tmp_path / "new" / "page.html")
    assert path.read_text(encoding="utf-8") == render(bare())
    assert [file.name for file in path.parent.iterdir()] == ["page.html"]


def test_a_write_that_fails_leaves_the_old_page(bare, tmp_path, monkeypatch):
    path = write_report(bare(), tmp_path / "page.html")
    old = path.read_bytes()
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_report(bare(seeds=2), path)
    assert path.read_bytes() == old
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


def test_rendering_loads_neither_networks_nor_estimators(tmp_path, bare):
    path = tmp_path / "results.json"
    Results(bare(seeds=1)).to_json(path)
    code = f"""
import sys
from dacompare.report import render
from dacompare.results import Results
render(Results.from_json({str(path)!r}))
heavy = [name for name in ("torch", "sklearn", "openTSNE", "matplotlib.pyplot") if name in sys.modules]
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_a_page_is_made_without_torch(tmp_path, full):
    """Loading it takes longer than the page."""
    path = tmp_path / "results.json"
    Results(full).to_json(path)
    code = f"""
import sys
from dacompare.report import render
from dacompare.results import Results
render(Results.from_json({str(path)!r}))
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, capture_output=True, text=True)
