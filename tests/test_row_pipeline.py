import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from dacompare import METHODS, AdaptationPipeline, Results, Transfer, compare
from dacompare.methods import Method
from dacompare.row_pipeline import row_pipeline

REPORTS = sorted((Path(__file__).parent.parent / "reports").rglob("*.json"))
NO_NETWORK = {"name": "none"}


def moved(rng, n=120, shape=(10,), offset=0.0):
    """Return three classes of two domains in small units, which a linear SVM at C = 1 would take for noise."""
    centres = rng.normal(size=(3, *shape))
    y, y_target = rng.integers(0, 3, n), rng.integers(0, 3, n)
    X, X_target = (centres[labels] + 1.2 * rng.normal(size=(n, *shape)) for labels in (y, y_target))
    return Transfer.from_arrays(0.01 * X + offset, y, 0.01 * X_target + 0.004 + offset, y_target)


def parts_of(transfer):
    return transfer.source, transfer.source_test, transfer.target


def check_rows(results, transfer):
    """Fit the pipeline of each row on what the comparison had, and compare accuracies on the target."""
    rows = [row for row in results.data["rows"] if not row["oracle"] and row["kind"] != "bound"]
    for row in rows:
        pipeline = results.pipeline(row["method"], seed=row["seed"])
        pipeline.fit(transfer.source.X, transfer.source.y, X_target=transfer.target.X)
        said = pipeline.predict(transfer.target_evaluation.X)
        # To 6 digits, as results keep; a row that lies on the boundary may fall to the other side in float32.
        assert (said == transfer.target_evaluation.y).mean() == pytest.approx(row["target_accuracy"], abs=0.01), row
    assert len(rows) == len(results.data["recipe"]["method"]) * len(results.data["recipe"]["seeds"])


