"""The way back: a row trained from the target with its predicted labels, and judged on held-out source rows."""

import json
import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.datasets import make_blobs

from dacompare import METHODS, Transfer
from dacompare.deep import DANNClassifier
from dacompare.domains import LoadedTransfer
from dacompare.experiment import run_loaded
from dacompare.methods import Method
from dacompare.plan import Plan
from dacompare.recipe import recipe_from_dict
from dacompare.shallow import SubspaceAlignment, linear_svm
from dacompare.shallow.row_norm_scaler import rms_row_norm
from dacompare.stages import reverse
from dacompare.stages.features import Features, pixel_features, scaled
from dacompare.stages.folder import checkpoint_path, read_json
from dacompare.stages.judge import network_answers, validator_scores, with_way_back
from dacompare.stages.reverse import exchanged, reverse_network, reverse_seed, shallow_refit
from dacompare.stages.train import train_row

ASKED = {"validators": ["reverse-svm", "reverse", "entropy", "mixval"]}
PROTOCOL = {"head": "svm", "classifier": "svm", "svm_C": 1.0, "scaling": "rms"}


class Moving(BaseEstimator):
    """Move the source onto the target."""

    def fit(self, X, y=None, *, X_target=None):
        self.shift_ = X_target.mean(axis=0) - X.mean(axis=0)
        return self

    def transform(self, X, *, domain="target"):
        return X + self.shift_ if domain == "source" else X


class Destroying(BaseEstimator):
    """Put noise in the place of every target row."""

    def fit(self, X, y=None, *, X_target=None):
        self.size_ = X.std()
        return self

    def transform(self, X, *, domain="target"):
        return X if domain == "source" else np.random.default_rng(len(X)).normal(scale=self.size_, size=X.shape)


class OneWay(BaseEstimator):
    """Go there, and trip on the way back, where rows lie elsewhere."""

    def fit(self, X, y=None, *, X_target=None):
        if X_target.mean() < X.mean():
            raise KeyError("no way back")
        return self

    def transform(self, X):
        return X


@pytest.fixture(scope="module")
def transfer():
    X, y = make_blobs(300, centers=3, n_features=5, random_state=0)
    names = np.array(["ant", "bee", "cow"])[y]
    target = X + np.array([1.0, 4.0, -3.0, 2.0, 5.0])
    return Transfer.from_arrays(
        X, names, target[:200], names[:200], X_target_test=target[200:], y_target_test=names[200:], slug="moved"
    )


@pytest.fixture
def own_methods(monkeypatch):
    for cls in (Moving, Destroying, OneWay):
        name = cls.__name__.lower()
        method = Method(name.title(), "shallow", lambda row, seed, cls=cls: cls(), adapts=True)
        monkeypatch.setitem(METHODS, name, method)


def _settings(*rows, protocol=ASKED, steps=12, **changes):
    return recipe_from_dict(
        {
            "schema": "dacompare-recipe/1", "slug": "moved", "title": "T", "seeds": [0], "training": {"steps": steps},
            "source": {"domain": "arrays"}, "target": {"domain": "arrays"}, "method": list(rows),
            "protocol": protocol, "divergence": {"measures": []}, "embedding": {"features": []}, **changes,
        }
    )  # fmt: skip


def _rows(recipe, transfer, folder, n_jobs=1):
    found = run_loaded(recipe, LoadedTransfer(transfer, [], None), folder, n_jobs=n_jobs).data["rows"]
    return {row["method"]: row for row in found if not row["oracle"]}


# Shallow rows


def test_the_domains_change_places_and_are_scaled_by_the_new_source():
    features = Features(np.full((4, 1), 2.0), np.full((3, 1), 5.0), np.full((2, 1), 3.0), np.full((1, 1), 7.0))
    for start in (features, scaled(features, "rms")):  # by what it was scaled before makes no difference
        back = exchanged(start, "rms")
        assert back.source.ravel() == pytest.approx([1, 1, 1])
        assert back.target.ravel() == pytest.approx([0.4] * 4)
        assert back.target_test.ravel() == pytest.approx([0.6] * 2)
        assert back.source_test is None


