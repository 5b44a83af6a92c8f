"""The weights move as torch's own optimiser moves them."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from dacompare.deep.momentum import MomentumDescent


def _network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3))


def _loss(network, step):
    rows = torch.randn(8, 5, generator=torch.Generator().manual_seed(step))
    # The last layer has no gradient at first: a parameter without one stays where it is.
    return (network[0](rows) if step < 3 else network(rows)).square().sum()


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("weight_decay", [0.0, 0.01])
@pytest.mark.parametrize("foreach", [False, True])  # how torch does it on a processor, and on a GPU
def test_steps_are_those_of_torch_to_the_last_bit(momentum, weight_decay, foreach, monkeypatch):
    steps = sys.modules["torch.optim.sgd"]
    monkeypatch.setattr(steps, "_default_to_fused_or_foreach", lambda *_, **__: (False, foreach))
    ours, theirs = _network(), _network()
    descent = MomentumDescent(ours, momentum, weight_decay)
    optimiser = torch.optim.SGD(theirs.parameters(), lr=1.0, momentum=momentum, weight_decay=weight_decay)
    for step in range(10):
        rate = 0.01 / (1 + step)
        optimiser.param_groups[0]["lr"] = rate
        for network in (ours, theirs):
            _loss(network, step).backward()
        descent.step(rate)
        optimiser.step()
        optimiser.zero_grad()
        assert all(parameter.grad is None for parameter in ours.parameters())
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert torch.equal(a, b)
    kept = {name: optimiser.state[p].get("momentum_buffer") for name, p in theirs.named_parameters()}
    assert set(descent.velocity) == {name for name, value in kept.items() if value is not None}
    assert all(torch.equal(value, kept[name]) for name, value in descent.velocity.items())


def test_training_does_not_import_torch_s_compiler():
    """It would take one to two seconds of every process that trains a network."""
    code = """
import sys
import numpy as np
from dacompare import DANNClassifier
X = np.random.default_rng(0).normal(size=(40, 3))
DANNClassifier(max_steps=2).fit(X, np.arange(40) % 2, X_target=X)
assert "torch._dynamo" not in sys.modules
"""
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code]).returncode == 0
