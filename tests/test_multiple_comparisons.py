import numpy as np
import pytest
from scipy import stats

from dacompare.multiple_comparisons import holm, widen_interval
from dacompare.statistics import student_interval


def test_holm_by_hand():
    # Sorted .01 .02 .04 → 3(.01), max(.03, 2(.02)), max(.04, .04).
    assert holm([0.04, 0.01, None, 0.02]) == pytest.approx([0.04, 0.03, None, 0.04])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_a_widened_interval_is_students_at_a_higher_level(rng):
    values = rng.normal(size=7)
    assert widen_interval(student_interval(values), 7, 1) == student_interval(values)
    wide = stats.t.interval(1 - 0.05 / 12, 6, values.mean(), stats.sem(values))
    assert widen_interval(student_interval(values), 7, 12) == pytest.approx(wide)


def test_the_best_of_many_that_do_nothing_seldom_looks_good(rng):
    """The plain interval of the best of twelve leaves 0 out in far more than one case of twenty."""
    draws = rng.normal(size=(2000, 12, 5))
    best = draws[np.arange(2000), draws.mean(axis=2).argmax(axis=1)]
    plain = [student_interval(values) for values in best]
    assert np.mean([low > 0 for low, _ in plain]) > 0.15
    assert np.mean([widen_interval(ends, 5, 12)[0] > 0 for ends in plain]) < 0.05
