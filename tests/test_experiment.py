"""Whole comparisons, on data small enough for seconds."""

import json

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from dacompare import Results, SubspaceAlignment, Transfer, compare
from dacompare.domains import LoadedTransfer
from dacompare.experiment import run, run_loaded
from dacompare.gather import bounds_of
from dacompare.recipe import recipe_from_dict

STEPS = {"steps": 60}


def _transfer(labelled=True, *, test=True, title="Blobs, moved", slug="blobs"):
    X, y = make_blobs(360, centers=3, n_features=8, cluster_std=5.0, random_state=0)
    X_target = X + np.linspace(0, 9, 8)
    rows = slice(0, 240) if test else slice(None)
    rest = {"X_target_test": X_target[240:], "y_target_test": y[240:] if labelled else None} if test else {}
    return Transfer.from_arrays(X, y, X_target[rows], y[rows] if labelled else None, title=title, slug=slug, **rest)


def _settings(**changes):
    return {
        "schema": "dacompare-recipe/1",
        "slug": "blobs",
        "title": "Blobs, moved",
        "seeds": [0, 1],
        "source": {"domain": "arrays"},
        "target": {"domain": "arrays"},
        "training": STEPS,
        "embedding": {"max_points": 40},
        "method": [{"name": name} for name in ("source-only", "sa", "dann", "train-on-target")],
        **changes,
    }


@pytest.fixture(scope="module")
def results():
    return compare(_transfer(), seeds=[0, 1], training=STEPS, n_jobs=1)


def test_every_row_and_seed_is_there(results):
    rows = [(row["method"], row["seed"], row["status"]) for row in results.data["rows"]]
    names = ["source-only", "sa", "sa-oracle", "dann", "train-on-target"]
    assert rows == [(name, seed, "ok") for name in names for seed in (0, 1)]
    assert [line["method"] for line in results.data["summary"]] == names
    assert not results.data["partial"]


def test_every_number_can_be_traced_to_a_confusion_matrix(results):
    for row in results.data["rows"]:
        confusion = np.array(row["confusion"])
        assert confusion.sum() == results.data["task"]["n"]["target_test"] == 120
        assert row["target_accuracy"] == pytest.approx(np.trace(confusion) / 120, abs=1e-6)
        assert row["predicted_counts"] == confusion.sum(axis=0).tolist()
        assert row["test_ci95"][0] < row["target_accuracy"] < row["test_ci95"][1] or row["target_accuracy"] in (0, 1)


def test_the_oracle_is_marked_and_is_the_best_of_the_sweep(results):
    for seed in (0, 1):
        sweep = next(s for s in results.data["sweep"] if s["seed"] == seed)
        rows = {row["method"]: row for row in results.data["rows"] if row["seed"] == seed}
        assert rows["sa-oracle"]["oracle"]
        assert not rows["sa"]["oracle"]
        assert rows["sa-oracle"]["target_accuracy"] == pytest.approx(max(sweep["target_accuracy"]), abs=1e-6)
        assert rows["sa"]["params"]["n_components"] == sweep["picks"]["reverse-svm"]
        at = sweep["n_components"].index(sweep["picks"]["reverse-svm"])
        assert rows["sa"]["target_accuracy"] == pytest.approx(sweep["target_accuracy"][at], abs=1e-6)


def test_validators_see_every_usable_row_and_say_why_they_miss_one(results):
    for row in results.data["rows"]:
        names = {name for name, score in row["validators"].items() if score["value"] is not None}
        if row["kind"] == "bound":
            assert names == set()
        elif not row["oracle"]:
            assert names == set(results.data["recipe"]["protocol"]["validators"])
            assert {"iwv", "dev", "bnm", "class-ami", "mixval"} <= names


def test_distances_are_measured_on_pixels_and_every_row_with_features(results):
    measured = {d["features"] for d in results.data["divergence"]}
    assert measured == {"pixels", "source-only", "sa", "dann"}
    for d in results.data["divergence"]:
        assert d["value"] == pytest.approx(2 * (1 - 2 * d["domain_error"]), abs=1e-5)
        assert abs(d["control_source"]) < 1.0


