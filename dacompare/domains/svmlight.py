"""Load a domain that a user keeps in svmlight files."""

from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.datasets import load_svmlight_file

from dacompare.domains.domain import Domain
from dacompare.domains.loaded import LoadedDomain, describe_file
from dacompare.domains.user_files import check_fits, find_user_files


def load_svmlight(*, path: str, test_path: str = "", n_features: int = 0, zero_based: bool = False) -> LoadedDomain:
    """Load one domain from a file of ``<label> <index>:<value> …`` lines, as LIBSVM and svmlight write them.

    Rows become dense, in float32. What follows a ``#``, and a ``qid:``, is left out.

    Parameters
    ----------
    path : str
        File of the training rows, or of all rows.
    test_path : str
        File of official test rows; "" where there are none.
    n_features : int
        Width of a row; 0: the largest index in these files. Give it where a file may lack the last features, as
        the source and the target must have the same width.
    zero_based : bool
        True: the first feature has index 0. LIBSVM's own files begin with 1.

    Returns
    -------
    LoadedDomain
        Labels are integers where all are whole numbers, else floats.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Naming the first line that cannot be read, and where the dense rows would not fit.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "mine.svmlight").write_text("1 1:0.5 3:2\\n-1 2:1\\n")
    ...     load_svmlight(path=f"{folder}/mine.svmlight").train.X
    array([[0.5, 0. , 2. ],
           [0. , 1. , 0. ]], dtype=float32)
    """
    if isinstance(n_features, bool) or not isinstance(n_features, int) or n_features < 0:
        raise ValueError(f"n_features must be an integer from 0 (the largest index) on, got {n_features!r}.")
    places = find_user_files("an svmlight file", path=path, test_path=test_path)
    parts = [read_svmlight(place, n_features=n_features, zero_based=zero_based) for place in places]
    width = max(X.shape[1] for X, _ in parts)
    domains = [_domain(place, X, y, width) for place, (X, y) in zip(places, parts, strict=True)]
    files = tuple(describe_file(place.name, place) for place in places)
    return LoadedDomain(domains[0], domains[1] if test_path else None, files)


def read_svmlight(path: Path, *, n_features: int = 0, zero_based: bool = False) -> tuple[csr_matrix, np.ndarray]:
    """Read one svmlight file.

    Returns
    -------
    X : csr_matrix of shape (n, n_features), float32
    y : ndarray of shape (n,), float64

    Raises
    ------
    ValueError
        Naming the first line that cannot be read, and where there is no line with a row.
    """
    try:
        with path.open("rb") as file:
            X, y = _parse(file, n_features, zero_based)
    except (ValueError, OverflowError) as error:
        # The parser does not say where it stopped.
        raise ValueError(_what_is_wrong(path, n_features, zero_based, str(error))) from error
    if not len(y):
        raise ValueError(f"{path} holds no row.")
    return X, y


def _parse(file: BinaryIO, n_features: int, zero_based: bool) -> tuple[csr_matrix, np.ndarray]:
    X, y = load_svmlight_file(file, n_features=n_features or None, dtype=np.float32, zero_based=zero_based)
    if not np.isfinite(y).all() or not np.isfinite(X.data).all():
        raise ValueError("labels and values must be finite float32")
    return X, y


def _what_is_wrong(path: Path, n_features: int, zero_based: bool, general: str) -> str:
    first = 0 if zero_based else 1
    form = f"rows are '<label> <index>:<value> …', with ascending indices from {first}"
    if n_features:
        form += f" to {n_features - 1 + first} (n_features = {n_features})"
    form += "" if zero_based else "; where the first feature has index 0, give zero_based = true"
    with path.open("rb") as file:
        lines = list(file)
    first_bad, end = 0, len(lines)
    while end - first_bad > 1:  # halve, and go on with the first half that cannot be read
        middle = (first_bad + end) // 2
        if _reason(lines[first_bad:middle], n_features, zero_based):
            end = middle
        else:
            first_bad = middle
    reason = _reason(lines[first_bad:end], n_features, zero_based) or general
    shown = ascii(lines[first_bad][:40].decode("latin-1").rstrip("\r\n"))
    return f"line {first_bad + 1} of {path} cannot be read ({reason}), got {shown}; {form}."


def _reason(lines: list[bytes], n_features: int, zero_based: bool) -> str:
    try:
        _parse(BytesIO(b"".join(lines)), n_features, zero_based)
    except (ValueError, OverflowError) as error:
        return str(error)
    return ""


def _domain(path: Path, X: csr_matrix, y: np.ndarray, width: int) -> Domain:
    n_bytes = 4 * X.shape[0] * width
    check_fits(f"the {X.shape[0]:,} rows of {path}, {width:,} features wide,", n_bytes, "keep fewer features or rows")
    X.resize((X.shape[0], width))
    labels = y.astype(np.int64) if (y == np.round(y)).all() and (np.abs(y) < 2**53).all() else y
    return Domain(X.toarray(), labels, name=path.stem)
