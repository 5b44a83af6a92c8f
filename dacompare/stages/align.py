"""Align one network's features at every dimension of a sweep, and judge the picks."""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from dacompare.domains import Domain, Transfer
from dacompare.methods import method_of
from dacompare.selection import VALIDATORS
from dacompare.stages.features import Features, pixel_features, scaled
from dacompare.stages.folder import is_finished, require, said, write_json, writing
from dacompare.stages.held_out import held_out_scores
from dacompare.stages.judge import Answers, accuracy, source_test_labels, svm_answers, validator_scores
from dacompare.stages.regularisation import svm_C
from dacompare.stages.reverse import shallow_refit

VERSION = 7


def align_row(
    folder: Path,
    transfer: Transfer,
    trained: Path | None,
    settings: Mapping[str, Any],
    protocol: Mapping[str, Any],
    seed: int,
    *,
    holds_out: bool = False,
) -> Path:
    """Score a shallow row at every dimension of its sweep.

    Writes ``sweep.json`` (curves and picks), ``row.json`` (the validator's pick), ``oracle.json`` (the pick by
    target labels, where there are any), ``features.npz`` (of the validator's pick) and ``predictions.npz``.

    Parameters
    ----------
    trained : Path or None
        Where the features lie; None for the raw input.
    settings : mapping
        The row of the recipe: "name", "n_components", "sweep".
    holds_out : bool
        Whether validators look at source rows that a second training sets aside, as there are no source test rows.
    """
    if is_finished(folder):
        return folder
    require(trained)
    raw = pixel_features(transfer) if trained is None else Features.load(trained / "features.npz")
    with threadpool_limits(1), said() as sentences:
        features = scaled(raw, protocol["scaling"])
        C = svm_C(protocol, features.source, transfer.source.y, seed)
        sweep = method_of(settings).build({**settings, "validator": protocol["primary_validator"], "C": C}, seed)
        started = time.perf_counter()
        source = transfer.source
        sweep.fit(
            features.source if source.groups is None else Domain(features.source, groups=source.groups),
            source.y,
            X_target=features.target,
            X_source_test=features.source_test,
            y_source_test=source_test_labels(transfer),
        )
        seconds = time.perf_counter() - started
        if sweep.clipped_:
            asked = settings["sweep"][1] if settings["n_components"] == "sweep" else settings["n_components"]
            limit = sweep.n_components_limit_
            sentences.append(f"{asked} dimensions were asked for, the features allow {limit}; it went up to those")
        curves = _curves(transfer, sweep, features, protocol["validators"])
        picks = {"row": int(sweep.best_n_components_)}
        picks |= {} if curves["oracle"] is None else {"oracle": curves["oracle"]}
        judged = {name: _judge(transfer, sweep, features, d, protocol, seed, holds_out) for name, d in picks.items()}
    with writing(folder) as draft:
        write_json(draft / "sweep.json", curves)
        for name, (row, _, _) in judged.items():
            write_json(draft / f"{name}.json", {**row, "fit_seconds": seconds, "warnings": sentences})
        judged["row"][2].save(draft / "features.npz")
        predictions: dict[str, Any] = {"target" if name == "row" else name: own for name, (_, own, _) in judged.items()}
        np.savez(draft / "predictions.npz", **predictions)
    return folder


def _curves(transfer: Transfer, sweep: Any, features: Features, validators: list[str]) -> dict[str, Any]:
    """Return accuracies and validator scores at every dimension, and what each picks."""
    target = _curve(sweep, features.target_evaluation, transfer.target_evaluation.y, "target")
    scores = {name: values for name, values in sweep.validator_scores_.items() if name in validators}
    return {
        "n_components": [int(n) for n in sweep.dimensions_],
        "source_accuracy": _curve(sweep, features.source_test, source_test_labels(transfer), "source"),
        "target_accuracy": target,
        "validators": {name: [float(value) for value in values] for name, values in scores.items()},
        "picks": {name: _best(sweep.dimensions_, values, name) for name, values in scores.items()},
        "oracle": None if target is None else int(sweep.dimensions_[int(np.argmax(target))]),
    }


def _curve(sweep: Any, X: Any, y: Any, domain: str) -> list[float] | None:
    if X is None or y is None:
        return None
    return [float(value) for value in sweep.accuracy_curve(X, y, domain=domain)]


def _best(dimensions: NDArray[Any], values: Any, name: str) -> int:
    """Return the dimension that a validator picks; of equals the smallest."""
    scores = np.asarray(values) if VALIDATORS[name].higher_is_better else -np.asarray(values)
    return int(dimensions[int(np.argmax(scores))])


def _judge(
    transfer: Transfer,
    sweep: Any,
    features: Features,
    dimension: int,
    protocol: Mapping[str, Any],
    seed: int,
    holds_out: bool,
) -> tuple[dict[str, Any], NDArray[np.int64], Features]:
    """Return the row of one dimension, its predictions, and the features that its SVM saw."""
    aligned, answers = _ask(transfer, sweep, features, dimension, protocol)
    names = protocol["validators"]
    if holds_out:

        def fit(parts: Transfer, rest: Features) -> tuple[Features, Answers]:
            C = svm_C(protocol, rest.source, parts.source.y, seed)  # anew: the dimension alone is the row's
            one = clone(sweep).set_params(n_components=dimension, C=C)
            one.fit(rest.source, parts.source.y, X_target=rest.target)
            return _ask(parts, one, rest, int(one.best_n_components_), protocol)

        scores = held_out_scores(fit, transfer, features, names, seed)
    else:
        scores = validator_scores(transfer, answers, aligned, names, seed)
    row = {
        "source_accuracy": accuracy(answers.source_test, transfer, source_test_labels(transfer)),
        "svm_target_accuracy": accuracy(answers.evaluation, transfer, transfer.target_evaluation.y),
        "network_target_accuracy": None,
        "predict_seconds": answers.seconds,
        "params": {"n_components": dimension, "C": float(sweep.C)},
        **scores,
    }
    return row, answers.evaluation, aligned


def _ask(
    transfer: Transfer, sweep: Any, features: Features, dimension: int, protocol: Mapping[str, Any]
) -> tuple[Features, Answers]:
    """Return the features of one dimension, and what its SVM says.

    Reverse validation goes back at this very dimension; a sweep of its own would judge another row than this one.
    """
    aligned = features.map(
        lambda X: sweep.transform(X, domain="source", n_components=dimension),
        lambda X: sweep.transform(X, domain="target", n_components=dimension),
    )
    svm = sweep.classifiers_[int(np.flatnonzero(sweep.dimensions_ == dimension)[0])]

    def train(back: Features, labels: Any) -> Any:
        one = clone(sweep).set_params(n_components=dimension).fit(back.source, labels, X_target=back.target)
        return one.predict(back.target_test)

    refit = shallow_refit(train, transfer, features, protocol)
    return aligned, replace(svm_answers(transfer, svm, aligned), refit=refit)
