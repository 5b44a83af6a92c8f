import errno
import json
import os
import signal
import subprocess
import sys
import time
from functools import partial

import numpy as np
import pytest
import typer
from sklearn.datasets import make_blobs
from typer.testing import CliRunner

import dacompare
from dacompare.cli import app
from dacompare.commands.guard import guarded
from dacompare.commands.run import _command, _summarise
from dacompare.results import Results

runner = CliRunner()


@pytest.fixture
def recipe(tmp_path):
    X, y = make_blobs(240, centers=3, n_features=6, random_state=0)
    np.savez(tmp_path / "mine.npz", X_source=X, y_source=y, X_target=X + 0.5, y_target=y)
    text = """
schema = "dacompare-recipe/1"
slug = "mine"
title = "Old → <new>"
seeds = [0, 1]
source = {domain = "npz", path = "mine.npz"}
target = {domain = "npz", path = "mine.npz"}
training = {steps = 40}
embedding = {max_points = 30}
[[method]]
name = "source-only"
[[method]]
name = "sa"
[[method]]
name = "dann"
"""
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    return tmp_path / "mine.toml"


def _run(*arguments):
    return runner.invoke(app, [str(argument) for argument in arguments])


def test_run_writes_page_json_and_index_and_prints_where(recipe, tmp_path):
    out = tmp_path / "out"
    answer = _run("run", recipe, "--out", out, "--work", tmp_path / "work", "--jobs", 1)
    assert answer.exit_code == 0, answer.output
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "mine.html", "mine.json"]
    assert "DANN" in answer.output
    assert str(out / "mine.html") in answer.output.replace("\n", "")
    data = json.loads((out / "mine.json").read_text(encoding="utf-8"))
    assert data["overrides"] == []
    assert data["command"].startswith("dacompare run ")


def test_a_grid_makes_a_report_for_each_pair(tmp_path):
    X, y = make_blobs(120, centers=3, n_features=4, random_state=0)
    for name, shift in (("old", 0.0), ("new", 0.5)):
        rows = X + shift
        np.savez(tmp_path / f"{name}.npz", X_source=rows, y_source=y, X_target=rows, y_target=y)
    (tmp_path / "pairs.toml").write_text(
        """
schema = "dacompare-recipe/1"
title = "{source} → {target}"
seeds = [0]
source = {domain = "npz", path = "{source}.npz"}
target = {domain = "npz", path = "{target}.npz"}
network = {name = "none"}
grid = {pairs = [["old", "new"], ["new", "old"]]}
[[method]]
name = "source-only"
""",
        encoding="utf-8",
    )
    answer = _run("run", tmp_path / "pairs.toml", "--out", tmp_path / "o", "--work", tmp_path / "w", "--jobs", 1)
    assert answer.exit_code == 0, answer.output
    names = sorted(path.name for path in (tmp_path / "o").glob("*.json"))
    assert names == ["pairs-new-old.json", "pairs-old-new.json"]
    titles = [json.loads((tmp_path / "o" / name).read_text(encoding="utf-8"))["task"]["title"] for name in names]
    assert titles == ["new → old", "old → new"]
    assert "pairs-old-new.html" in (tmp_path / "o" / "index.html").read_text(encoding="utf-8")


