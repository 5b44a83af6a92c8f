"""Check a number that a user chose, and say in words what would have worked."""

import math
from numbers import Integral, Real
from typing import Any


def check_number(
    name: str, value: Any, *, at_least: float | None = None, above: float | None = None, below: float | None = None
) -> float:
    """Return a finite number within its bounds.

    Parameters
    ----------
    name : str
        Of the parameter, for the message.
    value : object
        What was given; NaN, infinity, booleans and text are no numbers here.
    at_least, above, below : float, optional
        Its bounds, of which only the first is itself allowed.

    Raises
    ------
    TypeError, ValueError
        With the name, the value and the bounds.

    Examples
    --------
    >>> check_number("noise", 0.5, at_least=0, below=1)
    0.5
    >>> check_number("noise", 1.0, at_least=0, below=1)
    Traceback (most recent call last):
        ...
    ValueError: noise must be a number of at least 0 and below 1, got 1.0.
    """
    bounds = [("of at least", at_least), ("above", above), ("below", below)]
    wanted = " and ".join(f"{word} {bound}" for word, bound in bounds if bound is not None)
    complaint = f"{name} must be a number {wanted or 'that is finite'}, got {value!r}."
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(complaint)
    number = float(value)
    inside = (at_least is None or number >= at_least) and (above is None or number > above)
    if not (math.isfinite(number) and inside and (below is None or number < below)):
        raise ValueError(complaint)
    return number


def check_count(name: str, value: Any, *, at_least: int = 1) -> int:
    """Return a whole number that is large enough.

    Raises
    ------
    TypeError, ValueError
        With the name, the value and the least that would work.

    Examples
    --------
    >>> check_count("n_layers", 5)
    5
    >>> check_count("n_layers", 0)
    Traceback (most recent call last):
        ...
    ValueError: n_layers must be a whole number of at least 1, got 0.
    """
    complaint = f"{name} must be a whole number of at least {at_least}, got {value!r}."
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(complaint)
    if value < at_least:
        raise ValueError(complaint)
    return int(value)
