"""Train and judge a linear SVM at each dimension of an aligned space."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from dacompare.selection.temperature import fit_temperature, svm_probabilities
from dacompare.selection.validators import Candidate, score_candidate
from dacompare.shallow.linear_svm import linear_svm

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Projected:
    """Rows on all principal directions of their own domain; the first d columns are those of dimension d.

    Parameters
    ----------
    source : ndarray of shape (n_source, n_directions)
        (X_s − μ_s) P_s, not yet aligned.
    y : ndarray of shape (n_source,)
        Labels of the source.
    target : ndarray of shape (n_target, n_directions)
        (X_t − μ_t) P_t.
    source_test, y_test : ndarrays, optional
        Held-out source rows and labels, for validators only.
    """

    source: Floats
    y: NDArray[Any]
    target: Floats
    source_test: Floats | None = None
    y_test: NDArray[Any] | None = None


def train_dimensions(
    projected: Projected,
    alignment: Floats,
    dimensions: Sequence[int] | NDArray[np.int64],
    validators: Sequence[str],
    C: float,
    n_jobs: int | None,
    random_state: int | None,
) -> tuple[list[LinearSVC], dict[str, Floats]]:
    """Train a linear SVM at each dimension, and score it by each validator.

    Parameters
    ----------
    projected : Projected
    alignment : ndarray of shape (n_directions, n_directions)
        P_sᵀ P_t; its corner aligns fewer directions.
    dimensions : sequence of int
        Each from 1 to n_directions.
    validators : sequence of str
        Keys of `VALIDATORS` that score a candidate by itself.
    C, random_state
        Of every SVM.
    n_jobs : int or None
        Dimensions side by side; the result does not depend on it.

    Returns
    -------
    classifiers : list of LinearSVC
    scores : dict of str -> ndarray of shape (n_dimensions,)

    Examples
    --------
    >>> Z, y = np.array([[0.0, 1.0], [2.0, 0.0]]), np.array([0, 1])
    >>> svms, scores = train_dimensions(Projected(Z, y, Z), np.eye(2), [1, 2], (), 1.0, None, 0)
    >>> [svm.n_features_in_ for svm in svms], scores
    ([1, 2], {})
    """
    done = Parallel(n_jobs=n_jobs)(
        delayed(_train_one)(projected, alignment[:d, :d], validators, C, random_state) for d in map(int, dimensions)
    )
    scores = {name: np.array([own[name] for _, own in done]) for name in validators}
    return [svm for svm, _ in done], scores


def _train_one(
    projected: Projected, alignment: Floats, validators: Sequence[str], C: float, random_state: int | None
) -> tuple[LinearSVC, dict[str, float | None]]:
    """Train and judge the SVM of one dimension."""
    d = len(alignment)
    # One BLAS thread: small matrices gain nothing from two, and the sums come out the same for any n_jobs.
    with threadpool_limits(1):
        svm = linear_svm(C, random_state).fit(projected.source[:, :d] @ alignment, projected.y)
        if not validators:
            return svm, {}
        assert projected.source_test is not None, "validators always come with held-out rows"
        test, target = projected.source_test[:, :d] @ alignment, projected.target[:, :d]
        candidate = Candidate(
            y_source_test=projected.y_test,
            source_test_predictions=svm.predict(test),
            source_test_features=test,
            target_features=target,
            target_predictions=svm.predict(target),
            target_probabilities=_probabilities(svm, test, projected.y_test, target)
            if "entropy" in validators
            else None,
        )
        return svm, {name: score_candidate(name, candidate).value for name in validators}


def _probabilities(svm: LinearSVC, test: Floats, y_test: Any, target: Floats) -> Floats:
    temperature = fit_temperature(svm.decision_function(test), y_test, classes=svm.classes_)
    return svm_probabilities(svm.decision_function(target), temperature)
