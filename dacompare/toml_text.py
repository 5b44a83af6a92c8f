"""Write values and comments as TOML, whatever characters they hold."""

import textwrap
from typing import Any

WIDTH = 100
"""Columns of a comment."""


def toml_value(value: Any) -> str:
    """Return a value as TOML writes it.

    Examples
    --------
    >>> import tomllib
    >>> toml_value(True), toml_value(0.5), toml_value(["a", 1])
    ('true', '0.5', '["a", 1]')
    >>> tomllib.loads(f"text = {toml_value(chr(34) + chr(10) + chr(0))}")
    {'text': '"\\n\\x00'}
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return f'"{"".join(map(_escaped, value))}"'
    return f"[{', '.join(map(toml_value, value))}]"


def _escaped(character: str) -> str:
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    if character in short:
        return short[character]
    # Control characters must be written out; what cannot be seen is easier to tell when it is.
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def printable(text: str) -> str:
    """Write out every character that would break a line or steer a terminal.

    Examples
    --------
    >>> print(printable("a\\nb"))
    a\\nb
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def comment(text: str) -> str:
    """Return a sentence as lines of a comment."""
    return "\n".join(
        textwrap.wrap(printable(text), WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
    )
