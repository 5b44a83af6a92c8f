"""Adapt a row's features by a classical method at its given settings, train the SVM on them, and judge it."""

import math
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from dacompare.domains import Transfer
from dacompare.selection import VALIDATORS
from dacompare.selection.candidate import Refit
from dacompare.shallow import shared_classifier
from dacompare.shallow.decomposed_once import decomposing_once
from dacompare.stages.adapted import mapped_rows
from dacompare.stages.features import Features, pixel_features, scaled
from dacompare.stages.fitting import fit_default
from dacompare.stages.folder import is_finished, require, said, write_json, writing
from dacompare.stages.held_out import held_out_scores, hold_out
from dacompare.stages.judge import Answers, accuracy, source_test_labels, svm_answers, validator_scores
from dacompare.stages.regularisation import svm_C
from dacompare.stages.reverse import shallow_refit

VERSION = 6


@dataclass(frozen=True)
class Found:
    """The row that a search settled on, and what was made of it on the way, which need not be made again.

    Parameters
    ----------
    row : dict
        The row of the recipe, with the parameters that were chosen.
    fitted : (features as the classifier sees them, what it says, parameters that it took by itself) or None
        As it was trained for the choice: on all source rows where there are source test rows, else without those that
        were set aside. None where there was nothing to search.
    scores : dict
        What the validator that chose said of it.
    """

    row: dict[str, Any]
    fitted: tuple[Features, Answers, dict[str, Any]] | None = None
    scores: Mapping[str, Any] = field(default_factory=dict)


def adapt_row(
    folder: Path,
    transfer: Transfer,
    trained: Path | None,
    build: Callable[[Mapping[str, Any], int], Any],
    settings: Mapping[str, Any],
    protocol: Mapping[str, Any],
    seed: int,
    *,
    holds_out: bool = False,
) -> Path:
    """Score a shallow row that has no sweep.

    Writes ``row.json``, ``features.npz`` (as the SVM saw them) and ``predictions.npz``.

    Parameters
    ----------
    trained : Path or None
        Where the features lie; None for the raw input.
    build : callable
        (settings, seed) -> an estimator with ``fit(X, y, X_target=...)``; see :func:`adapt`.
    settings : mapping
        The row of the recipe; where it has "search", its parameters are those that the primary validator puts first.
    holds_out : bool
        Whether validators look at source rows that a second training sets aside, as there are no source test rows.
    """
    if is_finished(folder):
        return folder
    require(trained)
    raw = pixel_features(transfer) if trained is None else Features.load(trained / "features.npz")
    with threadpool_limits(1), said() as sentences, decomposing_once():
        features = scaled(raw, protocol["scaling"])
        settings = {**settings, "n_features": math.prod(features.source.shape[1:])}
        started = time.perf_counter()
        chosen = search(build, settings, transfer, features, protocol, seed)
        whole = chosen.fitted if transfer.source_test is not None else None
        adapted, answers, taken = whole or _fit(build, chosen.row, transfer, features, protocol, seed)
        seconds = time.perf_counter() - started - answers.seconds
        names = protocol["validators"]
        if holds_out:

            def again(parts: Transfer, rest: Features) -> tuple[Features, Answers]:
                return (chosen.fitted or _fit(build, chosen.row, parts, rest, protocol, seed))[:2]

            scores = held_out_scores(again, transfer, features, names, seed, known=chosen.scores)
        else:
            known = chosen.scores if whole else None
            scores = validator_scores(transfer, answers, adapted, names, seed, known=known)
        row = {
            "source_accuracy": accuracy(answers.source_test, transfer, source_test_labels(transfer)),
            "svm_target_accuracy": accuracy(answers.evaluation, transfer, transfer.target_evaluation.y),
            "network_target_accuracy": None,
            "fit_seconds": seconds,
            "predict_seconds": answers.seconds,
            "params": {**chosen.row.get("params", {}), **taken},
            **scores,
        }
    with writing(folder) as draft:
        adapted.save(draft / "features.npz")
        np.savez(draft / "predictions.npz", target=answers.evaluation)
        write_json(draft / "row.json", {**row, "warnings": sentences})
    return folder


