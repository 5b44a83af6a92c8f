"""Weigh the errors on source test rows by how likely each row is in the target."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from dacompare.selection.candidate import Candidate, check_usable
from dacompare.selection.density_ratio import source_test_log_ratios


def importance_weighted_risk(losses: ArrayLike, log_weights: ArrayLike) -> float:
    """Return Σ wᵢ ℓᵢ / Σ wᵢ, the self-normalised estimate of the target risk from source rows.

    The plain mean of w ℓ has no bias where w is the true density ratio, and can leave the range of the losses
    where it is not: a candidate whose weights are all tiny would look perfect. Divided by the sum of the
    weights it stays within that range, ignores a constant factor in w, and has a bias that falls with 1/n.

    Parameters
    ----------
    losses : array-like of shape (n,)
        Of each source test row: 1 for an error, 0 for none.
    log_weights : array-like of shape (n,)
        Finite; logarithms, so that weights that are all tiny still have their proportions.

    Returns
    -------
    float
        Between the smallest and the largest loss; smaller is better.

    Raises
    ------
    ValueError
        Where there is no row, not a weight for each loss, or a number that is not finite.

    References
    ----------
    Sugiyama, Krauledat & Müller 2007, Covariate shift adaptation by importance weighted cross validation; they
    divide by n, not by Σ w. For that: Owen 2013, Monte Carlo theory, methods and examples, section 9.2.

    Examples
    --------
    >>> round(importance_weighted_risk([1, 0], np.log([3.0, 1.0])), 12)
    0.75
    """
    loss, logs = check_losses(losses, log_weights)
    return float(softmax(logs) @ loss)


def check_losses(losses: ArrayLike, log_weights: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a loss and the logarithm of a weight for each row as arrays, or say why they are none.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> check_losses([True, False], [0, 1])
    (array([1., 0.]), array([0., 1.]))
    """
    loss, logs = np.asarray(losses, np.float64), np.asarray(log_weights, np.float64)
    if loss.ndim != 1 or loss.shape != logs.shape:
        raise ValueError(
            "losses and log_weights must each hold one number for each source test row, shape (n,), got shapes"
            f" {loss.shape} and {logs.shape}."
        )
    check_usable(losses=loss, log_weights=logs)
    return loss, logs


def iwv(candidate: Candidate) -> float:
    """Return the importance-weighted error on source test rows: 0 is best.

    It is an estimate of the target error under covariate shift: where labels depend on the features in one
    way in both domains, and no part of the target is empty in the source. Adversarial features need keep
    neither. Where the domains can be told apart by a line, a handful of rows carry all the weight; where their
    means agree, as after any alignment that centres both, a line sees no difference, all weights are about 1,
    and this is the plain source error.

    Examples
    --------
    >>> y, Z = np.array([0, 1]), np.zeros((2, 1))
    >>> iwv(Candidate(y, np.array([0, 0]), source_test_features=Z, target_features=Z))
    0.5
    """
    errors = candidate.source_test_predictions != candidate.y_source_test
    return importance_weighted_risk(errors, source_test_log_ratios(candidate))
