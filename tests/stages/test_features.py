import numpy as np
import pytest

from dacompare.domains import Domain, Transfer
from dacompare.stages.features import Features, pixel_features, scaled


@pytest.fixture
def features(rng):
    return Features(rng.normal(2, 3, (50, 4)), rng.normal(5, 1, (40, 4)), rng.normal(2, 3, (9, 4)))


def test_features_survive_a_file(features, tmp_path):
    features.save(tmp_path / "f.npz")
    again = Features.load(tmp_path / "f.npz")
    assert np.array_equal(again.source_test, features.source_test)
    assert again.target_test is None
    assert again.target_evaluation is again.target


def test_rms_scaling_divides_everything_by_one_number_of_the_source(features):
    small = scaled(features, "rms")
    assert np.sqrt((small.source**2).sum(axis=1).mean()) == pytest.approx(1.0)
    ratio = features.target / small.target
    assert ratio == pytest.approx(ratio[0, 0])


def test_zscoring_gives_each_domain_its_own_map(features):
    small = scaled(features, "zscore-per-domain")
    assert small.source.mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert small.target.mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert scaled(features, "none") is features


def test_pixels_are_rows_between_0_and_1(rng):
    images = rng.integers(0, 256, (6, 4, 4), dtype=np.uint8)
    transfer = Transfer(Domain(images, [0, 1, 0, 1, 0, 1]), Domain(images[:3]), protocol="transductive")
    pixels = pixel_features(transfer)
    assert pixels.source.shape == (6, 16)
    assert pixels.source.max() <= 1
    assert pixels.source[0] == pytest.approx(images[0].ravel() / 255)
