"""Rows of classical methods at given settings, those of a user's own among them."""

import json
import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.datasets import make_blobs
from sklearn.preprocessing import StandardScaler

from dacompare import METHODS, Transfer, compare
from dacompare.domains import Domain, LoadedTransfer
from dacompare.experiment import run_loaded
from dacompare.methods import Method
from dacompare.recipe import recipe_from_dict
from dacompare.stages.adapt import adapt, adapt_row, search
from dacompare.stages.features import Features, pixel_features

STEPS = {"steps": 40}
PROTOCOL = {"svm_C": 1.0, "primary_validator": "reverse-svm", "classifier": "svm"}


class Moving(BaseEstimator):
    """Move the source onto the target: the smallest aligner that somebody else could have written."""

    def __init__(self, share=1.0):
        self.share = share

    def fit(self, X, y=None, *, X_target=None):
        self.shift_ = self.share * (X_target.mean(axis=0) - X.mean(axis=0))
        return self

    def transform(self, X, *, domain="target"):
        return X + self.shift_ if domain == "source" else X


class Plain(BaseEstimator):
    """A transformer that treats both domains alike."""

    def fit(self, X, y=None, *, X_target=None):
        self.scaler_ = StandardScaler().fit(X_target)
        return self

    def transform(self, X):
        return self.scaler_.transform(X)


class Weighing(BaseEstimator):
    """Weight the source rows by their label: what is not here is all the same to a caller."""

    def __init__(self, estimator=None, least=0.0):
        self.estimator = estimator
        self.least = least

    def fit(self, X, y=None, *, X_target=None):
        self.estimator_ = self.estimator.fit(X, y, sample_weight=np.where(y == 2, self.least, 1.0))
        return self


@pytest.fixture
def transfer():
    X, y = make_blobs(300, centers=3, n_features=5, random_state=0)
    return Transfer.from_arrays(X, y, X[:200] + 6, X_target_test=X[200:] + 6, y_target_test=y[200:], slug="moved")


def test_each_domain_is_mapped_by_its_own_map():
    features = Features(np.zeros((4, 2)), np.ones((3, 2)), np.zeros((2, 2)), np.ones((2, 2)))
    y = np.array([0, 1, 2, 0])
    protocol = {"classifier": "svm", "svm_C": 0.5}
    moved, fitted, C, dimension = adapt(Moving(), features, y, protocol, 0)
    assert C == fitted.C == 0.5
    assert dimension is None
    assert fitted.classes_.tolist() == [0, 1, 2]
    assert (moved.source == 1).all()
    assert (moved.source_test == 1).all()
    assert (moved.target == 1).all()
    alike, *_ = adapt(Plain(), features, y, protocol, 0)
    assert (alike.target == 0).all()
    assert (alike.source == -1).all()
    same, fitted, C, _ = adapt(Weighing(least=0.5), features, y, protocol, 0)
    assert same is features
    assert C == fitted.C == 0.5
    assert fitted.classes_.tolist() == [0, 1, 2]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_method_of_ones_own_is_a_row_in_three_lines(transfer, monkeypatch, n_jobs):
    monkeypatch.setitem(METHODS, "moving", Method("Moving", "shallow", lambda row, seed: Moving(), adapts=True))
    results = compare(transfer, methods=["source-only", "moving"], seeds=[0, 1], training=STEPS, n_jobs=n_jobs)
    rows = [row for row in results.data["rows"] if row["method"] == "moving"]
    assert [row["status"] for row in rows] == ["ok", "ok"]
    assert rows[0]["features"] == "source-only"
    assert {score["reason"] for score in rows[0]["validators"].values()} == {None}
    assert results.data["sweep"] == []
    assert [d["features"] for d in results.data["divergence"] if d["seed"] == 0] == ["pixels", "source-only", "moving"]


class Deciding(BaseEstimator):
    """A classifier of its own: it neither maps rows nor weights them."""

    def fit(self, X, y=None, *, X_target=None):
        return self

    def predict(self, X):
        return X[:, 0]


@pytest.mark.filterwarnings("ignore:failed")
def test_what_is_no_row_is_told_why(transfer, monkeypatch):
    bare = {"seeds": [0], "network": {"name": "none"}, "n_jobs": 1}
    monkeypatch.setitem(METHODS, "own", Method("Own", "shallow", lambda row, seed: Deciding(), adapts=True))
    row = compare(transfer, methods=["source-only", "own"], **bare).data["rows"][1]
    assert row["reason"].startswith("TypeError: Deciding must have transform(X), or take the classifier that all rows")
    monkeypatch.setitem(METHODS, "own", Moving())
    with pytest.raises(TypeError, match=r"METHODS\['own'\] must be a Method, got Moving\(\); write Method\(\"Mine\""):
        compare(transfer, methods=["source-only", "own"], **bare)
    with pytest.raises(ValueError, match="kind must be one of .*, got 'shalow', did you mean 'shallow'"):
        Method("Own", "shalow", lambda row, seed: Moving(), adapts=True)


