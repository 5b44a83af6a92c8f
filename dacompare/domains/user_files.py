"""Find the files or folders that a user names, and refuse what would fill the memory."""

from pathlib import Path

MOST_BYTES = 4 * 2**30
"""What the rows of one file or folder may take in memory; more is refused before it is taken."""


def find_user_files(what: str, *, path: str, test_path: str = "") -> list[Path]:
    """Return the one or two files that a loader's options name.

    Parameters
    ----------
    what : str
        What they should be, for the message: "a CSV file".
    path, test_path : str
        Values of the options; ``~`` is the home folder. Where `test_path` is "", there is no second file.

    Raises
    ------
    FileNotFoundError
        Where nothing is there, or a folder.

    Examples
    --------
    >>> find_user_files("a CSV file", path="none.csv")
    Traceback (most recent call last):
        ...
    FileNotFoundError: path must name a CSV file, got 'none.csv', which is not there.
    """
    places = _places(path, test_path)
    for argument, place in places.items():
        if not place.is_file():
            found = "which is a folder" if place.is_dir() else "which is not there"
            raise FileNotFoundError(f"{argument} must name {what}, got {str(place)!r}, {found}.")
    return list(places.values())


def find_user_folders(what: str, *, path: str, test_path: str = "") -> list[Path]:
    """Return the one or two folders that a loader's options name.

    Parameters
    ----------
    what, path, test_path
        As in `find_user_files`.

    Raises
    ------
    FileNotFoundError
        Where nothing is there, or a file.

    Examples
    --------
    >>> find_user_folders("a folder of images", path="none")
    Traceback (most recent call last):
        ...
    FileNotFoundError: path must name a folder of images, got 'none', which is not there.
    """
    places = _places(path, test_path)
    for argument, place in places.items():
        if not place.is_dir():
            found = "which is a file" if place.exists() else "which is not there"
            raise FileNotFoundError(f"{argument} must name {what}, got {str(place)!r}, {found}.")
    return list(places.values())


def check_fits(what: str, n_bytes: int, way_out: str) -> None:
    """Refuse rows that would take more than `MOST_BYTES`.

    Parameters
    ----------
    what : str
        Whose rows they are.
    n_bytes : int
        What they would take.
    way_out : str
        What to do instead, as a half-sentence.

    Raises
    ------
    ValueError
        With the need, the limit and the way out.

    Examples
    --------
    >>> check_fits("photos", 8 * 2**30, "give a smaller size")
    Traceback (most recent call last):
        ...
    ValueError: photos would take 8.0 GiB in memory, 4.0 GiB are allowed: give a smaller size.
    """
    if n_bytes > MOST_BYTES:
        need, limit = n_bytes / 2**30, MOST_BYTES / 2**30
        raise ValueError(f"{what} would take {need:.1f} GiB in memory, {limit:.1f} GiB are allowed: {way_out}.")


def _places(path: str, test_path: str) -> dict[str, Path]:
    named = {"path": path, "test_path": test_path} if test_path else {"path": path}
    return {argument: Path(value).expanduser() for argument, value in named.items()}
