"""Draw the change in distance against the change in accuracy, a mark a method and task."""

from collections.abc import Sequence
from typing import Protocol

from matplotlib.axes import Axes

from dacompare.report.palette import BLUE, MUTED, VERMILLION

# Colour and shape go together.
MARKS = {"deep": (BLUE, "o", 6.5, "networks"), "shallow": (VERMILLION, "^", 6.5, "classical methods")}


class Changed(Protocol):
    """What is drawn: a method's kind, its change in distance, and its gain in accuracy."""

    @property
    def kind(self) -> str: ...
    @property
    def distance(self) -> float: ...
    @property
    def gain(self) -> float: ...


def draw_changes(ax: Axes, changes: Sequence[Changed]) -> None:
    """Draw every change: left of the upright line domains came closer, above the level one accuracy rose.

    Parameters
    ----------
    changes : sequence of Change
        See :class:`~dacompare.report.distance_change.Change`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().add_subplot()
    >>> draw_changes(ax, [SimpleNamespace(kind="deep", distance=-1.2, gain=0.2)])
    >>> ax.get_xlabel()
    'change in proxy A-distance'
    """
    for kind, (colour, mark, size, _) in MARKS.items():
        own = [change for change in changes if (change.kind == "deep") == (kind == "deep")]
        ax.plot(
            [change.distance for change in own],
            [100 * change.gain for change in own],
            mark, color=colour, markersize=size, markeredgewidth=0, alpha=0.8,
        )  # fmt: skip
    ax.set_xlim(*around([change.distance for change in changes], 0.1))
    ax.set_ylim(*around([100 * change.gain for change in changes], 1.0))
    ax.axvline(0, color=MUTED, linewidth=0.8)
    ax.axhline(0, color=MUTED, linewidth=0.8)
    ax.set_xlabel("change in proxy A-distance")
    ax.set_ylabel("change in accuracy, points")
    for x, word, align in ((0.0, "← closer", "left"), (1.0, "further →", "right")):
        ax.text(x, 1.02, word, transform=ax.transAxes, ha=align, va="bottom", color=MUTED)


def around(values: Sequence[float], least: float) -> tuple[float, float]:
    """Return limits that hold all values and 0, with a margin."""
    low, high = min(0.0, *values), max(0.0, *values)
    margin = max(least, 0.08 * (high - low))
    return low - margin, high + margin