def test_curves_and_pictures_are_there(results):
    assert {h["method"] for h in results.data["history"]} == {"source-only", "dann", "train-on-target"}
    assert {e["features"] for e in results.data["embedding"]} == {"source-only", "dann"}
    points = results.data["embedding"]
    assert points[0]["domain"] == points[1]["domain"]
    assert points[0]["label"] == points[1]["label"]


def test_results_survive_json(results, tmp_path):
    results.to_json(tmp_path / "r.json")
    again = Results.from_json(tmp_path / "r.json")
    assert again.data == results.data
    assert json.loads((tmp_path / "r.json").read_text())["schema"] == "dacompare/1"


def test_one_and_two_jobs_give_the_same_bytes(results):
    parallel = compare(_transfer(), seeds=[0, 1], training=STEPS, n_jobs=2)
    assert json.dumps(parallel.measurements(), sort_keys=True) == json.dumps(results.measurements(), sort_keys=True)
    assert parallel.same_measurements(results)


def test_another_seed_gives_other_numbers(results):
    other = compare(_transfer(), seeds=[5, 6], training=STEPS, n_jobs=1)
    assert not other.same_measurements(results)


@pytest.fixture(scope="module")
def unlabelled():
    return compare(_transfer(labelled=False), seeds=[0], training=STEPS, n_jobs=1)


def test_without_target_labels_no_accuracy_is_named(unlabelled):
    data = unlabelled.data
    assert data["verdict"]["code"] == "unlabelled"
    assert [row["method"] for row in data["rows"]] == ["source-only", "sa", "dann"]
    for row in data["rows"]:
        assert row["target_accuracy"] is None
        assert row["confusion"] is None
        assert row["validators"]["reverse-svm"]["value"] is not None
    assert data["sweep"][0]["target_accuracy"] is None
    assert data["sweep"][0]["oracle"] is None
    assert data["agreement"][0]["methods"] == data["disputed"]["methods"] == ["source-only", "sa", "dann"]
    assert all(row["png_base64"] is None and len(row["said"]) == 3 for row in data["disputed"]["rows"])
    assert unlabelled.select() in ("source-only", "sa", "dann")


def test_target_labels_reach_no_training_and_no_choice(results, unlabelled):
    """The same run with and without target labels: every choice and every validator is the same."""
    labelled = {row["method"]: row for row in results.data["rows"] if row["seed"] == 0}
    for row in unlabelled.data["rows"]:
        other = labelled[row["method"]]
        assert row["predicted_counts"] == other["predicted_counts"]
        assert row["params"] == other["params"]
        for name in ("source-accuracy", "reverse-svm", "entropy"):
            assert row["validators"][name]["value"] == other["validators"][name]["value"]


def test_a_transductive_bound_is_cross_fitted():
    results = compare(
        _transfer(test=False), methods=["source-only", "train-on-target"], seeds=[0], training=STEPS, n_jobs=1
    )
    bound = results.data["rows"][1]
    assert bound["params"] == {"folds": 5}
    assert np.array(bound["confusion"]).sum() == 360
    assert bound["target_accuracy"] > 0.7


def test_a_method_that_fails_is_a_row_with_its_reason():
    settings = _settings(seeds=[0])
    settings["method"][2] = {"name": "dann", "training": {"learning_rate": 1e12}}
    recipe = recipe_from_dict(settings)
    loaded = LoadedTransfer(_transfer(), [], None)

    def folder_run(path):
        return run_loaded(recipe, loaded, path, n_jobs=1)

    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as path:
        data = folder_run(Path(path)).data
    failed = [row for row in data["rows"] if row["status"] == "failed"]
    assert [row["method"] for row in failed] == ["dann"]
    assert "training has diverged" in failed[0]["reason"]
    assert data["partial"]
    assert {row["method"] for row in data["rows"] if row["status"] == "ok"} >= {"source-only", "sa", "train-on-target"}


