"""Refuse a matrix that would not fit, before it is made."""

from math import isqrt

from dacompare.checks import check_count

# More take minutes or hours by methods whose time grows with the cube of the rows, whatever memory allows.
MANY_ROWS = 2000
DEFAULT_MEMORY = 4 * 2**30
"""Bytes that a method may take for its large matrices, unless `max_memory` says otherwise."""


def check_memory(rows: int, columns: int, *, copies: int = 1, max_memory: int, name: str, way_out: str) -> None:
    """Check that some float64 matrices of one shape fit into `max_memory`.

    Parameters
    ----------
    rows, columns : int
        Shape of the matrix that is about to be made.
    copies : int
        How many of them the computation holds at the same time.
    max_memory : int
        Bytes.
    name : str
        Of the method, for the message.
    way_out : str
        What to do instead, as a half-sentence: "pass n_landmarks=2000 (Nyström), or subsample with max_rows={fits}".
        ``{fits}`` in it stands for a number of rows whose square matrices would fit.

    Raises
    ------
    TypeError, ValueError
        Where `max_memory` is no positive whole number of bytes.
    MemoryError
        With the need, the limit and the way out.

    Examples
    --------
    >>> check_memory(60_000, 60_000, copies=2, max_memory=4 * 2**30, name="TCA", way_out="pass n_landmarks=2000")
    Traceback (most recent call last):
        ...
    MemoryError: TCA needs 53.6 GiB for matrices of 60,000 x 60,000, but max_memory allows 4.0 GiB: pass
    n_landmarks=2000, or raise max_memory.
    """
    check_count("max_memory", max_memory, unit="bytes")
    needed = 8 * rows * columns * copies
    if needed > max_memory:
        fits = max(2, min(isqrt(max_memory // (8 * copies)), MANY_ROWS))
        raise MemoryError(
            f"{name} needs {_bytes(needed)} for matrices of {rows:,} x {columns:,}, but max_memory allows"
            f" {_bytes(max_memory)}: {way_out.format(fits=fits)}, or raise max_memory."
        )


def columns_that_fit(rows: int, *, copies: int, max_memory: int, most: int = 500) -> int:
    """Return how many columns the float64 matrices of so many rows may have; 0 where not one fits.

    Examples
    --------
    >>> columns_that_fit(1000, copies=2, max_memory=160_000), columns_that_fit(10, copies=2, max_memory=2**30)
    (10, 500)
    """
    return min(most, max_memory // (8 * copies * rows))


def _bytes(size: int) -> str:
    return (
        f"{size / 2**30:.1f} GiB"
        if size >= 2**30
        else f"{size / 2**20:.1f} MiB"
        if size >= 2**20
        else f"{size:,} bytes"
    )
