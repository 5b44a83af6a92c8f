"""Standardise the columns of wide rows where they lie."""

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

BLOCK = 512


def standardise(X: NDArray[Any]) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Bring the columns of X to mean 0 and variance 1, where they lie; return what does the same to other rows.

    A block of columns at a time, since the sums of a scaler take twice the memory of its columns.

    Parameters
    ----------
    X : ndarray of floats of shape (n, n_features)
        It is changed; constant columns become 0.

    Returns
    -------
    callable
        (rows) -> scaled rows, of the type of X; the rows given stay as they are.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[1.0, 5.0], [3.0, 5.0]])
    >>> scale = standardise(X)
    >>> X.tolist(), scale(np.array([[2, 6]])).tolist()
    ([[-1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0]])
    """
    scalers = []
    for k in range(0, X.shape[1], BLOCK):
        scalers.append(StandardScaler(copy=False).set_output(transform="default"))
        X[:, k : k + BLOCK] = scalers[-1].fit_transform(X[:, k : k + BLOCK])

    def scale(rows: NDArray[Any]) -> NDArray[Any]:
        scaled = rows.astype(X.dtype)
        for k, scaler in enumerate(scalers):
            columns = slice(k * BLOCK, (k + 1) * BLOCK)
            scaled[:, columns] = scaler.transform(scaled[:, columns])
        return scaled

    return scale
