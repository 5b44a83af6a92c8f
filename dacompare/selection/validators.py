"""Score how well a method has adapted, without a single target label."""

import math
import time
from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata

from dacompare.names import check_name
from dacompare.selection.bnm import bnm
from dacompare.selection.candidate import Candidate, CannotScore, Validator, ValidatorScore, unusable
from dacompare.selection.class_ami import class_ami
from dacompare.selection.dev import dev
from dacompare.selection.entropy import entropy
from dacompare.selection.iwv import iwv
from dacompare.selection.mixval import mixval
from dacompare.selection.reverse import REVERSE_NEEDS, reverse
from dacompare.selection.reverse_svm import reverse_svm
from dacompare.selection.source_accuracy import source_accuracy

_SOURCE_TEST = ("y_source_test", "source_test_predictions")
_WEIGHED = (*_SOURCE_TEST, "source_test_features", "target_features")

VALIDATORS: dict[str, Validator] = {
    validator.name: validator
    for validator in (
        Validator(
            "source-accuracy", True, _SOURCE_TEST, source_accuracy,
            "Accuracy on held-out source rows; it does not look at the target.",
        ),
        Validator(
            "paper", False, (*_SOURCE_TEST, "domain_error"), None,
            "Mean rank of source test error and of domain confusion among the candidates; 1 is best.",
        ),
        Validator(
            "reverse-svm", True,
            ("y_source_test", "source_test_features", "target_features", "target_predictions"), reverse_svm,
            "Accuracy on source test rows of an SVM that learned from the target predictions.",
        ),
        Validator(
            "entropy", False, ("target_probabilities",), entropy,
            "Mean entropy of the target probabilities; sure is not the same as right.",
        ),
        Validator(
            "iwv", False, _WEIGHED, iwv,
            "Error on source test rows, each weighed by how likely it is in the target.",
        ),
        Validator(
            "dev", False, _WEIGHED, dev,
            "The same error steadied by what is known of the weights; can fall below 0 or exceed 1.",
        ),
        Validator(
            "bnm", True, ("target_probabilities",), bnm,
            "How sure the target predictions are and how many classes they use, in one norm; 1 is most.",
        ),
        Validator(
            "class-ami", True, ("n_classes", "target_features", "target_predictions"), class_ami,
            "Agreement of the target predictions with k-means clusters of the target features.",
        ),
        Validator(
            "mixval", True, ("target_features", "target_predictions", "predict_target"), mixval,
            "How often a mixture of two target rows is given the class of its larger part.",
        ),
        Validator(
            "reverse", True, REVERSE_NEEDS, reverse,
            "Accuracy on source test rows of the whole method, trained the other way round.",
        ),
    )
}  # fmt: skip


def score_candidate(name: str, candidate: Candidate) -> ValidatorScore:
    """Score one candidate, or say in words why it cannot be scored.

    Parameters
    ----------
    name : str
        Key of `VALIDATORS`.
    candidate : Candidate

    Examples
    --------
    >>> score_candidate("entropy", Candidate()).reason
    'needs target_probabilities'
    """
    validator = VALIDATORS[check_name("validator", name, VALIDATORS)]
    if reason := why_not(name, candidate):
        return ValidatorScore(None, 0.0, reason)
    if validator.score is None:
        return ValidatorScore(None, 0.0, "compares candidates with each other; use rank_candidates")
    started = time.perf_counter()
    try:
        value = validator.score(candidate)
    except CannotScore as error:
        return ValidatorScore(None, time.perf_counter() - started, str(error))
    seconds = time.perf_counter() - started
    if not math.isfinite(value):
        return ValidatorScore(None, seconds, f"came out as {value}")
    return ValidatorScore(value, seconds, None)


