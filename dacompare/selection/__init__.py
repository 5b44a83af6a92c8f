"""Choose without target labels: scores that look at labelled source rows and unlabelled target rows only.

`VALIDATORS` lists them. None of them is sure to find the best: a report shows what each would have cost.
"""

from dacompare.selection.candidate import Candidate, CannotScore, Validator, ValidatorScore
from dacompare.selection.class_shares import class_share_warning
from dacompare.selection.scorer import validator_scorer
from dacompare.selection.temperature import fit_temperature, svm_probabilities
from dacompare.selection.validators import (
    VALIDATORS,
    pick,
    rank_candidates,
    rank_values,
    score_candidate,
    why_not,
)

__all__ = [
    "VALIDATORS",
    "Candidate",
    "CannotScore",
    "Validator",
    "ValidatorScore",
    "class_share_warning",
    "fit_temperature",
    "pick",
    "rank_candidates",
    "rank_values",
    "score_candidate",
    "svm_probabilities",
    "validator_scorer",
    "why_not",
]
