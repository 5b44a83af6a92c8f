import numpy as np
import pytest
from sklearn.datasets import make_blobs

from dacompare.deep.checkpoint import TrainingState
from dacompare.domains import Transfer
from dacompare.recipe import recipe_from_dict
from dacompare.stages.features import Features
from dacompare.stages.folder import checkpoint_path, is_finished, read_json
from dacompare.stages.train import cross_fit_bound, train_row


@pytest.fixture(scope="module")
def transfer():
    X, y = make_blobs(200, centers=3, n_features=5, random_state=0)
    groups = np.arange(200) // 2
    return Transfer.from_arrays(X, y, X + 1, y, groups_target=groups)


def _settings(method):
    recipe = recipe_from_dict(
        {
            "schema": "dacompare-recipe/1", "slug": "x", "title": "x", "source": {"domain": "arrays"},
            "target": {"domain": "arrays"}, "training": {"steps": 12, "monitor_every": 4},
            "method": [{"name": "source-only"}, {"name": method}] if method != "source-only" else [{"name": method}],
        }
    ).to_dict()  # fmt: skip
    return {"method": method, "network": recipe["network"], "training": recipe["training"]}


def test_a_training_leaves_weights_features_predictions_and_curves(transfer, tmp_path):
    folder = train_row(tmp_path / "dann", transfer, _settings("dann"), 0)
    assert is_finished(folder)
    features = Features.load(folder / "features.npz")
    assert features.source.shape == (transfer.source.n_rows, 100)
    assert features.target.shape == (200, 100)
    with np.load(folder / "predictions.npz") as predictions:
        assert set(predictions) == {"source", "source_test", "target", "target_probabilities"}
        assert set(np.unique(predictions["target"])) <= {0, 1, 2}
    row = read_json(folder / "row.json")
    assert row["steps"] == 12
    assert row["history"]["step"] == [0, 4, 8, 12]
    assert len(row["history"]["held_out_domain_accuracy"]) == 4


def test_the_monitor_sees_labels_and_changes_nothing(transfer, tmp_path):
    with_labels = train_row(tmp_path / "a", transfer, _settings("dann"), 0)
    bare = Transfer(
        transfer.source, transfer.target.without_labels(), source_test=transfer.source_test, protocol="transductive"
    )
    without = train_row(tmp_path / "b", bare, _settings("dann"), 0)
    assert (with_labels / "network.safetensors").read_bytes() == (without / "network.safetensors").read_bytes()
    assert read_json(without / "row.json")["history"]["target_test_accuracy"] == [None] * 4


def test_a_finished_training_is_not_done_again(transfer, tmp_path):
    folder = train_row(tmp_path / "x", transfer, _settings("source-only"), 0)
    before = (folder / "row.json").stat().st_mtime_ns
    train_row(folder, transfer, _settings("source-only"), 0)
    assert (folder / "row.json").stat().st_mtime_ns == before


@pytest.mark.parametrize("method", ["source-only", "dann", "train-on-target"])
def test_a_training_that_was_stopped_goes_on_and_leaves_no_checkpoint(method, transfer, tmp_path, monkeypatch):
    settings = _settings(method)
    settings["training"]["checkpoint_every"] = 5
    whole = train_row(tmp_path / "whole", transfer, settings, 0)
    taken = []

    def stop(self, checkpoint, steps_done):
        write(self, checkpoint, steps_done)
        taken.append(steps_done)
        if len(taken) == 1:
            raise KeyboardInterrupt

    write = TrainingState.write
    monkeypatch.setattr(TrainingState, "write", stop)
    folder = tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt):
        train_row(folder, transfer, settings, 0)
    assert checkpoint_path(folder).exists()
    assert not is_finished(folder)
    train_row(folder, transfer, settings, 0)
    assert taken == [5, 10]
    assert not checkpoint_path(folder).exists()
    for name in ("network.safetensors", "features.npz", "predictions.npz"):
        assert (whole / name).read_bytes() == (folder / name).read_bytes()
    assert read_json(whole / "row.json")["history"] == read_json(folder / "row.json")["history"]


def test_the_cross_fitted_bound_never_predicts_a_row_it_was_fitted_on(transfer, tmp_path):
    folder = cross_fit_bound(tmp_path / "bound", transfer, _settings("train-on-target"), 0)
    seen = []
    for path in sorted(folder.glob("fold-*.npz")):
        with np.load(path) as fold:
            groups = transfer.target.groups
            assert not set(groups[fold["rows"]]) & set(groups[fold["train_rows"]])
            seen.extend(fold["rows"].tolist())
    assert sorted(seen) == list(range(200))
