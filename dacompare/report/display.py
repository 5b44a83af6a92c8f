"""Give every Display its axes, the way scikit-learn's do."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure


def axes_for(ax: Axes | None, size: tuple[float, float] = (5.6, 3.6)) -> tuple[Any, Axes]:
    """Return (figure, axes): those given, or new ones that a notebook shows by itself.

    Parameters
    ----------
    ax : matplotlib axes or None
        Where to draw. None makes a figure through pyplot, which is imported only then.
    size : tuple of two floats
        Width and height of a new figure in inches.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure, ax = axes_for(Figure().add_subplot())
    >>> ax.figure is figure
    True
    """
    if ax is not None:
        return ax.get_figure(), ax
    from matplotlib import pyplot

    figure: Figure = pyplot.figure(figsize=size, layout="constrained")
    return figure, figure.add_subplot()


def plain(text: object) -> str:
    """Return text that matplotlib will not read as mathematics.

    Examples
    --------
    >>> plain("10 $")
    '10 \\\\$'
    """
    return str(text).replace("$", r"\$")
