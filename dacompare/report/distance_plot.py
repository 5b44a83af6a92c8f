"""Draw how far apart the domains are in each set of features, with the controls that should hold 0."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from dacompare.report.formatting import shorten
from dacompare.report.palette import BLUE, INK, MUTED


@dataclass(frozen=True)
class Distance:
    """One measure on one set of features.

    Parameters
    ----------
    label : str
        What the features are called.
    values : tuple of float
        One a seed.
    controls : tuple of float
        The same code on two halves of one domain: about 0.
    interval : tuple of two floats, or None
        95 % interval of a single value.
    """

    label: str
    values: tuple[float, ...]
    controls: tuple[float, ...] = ()
    interval: tuple[float, float] | None = None

    @property
    def mean(self) -> float:
        """Mean over seeds."""
        return sum(self.values) / len(self.values)


def draw_distances(
    ax: Axes, distances: Sequence[Distance], *, label: str, ends: tuple[float, float] | None = None
) -> None:
    """Draw a line a set of features: seeds as discs, their mean as a bar, controls as hollow diamonds.

    Parameters
    ----------
    distances : sequence of Distance
        From top to bottom.
    label : str
        What the axis measures.
    ends : tuple of two floats, optional
        The least and the largest value that the measure can take.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().add_subplot()
    >>> draw_distances(ax, [Distance("DANN", (0.3, 0.5))], label="proxy A-distance")
    >>> [tick.get_text() for tick in ax.get_yticklabels()]
    ['DANN']
    """
    for y, distance in enumerate(distances):
        if distance.interval is not None:
            ax.plot(distance.interval, (y, y), color=BLUE, linewidth=5, alpha=0.25, solid_capstyle="butt")
        ax.plot(
            distance.controls, [y] * len(distance.controls), "D", markerfacecolor="none", color=MUTED, markersize=4.5
        )
        ax.plot(
            distance.values, [y] * len(distance.values), "o", color=BLUE, markersize=6, markeredgewidth=0, alpha=0.7
        )
        ax.plot((distance.mean, distance.mean), (y - 0.28, y + 0.28), color=INK, linewidth=1.6)
    names = [shorten(distance.label, 22) for distance in distances]
    ax.set_yticks(range(len(distances)), names, parse_math=False, color=INK)
    ax.set_ylim(len(distances) - 0.4, -0.6)
    ax.axvline(0, color=MUTED, linewidth=0.8)
    if ends is not None:
        low, high = ax.get_xlim()
        ax.set_xlim(min(low, ends[0] - 0.1), max(high, ends[1] + 0.1))
    ax.spines["left"].set_visible(False)
    ax.grid(False, axis="y")
    ax.set_xlabel(label)