def test_rows_of_the_old_source_go_through_the_map_of_the_new_target(transfer):
    features, seen = pixel_features(transfer), []

    def train(back, labels):
        seen.append((back, labels))
        adapted = back.map(lambda X: ("source", X), lambda X: ("target", X))
        assert [adapted.source[0], adapted.target[0], adapted.target_test[0]] == ["source", "target", "target"]
        return np.repeat("bee", len(back.target_test))

    refit = shallow_refit(train, transfer, features, {"scaling": "none"})
    pseudo = np.arange(transfer.target.n_rows) % 3
    assert refit(None, pseudo, None, None).tolist() == [1] * transfer.source_test.n_rows
    back, labels = seen[0]
    np.testing.assert_array_equal(back.source, features.target)
    np.testing.assert_array_equal(back.target, features.source)
    np.testing.assert_array_equal(back.target_test, features.source_test)
    assert labels[:3].tolist() == ["ant", "bee", "cow"]


def test_it_is_the_method_written_out_by_hand(transfer, tmp_path):
    row = {"name": "sa-fixed", "features": "pixels", "params": {"n_components": 2}}
    recipe = _settings({"name": "source-only"}, row, network={"name": "none"})
    value = _rows(recipe, transfer, tmp_path)["sa-fixed"]["validators"]["reverse"]["value"]
    X, T, test = (part.X.astype(np.float32) for part in (transfer.source, transfer.target, transfer.source_test))
    X, T, test = (rows / rms_row_norm(X) for rows in (X, T, test))
    there = SubspaceAlignment(2).fit(X, X_target=T)
    svm = linear_svm(1.0, 0).fit(there.transform(X, domain="source"), transfer.source.y)
    pseudo = svm.predict(there.transform(T))
    X, T, test = (rows / rms_row_norm(T) for rows in (X, T, test))
    back = SubspaceAlignment(2).fit(T, X_target=X)
    svm = linear_svm(1.0, 0).fit(back.transform(T, domain="source"), pseudo)
    assert value == pytest.approx((svm.predict(back.transform(test)) == transfer.source_test.y).mean(), abs=1e-6)


def test_a_sweep_goes_back_at_the_dimension_that_it_picked(transfer, tmp_path):
    swept = {"name": "sa", "features": "pixels", "sweep": [1, 3]}
    recipe = _settings({"name": "source-only"}, swept, network={"name": "none"})
    found = _rows(recipe, transfer, tmp_path / "a")["sa"]
    fixed = {**swept, "n_components": found["params"]["n_components"]}
    recipe = _settings({"name": "source-only"}, fixed, network={"name": "none"})
    alone = _rows(recipe, transfer, tmp_path / "b")["sa"]
    assert found["validators"]["reverse"]["value"] == alone["validators"]["reverse"]["value"] is not None


@pytest.mark.usefixtures("own_methods")
def test_a_row_that_destroys_the_target_is_ranked_below_source_only(transfer, tmp_path):
    rows = [{"name": name, "features": "pixels"} for name in ("moving", "destroying")]
    recipe = _settings({"name": "source-only"}, *rows, {"name": "dann"}, steps=60, seeds=[0, 1])
    loaded = LoadedTransfer(transfer, [], None)
    one, two = (run_loaded(recipe, loaded, tmp_path / str(n), n_jobs=n) for n in (1, 2))
    for seed in (0, 1):
        of = {row["method"]: row for row in one.data["rows"] if row["seed"] == seed}
        value = {name: row["validators"]["reverse"]["value"] for name, row in of.items()}
        assert of["destroying"]["target_accuracy"] < of["source-only"]["target_accuracy"]
        assert value["destroying"] < value["source-only"] - 0.1
        assert value["moving"] > 0.95
    assert json.dumps(one.measurements(), sort_keys=True) == json.dumps(two.measurements(), sort_keys=True)


@pytest.mark.usefixtures("own_methods")
def test_a_method_that_trips_on_the_way_back_keeps_its_row(transfer, tmp_path):
    recipe = _settings({"name": "source-only"}, {"name": "oneway", "features": "pixels"}, network={"name": "none"})
    row = _rows(recipe, transfer, tmp_path)["oneway"]
    assert row["status"] == "ok"
    reason = "cannot be trained the other way round: KeyError: 'no way back'"
    assert row["validators"]["reverse"]["reason"] == reason


