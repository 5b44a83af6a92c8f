"""Let the learning rate and the adaptation factor follow the progress of training."""

import math


def adaptation_factor(progress: float, gamma: float = 10.0) -> float:
    """Return λ_p = 2 / (1 + exp(−γ p)) − 1, the strength of the gradient reversal.

    It starts at 0, so that the domain classifier's noise of the first steps does not reach the features, and ends
    close to 1.

    Parameters
    ----------
    progress : float in [0, 1]
        Share of the training steps already taken, p.
    gamma : float
        How fast the factor rises; the paper uses 10 and never tuned it.

    References
    ----------
    Ganin & Lempitsky 2015, equation (14).

    Examples
    --------
    >>> [round(adaptation_factor(p), 3) for p in (0.0, 0.1, 0.5, 1.0)]
    [0.0, 0.462, 0.987, 1.0]
    """
    return 2.0 / (1.0 + math.exp(-gamma * progress)) - 1.0


def learning_rate(progress: float, initial: float = 0.01, *, alpha: float = 10.0, beta: float = 0.75) -> float:
    """Return μ_p = μ_0 / (1 + α p)^β, the annealed learning rate.

    Parameters
    ----------
    progress : float in [0, 1]
        Share of the training steps already taken, p.
    initial : float
        μ_0, the rate at the first step.
    alpha, beta : float
        The shape of the decay; 10 and 0.75 in the paper, tuned there for a low error on the *source*.

    References
    ----------
    Ganin & Lempitsky 2015, equation (13).

    Examples
    --------
    >>> [round(learning_rate(p), 5) for p in (0.0, 0.5, 1.0)]
    [0.01, 0.00261, 0.00166]
    """
    return initial / (1.0 + alpha * progress) ** beta
