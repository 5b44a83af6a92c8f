"""Find a file of a published data set in the folder that DACOMPARE_DATA names."""

import os
from pathlib import Path

VARIABLE = "DACOMPARE_DATA"
CACHE = Path("~/.cache/dacompare").expanduser()
"""Where `dacompare fetch` puts data, and where it is looked for, beside the folder that the variable names."""


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
        Where it is neither in the folder that the variable names nor in the cache. Nothing is downloaded.

    Examples
    --------
    >>> find_data("nothing/here.gz", "https://example.org/here.gz")
    Traceback (most recent call last):
        ...
    FileNotFoundError: nothing/here.gz ...
    """
    folder = os.environ.get(VARIABLE)
    places = [Path(root).expanduser() / relative for root in (folder, CACHE) if root]
    found = next((path for path in places if path.exists()), None)
    if found is not None:
        return found
    way_out = f"fetch it with `dacompare fetch`, or put it there by hand (official data: {address})."
    if not folder:
        raise FileNotFoundError(
            f"{relative} is needed, but the environment variable {VARIABLE} is not set, and {CACHE} has no"
            f" {relative}; {way_out}"
        )
    raise FileNotFoundError(
        f"{relative} was not found in {folder} (the folder that {VARIABLE} names), nor in {CACHE}; {way_out}"
    )
