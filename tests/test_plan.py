"""Folders of stages: another name for what changes a result, the same for what does not."""

import numpy as np
import pytest

from dacompare import Transfer
from dacompare.assemble import _gather_rows
from dacompare.domains import LoadedTransfer
from dacompare.experiment import run_loaded
from dacompare.jobs import Outcome
from dacompare.plan import Plan
from dacompare.recipe import recipe_from_dict
from tests.small_comparison import small_settings, small_transfer

NONE = {"name": "none"}


def plan_of(tmp_path, transfer=None, **changes):
    settings = recipe_from_dict(small_settings(**changes)).to_dict()
    return Plan(settings, transfer or small_transfer(), tmp_path, "data")


def rows(*rows):
    return [row if isinstance(row, dict) else {"name": row} for row in rows]


def test_what_a_network_without_adaptation_does_not_read_trains_none_again(tmp_path):
    first, other = (plan_of(tmp_path, training={"steps": 60, "gamma": gamma}) for gamma in (10.0, 5.0))
    for name, is_same in (("source-only", True), ("train-on-target", True), ("dann", False)):
        assert (first.trained(first.row(name), 0) == other.trained(other.row(name), 0)) is is_same


def test_a_picture_does_not_depend_on_which_others_are_drawn(tmp_path):
    some, more = (
        plan_of(tmp_path, embedding={"max_points": 40, "features": names})
        for names in (["dann"], ["dann", "source-only"])
    )
    assert some.embedded("dann", "last_hidden") == more.embedded("dann", "last_hidden")


def test_asking_for_other_validators_trains_no_network_again(tmp_path):
    method = rows({"name": "zscore", "features": "pixels"}, "source-only")
    method.append({"name": "on-scores", "method": "source-only", "features": "zscore"})
    one, other, else_chosen = (
        plan_of(tmp_path, method=method, protocol=protocol)
        for protocol in (
            {"validators": ["reverse-svm"]},
            {"validators": ["reverse-svm", "entropy"]},
            {"validators": ["reverse-svm", "entropy"], "primary_validator": "entropy"},
        )
    )
    for name in ("source-only", "on-scores"):
        assert one.trained(one.row(name), 0) == other.trained(other.row(name), 0)
    for name in ("zscore", "source-only", "on-scores"):
        assert one.scored(one.row(name), 0) != other.scored(other.row(name), 0)
    # The primary validator chooses parameters, and so what a network may be trained on.
    name = "on-scores"
    assert one.trained(one.row(name), 0) != else_chosen.trained(else_chosen.row(name), 0)


def test_rows_that_validators_look_at_are_drawn_by_each_seed(tmp_path):
    """Without source test rows each seed sets others aside: one result for all would depend on the first of them."""
    X, y = np.random.default_rng(0).normal(size=(60, 4)), np.arange(60) % 2
    methods = rows("source-only", {"name": "coral", "features": "pixels"})
    for test_size, seeds in ((None, [0, 1]), (0.2, [0, 0])):
        transfer = Transfer.from_arrays(X, y, X + 1, y, test_size=test_size)
        plan = plan_of(tmp_path, transfer, method=methods, network=NONE)
        assert [plan.own_seed(plan.row("coral"), seed) for seed in (0, 1)] == seeds


@pytest.mark.parametrize(("own", "holds_out"), [({}, True), ({"network": {"name": "mlp"}}, False)])
def test_a_network_of_a_row_s_own_is_never_judged_on_rows_that_it_was_trained_on(tmp_path, own, holds_out):
    X, y = np.random.default_rng(0).normal(size=(60, 4)), np.arange(60) % 2
    transfer = Transfer.from_arrays(X, y, X + 1, y, test_size=None)
    plan = plan_of(tmp_path, transfer, method=rows({"name": "source-only", **own}, "coral"), network=NONE)
    assert plan.holds_out is holds_out