def search(
    build: Callable[[Mapping[str, Any], int], Any],
    settings: Mapping[str, Any],
    transfer: Transfer,
    features: Features,
    protocol: Mapping[str, Any],
    seed: int,
) -> Found:
    """Return the row with the parameters that a validator puts first among all combinations of its "search".

    No target label is looked at. Source rows for the validator are the source test rows, or where there are none, a
    fifth of the training rows, which then teach the row nothing until the choice is made; a network behind the features
    has seen them.
    """
    grid, validator = settings.get("search") or {}, protocol["primary_validator"]
    if not grid:
        return Found(dict(settings))
    if transfer.source_test is None:
        try:
            transfer, features = hold_out(transfer, features, seed)
        except ValueError as error:
            raise ValueError(f"no source rows can be set aside to choose by: {error}") from error
    best, most, sentences, reasons = None, -math.inf, [], []
    for values in product(*grid.values()):
        row = {**settings, "params": {**settings.get("params", {}), **dict(zip(grid, values, strict=True))}}
        fitted = None  # that of the combination before, whose features may be large
        with said() as own:
            try:
                fitted = _fit(build, row, transfer, features, protocol, seed)
            except ValueError as error:  # a combination that these rows do not allow is no candidate
                reasons.append(str(error))
                continue
            scores = validator_scores(transfer, fitted[1], fitted[0], [validator], seed)["validators"]
        score = scores[validator]
        if score["value"] is None:
            reasons.append(score["reason"])
            continue
        value = score["value"] * (1 if VALIDATORS[validator].higher_is_better else -1)
        if value > most:
            best, most, sentences = Found(row, fitted, scores), value, own
    if best is None:
        raise ValueError(f"none of the combinations in search could be scored; {reasons[0]}")
    for sentence in sentences:  # what was said of the others is no business of the row
        warnings.warn(sentence, stacklevel=2)
    return best


def _fit(
    build: Callable[[Mapping[str, Any], int], Any],
    row: Mapping[str, Any],
    transfer: Transfer,
    features: Features,
    protocol: Mapping[str, Any],
    seed: int,
) -> tuple[Features, Answers, dict[str, Any]]:
    """Train a row; return the features as its classifier sees them, what it says, and the parameters it took itself.

    They are the classifier's C, as "svm_C" where the method has a C of its own, and a dimension that nobody asked for.
    """
    asked = _is_asked(row)
    adapted, svm, C, dimension = adapt(build(row, seed), features, transfer.source.y, protocol, seed, asked=asked)
    refit = way_back(build, row, transfer, features, protocol, C, seed)
    taken: dict[str, Any] = {"svm_C" if "C" in row.get("params", {}) else "C": C}
    taken |= {} if asked or dimension is None else {"n_components": dimension}
    return adapted, replace(svm_answers(transfer, svm, adapted), refit=refit), taken


def way_back(
    build: Callable[[Mapping[str, Any], int], Any],
    row: Mapping[str, Any],
    transfer: Transfer,
    features: Features,
    protocol: Mapping[str, Any],
    C: float,
    seed: int,
) -> Refit:
    """Return what trains a row with the same parameters from the target back to the source."""

    def train(back: Features, labels: Any) -> Any:
        again = {**protocol, "svm_C": C}
        adapted, svm, *_ = adapt(build(row, seed), back, labels, again, seed, asked=_is_asked(row))
        return svm.predict(adapted.target_test)

    return shallow_refit(train, transfer, features, protocol)


def _is_asked(row: Mapping[str, Any]) -> bool:
    """Return whether the recipe says how many dimensions the row has; a default may give way to fewer."""
    return "n_components" in row.get("params", {})


def adapt(
    estimator: Any, features: Features, y: Any, protocol: Mapping[str, Any], seed: int, *, asked: bool = True
) -> tuple[Features, Any, float, int | None]:
    """Return the features as a classifier sees them, the classifier trained on those of the source, its C, and at how
    many dimensions, where the estimator has `n_components`.

    Where C is chosen by cross-validation, that is on those features: each method has a scale of its own.

    Parameters
    ----------
    estimator : estimator
        One that aligns has ``transform``; one that weights takes the classifier as its ``estimator``, and trains it.
    features : Features
    y : array of shape (n_source,)
    protocol : mapping
        The recipe's table: "classifier", "svm_C".
    asked : bool
        Whether its dimension is one that was asked for; else see :func:`~dacompare.stages.fitting.fit_default`.

    Raises
    ------
    TypeError
        For an estimator that does neither.
    ValueError
        For one whose ``transform`` gives no row of finite numbers for each that it is given.
    """
    if not hasattr(estimator, "transform"):
        if "estimator" not in getattr(estimator, "get_params", dict)():
            raise TypeError(
                f"{type(estimator).__name__} must have transform(X), or take the classifier that all rows share as its"
                " estimator, as a WeightingClassifier does; a classifier of its own cannot be a row."
            )
        C = svm_C(protocol, features.source, y, seed)
        classifier = shared_classifier(protocol["classifier"], C, seed)
        estimator.set_params(estimator=classifier).fit(features.source, y, X_target=features.target)
        return features, estimator.estimator_, C, None
    if asked:
        estimator.fit(features.source, y, X_target=features.target)
    else:
        fit_default(estimator, features.source, y, features.target)
    maps = [partial(mapped_rows, estimator, domain=name) for name in ("source", "target")]
    adapted = features.map(*maps)
    dimension = getattr(estimator, "n_components", None)
    del estimator, maps  # its maps of wide rows are as large as the rows
    C = svm_C(protocol, adapted.source, y, seed)
    classifier = shared_classifier(protocol["classifier"], C, seed).fit(adapted.source, y)
    return adapted, classifier, C, int(dimension) if isinstance(dimension, Integral) else None
