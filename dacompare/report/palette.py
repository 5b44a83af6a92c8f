"""Name the colours that figures use, and the CSS variable that each becomes on a page."""

from collections.abc import Sequence
from itertools import cycle, islice

# Okabe & Ito (2008), told apart by readers with any common colour vision. On a page each is a CSS variable, so that
# its lightness can follow the theme.
BLUE = "#0072b2"
VERMILLION = "#d55e00"
GREEN = "#009e73"
PURPLE = "#cc79a7"
ORANGE = "#e69f00"
SKY = "#56b4e9"

INK = "#1a1c1f"
MUTED = "#5b6068"
RULE = "#d9dbd8"
PAPER = "#fdfdfc"

CSS_VARIABLES = {
    BLUE: "var(--blue)",
    VERMILLION: "var(--vermillion)",
    GREEN: "var(--green)",
    PURPLE: "var(--purple)",
    ORANGE: "var(--orange)",
    SKY: "var(--sky)",
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    RULE: "var(--rule)",
    PAPER: "var(--paper)",
}

# The same colours on dark paper, as a page has them when its reader's system is dark.
ON_DARK = {
    BLUE: "#56b4e9",
    VERMILLION: "#f28a45",
    GREEN: "#2fc79c",
    PURPLE: "#e29bc3",
    ORANGE: "#e69f00",
    SKY: "#9fd4f2",
    INK: "#e9eaec",
    MUTED: "#a5abb4",
    RULE: "#33383f",
    PAPER: "#15171a",
}

CLASS_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, MUTED)

# Colour and dash go together: a line is known by its dash in print without colour.
METHOD_STYLES = {
    "source-only": (MUTED, "--"),
    "dann": (BLUE, "-"),
    "sa": (ORANGE, "-."),
    "train-on-target": (GREEN, ":"),
}
OTHER_STYLES = ((PURPLE, "-"), (SKY, "--"), (VERMILLION, "-."), (GREEN, "-"), (ORANGE, "--"), (PURPLE, ":"))


def class_colours(n_classes: int) -> list[str]:
    """Return a colour for each class; they repeat, so that a class always needs its label beside it.

    Examples
    --------
    >>> class_colours(8)[0] == class_colours(8)[7]
    True
    """
    return list(islice(cycle(CLASS_COLOURS), n_classes))


def method_styles(methods: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return (colour, dash) of each method: the four of the paper keep theirs on every page.

    Examples
    --------
    >>> method_styles(["dann"])
    {'dann': ('#0072b2', '-')}
    """
    others = cycle(OTHER_STYLES)
    return {name: METHOD_STYLES.get(name) or next(others) for name in methods}
