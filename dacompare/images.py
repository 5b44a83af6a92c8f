"""Choose example images of a domain, and bring them to one form: RGB, 8 bits, no smaller than a thumbnail."""

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 56
"""Pixels that the longer side of a small image is enlarged towards, by whole factors."""


def one_of_each(y: NDArray[Any] | None, n_rows: int, n: int) -> list[int]:
    """Return `n` row numbers: the first row of each class, then the second of each, and so on.

    Parameters
    ----------
    y : ndarray of shape (n_rows,) or None
        Labels; None where there are none.
    n_rows, n : int
        How many there are, and how many are wanted at most.

    Examples
    --------
    >>> one_of_each(np.array(["b", "b", "a", "b"]), 4, 3), one_of_each(None, 4, 3)
    ([2, 0, 1], [0, 1, 2])
    """
    if y is None:
        return list(range(min(n_rows, n)))
    codes, counts = np.unique(y, return_inverse=True, return_counts=True)[1:]
    by_class = np.argsort(codes, kind="stable")
    turn = np.empty(n_rows, dtype=np.int64)  # how many rows of its class stand before a row
    turn[by_class] = np.arange(n_rows) - np.repeat(np.cumsum(counts) - counts, counts)
    return [int(row) for row in np.lexsort((codes, turn))[:n]]


def thumbnail(image: NDArray[Any]) -> NDArray[np.uint8]:
    """Return an image as RGB with 8 bits, enlarged by a whole factor where it is small.

    Parameters
    ----------
    image : ndarray of shape (height, width) or (height, width, 1 or 3)
        uint8, or floats in [0, 1].

    Examples
    --------
    >>> thumbnail(np.full((28, 28), 0.5)).shape
    (56, 56, 3)
    """
    pixels = image if image.dtype == np.uint8 else (np.asarray(image) * 255).round().astype(np.uint8)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    pixels = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
    factor = max(1, SIDE // max(pixels.shape[:2]))
    return np.kron(pixels, np.ones((factor, factor, 1), np.uint8))


def encode_png(pixels: NDArray[np.uint8]) -> str:
    """Return pixels as the base64 text of a PNG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii")


def decode_png(text: str) -> NDArray[np.uint8]:
    """Return the pixels of a PNG given as base64 text, shape (height, width, 3).

    Examples
    --------
    >>> pixels = thumbnail(np.eye(4))
    >>> bool((decode_png(encode_png(pixels)) == pixels).all())
    True
    """
    with Image.open(io.BytesIO(base64.b64decode(text)), formats=["PNG"]) as image:
        return np.asarray(image.convert("RGB"))
