import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dacompare.cli import app
from dacompare.recipe_schema import VALIDATORS_RUN
from dacompare.report import render_study
from dacompare.study import load_study, picks, read_results, run_study, write_results

REPORTS = Path(__file__).parent.parent / "reports" / "study"
runner = CliRunner()

TINY = """
schema = "dacompare-study/1"
title = "Steps & <scales>"
chooses = "dann"
[recipe]
schema = "dacompare-recipe/1"
title = "Tiny"
seeds = [0]
[recipe.source]
domain = "fonts"
rows = 200
test_rows = 60
[recipe.target]
domain = "fontsm"
rows = 200
test_rows = 60
[recipe.training]
steps = 4
[[recipe.method]]
name = "source-only"
[[recipe.method]]
name = "dann"
[recipe.divergence]
features = ["dann"]
[recipe.embedding]
features = []
[[candidate]]
name = "short"
[[candidate]]
name = "steps-6.5"
why = "Longer."
set = ["training.steps=6"]
"""


@pytest.fixture
def tiny(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(TINY, encoding="utf-8")
    return path


def test_a_study_runs_every_candidate_and_its_page_shows_them_all(tiny, tmp_path):
    seen = []
    results = run_study(load_study(tiny), n_jobs=1, work=tmp_path / "work", finished=seen.append)
    assert [len(part["candidates"]) for part in seen] == [1, 2]
    assert [part["partial"] for part in seen] == [True, False]
    short, longer = results["candidates"]
    assert longer["set"] == ["training.steps=6"]
    assert {row["method"] for row in short["rows"]} == {"source-only", "dann"}
    assert short["rows"][0]["target_accuracy"] is not None
    by = {pick["by"]: pick for pick in results["picks"]}
    assert {"development labels", *VALIDATORS_RUN} == set(by)
    best = max(results["candidates"], key=lambda candidate: candidate["means"]["dann"])
    assert by["development labels"]["candidate"] == best["name"]
    assert min(pick["cost"] for pick in results["picks"]) == 0
    path = write_results(results, tmp_path / "out" / "tiny.json")
    page = render_study(json.loads(path.read_text(encoding="utf-8")))
    assert page == render_study(results)
    assert "Steps &amp; &lt;scales&gt;" in page
    assert page.count("taken</span>") == 1
    assert "steps-6.5" in page


def test_a_study_that_goes_on_trains_nothing_twice(tiny, tmp_path, monkeypatch):
    study = load_study(tiny)
    first = run_study(study, n_jobs=1, work=tmp_path / "work")
    monkeypatch.setattr("dacompare.deep.base.train", None)
    again = run_study(study, n_jobs=1, work=tmp_path / "work")
    assert again["candidates"][1]["rows"] == first["candidates"][1]["rows"]


def test_candidates_with_a_failed_row_are_not_picked():
    def candidate(name, accuracy, status="ok"):
        row = {"method": "dann", "status": status, "target_accuracy": accuracy, "source_accuracy": accuracy,
               "domain_error": 0.1, "unlabelled_domain_error": 0.5, "validators": {}}  # fmt: skip
        return {"name": name, "rows": [row]}

    found = picks([candidate("a", None, "failed"), candidate("b", 0.6), candidate("c", 0.7)], "dann")
    assert [(pick["by"], pick["candidate"]) for pick in found] == [("development labels", "c"), ("paper", "c")]
    assert picks([candidate("a", None, "failed")], "dann") == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("schema =", "scheme ="), "tiny.toml: schema must be 'dacompare-study/1'"),
        (('name = "steps-6.5"', 'name = "short"'), "candidates must have different names"),
        (('chooses = "dann"', 'chooses = "dan"'), "chooses must be one of .*did you mean 'dann'"),
        (("training.steps=6", "training.step=6"), "candidate steps-6.5: training.step .*did you mean 'steps'"),
        (("why =", "wy ="), "candidate 2.wy is no key .*did you mean 'why'"),
        (("title = \"Steps", "titel = \"Steps"), "titel is no key"),
    ],
)  # fmt: skip
def test_mistakes_are_named_before_anything_runs(tiny, change, message):
    tiny.write_text(TINY.replace(*change), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load_study(tiny)


def test_an_unknown_study_names_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'small-images'"):
        load_study("small-image")


def test_the_committed_study_has_at_most_twelve_candidates_on_development_labels():
    study = load_study("small-images")
    assert len(study.candidates) <= 12
    assert {c["recipe"].source["domain"] for c in study.candidates} == {"fonts"}


def test_the_committed_page_is_what_its_numbers_render_to(tmp_path):
    path = REPORTS / "small-images.json"
    assert runner.invoke(app, ["render", str(path), "--out", str(tmp_path)]).exit_code == 0
    page = (tmp_path / "small-images.html").read_text(encoding="utf-8")
    assert page == path.with_suffix(".html").read_text(encoding="utf-8")
    assert not (tmp_path / "index.html").exists()
    assert picks(read_results(path)["candidates"], "dann")[0]["candidate"] == "scale-128"


def test_the_command_writes_numbers_and_page(tiny, tmp_path):
    options = ["--work", str(tmp_path / "work"), "--out", str(tmp_path / "out"), "--jobs", "1", "--quiet"]
    done = runner.invoke(app, ["study", str(tiny), *options])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["tiny.html", "tiny.json"]
    assert runner.invoke(app, ["study", "smal-images"]).exit_code == 2
