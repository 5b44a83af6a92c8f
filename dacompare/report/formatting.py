"""Write numbers the way the page shows them: the filters of the templates."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from dacompare.names import rounded

MISSING = "n/a"


def percent(fraction: float | None, digits: int = 1) -> str:
    """Return a fraction as a percentage.

    Examples
    --------
    >>> percent(0.4839), percent(-0.06, 0), percent(None)
    ('48.4 %', '−6 %', 'n/a')
    """
    return MISSING if fraction is None else f"{number(100 * fraction, digits)} %"


def points(fraction: float | None, unit: bool = False) -> str:
    """Return a difference of two fractions in percentage points, always with its sign.

    Examples
    --------
    >>> points(0.084), points(-0.004, unit=True), points(-0.0001)
    ('+8.4', '−0.4 points', '0.0')
    """
    if fraction is None:
        return MISSING
    text = number(100 * fraction, 1)
    text = text if text.startswith("−") or text == "0.0" else f"+{text}"
    return f"{text} points" if unit else text


def number(value: float | None, digits: int = 2) -> str:
    """Return a number with fixed decimals and a real minus sign; a rounded zero has none.

    Examples
    --------
    >>> number(-0.3141), number(-0.001), number(None)
    ('−0.31', '0.00', 'n/a')
    """
    if value is None:
        return MISSING
    return f"{rounded(value, digits):,.{digits}f}".replace("-", "−")


def interval(ends: Sequence[float | None] | None, write: Callable[[float], str] | None = None) -> str:
    """Return the two ends of an interval of fractions, in percent or written by `write`.

    Examples
    --------
    >>> interval([0.471, 0.498]), interval([0.07, 0.098], points), interval(None)
    ('47.1 to 49.8', '+7.0 to +9.8', '')
    >>> interval([0.0001, 0.014], points)  # whether it holds 0 must be seen
    '+0.01 to +1.4'
    """
    if not ends or None in ends:
        return ""
    write = write or (lambda end: number(100 * end, 1))
    return " to ".join(_apart_from_0(end) if write is points else write(end) for end in ends if end is not None)


def _apart_from_0(end: float) -> str:
    """Return points with one decimal, or with two where one would print what is not 0 as if it were."""
    text = number(100 * end, 2)
    hides = points(end) == "0.0" and text not in ("0.00", "−0.00")
    return (text if text.startswith("−") else f"+{text}") if hides else points(end)


def seconds(duration: float | None) -> str:
    """Return a duration in the two units that matter.

    Examples
    --------
    >>> seconds(0.034), seconds(12.4), seconds(200), seconds(7512), seconds(None)
    ('0.034 s', '12 s', '3 min 20 s', '2 h 5 min', 'n/a')
    """
    if duration is None:
        return MISSING
    if duration < 10:
        return f"{duration:.2g} s" if duration >= 0.001 else "< 0.001 s"
    whole = round(duration)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def count(value: float | None) -> str:
    """Return a count with its thousands set apart.

    Examples
    --------
    >>> count(60000)
    '60,000'
    """
    return MISSING if value is None else f"{round(value):,}"


def span(values: Iterable[Any]) -> str:
    """Return the smallest and the largest of some counts; what is no number is left out.

    Examples
    --------
    >>> span([18, 47, None, 20]), span([5000, 5000]), span([None])
    ('18 to 47', '5,000', '')
    """
    known = [value for value in values if isinstance(value, int | float)]
    return " to ".join(map(count, dict.fromkeys([min(known), max(known)]))) if known else ""


def size(n_bytes: float | None) -> str:
    """Return a file size.

    Examples
    --------
    >>> size(512), size(11_594_722)
    ('512 B', '11.6 MB')
    """
    if n_bytes is None:
        return MISSING
    exponent = min(3, int(math.log10(n_bytes) // 3)) if n_bytes >= 1 else 0
    unit = ("B", "kB", "MB", "GB")[exponent]
    return f"{n_bytes / 1000**exponent:.{1 if exponent else 0}f} {unit}"


def p_value(p: float | None) -> str:
    """Return a p-value with two significant digits.

    Examples
    --------
    >>> p_value(0.03125), p_value(0.00002), p_value(None)
    ('p = .031', 'p < .001', '')
    """
    if p is None:
        return ""
    if p < 0.001:
        return "p < .001"
    text = f"{p:.2g}" if p < 0.1 else f"{p:.2f}"
    return f"p = {text.removeprefix('0') if p < 1 else '1'}"


def plural(n: int, word: str, many: str = "") -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> plural(1, "seed"), plural(5, "seed"), plural(2, "class", "classes")
    ('1 seed', '5 seeds', '2 classes')
    """
    return f"{count(n)} {word if n == 1 else many or word + 's'}"


def listing(words: Iterable[Any], last: str = "and") -> str:
    """Return words as a list in a sentence; semicolons part those that hold commas of their own.

    Examples
    --------
    >>> listing(["a"]), listing(["a", "b"]), listing([1, 2, 3])
    ('a', 'a and b', '1, 2 and 3')
    >>> listing(["SGF", "SGF, chosen", "GFK"])
    'SGF; SGF, chosen; and GFK'
    """
    given = [str(word) for word in words]
    comma = ";" if len(given) > 2 and any("," in word for word in given) else ","
    last = f"{';' if comma == ';' else ''} {last} "
    return last.join(filter(None, [f"{comma} ".join(given[:-1]), *given[-1:]]))


def valued(label: str, value: str) -> str:
    """Return a label with its value, which brackets part from a label that holds a comma.

    Examples
    --------
    >>> valued("DANN", "1.21"), valued("DANN, λ = 0.1", "1.21")
    ('DANN 1.21', 'DANN, λ = 0.1 (1.21)')
    """
    return f"{label} ({value})" if "," in label else f"{label} {value}"


def shorten(text: str, length: int = 14) -> str:
    """Return a label that fits into a figure: one line, cut with an ellipsis.

    Examples
    --------
    >>> shorten("speed limit 120 km/h"), shorten("stop")
    ('speed limit 1…', 'stop')
    """
    line = " ".join(str(text).split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


FILTERS: dict[str, Callable[..., str]] = {
    "percent": percent, "points": points, "number": number, "interval": interval, "seconds": seconds,
    "count": count, "size": size, "p_value": p_value, "plural": plural, "listing": listing, "shorten": shorten,
}  # fmt: skip
