import numpy as np
import pytest
from sklearn import datasets

from dacompare.domains.digits import load_digits


def test_the_digits_are_scikit_learns_stretched_to_a_byte():
    loaded = load_digits(size=8)
    original = datasets.load_digits()
    assert np.array_equal(loaded.train.X, np.round(original.images * 255 / 16).astype(np.uint8))
    assert np.array_equal(loaded.train.y, original.target)
    assert loaded.test is None
    assert loaded.train.X.max() == 255


def test_enlarging_keeps_the_mean_grey():
    small, large = load_digits(size=8).train.X, load_digits(size=32).train.X
    assert large.shape == (1797, 32, 32)
    assert abs(small.mean() - large.mean()) < 2


@pytest.mark.parametrize("size", [7, 28.0, True, "28"])
def test_bad_sizes_are_refused(size):
    with pytest.raises(ValueError, match="size must be an integer from 8, got"):
        load_digits(size=size)
