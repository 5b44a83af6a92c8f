import pytest
import torch
from torch import nn

from dacompare.deep.networks import NETWORKS, Network, initialise, mlp_network, mnist_network


@pytest.mark.parametrize(("side", "padding", "width"), [(28, "valid", 768), (32, "valid", 1200), (28, "same", 2352)])
def test_mnist_extractor_has_the_paper_s_width(side, padding, width):
    network = mnist_network((3, side, side), 10, padding=padding)
    assert network.feature_extractor(torch.zeros(1, 3, side, side)).shape == (1, width)


def test_mnist_network_has_the_paper_s_layers():
    network = mnist_network((3, 28, 28), 10)
    convolutions = [layer for layer in network.feature_extractor if isinstance(layer, nn.Conv2d)]
    assert [(c.in_channels, c.out_channels, c.kernel_size) for c in convolutions] == [
        (3, 32, (5, 5)),
        (32, 48, (5, 5)),
    ]
    dense = [layer for layer in network.label_predictor if isinstance(layer, nn.Linear)]
    assert [(d.in_features, d.out_features) for d in dense] == [(768, 100), (100, 100), (100, 10)]
    heads = [layer for layer in network.domain_classifier if isinstance(layer, nn.Linear)]
    assert [(d.in_features, d.out_features) for d in heads] == [(768, 100), (100, 1)]


def test_pooling_before_the_relu_changes_nothing():
    x = torch.randn(2, 3, 8, 8)
    assert torch.equal(nn.ReLU()(nn.MaxPool2d(2)(x)), nn.MaxPool2d(2)(nn.ReLU()(x)))


def test_scores_are_the_last_module_on_the_last_hidden_layer():
    for name, shape in {"mnist": (1, 28, 28), "mlp": (7,)}.items():
        network, batch = NETWORKS[name](shape, 4).eval(), torch.randn(3, *shape)
        assert torch.equal(network.label_predictor[-1](network.last_hidden(batch)), network(batch))
        assert network.domain_logit(batch).shape == (3,)


def test_feature_vectors_are_refused_by_the_convolutional_network():
    with pytest.raises(ValueError, match="at least 16 x 16.*'mlp'"):
        mnist_network((20,), 10)


def test_a_label_predictor_must_be_a_sequence():
    with pytest.raises(TypeError, match=r"torch\.nn\.Sequential.*Linear"):
        Network(nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 1))


def test_unknown_choices_name_the_nearest():
    with pytest.raises(ValueError, match="padding must be one of.*did you mean 'same'"):
        mnist_network((3, 28, 28), 10, padding="sam")
    with pytest.raises(ValueError, match="init must be one of.*did you mean 'kaiming'"):
        initialise(nn.Linear(2, 2), "kaimin")


def test_dropout_sits_in_front_of_each_hidden_layer():
    assert sum(isinstance(layer, nn.Dropout) for layer in mnist_network((3, 28, 28), 10, dropout=0.5).modules()) == 2
    assert sum(isinstance(layer, nn.Dropout) for layer in mlp_network((5,), 2, dropout=0.5).modules()) == 1


def test_kaiming_draws_the_spread_that_keeps_relu_activations():
    layer = nn.Linear(1000, 200)
    torch.manual_seed(0)
    initialise(layer, "kaiming")
    assert layer.weight.std().item() == pytest.approx((2 / 1000) ** 0.5, rel=0.02)
    assert layer.bias.abs().max().item() == 0
