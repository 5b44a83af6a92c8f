"""Fetch published data sets into the data folder: on request, checked, whole or not at all."""

import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dacompare.domains.folder import CACHE, VARIABLE
from dacompare.domains.mnist import MD5 as MNIST_MD5
from dacompare.domains.mnist import MNIST_ADDRESS
from dacompare.domains.mnistm_genuine import GENUINE_ADDRESS
from dacompare.domains.photos import BSDS500_ADDRESS
from dacompare.domains.usps import USPS_ADDRESS
from dacompare.names import check_name

TIMEOUT = 60


class FetchError(RuntimeError):
    """A data set could not be had from any of its addresses; the message has the reason of each."""


@dataclass(frozen=True)
class Remote:
    """One file to fetch, and where it belongs.

    Parameters
    ----------
    place : str
        Where it goes in the data folder; of an archive, the folder that its files go to.
    addresses : tuple of str
        Tried in this order.
    checksum : str or None
        Such as "md5:…" or "sha256:…"; None where none was published.
    n_bytes : int or None
        Size of the download; checked where it is known.
    inside : str or None
        Of a tar archive, the folder in it whose files are taken; None for a plain file.
    """

    place: str
    addresses: tuple[str, ...] = field(repr=False)
    checksum: str | None = None
    n_bytes: int | None = None
    inside: str | None = None


def _mirrored(place: str, name: str, folders: tuple[str, ...], checksum: str) -> Remote:
    return Remote(f"{place}/{name}", tuple(f"{folder}{name}" for folder in folders), checksum)


MNIST_MIRRORS = (MNIST_ADDRESS, "https://storage.googleapis.com/cvdf-datasets/mnist/")
USPS_MIRRORS = (USPS_ADDRESS, "https://web.stanford.edu/~hastie/ElemStatLearn/datasets/")
USPS_SHA256 = {
    "zip.train.gz": "66ebf231ab51f2cf6ac1a892d0f98ccffee1079d7a5db638c1f11f366046ca16",
    "zip.test.gz": "8dacc3c6e136af6c3488de9e5113a7daf140c8c2f1f0b61c54ee02f03f1a962f",
}
DATASETS: dict[str, tuple[Remote, ...]] = {
    "mnist": tuple(_mirrored("mnist", name, MNIST_MIRRORS, f"md5:{md5}") for name, md5 in MNIST_MD5.items()),
    "usps": tuple(_mirrored("usps", name, USPS_MIRRORS, f"sha256:{sha}") for name, sha in USPS_SHA256.items()),
    # No checksum was published for BSDS500; its size is known.
    "bsds500": (
        Remote(
            "bsds500/images",
            (BSDS500_ADDRESS, BSDS500_ADDRESS.replace("http://www.", "https://www2.")),
            n_bytes=70_763_455,
            inside="BSR/BSDS500/data/images",
        ),
    ),
    "mnist_m": (
        Remote("mnist_m", (GENUINE_ADDRESS,), "md5:859df31c91afe82e80e5012ba928f279", inside="mnist_m"),
    ),
}  # fmt: skip
"""Name → the files to fetch. A new data set is one line here, and a loader in `DOMAINS`."""


def fetch(
    name: str,
    *,
    folder: str | Path | None = None,
    progress: bool = False,
    datasets: Mapping[str, tuple[Remote, ...]] = DATASETS,
) -> list[Path]:
    """Fetch what is missing of a data set.

    Parameters
    ----------
    name : str
        Key of `DATASETS`.
    folder : path or None
        The data folder; None for the one that DACOMPARE_DATA names, or else a cache in the home folder, where
        loaders look, too.
    progress : bool
        Show progress bars.
    datasets : mapping
        Where names are looked up.

    Returns
    -------
    list of Path
        Files and folders of the data set. What was there and is right is not fetched again; a file with a wrong
        checksum is set aside as ``<name>.bad``.

    Raises
    ------
    FetchError
        Where no address gave the right bytes. Nothing half-written stays.

    Examples
    --------
    >>> fetch("mnits")
    Traceback (most recent call last):
        ...
    ValueError: data set must be one of 'bsds500', 'mnist', 'mnist_m', 'usps', got 'mnits', did you mean 'mnist'?
    """
    check_name("data set", name, datasets)
    root = Path(folder or os.environ.get(VARIABLE) or CACHE).expanduser()
    return [_fetch_one(remote, root, progress) for remote in datasets[name]]


