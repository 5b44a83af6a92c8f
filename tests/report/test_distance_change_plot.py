from types import SimpleNamespace

from matplotlib.figure import Figure

from dacompare.report.distance_change_plot import draw_changes


def test_everything_and_the_origin_lie_within_the_limits():
    ax = Figure().add_subplot()
    draw_changes(
        ax, [SimpleNamespace(kind=k, distance=-1.0, gain=g) for k, g in (("deep", 0.2), ("shallow", 0.1), (None, 0.3))]
    )
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    assert left < -1 < 0 < right
    assert low < 0 < 30 < high
    discs, triangles = ax.lines[:2]
    assert (discs.get_marker(), triangles.get_marker()) == ("o", "^")
    assert list(triangles.get_ydata()) == [10, 30]


def test_one_point_without_any_change_is_drawn():
    ax = Figure().add_subplot()
    draw_changes(ax, [SimpleNamespace(kind="deep", distance=0.0, gain=0.0)])
    assert ax.get_xlim()[0] < 0 < ax.get_xlim()[1]