def test_finished_stages_are_used_again(tmp_path, monkeypatch):
    from dacompare.stages import train

    loaded = LoadedTransfer(_transfer(), [], None)
    first = run_loaded(recipe_from_dict(_settings(seeds=[0])), loaded, tmp_path, n_jobs=1)

    def refuse(*args, **kwargs):
        raise AssertionError("trained again")

    monkeypatch.setattr(train.METHODS["dann"].__class__, "build", refuse, raising=False)
    monkeypatch.setattr(train, "_write", refuse)
    again = run_loaded(recipe_from_dict(_settings(seeds=[0])), loaded, tmp_path, n_jobs=1)
    assert again.same_measurements(first)
    relabelled = _settings(seeds=[0], report={"examples": 0})
    relabelled["method"][2] = {"name": "dann", "label": "Adapted"}
    assert not run_loaded(recipe_from_dict(relabelled), loaded, tmp_path, n_jobs=1).data["partial"]
    monkeypatch.undo()
    changed = _settings(seeds=[0], training={"steps": 61})
    assert not run_loaded(recipe_from_dict(changed), loaded, tmp_path, n_jobs=1).same_measurements(first)


def test_n_jobs_must_be_a_number_of_processes():
    with pytest.raises(ValueError, match="n_jobs must be a whole number from 1 on, or None for every core, got 0"):
        compare(_transfer(), n_jobs=0)


def test_images_give_examples_and_changes(tmp_path):
    settings = _settings(
        seeds=[0],
        source={"domain": "fonts", "rows": 300, "test_rows": 60},
        target={"domain": "fontsm", "rows": 300, "test_rows": 60},
        training={"steps": 5},
    )
    settings["method"] = [{"name": "source-only"}, {"name": "dann"}]
    data = run(recipe_from_dict(settings), n_jobs=1, work=tmp_path).data
    assert data["examples"]["source"]["columns"] == 10
    assert data["examples"]["source"]["labels"] == list(range(10))
    changes = data["changes"][0]
    assert changes["fixed"] + changes["broken"] + changes["both_right"] + changes["both_wrong"] == 60
    assert len(data["examples"]["fixed"]) == min(changes["fixed"], 12)
    assert data["task"]["shape"] == [28, 28, 3]


def _bare(tmp_path, recipe=None, transfer=None):
    settings = recipe or _settings(seeds=[0])
    return run_loaded(
        recipe_from_dict(settings), LoadedTransfer(transfer or _transfer(), [], None), tmp_path, n_jobs=1
    ).data


def test_a_failed_bound_is_a_row_and_leaves_nothing_that_a_later_run_believes(tmp_path, monkeypatch):
    from dacompare.stages import train

    transfer, settings = _transfer(test=False), _settings(seeds=[0])
    settings["method"] = [{"name": "source-only"}, {"name": "train-on-target"}]

    def fail(*args, **kwargs):
        raise MemoryError("no room")

    monkeypatch.setattr(train, "_folds", fail)
    failed = _bare(tmp_path, settings, transfer)["rows"][1]
    assert failed["status"] == "failed"
    assert failed["reason"] == "MemoryError: no room"
    monkeypatch.undo()
    assert _bare(tmp_path, settings, transfer)["rows"][1]["target_accuracy"] > 0.7


def test_scores_without_their_network_are_not_believed(tmp_path, monkeypatch):
    import shutil

    from dacompare import experiment

    _bare(tmp_path)
    for folder in (tmp_path / "seed-0").glob("train-*"):
        shutil.rmtree(folder)

    def interrupt(jobs, *, n_jobs, outcome, advance):
        outcome.interrupted = True

    monkeypatch.setattr(experiment, "run_jobs", interrupt)
    data = _bare(tmp_path)
    assert data["partial"]
    assert {row["reason"] for row in data["rows"] if row["status"] == "failed"} == {"interrupted before it was done"}


@pytest.mark.parametrize("head", ["svm", "network"])
def test_networks_are_also_scored_on_genuine_rows(tmp_path, head):
    transfer = _transfer()
    # The test rows themselves: the two columns must then agree to the last digit.
    loaded = LoadedTransfer(transfer, [], None, genuine=transfer.target_test)
    recipe = recipe_from_dict(_settings(seeds=[0], protocol={"head": head}))
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


def test_the_time_of_a_step_is_told(results):
    for row in results.data["rows"]:
        deep = row["kind"] in ("deep", "bound")
        assert (row["step_seconds"] is not None) == deep
        assert not deep or 0 < row["step_seconds"] * row["steps"] <= row["fit_seconds"]


