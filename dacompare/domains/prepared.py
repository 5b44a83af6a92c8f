"""Keep the rows of a transfer in files that all processes map into memory, instead of a copy in each."""

from copy import copy
from dataclasses import replace
from pathlib import Path

import numpy as np

from dacompare.domains.domain import Domain
from dacompare.domains.loaded import hash_arrays
from dacompare.domains.loading import LoadedTransfer
from dacompare.domains.transfer import Transfer
from dacompare.files import replacing

SMALL = 2**20
"""Arrays of fewer bytes stay in memory."""


def prepare(loaded: LoadedTransfer, folder: Path) -> LoadedTransfer:
    """Write the large arrays of a transfer to files, and return the same transfer over those files.

    A file is named by a hash over its array and checked when it is found again, so that no file can go stale.
    Processes that are given the transfer share the pages of the files that they touch.

    Parameters
    ----------
    loaded : LoadedTransfer
    folder : Path
        Holds nothing else: files of other arrays in it are deleted.

    Examples
    --------
    >>> import tempfile
    >>> images = np.arange(600 * 28 * 28 * 3, dtype=np.uint8).reshape(600, 28, 28, 3)
    >>> transfer = Transfer.from_arrays(images, np.arange(600) % 2, 255 - images)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     mapped = prepare(LoadedTransfer(transfer, [], None), Path(folder)).transfer
    ...     len(list(Path(folder).glob("*.npy"))), bool((mapped.target.X == 255 - images).all())
    (2, True)
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept: set[Path] = set()
    domains = {name: _mapped(domain, folder, kept) for name, domain in loaded.transfer.domains.items()}
    for path in set(folder.iterdir()) - kept:
        path.unlink()
    return replace(loaded, transfer=_with_domains(loaded.transfer, domains))


def _mapped(domain: Domain, folder: Path, kept: set[Path]) -> Domain:
    """Return the domain over a file of its rows."""
    if domain.X.nbytes < SMALL:
        return domain
    digest = hash_arrays(domain.X)
    path = folder / f"{digest[:16]}.npy"
    kept.add(path)
    if not _holds(path, digest):
        with replacing(path) as draft, draft.open("wb") as file:
            np.save(file, np.ascontiguousarray(domain.X), allow_pickle=False)
    return replace(domain, X=np.load(path, mmap_mode="r", allow_pickle=False))


def _holds(path: Path, digest: str) -> bool:
    """Tell whether a file is there and holds, byte for byte, the array with this hash."""
    try:
        return hash_arrays(np.load(path, mmap_mode="r", allow_pickle=False)) == digest
    except (OSError, ValueError):
        return False


def _with_domains(transfer: Transfer, domains: dict[str, Domain]) -> Transfer:
    """Return a transfer over other copies of its own domains, without reading them all again to check them."""
    other = copy(transfer)
    for name, domain in domains.items():
        object.__setattr__(other, name, domain)  # frozen for users; nobody else has seen this copy yet
    return other
