"""Results go out as JSON and come back the same, and what is broken is refused in words."""

import json
import subprocess
import sys
import types

import numpy as np
import pytest

from dacompare.results import Results, validate

HOSTILE = "<script>alert(1)</script> \"quoted\" 'single' {{ x }} \\ \n [\n1,\n2] — ‮ 漢字 \U0001f600"


def row(method, seed, value, accuracy=0.5, **more):
    base = {"method": method, "label": method.upper(), "kind": "deep", "seed": seed, "oracle": False, "status": "ok"}
    validators = {"reverse-svm": {"value": value, "seconds": 0.1, "reason": None}}
    return {**base, "target_accuracy": accuracy, "fit_seconds": 1.0, "validators": validators, **more}


def sample(**more):
    data = {
        "schema": "dacompare/1",
        "created": "2026-01-01T00:00:00+00:00",
        "command": "dacompare run a-b",
        "recipe": {"protocol": {"primary_validator": "reverse-svm"}},
        "task": {"slug": "a-b", "title": "A → B", "target_labels": True},
        "environment": {"python": "3.11", "n_jobs": 1, "cpu": "x", "wall_seconds": 3.5, "peak_memory_mb": 10},
        "rows": [row("source-only", 0, 0.2), row("dann", 0, 0.3)],
        "summary": [
            {"method": "source-only", "mean": 0.5, "vs_source_only": None},
            {
                "method": "dann", "mean": 0.584,
                "vs_source_only": {"difference": 0.084, "ci95": [0.06, 0.1], "wins": 5, "n": 5},
            },
        ],
        "validators": [{"name": "reverse-svm", "higher_is_better": True}],
    }  # fmt: skip
    return {**data, **more}


# to and from JSON


def test_json_round_trip(tmp_path):
    results = Results(sample())
    path = tmp_path / "deep" / "a-b.json"
    text = results.to_json()
    assert results.to_json(path) is None
    assert path.read_text(encoding="utf-8") == text
    assert text.endswith("}\n")
    for source in (text, path, str(path)):
        assert Results.from_json(source).data == results.data
    assert [file.name for file in path.parent.iterdir()] == ["a-b.json"]


def test_floats_have_six_significant_digits():
    results = Results(sample(divergence=[{"value": 1 / 3, "tiny": 1.23456789e-12, "zero": -0.0}]))
    assert results.data["divergence"] == [{"value": 0.333333, "tiny": 1.23457e-12, "zero": 0.0}]
    assert "-0.0" not in results.to_json()


def test_keys_are_sorted_and_bytes_repeat():
    data = sample()
    backwards = dict(reversed(list(data.items())))
    assert Results(data).to_json() == Results(backwards).to_json()
    assert list(json.loads(Results(data).to_json())) == sorted(data)


def test_numbers_of_a_list_share_a_line():
    text = Results(sample(history=[{"step": [1, 2], "label_loss": [0.5, None], "method": "a"}])).to_json()
    assert '"step": [1, 2]' in text
    assert '"label_loss": [0.5, null]' in text


def test_a_validator_that_was_not_asked_for_is_told_from_one_that_there_is_not():
    row = {"method": "sa", "seed": 0, "status": "ok", "kind": "shallow", "oracle": False}
    row["validators"] = {"bnm": {"value": 1.0}}
    results = Results({"schema": "dacompare/1", "recipe": {}, "task": {}, "rows": [row]})
    with pytest.raises(ValueError, match="'reverse' was not asked for: .* with scores there are 'bnm'"):
        results.select("reverse")
    with pytest.raises(ValueError, match="must be one of 'bnm', got 'bmn'"):
        results.select("bmn")


def test_numpy_numbers_become_plain():
    array = np.array([[1, 2]])
    results = Results(
        sample(changes=[{"fixed": np.int64(3), "ok": np.bool_(True), "matrix": array, "f": np.float32(0.1)}])
    )
    assert results.data["changes"] == [{"fixed": 3, "ok": True, "matrix": [[1, 2]], "f": 0.1}]


def test_the_given_dict_is_copied():
    data = sample()
    results = Results(data)
    data["rows"][0]["method"] = "changed"
    assert results.data["rows"][0]["method"] == "source-only"


