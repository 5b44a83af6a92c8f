"""Judge one classifier of a row: accuracies where there are labels, validators where there are none."""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dacompare.divergence import domain_error
from dacompare.domains import Transfer
from dacompare.selection import Candidate, fit_temperature, score_candidate, svm_probabilities
from dacompare.stages.features import Features
from dacompare.stages.folder import read_json

Positions = NDArray[np.int64]
THE_WAY_BACK = "in reverse validation"
"""What warnings of the training the other way round begin with."""
BLOCK = 1024
"""Rows that a classifier is asked about at a time."""


@dataclass(frozen=True)
class Answers:
    """What one classifier says about each part of a transfer, as positions in ``transfer.classes``.

    Parameters
    ----------
    target : ndarray of shape (n_target,)
        Unlabelled target rows, which validators may look at.
    evaluation : ndarray of shape (n_evaluation,)
        Target rows on which accuracy is measured.
    source_test : ndarray of shape (n_source_test,) or None
    probabilities : ndarray of shape (n_target, n_classes) or None
        For the rows of `target`.
    seconds : float
        Time of the predictions on `evaluation`.
    predict : callable, optional
        Positions of new rows, of the kind that the target's feature rows are.
    refit : callable, optional
        Trains the whole method the other way round, see :class:`~dacompare.selection.Candidate`; returns
        positions.
    refit_seconds : float
        Time of the part of that training that was done before.
    """

    target: Positions
    evaluation: Positions
    source_test: Positions | None
    probabilities: NDArray[Any] | None
    seconds: float = 0.0
    predict: Callable[[NDArray[Any]], Positions] | None = None
    refit: Callable[..., Positions] | None = None
    refit_seconds: float = 0.0


def svm_answers(transfer: Transfer, svm: Any, features: Features) -> Answers:
    """Return what a classifier says; an SVM's probabilities are calibrated on held-out source rows.

    The nearest neighbour has none: each of its votes is 0 or 1, so that how sure it is says nothing.
    """

    def predict(rows: NDArray[Any]) -> Positions:
        return transfer.positions(in_blocks(svm.predict, rows))

    started = time.perf_counter()
    evaluation = predict(features.target_evaluation)
    seconds = time.perf_counter() - started
    source_test, probabilities, y = None, None, source_test_labels(transfer)
    if features.source_test is not None:
        source_test = predict(features.source_test)
    if hasattr(svm, "decision_function") and features.source_test is not None and y is not None:
        scores = in_blocks(svm.decision_function, features.source_test)
        temperature = fit_temperature(scores, y, classes=svm.classes_)
        probabilities = svm_probabilities(in_blocks(svm.decision_function, features.target), temperature)
    target = predict(features.target)
    return Answers(target, evaluation, source_test, probabilities, seconds, predict)


def in_blocks(function: Callable[[NDArray[Any]], NDArray[Any]], rows: NDArray[Any]) -> NDArray[Any]:
    """Return what a function says of rows, which it gets some at a time: scikit-learn makes a float64 copy of them.

    Examples
    --------
    >>> in_blocks(lambda rows: rows.sum(axis=1), np.ones((3000, 2))).shape
    (3000,)
    """
    return np.concatenate([function(rows[start : start + BLOCK]) for start in range(0, len(rows), BLOCK)])


def network_answers(transfer: Transfer, own: Mapping[str, Any]) -> Answers:
    """Return what a network's own head says, from the file that its training left."""
    evaluation = own["target" if transfer.target_test is None else "target_test"]
    source_test = own["source_test"] if transfer.source_test is not None else None
    return Answers(own["target"], evaluation, source_test, own["target_probabilities"])


def with_way_back(answers: Answers, back: Path) -> Answers:
    """Return what a network says, and what it says after its training the other way round, which left its folder."""
    facts = read_json(back / "row.json")
    with np.load(back / "predictions.npz") as file:
        learned, source_test = file["pseudo_labels"], file["source_test"]

    def refit(_: Any, pseudo_labels: Positions, *rows: Any) -> Positions:
        if facts["reason"] is not None:
            raise ValueError(facts["reason"])
        if not np.array_equal(pseudo_labels, learned):
            raise ValueError(f"{back.name} has learned from other predictions; delete it, and it is trained again")
        return source_test

    for sentence in facts["warnings"]:
        warnings.warn(f"{THE_WAY_BACK}: {sentence}", stacklevel=2)
    return replace(answers, refit=refit, refit_seconds=facts["seconds"])


def accuracy(answers: Positions | None, transfer: Transfer, y: Any) -> float | None:
    """Return the share of right answers, None where labels or answers are missing."""
    if answers is None or y is None:
        return None
    return float((answers == transfer.positions(y)).mean())


def source_test_labels(transfer: Transfer) -> NDArray[Any] | None:
    """Return the labels of the source test rows, None where there are none."""
    return None if transfer.source_test is None else transfer.source_test.y


def validator_scores(
    transfer: Transfer,
    answers: Answers,
    features: Features,
    names: Sequence[str],
    seed: int,
    *,
    known: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Score a row without target labels: on unlabelled target training rows and on source test rows.

    Parameters
    ----------
    known : mapping, optional
        Scores of validators that were asked before, which are taken as they are.

    Returns
    -------
    dict
        "validators", of all that a row can be scored by on its own, and "unlabelled_domain_error", which the paper's
        criterion ranks rows by; None where it was not asked for or cannot be had.
    """
    y = source_test_labels(transfer)
    candidate = Candidate(
        y_source_test=None if y is None else transfer.positions(y),
        source_test_predictions=answers.source_test,
        source_test_features=features.source_test,
        target_features=features.target,
        target_predictions=answers.target,
        target_probabilities=answers.probabilities,
        source_features=features.source,
        predict_target=answers.predict,
        refit=answers.refit,
        n_classes=len(transfer.classes),
    )
    before, known = {"reverse": answers.refit_seconds}, known or {}

    def ask(name: str) -> dict[str, Any]:
        score = score_candidate(name, candidate)
        return {"value": score.value, "seconds": score.seconds + before.get(name, 0.0), "reason": score.reason}

    return {
        "validators": {name: known.get(name) or ask(name) for name in names if name != "paper"},
        "unlabelled_domain_error": _domain_error(transfer, features, seed) if "paper" in names else None,
    }


def _domain_error(transfer: Transfer, features: Features, seed: int) -> float | None:
    """Measure how well the domains can be told apart, source test rows from target *training* rows."""
    if features.source_test is None or transfer.source_test is None:
        return None
    try:
        return domain_error(
            features.source_test,
            features.target,
            groups_source=transfer.source_test.groups,
            groups_target=transfer.target.groups,
            random_state=seed,
        )
    except ValueError:  # too few rows, or groups that cannot be split: the criterion is then not available
        return None
