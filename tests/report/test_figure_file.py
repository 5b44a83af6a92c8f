"""A figure file holds the same bytes each time, and its text as text."""

import re

import matplotlib
import numpy as np
import pytest
from PIL import Image

from dacompare import ConfusionDisplay, TSNEDisplay
from dacompare.report.figure_file import check_figure, write_figure
from dacompare.report.palette import BLUE, INK, ON_DARK, PAPER


@pytest.fixture
def display():
    return TSNEDisplay([[0, 0], [1, 1], [3, 2]], [[0, 1], [1, 0]], [0, 0, 1], class_names=["cat", "dog"])


def by_class(display):
    return lambda ax: display.plot(ax, colour_by="class", legend=True)


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_same_drawing_same_bytes_and_no_moment(display, tmp_path, suffix):
    first = write_figure(by_class(display), tmp_path / f"a{suffix}", title="Two domains").read_bytes()
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        second = write_figure(by_class(display), tmp_path / "new" / f"b{suffix}", title="Two domains").read_bytes()
    assert first == second
    assert not re.search(rb"CreationDate|<dc:date>|Matplotlib v|Software", first)


def test_pyplot_and_settings_stay_as_they_are(display, tmp_path):
    from matplotlib import pyplot

    before = pyplot.get_fignums(), dict(matplotlib.rcParams)
    write_figure(display.plot, tmp_path / "a.svg", style="dark")
    assert (pyplot.get_fignums(), dict(matplotlib.rcParams)) == before


def test_text_of_an_svg_is_text(display, tmp_path):
    text = write_figure(by_class(display), tmp_path / "a.svg", title="One $ < two").read_text()
    assert re.findall(r"<text[^>]*>([^<]*)</text>", text) == ["cat", "dog", "One $ &lt; two", "source", "target"]


def test_text_of_a_pdf_is_text_in_a_truetype_font(display, tmp_path):
    content = write_figure(by_class(display), tmp_path / "a.pdf").read_bytes()
    assert b"/Subtype /Type0" in content or b"/FontFile2" in content
    assert b"/Type3" not in content


def test_size_and_dots_of_a_png(display, tmp_path):
    with Image.open(write_figure(display.plot, tmp_path / "a.PNG", size=(3, 2), dpi=100)) as image:
        assert image.size == (300, 200)


def test_dark_has_light_ink_on_dark_paper(display, tmp_path):
    light = write_figure(by_class(display), tmp_path / "a.svg", title="x").read_text()
    dark = write_figure(by_class(display), tmp_path / "b.svg", title="x", style="dark").read_text()
    for colour in (BLUE, INK, PAPER):
        assert colour in light
        assert colour not in dark
        assert ON_DARK[colour] in dark
    assert len(re.findall("<text", light)) == len(re.findall("<text", dark))


def test_any_display_can_be_written(tmp_path):
    matrix = ConfusionDisplay(np.eye(3))
    for style in ("light", "dark"):
        assert write_figure(matrix.plot, tmp_path / f"{style}.pdf", style=style).stat().st_size > 1000


@pytest.mark.parametrize(
    ("name", "more", "message"),
    [
        ("a.jpg", {}, r"path must end in .svg, .png or .pdf, which says the format, got .*a.jpg"),
        ("a", {}, "path must end in"),
        ("a.svg", {"dpi": 5}, "dpi must be from 30 to 1200 dots per inch, got 5"),
        ("a.svg", {"style": "darkk"}, "did you mean 'dark'"),
    ],
)
def test_what_cannot_be_written_is_refused_first(tmp_path, name, more, message):
    with pytest.raises(ValueError, match=message):
        write_figure(pytest.fail, tmp_path / name, **more)


def test_a_drawing_that_fails_leaves_the_old_file(display, tmp_path):
    path = write_figure(display.plot, tmp_path / "a.svg")
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError):
        write_figure(lambda ax: 1 / 0, path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.svg"]
    (tmp_path / "b.svg").mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder"):
        check_figure(tmp_path / "b.svg")