def test_hostile_strings_survive():
    data = sample(task={"title": HOSTILE, "slug": "a-b"}, overrides=[HOSTILE, "\ud800"])
    back = Results.from_json(Results(data).to_json())
    assert back.data["task"]["title"] == HOSTILE
    assert back.data["overrides"] == [HOSTILE, "?"]


# refusals


def test_newer_schema_is_refused():
    with pytest.raises(ValueError, match=r"'dacompare/2' is newer .* upgrade dacompare"):
        Results(sample(schema="dacompare/2"))


@pytest.mark.parametrize("schema", [None, "other/1", "dacompare", 1])
def test_another_schema_is_refused(schema):
    with pytest.raises(ValueError, match="schema must be 'dacompare/1'"):
        Results(sample(schema=schema))


def test_a_later_minor_schema_is_read():
    assert Results(sample(schema="dacompare/1.3")).data["schema"] == "dacompare/1.3"


@pytest.mark.parametrize("key", ["recipe", "task", "rows"])
def test_required_keys(key):
    data = sample()
    del data[key]
    with pytest.raises(ValueError, match=f"{key} is missing"):
        Results(data)


def test_optional_keys_may_be_missing():
    bare = Results({"schema": "dacompare/1", "recipe": {}, "task": {}, "rows": []})
    assert Results.from_json(bare.to_json()).data == bare.data


def test_rows_are_checked_by_their_place():
    with pytest.raises(ValueError, match=r"rows\[1\]\.seed is missing"):
        Results(sample(rows=[row("a", 0, 0), {"method": "b", "status": "ok"}]))
    with pytest.raises(ValueError, match=r"rows\[0\]\.status must be one of .* got 'okay', did you mean 'ok'"):
        Results(sample(rows=[row("a", 0, 0, status="okay")]))
    with pytest.raises(ValueError, match="summary must be a list of objects"):
        Results(sample(summary={"method": "dann"}))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float64("nan")])
def test_nan_is_refused_by_its_path(value):
    with pytest.raises(ValueError, match=r"rows\[0\]\.target_accuracy is (nan|inf), which JSON cannot hold"):
        Results(sample(rows=[row("a", 0, 0, accuracy=value)]))


def test_nan_in_a_file_is_refused_by_its_path():
    text = Results(sample()).to_json().replace("0.584", "NaN")
    with pytest.raises(ValueError, match=r"summary\[1\]\.mean is nan"):
        Results.from_json(text)


def test_what_json_cannot_hold_is_named():
    with pytest.raises(TypeError, match=r"examples\.source holds a set"):
        Results(sample(examples={"source": {1, 2}}))
    with pytest.raises(TypeError, match="recipe has the key 3; keys must be strings"):
        Results(sample(recipe={3: 1}))


def test_broken_files_are_named(tmp_path):
    path = tmp_path / "broken.json"
    path.write_text('{"schema": ')
    with pytest.raises(ValueError, match=r"broken\.json is not JSON: .*line 1"):
        Results.from_json(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=r"broken\.json is not UTF-8"):
        Results.from_json(path)
    path.write_text("[1, 2]")
    with pytest.raises(ValueError, match="must be a JSON object, got list"):
        Results.from_json(path)


def test_a_missing_file_is_called_missing(tmp_path):
    Results(sample()).to_json(tmp_path / "mnist-mnistm.json")
    for given in (tmp_path / "mnist-mnist.json", str(tmp_path / "mnist-mnist.json")):
        with pytest.raises(FileNotFoundError) as told:
            Results.from_json(given)
        assert str(told.value) == f"there is no file {str(given)!r}, did you mean 'mnist-mnistm.json'?"
    for given in (tmp_path / "quite-else.json", tmp_path / "nowhere" / "mnist-mnistm.json", "[1, 2]"):
        with pytest.raises(FileNotFoundError) as told:
            Results.from_json(given)
        assert str(told.value) == f"there is no file {str(given)!r}"
    with pytest.raises(FileNotFoundError, match="there is only a folder "):
        Results.from_json(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"^there is no file 'x{200}'$"):  # too long for the name of a file
        Results.from_json("x" * 5000)


def test_validate_says_nothing_of_good_data():
    assert validate(Results(sample()).data) is None


# selection


