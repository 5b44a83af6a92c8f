import numpy as np
import pytest
from sklearn import datasets

from dacompare.domains.digits import load_digits


def test_the_digits_are_scikit_learns_with_a_margin_as_mnist_has():
    loaded = load_digits()
    assert loaded.train.X.shape == (1797, 28, 28)
    assert np.array_equal(loaded.train.y, datasets.load_digits().target)
    assert loaded.test is None
    assert loaded.train.X.max() == 255
    assert not loaded.train.X[:, :4].any()
    assert not loaded.train.X[:, :, 24:].any()
    assert loaded.train.X[:, 4:24, 4:24].any(axis=(0, 2)).all()


def test_enlarging_keeps_the_mean_grey_of_the_box():
    original = datasets.load_digits().images * 255 / 16
    box = load_digits(size=28).train.X[:, 4:24, 4:24]
    assert abs(original.mean() - box.mean()) < 2


@pytest.mark.parametrize("size", [11, 28.0, True, "28"])
def test_bad_sizes_are_refused(size):
    with pytest.raises(ValueError, match="size must be an integer from 12, got"):
        load_digits(size=size)
