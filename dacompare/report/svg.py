"""Turn a matplotlib figure into a small SVG that follows the page's colours and carries its own description."""

import io
import re
import warnings
from collections.abc import Callable
from itertools import groupby
from typing import Any
from xml.etree import ElementTree

import matplotlib
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dacompare.report.palette import CSS_VARIABLES, INK, MUTED, RULE

Element = ElementTree.Element

NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")
# What a reader's matplotlibrc may set and a page must not follow.
FAMILIES = (
    "axes", "figure", "font", "grid", "hatch", "lines", "markers", "mathtext", "patch", "path", "savefig", "svg",
    "text", "xaxis", "xtick", "yaxis", "ytick",
)  # fmt: skip
STYLE = {
    "svg.fonttype": "none",  # text stays text: it can be found, read aloud, and set in the reader's own font
    "svg.hashsalt": "dacompare",
    "font.size": 10.5,
    "axes.edgecolor": RULE,
    "axes.labelcolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}


def draw_svg(draw: Callable[[Axes], object], *, title: str, width: int = 420, height: int = 250) -> Markup:
    """Call ``draw(ax)`` on empty axes and return the SVG element, ready to stand in HTML.

    No state of pyplot is touched, a reader's matplotlibrc does not enter, and the same drawing gives the same bytes.

    Parameters
    ----------
    draw : callable
        Draws on the axes; it must keep its data within their limits, as nothing is clipped.
    title : str
        What the figure shows, said with its numbers: the text for those who do not see it.
    width, height : int
        In CSS pixels; the figure shrinks with its column, and never grows its text.

    Examples
    --------
    >>> svg = draw_svg(lambda ax: ax.plot([0, 1], [1, 0]), title="It falls from 1 to 0.")
    >>> svg[:61]
    Markup('<svg class="plot" viewBox="0 0 420 250" role="img"><title>It ')
    """
    with matplotlib.rc_context(house_style()), warnings.catch_warnings():
        # The page's own font draws the text; DejaVu, which only measures it, need not know every script.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
        draw(figure.add_subplot())
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    root = _without_namespaces(ElementTree.fromstring(text.getvalue()))
    content = "".join(_shapes(root, _markers(root)))
    return Markup(
        f'<svg class="plot" viewBox="0 0 {width} {height}" role="img"><title>{escape(title)}</title>{content}</svg>'
    )


def house_style() -> dict[Any, Any]:
    """Return matplotlib's settings for a figure of the house, whatever a reader's matplotlibrc says."""
    defaults = {name: value for name, value in matplotlib.rcParamsDefault.items() if name.split(".")[0] in FAMILIES}
    return {**defaults, **STYLE}


def _without_namespaces(root: Element) -> Element:
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.attrib = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
    return root


def _markers(root: Element) -> dict[str, str]:
    return {f"#{path.get('id')}": path.get("d", "") for path in root.iter("path") if path.get("id")}


def _shapes(root: Element, markers: dict[str, str]) -> list[str]:
    """Return paths, texts and runs of markers in drawing order; groups, ids and clips are left behind."""
    drawn = [e for e in _visible(root) if e.tag in ("path", "text", "use")]
    shapes = []
    for (tag, style, marker), run in groupby(drawn, lambda e: (e.tag, e.get("style", ""), e.get("href", ""))):
        if tag == "use":
            shapes.append(_points(markers[marker], style, list(run)))
        else:
            shapes += [_path(e) if tag == "path" else _text(e) for e in run]
    return [shape for shape in shapes if shape]


def _visible(element: Element) -> list[Element]:
    found = []
    for child in element:
        if child.tag != "defs":
            found += [child, *_visible(child)]
    return found


def _points(marker: str, style: str, uses: list[Element]) -> str:
    """Draw all points of one kind as one path: a tenth of the bytes of an element each."""
    places = [(_short(e.get("x", "0")), _short(e.get("y", "0"))) for e in uses]
    if "C" in marker:  # a disc is a line of no length with round ends
        diameter = 2 * max(abs(float(n)) for n in NUMBER.findall(marker))
        colour = re.search(r"fill: ([^;]+)", style)
        opacity = re.search(r"(?<!stroke-)opacity: ([^;]+)", style)
        path = "".join(f"M{x} {y}h0" for x, y in places)
        line = (
            f"fill:none;stroke:{_themed(colour[1] if colour else INK)};stroke-width:{diameter:.3g};stroke-linecap:round"
        )
        return f'<path d="{path}" style="{line}{f";opacity:{opacity[1]}" if opacity else ""}"/>'
    outline = _relative(marker)
    path = "".join(f"M{x} {y}{outline}" for x, y in places)
    return f'<path d="{path}" style="{_themed(_compact(style))}"/>'


def _relative(marker: str) -> str:
    """Return a marker of straight lines as a path that starts and ends anywhere."""
    steps, at = [], (0.0, 0.0)
    for command, x, y in re.findall(r"([MLz])(?: (\S+) (\S+))?", marker):
        if command == "z":
            steps.append("z")
            continue
        dx, dy = float(x) - at[0], float(y) - at[1]
        steps.append(f"{command.lower()}{_short(dx, 2)} {_short(dy, 2)}".replace(" -", "-"))
        at = (float(x), float(y))
    return "".join(steps)


def _path(element: Element) -> str:
    style = element.get("style", "")
    if ("none" in style and "stroke" not in style) or re.search(r"(?<![-\w])opacity: 0(;|$)", style):
        return ""
    d = re.sub(r"\s*([MLCQz])\s*", r"\1", NUMBER.sub(lambda n: _short(n[0]), element.get("d", ""))).strip()
    return f'<path d="{d}" style="{_themed(_compact(style))}"/>'


def _text(element: Element) -> str:
    style = re.sub(r"font-family:[^;]*;?|font: ", "", element.get("style", ""))
    turn = element.get("transform", "")
    x, y = _short(element.get("x", "0")), _short(element.get("y", "0"))
    turned = f' transform="rotate({angle} {x} {y})"' if (angle := _angle(turn)) else ""
    words = escape("".join(element.itertext()))
    return f'<text x="{x}" y="{y}"{turned} style="{_themed(_compact(style))}">{words}</text>'


def _angle(transform: str) -> str:
    turn = re.match(r"rotate\((-?[\d.]+)", transform)
    return "" if not turn or float(turn[1]) == 0 else turn[1]


def _short(number: str | float, digits: int = 1) -> str:
    return f"{round(float(number), digits) + 0.0:.6g}"  # + 0.0 turns −0.0 into 0.0


def _compact(style: str) -> str:
    return re.sub(r"\s*([:;,])\s*", r"\1", style).strip("; ")


def _themed(style: str) -> str:
    for colour, variable in CSS_VARIABLES.items():
        style = style.replace(colour, variable)
    return style
