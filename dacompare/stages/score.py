"""Retrain a linear SVM on a row's features, and score it on the target and by every validator."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from dacompare.domains import Transfer
from dacompare.methods import METHODS
from dacompare.selection import VALIDATORS, Candidate, fit_temperature, score_candidate, svm_probabilities
from dacompare.shallow.linear_svm import linear_svm
from dacompare.stages.features import Features, pixel_features, scaled
from dacompare.stages.folder import is_finished, write_json, writing

VERSION = 1
SVM_GRID = (0.01, 0.1, 1.0, 10.0, 100.0)


def score_network(
    folder: Path, transfer: Transfer, trained: Path, protocol: Mapping[str, Any], seed: int, *, validate: bool
) -> Path:
    """Score a deep row: the SVM on its last hidden layer and the network's own head, side by side.

    Writes ``row.json`` and ``predictions.npz`` (class positions for "target", of the head that counts).
    """
    if is_finished(folder):
        return folder
    with threadpool_limits(1), np.load(trained / "predictions.npz") as own:
        features = scaled(Features.load(trained / "features.npz"), protocol["scaling"])
        # The bound learns from target labels; every other row from source labels only.
        learn = (features.source, transfer.source.y) if validate else (features.target, transfer.target.y)
        C = svm_C(protocol, *learn, seed)
        started = time.perf_counter()
        svm = linear_svm(C=C, random_state=seed).fit(*learn)
        fit_seconds = time.perf_counter() - started
        evaluation = "target" if transfer.target_test is None else "target_test"
        row = _accuracies(transfer, svm, features, own, evaluation)
        row.update(fit_seconds=fit_seconds, params={"C": C})
        row["validators"] = _validators(transfer, svm, features, protocol["validators"], seed) if validate else {}
        chosen = own[evaluation] if protocol["head"] == "network" else _predict(transfer, svm, features)
        with writing(folder) as draft:
            np.savez(draft / "predictions.npz", target=chosen)
            write_json(draft / "row.json", row)
    return folder


def score_cross_fit(folder: Path, transfer: Transfer, trained: Path, protocol: Mapping[str, Any], seed: int) -> Path:
    """Score the cross-fitted bound of a transductive transfer: every row by the SVM that has not seen it."""
    if is_finished(folder):
        return folder
    y = transfer.target.y
    assert y is not None, "a bound needs target labels; the recipe check has seen to that"
    svm_predictions = np.empty(transfer.target.n_rows, np.int64)
    own_predictions = np.empty_like(svm_predictions)
    started = time.perf_counter()
    with threadpool_limits(1):
        for path in sorted(trained.glob("fold-*.npz")):
            with np.load(path) as fold:
                # The "source" of this little transfer is the labelled four fifths of the target.
                part = scaled(Features(fold["train"], fold["test"]), protocol["scaling"])
                C = svm_C(protocol, part.source, y[fold["train_rows"]], seed)
                svm = linear_svm(C=C, random_state=seed).fit(part.source, y[fold["train_rows"]])
                svm_predictions[fold["rows"]] = np.searchsorted(transfer.classes, svm.predict(part.target))
                own_predictions[fold["rows"]] = fold["predictions"]
    truth = np.searchsorted(transfer.classes, y)
    chosen = own_predictions if protocol["head"] == "network" else svm_predictions
    row = {
        "source_accuracy": None,
        "svm_target_accuracy": float((svm_predictions == truth).mean()),
        "network_target_accuracy": float((own_predictions == truth).mean()),
        "fit_seconds": time.perf_counter() - started,
        "predict_seconds": 0.0,
        "params": {"folds": len(list(trained.glob("fold-*.npz")))},
        "validators": {},
    }
    with writing(folder) as draft:
        np.savez(draft / "predictions.npz", target=chosen)
        write_json(draft / "row.json", row)
    return folder


def score_shallow(
    folder: Path,
    transfer: Transfer,
    trained: Path | None,
    settings: Mapping[str, Any],
    protocol: Mapping[str, Any],
    seed: int,
) -> Path:
    """Score a shallow row at every dimension of its sweep.

    Writes ``sweep.json`` (curves and picks), ``row.json`` (the validator's pick), ``oracle.json`` (the pick by
    target labels, where there are any), ``features.npz`` (of the validator's pick) and ``predictions.npz``.
    """
    if is_finished(folder):
        return folder
    raw = pixel_features(transfer) if trained is None else Features.load(trained / "features.npz")
    with threadpool_limits(1):
        features = scaled(raw, protocol["scaling"])
        C = svm_C(protocol, features.source, transfer.source.y, seed)
        row = {**settings, "validator": protocol["primary_validator"], "C": C}
        sweep = METHODS[settings["name"]].build(row, seed)
        started = time.perf_counter()
        sweep.fit(
            features.source,
            transfer.source.y,
            X_target=features.target,
            X_source_test=features.source_test,
            y_source_test=None if transfer.source_test is None else transfer.source_test.y,
        )
        seconds = time.perf_counter() - started
        with writing(folder) as draft:
            _write_sweep(draft, transfer, sweep, features, protocol, seconds, seed)
    return folder


def svm_C(protocol: Mapping[str, Any], X: NDArray[Any], y: Any, seed: int) -> float:
    """Return the C of the recipe, or the best of five by cross-validation on the rows given."""
    if protocol["svm_C"] != "cv":
        return float(protocol["svm_C"])
    from sklearn.model_selection import GridSearchCV

    search = GridSearchCV(linear_svm(random_state=seed), {"C": list(SVM_GRID)}, cv=3)
    return float(search.fit(X, y).best_params_["C"])


def _write_sweep(
    draft: Path, transfer: Transfer, sweep: Any, features: Features, protocol: Mapping[str, Any],
    seconds: float, seed: int,
) -> None:  # fmt: skip
    y_target = transfer.target_evaluation.y
    curves: dict[str, Any] = {
        "n_components": [int(n) for n in sweep.dimensions_],
        "source_accuracy": _curve(
            sweep, features.source_test, transfer.source_test and transfer.source_test.y, "source"
        ),
        "target_accuracy": _curve(sweep, features.target_evaluation, y_target, "target"),
        "validators": {name: [float(v) for v in values] for name, values in sweep.validator_scores_.items()},
        "picks": {name: _best(sweep.dimensions_, values, name) for name, values in sweep.validator_scores_.items()},
        "oracle": None,
    }
    picks = {"row": int(sweep.best_n_components_)}
    if curves["target_accuracy"] is not None:
        curves["oracle"] = int(sweep.dimensions_[int(np.argmax(curves["target_accuracy"]))])
        picks["oracle"] = curves["oracle"]
    predictions: dict[str, Any] = {}
    for name, dimension in picks.items():
        aligned, svm = _aligned(sweep, features, dimension)
        row = _accuracies(transfer, svm, aligned, None, "target")
        row["params"] = {"n_components": dimension, "C": float(svm.C)}
        row["fit_seconds"] = seconds
        row["validators"] = _validators(transfer, svm, aligned, protocol["validators"], seed)
        predictions["target" if name == "row" else name] = _predict(transfer, svm, aligned)
        write_json(draft / f"{name}.json", row)
        if name == "row":
            aligned.save(draft / "features.npz")
    write_json(draft / "sweep.json", curves)
    np.savez(draft / "predictions.npz", **predictions)


def _aligned(sweep: Any, features: Features, dimension: int) -> tuple[Features, Any]:
    """Return the features aligned at one dimension, and the SVM that was trained on them."""
    position = int(np.flatnonzero(sweep.dimensions_ == dimension)[0])
    aligned = features.map(
        lambda X: sweep.transform(X, domain="source", n_components=dimension),
        lambda X: sweep.transform(X, domain="target", n_components=dimension),
    )
    return aligned, sweep.classifiers_[position]


def _curve(sweep: Any, X: Any, y: Any, domain: str) -> list[float] | None:
    if X is None or y is None:
        return None
    return [float(value) for value in sweep.accuracy_curve(X, y, domain=domain)]


def _best(dimensions: NDArray[Any], values: Any, name: str) -> int:
    """Return the dimension that a validator picks; of equals the smallest."""
    scores = np.asarray(values) if VALIDATORS[name].higher_is_better else -np.asarray(values)
    return int(dimensions[int(np.argmax(scores))])


def _accuracies(transfer: Transfer, svm: Any, features: Features, own: Any, evaluation: str) -> dict[str, Any]:
    """Measure the accuracies of one row; null where labels or rows are missing."""
    started = time.perf_counter()
    predictions = _predict(transfer, svm, features)
    seconds = time.perf_counter() - started
    y = transfer.target_evaluation.y
    truth = None if y is None else np.searchsorted(transfer.classes, y)
    source_test = features.source_test
    return {
        "source_accuracy": None
        if source_test is None or transfer.source_test is None
        else float(svm.score(source_test, transfer.source_test.y)),
        "svm_target_accuracy": None if truth is None else float((predictions == truth).mean()),
        "network_target_accuracy": None if truth is None or own is None else float((own[evaluation] == truth).mean()),
        "predict_seconds": seconds,
    }


def _predict(transfer: Transfer, svm: Any, features: Features) -> NDArray[np.int64]:
    return np.searchsorted(transfer.classes, svm.predict(features.target_evaluation))


def _validators(
    transfer: Transfer, svm: Any, features: Features, names: list[str], seed: int
) -> dict[str, dict[str, Any]]:
    """Score a row by every validator that stands for itself; "paper" ranks rows and is scored when all are there."""
    source_test, y = features.source_test, None if transfer.source_test is None else transfer.source_test.y
    held_out = source_test is not None and y is not None
    temperature = None
    if source_test is not None and y is not None:
        temperature = fit_temperature(svm.decision_function(source_test), y, classes=svm.classes_)
    candidate = Candidate(
        y_source_test=y,
        source_test_predictions=svm.predict(source_test) if held_out else None,
        source_test_features=source_test,
        target_features=features.target,
        target_predictions=svm.predict(features.target),
        target_probabilities=None
        if temperature is None
        else svm_probabilities(svm.decision_function(features.target), temperature),
    )
    scores = {name: score_candidate(name, candidate) for name in names if name != "paper"}
    return {
        name: {"value": score.value, "seconds": score.seconds, "reason": score.reason} for name, score in scores.items()
    }
