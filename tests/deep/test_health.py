import warnings

import numpy as np
import pytest
import torch
from sklearn.datasets import make_blobs
from torch import nn

from dacompare.deep import DANNClassifier, Network
from dacompare.deep.health import (
    DomainClassifierWarning,
    UnstableTrainingWarning,
    check_finite,
    domain_complaint,
    label_complaint,
)


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


# Recorded every 200 steps by a training on MNIST → MNIST-M that lost its features between steps 1,400 and 1,600.
DIVERGED = [3.286, 0.266, 0.05, 0.215, 0.226, 0.114, 0.088, 0.09, 2.059, 0.487, 0.1, 0.144]
HEALTHY = [4.354, 0.233, 0.112, 0.039, 0.045, 0.072, 0.189, 0.06, 0.026, 0.139, 0.112, 0.214]


def test_a_jump_of_the_label_loss_is_found_and_ordinary_noise_is_not():
    steps = [200 * k for k in range(len(HEALTHY))]
    jump = "the label loss jumped from 0.11 to 2.06 between step 1400 and 1600"
    assert label_complaint(steps, DIVERGED, 10) == jump
    assert label_complaint(steps, HEALTHY, 10) is None
    assert label_complaint(steps[:3], DIVERGED[:3], 10) is None


def test_a_training_that_diverged_on_the_way_says_so():
    X, y = make_blobs(300, centers=3, n_features=4, random_state=0)
    spike = {"at": 60}

    class Stumbling(nn.Linear):
        """Forgets everything once, as a network does whose step was too long."""

        def forward(self, rows):
            spike["at"] -= self.training
            if spike["at"] == 0:
                with torch.no_grad():
                    self.weight.mul_(-20.0)
            return super().forward(rows)

    network = Network(
        nn.Sequential(nn.Linear(4, 8), nn.ReLU()), nn.Sequential(Stumbling(8, 3)), nn.Sequential(nn.Linear(8, 1))
    )
    with pytest.warns(UnstableTrainingWarning, match=r"DANNClassifier diverged on the way: the label loss jumped"):
        DANNClassifier(network, max_steps=80, monitor_every=1, random_state=0).fit(X, y, X_target=X + 1)