def test_genuine_rows_are_for_networks_that_see_the_input(tmp_path):
    """A network on what a classical row made has never seen rows like them, and without a network there is none."""
    transfer = small_transfer()
    loaded = LoadedTransfer(transfer, [], None, genuine=transfer.target_test)
    method = rows(
        "source-only",
        {"name": "zscore", "features": "pixels"},
        {"name": "on-scores", "method": "source-only", "features": "zscore"},
    )
    settings = small_settings(seeds=[0], method=method, training={"steps": 5}, embedding={"features": []})
    found = {r["method"]: r for r in run_loaded(recipe_from_dict(settings), loaded, tmp_path, n_jobs=1).data["rows"]}
    assert found["source-only"]["genuine_accuracy"] == found["source-only"]["target_accuracy"]
    assert found["on-scores"]["genuine_accuracy"] is None
    assert found["on-scores"]["status"] == "ok"
    settings = small_settings(seeds=[0], method=rows("source-only"), network=NONE, embedding={"features": []})
    (row,) = run_loaded(recipe_from_dict(settings), loaded, tmp_path / "none", n_jobs=1).data["rows"]
    assert (row["status"], row["genuine_accuracy"]) == ("ok", None)


def test_other_labels_of_genuine_rows_are_another_score(tmp_path):
    transfer = small_transfer()
    settings = small_settings(seeds=[0], method=rows("source-only"), training={"steps": 5}, embedding={"features": []})
    labels = np.roll(transfer.target_test.y, 1)
    turned = Transfer.from_arrays(
        transfer.source.X, transfer.source.y, transfer.target_test.X, labels, test_size=None
    ).target
    accuracies = [
        run_loaded(
            recipe_from_dict(settings), LoadedTransfer(transfer, [], None, genuine=genuine), tmp_path, n_jobs=1
        ).data["rows"][0]["genuine_accuracy"]
        for genuine in (transfer.target_test, turned)
    ]
    assert accuracies[0] != accuracies[1]


def test_a_network_on_features_is_drawn_from_these(tmp_path, monkeypatch):
    """Its extractor has never seen the input itself."""
    from dacompare.deep import SourceOnlyClassifier

    method = rows(
        "source-only",
        {"name": "zscore", "features": "pixels"},
        {"name": "on-scores", "method": "source-only", "features": "zscore"},
    )
    embedding = {"features": ["on-scores"], "layer": "extractor", "max_points": 40}
    settings = small_settings(seeds=[0], method=method, training={"steps": 5}, embedding=embedding)
    seen, transform = [], SourceOnlyClassifier.transform

    def spy(self, X, **how):
        seen.append(np.abs(np.mean(X, axis=0)).max())
        return transform(self, X, **how)

    monkeypatch.setattr(SourceOnlyClassifier, "transform", spy)
    loaded = LoadedTransfer(small_transfer(), [], None)
    assert run_loaded(recipe_from_dict(settings), loaded, tmp_path, n_jobs=1).data["embedding"]
    assert max(seen) < 1.5  # columns of mean 0 in each domain, of which a draw of 40 rows is off a little


def test_a_row_s_own_error_goes_before_that_of_the_first_seed(tmp_path):
    """A row that is computed once has the first seed's error; one that each seed computes has its own, or none."""
    X, y = np.random.default_rng(0).normal(size=(60, 4)), np.arange(60) % 2
    methods, found = rows("source-only", {"name": "coral", "features": "pixels"}), []
    outcome = Outcome(errors={"score coral 0": "that of seed 0", "score coral 2": "its own"})
    for test_size in (0.2, None):
        transfer = Transfer.from_arrays(X, y, X + 1, y, test_size=test_size)
        plan = plan_of(tmp_path, transfer, seeds=[0, 1, 2], method=methods, network=NONE)
        gathered = _gather_rows(plan.settings, transfer, plan.where(), outcome)
        found.append([row["reason"] for row in gathered.rows if row["method"] == "coral"])
    assert found == [["that of seed 0"] * 3, ["that of seed 0", "its stage left no result", "its own"]]