@pytest.mark.filterwarnings("ignore:failed")
def test_a_method_that_weights_trains_the_shared_classifier_itself(transfer, monkeypatch):
    method = Method("Blind", "shallow", lambda row, seed: Weighing(least=1e-9), adapts=True)
    monkeypatch.setitem(METHODS, "blind", method)
    results = compare(transfer, methods=["source-only", "blind"], seeds=[0], training=STEPS, n_jobs=1)
    row = next(row for row in results.data["rows"] if row["method"] == "blind")
    assert row["status"] == "ok"
    assert len(row["predicted_counts"]) == 3  # the class is known, though it weighs next to nothing
    assert row["predicted_counts"][2] < 20
    nearest = compare(
        transfer, methods=["source-only", "blind"], seeds=[0], network={"name": "none"},
        protocol={"classifier": "1-nn"}, n_jobs=1,
    )  # fmt: skip
    assert "sample_weight" in nearest.data["rows"][1]["reason"]
    # The votes of one neighbour are 0 or 1: how sure it is says nothing, and has no score.
    scores = nearest.data["rows"][0]["validators"]
    assert {name: scores[name]["value"] for name in ("entropy", "bnm")} == {"entropy": None, "bnm": None}
    assert "probabilities" in scores["entropy"]["reason"]
    assert scores["reverse-svm"]["value"] > 0.3


@pytest.mark.filterwarnings("ignore:failed")
def test_a_method_that_fails_is_a_row_with_its_reason(transfer, monkeypatch):
    method = Method("Wrong", "shallow", lambda row, seed: Moving(share="much"), adapts=True)
    monkeypatch.setitem(METHODS, "wrong", method)
    results = compare(transfer, methods=["source-only", "wrong"], seeds=[0], training=STEPS, n_jobs=1)
    row = next(row for row in results.data["rows"] if row["method"] == "wrong")
    assert row["status"] == "failed"
    assert "UFuncNoLoopError" in row["reason"] or "TypeError" in row["reason"]
    assert results.data["partial"]


def _recipe(**row):
    return recipe_from_dict(
        {
            "schema": "dacompare-recipe/1", "slug": "s", "title": "T",
            "source": {"domain": "fonts"}, "target": {"domain": "fontsm"},
            "method": [{"name": "source-only"}, row],
        }
    )  # fmt: skip


def test_parameters_of_ones_own_method_go_through_as_they_are(monkeypatch):
    monkeypatch.setitem(METHODS, "moving", Method("Moving", "shallow", lambda row, seed: Moving(), adapts=True))
    row = _recipe(name="moving", params={"share": 0.5}, features="pixels").method[1]
    assert row == {"name": "moving", "label": "Moving", "features": "pixels", "params": {"share": 0.5}}
    with pytest.raises(ValueError, match=r"method 2 \(moving\).params must be a table, got 3"):
        _recipe(name="moving", params=3)
    with pytest.raises(ValueError, match=r"n_components is no key of \[method 2 \(moving\)\]"):
        _recipe(name="moving", n_components=3)


@pytest.mark.parametrize("test", [True, False])
def test_parameters_are_searched_without_target_labels(transfer, monkeypatch, test):
    if not test:
        transfer = Transfer(transfer.source, transfer.target, target_test=transfer.target_test)
    features = pixel_features(transfer)
    row = {"name": "moving", "params": {}, "search": {"share": [0.0, 1.0, 3.0]}}

    def build(row, seed):
        return Moving(**row["params"])

    chosen = search(build, row, transfer, features, PROTOCOL, 0)
    assert chosen.row["params"] == {"share": 1.0}
    assert row["params"] == {}
    assert search(build, {"name": "moving"}, transfer, features, PROTOCOL, 0).row == {"name": "moving"}


def test_combinations_that_fail_are_no_candidates(transfer):
    def build(row, seed):
        if row["params"]["share"] > 1:
            raise ValueError("share is too large")
        return Moving(**row["params"])

    features, row = pixel_features(transfer), {"name": "moving", "search": {"share": [3.0, 0.5]}}
    assert search(build, row, transfer, features, PROTOCOL, 0).row["params"] == {"share": 0.5}
    with pytest.raises(ValueError, match="none of the combinations in search could be scored; share is too large"):
        search(build, {**row, "search": {"share": [3.0]}}, transfer, features, PROTOCOL, 0)


