"""Keep each finished stage in a folder of its own, and know when it may be used again."""

import contextlib
import hashlib
import json
import os
import shutil
import socket
import threading
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any


class RunFolderInUse(RuntimeError):
    """Another run holds the run folder; wait for it, or give this run a folder of its own with --work."""


DONE = "done.json"
ELSEWHERE = 0
_HELD: set[Path] = set()
"""Locks that this process holds, whose number alone does not tell a second run of its own from a first."""
_ONE_THREAD = threading.Lock()


def stage_folder(
    work: Path,
    name: str,
    settings: Mapping[str, Any],
    *,
    seed: int,
    version: int,
    inputs: Sequence[Path] = (),
) -> Path:
    """Return where a stage's results belong: the name tells what, the key from what.

    Parameters
    ----------
    work : Path
        The run folder.
    name : str
        The stage and its row, such as "train-dann".
    settings : mapping
        Everything that the stage's result depends on, JSON-able, the data's hash included.
    seed : int
        Of the run.
    version : int
        Raised in code whenever the same settings give another result.
    inputs : sequence of Path
        Folders of the stages that this one reads; their names carry their own keys.

    Examples
    --------
    >>> stage_folder(Path("w"), "embed", {"perplexity": 30}, seed=0, version=1).name
    'embed-fe81f73f008c'
    """
    described = {
        "settings": dict(settings),
        "inputs": [p.name for p in inputs],
        "seed": seed,
        "version": version,
    }
    text = json.dumps(described, sort_keys=True, allow_nan=False)
    key = hashlib.sha256(text.encode()).hexdigest()[:12]
    return work / f"seed-{seed}" / f"{name}-{key}"


def checkpoint_path(folder: Path) -> Path:
    """Return where a training keeps its state until its stage is finished: beside the stage's folder."""
    return folder.with_name(f"{folder.name}.checkpoint.safetensors")


def is_finished(folder: Path) -> bool:
    """Tell whether a stage ended, and whether its files are still what it wrote."""
    try:
        hashes = json.loads((folder / DONE).read_text(encoding="utf-8"))
        return all(_sha256(folder / name) == value for name, value in hashes.items())
    except (OSError, ValueError, AttributeError):
        return False


def require(folder: Path | None) -> None:
    """Refuse to read a stage that did not finish.

    Raises
    ------
    FileNotFoundError
        Naming the stage; its own error says why it failed.
    """
    if folder is not None and not is_finished(folder):
        raise FileNotFoundError(f"{folder.name} did not finish, and what follows needs it")


@contextlib.contextmanager
def said() -> Iterator[list[str]]:
    """Collect warnings as sentences, each once, for the row that they belong to."""
    sentences: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield sentences
    sentences += sorted({str(warning.message) for warning in caught})


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[Path]:
    """Give a temporary folder to write into; it takes its place whole, or not at all.

    Parameters
    ----------
    folder : Path
        Where the results belong. An unfinished or damaged one is replaced.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f"{folder.name}.tmp-{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        yield draft
        hashes = {path.name: _sha256(path) for path in sorted(draft.iterdir())}
        write_json(draft / DONE, hashes)
        for path in draft.iterdir():
            _flush(path)
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextlib.contextmanager
def locked(work: Path) -> Iterator[None]:
    """Let one run at a time use a run folder.

    Raises
    ------
    RunFolderInUse
        Where another run holds the folder, of this process, too. The lock of a process that is gone is taken over.
    """
    work.mkdir(parents=True, exist_ok=True)
    lock = work / "lock"
    with _ONE_THREAD:
        _acquire(lock)
    # Whoever holds the lock is alone: half-written stages are those of a run that was killed.
    for draft in work.glob("seed-*/*.tmp-*"):
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        else:
            draft.unlink(missing_ok=True)
    try:
        yield
    finally:
        with _ONE_THREAD:  # between the two steps another thread would take a lock for one that nobody holds
            _HELD.discard(lock.resolve())
            lock.unlink(missing_ok=True)


def _acquire(lock: Path) -> None:
    while not _take(lock):
        holder = _holder(lock)
        if holder == ELSEWHERE:
            raise RunFolderInUse(
                f"{lock} says that another machine uses this folder; choose another with --work, or delete it"
            )
        if holder and (holder != os.getpid() or lock.resolve() in _HELD) and _is_alive(holder):
            raise RunFolderInUse(
                f"{lock.parent} is in use by process {holder}; wait for it, or choose another folder with --work"
            )
        if holder is None and _is_being_written(lock):
            time.sleep(0.02)
        else:
            lock.unlink(missing_ok=True)
    _HELD.add(lock.resolve())


def _take(lock: Path) -> bool:
    """Make the lock with this process's number in it, unless one is there: of two that try, one gets it."""
    try:
        with lock.open("x", encoding="utf-8") as file:
            file.write(f"{os.getpid()} {socket.gethostname()}\n")
    except FileExistsError:
        return False
    return True


def _is_being_written(lock: Path) -> bool:
    """Tell whether a lock without a holder is one that somebody has made this very moment."""
    try:
        return time.time() - lock.stat().st_mtime < 1
    except FileNotFoundError:
        return False


def write_json(path: Path, value: Any) -> None:
    """Write JSON with sorted keys; NaN is refused."""
    path.write_text(json.dumps(value, sort_keys=True, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read what :func:`write_json` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _holder(lock: Path) -> int | None:
    try:
        pid, host = lock.read_text(encoding="utf-8").split()
        # A process elsewhere cannot be asked whether it lives; its lock must be deleted by hand.
        return int(pid) if host == socket.gethostname() else ELSEWHERE
    except (OSError, ValueError):
        return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
