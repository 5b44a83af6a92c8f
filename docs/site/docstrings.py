"""Make docstrings that are written for numpydoc and Sphinx read well as Markdown."""

import re
from collections.abc import Iterator
from typing import Any

import griffe

ROLE = re.compile(r":[a-z]+:`~?(?:[\w.]+\.)?(\w+)`")
CHOICES = re.compile(r"^((?:\*{0,2}\w+)(?:, \*{0,2}\w+)* : )\{([^}]*)\}", flags=re.M)
SECTION = re.compile(r"(?m)^(\w[\w ]*)\n-{3,}\n")


class Docstrings(griffe.Extension):
    """Rewrite every docstring as it is read."""

    def on_object(self, *, obj: Any, **kwargs: Any) -> None:
        """Rewrite one."""
        if obj.docstring:
            obj.docstring.value = rewritten(obj.docstring.value)


def rewritten(text: str) -> str:
    """Return a docstring without what the parser would misread.

    Roles such as :func:`~dacompare.run` become code; "array-like" is no subtraction, {"a", "b"} no set whose first
    element is the default, and parameters that share a line do not share the default of the first.

    Examples
    --------
    >>> print(rewritten("Parameters\\n----------\\na, b : {1, 2}\\n    See :func:`~dacompare.run`."))
    Parameters
    ----------
    a : one of 1, 2
        See `run`.
    b : one of 1, 2
        See `run`.
    """
    text = ROLE.sub(r"`\1`", text).replace("array-like", "array\u2011like")
    text = CHOICES.sub(r"\1one of \2", text)
    parts = SECTION.split(text)
    for k in range(1, len(parts), 2):
        body = "\n".join(one_each(parts[k + 1])) if parts[k] == "Parameters" else parts[k + 1]
        parts[k : k + 2] = ["", f"{parts[k]}\n{'-' * len(parts[k])}\n{body}"]
    return "".join(parts)


def one_each(body: str) -> Iterator[str]:
    """Yield the lines of a section of parameters, with an entry for each name."""
    for entry in re.split(r"\n(?=\S)", body):
        head, _, rest = entry.partition("\n")
        names, colon, kind = head.partition(" : ")
        for name in names.split(", "):
            yield f"{name}{colon}{kind}" + (f"\n{rest}" if rest else "")
