import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dacompare.deep import GradientReversal, Network, reverse_gradient
from dacompare.deep.inputs import InputScaling
from dacompare.deep.training import Plan, Streams, TrainingData, train


@pytest.mark.parametrize("factor", [0.0, 0.3, 1.0, 2.5])
def test_gradient_is_minus_factor_times_the_finite_difference(factor):
    x = torch.tensor([0.3, -1.2, 2.0], dtype=torch.float64, requires_grad=True)

    def above(z):
        return (z**3 + torch.sin(z)).sum()

    above(reverse_gradient(x, factor)).backward()
    step = 1e-6
    for k in range(3):
        shift = torch.zeros(3, dtype=torch.float64)
        shift[k] = step
        with torch.no_grad():
            slope = (above(x + shift) - above(x - shift)) / (2 * step)
        assert x.grad[k].item() == pytest.approx(-factor * slope.item(), abs=1e-7)


def test_features_pass_unchanged_and_the_layer_agrees_with_the_function():
    x = torch.randn(4, 3)
    assert torch.equal(GradientReversal(0.7)(x), x)
    assert "0.7" in repr(GradientReversal(0.7))


def test_what_lies_above_keeps_its_whole_gradient():
    weights = torch.tensor([2.0], requires_grad=True)
    x = torch.tensor([3.0], requires_grad=True)
    (reverse_gradient(x, 0.1) * weights).sum().backward()
    assert weights.grad.item() == 3.0
    assert x.grad.item() == pytest.approx(-0.2)


def test_one_step_makes_the_updates_4_to_6_computed_by_hand():
    """Scalars all along: f = a x, two class scores (b f, 0), domain logit c f; one row a domain."""
    a, b, c, x_source, x_target, factor, rate = 0.5, 0.8, -0.3, 2.0, -1.0, 0.25, 0.1
    extractor, predictor, domain = (
        nn.Linear(1, 1, bias=False),
        nn.Linear(1, 2, bias=False),
        nn.Linear(1, 1, bias=False),
    )
    with torch.no_grad():
        extractor.weight.fill_(a)
        predictor.weight.copy_(torch.tensor([[b], [0.0]]))
        domain.weight.fill_(c)
    network = Network(extractor, nn.Sequential(predictor), domain)
    scaling = InputScaling(1.0, torch.zeros(1).numpy())
    data = TrainingData(torch.tensor([[x_source]]), torch.tensor([0]), torch.tensor([[x_target]]), scaling)
    plan = Plan(1, 2, rate, "constant", 0.0, 0.0, 0.0, "float32", 1, adaptation_factor=factor)
    train(network, data, plan, Streams.from_seed(0), lambda step, measured: None)

    def sigmoid(z):
        return 1 / (1 + torch.exp(torch.tensor(-z))).item()

    f_source, f_target = a * x_source, a * x_target
    label_slope = sigmoid(b * f_source) - 1  # dL_y / d(b f), for class 0
    source_slope = (sigmoid(c * f_source) - 0) / 2  # mean of two rows; source is 0
    target_slope = (sigmoid(c * f_target) - 1) / 2
    grad_b = label_slope * f_source
    grad_c = source_slope * f_source + target_slope * f_target
    from_labels = label_slope * b * x_source
    from_domains = source_slope * c * x_source + target_slope * c * x_target
    assert predictor.weight[0, 0].item() == pytest.approx(b - rate * grad_b, abs=1e-6)  # equation (5)
    assert domain.weight.item() == pytest.approx(c - rate * grad_c, abs=1e-6)  # equation (6)
    assert extractor.weight.item() == pytest.approx(a - rate * (from_labels - factor * from_domains), abs=1e-6)  # (4)


def test_the_domain_loss_is_the_mean_over_all_rows():
    logits, is_target = torch.tensor([0.0, 0.0]), torch.tensor([0.0, 1.0])
    assert F.binary_cross_entropy_with_logits(logits, is_target).item() == pytest.approx(0.6931, abs=1e-4)
