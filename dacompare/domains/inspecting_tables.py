"""Look at a CSV file: which column holds the labels, which are features, which rows are complete."""

import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from dacompare.domains.inspected import Choice, Inspected, named, one_line
from dacompare.domains.table import (
    Spreads,
    checked_columns,
    delimiter_of,
    is_decimal_comma,
    is_number,
    read_lines,
    whole_number,
)
from dacompare.names import nearest

LABELS = ("label", "labels", "class", "class_name", "target", "category", "species", "y")
"""Names that columns of labels have, the likeliest first."""
GROUPS = ("group", "group_id", "patient", "patient_id", "subject", "subject_id", "session", "video", "track", "person")
GAPS = ("", "na", "n/a", "nan", "null", "none", "?", "-", ".", "inf", "-inf", "+inf", "infinity", "#n/a")
"""What stands in a cell that has no number, in lower case."""
COUNTERS = re.compile(r"(?i:index|row|no|nr|unnamed: 0|(.*[\W_])?id)|.*[a-z0-9]I[dD]")
"""Names of columns that number the rows, as PassengerId does and acid does not; others must count ten of them."""
MOST_VALUES = 1000
"""Distinct values of a column that are remembered; of more, it holds no labels."""
MOST_GAPS = 0.2
"""Share of empty cells from which on a column is left out, rather than the rows."""


@dataclass
class Column:
    """What was seen in one column.

    Parameters
    ----------
    name : str
    n_text, n_gaps : int
        Cells that are neither number nor gap, and gaps.
    first, example : str
        The first cell, and the first cell of text.
    values : set of str
        Distinct cells, as long as they are few enough to be labels.
    counts_rows : bool
        Whether the cells so far are 0, 1, 2, … or 1, 2, 3, ….
    n_commas : int
        Cells of text that a point in place of their comma would make numbers.
    may_number : bool
        Whether its name is that of a row number, and the cells so far are whole numbers or gaps.
    hashes : array
        Of these numbers, to tell whether one comes twice; as text they would take much room.
    """

    name: str
    n_text: int = 0
    n_gaps: int = 0
    first: str = ""
    example: str = ""
    values: set[str] = field(default_factory=set)
    counts_rows: bool = True
    n_commas: int = 0
    may_number: bool = False
    hashes: "array[int]" = field(default_factory=lambda: array("q"))

    @property
    def has_commas(self) -> bool:
        """Whether all its text is numbers with decimal commas."""
        return 0 < self.n_commas == self.n_text

    @property
    def numbers_rows(self) -> bool:
        """Whether it numbers the rows, by its name and as no number comes twice."""
        return self.may_number and 0 < len(self.hashes) == len(np.unique(self.hashes))


def inspect_table(path: Path, *, side: str = "source", label: str = "", like: Inspected | None = None) -> Inspected:
    """Look at a CSV file.

    Parameters
    ----------
    path : Path
    side : {"source", "target"}
        Only a source must have labels.
    label : str
        Column of labels; "" to find it.
    like : Inspected, optional
        The source: columns that it leaves out, and those that it does not have, are left out here.

    Raises
    ------
    ValueError
        Where it is no table, its numbers have decimal commas, or the column of labels cannot be told.
    """
    delimiter = delimiter_of(path)
    columns, n_rows = _scan(path, delimiter)
    role = _find_label(path, columns, n_rows, side, label, like)
    group = _find_group(columns, role.value if role else "")
    taken = {choice.value for choice in (role, group) if choice is not None and choice.is_used}
    _refuse_commas(path, [column for column in columns if column.name not in taken], n_rows, like)
    left = _left_out([column for column in columns if column.name not in taken], n_rows, like)
    features = [column for column in columns if column.name not in taken and column.name not in left]
    if not features and like is not None and like.columns:
        raise ValueError(
            f"{path} shares no column of features with the source: its columns are {named(c.name for c in columns)},"
            f" those of {like.path.name} are {named(like.columns)}; give columns that are the same the same names."
        )
    if not features:
        reasons = f" ({_told(left)})" if left else ""
        raise ValueError(f"{path} has no column of numbers beside the labels; code text as numbers{reasons}.")
    names = [column.name for column in columns]
    seen = _read(path, delimiter, names, [c.name for c in features], role.value if role else "", side)
    unlabelled = seen.n_unlabelled if side == "target" else 0
    if not seen.n_complete:
        raise ValueError(f"no row of {path} has a number in each of its {len(features):,} columns of features.")
    return Inspected(
        path=path, domain="table", n_rows=seen.n_complete, labels=seen.labels or None, n_features=len(features),
        columns=tuple(column.name for column in features), scales=seen.scales, offset=seen.offset,
        choices=_choices(delimiter, role, group, left, features, n_rows - seen.n_complete, n_rows),
        notes=_notes(path, left, features, n_rows - seen.n_complete, n_rows, unlabelled),
    )  # fmt: skip


