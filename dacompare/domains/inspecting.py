"""Look at what a user names, a folder or a file, and say what it is before anything is decided."""

import re
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np

from dacompare.domains.domain import Domain
from dacompare.domains.harmonising import text_of
from dacompare.domains.image_folder import ENDINGS
from dacompare.domains.inspected import Choice, Inspected, one_line
from dacompare.domains.inspecting_images import inspect_images
from dacompare.domains.inspecting_tables import inspect_table
from dacompare.domains.npz import load_npz
from dacompare.domains.scales import offset_of, scales_of
from dacompare.domains.svmlight import read_svmlight
from dacompare.domains.user_files import check_fits

OTHERS = {
    ".npy": "put it into an .npz file with its labels: numpy.savez(file, X=…, y=…)",
    ".pkl": "save it as .npz or CSV, as loading a pickle can run code",
    ".parquet": "save it as CSV",
    ".xlsx": "save the sheet as CSV",
    ".xls": "save the sheet as CSV",
    ".mat": "save it as .npz: numpy.savez(file, X=…, y=…)",
    ".h5": "save it as .npz: numpy.savez(file, X=…, y=…)",
    ".gz": "unpack it first",
    ".tar": "unpack it first",
    ".zip": "unpack it first",
}
"""Files that are often named and not read, and what to do with them."""


def inspect_domain(
    path: str | Path, *, side: str = "source", label: str = "", like: Inspected | None = None
) -> Inspected:
    """Look at one folder or file, and tell what the recipe must say to load it.

    Images are opened, tables are read twice, arrays are loaded: what is reported is so. Nothing is changed.

    Parameters
    ----------
    path : str or Path
        Folder of images, ``.npz`` file, svmlight file or CSV file; the content tells which, not the name.
    side : {"source", "target"}
        Which domain it shall be; only a source needs labels.
    label : str
        Column of labels of a CSV file; "" to find it.
    like : Inspected, optional
        The source, whose columns a target's are compared with.

    Returns
    -------
    Inspected

    Raises
    ------
    FileNotFoundError
        Where nothing is there.
    ValueError
        Where it is nothing that can be loaded, with what to do.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "mine.csv").write_text("length,kind\\n1,cat\\n2,dog\\n3,cat\\n4,dog\\n")
    ...     found = inspect_domain(f"{folder}/mine.csv")
    >>> found.domain, found.labels, found.option("label")
    ('table', {'cat': 2, 'dog': 2}, 'kind')
    """
    place = Path(path).expanduser()
    _check_place(place)
    if place.is_dir():
        return inspect_images(place)
    kind = kind_of_file(place)
    if kind == "npz":
        return _inspect_npz(place, side)
    return _inspect_svmlight(place) if kind == "svmlight" else inspect_table(place, side=side, label=label, like=like)


def kind_of_file(path: Path) -> str:
    """Return "npz", "svmlight" or "table", by the content of a file.

    Raises
    ------
    ValueError
        For files that are neither, with what to do.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if any(name.endswith(".npy") for name in archive.namelist()):
                return "npz"
    ending = path.suffix.lower()
    if ending in ENDINGS:
        raise ValueError(f"{path} is one image; name the folder that it lies in.")
    if ending in OTHERS:
        raise ValueError(f"{path} is not read as it is; {OTHERS[ending]}.")
    with path.open("rb") as file:
        start = file.read(1 << 16)
    if ending == ".npz" or start.startswith((b"PK", b"\x93NUMPY")):
        raise ValueError(f"{path} is no npz file, or a truncated one; write it with numpy.savez.")
    if not start.strip():
        raise ValueError(f"{path} is empty.")
    lines = [line for line in start.splitlines()[:20] if line.strip() and not line.lstrip().startswith(b"#")]
    rows = [bool(re.match(rb"^[-+.\deE,]+(\s+(qid|\d+):\S+)+\s*(#.*)?$", line)) for line in lines]
    return "svmlight" if 2 * sum(rows) > len(rows) else "table"


def holds_both(path: str | Path) -> bool:
    """Tell whether a file is an npz file that holds a source and a target."""
    place = Path(path).expanduser()
    if not place.is_file() or not zipfile.is_zipfile(place):
        return False
    with zipfile.ZipFile(place) as archive:
        return {"X_source.npy", "X_target.npy"} <= set(archive.namelist())


def _check_place(place: Path) -> None:
    try:
        str(place).encode()
    except UnicodeEncodeError as error:
        shown = one_line(str(place))
        raise ValueError(f"the name of {shown} is not UTF-8, and a recipe could not hold it; rename it.") from error
    if not place.exists():
        beside = place.parent
        hint = f" in {beside}" if beside.is_dir() else f", and neither is the folder {beside}"
        raise FileNotFoundError(f"{str(place)!r} is not there{hint}; name a folder of images, or a file.")


def _inspect_npz(path: Path, side: str) -> Inspected:
    loaded = load_npz(path=str(path), side="source" if side == "source" else "target")
    found = _from_domain(path, "npz", loaded.train)
    test = None if loaded.test is None else _from_domain(path, "npz", loaded.test)
    return Inspected(**{**vars(found), "test": test})


def _from_domain(path: Path, name: str, domain: Domain) -> Inspected:
    labels = None if domain.y is None else dict(sorted(Counter(domain.y.tolist()).items()))
    texts = (
        {}
        if labels is None or domain.y is None or domain.y.dtype.kind == "U"
        else {label: text_of(label, domain) for label in labels}
    )
    image, deviation = domain.kind == "image", domain.X.std(axis=0, dtype=np.float64)
    colours = "" if not image else "colour" if domain.row_shape[2:] == (3,) else "grey"
    return Inspected(
        path=path, domain=name, n_rows=domain.n_rows, labels=labels, texts=texts,
        sizes={(domain.row_shape[1], domain.row_shape[0]): domain.n_rows} if image else {},
        colours=colours,
        n_features=0 if image else domain.row_shape[0],
        scales=1.0 if image else scales_of(deviation),
        offset=0.0 if image else offset_of(domain.X.mean(axis=0, dtype=np.float64), deviation),
        groups=None if domain.groups is None else len(np.unique(domain.groups)),
        is_float=image and domain.X.dtype != np.uint8,
    )  # fmt: skip


def _inspect_svmlight(path: Path) -> Inspected:
    X, y = read_svmlight(path, zero_based=True)
    zero_based = bool((X.indices == 0).any())
    width = X.shape[1] - (not zero_based)
    check_fits(f"the {X.shape[0]:,} rows of {path}, {width:,} features wide,", 4 * X.shape[0] * width, "keep fewer")
    whole = bool((y == np.round(y)).all() and (np.abs(y) < 2**53).all())
    values = y.astype(np.int64).tolist() if whole else y.tolist()
    labels = dict(sorted(Counter(values).items()))
    choices = (Choice("zero_based", True, "The first feature has the index 0."),) if zero_based else ()
    return Inspected(
        path=path, domain="svmlight", n_rows=len(y), labels=labels, texts={label: str(label) for label in labels},
        n_features=width, choices=choices,
    )  # fmt: skip
