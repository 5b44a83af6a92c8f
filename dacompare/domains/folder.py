"""Find a file of a published data set in the folder that DACOMPARE_DATA names."""

import os
from pathlib import Path

VARIABLE = "DACOMPARE_DATA"


def find_data(relative: str, address: str) -> Path:
    """Return the path of a file or folder of a data set.

    Parameters
    ----------
    relative : str
        Its place in the data folder, such as "mnist/train-images-idx3-ubyte.gz".
    address : str
        Where the official data lies; the error names it.

    Raises
    ------
    FileNotFoundError
        Where the variable is not set, or the file is not there. Nothing is downloaded.

    Examples
    --------
    >>> find_data("nothing/here.gz", "https://example.org/here.gz")
    Traceback (most recent call last):
        ...
    FileNotFoundError: nothing/here.gz ...
    """
    folder = os.environ.get(VARIABLE)
    if not folder:
        raise FileNotFoundError(
            f"{relative} is needed, but the environment variable {VARIABLE} is not set; set it to a folder"
            f" that holds {relative} (official data: {address})."
        )
    path = Path(folder).expanduser() / relative
    if not path.exists():
        raise FileNotFoundError(
            f"{relative} was not found in {folder} (the folder that {VARIABLE} names); put it there (official"
            f" data: {address})."
        )
    return path
