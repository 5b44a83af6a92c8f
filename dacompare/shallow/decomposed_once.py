"""Decompose the same rows once while a search tries many settings on them."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from dacompare.shallow.aligner import Floats

MAX_BYTES = 2**28
"""What is kept at most; the oldest goes first."""

Axes = tuple[Floats, Floats]
Key = tuple[tuple[int, ...], tuple[int, ...], bytes]

_kept: ContextVar[dict[Key, Axes] | None] = ContextVar("_kept", default=None)


@contextmanager
def decomposing_once() -> Iterator[None]:
    """Keep principal directions until the end of the block, for all rows that are the same to the last bit.

    A search over dimensions, or over several methods' parameters, asks for those of the same target rows each time.
    Nothing is kept outside of such a block, and blocks in other threads keep their own.

    Examples
    --------
    >>> from dacompare.shallow.subspace_alignment import principal_directions
    >>> X = np.random.default_rng(0).normal(size=(30, 5))
    >>> with decomposing_once():
    ...     principal_directions(X)[1] is principal_directions(X.copy())[1]
    True
    >>> principal_directions(X)[1] is principal_directions(X)[1]
    False
    """
    before = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(before)


def once(decompose: Callable[[Floats], Axes], X: Floats) -> Axes:
    """Return ``decompose(X)``, or what it was before in this block.

    Parameters
    ----------
    decompose : callable
        Rows -> their mean and directions; always the same one.
    X : ndarray of shape (n, n_features)

    Examples
    --------
    >>> once(lambda X: (X.mean(axis=0), X), np.eye(2))[0].tolist()
    [0.5, 0.5]
    """
    kept = _kept.get()
    if kept is None:
        return decompose(X)
    # Strides, since the last bit of a sum depends on how rows lie in memory.
    key = X.shape, X.strides, hashlib.blake2b(np.ascontiguousarray(X).data).digest()
    if key not in kept:
        kept[key] = decompose(X)
        for array in kept[key]:
            array.flags.writeable = False  # whoever comes next gets the same one
        while kept and sum(array.nbytes for axes in kept.values() for array in axes) > MAX_BYTES:
            oldest = next(iter(kept))
            if oldest == key:
                return kept.pop(key)
            del kept[oldest]
    return kept[key]
