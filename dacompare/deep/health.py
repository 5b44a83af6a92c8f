"""Say in words when a training is not what it seems."""

import math
from collections.abc import Sequence
from statistics import median

from torch import Tensor, nn

# Half the loss of a guess, and ten times what was usual: a batch that is only hard does not reach both.
JUMP, SHARE_OF_CHANCE, RECORDS_BEFORE = 10.0, 0.5, 5


class DomainClassifierWarning(UserWarning):
    """The domain classifier does not learn, so the "adapted" network is not adapted.

    Give ``network=`` another domain classifier, or look at ``history_["domain_loss"]``.
    """


class UnstableTrainingWarning(UserWarning):
    """The training went wrong on the way, which the labels of the source alone can tell.

    What was learnt by then is lost; that later losses are small again does not bring it back. Lower
    ``learning_rate``, raise ``input_scale``, or set ``clip_gradient``.
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


def label_complaint(steps: Sequence[int], losses: Sequence[float], n_classes: int) -> str | None:
    """Say where a label loss that had been low jumped up, or None where it never did.

    Parameters
    ----------
    steps, losses : sequences of equal length
        What a training has recorded, in order; each loss is that of one batch.
    n_classes : int
        A guess has the loss log(n_classes).

    Examples
    --------
    >>> label_complaint([0, 200, 400, 600, 800, 1000, 1200], [2.3, 0.2, 0.1, 0.1, 0.1, 0.1, 2.1], 10)
    'the label loss jumped from 0.10 to 2.10 between step 1000 and 1200'
    >>> label_complaint([0, 200, 400, 600, 800, 1000, 1200], [2.3, 2.2, 2.3, 2.1, 2.3, 2.2, 2.3], 10) is None
    True
    """
    high = SHARE_OF_CHANCE * math.log(n_classes)
    for k in range(RECORDS_BEFORE, len(losses)):
        usual = median(losses[k - RECORDS_BEFORE : k])
        if losses[k] > high and losses[k] > JUMP * usual:
            return (
                f"the label loss jumped from {usual:.2f} to {losses[k]:.2f} between step {steps[k - 1]} and {steps[k]}"
            )
    return None