@pytest.mark.usefixtures("own_methods")
def test_it_can_choose_parameters(transfer, tmp_path, monkeypatch):
    def build(row, seed):
        return {"moving": Moving, "destroying": Destroying}[row["params"]["how"]]()

    monkeypatch.setitem(METHODS, "either", Method("Either", "shallow", build, adapts=True))
    row = {"name": "either", "features": "pixels", "search": {"how": ["destroying", "moving"]}}
    protocol = {**ASKED, "primary_validator": "reverse"}
    recipe = _settings({"name": "source-only"}, row, protocol=protocol, network={"name": "none"})
    assert _rows(recipe, transfer, tmp_path)["either"]["params"]["how"] == "moving"


def test_warnings_of_the_way_back_say_so(transfer):
    def train(back, labels):
        warnings.warn("a step was too long", stacklevel=2)
        return np.repeat("bee", len(back.target_test))

    refit = shallow_refit(train, transfer, pixel_features(transfer), PROTOCOL)
    with pytest.warns(UserWarning, match="^in reverse validation: a step was too long$"):
        refit(None, np.zeros(transfer.target.n_rows, int), None, None)


# Networks


def _network(recipe, method):
    settings = recipe.to_dict()
    return {"method": method, "network": settings["network"], "training": settings["training"]}


@pytest.fixture(scope="module")
def there(transfer, tmp_path_factory):
    settings = _network(_settings({"name": "source-only"}, {"name": "dann"}), "dann")
    return train_row(tmp_path_factory.mktemp("there") / "dann", transfer, settings, 0), settings


@pytest.mark.parametrize("head", ["svm", "network"])
def test_the_network_is_trained_afresh_from_the_target(transfer, there, tmp_path, head):
    trained, settings = there
    folder = reverse_network(tmp_path / "back", transfer, trained, settings, {**PROTOCOL, "head": head}, 0)
    with np.load(folder / "predictions.npz") as file:
        pseudo, said = file["pseudo_labels"], file["source_test"]
    if head == "network":
        with np.load(trained / "predictions.npz") as own:
            np.testing.assert_array_equal(pseudo, own["target"])
    shared = {"max_steps": 12, "batch_size": 128, "monitor_every": settings["training"]["monitor_every"]}
    dann = DANNClassifier(random_state=reverse_seed(0), **shared)
    dann.fit(transfer.target.X, transfer.classes[pseudo], X_target=transfer.source.X)
    expected = dann.predict(transfer.source_test.X)
    if head == "svm":
        T, test = dann.transform(transfer.target.X), dann.transform(transfer.source_test.X)
        norm = rms_row_norm(T)
        expected = linear_svm(1.0, 0).fit(T / norm, transfer.classes[pseudo]).predict(test / norm)
    np.testing.assert_array_equal(transfer.classes[said], expected)
    assert read_json(folder / "row.json")["reason"] is None
    assert not checkpoint_path(folder).exists()


@pytest.mark.parametrize("head", ["svm", "network"])
def test_runs_have_it_for_networks_and_count_its_training(transfer, tmp_path, head):
    protocol = {**ASKED, "head": head}
    rows = ({"name": "source-only"}, {"name": "dann"}, {"name": "train-on-target"})
    recipe = _settings(*rows, protocol=protocol, steps=60)
    found = _rows(recipe, transfer, tmp_path / "a")
    for name in ("source-only", "dann"):
        score = found[name]["validators"]["reverse"]
        (folder,) = (tmp_path / "a" / "seed-0").glob(f"reverse-{name}-*")
        with np.load(folder / "predictions.npz") as file:
            right = file["source_test"] == transfer.positions(transfer.source_test.y)
        assert score["value"] == pytest.approx(right.mean(), abs=1e-6)
        assert score["seconds"] + 1e-5 >= read_json(folder / "row.json")["seconds"] > 0  # pages round
        assert found[name]["validators"]["mixval"]["value"] is not None
    assert not list((tmp_path / "a" / "seed-0").glob("reverse-train-on-target-*"))
    assert found["train-on-target"]["validators"] == {}


def test_one_predicted_class_trains_nothing_and_scores_its_share(transfer, there, tmp_path):
    trained, settings = there
    lone = tmp_path / "lone"
    lone.mkdir()
    for path in trained.iterdir():
        if path.name not in ("predictions.npz", "done.json"):
            (lone / path.name).write_bytes(path.read_bytes())
    with np.load(trained / "predictions.npz") as own:
        np.savez(lone / "predictions.npz", **{**own, "target": np.ones_like(own["target"])})
    (lone / "done.json").write_text("{}")
    folder = reverse_network(tmp_path / "back", transfer, lone, settings, {**PROTOCOL, "head": "network"}, 0)
    with np.load(lone / "predictions.npz") as own:
        answers = with_way_back(network_answers(transfer, own), folder)
    score = validator_scores(transfer, answers, pixel_features(transfer), ["reverse"], 0)["validators"]["reverse"]
    assert score["value"] == (transfer.source_test.y == "bee").mean()