def _fetch_one(remote: Remote, root: Path, progress: bool) -> Path:
    place = root / remote.place
    if _is_there(remote, place):
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    reasons = []
    for address in remote.addresses:
        # Beside its place, so that the last step is a renaming on one disk.
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=place.parent) as draft:
            try:
                _take(remote, address, Path(draft), place, progress)
                return place
            except (OSError, ValueError, tarfile.TarError) as error:
                reasons.append(f"{address}: {type(error).__name__}: {error}")
    raise FetchError(f"{remote.place} could not be fetched; put it into {root} by hand. " + " | ".join(reasons))


def _take(remote: Remote, address: str, draft: Path, place: Path, progress: bool) -> None:
    """Download from one address, check, and put the result into its place."""
    from pooch import HTTPDownloader

    download = draft / "download"
    # A server that packs what is packed already would have its checksum changed on the way.
    downloader = HTTPDownloader(progressbar=progress, timeout=TIMEOUT, headers={"Accept-Encoding": "identity"})
    downloader(address, str(download), None)  # raises on 404 and the like
    if reason := _what_is_wrong(remote, download):
        bad = place.with_name(f"{place.name}.bad")
        download.replace(bad)
        raise ValueError(f"{reason}; it was set aside as {bad.name}")
    if remote.inside is None:
        download.replace(place)
        return
    unpacked = draft / "unpacked"
    unpack(download, remote.inside, unpacked)
    if place.exists():  # left by hand, and not complete
        raise FileExistsError(f"{place} is there already, but is no folder with files in it; move it away first")
    unpacked.rename(place)


def unpack(archive: Path, inside: str, folder: Path) -> None:
    """Write the files of one folder of a tar archive into a new folder.

    Links and devices are never made. An archive with a name or a link that leads out of it is refused whole.

    Raises
    ------
    ValueError
        Naming the member that climbs out, or the folder that the archive lacks.
    """
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
        for member in members:
            if _climbs(member):
                raise ValueError(f"the archive is refused: its member {member.name!r} leads out of its folder")
        files = [m for m in members if m.isfile() and PurePosixPath(m.name).is_relative_to(inside)]
        if not files:
            raise ValueError(f"the archive holds no files in {inside!r}")
        for member in files:
            path = folder / PurePosixPath(member.name).relative_to(inside)
            path.parent.mkdir(parents=True, exist_ok=True)
            content = tar.extractfile(member)
            assert content is not None, "a regular file has content"
            with content, path.open("wb") as file:
                shutil.copyfileobj(content, file)


def _climbs(member: tarfile.TarInfo) -> bool:
    names = [member.name]
    if member.issym():  # relative to the folder that the link lies in
        names.append(str(PurePosixPath(member.name).parent / member.linkname))
    elif member.islnk():
        names.append(member.linkname)
    return any(PurePosixPath(name).is_absolute() or _depth(name) < 0 for name in names)


def _depth(name: str) -> int:
    """Return how deep a path gets at its least: negative where it leaves the folder that it starts from."""
    depth = least = 0
    for part in PurePosixPath(name).parts:
        depth += -1 if part == ".." else 1
        least = min(least, depth)
    return least


def _is_there(remote: Remote, place: Path) -> bool:
    if remote.inside is not None:  # put there whole by an earlier fetch, or by hand
        return place.is_dir() and any(place.iterdir())
    if not place.is_file():
        return False
    if _what_is_wrong(remote, place):
        place.replace(place.with_name(f"{place.name}.bad"))
        return False
    return True


def _what_is_wrong(remote: Remote, file: Path) -> str | None:
    if remote.n_bytes is not None and file.stat().st_size != remote.n_bytes:
        return f"it has {file.stat().st_size} bytes, not {remote.n_bytes}"
    if remote.checksum is None:
        return None
    kind, _, expected = remote.checksum.partition(":")
    with file.open("rb") as content:
        found = hashlib.file_digest(content, kind).hexdigest()
    return None if found == expected else f"its {kind} is {found}, not {expected}"
