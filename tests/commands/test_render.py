import csv
import json

import pytest
from typer.testing import CliRunner

from dacompare.cli import app


def _run(*arguments):
    return CliRunner().invoke(app, ["render", *map(str, arguments)])


@pytest.fixture
def files(tmp_path):
    """Return two results files of one folder."""
    paths = []
    for slug, mean in (("a-b", 0.5), ("a-c", 0.75)):
        versus = {"difference": mean - 0.25, "ci95": [0.1, 0.6], "wins": 2, "n": 2, "p_value": None, "p_holm": None}
        rows = [{"method": m, "seed": 0, "status": "ok", "kind": "deep"} for m in ("source-only", "dann")]
        summary = [
            {"method": "source-only", "label": "Source only", "kind": "deep", "mean": 0.25, "n_seeds": 2},
            {"method": "dann", "label": "=DANN", "kind": "deep", "mean": mean, "n_seeds": 2, "vs_source_only": versus},
        ]
        pick = {"validator": "entropy", "scope": "methods", "seed": 0, "pick": "dann", "cost": 0.0}
        data = {
            "schema": "dacompare/1", "recipe": {}, "task": {"slug": slug, "title": slug.replace("-", " → ")},
            "rows": rows, "summary": summary, "selection": [pick],
        }  # fmt: skip
        paths.append(tmp_path / f"{slug}.json")
        paths[-1].write_text(json.dumps(data), encoding="utf-8")
    return paths


def _names(folder):
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".json")


def test_pages_are_the_default(files, tmp_path):
    assert _run(*files).exit_code == 0
    assert _names(tmp_path) == ["a-b.html", "a-c.html", "index.html"]


def test_markdown_lies_beside_the_json_with_an_index_over_both(files, tmp_path):
    answer = _run(*files, "--format", "md", "--quiet")
    assert answer.output.split() == [str(tmp_path / name) for name in ("a-b.md", "a-c.md", "index.md")]
    assert "| **=DANN** | **75.0** |" in (tmp_path / "a-c.md").read_text(encoding="utf-8")
    assert "| =DANN | **50.0** | **75.0** | 62.5 |" in (tmp_path / "index.md").read_text(encoding="utf-8")


def test_one_file_has_no_index(files, tmp_path):
    assert _run(files[0], "--format", "md").exit_code == 0
    assert _names(tmp_path) == ["a-b.md"]


def test_csv_is_long_and_has_validators_beside_it(files, tmp_path):
    out = tmp_path / "tables"
    assert _run(*files, "--format", "csv", "--out", out).exit_code == 0
    assert _names(out) == [
        "a-b-validators.csv", "a-b.csv", "a-c-validators.csv", "a-c.csv", "index-validators.csv", "index.csv",
    ]  # fmt: skip
    with (out / "index.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["task"], row["method"], row["accuracy"]) for row in rows] == [
        ("a-b", "source-only", "0.25"), ("a-b", "dann", "0.5"), ("a-c", "source-only", "0.25"), ("a-c", "dann", "0.75"),
    ]  # fmt: skip
    assert rows[1]["label"] == "'=DANN"


def test_a_hyphen_prints_and_writes_nothing(files, tmp_path):
    answer = _run(files[0], "--format", "csv", "--out", "-")
    assert answer.output.startswith("task,title,")
    assert len(answer.output.splitlines()) == 3
    assert _run(*files, "--format", "md", "--out", "-").output.startswith("Target accuracy in %")
    assert _names(tmp_path) == []


def test_pages_cannot_be_printed(files):
    answer = _run(*files, "--out", "-")
    assert answer.exit_code == 2
    assert "--format md" in answer.output


def test_a_study_has_no_tables_and_nothing_is_written(files, tmp_path):
    study = tmp_path / "s.json"
    study.write_text('{"schema": "dacompare-study-results/1"}', encoding="utf-8")
    answer = _run(*files, study, "--format", "csv")
    assert answer.exit_code == 2
    assert "holds a study" in answer.output
    assert _names(tmp_path) == []


def test_the_index_of_a_folder_knows_that_of_the_folder_below_at_once(files, tmp_path):
    below = tmp_path / "below"
    below.mkdir()
    files[1].rename(below / files[1].name)
    assert _run(files[0], below / files[1].name).exit_code == 0
    assert 'href="below/index.html"' in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_an_unknown_format_names_those_that_there_are(files):
    answer = _run(*files, "--format", "pdf")
    assert answer.exit_code == 2
    assert "md" in answer.output


def test_the_index_above_is_written_anew_where_it_is_ours(files, tmp_path):
    below = tmp_path / "below"
    below.mkdir()
    moved = files[1].rename(below / files[1].name)
    assert _run(files[0]).exit_code == 0
    assert 'href="below/index.html"' not in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert _run(moved).exit_code == 0
    assert 'href="below/index.html"' in (tmp_path / "index.html").read_text(encoding="utf-8")
    (tmp_path / "index.html").write_text("<h1>Home of somebody else</h1>", encoding="utf-8")
    assert _run(moved).exit_code == 0
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == "<h1>Home of somebody else</h1>"


@pytest.mark.parametrize("format_", ["html", "md"])
def test_nothing_is_written_over_something_else(files, tmp_path, format_):
    (tmp_path / "other").mkdir()
    same = tmp_path / "other" / files[0].name
    same.write_bytes(files[0].read_bytes())
    index = files[1].rename(tmp_path / "index.json")
    for paths, words in (
        ([files[0], same], "would both be written to a-b"),
        ([files[0], files[0]], "would both be written to a-b"),
        ([index], "over the index of its folder"),
    ):
        answer = _run(*paths, "--out", tmp_path / "out", "--format", format_)
        assert answer.exit_code == 2
        assert words in " ".join(answer.output.split())
    assert not (tmp_path / "out").exists()


def test_a_file_that_was_changed_is_named_with_what_is_wrong(files):
    data = json.loads(files[1].read_text(encoding="utf-8"))
    files[1].write_text(json.dumps({**data, "sweep": [{"method": "sa", "n_components": None}]}), encoding="utf-8")
    answer = _run(*files)
    assert answer.exit_code == 2
    told = " ".join(answer.output.split())
    assert "a-c.json: an entry is missing or of another type (TypeError: " in told
    assert "--debug shows where" in told