def _scan(path: Path, delimiter: str) -> tuple[list[Column], int]:
    """Read every cell once, and tell for each column what it holds."""
    lines = read_lines(path, delimiter)
    names = checked_columns(path, next(lines, (0, []))[1], leave_out=("",))
    columns, n_rows = [Column(name, may_number=COUNTERS.fullmatch(name) is not None) for name in names], 0
    for number, cells in lines:
        if len(cells) != len(columns):
            raise ValueError(f"line {number} of {path} has {len(cells)} cells, its first line names {len(columns)}.")
        for column, cell in zip(columns, cells, strict=True):
            _look(column, cell.strip(), n_rows)
        n_rows += 1
    if not n_rows:
        raise ValueError(f"{path} holds no row below its column names.")
    return columns, n_rows


def _look(column: Column, cell: str, row: int) -> None:
    if not is_number(cell):
        gap = cell.lower() in GAPS
        column.n_gaps += gap
        column.n_text += not gap
        column.n_commas += not gap and is_decimal_comma(cell)
        column.example = column.example or ("" if gap else cell)
        column.may_number = column.may_number and gap
    elif column.may_number:
        column.may_number = float(cell).is_integer()
        column.hashes.append(hash(whole_number(cell)))  # of the text, as a float would round long numbers
    if row == 0:
        column.first = cell
    column.counts_rows = column.counts_rows and column.first in ("0", "1") and cell == str(int(column.first) + row)
    if len(column.values) <= MOST_VALUES:
        column.values.add(cell)


def _is_text(column: Column, n_rows: int) -> bool:
    return 2 * column.n_text > n_rows - column.n_gaps


def _refuse_commas(path: Path, columns: Iterable[Column], n_rows: int, like: Inspected | None) -> None:
    """Refuse columns that would be left out for their decimal commas alone: whole numbers would be all that stays."""
    shared = like.columns if like is not None else ()
    wanted = [column for column in columns if column.name and (not shared or column.name in shared)]
    if not shared:  # the target's have to be features, however empty
        wanted = [column for column in wanted if column.n_gaps <= MOST_GAPS * n_rows]
    # Fewer are slips in a column of points, whose rows are left out and counted.
    found = [c for c in wanted if c.has_commas and c.n_text > MOST_GAPS * (n_rows - c.n_gaps)]
    if found:
        raise ValueError(
            f"{path} holds numbers with decimal commas in {named(c.name for c in found)}, such as"
            f" {one_line(found[0].example)}; write decimal points, not commas, in pandas with"
            ' frame.to_csv(…, decimal="."), or take out columns that are no features.'
        )


def _find_label(
    path: Path, columns: Sequence[Column], n_rows: int, side: str, label: str, like: Inspected | None
) -> Choice | None:
    """Return the option `label`, and how the column was found; None for a target without one."""
    names = [column.name for column in columns]
    wanted = label or (like.option("label") if like is not None and side == "target" else "")
    if wanted:
        if wanted in names:
            how = "As asked for with --label." if label else "The same column as in the source."
            return Choice("label", wanted, how)
        if side == "source":
            raise ValueError(
                f"{path} has no column {wanted!r}{nearest(wanted, names)}; its columns are {named(names)}."
            )
    free = [c for c in columns if like is None or c.name not in like.columns]
    by_name = {column.name.casefold(): column.name for column in free}
    if found := next((by_name[name] for name in LABELS if name in by_name), None):
        return Choice("label", found, "Found by its name; dacompare new --label NAME takes another column.")
    if side == "target":
        return None
    return _guess_label(path, columns, n_rows)


def _guess_label(path: Path, columns: Sequence[Column], n_rows: int) -> Choice:
    words = [c for c in columns if _is_text(c, n_rows) and not c.has_commas]
    text = [c for c in words if 2 <= len(c.values) <= min(MOST_VALUES, n_rows / 2)]
    other = "dacompare new --label NAME takes another."
    if len(text) == 1:
        why = f"The only column of text that could be classes ({len(text[0].values):,} values); {other}"
        return Choice("label", text[0].name, why)
    last = columns[-1]
    if not text and _is_class_number(last, n_rows):
        return Choice("label", last.name, f"The last column, with {len(last.values):,} different values; {other}")
    raise ValueError(
        f"which column of {path} holds the labels? None is called {named(LABELS[:4])}. Say it with --label NAME; its"
        f" columns are {named(c.name for c in (text or columns))}."
    )


def _is_class_number(column: Column, n_rows: int) -> bool:
    whole = all(is_number(value) and float(value).is_integer() for value in column.values)
    return whole and 2 <= len(column.values) <= min(50, n_rows / 5)


def _find_group(columns: Sequence[Column], label: str) -> Choice | None:
    by_name = {column.name.casefold(): column.name for column in columns if column.name != label}
    found = next((by_name[name] for name in GROUPS if name in by_name), None)
    if found is None or any(column.name == found and column.n_gaps for column in columns):
        return None
    return Choice("group", found, "Rows that share it show the same thing, by its name: no split cuts such a group.")


