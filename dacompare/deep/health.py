"""Say in words when a training is not what it seems."""

import math

from torch import Tensor, nn


class DomainClassifierWarning(UserWarning):
    """The domain classifier does not learn, so the "adapted" network is not adapted.

    Give ``network=`` another domain classifier, or look at ``history_["domain_loss"]``.
    """


def check_finite(name: str, value: float, step: int, steps: int, rate: float) -> None:
    """Raise where a loss is no number any more.

    Raises
    ------
    FloatingPointError
        Naming the loss, the step and what to change.
    """
    if not math.isfinite(value):
        raise FloatingPointError(
            f"{name} is {value} at step {step} of {steps}: training has diverged. Lower learning_rate "
            f"(now {rate:g} at this step), or set clip_gradient, for example to 1.0"
        )


def gradient_norm(part: nn.Module) -> float:
    """Return the Euclidean norm of all gradients in `part`."""
    squares = [float(p.grad.square().sum()) for p in part.parameters() if p.grad is not None]
    return math.sqrt(sum(squares))


def domain_complaint(logits: Tensor, norm: float) -> str | None:
    """Say what is wrong with a domain classifier, or None where it works.

    Parameters
    ----------
    logits : Tensor, (rows,)
        Its output on one mixed batch.
    norm : float
        The norm of its own gradient in that step.

    Examples
    --------
    >>> import torch
    >>> domain_complaint(torch.tensor([0.3, -0.2]), 0.1) is None
    True
    >>> domain_complaint(torch.ones(4), 0.0)
    'The domain classifier receives no gradient at all'
    """
    if norm == 0.0:
        return "The domain classifier receives no gradient at all"
    if len(logits) > 1 and bool((logits == logits[0]).all()):
        return "The domain classifier has collapsed: it gives every row the same output"
    return None
