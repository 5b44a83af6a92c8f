"""Make MNIST-M: blend every MNIST digit into a random patch of a photograph."""

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from PIL import __version__ as pillow_version

from dacompare.domains.domain import Domain
from dacompare.domains.loaded import DataFile, LoadedDomain, describe_arrays
from dacompare.domains.mnist import read_mnist
from dacompare.domains.photos import draw_crops, load_photos
from dacompare.names import check_name

BLENDS = ("difference", "mask")
STREAMS = {"train": 0, "test": 1}
ROWS_AT_ONCE = 4096


def blend(digits: np.ndarray, photos: np.ndarray, *, how: str = "mask") -> np.ndarray:
    """Draw digits into photographs by inverting colours, so that strokes have no colour of their own.

    Parameters
    ----------
    digits : ndarray of shape (n, height, width), uint8
        White (up to 255) on black (0).
    photos : ndarray of shape (n, height, width, 3), uint8
        One background per digit.
    how : {"mask", "difference"}
        "mask": 255 − photo wherever the digit is not 0, as in the files that the authors published.
        "difference": |photo − digit|, as the paper's formula says; soft at the edges of strokes.

    Returns
    -------
    ndarray of shape (n, height, width, 3), uint8

    Raises
    ------
    ValueError
        For an unknown `how`, other types than uint8, or shapes that do not go together.

    References
    ----------
    Ganin & Lempitsky 2015, section 4.1: I_out = |I_1 − I_2|.

    Examples
    --------
    >>> digits, photos = np.array([[[0, 100]]], np.uint8), np.full((1, 1, 2, 3), 60, np.uint8)
    >>> blend(digits, photos, how="mask")[0, 0, :, 0], blend(digits, photos, how="difference")[0, 0, :, 0]
    (array([ 60, 195], dtype=uint8), array([60, 40], dtype=uint8))
    """
    check_name("how", how, BLENDS)
    if digits.dtype != np.uint8 or photos.dtype != np.uint8:
        raise ValueError(f"digits and photos must be uint8, got {digits.dtype} and {photos.dtype}.")
    if photos.shape != (*digits.shape, 3):
        raise ValueError(
            f"photos must have the shape of digits and 3 channels, {(*digits.shape, 3)}, got {photos.shape}."
        )
    strokes = digits[..., None]
    if how == "mask":
        return np.where(strokes > 0, 255 - photos, photos)
    # Larger minus smaller: unsigned bytes cannot hold a negative difference.
    return np.maximum(photos, strokes) - np.minimum(photos, strokes)


def load_mnistm(
    *,
    size: int = 28,
    blend: Literal["mask", "difference"] = "mask",
    photos: Literal["bsds500", "sklearn"] = "bsds500",
    data_seed: int = 0,
) -> LoadedDomain:
    """Make MNIST-M from MNIST and photographs: each digit gets one patch, drawn once.

    Training and test digits get patches of different photographs. Groups are MNIST indices, so that a split
    can keep a digit on one side in MNIST and MNIST-M alike. The published set lacks 999 images a part,
    drew other patches, and cut those of its training and test images from the same photographs.

    Parameters
    ----------
    size : {28, 32}
        Height and width; 32, as in the published files, is the digit with 2 black pixels on every side.
    blend : {"mask", "difference"}
        See `dacompare.domains.mnistm.blend`.
    photos : {"bsds500", "sklearn"}
        BSDS500 as in the paper, from the data folder; or scikit-learn's two sample photographs.
    data_seed : int
        Seed of the patches.

    Raises
    ------
    FileNotFoundError
        Where MNIST or BSDS500 is not in the data folder.

    References
    ----------
    Ganin & Lempitsky 2015, section 4.1, "MNIST → MNIST-M".

    Examples
    --------
    >>> load_mnistm(blend="soft")
    Traceback (most recent call last):
        ...
    ValueError: blend must be one of 'difference', 'mask', got 'soft'
    """
    check_name("blend", blend, BLENDS)
    digits, test_digits, files = read_mnist(size)
    train, train_photos = _make_part(digits, "train", blend, photos, data_seed)
    test, test_photos = _make_part(test_digits, "test", blend, photos, data_seed)
    generator: dict[str, Any] = {
        "name": "mnistm",
        "size": size,
        "blend": blend,
        "photos": photos,
        "data_seed": data_seed,
        "versions": {"numpy": np.__version__, "pillow": pillow_version},
    }
    images = describe_arrays("mnistm (generated)", train.X, test.X)
    return LoadedDomain(train, test, (*files, train_photos, test_photos, images), generator)


def _make_part(digits: Domain, part: str, how: str, photos: str, data_seed: int) -> tuple[Domain, DataFile]:
    rng = np.random.default_rng(np.random.SeedSequence(data_seed, spawn_key=(STREAMS[part],)))
    album = load_photos(photos, part)
    images = draw_crops(album, digits.n_rows, digits.row_shape[0], rng)
    for start in range(0, len(images), ROWS_AT_ONCE):  # in place: a second array of this size is memory for nothing
        rows = slice(start, start + ROWS_AT_ONCE)
        images[rows] = blend(digits.X[rows], images[rows], how=how)
    return replace(digits, X=images, name="mnistm"), album.file
