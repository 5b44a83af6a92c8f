"""Check parameters and arrays of the network classifiers at the door, once."""

import inspect
import warnings
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d, validate_data
from torch import Tensor

from dacompare.checks import check_count, check_number
from dacompare.deep.inputs import check_channels_last, check_not_one_image, image_shape_of
from dacompare.deep.networks import NETWORKS, Network
from dacompare.domains import Domain
from dacompare.domains.unwrapping import rows_for
from dacompare.names import check_name, nearest

# What fit knows by itself.
NOT_OPTIONS = ("input_shape", "n_classes")


def check_parameters(estimator: Any) -> None:
    """Check what every network classifier takes.

    Raises
    ------
    TypeError, ValueError
        Naming the parameter, its value and what would work.
    """
    check_name("schedule", estimator.schedule, ("paper", "constant"))
    check_name("precision", estimator.precision, ("float32", "bf16"))
    check_name("device", estimator.device, ("auto", "cpu", "cuda"))
    check_name("init", estimator.init, ("kaiming", "xavier", "torch"))
    if not isinstance(estimator.network, str | Network):
        raise TypeError(
            f"network must be 'auto', {', '.join(map(repr, NETWORKS))} or a dacompare.deep.Network, "
            f"got {estimator.network!r}; wrap your own modules in dacompare.deep.Network"
        )
    for name, least in {"max_steps": 1, "batch_size": 2, "threads": 1, "monitor_every": 1}.items():
        value = getattr(estimator, name)
        if name != "monitor_every" or value is not None:
            check_count(name, value, at_least=least)
    check_number("learning_rate", estimator.learning_rate, above=0)
    check_number("input_scale", estimator.input_scale, above=0)
    check_number("momentum", estimator.momentum, at_least=0, below=1)
    check_number("weight_decay", estimator.weight_decay, at_least=0)
    check_number("clip_gradient", estimator.clip_gradient, at_least=0)


def check_options(name: str, options: dict[str, Any] | None) -> None:
    """Check that a named network has the options that it is given."""
    known = [option for option in inspect.signature(NETWORKS[name]).parameters if option not in NOT_OPTIONS]
    for option in options or {}:
        if option not in known:
            raise ValueError(
                f"network_options: {option!r} is no option of network {name!r}{nearest(option, known)}; "
                f"its options are {', '.join(known)}"
            )


def choose_device(device: str) -> torch.device:
    """Return the device to train on; "auto" takes a GPU where there is one."""
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device='cuda', but torch sees no GPU here; use device='auto' or 'cpu'")
    return torch.device("cuda" if device != "cpu" and torch.cuda.is_available() else "cpu")


def check_source(estimator: Any, X: Any, y: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return checked source rows and labels."""
    if isinstance(X, Domain):
        raise TypeError("X must be an array; pass source.X and source.y of a Domain")
    if y is None:
        raise ValueError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is None: the source needs labels"
        )
    X = check_rows(estimator, X, reset=True)
    y = column_or_1d(y, warn=True)
    check_classification_targets(y)
    if len(y) != len(X):
        raise ValueError(f"X and y must have as many rows, got {len(X)} and {len(y)}")
    if len(np.unique(y)) < 2:
        raise ValueError(f"y has only one class ({y[0]!r}); a classifier needs at least two classes in the source")
    return X, y


def check_rows(estimator: Any, X: Any, *, reset: bool, name: str = "X") -> NDArray[Any]:
    """Return 2-D rows, or images as they are, checked for numbers that are none.

    Parameters
    ----------
    X : array or Domain
        Rows of either domain.
    reset : bool
        True in ``fit`` for the source: learn the number of features instead of checking it.
    name : str
        What the caller calls these rows.

    Raises
    ------
    ValueError
        For rows of another width than in fit, no rows, images whose channels come first, and values that are no
        pixels.
    """
    X = rows_for(estimator, X)
    if getattr(X, "ndim", np.ndim(X) if isinstance(X, list | tuple) else 2) not in (3, 4):
        # Flat rows may be the pixels of images that came as images in fit.
        images = estimator.image_shape or getattr(estimator, "image_shape_", None)
        keep_bytes = images is not None and getattr(X, "dtype", None) == np.uint8
        dtype = np.uint8 if keep_bytes else (np.float64, np.float32)
        if not reset and getattr(X, "ndim", 0) == 2 and X.shape[1] != estimator.n_features_in_:
            check_not_one_image(X, getattr(estimator, "image_shape_", None), name)
            raise ValueError(
                f"{name} has {X.shape[1]} features, but {type(estimator).__name__} is expecting "
                f"{estimator.n_features_in_} features as input"
            )
        try:
            X = validate_data(estimator, X, reset=reset, dtype=dtype, ensure_min_samples=2 if reset else 1)
        except ValueError as error:  # scikit-learn calls whatever it checks X
            raise ValueError(str(error).replace("Input X", f"Input {name}")) from error
        if X.dtype != np.uint8 and np.abs(X).max() > np.finfo(np.float32).max:
            raise ValueError(f"{name} holds values too large for float32, in which networks compute; rescale it")
        return X if images is None else _check_pixels(X)
    X = np.asarray(X)
    if not len(X):  # scikit-learn's words for vectors, which it does not say for arrays of more dimensions
        raise ValueError(
            f"Found array with 0 sample(s), shape {X.shape}, while a minimum of 1 is required by"
            f" {type(estimator).__name__}; {name} must hold at least one image"
        )
    # Rows whose image_shape says that they are 3 high, for instance, stay readable as they were in fit.
    if reset or X.shape[1:] != getattr(estimator, "image_shape_", None):
        check_channels_last(X, name)
    X = _check_pixels(X)
    if reset:
        estimator.n_features_in_ = int(np.prod(X.shape[1:]))
    return X


def common_shape(
    X: NDArray[Any], target: NDArray[Any] | None, image_shape: tuple[int, ...] | None
) -> tuple[int, int, int] | None:
    """Return the (height, width, channels) that the network takes, None for feature vectors."""
    shape = image_shape_of(X, image_shape)
    other = shape if target is None else image_shape_of(target, image_shape)
    if shape is None and other is None:
        return None
    if shape is None or other is None or other[:2] != shape[:2]:
        raise ValueError(f"source rows are {shape or 'vectors'}, target rows {other or 'vectors'}: resize one of them")
    return (shape[0], shape[1], max(shape[2], other[2]))


def warn_if_small(domains: dict[str, Tensor | None], half: int) -> None:
    """Say that a domain cannot fill its half of a batch without repeating rows."""
    for name, rows in domains.items():
        if rows is not None and len(rows) < half:
            warnings.warn(
                f"the {name} has {len(rows)} rows, fewer than half a batch ({half}): rows are drawn with "
                f"replacement; batch_size={2 * len(rows)} would avoid it",
                UserWarning,
                stacklevel=4,
            )


def _check_pixels(X: NDArray[Any]) -> NDArray[Any]:
    if not X.size:
        raise ValueError(f"images must hold at least one pixel, got an array of shape {X.shape}")
    if X.dtype == np.uint8:
        return X
    if not np.issubdtype(X.dtype, np.floating):
        raise ValueError(f"images must be uint8, or float in [0, 1], got dtype {X.dtype}")
    if not np.isfinite(X).all() or X.min() < 0 or X.max() > 1:
        raise ValueError(
            f"float images must lie in [0, 1], got values from {X.min()} to {X.max()}; divide by 255 first"
        )
    return X
