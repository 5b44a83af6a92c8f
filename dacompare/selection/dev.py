"""Steady the importance-weighted error by what is known of the weights: that their mean is 1."""

import numpy as np
from numpy.typing import ArrayLike

from dacompare.selection.candidate import Candidate
from dacompare.selection.density_ratio import source_test_log_ratios
from dacompare.selection.iwv import check_losses

# Weights beyond e^50 would only overflow: one such row outweighs any number of others already.
LARGEST_LOG_WEIGHT = 50.0
# Weights closer to each other than this may differ by what the solver of the logistic regression leaves alone.
EQUAL_LOG_WEIGHTS = 1e-6


def dev_risk(losses: ArrayLike, log_weights: ArrayLike) -> float:
    """Return mean(w ℓ) + η mean(w) − η with η = −cov(w ℓ, w) / var(w), the control variate of least variance.

    Where all weights are equal, η is not defined. The mean of density ratios over the source is 1, so equal
    weights are 1, and the risk is the plain mean of the losses.

    Parameters
    ----------
    losses : array-like of shape (n,)
        Of each source test row: 1 for an error, 0 for none.
    log_weights : array-like of shape (n,)
        Logarithms of the density ratios; finite, those above 50 count as 50.

    Returns
    -------
    float
        Finite; smaller is better. Unlike a true risk it can fall below 0 or exceed the largest loss.

    Raises
    ------
    ValueError
        Where there is no row, not a weight for each loss, or a number that is not finite.

    References
    ----------
    You, Wang, Long & Jordan 2019, Towards accurate model selection in deep unsupervised domain adaptation.

    Examples
    --------
    >>> dev_risk([1, 0], [0.0, 0.0])
    0.5
    >>> round(dev_risk([1, 1, 1, 0], np.log([3.0, 2.0, 1.0, 1.0])), 4)  # mean(w ℓ) alone would be 1.5
    0.5455
    """
    loss, logs = check_losses(losses, log_weights)
    logs = np.minimum(logs, LARGEST_LOG_WEIGHT)
    if np.ptp(logs) <= EQUAL_LOG_WEIGHTS:
        return float(loss.mean())
    # A constant taken off every loss comes off the risk: that of the heaviest row, whose weight would otherwise stand
    # in both terms, where it cancels and takes all digits with it.
    heaviest = loss[logs.argmax()]
    loss = loss - heaviest
    # η does not depend on the scale of w, so weights that would underflow are first brought to at most 1.
    scale = np.exp(logs.max())
    weights = np.exp(logs - logs.max())
    spread = weights - weights.mean()
    eta = -float((weights * loss) @ spread / (spread @ spread))
    return float(heaviest + scale * (weights * loss).mean() + eta * (scale * weights.mean() - 1))


def dev(candidate: Candidate) -> float:
    """Return the deep embedded validation risk on source test rows: smaller is better.

    The loss is the 0/1 error, the weights come from a logistic regression on the candidate's features. What
    `iwv` assumes, this assumes too; and where few rows carry the weights, the control variate extrapolates.

    Examples
    --------
    >>> y, Z = np.array([0, 1]), np.zeros((2, 1))
    >>> dev(Candidate(y, np.array([0, 0]), source_test_features=Z, target_features=Z))
    0.5
    """
    errors = candidate.source_test_predictions != candidate.y_source_test
    return dev_risk(errors, source_test_log_ratios(candidate))
