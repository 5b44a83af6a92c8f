"""Load the USPS digits from the text files in which they are handed on."""

import gzip
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from dacompare.domains.digits import DIGIT_NAMES
from dacompare.domains.domain import Domain
from dacompare.domains.folder import find_data
from dacompare.domains.loaded import LoadedDomain, describe_file

USPS_ADDRESS = "https://hastie.su.domains/ElemStatLearn/datasets/"
FILES = {"train": "zip.train.gz", "test": "zip.test.gz"}
NATIVE = 16


def load_usps(*, size: int = 28) -> LoadedDomain:
    """Load USPS: 7,291 training and 2,007 test digits from envelopes, grey, white on black.

    The originals are 16×16 with values from −1 to 1, and most digits touch two or more edges. They become 0..255 and
    are stretched to `size`, as is usual beside MNIST: no margin is added, so that digits stay larger than MNIST's,
    which fill 20 of 28 pixels.

    Parameters
    ----------
    size : int
        Height and width in pixels, from 16 (as published) on; the enlargement is bilinear.

    Raises
    ------
    FileNotFoundError
        Where a file is not in the folder `usps` of the data folder.
    ValueError
        For a size that is no integer from 16 on, and for a file that is truncated or altered.

    References
    ----------
    Hull 1994, "A database for handwritten text recognition research"; the files are those of Hastie, Tibshirani &
    Friedman, "The Elements of Statistical Learning".

    Examples
    --------
    >>> load_usps(size=8)
    Traceback (most recent call last):
        ...
    ValueError: size must be an integer from 16 (as published) on, got 8.
    """
    if isinstance(size, bool) or not isinstance(size, int) or size < NATIVE:
        raise ValueError(f"size must be an integer from {NATIVE} (as published) on, got {size!r}.")
    paths = {part: find_data(f"usps/{name}", f"{USPS_ADDRESS}{name}") for part, name in FILES.items()}
    files = tuple(describe_file(f"usps/{path.name}", path) for path in paths.values())
    train, test = (_domain(*read_usps(path), size) for path in paths.values())
    return LoadedDomain(train, test, files)


def read_usps(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read one file: a digit a line, its label and 256 values from −1 to 1.

    Returns
    -------
    images : ndarray of shape (n, 16, 16), uint8
    labels : ndarray of shape (n,), int64

    Raises
    ------
    ValueError
        Where it is no gzip of text, or a line, a label or a value cannot be.
    """
    try:
        with gzip.open(path, "rt", encoding="ascii") as file:
            values = np.loadtxt(file, ndmin=2)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise ValueError(f"{path} is truncated or no gzip of numbers ({error}); fetch it again.") from error
    if values.shape[1:] != (1 + NATIVE**2,):
        raise ValueError(f"{path} must hold a label and {NATIVE**2} values a line, got {values.shape[1:]} numbers.")
    labels, pixels = values[:, 0], values[:, 1:]
    if not np.isin(labels, np.arange(10)).all():
        raise ValueError(f"{path} must hold labels from 0 to 9, got {sorted(set(labels) - set(range(10)))[:3]}.")
    if not (np.abs(pixels) <= 1).all():  # also refuses NaN
        raise ValueError(f"{path} must hold values from -1 to 1, got {pixels.min()} to {pixels.max()}.")
    grey = np.round((pixels + 1) * 127.5).astype(np.uint8)
    return grey.reshape(-1, NATIVE, NATIVE), labels.astype(np.int64)


def _domain(images: np.ndarray, labels: np.ndarray, size: int) -> Domain:
    if size != NATIVE:
        bilinear = Image.Resampling.BILINEAR
        images = np.stack([np.asarray(Image.fromarray(image).resize((size, size), bilinear)) for image in images])
    return Domain(images, labels, name="usps", class_names=DIGIT_NAMES)
