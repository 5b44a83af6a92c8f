import numpy as np
import pytest

from dacompare.images import SIDE, decode_png, encode_png, one_of_each, thumbnail


def test_each_class_comes_before_any_second_row():
    y = np.array([2, 2, 0, 2, 1, 0])
    assert one_of_each(y, 6, 5) == [2, 4, 0, 5, 1]
    assert one_of_each(y, 6, 2) == [2, 4]
    assert one_of_each(y, 6, 99) == [2, 4, 0, 5, 1, 3]


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1), (28, 28, 3), (20, 9, 3)])
def test_grey_and_colour_come_out_alike(shape):
    image = np.random.default_rng(0).integers(256, size=shape).astype(np.uint8)
    pixels = thumbnail(image)
    factor = SIDE // max(shape[:2])
    assert pixels.shape == (factor * shape[0], factor * shape[1], 3)
    first = image.reshape(*shape[:2], -1)[..., 0]
    assert (pixels[::factor, ::factor, 0] == first).all()


def test_large_images_keep_their_size_and_floats_become_bytes():
    assert thumbnail(np.ones((100, 60))).shape == (100, 60, 3)
    assert thumbnail(np.array([[0.0, 0.5, 1.0]]))[0, :: SIDE // 3, 0].tolist() == [0, 128, 255]


def test_png_loses_nothing():
    pixels = np.random.default_rng(0).integers(256, size=(5, 7, 3)).astype(np.uint8)
    assert (decode_png(encode_png(pixels)) == pixels).all()