def test_an_unlabelled_target_with_a_labelled_test_set_has_no_bound():
    X, y = make_blobs(300, centers=3, n_features=8, cluster_std=5.0, random_state=0)
    transfer = Transfer.from_arrays(X, y, X[:150] + 2, X_target_test=X[150:] + 2, y_target_test=y[150:])
    data = compare(transfer, seeds=[0], training=STEPS, n_jobs=1).data
    assert [row["method"] for row in data["rows"]] == ["source-only", "sa", "sa-oracle", "dann"]
    assert not data["partial"]
    assert all(row["target_accuracy"] is not None for row in data["rows"])


def test_the_paper_s_criterion_never_looks_at_target_test_rows():
    first, second = _transfer(), _transfer()
    other = Transfer(
        first.source, first.target, source_test=first.source_test, target_test=second.target_test.take(slice(0, 40))
    )
    ranks = [
        [
            row["validators"]["paper"]["value"]
            for row in compare(t, seeds=[0], training=STEPS, n_jobs=1).data["rows"][:2]
        ]
        for t in (first, other)
    ]
    assert ranks[0] == ranks[1]
    assert None not in ranks[0]


def test_validators_judge_the_head_that_counts(tmp_path):
    data = [
        _bare(tmp_path, _settings(seeds=[0], protocol={"head": head}, training={"steps": 3}))["rows"][0]
        for head in ("svm", "network")
    ]
    assert data[0]["network_target_accuracy"] == data[1]["target_accuracy"]
    assert data[0]["validators"]["entropy"]["value"] != data[1]["validators"]["entropy"]["value"]


def test_what_could_not_be_measured_is_said(tmp_path):
    X, y = make_blobs(120, centers=3, n_features=8, random_state=0)
    tiny = Transfer.from_arrays(X, y, X[:3] + 1, title="Tiny target", slug="blobs")
    settings = _settings(seeds=[0], target={"domain": "arrays", "labelled": False})
    settings["method"] = [{"name": "source-only"}]
    data = _bare(tmp_path, settings, tiny)
    assert data["divergence"] == []
    assert data["partial"]
    assert any("measure source-only 0: ValueError" in text for text in data["rows"][0]["warnings"])


def test_dimensions_that_the_features_lack_are_said(tmp_path):
    settings = _settings(seeds=[0])
    settings["method"] = [{"name": "source-only"}, {"name": "sa", "n_components": 500}]
    row = _bare(tmp_path, settings)["rows"][1]
    assert any("500 dimensions were asked for" in text for text in row["warnings"])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"methods": ["dan"]}, ValueError, "methods must be one of .* got 'dan', did you mean 'dann'"),
        ({"methods": "dann"}, TypeError, "methods must be a list, got 'dann'"),
        ({"methods": ["coral"]}, ValueError, "methods must name 'source-only', with which every row is compared"),
        ({"methods": ["source-only", "coral", "coral"]}, ValueError, "methods names 'coral' twice; give a second row"),
        ({"methods": ["source-only", {"name": "mine", "method": "grk"}]}, ValueError, "got 'grk', did you mean 'gfk'"),
        ({"methods": ["train-on-target"]}, ValueError, "'train-on-target', which needs target labels"),
        ({"seeds": 3}, TypeError, "seeds must be a list, got 3"),
        ({"seeds": [1.7]}, ValueError, "seeds item 1 must be a whole number"),
        ({"seeds": []}, ValueError, "seeds must be a list of at least 1"),
        ({"seeds": [2**40]}, ValueError, "must be a whole number up to"),
        ({"n_jobs": "2"}, ValueError, "n_jobs must be a whole number from 1 on.*got '2'"),
        ({"training": {"step": 5}}, ValueError, "training.step is no key.*did you mean 'steps'"),
        ({"network": {"name": "minst"}}, ValueError, "did you mean 'mnist'"),
        ({"network": "none"}, TypeError, r"network must be a mapping of keys of the recipe's \[network\].*got 'none'"),
        ({"methods": ["source-only", SubspaceAlignment(2)]}, TypeError, "methods must hold names or tables.*METHODS"),
        (
            {"methods": ["source-only", {"method": "gfk"}]},
            ValueError,
            "methods must name each row, got {'method': 'gfk'",
        ),
        (
            {"methods": ["source-only", {"name": "kmm", "params": {"estimator": SubspaceAlignment()}}]},
            ValueError,
            r"method 2 \(kmm\).params.estimator must be text, a finite number.*got SubspaceAlignment\(\); .* METHODS",
        ),
    ],
)
def test_mistakes_in_a_call_are_named_before_anything_runs(change, error, message):
    with pytest.raises(error, match=message):
        compare(_transfer(labelled=False), **{"seeds": [0], "training": {"steps": 1}, "n_jobs": 1, **change})


