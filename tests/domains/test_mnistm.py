import numpy as np
import pytest
from PIL import Image

from dacompare.domains.mnist import read_mnist
from dacompare.domains.mnistm import blend, load_mnistm


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    digits = rng.integers(0, 256, (5, 8, 8), dtype=np.uint8) * rng.integers(0, 2, (5, 8, 8), dtype=np.uint8)
    return digits, rng.integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)


def test_the_mask_inverts_every_stroke_pixel_however_faint(images):
    digits, photos = images
    blended = blend(digits, photos, how="mask")
    assert np.array_equal(blended[digits > 0], 255 - photos[digits > 0])
    assert np.array_equal(blended[digits == 0], photos[digits == 0])


def test_the_difference_is_absolute(images):
    digits, photos = images
    expected = np.abs(photos.astype(int) - digits[..., None])
    assert np.array_equal(blend(digits, photos, how="difference"), expected)
    assert blend(digits, photos, how="difference").dtype == np.uint8


def test_blending_leaves_its_inputs_alone(images):
    before = [array.tobytes() for array in images]
    for how in ("mask", "difference"):
        blend(*images, how=how)
    assert [array.tobytes() for array in images] == before


def test_blending_refuses_what_does_not_go_together(images):
    digits, photos = images
    with pytest.raises(ValueError, match="how must be one of 'difference', 'mask', got 'masc', did you mean 'mask'"):
        blend(digits, photos, how="masc")
    with pytest.raises(ValueError, match="must be uint8, got float64 and uint8"):
        blend(digits / 255, photos)
    with pytest.raises(ValueError, match=r"photos must have the shape of digits .*\(5, 8, 8, 3\), got \(4, 8, 8, 3\)"):
        blend(digits, photos[:4])


def roughness(images, strokes):
    """Mean step between neighbours with strokes inverted back: across the outline, and elsewhere."""
    restored = np.where(strokes[..., None], 255 - images, images).astype(int)
    steps = np.abs(np.diff(restored, axis=2)).mean(axis=3)
    outline = strokes[:, :, 1:] != strokes[:, :, :-1]
    return steps[outline].mean(), steps[~outline].mean()


@pytest.mark.data
@pytest.mark.parametrize("part", ["train", "test"])
def test_the_mask_is_that_of_the_authors_own_images(data_folder, part):
    folder = data_folder / "mnist_m_subset"
    if not folder.is_dir():
        pytest.skip("no MNIST-M images in the data folder")
    digits = read_mnist(32)[0 if part == "train" else 1]
    lines = [line.split() for line in (folder / f"mnist_m_{part}_labels.txt").read_text().splitlines()]
    rows = np.array([int(name.removesuffix(".png")) for name, _ in lines])
    assert digits.y[rows].tolist() == [int(label) for _, label in lines]

    genuine = np.stack([np.asarray(Image.open(folder / f"mnist_m_{part}" / name)) for name, _ in lines])
    strokes = digits.X[rows]
    # Inverted back, a stroke leaves no trace of its outline: the photo runs on underneath.
    outline, elsewhere = roughness(genuine, strokes > 0)
    assert outline == pytest.approx(elsewhere, rel=0.05)
    # Any other threshold, or a neighbouring digit's mask, leaves an outline as plain as day.
    assert roughness(genuine, strokes > 127)[0] > 3 * elsewhere
    assert roughness(genuine, digits.X[rows - 1] > 0)[0] > 3 * elsewhere


@pytest.mark.data
def test_mnistm_is_aligned_with_mnist_and_seeded(data_folder):
    digits, test_digits, _ = read_mnist(28)
    loaded = load_mnistm(photos="sklearn", data_seed=1)
    assert np.array_equal(loaded.train.y, digits.y)
    assert np.array_equal(loaded.test.groups, test_digits.groups)
    rows = slice(0, 2000)
    outline, elsewhere = roughness(loaded.train.X[rows], digits.X[rows] > 0)
    assert outline == pytest.approx(elsewhere, rel=0.1)
    assert (loaded.generator["blend"], loaded.generator["data_seed"]) == ("mask", 1)
