"""Load a domain that a user keeps in an npz file: one file for both domains, or one for each."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np

from dacompare.domains.domain import Domain
from dacompare.domains.loaded import LoadedDomain, describe_file
from dacompare.domains.user_files import find_user_files
from dacompare.names import check_name, nearest

REQUIRED = {"source": ("X_source", "y_source"), "target": ("X_target",)}
ALONE = ("X", "y", "groups")
"""Keys of a file that holds one domain."""
KEYS = (
    *("X_source", "y_source", "groups_source", "X_target", "y_target", "groups_target"),
    *("X_target_test", "y_target_test", "class_names"),
    *ALONE,
)


def load_npz(*, path: str, test_path: str = "", side: Literal["source", "target"] = "source") -> LoadedDomain:
    """Load one domain of an npz file that holds both, or that holds this one alone.

    Parameters
    ----------
    path : str
        File with X_source, y_source, X_target and, if you like, y_target, X_target_test, y_target_test,
        groups_source, groups_target and class_names (see `numpy.savez`); or with X and, if you like, y, groups and
        class_names.
    test_path : str
        File of official test rows, which holds them as X, y and groups; "" where there is none.
    side : {"source", "target"}
        Which of the two.

    Returns
    -------
    LoadedDomain
        With an official test set where there is a `test_path`, or where `side` is "target" and the file has
        X_target_test.

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
    places = find_user_files("an npz file", path=path, test_path=test_path)
    arrays = [_read(place) for place in places]
    alone = "X" in arrays[0]
    _check_keys(places[0], arrays[0], "alone" if alone else side)
    train = _domain(places[0], arrays[0], "" if alone else f"_{side}", named=alone or side == "source")
    files = tuple(describe_file(place.name, place) for place in places)
    own_test = side == "target" and "X_target_test" in arrays[0]
    if not test_path:
        test = _domain(places[0], arrays[0], "_target_test") if own_test else None
        return LoadedDomain(train, test, files)
    if own_test:
        raise ValueError(f"{places[0]} holds X_target_test already; leave test_path out, or the key.")
    _check_keys(places[1], arrays[1], "alone")
    return LoadedDomain(train, _domain(places[1], arrays[1], ""), files)


def _read(file: Path) -> dict[str, np.ndarray]:
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
    for key in REQUIRED.get(side, ("X",)):
        if key not in arrays:
            present = ", ".join(sorted(arrays)) or "nothing"
            raise ValueError(f"{file} lacks {key}{nearest(key, set(arrays) - set(KEYS))}; it holds {present}.")
    for key in arrays:
        if key not in KEYS:
            raise ValueError(f"{file} holds the unknown key {key!r}{nearest(key, KEYS)}; known are {', '.join(KEYS)}.")
    if "X" in arrays and (both := [key for key in arrays if key not in (*ALONE, "class_names")]):
        raise ValueError(f"{file} holds X, so it is one domain alone, but also {', '.join(both)}; leave these out.")
    if "y_target_test" in arrays and "X_target_test" not in arrays:
        raise ValueError(f"{file} holds y_target_test, but not X_target_test; give both, or neither.")


def _domain(file: Path, arrays: Mapping[str, np.ndarray], suffix: str, *, named: bool = False) -> Domain:
    y, groups = arrays.get(f"y{suffix}"), arrays.get(f"groups{suffix}")
    # The names go by the sorted source labels, and a target may lack some of these.
    names = arrays["class_names"].tolist() if named and y is not None and "class_names" in arrays else None
    try:
        return Domain(arrays[f"X{suffix}"], y, groups=groups, name=file.stem, class_names=names)
    except (TypeError, ValueError) as error:
        raise type(error)(f"X{suffix} of {file}: {error}") from error
