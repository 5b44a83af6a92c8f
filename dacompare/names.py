"""Names looked up among those allowed, with the nearest one suggested; names and numbers as a sentence has them."""

import math
from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: object, allowed: Iterable[str]) -> str:
    """Return the words ", did you mean 'x'?" for a mistyped name, or nothing where no name is near.

    Parameters
    ----------
    name : object
        What was given; anything but a string has no near name.
    allowed : iterable of str
        The names that would have worked.

    Examples
    --------
    >>> nearest("sorce-only", ["source-only", "dann"])
    ", did you mean 'source-only'?"
    >>> nearest("quite else", ["source-only", "dann"])
    ''
    """
    matches = get_close_matches(name, list(allowed), n=1, cutoff=0.6) if isinstance(name, str) else []
    return f", did you mean {matches[0]!r}?" if matches else ""


def check_name(argument: str, value: object, allowed: Iterable[str]) -> str:
    """Return `value` if it is one of the allowed names, else say which argument is wrong and what would work.

    Raises
    ------
    ValueError
        Naming the argument, the value, the nearest name and all that are allowed.

    Examples
    --------
    >>> check_name("layer", "last_hidden", ["last_hidden", "extractor"])
    'last_hidden'
    >>> check_name("layer", "last_hiden", ["last_hidden", "extractor"])
    Traceback (most recent call last):
        ...
    ValueError: layer must be one of 'extractor', 'last_hidden', got 'last_hiden', did you mean 'last_hidden'?
    """
    names = sorted(allowed)
    if isinstance(value, str) and value in names:
        return value
    known = ", ".join(map(repr, names))
    raise ValueError(f"{argument} must be one of {known}, got {value!r}{nearest(value, names)}")


def in_sentence(label: str) -> str:
    """Return a label as it stands within a sentence: abbreviations keep their capitals.

    Examples
    --------
    >>> in_sentence("Source only"), in_sentence("DANN")
    ('source only', 'DANN')
    """
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def rounded(value: float, digits: int) -> float:
    """Return a number as it is printed: halves go away from 0, whichever way binary fractions lean, and −0 is 0.

    Examples
    --------
    >>> rounded(1.25, 1), rounded(-1.25, 1), rounded(100 * 0.0125, 1), rounded(-0.01, 1)
    (1.3, -1.3, 1.3, 0.0)
    """
    return round(value + math.copysign(1e-9, value), digits) + 0.0
