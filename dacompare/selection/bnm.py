"""Measure by one norm how sure the target predictions are, and how many classes they use."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_array
from threadpoolctl import threadpool_limits

from dacompare.selection.candidate import Candidate, check_probabilities


def batch_nuclear_norm(probabilities: ArrayLike) -> float:
    """Return ‖P‖ₙ / √(n · n_classes), the nuclear norm divided by the largest that n ≥ n_classes rows can have.

    ‖P‖ₙ grows as √n where every row is repeated, so the quotient does not depend on how many rows there are.
    The paper divides by n, as all of its batches have one size.

    Parameters
    ----------
    probabilities : array-like of shape (n, n_classes)
        Each row sums to 1.

    Returns
    -------
    float
        Up to 1: every row sure of its class, all classes equally often. 1/√n_classes: every row sure of one
        and the same class. 1/n_classes, the least: no row knows anything. O(n · n_classes²).

    Raises
    ------
    ValueError
        Where a row does not sum to 1.

    References
    ----------
    Cui, Wang, Zhuo, Li, Huang & Tian 2020, Towards discriminability and diversity: batch nuclear-norm
    maximization under label insufficient situations, equation 12.

    Examples
    --------
    >>> batch_nuclear_norm([[1.0, 0.0], [0.0, 1.0]]), round(batch_nuclear_norm([[0.5, 0.5]] * 9), 12)
    (1.0, 0.5)
    """
    P = check_array(probabilities, dtype=np.float64, input_name="probabilities")
    check_probabilities("probabilities", P)
    # One BLAS thread: sums in another order would give other last digits.
    with threadpool_limits(1):
        norm = float(np.linalg.svd(P, compute_uv=False).sum() / np.sqrt(P.size))
    return min(norm, 1.0)  # rows that sum to 1 but for rounding


def bnm(candidate: Candidate) -> float:
    """Return the normalised nuclear norm of the target probabilities: 1 is best.

    Unlike entropy it does not like a model that puts every target row in one class. It does not know which
    class is which, and rewards equal shares even where the target's are not.

    Examples
    --------
    >>> bnm(Candidate(target_probabilities=np.eye(3)))
    1.0
    """
    assert candidate.target_probabilities is not None, "score_candidate has checked needs"
    return batch_nuclear_norm(candidate.target_probabilities)
