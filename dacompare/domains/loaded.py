"""Keep what a loader found together with where it came from: files, checksums, generator settings."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dacompare.domains.domain import Domain


@dataclass(frozen=True)
class DataFile:
    """One file, or one set of generated arrays, that a domain was read from.

    Parameters
    ----------
    name : str
    sha256 : str
    bytes : int
    left_out : int
        Rows, or images, that could not be used and that the recipe allows to leave out.

    Examples
    --------
    >>> DataFile("t10k-labels-idx1-ubyte.gz", "f7ae…", 4542).to_dict()["bytes"]
    4542
    """

    name: str
    sha256: str
    bytes: int
    left_out: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dict, as the results file keeps them: `left_out` only where there is something."""
        return {name: value for name, value in asdict(self).items() if name != "left_out" or value}


@dataclass(frozen=True, eq=False)
class LoadedDomain:
    """A domain with its official split, if there is one, and its origin.

    Parameters
    ----------
    train : Domain
        Training rows; all rows where there is no official split.
    test : Domain or None
        Official test rows.
    files : tuple of DataFile
        What was read, or generated.
    generator : dict or None
        Every setting of the generator, JSON-able; None for data that was only read.

    Examples
    --------
    >>> LoadedDomain(Domain([[1.0]], [0])).test is None
    True
    """

    train: Domain
    test: Domain | None = None
    files: tuple[DataFile, ...] = ()
    generator: dict[str, Any] | None = None


def hash_arrays(*arrays: np.ndarray) -> str:
    """Return the sha256 of arrays: of their types, shapes and bytes, in order.

    Examples
    --------
    >>> hash_arrays(np.arange(4)) == hash_arrays(np.arange(4).reshape(2, 2))
    False
    >>> hash_arrays(np.arange(4)[::2]) == hash_arrays(np.array([0, 2]))
    True
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data if array.size else b"")
    return digest.hexdigest()


def describe_arrays(name: str, *arrays: np.ndarray) -> DataFile:
    """Describe generated arrays as if they were one file.

    Examples
    --------
    >>> describe_arrays("noise", np.zeros(3)).bytes
    24
    """
    return DataFile(name, hash_arrays(*arrays), sum(array.nbytes for array in arrays))


def describe_file(name: str, path: Path) -> DataFile:
    """Describe a file: its checksum and its size in bytes."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return DataFile(name, digest.hexdigest(), path.stat().st_size)
