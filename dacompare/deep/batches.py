"""Draw the rows of each training step, without replacement, domain by domain."""

import numpy as np
from numpy.typing import NDArray


class BatchOrder:
    """An endless sequence of row numbers: every row once, then every row once again in a new order.

    Parameters
    ----------
    n_rows : int
        Rows of the domain.
    size : int
        Rows a step. A domain smaller than this is drawn with replacement.
    rng : numpy.random.Generator
        This domain's own stream, so that neither domain's order depends on the other.

    Attributes
    ----------
    left : ndarray of int
        What is left of the current order, the next row first.

    Examples
    --------
    >>> order = BatchOrder(4, 3, np.random.default_rng(0))
    >>> sorted(np.concatenate([order.next_rows() for _ in range(4)]).tolist())
    [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    """

    def __init__(self, n_rows: int, size: int, rng: np.random.Generator) -> None:
        self.n_rows, self.size, self.rng = n_rows, size, rng
        self.left: NDArray[np.int64] = np.empty(0, np.int64)

    @property
    def with_replacement(self) -> bool:
        """Whether the domain is too small to fill one batch."""
        return self.n_rows < self.size

    def next_rows(self) -> NDArray[np.int64]:
        """Return the row numbers of the next step, shape (size,)."""
        if self.with_replacement:
            return self.rng.integers(0, self.n_rows, self.size)
        if len(self.left) < self.size:
            self.left = np.concatenate([self.left, self.rng.permutation(self.n_rows)])
        rows, self.left = self.left[: self.size], self.left[self.size :]
        return rows