def test_quiet_prints_the_path_alone_and_overrides_are_recorded(recipe, tmp_path):
    out = tmp_path / "out"
    answer = _run(
        "run", recipe, "--out", out, "--work", tmp_path / "work", "--jobs", 1, "--quiet",
        "--seeds", "7", "--set", "training.steps=20",
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    assert answer.output.strip().splitlines()[-1] == str(out / "mine.html")
    data = json.loads((out / "mine.json").read_text(encoding="utf-8"))
    assert data["recipe"]["seeds"] == [7]
    assert data["recipe"]["training"]["steps"] == 20
    assert data["overrides"] == ["training.steps=20"]
    assert "mine.html" not in (out / "index.html").read_text(encoding="utf-8")


def test_render_makes_the_same_page_again(recipe, tmp_path):
    out = tmp_path / "out"
    assert _run("run", recipe, "--out", out, "--work", tmp_path / "w", "--jobs", 1, "--seeds", "0").exit_code == 0
    before = (out / "mine.html").read_bytes()
    answer = _run("render", out / "mine.json", "--out", tmp_path / "again")
    assert answer.exit_code == 0, answer.output
    assert (tmp_path / "again" / "mine.html").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "fonts-fontms"], 2, "did you mean 'fonts-fontsm'"),
        (["run", "fonts-fontsm", "--set", "training.step=5"], 2, "did you mean 'steps'"),
        (["run", "fonts-fontsm", "--seeds", "0,0"], 2, "seeds"),
        (["run", "fonts-fontsm", "--seeds", "a"], 2, "--seeds must be whole numbers with commas between them, such as"),
        (["run", "fonts-fontsm", "--jobs", "0"], 2, "--jobs must be a whole number from 1 on, got 0"),
        (["study", "fonts-fontsm", "--jobs", "-1"], 2, "--jobs must be a whole number from 1 on, got -1"),
        (["render", "nowhere.json"], 2, "error: there is no file 'nowhere.json'"),
        (["render"], 2, "Missing argument"),
        (["rnu"], 2, "No such command"),
    ],
)
def test_mistakes_end_in_a_sentence_and_an_exit_code(arguments, code, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = _run(*arguments)
    assert answer.exit_code == code, answer.output
    assert message in answer.output.replace("\n", " ")
    assert "Traceback" not in answer.output


def _printed(capsys, mean, ends, versus):
    """Return the words of the line that the table of a run has for DANN."""
    line = {"method": "dann", "label": "DANN", "mean": mean, "ci95": ends, "vs_source_only": versus}
    data = {
        "schema": "dacompare/1", "recipe": {}, "task": {"title": "A → B"}, "rows": [], "summary": [line],
        "verdict": {"text": "DANN reaches 81.3 %."},
    }  # fmt: skip
    _summarise(Results(data), quiet=False)
    return next(line for line in capsys.readouterr().out.splitlines() if "│ DANN" in line).replace("│", "").split()


def test_the_table_of_a_run_rounds_as_its_verdict_does(capsys):
    """104 of 128 is 81.25 %, which lies half-way."""
    line = _printed(capsys, 104 / 128, [0.78125, 0.84375], {"difference": 0.3125, "wins": 2, "n": 2})
    assert " ".join(line) == "DANN 81.3 % 78.1 to 84.4 +31.3 2 of 2"
    line = _printed(capsys, 104 / 128, [0.78125, 0.84375], {"difference": -0.3125, "wins": 0, "n": 2})
    assert "−31.3" in line


def test_the_table_of_a_run_shows_no_interval_without_a_width(capsys):
    """Where all seeds are copies of one, nothing is known of others."""
    line = _printed(capsys, 0.515625, [0.515625, 0.515625], {"difference": 0.0, "wins": 0, "n": 3})
    assert " ".join(line) == "DANN 51.6 % – 0.0 0 of 3"
    assert " ".join(_printed(capsys, None, None, None)) == "DANN – – – –"


def test_debug_shows_where_an_error_comes_from():
    answer = _run("run", "fonts-fontms", "--debug")
    assert isinstance(answer.exception, (ValueError, OSError))


def test_missing_real_data_is_explained(tmp_path, monkeypatch):
    monkeypatch.setenv("DACOMPARE_DATA", str(tmp_path))
    answer = _run("run", "mnist-mnistm", "--quick", "--work", tmp_path / "w", "--out", tmp_path / "o")
    assert answer.exit_code == 2
    assert "DACOMPARE_DATA" in answer.output


def test_a_report_with_a_failed_row_has_an_exit_code_of_its_own(recipe, tmp_path):
    answer = _run(
        "run", recipe, "--out", tmp_path / "o", "--work", tmp_path / "w", "--jobs", 1, "--seeds", "0",
        "--set", "training.learning_rate=1e12",
    )  # fmt: skip
    assert answer.exit_code == 3, answer.output
    assert "training has diverged" in answer.output.replace("\n", " ")


def test_list_names_recipes_methods_and_domains():
    answer = _run("list")
    assert answer.exit_code == 0
    for name in ("fonts-fontsm", "digits-fontsm", "train-on-target", "mnistm", "small-images"):
        assert name in answer.output


def test_version():
    assert _run("--version").output.strip() == f"dacompare {dacompare.__version__}"


def test_the_command_on_the_page_makes_the_same_measurements_again():
    command = _command("my recipe.toml", "0,1", ["a.b=1"], quick=True)
    assert command == "dacompare run 'my recipe.toml' --seeds 0,1 --set a.b=1 --quick"


def test_an_interrupted_run_leaves_a_good_report_alone(recipe, tmp_path, monkeypatch):
    from dacompare import experiment

    arguments = ["run", recipe, "--out", tmp_path / "o", "--jobs", 1, "--seeds", "0"]
    assert _run(*arguments, "--work", tmp_path / "w").exit_code == 0
    before = (tmp_path / "o" / "mine.json").read_bytes()

    def interrupt(jobs, *, n_jobs, outcome, advance):
        outcome.interrupted = True

    monkeypatch.setattr(experiment, "run_jobs", interrupt)
    answer = _run(*arguments, "--work", tmp_path / "other")
    assert answer.exit_code == 130
    assert "kept the report that was there" in answer.output
    assert (tmp_path / "o" / "mine.json").read_bytes() == before
    beside = tmp_path / "o" / "mine.partial.html"
    assert "interrupted" in beside.read_text(encoding="utf-8")
    assert "partial" not in (tmp_path / "o" / "index.html").read_text(encoding="utf-8")
    fresh = _run(*arguments, "--work", tmp_path / "other", "--out", tmp_path / "new")
    assert fresh.exit_code == 130
    assert "interrupted" in (tmp_path / "new" / "mine.html").read_text(encoding="utf-8")
    monkeypatch.undo()
    assert _run(*arguments, "--work", tmp_path / "w").exit_code == 0
    assert not beside.exists()


def test_ctrl_c_keeps_what_is_done_and_renders_a_partial_page(recipe, tmp_path):
    """SIGINT to all processes of the run, as a terminal sends it, once the first network is trained."""
    options = ["run", str(recipe), "--jobs", "2", "--set", "training.steps=300"]
    work, out = tmp_path / "work", tmp_path / "out"
    command = [sys.executable, "-m", "dacompare", *options, "--work", str(work), "--out", str(out)]
    # A test run that was started in the background may ignore SIGINT, and its children would then ignore it, too.
    listening = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=listening
    ) as child:
        while child.poll() is None and not _finished_trainings(work):
            time.sleep(0.02)
        os.killpg(child.pid, signal.SIGINT)
        said = "".join(child.communicate(timeout=60))
    assert child.returncode == 130, said
    data = Results.from_json(out / "mine.json").data
    assert data["partial"]
    assert data["interrupted"]
    reasons = {row["reason"] for row in data["rows"] if row["status"] == "failed"}
    assert "interrupted before it was done" in reasons
    page = (out / "mine.html").read_text(encoding="utf-8")
    assert "interrupted" in page
    assert not (work / "mine" / "lock").exists()
    assert _finished_trainings(work)
    # The next run goes on from there and ends as if nothing had been.
    answer = _run(*options, "--work", work, "--out", out)
    assert answer.exit_code == 0, answer.output
    assert not Results.from_json(out / "mine.json").data["partial"]


