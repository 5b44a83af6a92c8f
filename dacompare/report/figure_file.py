"""Write one figure to a file: SVG, PNG or PDF by its suffix, the same bytes each time."""

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from dacompare.files import replacing
from dacompare.names import check_name
from dacompare.report.palette import ON_DARK, PAPER
from dacompare.report.svg import house_style

# What names a program or a moment is left out: it would change the bytes.
METADATA: dict[str, tuple[str, ...]] = {
    ".svg": ("Creator", "Date", "Format", "Type"),
    ".png": ("Software",),
    ".pdf": ("Creator", "Producer", "CreationDate"),
}
STYLES = ("light", "dark")
SETTINGS = {
    "svg.fonttype": "none",  # text stays text, here and in a PDF: it can be found, copied and edited
    "pdf.fonttype": 42,
    "image.composite_image": False,  # images next to each other keep all of their pixels
    "figure.facecolor": PAPER,
    "savefig.facecolor": "auto",
}
MARGIN = 0.1  # inches
LEAST_DPI, MOST_DPI = 30, 1200
COLOURS = ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor")


def check_figure(path: Path, argument: str = "path", *, dpi: float = 200, style: str = "light") -> None:
    """Refuse a figure that cannot be written before anything is computed.

    Parameters
    ----------
    path : Path
    argument : str
        What the caller calls it.
    dpi, style
        As in :func:`write_figure`.

    Raises
    ------
    ValueError, IsADirectoryError
        Naming what is wrong and what would work.

    Examples
    --------
    >>> check_figure(Path("figure.jpg"))
    Traceback (most recent call last):
        ...
    ValueError: path must end in .svg, .png or .pdf, which says the format, got 'figure.jpg'
    """
    if path.suffix.lower() not in METADATA:
        raise ValueError(f"{argument} must end in .svg, .png or .pdf, which says the format, got {str(path)!r}")
    if path.is_dir():
        raise IsADirectoryError(f"{argument} {path} is a folder; give the name of a file in it")
    check_name("style", style, STYLES)
    if not LEAST_DPI <= dpi <= MOST_DPI:
        raise ValueError(f"dpi must be from {LEAST_DPI} to {MOST_DPI} dots per inch, got {dpi!r}")


def write_figure(
    draw: Callable[[Axes], object],
    path: str | Path,
    *,
    size: tuple[float, float] = (5.6, 3.6),
    title: str = "",
    dpi: float = 200,
    style: str = "light",
) -> Path:
    """Call ``draw(ax)`` on empty axes and write the figure, whole or not at all.

    No state of pyplot is touched, a reader's matplotlibrc does not enter, and the same drawing gives the same bytes.

    Parameters
    ----------
    draw : callable
        Draws on the axes, as ``display.plot`` does.
    path : str or Path
        Ends in .svg, .png or .pdf. Its folder is made where it is missing.
    size : tuple of two floats
        Width and height in inches.
    title : str
        Above the figure; also the file's own title.
    dpi : float
        Dots per inch of a PNG, from 30 to 1200.
    style : {"light", "dark"}
        Dark: light ink on dark paper.

    Returns
    -------
    Path
        Where the figure lies.

    Examples
    --------
    >>> import tempfile
    >>> from dacompare import TSNEDisplay
    >>> display = TSNEDisplay([[0, 0], [1, 1]], [[0, 1], [1, 0]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_figure(display.plot, f"{folder}/domains.svg").read_text()[:5]
    '<?xml'
    """
    path = Path(path)
    check_figure(path, dpi=dpi, style=style)
    suffix = path.suffix.lower()
    metadata: dict[str, Any] = dict.fromkeys(METADATA[suffix]) | ({"Title": title} if title else {})
    with matplotlib.rc_context(_settings(style)):
        figure = Figure(figsize=size, layout=ConstrainedLayoutEngine(w_pad=MARGIN, h_pad=MARGIN))
        ax = figure.add_subplot()
        draw(ax)
        if title:
            ax.set_title(title, loc="left", parse_math=False)
        if style == "dark":
            _darken(figure)
        with replacing(path) as beside:
            figure.savefig(beside, format=suffix[1:], dpi=dpi, metadata=metadata)
    return path


def _settings(style: str) -> dict[Any, Any]:
    settings = {**house_style(), **SETTINGS}
    if style == "light":
        return settings
    return {key: ON_DARK.get(value, value) if isinstance(value, str) else value for key, value in settings.items()}


def _darken(figure: Figure) -> None:
    """Give every artist of a house colour that colour's counterpart on dark paper."""
    labels = [text.get_bbox_patch() for ax in figure.axes for text in ax.texts]
    for artist in chain(figure.findobj(Artist), filter(None, labels)):
        # All are read before one is set: an edge may follow the face, and must not be changed twice.
        colours = {name: _on_dark(getattr(artist, f"get_{name}", lambda: None)()) for name in COLOURS}
        for name, colour in colours.items():
            if colour is not None:
                getattr(artist, f"set_{name}")(colour)


def _on_dark(colour: Any) -> tuple[str, float] | None:
    """Return a house colour's counterpart with the opacity that it had; None for any other colour."""
    if not isinstance(colour, str | tuple) or colour in ("none", "auto", ()):
        return None
    opacity = colour[3] if len(colour) == 4 and isinstance(colour, tuple) else 1.0
    dark = ON_DARK.get(to_hex(colour))
    return None if dark is None else (dark, opacity)
