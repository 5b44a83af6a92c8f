import numpy as np
import pytest

from dacompare.report.label_places import move_apart


def covered(places, widths, height):
    return [
        (i, j)
        for i in range(len(places))
        for j in range(i)
        if abs(places[i, 0] - places[j, 0]) < (widths[i] + widths[j]) / 2
        and abs(places[i, 1] - places[j, 1]) < height * (1 - 1e-6)
    ]


def test_names_that_are_apart_stay_where_they_are(rng):
    places = np.stack([10.0 * np.arange(6), rng.normal(size=6)], axis=1)
    np.testing.assert_array_equal(move_apart(places, [9.0] * 6, 1.0), places)


def test_names_on_one_spot_stand_above_each_other_around_it():
    moved = move_apart(np.zeros((3, 2)), [2.0, 3.0, 4.0], 1.0)
    assert covered(moved, [2.0, 3.0, 4.0], 1.0) == []
    assert moved.mean(axis=0) == pytest.approx([0, 0])
    assert np.abs(moved).max() < 1.6


def test_a_crowd_ends_uncovered(rng):
    places, widths = rng.normal(scale=3, size=(10, 2)), rng.uniform(1, 4, 10)
    assert covered(places, widths, 1.0)
    assert covered(move_apart(places, widths, 1.0), widths, 1.0) == []


def test_no_name_at_all():
    assert move_apart([], [], 1.0).shape == (0, 2)
