"""Adapt a row's features by a classical method at its given settings, train the SVM on them, and judge it."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from dacompare.domains import Transfer
from dacompare.shallow import linear_svm
from dacompare.stages.features import Features, pixel_features, scaled
from dacompare.stages.folder import is_finished, require, said, write_json, writing
from dacompare.stages.judge import accuracy, source_test_labels, svm_answers, validator_scores
from dacompare.stages.score import svm_C

VERSION = 1
LEAST_WEIGHT = 1e-6


def adapt_row(
    folder: Path,
    transfer: Transfer,
    trained: Path | None,
    build: Callable[[Mapping[str, Any], int], Any],
    settings: Mapping[str, Any],
    protocol: Mapping[str, Any],
    seed: int,
) -> Path:
    """Score a shallow row that has no sweep.

    Writes ``row.json``, ``features.npz`` (as the SVM saw them) and ``predictions.npz``.

    Parameters
    ----------
    trained : Path or None
        Where the features lie; None for the raw input.
    build : callable
        (settings, seed) -> an estimator with ``fit(X, y, X_target=...)``: one that aligns has ``transform`` (with
        ``domain=`` where it treats the domains differently), one that weights has ``weights_`` once it is fitted.
    settings : mapping
        The row of the recipe.
    """
    if is_finished(folder):
        return folder
    require(trained)
    raw = pixel_features(transfer) if trained is None else Features.load(trained / "features.npz")
    with threadpool_limits(1), said() as sentences:
        features = scaled(raw, protocol["scaling"])
        C = svm_C(protocol, features.source, transfer.source.y, seed)
        started = time.perf_counter()
        adapted, weights = adapt(build(settings, seed), features, transfer.source.y)
        svm = linear_svm(C=C, random_state=seed).fit(adapted.source, transfer.source.y, sample_weight=weights)
        seconds = time.perf_counter() - started
        answers = svm_answers(transfer, svm, adapted)
        row = {
            "source_accuracy": accuracy(answers.source_test, transfer, source_test_labels(transfer)),
            "svm_target_accuracy": accuracy(answers.evaluation, transfer, transfer.target_evaluation.y),
            "network_target_accuracy": None,
            "fit_seconds": seconds,
            "predict_seconds": answers.seconds,
            "params": {**settings.get("params", {}), "C": C},
            **validator_scores(transfer, answers, adapted, protocol["validators"], seed),
        }
    with writing(folder) as draft:
        adapted.save(draft / "features.npz")
        np.savez(draft / "predictions.npz", target=answers.evaluation)
        write_json(draft / "row.json", {**row, "warnings": sentences})
    return folder


def adapt(estimator: Any, features: Features, y: Any) -> tuple[Features, NDArray[np.float64] | None]:
    """Return the features as a classifier should see them, and the weights of the source rows, None for equal ones."""
    from dacompare.shallow.rows import apply_in_domain

    estimator.fit(features.source, y, X_target=features.target)
    if not hasattr(estimator, "transform"):
        # LIBLINEAR drops rows of weight 0, and may drop a whole class with them, whose place others then take.
        return features, np.maximum(estimator.weights_, LEAST_WEIGHT * np.mean(estimator.weights_))
    return (
        features.map(
            lambda X: apply_in_domain(estimator.transform, X, "source"),
            lambda X: apply_in_domain(estimator.transform, X, "target"),
        ),
        None,
    )