@pytest.mark.filterwarnings("ignore")
def test_every_method_on_the_input_predicts_what_its_row_predicted(rng):
    transfer = moved(rng)
    names = [name for name, method in METHODS.items() if method.kind == "shallow"]
    searched = {"name": "gfk-chosen", "method": "gfk", "search": {"n_components": [2, 3]}}
    results = compare(transfer, methods=["source-only", *names, searched], seeds=[3], network=NO_NETWORK, n_jobs=1)
    check_rows(results, transfer)
    chosen = next(row for row in results.data["rows"] if row["method"] == "gfk-chosen")
    step = results.pipeline("gfk-chosen").named_steps["geodesicflowkernel"]
    assert step.n_components == chosen["params"]["n_components"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("protocol", [{}, {"head": "network", "scaling": "zscore-per-domain"}])
def test_networks_and_what_is_made_of_their_features_predict_what_their_rows_predicted(rng, protocol):
    transfer, training = moved(rng), {"steps": 40}
    results = compare(
        transfer, methods=["source-only", "dann", "coral", "kmm"], seeds=[1], training=training, protocol=protocol,
        n_jobs=1,
    )  # fmt: skip
    check_rows(results, transfer)


@pytest.mark.filterwarnings("ignore")
def test_rows_on_the_pixels_of_images_and_the_nearest_neighbour(rng):
    transfer = moved(rng, shape=(6, 6, 1), offset=0.5)
    rows = ["source-only", {"name": "coral-pixels", "method": "coral", "features": "pixels"}]
    results = compare(
        transfer, methods=rows, seeds=[0], training={"steps": 5}, protocol={"classifier": "1-nn"}, n_jobs=1
    )
    check_rows(results, transfer)


@pytest.mark.filterwarnings("ignore")
def test_the_scaler_is_what_makes_it_so(rng):
    transfer = moved(rng)
    results = compare(transfer, methods=["source-only", "coral"], seeds=[0], network=NO_NETWORK, n_jobs=1)
    whole = results.pipeline("coral")
    without = AdaptationPipeline([step for step in whole.steps if step[0] != "rownormscaler"])
    fitted = (transfer.source.X, transfer.source.y)
    good, bad = (model.fit(*fitted, X_target=transfer.target.X) for model in (whole, without))
    X, y = transfer.target_evaluation.X, transfer.target_evaluation.y
    assert good.score(X, y) > bad.score(X, y) + 0.1


def test_by_default_it_is_the_row_that_validators_put_first(rng):
    results = compare(moved(rng), methods=["source-only", "coral"], seeds=[0], network=NO_NETWORK, n_jobs=1)
    own = results.pipeline(results.select())
    assert [name for name, _ in results.pipeline().steps] == [name for name, _ in own.steps]


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_every_row_of_the_committed_reports_has_a_pipeline(path):
    data = json.loads(path.read_text(encoding="utf-8"))
    if data["schema"] != "dacompare/1":  # a study
        return
    for name in dict.fromkeys(row["method"] for row in data["rows"] if not row["oracle"] and row["kind"] != "bound"):
        steps = [step for _, step in row_pipeline(data, name).steps]
        assert hasattr(steps[-1], "predict"), name
        assert all(hasattr(step, "transform") for step in steps[:-1]), name
        assert {getattr(step, "device", "auto") for step in steps} == {"auto"}


def test_what_has_no_pipeline_says_why():
    data = json.loads(next(p for p in REPORTS if p.stem == "fonts-fontsm").read_text(encoding="utf-8"))
    results = Results(data)
    with pytest.raises(ValueError, match="'sa-oracle' is chosen by target labels; take 'sa'"):
        results.pipeline("sa-oracle")
    with pytest.raises(ValueError, match="'train-on-target' is a bound"):
        results.pipeline("train-on-target")
    with pytest.raises(ValueError, match="method must be one of .*'coral'"):
        results.pipeline("coral")
    with pytest.raises(ValueError, match="method must be one of 'dann', 'sa', 'source-only', got"):
        results.pipeline("nothing")
    with pytest.raises(ValueError, match="seed must be one of those of 'dann'.*got 77"):
        results.pipeline("dann", seed=77)
    failed = {"status": "failed", "reason": "diverged"}
    rows = [{**row, **(failed if row["seed"] < 2 else {})} for row in data["rows"]]
    with pytest.raises(ValueError, match="'dann' was not measured with seed 0: diverged"):
        Results({**data, "rows": rows}).pipeline("dann", seed=0)
    assert Results({**data, "rows": rows}).pipeline("dann").steps[0][1].random_state == 2


@pytest.mark.filterwarnings("ignore")
def test_rows_of_rows_choices_of_their_own_and_defaults_that_give_way(rng):
    transfer = moved(rng)
    constant = [replace(part, X=np.hstack([part.X, np.ones((part.n_rows, 4))])) for part in parts_of(transfer)]
    transfer = replace(transfer, **dict(zip(("source", "source_test", "target"), constant, strict=True)))
    rows = [
        "source-only",
        "sa-fixed",  # 20 dimensions, of which these rows have 10
        {"name": "sa-4", "method": "sa", "n_components": 4},
        {"name": "lg", "method": "landmark-gfk", "params": {"C": 1e-4}},  # a C that is not the SVM's
        {"name": "kmm", "features": "pixels"},
        {"name": "on-kmm", "method": "source-only", "features": "kmm", "training": {"learning_rate": 0.02}},
        {"name": "dann-on-coral", "method": "dann", "features": "pixels-coral", "network": {"name": "mlp"}},
        {"name": "pixels-coral", "method": "coral", "features": "pixels"},
    ]
    results = compare(transfer, methods=rows, seeds=[0], training={"steps": 10}, protocol={"svm_C": "cv"}, n_jobs=1)
    check_rows(Results.from_json(results.to_json()), transfer)
    params = {row["method"]: row["params"] for row in results.data["rows"]}
    assert params["lg"]["C"] == 1e-4 != params["lg"]["svm_C"]


class Shifting(BaseEstimator):
    """Asks scikit-learn for nothing, and maps what it was fitted on as it maps the target."""

    def fit(self, X, y=None, X_target=None):
        self.shift_ = X.mean(axis=0) - X_target.mean(axis=0)
        return self

    def transform(self, X, domain="target"):
        return X + self.shift_ * (domain == "target")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("network", [NO_NETWORK, {}])
def test_a_method_of_ones_own_is_a_step_and_its_absence_troubles_no_other_row(rng, monkeypatch, network):
    transfer = moved(rng)
    with monkeypatch.context() as patch:
        patch.setitem(METHODS, "mine", Method("Mine", "shallow", lambda row, seed: Shifting(), adapts=True))
        results = compare(
            transfer, methods=["source-only", "mine"], seeds=[0], network=network, training={"steps": 10}, n_jobs=1
        )
        check_rows(results, transfer)
    assert hasattr(results.pipeline("source-only"), "fit")
    with pytest.raises(ValueError, match="'mine'"):
        results.pipeline("mine")


def taken(transfer, X, y):
    """Return the rows, as they came, that a comparison trains on."""
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    kept = [np.flatnonzero(np.isclose(scaled, row, atol=1e-5).all(axis=1))[0] for row in transfer.source.X]
    return X[kept], y[kept]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("network", [NO_NETWORK, {"name": "mlp"}], ids=["none", "mlp"])
@pytest.mark.parametrize(("test_size", "near"), [(None, 0.011), (0.2, 0.04)])
def test_columns_of_several_units_come_as_they_are(network, test_size, near, rng):
    """Who has raw columns predicts as the comparison did, which standardised them, by all source rows."""
    n, units = 200, np.array([1.0, 1000.0, 0.01, 1.0, 1.0, 1.0])
    y = rng.integers(2, size=2 * n)
    X = (rng.normal(size=(2 * n, 6)) + y[:, np.newaxis]) * units + 5 * units
    rows = (X[:n], y[:n], X[n:] + 0.5 * units, y[n:])
    transfer = Transfer.from_arrays(*rows, unit_variance=True, test_size=test_size)
    training = {"steps": 60}
    results = compare(
        transfer, methods=["source-only", "coral"], seeds=[0], network=network, training=training, n_jobs=1
    )
    for row in results.data["rows"]:
        pipeline = results.pipeline(row["method"], seed=0)
        assert pipeline.steps[0][0] == "standardscaler"
        kept = rows[:2] if test_size is None else taken(transfer, *rows[:2])
        score = pipeline.fit(*kept, X_target=rows[2]).score(*rows[2:])
        assert score == pytest.approx(row["target_accuracy"], abs=near)
    unscaled = AdaptationPipeline(results.pipeline("coral", seed=0).steps[1:]).fit(*rows[:2], X_target=rows[2])
    assert unscaled.score(*rows[2:]) < score - 0.05