def test_numbers_of_numpy_and_generators_are_as_good_as_python_s_own(rng):
    y = np.arange(60) % 2
    X = rng.normal(size=(60, 6)) + 3 * y[:, None]
    rows = ["source-only", {"name": "gfk", "params": {"n_components": np.int64(2)}}]
    rows.append({"name": "chosen", "method": "gfk", "search": {"n_components": np.arange(1, 3)}})
    rows.append({"name": "coral", "params": {"regularisation": np.float32(0.5)}})
    transfer, settings = Transfer.from_arrays(X, y, X + 1), {"network": {"name": "none"}, "n_jobs": 1}
    data = compare(transfer, methods=(row for row in rows), seeds=np.arange(1), **settings).data
    assert [row["status"] for row in data["rows"]] == ["ok"] * 4
    assert data["recipe"]["method"][1]["params"] == {"n_components": 2}
    assert data["recipe"]["method"][2]["search"] == {"n_components": [1, 2]}


def test_a_transfer_is_asked_for_by_name():
    with pytest.raises(TypeError, match="transfer must be a Transfer, got ndarray; make one with Transfer.from_arrays"):
        compare(np.zeros((3, 2)))


def test_when_everything_failed_the_results_say_so():
    X, y = make_blobs(200, centers=3, n_features=8, random_state=0)
    because = "failed: 'source-only' in 1 of 1 seeds, .*: ValueError: network 'mnist' needs images"
    with pytest.warns(UserWarning, match=because):
        results = compare(Transfer.from_arrays(X, y, X + 1), seeds=[0], network={"name": "mnist"}, n_jobs=1)
    assert "Nothing was measured: ValueError: network 'mnist' needs images" in results.data["verdict"]["text"]
    assert "failed  ValueError: network 'mnist' needs images" in repr(results)
    with pytest.raises(ValueError, match="nothing was measured, so nothing can be selected"):
        results.select()


def test_each_seed_draws_source_rows_of_its_own(tmp_path):
    settings = _settings(seeds=list(range(7)), split={"source_per_class": 10}, network={"name": "none"})
    settings["method"] = [{"name": "source-only"}, {"name": "sa", "n_components": 3}]
    data = _bare(tmp_path, settings)
    rows = [row for row in data["rows"] if row["method"] == "source-only"]
    assert len({row["target_accuracy"] for row in rows}) > 1
    assert data["task"]["n"]["source_train"] == 30
    comparison = next(entry for entry in data["summary"] if entry["method"] == "sa")["vs_source_only"]
    assert (comparison["n"], comparison["p_value"], comparison["p_holm"]) == (7, None, None)
    other = _bare(tmp_path, {**settings, "split": {"source_per_class": 20}})
    assert [r["target_accuracy"] for r in other["rows"]] != [r["target_accuracy"] for r in data["rows"]]


def test_every_measure_and_the_bound_can_be_asked_for(tmp_path):
    from dacompare.divergence import MEASURES

    settings = _settings(seeds=[0], divergence={"measures": list(MEASURES), "bound": True, "features": ["source-only"]})
    settings["method"] = [{"name": "source-only"}]
    data = _bare(tmp_path, settings)
    measured = {d["measure"]: d for d in data["divergence"]}
    assert list(measured) == list(MEASURES)
    assert all(d["value"] is not None and d["control_source"] is not None for d in measured.values())
    assert measured["mmd"]["value"] > 10 * abs(measured["mmd"]["control_source"])
    bound, row = data["bound"][0], data["rows"][0]
    assert bound["source_error"] == pytest.approx(1 - row["source_accuracy"], abs=1e-6)
    assert bound["half_distance"] == pytest.approx(measured["hdh"]["value"] / 2, abs=1e-5)
    total = bound["source_error"] + bound["half_distance"] + bound["combined_error"]
    assert bound["value"] == pytest.approx(total, abs=1e-5)
    assert bound["vacuous"] == (bound["value"] >= 2 / 3)
    assert bound["target_error"] == pytest.approx(1 - row["target_accuracy"], abs=1e-6)


