import re
import warnings

from dacompare.report.svg import draw_svg


def test_points_of_one_kind_become_one_path():
    svg = draw_svg(lambda ax: (ax.plot(range(50), range(50), "o"), ax.plot(range(50), "x")), title="Many points.")
    assert svg.count("h0") == 50
    assert len([path for path in re.findall(r'd="([^"]*)"', svg) if path.count("M") >= 50]) == 2


def test_points_stand_where_matplotlib_put_them():
    def draw(ax):
        ax.set_position([0, 0, 1, 1])
        ax.set(xlim=(0, 10), ylim=(0, 10))
        ax.plot([5], [10], "o")
        ax.plot([0], [5], "D", markerfacecolor="none", clip_on=False)

    svg = draw_svg(draw, title="Two points.", width=200, height=100)
    assert "M100 0h0" in svg
    assert "M0 50m0 4.24" in svg


def test_colours_follow_the_theme_and_nothing_refers_outside():
    svg = draw_svg(lambda ax: ax.plot([0, 1], color="#0072b2"), title="A line.")
    assert "var(--blue)" in svg
    assert not re.search(r"#[0-9a-f]{6}|url\(|href|\sid=|clip-path|xmlns|<style|<!--", svg)


def test_title_and_text_are_escaped():
    svg = draw_svg(lambda ax: ax.text(0, 0, "<b> & </text>", parse_math=False), title="a < b & c")
    assert "<title>a &lt; b &amp; c</title>" in svg
    assert "&lt;b&gt; &amp; &lt;/text&gt;" in svg


def test_scripts_that_the_measuring_font_lacks_are_no_trouble():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "漢字" in draw_svg(lambda ax: ax.text(0, 0, "漢字"), title="Chinese.")


def test_same_drawing_same_bytes():
    one, two = (draw_svg(lambda ax: ax.plot([0, 1, 4], "x-"), title="A curve.") for _ in range(2))
    assert one == two
