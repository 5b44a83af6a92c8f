"""Load a domain that a user keeps as a table of numbers: CSV, with one column of labels."""

import csv
import math
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NoReturn

import numpy as np

from dacompare.domains.domain import Domain
from dacompare.domains.loaded import LoadedDomain, describe_file
from dacompare.domains.user_files import check_fits, find_user_files
from dacompare.names import check_name, nearest

Line = tuple[int, list[str]]


def load_table(
    *,
    path: str,
    label: str = "label",
    group: str = "",
    test_path: str = "",
    delimiter: str = ",",
    side: Literal["source", "target"] = "source",
) -> LoadedDomain:
    """Load one domain from a CSV file whose first line names the columns.

    Every column is a feature, but for the label and the group; so leave row numbers out. All cells of features are
    finite numbers. Labels and groups are text, as they stand there: "1" and "1.0" are two labels.

    Parameters
    ----------
    path : str
        File of the training rows, or of all rows; UTF-8.
    label : str
        Name of the column of labels; a target may lack it, and is then unlabelled.
    group : str
        Name of a column that says which rows show the same thing; "" where there is none.
    test_path : str
        File of official test rows, with the same columns; "" where there are none.
    delimiter : str
        What stands between the cells: ",", ";" or a tab.
    side : {"source", "target"}
        Which domain it is; a source must have labels.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Naming the line and the column of the first cell that cannot be used, or the column that is missing.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "mine.csv").write_text("length,width,label\\n1,2,cat\\n3,4,dog\\n")
    ...     domain = load_table(path=f"{folder}/mine.csv").train
    >>> domain.feature_names, domain.y
    (('length', 'width'), array(['cat', 'dog'], dtype='<U3'))
    """
    check_name("side", side, ("source", "target"))
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n ':
        raise ValueError(f'delimiter must be one character, such as ",", ";" or a tab, got {delimiter!r}.')
    places = find_user_files("a CSV file", path=path, test_path=test_path)
    domains = [read_table(place, label, group, delimiter=delimiter, labelled=side == "source") for place in places]
    if test_path and domains[0].feature_names != domains[1].feature_names:
        raise ValueError(f"{places[1]} must have the same columns of features as {places[0]}, in the same order.")
    files = tuple(describe_file(place.name, place) for place in places)
    return LoadedDomain(domains[0], domains[1] if test_path else None, files)


def read_table(path: Path, label: str, group: str = "", *, delimiter: str = ",", labelled: bool = True) -> Domain:
    """Read one CSV file.

    Parameters
    ----------
    path, label, group, delimiter
        As in `load_table`.
    labelled : bool
        Whether the column of labels must be there.

    Raises
    ------
    ValueError
        As in `load_table`.
    """
    lines = _lines(path, delimiter)
    _, header = next(lines, (0, []))
    columns = _checked_columns(path, header)
    _check_role(path, "label", label, columns, required=labelled)
    _check_role(path, "group", group, columns, required=bool(group))
    features = [k for k, column in enumerate(columns) if column not in (label, group)]
    if not features:
        raise ValueError(f"{path} has no column of features, only {', '.join(map(repr, columns))}.")
    roles = {role: columns.index(name) for role, name in (("label", label), ("group", group)) if name in columns}
    texts: dict[str, list[str]] = {role: [] for role in roles}
    values = array("d")
    for number, cells in lines:
        if len(cells) != len(columns):
            raise ValueError(f"line {number} of {path} has {len(cells)} cells, its first line names {len(columns)}.")
        values.extend(_numbers(path, number, cells, columns, features))
        check_fits(f"the first {number:,} lines of {path}", 8 * len(values), "keep fewer features or rows")
        for role, k in roles.items():
            texts[role].append(_text(path, number, cells[k], columns[k]))
    if not values:
        raise ValueError(f"{path} holds no row below its column names.")
    X = np.frombuffer(values).reshape(-1, len(features))
    names = [columns[k] for k in features]
    return Domain(X, texts.get("label"), groups=texts.get("group"), name=path.stem, feature_names=names)


def _lines(path: Path, delimiter: str) -> Iterator[Line]:
    """Yield the lines that are not empty, each with its number."""
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            for cells in reader:
                number = reader.line_num
                if cells:
                    yield number, cells
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no CSV file in UTF-8 below line {number}: {error}.") from error


def _checked_columns(path: Path, header: list[str]) -> list[str]:
    columns = [cell.strip() for cell in header]
    if not columns:
        raise ValueError(f"{path} is empty; its first line must name the columns.")
    if len(columns) == 1 and (other := next((mark for mark in ";\t," if mark in columns[0]), None)):
        raise ValueError(f"{path} has one column, {columns[0]!r}; give delimiter = {other!r}.")
    if "" in columns:
        k = columns.index("") + 1
        raise ValueError(f"column {k} of {path} has no name; name it, or leave it out if it counts the rows.")
    if twice := next((column for column in columns if columns.count(column) > 1), None):
        raise ValueError(f"{path} has two columns with the name {twice!r}; name them apart.")
    if all(_is_number(column) for column in columns):
        raise ValueError(f"the first line of {path} must name the columns, got numbers: {', '.join(columns[:3])} ….")
    return columns


def _check_role(path: Path, role: str, name: str, columns: list[str], *, required: bool) -> None:
    if name in columns:
        return
    # A column that differs in case only would be taken for a feature, and give the labels away.
    alike = next((column for column in columns if column.casefold() == name.strip().casefold()), None)
    if required or alike:
        hint = f", did you mean {alike!r}?" if alike else nearest(name, columns)
        shown = ", ".join(map(repr, columns[:8])) + (", …" if len(columns) > 8 else "")
        raise ValueError(f"{path} has no column {name!r} for {role}{hint}; its columns are {shown}.")


def _numbers(path: Path, number: int, cells: list[str], columns: list[str], features: list[int]) -> list[float]:
    try:
        values = [float(cells[k]) for k in features]
    except ValueError:
        _refuse_first(path, number, cells, columns, features)
    if not all(map(math.isfinite, values)):
        _refuse_first(path, number, cells, columns, features)
    return values


def _refuse_first(path: Path, number: int, cells: list[str], columns: list[str], features: list[int]) -> NoReturn:
    k = next(k for k in features if not _is_number(cells[k]))
    raise ValueError(
        f"line {number} of {path}, column {columns[k]!r}, must be a finite number, got {cells[k][:40]!r}; fill or"
        " drop it, and code text as numbers."
    )


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _text(path: Path, number: int, cell: str, column: str) -> str:
    text = cell.strip()
    if not text:
        raise ValueError(f"line {number} of {path}, column {column!r}, is empty; drop the row, or the whole column.")
    return text
