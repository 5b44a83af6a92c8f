import numpy as np
import pytest

from dacompare.divergence.coral_distance import coral_distance, covariance_gap


def test_by_hand():
    # Covariances ⎡2 0⎤ and ⎡2 2⎤: they differ by 2 off the diagonal (twice) and by 0 and 2 on it.
    #             ⎣0 2⎦     ⎣2 4⎦
    X_source = np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]]) * np.sqrt(1.5)
    X_target = X_source @ np.array([[1.0, 1.0], [0.0, 1.0]])
    found = coral_distance(X_source, X_target, n_permutations=0)
    assert found.value == pytest.approx(np.sqrt(4 + 4 + 4))
    assert found.details["deep_coral_loss"] == pytest.approx(12 / (4 * 2**2))


def test_it_is_blind_to_the_means(rng):
    X = rng.normal(size=(50, 3))
    assert coral_distance(X, X + 9, n_permutations=0).value == pytest.approx(0, abs=1e-12)


def test_a_shift_of_the_means_moves_neither_the_test_nor_what_no_distance_looks_like(rng):
    X, Y = rng.normal(size=(60, 3)), 2.0 * rng.normal(size=(60, 3))
    apart = coral_distance(X, Y + 10, n_permutations=49)
    beside = coral_distance(X, Y, n_permutations=49)
    assert apart.p_value == beside.p_value == pytest.approx(1 / 50)
    assert apart.details["null_mean"] == pytest.approx(beside.details["null_mean"])
    # Of two domains that differ by their means alone one permutation in two is farther apart than they are.
    draws = [rng.normal(size=(2, 60, 3)) for _ in range(5)]
    assert np.median([coral_distance(X, Y + 10, n_permutations=39).p_value for X, Y in draws]) > 0.1


def test_many_features_need_no_large_matrix(rng):
    X, Y = rng.normal(size=(9, 60)), 2 * rng.normal(size=(9, 60))
    expected = np.linalg.norm(np.cov(X.T) - np.cov(Y.T))
    assert covariance_gap(X, Y) == pytest.approx(expected)
    assert covariance_gap(X[:, :10], Y[:, :10]) == pytest.approx(
        np.linalg.norm(np.cov(X[:, :10].T) - np.cov(Y[:, :10].T))
    )
    assert coral_distance(X, Y, max_memory=10_000, n_permutations=0).value == pytest.approx(expected)
    with pytest.raises(MemoryError, match="CORAL needs"):
        coral_distance(X, Y, max_memory=5_000)


def test_it_finds_the_true_gap_and_tells_it_from_chance(rng):
    # A draw is significant by chance now and then, but not most of five.
    nulls = [coral_distance(*rng.normal(size=(2, 2000, 2)), n_permutations=39) for _ in range(5)]
    assert np.median([null.p_value for null in nulls]) > 1 / 40
    assert np.median([null.value / null.details["null_mean"] for null in nulls]) < 2
    X = rng.normal(size=(2, 2000, 2))
    wide = coral_distance(X[0], X[1] * [1.0, 2.0], n_permutations=39)
    assert wide.value == pytest.approx(3, rel=0.2)
    assert wide.p_value == 1 / 40


def test_beyond_512_features_the_test_has_to_be_asked_for(rng):
    X = rng.normal(size=(2, 5, 600))
    assert coral_distance(*X).p_value is None
    assert coral_distance(*X, n_permutations=9).p_value is not None
    assert coral_distance(*X[:, :, :20]).p_value is not None


@pytest.mark.parametrize(("n", "d"), [(20, 40), (50, 100)])
def test_rows_as_few_as_features_do_not_make_a_difference(n, d, rng):
    """Of 60 pairs of draws from one distribution 3 are expected below .05; without the factor it was a quarter."""
    found = [coral_distance(*rng.normal(size=(2, n, d)), n_permutations=39) for _ in range(60)]
    assert sum(one.p_value <= 0.05 for one in found) <= 9
    assert np.mean([one.value / one.details["null_mean"] for one in found]) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_groups_count_by_how_much_their_rows_hang_together(share, rng):
    """Of rows that have nothing in common with their group the groups mean nothing; of equal rows they are the rows."""
    groups = np.repeat(np.arange(12), 10)
    ratios = []
    for _ in range(30):
        X, Y = (share * rng.normal(size=(12, 20))[groups] + (1 - share) * rng.normal(size=(120, 20)) for _ in range(2))
        found = coral_distance(X, Y, groups_source=groups, groups_target=groups + 12, n_permutations=29)
        ratios.append(found.value / found.details["null_mean"])
    assert np.mean(ratios) == pytest.approx(1, abs=0.05)
