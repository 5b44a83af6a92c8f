"""Turn what was measured into plain data, and plain data into the text of a file."""

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np


def as_json(value: Any) -> str:
    """Return the text of a results file: keys sorted, no NaN, a list of numbers on one line.

    A change of one row is then a change of one line.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1)
    return re.sub(r"\[\n[^\[\]{}\"]*\]", lambda numbers: f"[{' '.join(numbers[0][1:-1].split())}]", text) + "\n"


def plain(value: Any, path: str = "") -> Any:
    """Return a copy that JSON gives back unchanged: floats with 6 significant digits, keys sorted."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"{path or 'results'} has the key {key!r}; keys must be strings")
        # In the order of the file, so that a page from memory and one from JSON are the same bytes.
        return {_text(key): plain(value[key], f"{path}.{key}".lstrip(".")) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [plain(item, f"{path}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, float):
        return float(f"{value:.6g}") + 0.0  # + 0.0 turns −0.0 into 0.0
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool | int):
        return value
    raise TypeError(f"{path or 'results'} holds a {type(value).__name__}, which JSON cannot")


def _text(value: str) -> str:
    """Return the string without lone surrogates, which UTF-8 cannot hold."""
    return value.encode("utf-8", "replace").decode("utf-8")
