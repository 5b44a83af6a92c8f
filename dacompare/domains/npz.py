"""Load a transfer that a user keeps in one npz file."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np

from dacompare.domains.domain import Domain
from dacompare.domains.loaded import LoadedDomain, describe_file
from dacompare.names import check_name, nearest

REQUIRED = {"source": ("X_source", "y_source"), "target": ("X_target",)}
KEYS = (
    *("X_source", "y_source", "groups_source", "X_target", "y_target", "groups_target"),
    *("X_target_test", "y_target_test", "class_names"),
)


def load_npz(*, path: str, side: Literal["source", "target"] = "source") -> LoadedDomain:
    """Load one domain of an npz file that holds both.

    Parameters
    ----------
    path : str
        File with X_source, y_source, X_target and, if you like, y_target, X_target_test, y_target_test,
        groups_source, groups_target and class_names (see `numpy.savez`).
    side : {"source", "target"}
        Which of the two.

    Returns
    -------
    LoadedDomain
        With an official test set where `side` is "target" and the file has X_target_test.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where it is no npz, lacks a key or has one too many, or holds Python objects, which could run code
        when loaded and are refused.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/mine.npz", X_source=np.eye(3), y_source=["a", "b", "a"], X_target=np.eye(3))
    ...     load_npz(path=f"{folder}/mine.npz", side="source").train
    Domain('mine', 3 rows × 3 features, 2 classes)
    """
    check_name("side", side, REQUIRED)
    file = Path(path).expanduser()
    arrays = _read(file)
    _check_keys(file, arrays, side)
    train = _domain(file, arrays, f"_{side}")
    test = _domain(file, arrays, "_target_test") if side == "target" and "X_target_test" in arrays else None
    return LoadedDomain(train, test, (describe_file(file.name, file),))


def _read(file: Path) -> dict[str, np.ndarray]:
    if not file.is_file():
        raise FileNotFoundError(f"path must name an npz file, got {str(file)!r}, which is not there.")
    if not zipfile.is_zipfile(file):
        raise ValueError(f"{file} is no npz file, or a truncated one; write it with numpy.savez.")
    arrays = {}
    with np.load(file, allow_pickle=False) as archive:
        for key in archive.files:
            try:
                arrays[key] = archive[key]
            except (ValueError, zipfile.BadZipFile, EOFError) as error:
                raise ValueError(
                    f"{key} in {file} cannot be read ({error}); arrays of Python objects are refused, since"
                    " loading them can run code: save numbers, or text as an array of strings."
                ) from error
    return arrays


def _check_keys(file: Path, arrays: Mapping[str, np.ndarray], side: str) -> None:
    for key in REQUIRED[side]:
        if key not in arrays:
            present = ", ".join(sorted(arrays)) or "nothing"
            raise ValueError(f"{file} lacks {key}{nearest(key, set(arrays) - set(KEYS))}; it holds {present}.")
    for key in arrays:
        if key not in KEYS:
            raise ValueError(f"{file} holds the unknown key {key!r}{nearest(key, KEYS)}; known are {', '.join(KEYS)}.")
    if "y_target_test" in arrays and "X_target_test" not in arrays:
        raise ValueError(f"{file} holds y_target_test, but not X_target_test; give both, or neither.")


def _domain(file: Path, arrays: Mapping[str, np.ndarray], suffix: str) -> Domain:
    y, groups = arrays.get(f"y{suffix}"), arrays.get(f"groups{suffix}")
    # The names go by the sorted source labels, and a target may lack some of these.
    names = arrays["class_names"].tolist() if suffix == "_source" and "class_names" in arrays else None
    try:
        return Domain(arrays[f"X{suffix}"], y, groups=groups, name=file.stem, class_names=names)
    except (TypeError, ValueError) as error:
        raise type(error)(f"X{suffix} of {file}: {error}") from error