def _left_out(columns: Iterable[Column], n_rows: int, like: Inspected | None) -> dict[str, str]:
    """Return the columns that are no features, and why."""
    left: dict[str, str] = {}
    asked = (like.option("leave_out") or []) if like is not None else []
    for column in columns:
        gaps = column.n_gaps + (0 if _is_text(column, n_rows) else column.n_text)
        if not column.name:
            left[column.name] = "has no name"
        elif column.name in asked:
            left[column.name] = "is left out of the source, too"
        elif like is not None and like.columns and column.name not in like.columns:
            left[column.name] = "is not in the source"
        elif like is not None and column.name in like.columns:
            continue  # a feature of the source must be one here
        elif _is_text(column, n_rows):
            left[column.name] = f"is text, such as {one_line(column.example)}"
            left[column.name] += "; write decimals with a point" if is_decimal_comma(column.example) else ""
        elif column.counts_rows and n_rows >= 10:
            left[column.name] = "counts the rows"
        elif column.numbers_rows:
            left[column.name] = "numbers the rows, by its name and its values"
        elif gaps > MOST_GAPS * n_rows:
            left[column.name] = f"is empty in {gaps:,} of {n_rows:,} rows"
    return left


@dataclass
class _Seen:
    n_complete: int = 0
    labels: dict[str | int | float, int] = field(default_factory=dict)
    scales: float = 1.0
    offset: float = 0.0
    n_unlabelled: int = 0


def _read(path: Path, delimiter: str, names: Sequence[str], features: Sequence[str], label: str, side: str) -> _Seen:
    """Read the rows as the loader will, and count them by class."""
    places = {name: k for k, name in enumerate(names)}
    wanted = [places[name] for name in features]
    place = places[label] if label else None  # a column without a name holds no labels
    lines = islice(read_lines(path, delimiter), 1, None)
    if side == "target" and place is not None and not any(cells[place].strip() for _, cells in lines):
        place = None
    lines, counts, spreads = islice(read_lines(path, delimiter), 1, None), Counter[str](), Spreads(len(features))
    n_unlabelled = 0
    for _, cells in lines:
        text = whole_number(cells[place].strip()) if place is not None else "?"
        values = [float(cells[k]) if is_number(cells[k]) else math.nan for k in wanted]
        if not all(map(math.isfinite, values)):
            continue
        if text:
            counts[text] += 1
            spreads.add(values)
        n_unlabelled += not text
    n_complete = sum(counts.values())
    labels: dict[str | int | float, int] = dict(sorted(counts.items())) if place is not None else {}
    return _Seen(n_complete, labels, spreads.factor, spreads.offset, n_unlabelled)


def _choices(
    delimiter: str, role: Choice | None, group: Choice | None, left: dict[str, str], features: Sequence[Column],
    n_dropped: int, n_rows: int,
) -> tuple[Choice, ...]:  # fmt: skip
    choices = [choice for choice in (role, group) if choice is not None]
    if delimiter != ",":
        choices.append(Choice("delimiter", delimiter, "What stands between the cells."))
    if left:
        choices.append(Choice("leave_out", list(left), f"No features: {_told(left)}."))
    if n_dropped:
        verbs = ("have", "are") if n_dropped > 1 else ("has", "is")
        why = "{:,} of {:,} rows {} a cell without a number, or no label, and {} left out"
        why = why.format(n_dropped, n_rows, *verbs)
        choices.append(Choice("drop_incomplete", True, f"{why}{_gaps(features)}; filling the gaps keeps them."))
    return tuple(choices)


def _told(left: dict[str, str]) -> str:
    """Return columns with the reasons why they are left out: four, and how many more."""
    reasons = "; ".join(f"{one_line(name)} {why}" for name, why in list(left.items())[:4])
    return reasons + (f"; and {len(left) - 4:,} more" if len(left) > 4 else "")


def _gaps(features: Sequence[Column]) -> str:
    most = max(features, key=lambda column: column.n_gaps + column.n_text)
    gaps = most.n_gaps + most.n_text
    return f"; most gaps are in {one_line(most.name)} ({gaps:,})" if gaps else ""


def _notes(
    path: Path, left: dict[str, str], features: Sequence[Column], n_dropped: int, n_rows: int, n_unlabelled: int
) -> tuple[str, ...]:
    notes = []
    if left:
        notes.append(f"Columns of {path.name} that are no features: {_told(left)}.")
    if n_dropped:
        verb = "are" if n_dropped > 1 else "is"
        told = f"{n_dropped:,} of {n_rows:,} rows of {path.name} {verb} not complete and left out{_gaps(features)}"
        notes.append(f"{told}.")
    if n_unlabelled:
        lack = "lacks its label alone" if n_unlabelled == 1 else "lack their labels alone"
        notes.append(
            f"{n_unlabelled:,} of them {lack}. To adapt to them, put all rows into a file without the column of labels,"
            " and give the labelled ones by --target-test."
        )
    return tuple(notes)
