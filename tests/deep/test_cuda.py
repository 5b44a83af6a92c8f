"""What holds on a GPU. The other tests of this folder run on it too where there is one: "auto" takes it."""

import os

import numpy as np
import pytest
import torch

from dacompare.deep import Checkpoint, DANNClassifier, SourceOnlyClassifier
from dacompare.deep.arithmetic import repeatable

pytestmark = pytest.mark.gpu
if not torch.cuda.is_available() and os.environ.get("DACOMPARE_GPU") != "1":
    pytest.skip("torch sees no GPU", allow_module_level=True)


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (200, 28, 28, 3), dtype=np.uint8)
    return X, np.arange(200) % 4, rng.integers(0, 256, (150, 28, 28, 3), dtype=np.uint8)


def _fit(images, cls=DANNClassifier, **changes):
    X, y, X_target = images
    options = {"device": "cuda", "max_steps": 20, "monitor_every": 1, "random_state": 0, "network": "mnist"}
    return cls(**{**options, **changes}).fit(X, y, X_target=X_target)


def _settings():
    cudnn = torch.backends.cudnn
    return cudnn.deterministic, getattr(getattr(cudnn, "conv", None), "fp32_precision", None)


def _weights(estimator):
    return {name: value.cpu() for name, value in estimator.network_.state_dict().items()}


def _same(one, other):
    return all(torch.equal(value, _weights(other)[name]) for name, value in _weights(one).items())


@pytest.mark.parametrize("network", ["mnist", "mlp"])
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_the_same_seed_gives_the_same_bits(network, precision, images):
    if network == "mlp":
        images = (images[0].reshape(200, -1)[:, :50] / 255.0, images[1], images[2].reshape(150, -1)[:, :50] / 255.0)
    one, other = (_fit(images, network=network, precision=precision) for _ in range(2))
    assert next(one.network_.parameters()).is_cuda
    assert one.history_ == other.history_
    assert _same(one, other)


def test_a_gpu_trains_as_a_processor_does(images):
    here, there = (_fit(images, device=device, max_steps=5) for device in ("cpu", "cuda"))
    for key in ("label_loss", "domain_loss"):
        # From the same weights and rows; what the two round differently grows with the steps.
        np.testing.assert_allclose(here.history_[key][0], there.history_[key][0], rtol=1e-5)
        np.testing.assert_allclose(here.history_[key], there.history_[key], rtol=1e-3)
    assert here.history_["adaptation_factor"] == there.history_["adaptation_factor"]


def test_without_reversal_dann_is_source_only_to_the_last_bit(images):
    dann, plain = _fit(images, adaptation_factor=0.0), _fit(images, cls=SourceOnlyClassifier)
    parts = ("feature_extractor", "label_predictor")
    others = _weights(plain)
    assert all(torch.equal(v, others[name]) for name, v in _weights(dann).items() if name.startswith(parts))


def test_features_and_scores_come_back_as_float32_arrays_near_those_of_a_processor(images, tmp_path):
    fitted = _fit(images)
    fitted.save(tmp_path / "net")
    assert next(DANNClassifier.load(tmp_path / "net").network_.parameters()).is_cuda
    fitted.set_params(device="cpu").save(tmp_path / "net")
    here = DANNClassifier.load(tmp_path / "net")
    assert not next(here.network_.parameters()).is_cuda
    for get in (lambda e: e.transform(images[2]), lambda e: e.predict_proba(images[2])):
        assert type(get(fitted)) is np.ndarray
        assert get(fitted).dtype == get(here).dtype
        np.testing.assert_allclose(get(fitted), get(here), rtol=1e-4, atol=1e-5)


def test_a_training_that_was_stopped_ends_in_the_same_bits(images, tmp_path):
    class Stopped(Exception):
        pass

    def stop(step, estimator):
        if step == 13:
            raise Stopped
        return {}

    options = {"network_options": {"dropout": 0.3}, "max_steps": 20}
    whole = _fit(images, **options)
    checkpoint = Checkpoint(tmp_path / "state", every=5)
    X, y, X_target = images
    again = DANNClassifier(device="cuda", network="mnist", monitor_every=1, random_state=0, **options)
    with pytest.raises(Stopped):
        again.fit(X, y, X_target=X_target, monitor=stop, checkpoint=checkpoint)
    again.fit(X, y, X_target=X_target, checkpoint=checkpoint)
    assert checkpoint.seconds_before > 0
    assert _same(whole, again)


def test_the_caller_s_random_stream_and_settings_are_left_alone(images):
    before = torch.cuda.get_rng_state(), _settings()
    _fit(images, network_options={"dropout": 0.5}).predict(images[0])
    assert torch.equal(torch.cuda.get_rng_state(), before[0])
    assert _settings() == before[1]


def test_float32_convolutions_are_not_rounded_to_ten_bits():
    generator = torch.Generator().manual_seed(0)
    images, kernel = (torch.randn(shape, generator=generator) for shape in ((8, 64, 16, 16), (64, 64, 5, 5)))
    exact = torch.nn.functional.conv2d(images.double(), kernel.double())
    device = torch.device("cuda")
    with repeatable(device):
        there = torch.nn.functional.conv2d(images.to(device), kernel.to(device)).cpu()
    rounded = torch.nn.functional.conv2d(images.to(device), kernel.to(device)).cpu()
    error, of_rounded = (float((value - exact).abs().max() / exact.abs().max()) for value in (there, rounded))
    assert error < 1e-5
    assert of_rounded > 10 * error


def test_auto_takes_the_gpu(images):
    assert next(_fit(images, device="auto", max_steps=2).network_.parameters()).is_cuda
