"""Retrain a linear SVM on a network's features, and judge it and the network's own head."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from dacompare.domains import Domain, Transfer
from dacompare.shallow import shared_classifier
from dacompare.stages.features import Features, scaled, unscaled
from dacompare.stages.folder import is_finished, require, said, write_json, writing
from dacompare.stages.held_out import held_out_scores
from dacompare.stages.judge import (
    Answers,
    accuracy,
    network_answers,
    source_test_labels,
    svm_answers,
    validator_scores,
    with_way_back,
)
from dacompare.stages.regularisation import svm_C
from dacompare.stages.reverse import shallow_refit

VERSION = 6


def score_network(
    folder: Path,
    transfer: Transfer,
    trained: Path,
    protocol: Mapping[str, Any],
    seed: int,
    *,
    validate: bool,
    genuine: Domain | None = None,
    back: Path | None = None,
    holds_out: bool = False,
) -> Path:
    """Score a deep row: the SVM on its last hidden layer and the network's own head, side by side.

    Writes ``row.json`` and ``predictions.npz`` (class positions for "target", of the head that counts).

    Parameters
    ----------
    trained : Path
        Where the network's features and predictions lie.
    protocol : mapping
        The recipe's table: "head", "svm_C", "scaling", "validators".
    validate : bool
        False for the bound, which learns from target labels and is no candidate.
    genuine : Domain or None
        Other labelled rows to score on; nothing reads their score but the page.
    back : Path or None
        Where the training the other way round lies, which reverse validation asks for.
    holds_out : bool
        Whether validators look at source rows that a second training sets aside, as there are no source test rows. Only
        where the features are the input and the SVM is the head: a network has learned from all source rows.
    """
    if is_finished(folder):
        return folder
    require(trained)
    require(back)
    with threadpool_limits(1), said() as sentences, np.load(trained / "predictions.npz") as own:
        hidden, by_network = _see(trained, genuine)
        raw = replace(Features.load(trained / "features.npz"), genuine=hidden)
        features = scaled(raw, protocol["scaling"], by="source" if validate else "target")
        learn = (features.source, transfer.source.y) if validate else (features.target, transfer.target.y)
        C = svm_C(protocol, *learn, seed)
        started = time.perf_counter()
        svm = shared_classifier(protocol["classifier"], C, seed).fit(*learn)
        fit_seconds = time.perf_counter() - started
        heads = {"svm": svm_answers(transfer, svm, features), "network": network_answers(transfer, own)}
        counts = heads[protocol["head"]]
        row = {
            "source_accuracy": accuracy(counts.source_test, transfer, source_test_labels(transfer)),
            **_target_accuracies(transfer, heads["svm"].evaluation, heads["network"].evaluation),
            "genuine_accuracy": None,
            "fit_seconds": fit_seconds,
            "predict_seconds": counts.seconds,
            "params": {"C": C},
            "validators": {},
        }
        if genuine is not None:
            answers: Any = by_network if protocol["head"] == "network" else svm.predict(features.genuine)
            row["genuine_accuracy"] = accuracy(transfer.positions(answers), transfer, genuine.y)
        if validate:
            if protocol["head"] == "network":
                counts = replace(counts, predict=_last_layer(transfer, trained, raw, protocol["scaling"]))
            counts = counts if back is None else with_way_back(counts, back)
            names = protocol["validators"]
            if holds_out:

                def again(parts: Transfer, rest: Features) -> tuple[Features, Answers]:
                    return _fit(parts, rest, protocol, svm_C(protocol, rest.source, parts.source.y, seed), seed)

                scores = held_out_scores(again, transfer, features, names, seed)
            else:
                scores = validator_scores(transfer, counts, features, names, seed)
            row.update(scores)
    _write(folder, row, counts.evaluation, sentences)
    return folder


def _fit(
    transfer: Transfer, features: Features, protocol: Mapping[str, Any], C: float, seed: int
) -> tuple[Features, Answers]:
    """Train the classifier on features that have not seen a label; return them, and what it says."""

    def learn(rows: NDArray[Any], labels: Any) -> Any:
        return shared_classifier(protocol["classifier"], C, seed).fit(rows, labels)

    answers = svm_answers(transfer, learn(features.source, transfer.source.y), features)
    refit = shallow_refit(
        lambda back, labels: learn(back.source, labels).predict(back.target_test), transfer, features, protocol
    )
    return features, replace(answers, refit=refit)


def score_cross_fit(folder: Path, transfer: Transfer, trained: Path, protocol: Mapping[str, Any], seed: int) -> Path:
    """Score the cross-fitted bound of a transductive transfer: every row by the SVM that has not seen it."""
    if is_finished(folder):
        return folder
    require(trained)
    y = transfer.target.y
    assert y is not None, "a bound is only planned where there are target labels"
    by_svm = np.full(transfer.target.n_rows, -1)
    by_network, folds = by_svm.copy(), sorted(trained.glob("fold-*.npz"))
    started = time.perf_counter()
    with threadpool_limits(1), said() as sentences:
        for path in folds:
            with np.load(path) as fold:
                # The "source" of this little transfer is the labelled four fifths of the target.
                part = scaled(Features(fold["train"], fold["test"]), protocol["scaling"])
                labels = y[fold["train_rows"]]
                C = svm_C(protocol, part.source, labels, seed)
                svm = shared_classifier(protocol["classifier"], C, seed).fit(part.source, labels)
                by_svm[fold["rows"]] = transfer.positions(svm.predict(part.target))
                by_network[fold["rows"]] = fold["predictions"]
    if min(by_svm.min(), by_network.min()) < 0:
        raise ValueError(f"{trained.name} leaves {int((by_svm < 0).sum())} target rows without a prediction")
    row = {
        "source_accuracy": None,
        **_target_accuracies(transfer, by_svm, by_network),
        "fit_seconds": time.perf_counter() - started,
        "predict_seconds": 0.0,
        "params": {"folds": len(folds)},
        "validators": {},
    }
    _write(folder, row, by_network if protocol["head"] == "network" else by_svm, sentences)
    return folder


def _see(trained: Path, genuine: Domain | None) -> tuple[NDArray[Any] | None, NDArray[Any] | None]:
    """Return the last hidden layer of a trained network, and what its own head says, for rows that it has not met."""
    if genuine is None:
        return None, None
    from dacompare.deep import load_network

    estimator = load_network(trained / "network")
    hidden, scores = estimator.features_and_scores(genuine.X)
    return hidden, estimator.classes_[scores.argmax(axis=1)]


def _last_layer(
    transfer: Transfer, trained: Path, features: Features, scaling: str
) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Return what the network's own head says of target rows of its last hidden layer, scaled, mixtures among them."""
    from dacompare.deep import load_network

    estimator = load_network(trained / "network")
    last = estimator.network_.label_predictor[-1]
    weight, bias = (part.detach().numpy().astype(np.float64) for part in (last.weight, last.bias))

    def predict(rows: NDArray[Any]) -> NDArray[Any]:
        scores = unscaled(rows, features, scaling) @ weight.T + bias
        return transfer.positions(estimator.classes_[scores.argmax(axis=1)])

    return predict


def _target_accuracies(transfer: Transfer, by_svm: NDArray[Any], by_network: NDArray[Any]) -> dict[str, float | None]:
    y = transfer.target_evaluation.y
    return {
        "svm_target_accuracy": accuracy(by_svm, transfer, y),
        "network_target_accuracy": accuracy(by_network, transfer, y),
    }


def _write(folder: Path, row: dict[str, Any], predictions: NDArray[Any], sentences: list[str]) -> None:
    with writing(folder) as draft:
        np.savez(draft / "predictions.npz", target=predictions)
        write_json(draft / "row.json", {**row, "warnings": sentences})