def test_the_bound_is_no_bound_with_a_distance_that_sees_no_difference():
    row = {"method": "sa", "seed": 0, "status": "ok", "oracle": False, "source_accuracy": 0.99, "target_accuracy": 0.5}
    distances = [
        {"features": "sa", "seed": 0, "measure": measure, "value": value}
        for measure, value in (("proxy-a-distance", -0.01), ("hdh", 1.9))
    ]
    (bound,) = bounds_of([row], distances, {("sa", 0): 0.3}, 10)
    assert bound["half_distance"] == 0.95
    assert bound["value"] > bound["target_error"]
    assert bounds_of([row], distances[:1], {("sa", 0): 0.3}, 10) == []


def test_shares_are_compared_with_the_source_rows_that_were_drawn(tmp_path):
    """Nine source rows in ten are of one class; methods learn from 40 of each, and predict as many of each."""
    X, y = make_blobs(1200, centers=2, n_features=4, random_state=0)
    source = np.concatenate([np.flatnonzero(y == 0)[:480], np.flatnonzero(y == 1)[:60]])
    transfer = Transfer.from_arrays(X[source], y[source], X, y, title="Blobs", slug="blobs")
    settings = _settings(seeds=[0], network={"name": "none"}, embedding={"features": []})
    settings["method"] = [{"name": "source-only"}, {"name": "coral"}]
    told = {
        n: [w for r in _bare(tmp_path / str(n), {**settings, "split": split}, transfer)["rows"] for w in r["warnings"]]
        for n, split in ((0, {}), (40, {"source_per_class": 40}))
    }
    assert any("leave the source's by" in warning for warning in told[0])
    assert not any("leave the source's by" in warning for warning in told[40])


def test_predicted_classes_that_leave_the_source_s_shares_are_warned_of():
    X, y = make_blobs(600, centers=2, n_features=4, random_state=0)
    mostly_one = np.concatenate([np.flatnonzero(y == 0)[:30], np.flatnonzero(y == 1)[:270]])
    transfer = Transfer.from_arrays(X, y, X[mostly_one], y[mostly_one])
    settings = {"methods": ["source-only"], "network": {"name": "none"}, "seeds": [0], "n_jobs": 1}
    warnings = compare(transfer, **settings).data["rows"][0]["warnings"]
    assert any("the predicted class shares leave the source's by 40 %" in warning for warning in warnings)
    same = Transfer.from_arrays(X, y, X + 0.01, y)
    assert not any("predicted as" in w for w in compare(same, **settings).data["rows"][0]["warnings"])


def test_both_layers_can_be_drawn(tmp_path):
    settings = _settings(seeds=[0], embedding={"max_points": 40, "layer": "both"})
    settings["method"] = [{"name": "source-only"}, {"name": "dann"}]
    data = _bare(tmp_path, settings)
    assert [(e["features"], e["layer"]) for e in data["embedding"]] == [
        ("source-only", "extractor"), ("dann", "extractor"), ("source-only", "last_hidden"), ("dann", "last_hidden"),
    ]  # fmt: skip
    one = _bare(tmp_path, {**settings, "embedding": {"max_points": 40, "layer": "extractor"}})
    assert one["embedding"] == data["embedding"][:2]


def test_what_does_not_depend_on_the_seed_is_computed_once(tmp_path):
    settings = _settings(network={"name": "none"}, embedding={"features": []})
    rows = [("coral", "pixels"), ("gfk", "source-only"), ("tca", "pixels")]
    settings["method"] = [
        {"name": "source-only"}, *({"name": name, "features": features} for name, features in rows)
    ]  # fmt: skip
    settings["method"][1]["params"] = {"regularisation": -1.0}
    failed = _bare(tmp_path / "failed", settings)["rows"]
    assert ["regularisation" in (row["reason"] or "") for row in failed if row["method"] == "coral"] == [True, True]
    settings["method"][1]["params"] = {}
    data = _bare(tmp_path / "done", settings)
    assert [row["status"] for row in data["rows"]] == ["ok"] * 8
    coral = [row for row in data["rows"] if row["method"] == "coral"]
    assert [row["seed"] for row in coral] == [0, 1]
    assert coral[0]["confusion"] == coral[1]["confusion"]
    kept = {name: len(list((tmp_path / "done").rglob(f"score-{name}-*"))) for name, _ in rows}
    assert kept == {"coral": 1, "gfk": 2, "tca": 2}  # a network before it, or a method that may draw


