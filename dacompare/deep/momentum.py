"""Move the weights of a network along their gradients, with momentum."""

import torch
from torch import Tensor, nn
from torch.optim.sgd import sgd


class MomentumDescent:
    """Stochastic gradient descent with momentum: torch's own step, without torch's optimiser around it.

    To make a ``torch.optim.SGD`` imports torch's compiler, one to two seconds in every process that trains a network,
    and its bookkeeping is a tenth of a step where networks are small. The numbers are the same.

    Parameters
    ----------
    network : nn.Module
        Whose parameters move.
    momentum : float
        In [0, 1).
    weight_decay : float
        Added to the gradient, times the weight.

    Attributes
    ----------
    velocity : dict of str to Tensor
        What momentum has gathered, by the name of the parameter; empty before the first step and without momentum.

    Examples
    --------
    >>> network = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.ones_(network.weight)
    >>> descent = MomentumDescent(network, momentum=0.9, weight_decay=0.0)
    >>> for _ in range(2):
    ...     network(torch.ones(1)).sum().backward()
    ...     descent.step(0.1)
    >>> round(network.weight.item(), 4), round(descent.velocity["weight"].item(), 4)  # 1 − 0.1·1 − 0.1·1.9
    (0.71, 1.9)
    """

    def __init__(self, network: nn.Module, momentum: float, weight_decay: float) -> None:
        self._parameters = dict(network.named_parameters())
        self._momentum, self._weight_decay = momentum, weight_decay
        self.velocity: dict[str, Tensor] = {}

    def step(self, learning_rate: float) -> None:
        """Move every parameter that has a gradient, and forget the gradient.

        Parameters
        ----------
        learning_rate : float
            Of this step.
        """
        names: list[str] = []
        moving: list[Tensor] = []
        gradients: list[Tensor] = []
        for name, parameter in self._parameters.items():
            if parameter.grad is not None:
                names.append(name)
                moving.append(parameter)
                gradients.append(parameter.grad)
        gathered = [self.velocity.get(name) for name in names]
        with torch.no_grad():
            sgd(
                moving,
                gradients,
                gathered,  # filled where there is nothing yet
                weight_decay=self._weight_decay,
                momentum=self._momentum,
                lr=learning_rate,
                dampening=0.0,
                nesterov=False,
                maximize=False,
            )
        for moved in moving:
            moved.grad = None
        self.velocity.update({name: value for name, value in zip(names, gathered, strict=True) if value is not None})
