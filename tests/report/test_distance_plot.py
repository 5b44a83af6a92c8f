"""Distances are drawn line by line, measured or taken from results."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from dacompare import DistanceDisplay, mmd, proxy_a_distance
from dacompare.divergence import proxy_a_distance_with_controls
from dacompare.report.distance_table import distance_figure
from dacompare.report.reading import as_data


@pytest.fixture
def ax():
    return Figure().add_subplot()


def lines(ax):
    return [tick.get_text() for tick in ax.get_yticklabels()]


def test_two_arrays_are_measured_as_proxy_a_distance_measures_them(rng, ax):
    X, Z = rng.normal(size=(80, 3)), rng.normal(1.0, size=(80, 3))
    display = DistanceDisplay.from_features(X, Z, random_state=3).plot(ax)
    measured = proxy_a_distance_with_controls(X, Z, random_state=3)
    (distance,) = display.distances
    assert distance.values == (measured.value,)
    assert distance.interval == measured.ci95
    assert distance.controls == (measured.control_source, measured.control_target)
    assert lines(ax) == ["features"]
    assert (display.ax_, display.figure_) == (ax, ax.figure)


def test_before_and_after_stand_below_each_other(rng, ax):
    X = rng.normal(size=(100, 3))
    display = DistanceDisplay.from_features(X[:50], X[50:], before=(X[:50], X[50:] + 9), labels=("raw", "centred"))
    assert display.distances[0].mean == pytest.approx(2, abs=0.1)
    assert display.distances[1].mean < 1
    display.plot(ax)
    assert lines(ax) == ["raw", "centred"]
    with pytest.raises(TypeError, match=r"before must be a pair \(X_source, X_target\), or None, got ndarray"):
        DistanceDisplay.from_features(X[:50], X[50:], before=X)


def test_any_measure_and_several_seeds(rng, ax):
    X = rng.normal(size=(40, 2))
    measured = [mmd(X, X + 1, random_state=seed) for seed in (0, 1)]
    display = DistanceDisplay.from_distances({"raw $": measured, "number": 0.5}, label="MMD²", ends=None).plot(ax)
    assert display.distances[0].values == tuple(map(float, measured))
    assert display.distances[0].interval is None
    assert ax.get_xlabel() == "MMD²"
    ax.figure.canvas.draw()


def test_the_page_draws_the_same_distances(sample, ax):
    data = as_data(sample(points=0, images=False, steps=2, seeds=3))
    display = DistanceDisplay.from_results(data).plot(ax)
    assert lines(ax) == ["Raw input", "Source only", "Subspace alignment", "DANN"]
    assert [len(distance.values) for distance in display.distances] == [3] * 4
    assert [len(distance.controls) for distance in display.distances] == [6] * 4
    said = distance_figure(data)["caption"]
    for distance in display.distances:
        assert f"{distance.mean:.2f}" in said


def test_what_was_not_measured_is_named(sample):
    data = sample(points=0, images=False, steps=2, seeds=2)
    with pytest.raises(ValueError, match="measure must be one of 'proxy-a-distance', got 'mmd'"):
        DistanceDisplay.from_results(data, "mmd")
    with pytest.raises(ValueError, match="hold no distance"):
        DistanceDisplay.from_results({**data, "divergence": []})
    with pytest.raises(ValueError, match="nothing to draw"):
        DistanceDisplay([])
    with pytest.raises(ValueError, match=r"measured\['x'\] must hold at least one"):
        DistanceDisplay.from_distances({"x": []})


def test_a_number_is_not_called_a_proxy_a_distance(rng):
    X, X_target = rng.normal(size=(40, 3)), rng.normal(size=(40, 3)) + 3
    numbers = DistanceDisplay.from_distances({"mmd": 0.2, "other": [0.1, 0.3]})
    assert (numbers.label, numbers.ends) == ("distance", None)
    measured = DistanceDisplay.from_distances({"features": proxy_a_distance(X, X_target)})
    assert measured.label.startswith("proxy A-distance")
    assert measured.ends == DistanceDisplay.from_features(X, X_target).ends == (0.0, 2.0)


def test_features_of_different_widths_are_refused():
    with pytest.raises(ValueError, match="features"):
        DistanceDisplay.from_features(np.zeros((9, 2)), np.zeros((9, 3)))
