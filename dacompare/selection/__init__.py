"""Choose without target labels: scores that look at labelled source rows and unlabelled target rows only.

`VALIDATORS` lists them. None of them is sure to find the best: a report shows what each would have cost.
"""

from dacompare.selection.bnm import batch_nuclear_norm
from dacompare.selection.candidate import Candidate, CannotScore, Validator, ValidatorScore
from dacompare.selection.class_ami import cluster_agreement
from dacompare.selection.class_shares import class_share_warning
from dacompare.selection.density_ratio import log_density_ratio
from dacompare.selection.dev import dev_risk
from dacompare.selection.entropy import prediction_entropy
from dacompare.selection.iwv import importance_weighted_risk
from dacompare.selection.mixval import mixing_consistency
from dacompare.selection.paper import paper_refit, paper_scoring
from dacompare.selection.reverse import reverse_accuracy
from dacompare.selection.reverse_svm import reverse_svm_accuracy
from dacompare.selection.scorer import validator_scorer
from dacompare.selection.source_accuracy import source_test_accuracy
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
    "batch_nuclear_norm",
    "class_share_warning",
    "cluster_agreement",
    "dev_risk",
    "fit_temperature",
    "importance_weighted_risk",
    "log_density_ratio",
    "mixing_consistency",
    "paper_refit",
    "paper_scoring",
    "pick",
    "prediction_entropy",
    "rank_candidates",
    "rank_values",
    "reverse_accuracy",
    "reverse_svm_accuracy",
    "score_candidate",
    "source_test_accuracy",
    "svm_probabilities",
    "validator_scorer",
    "why_not",
]
