"""Adapt features by classical methods: arrays in, arrays out.

One method per file, the paper's formula as a function first, the estimator that remembers what was learned second.
Estimators take the target in ``fit(X, y, X_target=...)``; without it there is no adaptation.
"""

from dacompare.shallow.linear_svm import CLASSIFIERS, linear_svm, rms_row_norm, shared_classifier
from dacompare.shallow.raw_features import RawFeatures
from dacompare.shallow.subspace_alignment import SubspaceAlignment, subspace_alignment
from dacompare.shallow.subspace_sweep import SubspaceSweep, subspace_sweep

__all__ = [
    "CLASSIFIERS",
    "RawFeatures",
    "SubspaceAlignment",
    "SubspaceSweep",
    "linear_svm",
    "rms_row_norm",
    "shared_classifier",
    "subspace_alignment",
    "subspace_sweep",
]
