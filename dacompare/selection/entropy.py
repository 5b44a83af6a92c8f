"""Measure how sure the target predictions are."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr
from sklearn.utils import check_array

from dacompare.selection.candidate import Candidate, check_probabilities


def prediction_entropy(probabilities: ArrayLike) -> float:
    """Return the mean over rows of −Σ pₖ log pₖ, in nats; a class without probability adds nothing.

    Parameters
    ----------
    probabilities : array-like of shape (n, n_classes)
        Each row sums to 1.

    Returns
    -------
    float
        From 0, every row sure of its class, to log(n_classes), no row knows anything. O(n · n_classes).

    Raises
    ------
    ValueError
        Where a row does not sum to 1, or there is none.

    References
    ----------
    Morerio, Cavazza & Murino 2018, Minimal-entropy correlation alignment, section 3.

    Examples
    --------
    >>> prediction_entropy([[1.0, 0.0], [0.0, 1.0]]), round(prediction_entropy([[1.0, 0.0], [0.5, 0.5]]), 4)
    (0.0, 0.3466)
    """
    P = check_array(probabilities, dtype=(np.float64, np.float32), input_name="probabilities")
    check_probabilities("probabilities", P)
    # Rounding errors: one below 0 would count as −∞, one above 1 as less than nothing.
    return float(entr(np.clip(P, 0, 1)).sum(axis=1).mean())


def entropy(candidate: Candidate) -> float:
    """Return the mean entropy of the target probabilities, in nats: 0 is surest, log(n_classes) knows nothing.

    A model that puts every target row in one class is sure, too.

    Examples
    --------
    >>> round(entropy(Candidate(target_probabilities=np.array([[0.5, 0.5]]))), 4)
    0.6931
    """
    assert candidate.target_probabilities is not None, "score_candidate has checked needs"
    return prediction_entropy(candidate.target_probabilities)
