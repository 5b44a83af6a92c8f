"""Hold what an inspection found in one place: rows, labels, sizes, and what a loader must be told of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dacompare.domains.harmonising import Label
from dacompare.toml_text import printable

MOST_NAMED = 8
"""Names that are listed one by one before the rest is counted."""


@dataclass(frozen=True)
class Choice:
    """One option of a recipe, and why it has its value.

    Parameters
    ----------
    key : str
        Name of the option.
    value : object
        As TOML can hold it.
    why : str
        One or two sentences, which become the comment.
    is_used : bool
        False: an alternative that is only shown, as a comment.

    Examples
    --------
    >>> Choice("size", 32, "The images differ in size.").is_used
    True
    """

    key: str
    value: Any
    why: str
    is_used: bool = True


@dataclass(frozen=True)
class Inspected:
    """What lies in one place that a user names.

    Parameters
    ----------
    path : Path
        The place.
    domain : str
        Key of DOMAINS that loads it.
    n_rows : int
        Rows or images that can be used.
    labels : dict of label to int, or None
        Rows of each class; None where there are no labels.
    texts : dict of label to str
        What a label that is a number stands for, beside a domain whose labels are text.
    sizes : dict of (int, int) to int
        Images of each (width, height); empty for features.
    colours : str
        "grey", "colour" or "grey and colour"; "" for features.
    n_features : int
        Width of a row of features; 0 for images.
    columns : tuple of str
        Names of the features; empty where they have none.
    scales : float
        Largest standard deviation of a column divided by the smallest that is not 0; 1 where that says nothing.
    offset : float
        How many times as far from 0 rows lie as from each other; 0 where that says nothing.
    groups : int or None
        Number of groups; None where rows are not grouped.
    choices : tuple of Choice
        Options that its loader needs, in the loader's own words.
    notes, problems : tuple of str
        Sentences: what a user should know, and what must be solved first.
    is_float : bool
        Whether images are floats in [0, 1].
    test : Inspected or None
        Official test rows that lie in the same file.
    """

    path: Path
    domain: str
    n_rows: int
    labels: Mapping[Label, int] | None = None
    texts: Mapping[Label, str] = field(default_factory=dict)
    sizes: Mapping[tuple[int, int], int] = field(default_factory=dict)
    colours: str = ""
    n_features: int = 0
    columns: tuple[str, ...] = ()
    scales: float = 1.0
    offset: float = 0.0
    groups: int | None = None
    choices: tuple[Choice, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    is_float: bool = False
    test: "Inspected | None" = None

    @property
    def is_image(self) -> bool:
        """Whether rows are images."""
        return bool(self.sizes)

    @property
    def has_text_labels(self) -> bool:
        """Whether labels are text."""
        return any(isinstance(label, str) for label in self.labels or ())

    def option(self, key: str) -> Any:
        """Return the value of an option that is used; None where it is not there."""
        return next((choice.value for choice in self.choices if choice.key == key and choice.is_used), None)


@dataclass
class Decision:
    """What was decided about two places.

    Parameters
    ----------
    source, target : tuple of Choice
        Options that both together ask for.
    notes, problems : tuple of str
        As in `Inspected`.
    is_labelled : bool
        Whether labels of the target can be used.
    """

    source: tuple[Choice, ...] = ()
    target: tuple[Choice, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    is_labelled: bool = False


def named(values: Iterable[object], quote: str = '"') -> str:
    """List some names in one line, whatever they hold, and count those that are too many.

    Examples
    --------
    >>> named(["cat", "a\\nb"]), named(range(20))
    ('"cat", "a\\\\nb"', '0, 1, 2, 3, 4, 5, 6, 7 and 12 more')
    """
    known = list(values)
    shown = ", ".join(one_line(value, quote) for value in known[:MOST_NAMED])
    return shown + (f" and {len(known) - MOST_NAMED:,} more" if len(known) > MOST_NAMED else "")


def one_line(value: object, quote: str = '"') -> str:
    """Return a name in quotes, with every character that would break a line or a terminal written out; or a number.

    Examples
    --------
    >>> one_line("cat"), one_line("a\\tb"), one_line(3)
    ('"cat"', '"a\\\\tb"', '3')
    """
    if not isinstance(value, str):
        return str(value)
    shown = value if len(value) <= 60 else value[:59] + "…"
    return f"{quote}{printable(shown)}{quote}"
