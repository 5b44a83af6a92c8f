"""Stages that are there already: what is used again, what is not believed, what is computed once."""

import pytest

from dacompare.domains import LoadedTransfer
from dacompare.experiment import run_loaded
from dacompare.recipe import recipe_from_dict
from tests.small_comparison import run_small, small_settings, small_transfer


def test_finished_stages_are_used_again(tmp_path, monkeypatch):
    from dacompare.stages import train

    loaded = LoadedTransfer(small_transfer(), [], None)
    first = run_loaded(recipe_from_dict(small_settings(seeds=[0])), loaded, tmp_path, n_jobs=1)

    def refuse(*args, **kwargs):
        raise AssertionError("trained again")

    monkeypatch.setattr(train.METHODS["dann"].__class__, "build", refuse, raising=False)
    monkeypatch.setattr(train, "_write", refuse)
    again = run_loaded(recipe_from_dict(small_settings(seeds=[0])), loaded, tmp_path, n_jobs=1)
    assert again.same_measurements(first)
    relabelled = small_settings(seeds=[0], report={"examples": 0})
    relabelled["method"][2] = {"name": "dann", "label": "Adapted"}
    assert not run_loaded(recipe_from_dict(relabelled), loaded, tmp_path, n_jobs=1).data["partial"]
    monkeypatch.undo()
    changed = small_settings(seeds=[0], training={"steps": 61})
    assert not run_loaded(recipe_from_dict(changed), loaded, tmp_path, n_jobs=1).same_measurements(first)


def test_a_failed_bound_is_a_row_and_leaves_nothing_that_a_later_run_believes(tmp_path, monkeypatch):
    from dacompare.stages import train

    transfer, settings = small_transfer(test=False), small_settings(seeds=[0])
    settings["method"] = [{"name": "source-only"}, {"name": "train-on-target"}]

    def fail(*args, **kwargs):
        raise MemoryError("no room")

    monkeypatch.setattr(train, "_folds", fail)
    failed = run_small(tmp_path, settings, transfer)["rows"][1]
    assert failed["status"] == "failed"
    assert failed["reason"] == "MemoryError: no room"
    monkeypatch.undo()
    assert run_small(tmp_path, settings, transfer)["rows"][1]["target_accuracy"] > 0.7


def test_scores_without_their_network_are_not_believed(tmp_path, monkeypatch):
    import shutil

    from dacompare import experiment

    run_small(tmp_path)
    for folder in (tmp_path / "seed-0").glob("train-*"):
        shutil.rmtree(folder)

    def interrupt(jobs, *, n_jobs, outcome, advance):
        outcome.interrupted = True

    monkeypatch.setattr(experiment, "run_jobs", interrupt)
    data = run_small(tmp_path)
    assert data["partial"]
    assert {row["reason"] for row in data["rows"] if row["status"] == "failed"} == {"interrupted before it was done"}


@pytest.mark.parametrize("head", ["svm", "network"])
def test_networks_are_also_scored_on_genuine_rows(tmp_path, head):
    transfer = small_transfer()
    # The test rows themselves: the two columns must then agree to the last digit.
    loaded = LoadedTransfer(transfer, [], None, genuine=transfer.target_test)
    recipe = recipe_from_dict(small_settings(seeds=[0], protocol={"head": head}))
    with_genuine = run_loaded(recipe, loaded, tmp_path / "a", n_jobs=1)
    rows = {row["method"]: row for row in with_genuine.data["rows"]}
    for name in ("source-only", "dann", "train-on-target"):
        assert rows[name]["genuine_accuracy"] == rows[name]["target_accuracy"]
    assert rows["sa"]["genuine_accuracy"] is None
    assert with_genuine.data["task"]["genuine"] == {"name": "target", "n": 120}
    assert with_genuine.data["summary"][0]["genuine_mean"] == rows["source-only"]["genuine_accuracy"]
    # Nothing else depends on it, and networks that are trained already serve.
    without = run_loaded(recipe, LoadedTransfer(transfer, [], None), tmp_path / "b", n_jobs=1)
    for row in without.data["rows"]:
        assert row["genuine_accuracy"] is None
        assert row["target_accuracy"] == rows[row["method"]]["target_accuracy"]
        assert [score["value"] for score in row["validators"].values()] == [
            score["value"] for score in rows[row["method"]]["validators"].values()
        ]
    names = [sorted(path.name for path in (tmp_path / run / "seed-0").glob("train-*")) for run in "ab"]
    assert names[0] == names[1]


def test_each_seed_draws_source_rows_of_its_own(tmp_path):
    settings = small_settings(seeds=list(range(7)), split={"source_per_class": 10}, network={"name": "none"})
    settings["method"] = [{"name": "source-only"}, {"name": "sa", "n_components": 3}]
    data = run_small(tmp_path, settings)
    rows = [row for row in data["rows"] if row["method"] == "source-only"]
    assert len({row["target_accuracy"] for row in rows}) > 1
    assert data["task"]["n"]["source_train"] == 30
    comparison = next(entry for entry in data["summary"] if entry["method"] == "sa")["vs_source_only"]
    assert (comparison["n"], comparison["p_value"], comparison["p_holm"]) == (7, None, None)
    other = run_small(tmp_path, {**settings, "split": {"source_per_class": 20}})
    assert [r["target_accuracy"] for r in other["rows"]] != [r["target_accuracy"] for r in data["rows"]]


def test_what_does_not_depend_on_the_seed_is_computed_once(tmp_path):
    settings = small_settings(network={"name": "none"}, embedding={"features": []})
    rows = [("coral", "pixels"), ("gfk", "source-only"), ("tca", "pixels")]
    settings["method"] = [
        {"name": "source-only"}, *({"name": name, "features": features} for name, features in rows)
    ]  # fmt: skip
    settings["method"][1]["params"] = {"regularisation": -1.0}
    failed = run_small(tmp_path / "failed", settings)["rows"]
    assert ["regularisation" in (row["reason"] or "") for row in failed if row["method"] == "coral"] == [True, True]
    settings["method"][1]["params"] = {}
    data = run_small(tmp_path / "done", settings)
    assert [row["status"] for row in data["rows"]] == ["ok"] * 8
    coral = [row for row in data["rows"] if row["method"] == "coral"]
    assert [row["seed"] for row in coral] == [0, 1]
    assert coral[0]["confusion"] == coral[1]["confusion"]
    kept = {name: len(list((tmp_path / "done").rglob(f"score-{name}-*"))) for name, _ in rows}
    assert kept == {"coral": 1, "gfk": 2, "tca": 2}  # a network before it, or a method that may draw