def test_rows_with_parameters_of_their_own_are_compared_from_python(rng):
    y = np.arange(60) % 2
    X = rng.normal(size=(60, 6)) + 3 * y[:, None]
    rows = ["source-only", *({"name": f"gfk-{d}", "method": "gfk", "params": {"n_components": d}} for d in (1, 2))]
    results = compare(Transfer.from_arrays(X, y, X + 1), methods=rows, seeds=[0], network={"name": "none"}, n_jobs=1)
    found = {row["method"]: row["params"] for row in results.data["rows"]}
    assert list(found) == ["source-only", "gfk-1", "gfk-2"]
    assert [found[name]["n_components"] for name in ("gfk-1", "gfk-2")] == [1, 2]


def test_a_call_draws_source_rows_measures_distances_and_needs_no_network(rng):
    y = np.arange(120) % 2
    X = rng.normal(size=(120, 4)) + 2 * y[:, None]
    transfer, bare = Transfer.from_arrays(X, y, X + 0.7, y), {"network": {"name": "none"}, "n_jobs": 1}
    same = compare(transfer, seeds=[0, 1, 2], divergence={"measures": []}, **bare).data
    assert "Where each seed draws source rows" in same["verdict"]["text"]
    assert {row["method"] for row in same["rows"] if not row["oracle"]} == {"source-only", "sa", "train-on-target"}
    assert same["divergence"] == []
    drawn = compare(transfer, seeds=[0, 1, 2], source_per_class=10, divergence={"measures": ["mmd"]}, **bare).data
    assert len({row["target_accuracy"] for row in drawn["rows"] if row["method"] == "source-only"}) > 1
    assert "Where each seed" not in drawn["verdict"]["text"]
    assert {entry["measure"] for entry in drawn["divergence"]} == {"mmd"}


def test_rows_say_whether_they_adapt(rng):
    y = np.arange(60) % 2
    X = rng.normal(size=(60, 6)) + 3 * y[:, None]
    rows = ["source-only", "svm", {"name": "coral", "features": "pixels"}]
    rows.append({"name": "network-on-coral", "method": "source-only", "features": "coral"})
    results = compare(Transfer.from_arrays(X, y, X + 1), methods=rows, seeds=[0], training=STEPS, n_jobs=1)
    adapts = {row["method"]: row["adapts"] for row in results.data["rows"]}
    assert adapts == {"source-only": False, "svm": False, "coral": True, "network-on-coral": True}


def test_default_dimensions_fit_into_narrow_tables(rng):
    y = np.arange(60) % 2
    X = rng.normal(size=(60, 6)) + 3 * y[:, None]
    rows = ["source-only", "sa-fixed", "pca", "dip", {"name": "pca-2", "method": "pca", "params": {"n_components": 2}}]
    results = compare(Transfer.from_arrays(X, y, X + 1), methods=rows, seeds=[0], network={"name": "none"}, n_jobs=1)
    found = {row["method"]: (row["status"], row["params"].get("n_components")) for row in results.data["rows"]}
    assert found["sa-fixed"] == found["pca"] == found["dip"] == ("ok", 6)
    assert found["pca-2"] == ("ok", 2)


@pytest.mark.parametrize(("share", "apart"), [(0.5, "0 %"), (0.9, "40 %")])
def test_where_target_labels_are_known_a_page_says_how_they_are_mixed(rng, share, apart):
    y, y_target = np.arange(400) % 2, (np.arange(400) < 400 * share).astype(int)
    X = rng.normal(size=(400, 2)) + 4 * y[:, None]
    X_target = rng.normal(size=(400, 2)) + 40  # all of it is taken for class 1
    transfer = Transfer.from_arrays(X, y, X_target, X_target_test=X_target, y_target_test=y_target)
    (row,) = compare(transfer, methods=["source-only"], seeds=[0], network={"name": "none"}, n_jobs=1).data["rows"]
    (said,) = [text for text in row["warnings"] if "predicted class shares" in text]
    assert said.endswith(f"By its labels, the target's shares leave the source's by {apart}.")
