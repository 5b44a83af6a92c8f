"""Turn the arrays that users hold into the tensors that networks take."""

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

PIXEL_MAX = 255.0


@dataclass(frozen=True)
class InputScaling:
    """What is done to every row before the network sees it: divide by `scale`, then subtract `mean`.

    `mean` is of the *source training* rows, for source and target alike (protocol: one map for both domains): per
    channel for images, per feature for vectors.
    """

    scale: float
    mean: NDArray[np.float32]

    def __call__(self, batch: Tensor) -> Tensor:
        """Return the batch as the network takes it."""
        mean = torch.from_numpy(self.mean.copy()).to(batch.device)
        return _divided(batch, self.scale).sub_(mean[None, :, None, None] if batch.ndim == 4 else mean)


def _divided(batch: Tensor, scale: float) -> Tensor:
    """Divide a new float copy of the rows; float images hold pixels / 255, so one scale means the same for both."""
    is_float_image = batch.ndim == 4 and batch.dtype != torch.uint8
    return batch.float() * ((PIXEL_MAX if is_float_image else 1.0) / scale)


def fit_scaling(rows: Tensor, input_scale: float) -> InputScaling:
    """Measure the scale and the mean of the source training rows.

    Parameters
    ----------
    rows : Tensor, (n, channels, height, width) images or (n, n_features) vectors
        As :func:`as_tensor` gives them.
    input_scale : float
        Pixels (0 to 255) are divided by it. Vectors are divided by their root mean square deviation instead: one
        scalar for all features, since a scale per feature blows up features that are nearly constant.
    """
    if rows.ndim == 4:
        sums = torch.stack([_divided(part, input_scale).double().sum((0, 2, 3)) for part in rows.split(4096)]).sum(0)
        mean = sums / (len(rows) * math.prod(rows.shape[2:]))
        return InputScaling(input_scale, mean.float().numpy())
    deviation = float((rows.double() - rows.double().mean(0)).square().mean().sqrt())
    scale = deviation if deviation > 0 else 1.0
    return InputScaling(scale, (rows.double().mean(0) / scale).float().numpy())


def image_shape_of(X: NDArray[Any], image_shape: tuple[int, ...] | None) -> tuple[int, int, int] | None:
    """Return (height, width, channels) of image input, or None for feature vectors."""
    if X.ndim == 4:
        return (X.shape[1], X.shape[2], X.shape[3])
    if X.ndim == 3:
        return (X.shape[1], X.shape[2], 1)
    if image_shape is None:
        return None
    shape = (*image_shape, 1) if len(image_shape) == 2 else tuple(image_shape)
    if len(shape) != 3 or math.prod(shape) != X.shape[1]:
        raise ValueError(
            f"image_shape={image_shape} holds {math.prod(image_shape)} values, but the rows have {X.shape[1]}; "
            "give (height, width) or (height, width, channels)"
        )
    return (int(shape[0]), int(shape[1]), int(shape[2]))


def check_channels_last(X: NDArray[Any], name: str) -> None:
    """Refuse images that clearly have their channels first, as torch has them.

    `Domain` refuses all but 1 or 3 channels; networks take any number, so only the exchange itself is an error here.

    Parameters
    ----------
    X : array
        Anything but four dimensions passes.
    name : str
        What the caller calls the array.

    Raises
    ------
    ValueError
        Where the second axis is 1 or 3 long and the last is neither.

    Examples
    --------
    >>> check_channels_last(np.zeros((2, 16, 16, 5)), "X")
    >>> check_channels_last(np.zeros((2, 3, 16, 16)), "X")
    Traceback (most recent call last):
        ...
    ValueError: X must have its channels last, got shape (2, 3, 16, 16); use X.transpose(0, 2, 3, 1)
    """
    if X.ndim == 4 and X.shape[1] in (1, 3) and X.shape[3] not in (1, 3):
        raise ValueError(f"{name} must have its channels last, got shape {X.shape}; use {name}.transpose(0, 2, 3, 1)")


def check_not_one_image(X: NDArray[Any], shape: tuple[int, int, int] | None, name: str = "X") -> None:
    """Say of an array that is no batch of the right images that it is one of them, where it is.

    Parameters
    ----------
    X : array
        One that was found not to fit: an array may be both one image and a batch of others.
    shape : (height, width, channels) or None
        What the network takes; None: feature vectors.
    name : str
        What the caller calls the array.

    Raises
    ------
    ValueError
        Where the array is one image, be it grey, which would be repeated to the channels.

    Examples
    --------
    >>> check_not_one_image(np.zeros((16, 16, 3)), (16, 16, 3))
    Traceback (most recent call last):
        ...
    ValueError: X is one image, shape (16, 16, 3), but must be a batch of them; use X[np.newaxis]
    """
    if shape is not None and X.shape in (shape, (*shape[:2], 1), shape[:2]):
        raise ValueError(f"{name} is one image, shape {X.shape}, but must be a batch of them; use {name}[np.newaxis]")


def as_tensor(X: NDArray[Any], shape: tuple[int, int, int] | None) -> Tensor:
    """Return images as (n, channels, height, width), vectors as (n, n_features) float32.

    Parameters
    ----------
    X : array, (n, height, width[, channels]) or (n, n_values)
        uint8, or float in [0, 1] for images.
    shape : (height, width, channels) or None
        What the network takes; grey images are repeated to its channels. None: feature vectors.

    Raises
    ------
    ValueError
        Where the images have another size than the network takes, or where there is one image and no batch.
    """
    if shape is None:
        return torch.from_numpy(np.array(X, dtype=np.float32))
    height, width, channels = shape
    given = X
    if X.ndim == 2:
        own = X.shape[1] // (height * width)
        X = X.reshape(len(X), height, width, own)
    elif X.ndim == 3:
        X = X[..., None]
    if X.shape[1:3] != (height, width) or X.shape[3] not in (1, channels):
        check_not_one_image(given, shape)
        raise ValueError(f"images must be of shape {shape} as in fit, got {X.shape[1:]}; resize them first")
    dtype = np.uint8 if X.dtype == np.uint8 else np.float32
    pixels = np.ascontiguousarray(np.broadcast_to(X, (*X.shape[:3], channels)), dtype=dtype)
    return _shared(pixels).permute(0, 3, 1, 2)  # memory stays channels-last, the faster form


def _shared(pixels: NDArray[Any]) -> Tensor:
    """Return a tensor over the array itself: images may lie in a file that several processes map.

    The array may be read-only, which a tensor cannot be. Nothing here writes to input: every batch is a copy.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writable")
        return torch.from_numpy(pixels)
