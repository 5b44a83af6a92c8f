"""Whole comparisons, on data small enough for seconds."""

import json

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from dacompare import Results, Transfer, compare
from dacompare.experiment import run
from dacompare.gather import bounds_of
from dacompare.recipe import recipe_from_dict
from tests.small_comparison import STEPS, run_small, small_settings, small_transfer


@pytest.fixture(scope="module")
def results():
    return compare(small_transfer(), seeds=[0, 1], training=STEPS, n_jobs=1)


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
    parallel = compare(small_transfer(), seeds=[0, 1], training=STEPS, n_jobs=2)
    assert json.dumps(parallel.measurements(), sort_keys=True) == json.dumps(results.measurements(), sort_keys=True)
    assert parallel.same_measurements(results)


def test_another_seed_gives_other_numbers(results):
    other = compare(small_transfer(), seeds=[5, 6], training=STEPS, n_jobs=1)
    assert not other.same_measurements(results)


@pytest.fixture(scope="module")
def unlabelled():
    return compare(small_transfer(labelled=False), seeds=[0], training=STEPS, n_jobs=1)


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
        small_transfer(test=False), methods=["source-only", "train-on-target"], seeds=[0], training=STEPS, n_jobs=1
    )
    bound = results.data["rows"][1]
    assert bound["params"] == {"folds": 5}
    assert np.array(bound["confusion"]).sum() == 360
    assert bound["target_accuracy"] > 0.7


def test_images_give_examples_and_changes(tmp_path):
    settings = small_settings(
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
    first, second = small_transfer(), small_transfer()
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
        run_small(tmp_path, small_settings(seeds=[0], protocol={"head": head}, training={"steps": 3}))["rows"][0]
        for head in ("svm", "network")
    ]
    assert data[0]["network_target_accuracy"] == data[1]["target_accuracy"]
    assert data[0]["validators"]["entropy"]["value"] != data[1]["validators"]["entropy"]["value"]


def test_what_could_not_be_measured_is_said(tmp_path):
    X, y = make_blobs(120, centers=3, n_features=8, random_state=0)
    tiny = Transfer.from_arrays(X, y, X[:3] + 1, title="Tiny target", slug="blobs")
    settings = small_settings(seeds=[0], target={"domain": "arrays", "labelled": False})
    settings["method"] = [{"name": "source-only"}]
    data = run_small(tmp_path, settings, tiny)
    assert data["divergence"] == []
    assert data["partial"]
    assert any("measure source-only 0: ValueError" in text for text in data["rows"][0]["warnings"])


def test_every_measure_and_the_bound_can_be_asked_for(tmp_path):
    from dacompare.divergence import MEASURES

    settings = small_settings(
        seeds=[0], divergence={"measures": list(MEASURES), "bound": True, "features": ["source-only"]}
    )
    settings["method"] = [{"name": "source-only"}]
    data = run_small(tmp_path, settings)
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


def test_both_layers_can_be_drawn(tmp_path):
    settings = small_settings(seeds=[0], embedding={"max_points": 40, "layer": "both"})
    settings["method"] = [{"name": "source-only"}, {"name": "dann"}]
    data = run_small(tmp_path, settings)
    assert [(e["features"], e["layer"]) for e in data["embedding"]] == [
        ("source-only", "extractor"), ("dann", "extractor"), ("source-only", "last_hidden"), ("dann", "last_hidden"),
    ]  # fmt: skip
    one = run_small(tmp_path, {**settings, "embedding": {"max_points": 40, "layer": "extractor"}})
    assert one["embedding"] == data["embedding"][:2]
