"""Cut random crops out of photographs, with the photographs of training and of test crops apart."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image
from sklearn.datasets import load_sample_images

from dacompare.domains.folder import find_data
from dacompare.domains.loaded import DataFile, describe_arrays
from dacompare.names import check_name

BSDS500_ADDRESS = "http://www.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/BSR/BSR_bsds500.tgz"
BSDS500_PARTS = {"train": ("train", "val"), "test": ("test",)}
PHOTO_SETS = ("bsds500", "sklearn")
SPLIT_AT = 0.7
"""Training crops come from the left 70 % of each of scikit-learn's two photos, test crops from the rest."""


@dataclass(frozen=True, eq=False)
class Photos:
    """Photographs (height, width, 3) uint8 to cut crops from, and what they were read from."""

    images: tuple[np.ndarray, ...]
    file: DataFile


def load_photos(photos: str, part: str) -> Photos:
    """Load the photographs of one set that training or test crops may come from.

    Parameters
    ----------
    photos : {"bsds500", "sklearn"}
        BSDS500: its 300 training and validation photos for training, its 200 test photos for testing.
        sklearn: the two sample photos, each cut into a left and a right piece.
    part : {"train", "test"}
        Which of the two; no pixel is in both.

    Raises
    ------
    FileNotFoundError
        Where BSDS500 is not in the data folder.

    References
    ----------
    Arbeláez et al. 2011, "Contour detection and hierarchical image segmentation" (BSDS500).

    Examples
    --------
    >>> [image.shape for image in load_photos("sklearn", "test").images]
    [(427, 192, 3), (427, 192, 3)]
    """
    check_name("photos", photos, PHOTO_SETS)
    check_name("part", part, BSDS500_PARTS)
    if photos == "bsds500":
        return _load_bsds500(part)
    images = []
    for photo in load_sample_images().images:
        border = round(SPLIT_AT * photo.shape[1])
        images.append(photo[:, :border] if part == "train" else photo[:, border:])
    return Photos(tuple(images), describe_arrays(f"sklearn photos, {part}", *images))


def draw_crops(photos: Photos, n_rows: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Cut crops of one size, as they are, at uniformly drawn places of uniformly drawn photos.

    Parameters
    ----------
    photos : Photos
        What to cut from; each at least `size` high and wide.
    n_rows : int
        Number of crops.
    size : int
        Height and width of a crop in pixels.
    rng : Generator
        Source of randomness.

    Returns
    -------
    ndarray of shape (n_rows, size, size, 3), uint8

    Examples
    --------
    >>> draw_crops(load_photos("sklearn", "train"), 2, 28, np.random.default_rng(0)).shape
    (2, 28, 28, 3)
    """
    which = rng.integers(len(photos.images), size=n_rows)
    place = rng.random((n_rows, 2))
    crops = np.empty((n_rows, size, size, 3), np.uint8)
    # One gather per photo: 70,000 crops take a second, where one slice per crop takes many.
    for index, photo in enumerate(photos.images):
        rows = np.flatnonzero(which == index)
        windows = sliding_window_view(photo, (size, size), axis=(0, 1))
        top, left = (place[rows] * windows.shape[:2]).astype(int).T
        crops[rows] = windows[top, left].transpose(0, 2, 3, 1)
    return crops


def draw_varied_crops(
    photos: Photos, n_rows: int, size: int, rng: np.random.Generator, *, crop_sizes: tuple[int, int]
) -> np.ndarray:
    """Cut crops of many sizes, shrink them to one, mirror half of them, and shuffle their colour channels.

    With few photos this gives more different backgrounds than plain crops.

    Parameters
    ----------
    photos, n_rows, size, rng
        As in `draw_crops`.
    crop_sizes : tuple of two int
        Smallest size of a crop before shrinking, and the first size that is too large.

    Returns
    -------
    ndarray of shape (n_rows, size, size, 3), uint8

    Examples
    --------
    >>> photos = load_photos("sklearn", "train")
    >>> draw_varied_crops(photos, 2, 28, np.random.default_rng(0), crop_sizes=(28, 120)).shape
    (2, 28, 28, 3)
    """
    canvases = [Image.fromarray(photo) for photo in photos.images]
    crops = np.empty((n_rows, size, size, 3), np.uint8)
    for row in range(n_rows):
        canvas, side = canvases[rng.integers(len(canvases))], int(rng.integers(*crop_sizes))
        left, top = int(rng.integers(canvas.width - side + 1)), int(rng.integers(canvas.height - side + 1))
        box = (left, top, left + side, top + side)
        patch = np.asarray(canvas.crop(box).resize((size, size), Image.Resampling.BILINEAR))
        mirrored = patch[:, ::-1] if rng.random() < 0.5 else patch
        crops[row] = mirrored[:, :, rng.permutation(3)]
    return crops


def _load_bsds500(part: str) -> Photos:
    images, digest, n_bytes = [], hashlib.sha256(), 0
    for folder in BSDS500_PARTS[part]:
        paths = sorted(find_data(f"bsds500/images/{folder}", BSDS500_ADDRESS).glob("*.jpg"))
        if not paths:
            raise FileNotFoundError(f"bsds500/images/{folder} holds no *.jpg (official data: {BSDS500_ADDRESS}).")
        for path in paths:
            digest.update(path.read_bytes())
            n_bytes += path.stat().st_size
            with Image.open(path) as photo:
                images.append(np.asarray(photo.convert("RGB")))
    return Photos(tuple(images), DataFile(f"bsds500 photos, {part} ({len(images)})", digest.hexdigest(), n_bytes))