def test_select_takes_the_mean_rank_over_seeds():
    rows = [
        row("source-only", 0, 0.90), row("dann", 0, 0.80), row("sa", 0, 0.85),
        row("source-only", 1, 0.10), row("dann", 1, 0.30), row("sa", 1, 0.20),
        row("source-only", 2, 0.50), row("dann", 2, 0.60), row("sa", 2, 0.55),
    ]  # fmt: skip
    # Mean values favour source-only (.5) and dann (.567); mean ranks are 7/3, 5/3 and 2.
    assert Results(sample(rows=rows)).select() == "dann"
    ranking = Results(sample(rows=rows)).rank()
    assert list(ranking) == ["dann", "sa", "source-only"]
    assert list(ranking.values()) == pytest.approx([5 / 3, 2, 7 / 3])
    reversed_ = [{"name": "reverse-svm", "higher_is_better": False}]
    assert Results(sample(rows=rows, validators=reversed_)).select("reverse-svm") == "source-only"


def test_select_never_sees_oracles_bounds_and_target_accuracy():
    rows = [
        row("source-only", 0, 0.5, accuracy=0.1), row("dann", 0, 0.4, accuracy=0.9),
        row("sa-oracle", 0, 0.9, oracle=True), row("train-on-target", 0, 0.99, kind="bound"),
    ]  # fmt: skip
    assert Results(sample(rows=rows)).select() == "source-only"
    assert Results(sample(rows=[{**r, "target_accuracy": None} for r in rows])).select() == "source-only"


def test_select_leaves_out_what_failed_in_a_seed():
    rows = [row("source-only", 0, 0.5), row("dann", 0, 0.9), row("source-only", 1, 0.5), row("dann", 1, None)]
    assert Results(sample(rows=rows)).select() == "source-only"


def test_select_names_what_it_knows():
    with pytest.raises(ValueError, match=r"validator must be one of 'reverse-svm', got 'reverse-svn', did you mean"):
        Results(sample()).select("reverse-svn")
    with pytest.raises(ValueError, match="scored no method in every seed"):
        Results(sample(rows=[row("dann", 0, None)])).select()
    without = {"value": None, "seconds": 0.0, "reason": "needs y_source_test"}
    known = [row("sa", 0, None) | {"validators": {"reverse-svm": without, "mixval": without | {"value": 0.8}}}]
    with pytest.raises(ValueError, match=r"seed \(it needs y_source_test\), so .*with scores there are 'mixval'"):
        Results(sample(rows=known)).select()


# comparing two runs


def test_same_measurements_whatever_the_time_and_the_machine():
    first = Results(sample())
    slower = [{**r, "fit_seconds": 9.0} for r in sample()["rows"]]
    slower[0]["validators"] = {"reverse-svm": {"value": 0.2, "seconds": 7.0, "reason": None}}
    other = {"python": "3.11", "n_jobs": 2, "cpu": "y", "wall_seconds": 1, "peak_memory_mb": 99}
    second = Results(sample(created="later", command="other", rows=slower, environment=other))
    assert first.same_measurements(second)


def test_other_measurements_are_other():
    changed = sample()
    changed["rows"][0]["target_accuracy"] = 0.6
    assert not Results(sample()).same_measurements(Results(changed))


# views


def test_frame_has_a_row_a_measurement():
    pytest.importorskip("pandas")
    frame = Results(sample()).to_frame()
    assert list(frame["method"]) == ["source-only", "dann"]
    assert list(frame["validator.reverse-svm"]) == [0.2, 0.3]
    assert {"test_ci95.low", "test_ci95.high"} <= set(frame.columns)


def test_a_frame_begins_with_what_a_row_is_and_what_was_measured():
    pytest.importorskip("pandas")
    columns = list(Results(sample()).to_frame())
    assert columns[:5] == ["method", "label", "seed", "status", "target_accuracy"]
    assert columns[5:] == [
        "fit_seconds", "kind", "oracle", "test_ci95.low", "test_ci95.high", "validator.reverse-svm",
    ]  # fmt: skip


def test_frame_without_pandas_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="needs pandas: pip install pandas"):
        Results(sample()).to_frame()


