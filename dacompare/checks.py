"""Check a number that a user chose, and say in words what would have worked."""

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

from numpy.typing import NDArray


def check_number(
    name: str,
    value: Any,
    *,
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
    note: str = "",
) -> float:
    """Return a finite number within its bounds.

    Parameters
    ----------
    name : str
        Of the parameter, for the message.
    value : object
        What was given; NaN, infinity, booleans and text are no numbers here.
    at_least, above, at_most, below : float, optional
        Its bounds; `above` and `below` are not themselves allowed.
    note : str
        What else would work, or why no less does, for the message: "or None for the median".

    Raises
    ------
    TypeError, ValueError
        Where it is no number, and where it is out of its bounds: with the name, the bounds and the value.

    Examples
    --------
    >>> check_number("noise", 0.5, at_least=0, below=1)
    0.5
    >>> check_number("noise", 1.0, at_least=0, below=1)
    Traceback (most recent call last):
        ...
    ValueError: noise must be a number from 0 on and below 1, got 1.0.
    """
    bounds = [("from {} on", at_least), ("above {}", above), ("up to {}", at_most), ("below {}", below)]
    wanted = " and ".join(words.format(bound) for words, bound in bounds if bound is not None)
    complaint = f"{name} must be a number {wanted or 'that is finite'}{note and ', ' + note}, got {value!r}."
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(complaint)
    number = float(value)
    low = (at_least is None or number >= at_least) and (above is None or number > above)
    high = (at_most is None or number <= at_most) and (below is None or number < below)
    if not (math.isfinite(number) and low and high):
        raise ValueError(complaint)
    return number


def check_count(name: str, value: Any, *, at_least: int = 1, unit: str = "") -> int:
    """Return a whole number that is large enough.

    Parameters
    ----------
    name : str
        Of the parameter, for the message.
    value : object
        What was given; booleans and 2.0 are no whole numbers here.
    at_least : int
    unit : str
        What is counted, for the message: "bytes".

    Raises
    ------
    TypeError, ValueError
        Where it is no whole number, and where it is too small: with the name, the least that would work and the value.

    Examples
    --------
    >>> check_count("n_layers", 5)
    5
    >>> check_count("max_memory", 0, unit="bytes")
    Traceback (most recent call last):
        ...
    ValueError: max_memory must be a whole number of bytes from 1 on, got 0.
    """
    complaint = f"{name} must be a whole number{unit and ' of ' + unit} from {at_least} on, got {value!r}."
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(complaint)
    if value < at_least:
        raise ValueError(complaint)
    return int(value)


def check_known_labels(name: str, labels: NDArray[Any]) -> NDArray[Any]:
    """Return labels none of which is missing.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    labels : ndarray of shape (n,)

    Raises
    ------
    ValueError
        For NaN, infinity or None among them, with the first row that has it.

    Examples
    --------
    >>> import numpy as np
    >>> check_known_labels("y", np.array([1.0, np.nan]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: y holds nan (first in row 1); NaN is no label here: an unlabelled domain has y=None, ...
    """
    if labels.dtype.kind not in "fO":
        return labels
    missing = (i for i, v in enumerate(labels.tolist()) if v is None or (isinstance(v, float) and not math.isfinite(v)))
    if (row := next(missing, None)) is not None:
        raise ValueError(
            f"{name} holds {labels[row]!s} (first in row {row}); NaN is no label here: an unlabelled domain has"
            f" {name}=None, and partly labelled rows have to be dropped or split off."
        )
    return labels


def check_name_order(names: Sequence[str], classes: NDArray[Any]) -> None:
    """Refuse names that are the labels themselves in another order: each class would be called by another's.

    Examples
    --------
    >>> import numpy
    >>> check_name_order(["dog", "cat"], numpy.array(["cat", "dog"]))
    Traceback (most recent call last):
        ...
    ValueError: class_names are the labels in another order, which would rename classes; leave class_names out, or
    sort them: ['cat', 'dog'].
    """
    labels = list(map(str, classes.tolist()))
    if classes.dtype.kind in "OU" and list(names) != labels and sorted(names) == sorted(labels):
        raise ValueError(
            "class_names are the labels in another order, which would rename classes; leave class_names out, or sort"
            f" them: {labels}."
        )
