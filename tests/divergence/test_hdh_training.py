import numpy as np
import pytest

from dacompare.divergence.drawing import DrawnRows
from dacompare.divergence.hdh_training import balanced_error, train_from_starts


def well(weights, rows, penalty):
    """Return a double well with its deeper side at −1, whatever the rows."""
    w = weights[0]
    return float((w**2 - 1) ** 2 + 0.3 * w + penalty * w**2 / 2), np.array([4 * w * (w**2 - 1) + 0.3 + penalty * w])


def right_of(weights, rows):
    return rows.X[:, 0] * weights[0] > 0


def two_sides(rng, n=30):
    return DrawnRows(np.concatenate([-1 - rng.random((n, 1)), 1 + rng.random((n, 1))]), np.repeat([0, 1], n), None)


def test_the_start_that_judges_best_wins_not_the_deepest_valley(rng):
    starts = [(np.array([-2.0]), (0.1, 0.01)), (np.array([2.0]), (0.1, 0.01))]
    trained = train_from_starts(well, lambda inside: starts, right_of, two_sides(rng), 0)
    assert trained.error == 0
    assert 0.9 < trained.weights[0] < 1  # the shallower valley, descended to its floor
    assert abs(well(trained.weights, None, 0.1)[1][0]) < 1e-3


def test_a_start_that_training_would_wreck_is_kept(rng):
    start = np.array([0.05])  # right as it stands, but the slope leads over to −1
    trained = train_from_starts(
        lambda w, rows, penalty: (float((w[0] + 1) ** 2), 2 * (w + 1)),
        lambda inside: [(start, (0.1,))],
        right_of,
        two_sides(rng),
        0,
    )
    assert trained.error == 0
    assert trained.weights[0] == 0.05


def slope(weights, rows, penalty):
    """Return a loss whose minimum is the mean of the target rows."""
    away = weights[0] - rows.X[rows.domain == 1].mean()
    return float(away**2), np.array([2 * away])


def test_the_winner_is_trained_on_with_all_rows(rng):
    rows = two_sides(rng)
    trained = train_from_starts(slope, lambda inside: [(np.array([-2.0]), (0.1,))], right_of, rows, 0)
    assert trained.weights[0] == pytest.approx(rows.X[30:].mean())
    assert trained.draft[0] != pytest.approx(rows.X[30:].mean(), abs=1e-4)


def test_candidates_are_judged_on_groups_that_nobody_has_seen(rng):
    seen, judged = [], []

    def start_and_see(inside):
        seen.append(set(inside.groups))
        return [(np.array([1.0]), (1.0,))]

    def learn_and_see(weights, rows, penalty):
        seen.append(set(rows.groups))
        return 0.0, np.zeros(1)

    def judge(weights, rows):
        judged.append(set(rows.groups))
        return right_of(weights, rows)

    rows = two_sides(rng)._replace(groups=np.repeat(np.arange(12), 5))
    train_from_starts(learn_and_see, start_and_see, judge, rows, 0)
    assert len(judged[0]) == 4
    assert not judged[0] & (seen[0] | seen[1])


def test_too_few_groups_to_spare_one_are_used_twice(rng):
    for groups in (np.repeat([0, 1], 4), np.zeros(8, int)):
        rows = two_sides(rng, 4)._replace(groups=groups)
        assert train_from_starts(well, lambda inside: [(np.array([2.0]), (0.1,))], right_of, rows, 0).error == 0


def test_the_error_is_the_mean_of_both_domains():
    said = np.array([True, False, False, True, True, False])
    assert balanced_error(said, np.array([0, 0, 0, 0, 1, 1])) == 0.5