def test_a_network_that_cannot_go_back_is_a_reason_and_other_predictions_are_refused(transfer, there, tmp_path):
    trained, settings = there
    wild = {**settings, "training": {**settings["training"], "learning_rate": 1e12, "clip_gradient": 0.0}}
    protocol = {**PROTOCOL, "head": "network"}
    folder = reverse_network(tmp_path / "wild", transfer, trained, wild, protocol, 0)
    fine = reverse_network(tmp_path / "fine", transfer, trained, settings, protocol, 0)
    with np.load(trained / "predictions.npz") as own:
        answers = network_answers(transfer, own)
    features = pixel_features(transfer)

    def score(answers):
        return validator_scores(transfer, answers, features, ["reverse"], 0)["validators"]["reverse"]

    assert "training has diverged" in score(with_way_back(answers, folder))["reason"]
    assert score(with_way_back(answers, fine))["value"] is not None
    with np.load(fine / "predictions.npz") as file:
        other = np.roll(file["pseudo_labels"], 1)
    moved = type(answers)(other, answers.evaluation, answers.source_test, answers.probabilities)
    assert "has learned from other predictions" in score(with_way_back(moved, fine))["reason"]


def test_a_way_back_that_broke_off_is_told_and_made_by_a_later_run(transfer, tmp_path, monkeypatch):
    def fail(*args):
        raise MemoryError("no room")

    recipe = _settings({"name": "source-only"}, network={"name": "none"})
    monkeypatch.setattr(reverse, "_way_back", fail)
    row = _rows(recipe, transfer, tmp_path)["source-only"]
    assert (row["status"], row["reason"]) == ("failed", "MemoryError: no room")
    monkeypatch.undo()
    assert _rows(recipe, transfer, tmp_path)["source-only"]["validators"]["reverse"]["value"] is not None


def test_without_a_labelled_source_test_set_no_network_is_trained_twice(transfer, tmp_path):
    bare = Transfer(transfer.source, transfer.target, target_test=transfer.target_test)
    row = _rows(_settings({"name": "source-only"}), bare, tmp_path)["source-only"]
    assert row["validators"]["reverse"]["reason"].startswith("needs refit")
    assert not list((tmp_path / "seed-0").glob("reverse-*"))


@pytest.mark.usefixtures("own_methods")
def test_a_network_on_what_a_shallow_row_made_has_no_way_back(transfer, tmp_path):
    # Noise all over the place, labelled by a network, would teach another network to say the same of the source.
    rows = [
        {"name": "source-only"},
        {"name": "destroying", "features": "pixels"},
        {"name": "then-a-network", "method": "source-only", "features": "destroying"},
    ]
    found = _rows(_settings(*rows), transfer, tmp_path)
    score = found["then-a-network"]["validators"]["reverse"]
    assert score["value"] is None
    assert score["reason"].endswith("the other way round: its input is what destroying made, the way there only")
    assert found["source-only"]["validators"]["reverse"]["value"] is not None


def test_nothing_that_is_there_already_is_looked_for_elsewhere(transfer, tmp_path):
    rows = ({"name": "source-only"}, {"name": "sa"}, {"name": "dann"}, {"name": "train-on-target"})
    plans = [
        Plan(_settings(*rows, protocol=protocol).to_dict(), transfer, tmp_path, "data") for protocol in ({}, ASKED)
    ]
    without, asked = plans
    assert without.where().trained == asked.where().trained
    for row in without.rows("deep", "shallow", "bound"):
        assert without.way_back(row, 0) is None
        assert (asked.way_back(row, 0) is None) == (row["name"] in ("sa", "train-on-target"))
        assert without.scored(row, 0) != asked.scored(row, 0)
    dann = without.row("dann")
    other = Plan(_settings(*rows, protocol={**ASKED, "head": "network"}).to_dict(), transfer, tmp_path, "data")
    assert other.way_back(dann, 0) != asked.way_back(dann, 0)
    assert asked.way_back(dann, 1) != asked.way_back(dann, 0)
    assert reverse_seed(0) != reverse_seed(1)