@pytest.mark.parametrize("test", [True, False])
def test_what_a_search_has_trained_is_not_trained_again(transfer, monkeypatch, tmp_path, test):
    if not test:
        transfer = Transfer(transfer.source, transfer.target, target_test=transfer.target_test)
    protocol = {**PROTOCOL, "scaling": "none", "validators": ["source-accuracy", "reverse-svm", "mixval"]}
    built = []

    def build(row, seed):
        built.append(row["params"]["share"])
        return Moving(**row["params"])

    def row_of(name, **settings):
        folder = adapt_row(tmp_path / name, transfer, None, build, settings, protocol, 0, holds_out=not test)
        row = json.loads((folder / "row.json").read_text())
        for score in row["validators"].values():
            score["seconds"] = 0.0
        return {**row, "fit_seconds": 0.0, "predict_seconds": 0.0}

    searched = row_of("searched", params={}, search={"share": [0.0, 1.0, 3.0]})
    # Without source rows to test on, the choice is made without those set aside, and the row then learns from all.
    assert built == [0.0, 1.0, 3.0, *([] if test else [1.0])]
    assert searched == row_of("settled", params={"share": 1.0})


def test_a_score_of_fewer_rows_is_not_that_of_all(transfer, tmp_path):
    """Where a network stands behind the features, no row is scored by rows set aside, searched or not."""
    transfer = Transfer(transfer.source, transfer.target, target_test=transfer.target_test)
    protocol = {**PROTOCOL, "scaling": "none", "validators": ["reverse-svm", "class-ami"]}

    def validators(name, **settings):
        folder = adapt_row(
            tmp_path / name, transfer, None, lambda row, seed: Moving(**row["params"]), settings, protocol, 0
        )
        scores = json.loads((folder / "row.json").read_text())["validators"]
        return {name: (score["value"], score["reason"]) for name, score in scores.items()}

    searched = validators("searched", params={}, search={"share": [0.0, 1.0]})
    assert searched == validators("settled", params={"share": 1.0})
    assert searched["reverse-svm"][0] is None


def test_what_is_said_of_other_combinations_is_not_said_of_the_row(transfer):
    def build(row, seed):
        share = row["params"]["share"]
        warnings.warn(f"share {share} is warned of", UserWarning, stacklevel=2)
        return Moving(share)

    features, row = pixel_features(transfer), {"name": "moving", "search": {"share": [0.0, 1.0]}}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        search(build, row, transfer, features, PROTOCOL, 0)
    assert {str(w.message) for w in caught} == {"share 1.0 is warned of"}


def test_a_search_without_a_score_says_why(transfer):
    protocol = {**PROTOCOL, "classifier": "1-nn", "primary_validator": "entropy"}
    features, row = pixel_features(transfer), {"name": "moving", "search": {"share": [0.0, 1.0]}}
    with pytest.raises(ValueError, match="could be scored; needs target_probabilities"):
        search(lambda row, seed: Moving(**row["params"]), row, transfer, features, protocol, 0)


def test_a_search_is_checked_at_the_door(monkeypatch):
    monkeypatch.setitem(METHODS, "moving", Method("Moving", "shallow", lambda row, seed: Moving(), adapts=True))
    row = _recipe(name="moving", search={"share": [0.5, 1.0]}).method[1]
    assert row["search"] == {"share": [0.5, 1.0]}
    with pytest.raises(ValueError, match=r"search.share must be a list of values to choose from, got 0.5"):
        _recipe(name="moving", search={"share": 0.5})
    with pytest.raises(ValueError, match=r"search has 400 combinations, at most 200 are tried"):
        _recipe(name="moving", search={"a": list(range(20)), "b": list(range(20))})


def test_a_network_may_be_trained_on_what_a_shallow_method_made_of_the_input(transfer, monkeypatch, tmp_path):
    monkeypatch.setitem(METHODS, "moving", Method("Moving", "shallow", lambda row, seed: Moving(), adapts=True))
    rows = [
        {"name": "source-only"},
        {"name": "moving", "features": "pixels"},
        {"name": "moving+nn", "method": "source-only", "features": "moving", "label": "Moving, then a network"},
    ]
    recipe = recipe_from_dict(
        {
            "schema": "dacompare-recipe/1", "slug": "s", "title": "T", "seeds": [0, 1], "training": STEPS,
            "source": {"domain": "arrays"}, "target": {"domain": "arrays"}, "method": rows,
        }
    )  # fmt: skip
    results = run_loaded(recipe, LoadedTransfer(transfer, [], None), tmp_path, n_jobs=1)
    found = {row["method"]: row for row in results.data["rows"]}
    assert {row["status"] for row in results.data["rows"]} == {"ok"}
    assert found["moving+nn"]["target_accuracy"] == 1.0 > found["source-only"]["target_accuracy"]
    assert found["moving+nn"]["steps"] == 40
    assert [d["features"] for d in results.data["divergence"] if d["seed"] == 0] == [
        "source-only", "moving+nn", "moving",
    ]  # fmt: skip
    rows[2]["features"] = "source-only"
    with pytest.raises(ValueError, match=r"method moving\+nn.features names the row 'source-only'"):
        recipe_from_dict({**recipe.to_dict(), "method": rows})


def test_the_rows_of_domains_are_not_changed(transfer):
    before = transfer.source.X.copy()
    compare(transfer, methods=["source-only"], seeds=[0], training=STEPS, n_jobs=1)
    assert isinstance(transfer.source, Domain)
    np.testing.assert_array_equal(transfer.source.X, before)