def test_a_run_that_is_killed_ends_in_the_same_measurements(recipe, tmp_path):
    """SIGKILL: no handler runs, nothing is cleaned up, and the lock stays."""
    options = ["run", str(recipe), "--jobs", "1", "--quiet", "--seeds", "0"]
    options += ["--set", "training.steps=240", "--set", "training.checkpoint_every=20"]
    command = [sys.executable, "-m", "dacompare", *options, "--work", tmp_path / "work", "--out", tmp_path / "killed"]
    work, rng = tmp_path / "work", np.random.default_rng(0)
    kills = 0
    for _ in range(4):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            before = {path for path in work.rglob("*") if path.name != "lock"}
            # Killed a little after it has written something new, wherever that is.
            while child.poll() is None and {path for path in work.rglob("*") if path.name != "lock"} <= before:
                time.sleep(0.02)
            time.sleep(rng.uniform(0, 0.3))
            kills += child.poll() is None
            child.kill()
    assert kills >= 3
    for name in ("killed", "whole"):
        folder = work if name == "killed" else tmp_path / "fresh"
        answer = _run(*options, "--work", folder, "--out", tmp_path / name)
        assert answer.exit_code == 0, answer.output
    killed, whole = (Results.from_json(tmp_path / name / "mine.json") for name in ("killed", "whole"))
    assert killed.same_measurements(whole)
    assert not list(work.rglob("*.tmp-*"))
    assert not list(work.rglob("*.checkpoint.safetensors"))


def _finished_trainings(work):
    """Return the stages that are in their place; one that is being written has another name."""
    return [path for path in work.rglob("train-*/done.json") if ".tmp-" not in path.parent.name]


def test_a_folder_that_cannot_be_written_to_is_refused_first(recipe, tmp_path):
    (tmp_path / "file").write_text("")
    answer = _run("run", recipe, "--out", tmp_path / "file")
    assert answer.exit_code == 2
    assert "--out" in answer.output
    assert "cannot be written to" in answer.output.replace("\n", " ")


def test_markup_in_a_title_is_only_text(recipe, tmp_path):
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("Old →", "[/bold] [red]Old →"), encoding="utf-8")
    answer = _run("run", recipe, "--out", tmp_path / "o", "--work", tmp_path / "w", "--jobs", 1, "--seeds", "0")
    assert answer.exit_code == 0, answer.output
    assert "[/bold] [red]Old" in answer.output


def test_a_full_disk_says_what_to_do(capsys):
    def write():
        raise OSError(errno.ENOSPC, "No space left on device", "reports/a-b.json")

    with pytest.raises(typer.Exit) as told:
        guarded(write, debug=False)
    assert told.value.exit_code == 2
    assert "make room, or give --work or --out a folder on another disk" in capsys.readouterr().err
