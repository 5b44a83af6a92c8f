"""Write a file whole or not at all."""

import os
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
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.tmp-{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path
