"""Move names in a figure apart where one would cover the other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

PASSES = 50  # far more than two or three names on one spot need; many classes may stay a little crowded


def move_apart(places: ArrayLike, widths: Sequence[float], height: float) -> NDArray[np.float64]:
    """Return the centres of names, pushed up and down until none covers another.

    Parameters
    ----------
    places : array-like of shape (n, 2)
        Where the names should stand.
    widths : sequence of float, shape (n,)
        Of the names, in units of the horizontal axis.
    height : float
        Of every name, in units of the vertical axis.

    Examples
    --------
    >>> move_apart([[0.0, 0.0], [1.0, 0.0], [9.0, 0.0]], [4.0, 4.0, 4.0], 2.0).tolist()
    [[0.0, -1.0], [1.0, 1.0], [9.0, 0.0]]
    """
    moved = np.array(places, dtype=float).reshape(-1, 2)
    for _ in range(PASSES):
        still = True
        for i in range(len(moved)):
            for j in range(i + 1, len(moved)):
                across = abs(moved[i, 0] - moved[j, 0]) < (widths[i] + widths[j]) / 2
                between = moved[j, 1] - moved[i, 1]
                if across and abs(between) < height * (1 - 1e-9):
                    push = (height - abs(between)) / 2 * (1 if between >= 0 else -1)
                    moved[i, 1] -= push
                    moved[j, 1] += push
                    still = False
        if still:
            break
    return moved
