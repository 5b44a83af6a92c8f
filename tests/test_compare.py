"""Calls of compare: what they take, refuse and tell."""

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from dacompare import SubspaceAlignment, Transfer, compare
from dacompare.domains import LoadedTransfer
from dacompare.experiment import run_loaded
from dacompare.recipe import recipe_from_dict
from tests.small_comparison import STEPS, run_small, small_settings, small_transfer


def test_a_method_that_fails_is_a_row_with_its_reason():
    settings = small_settings(seeds=[0])
    settings["method"][2] = {"name": "dann", "training": {"learning_rate": 1e12}}
    recipe = recipe_from_dict(settings)
    loaded = LoadedTransfer(small_transfer(), [], None)

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


def test_n_jobs_must_be_a_number_of_processes():
    with pytest.raises(ValueError, match="n_jobs must be a whole number from 1 on, or None for every core, got 0"):
        compare(small_transfer(), n_jobs=0)


def test_dimensions_that_the_features_lack_are_said(tmp_path):
    settings = small_settings(seeds=[0])
    settings["method"] = [{"name": "source-only"}, {"name": "sa", "n_components": 500}]
    row = run_small(tmp_path, settings)["rows"][1]
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
        compare(small_transfer(labelled=False), **{"seeds": [0], "training": {"steps": 1}, "n_jobs": 1, **change})


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


def test_shares_are_compared_with_the_source_rows_that_were_drawn(tmp_path):
    """Nine source rows in ten are of one class; methods learn from 40 of each, and predict as many of each."""
    X, y = make_blobs(1200, centers=2, n_features=4, random_state=0)
    source = np.concatenate([np.flatnonzero(y == 0)[:480], np.flatnonzero(y == 1)[:60]])
    transfer = Transfer.from_arrays(X[source], y[source], X, y, title="Blobs", slug="blobs")
    settings = small_settings(seeds=[0], network={"name": "none"}, embedding={"features": []})
    settings["method"] = [{"name": "source-only"}, {"name": "coral"}]
    told = {
        n: [
            w
            for r in run_small(tmp_path / str(n), {**settings, "split": split}, transfer)["rows"]
            for w in r["warnings"]
        ]
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
