import numpy as np

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
    error, weights = train_from_starts(well, starts, right_of, two_sides(rng), 0)
    assert error == 0
    assert 0.9 < weights[0] < 1  # the shallower valley, descended to its floor
    assert abs(well(weights, None, 0.01)[1][0]) < 1e-3


def test_a_start_that_training_would_wreck_is_kept(rng):
    start = np.array([0.05])  # right as it stands, but the slope leads over to −1
    error, weights = train_from_starts(
        lambda w, rows, penalty: (float((w[0] + 1) ** 2), 2 * (w + 1)), [(start, (0.1,))], right_of, two_sides(rng), 0
    )
    assert error == 0
    assert weights[0] == 0.05


def test_candidates_are_judged_on_groups_that_they_were_not_trained_on(rng):
    seen = []

    def remember(weights, rows, penalty):
        seen.append(frozenset(rows.groups.tolist()))
        return 0.0, np.zeros(1)

    judged = []

    def judge(weights, rows):
        judged.append(frozenset(rows.groups.tolist()))
        return rows.X[:, 0] > 0

    rows = two_sides(rng)._replace(groups=np.repeat(np.arange(12), 5))
    train_from_starts(remember, [(np.zeros(1), (1.0,))], judge, rows, 0)
    assert not seen[0] & judged[0]
    assert len(judged[0]) == 4


def test_too_few_groups_to_spare_one_are_used_twice(rng):
    rows = two_sides(rng, 4)._replace(groups=np.repeat([0, 1], 4))
    assert train_from_starts(well, [(np.array([2.0]), (0.1,))], right_of, rows, 0)[0] == 0


def test_the_error_is_the_mean_of_both_domains():
    said = np.array([True, False, False, True, True, False])
    assert balanced_error(said, np.array([0, 0, 0, 0, 1, 1])) == 0.5
