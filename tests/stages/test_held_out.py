"""Validators of a comparison that keeps no source rows for testing."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from dacompare import METHODS, Transfer, compare
from dacompare.methods import Method
from dacompare.shallow import linear_svm
from dacompare.stages import align, score
from dacompare.stages.features import Features, pixel_features, scaled
from dacompare.stages.held_out import held_out_scores, hold_out
from dacompare.stages.judge import svm_answers
from dacompare.stages.regularisation import svm_C

NAMES = ["reverse-svm", "source-accuracy", "paper", "entropy", "bnm", "iwv", "dev", "class-ami", "mixval"]


@pytest.fixture(scope="module")
def transfer():
    """Three classes, a target that lies elsewhere, and no source test rows."""
    X, y = make_blobs(300, centers=3, n_features=5, random_state=0)
    return Transfer.from_arrays(
        X[:150], y[:150], X[:200] + 2, X_target_test=X[200:] + 2, y_target_test=y[200:], test_size=None, slug="moved"
    )


@pytest.fixture(scope="module")
def rows(transfer):
    methods = [
        "source-only", {"name": "sa", "sweep": [2, 4]}, "coral", "kmm",
        {"name": "tca", "search": {"n_components": [2, 3]}},
    ]  # fmt: skip
    results = compare(
        transfer, methods=methods, seeds=[0], n_jobs=1, network={"name": "none"}, protocol={"validators": NAMES}
    )
    return {row["method"]: row for row in results.data["rows"]}, results


def test_a_fifth_of_the_rows_of_each_class_is_set_aside(transfer):
    features = pixel_features(transfer)
    parts, rest = hold_out(transfer, features, 0)
    assert parts.source.n_rows + parts.source_test.n_rows == transfer.source.n_rows
    np.testing.assert_allclose(np.bincount(parts.source_test.y), np.bincount(transfer.source.y) / 5, atol=1)
    np.testing.assert_array_equal(rest.source, parts.source.X.astype(np.float32))
    np.testing.assert_array_equal(rest.source_test, parts.source_test.X.astype(np.float32))
    together = np.concatenate([rest.source, rest.source_test])
    assert sorted(map(tuple, together)) == sorted(map(tuple, features.source))
    other, _ = hold_out(transfer, features, 1)
    assert not np.array_equal(other.source_test.X, parts.source_test.X)


@pytest.mark.parametrize("method", ["source-only", "sa", "coral", "kmm", "tca"])
def test_every_validator_has_a_score_for_every_row(rows, method):
    scores = rows[0][method]["validators"]
    assert {name: score["reason"] for name, score in scores.items()} == dict.fromkeys(NAMES)
    assert rows[0][method]["source_accuracy"] is None  # that row has learned from every source row


def test_the_row_itself_learns_from_all_source_rows(rows, transfer):
    features = scaled(pixel_features(transfer), "rms")
    svm = linear_svm(random_state=0).fit(features.source, transfer.source.y)
    right = np.mean(svm.predict(features.target_test) == transfer.target_test.y)
    assert rows[0]["source-only"]["target_accuracy"] == pytest.approx(right, abs=1e-6)


def test_one_can_choose_among_the_rows(rows):
    results = rows[1]
    assert results.select() in rows[0]
    assert {entry["validator"] for entry in results.data["selection"] if entry["scope"] == "methods"} == set(NAMES)


def test_the_paper_s_criterion_brings_the_accuracy_that_it_needs(transfer):
    protocol = {"validators": ["paper", "reverse-svm"], "primary_validator": "paper"}
    methods = ["source-only", "zscore", "coral"]
    results = compare(transfer, methods=methods, seeds=[0], n_jobs=1, network={"name": "none"}, protocol=protocol)
    scores = {row["method"]: row["validators"] for row in results.data["rows"] if not row["oracle"]}
    assert all(own["paper"]["value"] is not None for own in scores.values())
    assert all(own["source-accuracy"]["value"] is not None for own in scores.values())
    assert results.select() in scores


def test_what_is_scored_has_not_seen_the_rows_set_aside(transfer):
    seen = []

    def fit(parts, rest):
        seen.append(rest)
        return rest, svm_answers(parts, linear_svm().fit(rest.source, parts.source.y), rest)

    features = pixel_features(transfer)
    scores = held_out_scores(fit, transfer, features, ["source-accuracy"], 0)
    (rest,) = seen
    assert len(rest.source) == 120
    assert not set(map(tuple, rest.source)) & set(map(tuple, rest.source_test))
    assert 0 < scores["validators"]["source-accuracy"]["value"] <= 1


def test_a_row_that_cannot_learn_from_fewer_rows_keeps_its_accuracy_and_says_why(transfer, monkeypatch):
    class Greedy:
        def fit(self, X, y, *, X_target):
            if len(X) < 150:
                raise ValueError("n_components must not exceed 149")
            return self

        def transform(self, X, domain="target"):
            return X

    monkeypatch.setitem(METHODS, "greedy", Method("Greedy", "shallow", lambda row, seed: Greedy(), adapts=True))
    results = compare(
        transfer, methods=["source-only", "greedy"], seeds=[0], n_jobs=1, network={"name": "none"},
        protocol={"validators": ["reverse-svm", "source-accuracy", "paper"]},
    )  # fmt: skip
    row = results.data["rows"][1]
    assert row["status"] == "ok"
    assert row["target_accuracy"] == results.data["rows"][0]["target_accuracy"]
    reason = "without the source rows set aside: n_components must not exceed 149"
    assert row["validators"]["source-accuracy"]["reason"] == reason
    assert row["validators"]["paper"]["value"] is None


def test_networks_are_not_trained_again(transfer):
    results = compare(
        transfer, methods=["source-only", "coral"], seeds=[0], n_jobs=1, training={"steps": 2},
        protocol={"validators": ["reverse-svm", "source-accuracy", "class-ami"]},
    )  # fmt: skip
    for row in results.data["rows"]:
        values = {name: score["value"] for name, score in row["validators"].items()}
        assert values["source-accuracy"] is None
        assert values["class-ami"] is not None


def test_features_without_labels_stay_as_they_are(transfer):
    parts, rest = hold_out(transfer, Features(*(np.ones((n, 2)) for n in (150, 3)), target_test=np.ones((4, 2))), 0)
    assert (len(rest.target), len(rest.target_test)) == (3, 4)
    assert parts.target is transfer.target


@pytest.mark.filterwarnings("ignore:failed")
def test_a_transfer_that_cannot_spare_rows_keeps_its_rows_and_says_why():
    X, y = make_blobs(60, centers=3, n_features=4, random_state=0)
    # A class a group: to set a group aside would take its class away.
    transfer = Transfer.from_arrays(X, y, X + 1, groups_source=y, test_size=None, slug="whole-classes")
    row = compare(transfer, methods=["source-only", "coral"], seeds=[0], n_jobs=1, network={"name": "none"}).data[
        "rows"
    ][1]
    assert row["status"] == "ok"
    assert row["validators"]["reverse-svm"]["reason"].startswith("without the source rows set aside: ")
    search = {"name": "pca", "search": {"n_components": [1, 2]}}
    row = compare(transfer, methods=["source-only", search], seeds=[0], n_jobs=1, network={"name": "none"}).data[
        "rows"
    ][1]
    assert row["reason"].startswith("ValueError: no source rows can be set aside to choose by: ")


def test_what_is_said_of_the_rows_set_aside_is_not_said_of_the_transfer(transfer):
    X = np.column_stack([transfer.source.X, np.arange(transfer.source.n_rows) == 0])
    with pytest.warns(UserWarning, match="constant"):
        Transfer.from_arrays(
            X[1:], transfer.source.y[1:], np.column_stack([transfer.target.X, np.zeros(200)]), test_size=None
        )
    whole = Transfer.from_arrays(
        X, transfer.source.y, np.column_stack([transfer.target.X, np.arange(200) == 0]), test_size=None
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for seed in range(3):
            hold_out(whole, pixel_features(whole), seed)


@pytest.mark.parametrize("method", ["source-only", {"name": "sa", "sweep": [2, 3]}])
def test_rows_that_are_set_aside_do_not_choose_the_C_that_is_judged_on_them(transfer, monkeypatch, method):
    seen = []

    def counting(protocol, X, y, seed):
        seen.append(len(X))
        return svm_C(protocol, X, y, seed)

    for module in (score, align):
        monkeypatch.setattr(module, "svm_C", counting)
    protocol = {"validators": ["source-accuracy", "reverse-svm"], "svm_C": "cv"}
    options = {"seeds": [0], "n_jobs": 1, "network": {"name": "none"}, "protocol": protocol}
    compare(transfer, methods=list({"source-only": "source-only", str(method): method}.values()), **options)
    assert sorted(set(seen)) == [120, 150]
