"""Load a domain that a user keeps as a table of numbers: CSV, with one column of labels."""

import csv
import math
import re
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, NoReturn

import numpy as np

from dacompare.domains.domain import Domain
from dacompare.domains.loaded import LoadedDomain, describe_file
from dacompare.domains.scales import offset_of
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
    leave_out: Sequence[str] = (),
    drop_incomplete: bool = False,
    side: Literal["source", "target"] = "source",
) -> LoadedDomain:
    """Load one domain from a CSV file whose first line names the columns.

    Every column is a feature, but for the label, the group and those that are left out. All cells of features are
    finite numbers. Labels and groups are text, as they stand there; but a whole number that is written as "1.0", as
    programs do beside gaps, is "1".

    Parameters
    ----------
    path : str
        File of the training rows, or of all rows; UTF-8.
    label : str
        Name of the column of labels; a target may lack it, or have it empty in every row, and is then unlabelled.
    group : str
        Name of a column that says which rows show the same thing; "" where there is none.
    test_path : str
        File of official test rows, with the same columns; "" where there are none.
    delimiter : str
        What stands between the cells: ",", ";" or a tab.
    leave_out : sequence of str
        Names of columns that are no features: row numbers, dates, remarks; "" is a column without a name.
    drop_incomplete : bool
        True: rows with a cell that cannot be used are left out; False: the first such cell is an error.
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
    options: dict[str, Any] = {"leave_out": leave_out, "drop_incomplete": drop_incomplete, "labelled": side == "source"}
    read = [read_table(place, label, group, delimiter=delimiter, **options) for place in places]
    domains = [domain for domain, _ in read]
    if test_path and domains[0].feature_names != domains[1].feature_names:
        raise ValueError(f"{places[1]} must have the same columns of features as {places[0]}, in the same order.")
    files = tuple(
        replace(describe_file(place.name, place), left_out=n) for place, (_, n) in zip(places, read, strict=True)
    )
    return LoadedDomain(domains[0], domains[1] if test_path else None, files)


def read_table(
    path: Path,
    label: str,
    group: str = "",
    *,
    delimiter: str = ",",
    leave_out: Sequence[str] = (),
    drop_incomplete: bool = False,
    labelled: bool = True,
) -> tuple[Domain, int]:
    """Read one CSV file; return its rows, and how many were left out.

    Parameters
    ----------
    path, label, group, delimiter, leave_out, drop_incomplete
        As in `load_table`.
    labelled : bool
        Whether the column of labels must be there.

    Raises
    ------
    ValueError
        As in `load_table`.
    """
    lines = read_lines(path, delimiter)
    _, header = next(lines, (0, []))
    columns = checked_columns(path, header, leave_out)
    _check_role(path, "label", label, columns, required=labelled)
    _check_role(path, "group", group, columns, required=bool(group))
    for name in leave_out:
        _check_role(path, "leave_out", name, columns, required=True)
    features = [k for k, column in enumerate(columns) if column not in (label, group, *leave_out)]
    if not features:
        raise ValueError(f"{path} has no column of features, only {_named(columns)}.")
    named = (("label", label), ("group", group))
    roles = {role: columns.index(name) for role, name in named if name and name in columns}
    texts: dict[str, list[str]] = {role: [] for role in roles}
    values, n_read = array("d"), 0
    for number, cells in lines:
        if len(cells) != len(columns):
            raise ValueError(f"line {number} of {path} has {len(cells)} cells, its first line names {len(columns)}.")
        n_read += 1
        try:
            row = _numbers(path, number, cells, columns, features)
            own = {role: _text(path, number, cells[k], columns[k], role, labelled) for role, k in roles.items()}
        except ValueError:
            if drop_incomplete:
                continue
            raise
        values.extend(row)
        check_fits(f"the first {number:,} lines of {path}", 8 * len(values), "keep fewer features or rows")
        for role, text in own.items():
            texts[role].append(text)
    if not values:
        raise ValueError(f"{path} holds no row below its column names{' that is complete' if drop_incomplete else ''}.")
    X = np.frombuffer(values).reshape(-1, len(features))
    names = [columns[k] for k in features]
    domain = Domain(X, texts.get("label"), groups=texts.get("group"), name=path.stem, feature_names=names)
    domain = _without_empty_labels(path, label, domain, drop_incomplete)
    return domain, n_read - domain.n_rows


def _without_empty_labels(path: Path, label: str, domain: Domain, drop_incomplete: bool) -> Domain:
    """Take a target whose labels are all empty for unlabelled, and refuse or drop rows of one that has some."""
    empty = np.flatnonzero(domain.y == "") if domain.y is not None else np.empty(0, int)
    if not len(empty):
        return domain
    if len(empty) == domain.n_rows:
        return domain.without_labels()
    if drop_incomplete:
        return domain.take(domain.y != "")
    raise ValueError(
        f"{len(empty):,} of {domain.n_rows:,} rows of {path}, column {label!r}, are empty, the first is row"
        f" {empty[0] + 1}; drop these rows, or the whole column."
    )


def whole_number(text: str) -> str:
    """Return the label "1" for "1.0", and every other text as it is.

    Examples
    --------
    >>> whole_number("1.0"), whole_number("1.05"), whole_number("v1.0")
    ('1', '1.05', 'v1.0')
    """
    return re.sub(r"^([+-]?[0-9]+)\.0+$", r"\1", text)


def delimiter_of(path: Path) -> str:
    """Return what stands between the cells of a CSV file, by its first line."""
    with path.open("rb") as file:
        first = file.readline(1 << 20).decode("utf-8", "replace")
    counts = {mark: first.count(mark) for mark in (",", ";", "\t", "|")}
    return max(counts, key=lambda mark: counts[mark]) if any(counts.values()) else ","


def read_lines(path: Path, delimiter: str) -> Iterator[Line]:
    """Yield the lines that are not empty, each with its number."""
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            for cells in reader:
                number = reader.line_num
                if cells:
                    yield number, cells
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise ValueError(f"{path} is not in UTF-8 (byte 0x{byte:02x}); save it as UTF-8 text.") from error
    except csv.Error as error:
        raise ValueError(f"{path} is no CSV file below line {number}: {error}.") from error


def checked_columns(path: Path, header: list[str], leave_out: Sequence[str] = ()) -> list[str]:
    """Return the names of the columns, or say why this is no first line of a table."""
    columns = [cell.strip() for cell in header]
    if not columns:
        raise ValueError(f"{path} is empty; its first line must name the columns.")
    if len(columns) == 1 and (other := next((mark for mark in ";\t," if mark in columns[0]), None)):
        raise ValueError(f"{path} has one column, {columns[0]!r}; give delimiter = {other!r}.")
    if "" in columns and "" not in leave_out:
        k = columns.index("") + 1
        raise ValueError(f"column {k} of {path} has no name; name it, or leave it out if it counts the rows.")
    counts = Counter(columns)
    if twice := next((column for column in columns if counts[column] > 1), None):
        raise ValueError(f"{path} has two columns with the name {twice!r}; name them apart.")
    if all(is_number(column) for column in columns):
        raise ValueError(f"the first line of {path} must name the columns, got numbers: {', '.join(columns[:3])} ….")
    return columns


def _check_role(path: Path, role: str, name: str, columns: list[str], *, required: bool) -> None:
    if name in columns:
        return
    # A column that differs in case only would be taken for a feature, and give the labels away.
    alike = next((column for column in columns if column.casefold() == name.strip().casefold()), None)
    if required or (alike and role != "leave_out"):
        hint = f", did you mean {alike!r}?" if alike else nearest(name, columns)
        raise ValueError(f"{path} has no column {name!r} for {role}{hint}; its columns are {_named(columns)}.")


def _numbers(path: Path, number: int, cells: list[str], columns: list[str], features: list[int]) -> list[float]:
    try:
        values = [float(cells[k]) for k in features]
    except ValueError:
        _refuse_first(path, number, cells, columns, features)
    if not all(map(math.isfinite, values)):
        _refuse_first(path, number, cells, columns, features)
    return values


def _refuse_first(path: Path, number: int, cells: list[str], columns: list[str], features: list[int]) -> NoReturn:
    k = next(k for k in features if not is_number(cells[k]))
    raise ValueError(
        f"line {number} of {path}, column {columns[k]!r}, must be a finite number, got {cells[k][:40]!r}; fill or"
        " drop it, and code text as numbers."
    )


def is_number(cell: str) -> bool:
    """Tell whether a cell holds a finite number."""
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def is_decimal_comma(cell: str) -> bool:
    """Tell whether a cell would hold a number if its comma were a point.

    Examples
    --------
    >>> is_decimal_comma("-1,5e-05"), is_decimal_comma("1.5"), is_decimal_comma("a, b")
    (True, False, False)
    """
    return "," in cell and is_number(cell.replace(",", ".", 1))


def _text(path: Path, number: int, cell: str, column: str, role: str, labelled: bool) -> str:
    text = cell.strip()
    if not text and (labelled or role != "label"):  # a target's label is judged once all are known
        raise ValueError(f"line {number} of {path}, column {column!r}, is empty; drop the row, or the whole column.")
    return whole_number(text) if role == "label" else text


def _named(columns: list[str]) -> str:
    return ", ".join(map(repr, columns[:8])) + (", …" if len(columns) > 8 else "")


class Spreads:
    """Means and spreads of columns, row by row (Welford), so that no table has to be held.

    Parameters
    ----------
    n_columns : int

    Examples
    --------
    >>> spreads = Spreads(2)
    >>> for row in ([0.0, 10.0], [2.0, 30.0]):
    ...     spreads.add(row)
    >>> spreads.factor, round(spreads.offset, 2)  # 20 against 10; the other column adds little
    (10.0, 1.99)
    """

    def __init__(self, n_columns: int) -> None:
        self.n, self.waiting = 0, list[list[float]]()
        self.mean, self.squares = np.zeros(n_columns), np.zeros(n_columns)

    def add(self, values: list[float]) -> None:
        """Take one more row."""
        self.waiting.append(values)
        if len(self.waiting) >= 1000:
            self._take()

    def _take(self) -> None:
        rows = np.array(self.waiting)
        n, mean = len(rows), rows.mean(axis=0)
        self.squares += ((rows - mean) ** 2).sum(axis=0) + (mean - self.mean) ** 2 * self.n * n / (self.n + n)
        self.mean += (mean - self.mean) * n / (self.n + n)
        self.n += n
        self.waiting = []

    @property
    def factor(self) -> float:
        """By what factor the spreads of the columns differ."""
        if self.waiting:
            self._take()
        spread = self.squares[self.squares > 1e-20 * (1 + self.mean**2) * max(self.n, 1)]
        return float(np.sqrt(spread.max() / spread.min())) if len(spread) else 1.0

    @property
    def offset(self) -> float:
        """How many times as far from 0 rows lie as from each other."""
        if self.waiting:
            self._take()
        return offset_of(self.mean, np.sqrt(self.squares / max(self.n, 1)))
