import warnings

import numpy as np
import pytest
import torch
from sklearn.datasets import make_blobs
from torch import nn

from dacompare.deep import DANNClassifier, Network
from dacompare.deep.health import DomainClassifierWarning, check_finite, domain_complaint


class ConstantDomain(nn.Module):
    """A softmax over a single logit is always 1: the domain classifier of a popular library's default."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(8, 1)

    def forward(self, features):
        return torch.softmax(self.layer(features), dim=1)


def _network(domain_classifier):
    return Network(nn.Sequential(nn.Linear(2, 8), nn.ReLU()), nn.Sequential(nn.Linear(8, 3)), domain_classifier)


def test_a_constant_domain_classifier_is_named():
    X, y = make_blobs(100, centers=3, random_state=0)
    with pytest.warns(DomainClassifierWarning, match="no gradient at all, so DANNClassifier did not adapt"):
        DANNClassifier(_network(ConstantDomain()), max_steps=5, random_state=0).fit(X, y, X_target=X + 1)


def test_a_living_domain_classifier_is_left_in_peace():
    X, y = make_blobs(200, centers=3, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dann = DANNClassifier(_network(nn.Linear(8, 1)), max_steps=50, random_state=0).fit(X, y, X_target=X + 1)
    assert 0.3 < dann.history_["domain_loss"][-1] < 1.0


def test_a_dead_hidden_layer_is_a_collapse():
    assert "collapsed" in domain_complaint(torch.full((8,), 0.2), 0.5)


def test_divergence_is_an_error_in_words():
    X, y = make_blobs(200, centers=3, random_state=0)
    with pytest.raises(
        FloatingPointError,
        match=r"is (nan|inf) at step \d+ of 200: training has diverged. Lower learning_rate",
    ):
        DANNClassifier(learning_rate=1e9, max_steps=200, random_state=0).fit(X, y, X_target=X)


def test_finite_losses_pass():
    assert check_finite("label loss", 1.0, 0, 10, 0.01) is None
    with pytest.raises(FloatingPointError, match="clip_gradient"):
        check_finite("label loss", np.inf, 3, 10, 0.01)
