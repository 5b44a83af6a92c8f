"""Pass features on unchanged and send their gradient back reversed."""

import torch
from torch import Tensor, nn


class _Reversal(torch.autograd.Function):
    """The pseudo-function R_λ: R(x) = x, dR/dx = −λ I."""

    @staticmethod
    def forward(context, features: Tensor, factor: float) -> Tensor:  # type: ignore[no-untyped-def]
        context.factor = factor
        # A view, not the tensor itself: autograd must see a new node.
        return features.view_as(features)

    @staticmethod
    def backward(context, gradient: Tensor) -> tuple[Tensor, None]:  # type: ignore[no-untyped-def]
        return gradient * -context.factor, None


def reverse_gradient(features: Tensor, factor: float) -> Tensor:
    """Return the same features, whose gradient will come back times −`factor`.

    Parameters
    ----------
    features : Tensor of any shape
        What goes into the domain classifier.
    factor : float
        λ; 0 stops the gradient, 1 reverses it in full. It acts on what lies *below* only: the domain classifier
        above is trained with its whole gradient.

    References
    ----------
    Ganin & Lempitsky 2015, equations (7) and (8).

    Examples
    --------
    >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> (reverse_gradient(x, 0.5) * 3).sum().backward()
    >>> x.grad
    tensor([-1.5000, -1.5000])
    """
    return _Reversal.apply(features, float(factor))


class GradientReversal(nn.Module):
    """The gradient reversal as a layer, for networks that users assemble themselves.

    Parameters
    ----------
    factor : float
        λ; set the attribute `factor` anew during training to follow a schedule.

    Examples
    --------
    >>> layer = GradientReversal(factor=1.0)
    >>> layer(torch.ones(2))
    tensor([1., 1.])
    """

    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, features: Tensor) -> Tensor:
        """Return `features` unchanged."""
        return reverse_gradient(features, self.factor)

    def extra_repr(self) -> str:
        """Show the factor when the network is printed."""
        return f"factor={self.factor}"
