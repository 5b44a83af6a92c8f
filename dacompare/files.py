"""Write a file whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


def write_whole(path: Path, text: str) -> Path:
    """Write text beside its place and then move it there, so that a failed write leaves the old file as it was.

    Parameters
    ----------
    path : Path
        Its folder is made where it is missing.
    text : str
        Written as UTF-8, with plain line ends.

    Raises
    ------
    IsADirectoryError
        Where the path is a folder.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the name of a file in it")
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")
    return path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a place beside `path` to write to; what lies there at the end takes the place of `path`.

    Parameters
    ----------
    path : Path
        Its folder is made where it is missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.tmp-{os.getpid()}")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