def test_markdown_table_is_escaped():
    data = sample()
    data["rows"][1]["label"] = "a|b <script>"
    text = Results(data).to_markdown()
    assert r"| **a\|b \<script\>** | **58.4** | +8.4 (+6.0 to +10.0) | 5 of 5 |" in text


def test_repr_is_a_short_table():
    lines = repr(Results(sample())).splitlines()
    assert lines[0].startswith("Results: A → B")
    assert lines[2].split() == ["DANN", "58.4", "+8.4", "(+6.0", "to", "+10.0)"]


def test_repr_rounds_as_the_verdict_and_the_page_do():
    """An eighth of a point lies half-way: 81.25 is 81.3 everywhere, and minus is a minus."""
    data = sample()
    versus = {"difference": -0.3125, "ci95": [-0.40625, 0.0001], "wins": 0, "n": 5}
    data["summary"][1] = {"method": "dann", "mean": 104 / 128, "vs_source_only": versus}
    results = Results(data)
    assert repr(results).splitlines()[2].split(maxsplit=2) == ["DANN", "81.3", "−31.3 (−40.6 to +0.01)"]
    assert "**81.3** | −31.3 (−40.6 to +0.01)" in results.to_markdown()


def test_repr_shows_no_interval_without_a_width():
    data = sample()
    data["summary"][1]["vs_source_only"] = {"difference": None, "ci95": None, "wins": 0, "n": 0}
    assert repr(Results(data)).splitlines()[2].split() == ["DANN", "58.4", "n/a"]
    data["summary"][1]["vs_source_only"] = {"difference": 0.0, "ci95": [0.0, 0.0], "wins": 0, "n": 3}
    assert repr(Results(data)).splitlines()[2].split() == ["DANN", "58.4", "0.0"]


def test_html_goes_through_the_report(monkeypatch, tmp_path):
    page = types.ModuleType("dacompare.report")
    page.render = lambda results: f'<p title="x">{results.data["task"]["slug"]}</p>'
    monkeypatch.setitem(sys.modules, "dacompare.report", page)
    results = Results(sample())
    assert results.to_html(tmp_path / "page.html") is None
    assert results.to_html() == (tmp_path / "page.html").read_text()
    with pytest.raises(IsADirectoryError, match="is a folder; give the name of a file in it"):
        results.to_html(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_notebook_shows_verdict_and_table_and_not_the_page():
    data = sample()
    data["rows"][1]["label"] = "<script>DANN"
    data["verdict"] = {"code": "helps", "text": "Adaptation <b>helps</b>.", "basis": []}
    piece = Results(data)._repr_html_()
    assert "▲</span> Adaptation &lt;b&gt;helps&lt;/b&gt;." in piece
    assert "&lt;script&gt;DANN" in piece
    assert "58.4\u00a0%" in piece
    assert "+8.4" in piece
    assert "5 of 5" in piece
    assert len(piece) < 4000
    for leak in ("<style", "<script", "class=", "style=", " id=", "<iframe"):
        assert leak not in piece


def test_reading_results_loads_nothing_heavy():
    code = (
        "import sys, dacompare.results, dacompare.summary; "
        "print([m for m in ('torch', 'sklearn', 'scipy', 'matplotlib', 'openTSNE', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_tables_of_agreement_and_dispute_must_fit_their_methods():
    base = {"schema": "dacompare/1", "recipe": {}, "task": {}, "rows": []}
    square = {"seed": 0, "methods": ["a", "b"], "matrix": [[1.0, 0.5], [0.5, 1.0]]}
    said = {"seed": 0, "methods": ["a", "b"], "rows": [{"index": 3, "said": [0, 1], "png_base64": None}]}
    validate({**base, "agreement": [square], "disputed": said})
    validate({**base, "agreement": None, "disputed": None})
    with pytest.raises(ValueError, match=r"agreement\[0\].matrix must have 2 lines of 2 shares"):
        validate({**base, "agreement": [{**square, "matrix": [[1.0, 0.5]]}]})
    with pytest.raises(ValueError, match=r"disputed.rows\[0\].said must hold a class for each of the 3 methods"):
        validate({**base, "disputed": {**said, "methods": ["a", "b", "c"]}})
    with pytest.raises(ValueError, match="disputed must be an object or null, got list"):
        validate({**base, "disputed": []})
