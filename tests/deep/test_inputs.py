import numpy as np
import pytest
import torch

from dacompare.deep.inputs import as_tensor, fit_scaling, image_shape_of


def test_uint8_and_float_images_are_scaled_alike(rng):
    pixels = rng.integers(0, 256, (6, 4, 4, 3), dtype=np.uint8)
    as_bytes = as_tensor(pixels, (4, 4, 3))
    as_floats = as_tensor((pixels / 255).astype(np.float32), (4, 4, 3))
    first, second = fit_scaling(as_bytes, 128.0)(as_bytes), fit_scaling(as_floats, 128.0)(as_floats)
    assert torch.allclose(first, second, atol=1e-5)
    assert torch.allclose(first.mean((0, 2, 3)), torch.zeros(3), atol=1e-5)


def test_the_mean_is_of_the_source_for_every_batch():
    source = as_tensor(np.full((2, 4, 4), 100, np.uint8), (4, 4, 1))
    target = as_tensor(np.full((2, 4, 4), 151, np.uint8), (4, 4, 1))
    assert fit_scaling(source, 255.0)(target).unique().item() == pytest.approx(0.2)


def test_vectors_are_divided_by_one_number(rng):
    rows = torch.from_numpy(np.column_stack([rng.normal(5, 3, 1000), np.ones(1000)]).astype(np.float32))
    scaled = fit_scaling(rows, 255.0)(rows)
    assert scaled.square().mean().item() == pytest.approx(1.0, abs=1e-3)
    assert scaled[:, 1].abs().max().item() == pytest.approx(0.0, abs=1e-6)


def test_grey_images_are_repeated_to_three_channels(rng):
    grey = rng.integers(0, 256, (2, 5, 5), dtype=np.uint8)
    tensor = as_tensor(grey, (5, 5, 3))
    assert tensor.shape == (2, 3, 5, 5)
    assert all(np.array_equal(tensor[:, k].numpy(), grey) for k in range(3))


def test_rows_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"\(28, 28, 3\) as in fit, got \(27, 28, 3\)"):
        as_tensor(np.zeros((1, 27, 28, 3), np.uint8), (28, 28, 3))


def test_image_shape_must_hold_as_many_values_as_a_row():
    with pytest.raises(ValueError, match="holds 784 values, but the rows have 700"):
        image_shape_of(np.zeros((2, 700)), (28, 28))
    assert image_shape_of(np.zeros((2, 784)), (28, 28)) == (28, 28, 1)


def test_a_read_only_array_is_copied():
    X = np.zeros((2, 3))
    X.flags.writeable = False
    as_tensor(X, None).add_(1)
    assert X.sum() == 0