def why_not(name: str, candidate: Candidate) -> str | None:
    """Return why a validator does not apply to a candidate, before anything is computed; None where it does.

    Parameters
    ----------
    name : str
        Key of `VALIDATORS`.
    candidate : Candidate

    Examples
    --------
    >>> why_not("mixval", Candidate(target_features=np.zeros((2, 1)), target_predictions=np.array([0, 1])))
    'needs predict_target'
    >>> why_not("entropy", Candidate(target_probabilities=np.full((1, 2), np.nan)))
    'target_probabilities is not finite'
    """
    needs = VALIDATORS[check_name("validator", name, VALIDATORS)].needs
    missing = [need for need in needs if getattr(candidate, need) is None]
    if missing:
        return f"needs {', '.join(missing)}"
    for need in needs:
        value = getattr(candidate, need)
        # Rows that the whole method is trained on again may lack values, which a step of it fills in.
        if "refit" in needs and need.endswith("_features") and len(value):
            continue
        if reason := unusable(need, value):
            return reason
    return None


def rank_candidates(name: str, candidates: Sequence[Candidate]) -> list[float | None]:
    """Return a validator's value for each candidate, None where it has none.

    For "paper" the values are mean ranks among these candidates; `VALIDATORS` says which way is better.

    Examples
    --------
    >>> y = np.array([0, 1])
    >>> good, bad = Candidate(y, y, domain_error=0.4), Candidate(y, 1 - y, domain_error=0.1)
    >>> rank_candidates("paper", [bad, good])
    [2.0, 1.0]
    """
    validator = VALIDATORS[check_name("validator", name, VALIDATORS)]
    if validator.score is not None:
        return [score_candidate(name, candidate).value for candidate in candidates]
    accuracies = [score_candidate("source-accuracy", candidate).value for candidate in candidates]
    return rank_values(accuracies, [candidate.domain_error for candidate in candidates])


def rank_values(source_accuracies: Sequence[float | None], domain_errors: Sequence[float | None]) -> list[float | None]:
    """Return the paper's criterion from its two measurements.

    The mean of two ranks: by source test error, smallest first, and by domain error, largest first. Equals
    share their mean rank. The paper gives no weights, so both count the same.

    Parameters
    ----------
    source_accuracies, domain_errors : sequence of float or None
        One of each per candidate, in [0, 1]; a candidate with a None or NaN has no rank, and does not count in the
        others'.

    Returns
    -------
    list of float or None
        From 1, the best, on.

    Raises
    ------
    ValueError
        Where there are more of one than of the other.

    References
    ----------
    Ganin & Lempitsky 2015, section 4: parameters are chosen "observing the test error on the source domain
    and the domain classifier error".

    Examples
    --------
    >>> rank_values([0.9, 0.8, None], [0.2, 0.4, 0.5])
    [1.5, 1.5, None]
    """
    if len(source_accuracies) != len(domain_errors):
        raise ValueError(
            "source_accuracies and domain_errors must hold one of each per candidate, got"
            f" {len(source_accuracies)} and {len(domain_errors)}."
        )
    pairs = list(zip(source_accuracies, domain_errors, strict=True))
    known = [i for i, pair in enumerate(pairs) if all(value is not None and math.isfinite(value) for value in pair)]
    ranks: list[float | None] = [None] * len(pairs)
    if known:
        # Means over folds that are equal on paper differ in their last digit.
        values = -np.round(np.array([pairs[position] for position in known], np.float64), 12)
        means = rankdata(values, axis=0).mean(axis=1)
        for position, rank in zip(known, means.tolist(), strict=True):
            ranks[position] = rank
    return ranks


def pick(name: str, candidates: Sequence[Candidate]) -> int:
    """Return the position of the candidate that a validator puts first; of equals the earliest.

    Raises
    ------
    ValueError
        Where no candidate can be scored.

    Examples
    --------
    >>> sure, unsure = (Candidate(target_probabilities=np.array([[p, 1 - p]])) for p in (0.9, 0.6))
    >>> pick("entropy", [unsure, sure])
    1
    """
    values = rank_candidates(name, candidates)
    known = [(value, position) for position, value in enumerate(values) if value is not None]
    if not known:
        reason = score_candidate(name, candidates[0]).reason if candidates else "there is none"
        raise ValueError(f"{name!r} can score none of the {len(candidates)} candidates: {reason}.")
    sign = -1 if VALIDATORS[name].higher_is_better else 1
    return min(known, key=lambda pair: (sign * pair[0], pair[1]))[1]
