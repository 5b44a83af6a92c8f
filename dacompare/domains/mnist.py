"""Load the official MNIST files, checked byte by byte."""

import gzip
import hashlib
import math
import zlib
from pathlib import Path

import numpy as np

from dacompare.domains.digits import DIGIT_NAMES
from dacompare.domains.domain import Domain
from dacompare.domains.folder import find_data
from dacompare.domains.loaded import DataFile, LoadedDomain, describe_file

MNIST_ADDRESS = "https://ossci-datasets.s3.amazonaws.com/mnist/"
MD5 = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
FIRST_INDEX = {"train": 0, "t10k": 60_000}
"""MNIST index of the first row of each part: the training rows are 0..59999, the test rows 60000..69999."""


def load_mnist(*, size: int = 28) -> LoadedDomain:
    """Load MNIST: 60,000 training and 10,000 test digits, grey, with their MNIST index as group.

    Parameters
    ----------
    size : {28, 32}
        Height and width; 32 is the original with 2 black pixels added on every side.

    Raises
    ------
    FileNotFoundError
        Where a file is not in the folder `mnist` of the data folder.
    ValueError
        Where a file is not the official one, byte for byte.

    References
    ----------
    LeCun et al. 1998, "Gradient-based learning applied to document recognition".

    Examples
    --------
    >>> load_mnist(size=30)
    Traceback (most recent call last):
        ...
    ValueError: size must be 28 (as published) or 32 (padded with black), got 30.
    """
    train, test, files = read_mnist(size)
    return LoadedDomain(train, test, files)


def read_mnist(size: int) -> tuple[Domain, Domain, tuple[DataFile, ...]]:
    """Return MNIST's training and test digits and its files, for `load_mnist` and what is made from it."""
    if size not in (28, 32):
        raise ValueError(f"size must be 28 (as published) or 32 (padded with black), got {size!r}.")
    paths = {name: find_data(f"mnist/{name}", f"{MNIST_ADDRESS}{name}") for name in MD5}
    for name, path in paths.items():
        _check_md5(path, MD5[name])
    files = tuple(describe_file(f"mnist/{name}", path) for name, path in paths.items())
    return _read_part(paths, "train", size), _read_part(paths, "t10k", size), files


def read_idx(path: Path) -> np.ndarray:
    """Read one gzipped idx file of unsigned bytes.

    Returns
    -------
    ndarray of uint8
        Of the shape that the file's head states.

    Raises
    ------
    ValueError
        Where the file is no gzip, no idx, of another type, or shorter or longer than its head says.
    """
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is truncated or no gzip file ({error}); fetch it again.") from error
    # Two zero bytes, the type (8: unsigned byte), the number of axes, then one big-endian length for each.
    if len(content) < 4 or content[:3] != b"\x00\x00\x08" or len(content) < 4 + 4 * content[3]:
        raise ValueError(f"{path} must begin with the idx magic number 00 00 08, got {content[:3].hex(' ')!r}.")
    n_axes = content[3]
    shape = tuple(np.frombuffer(content, ">i4", n_axes, offset=4).tolist())
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * n_axes)
    if len(values) != math.prod(shape):
        raise ValueError(f"{path} is truncated or altered: its head says {shape}, but {len(values)} bytes follow.")
    return values.reshape(shape)


def _check_md5(path: Path, expected: str) -> None:
    found = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    if found != expected:
        raise ValueError(
            f"{path} is truncated or altered: its md5 is {found}, the official one is {expected}; it is not"
            f" used, fetch it again from {MNIST_ADDRESS}{path.name}."
        )


def _read_part(paths: dict[str, Path], part: str, size: int) -> Domain:
    images = read_idx(paths[f"{part}-images-idx3-ubyte.gz"])
    labels = read_idx(paths[f"{part}-labels-idx1-ubyte.gz"]).astype(np.int64)
    margin = (size - 28) // 2
    padded = np.pad(images, ((0, 0), (margin, margin), (margin, margin)))
    indices = FIRST_INDEX[part] + np.arange(len(labels))
    return Domain(padded, labels, groups=indices, name="mnist", class_names=DIGIT_NAMES)
