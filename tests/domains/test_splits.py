import numpy as np
import pytest

from dacompare.domains.splits import draw_per_class, split_rows, split_rows_beside, subsample_rows


def test_every_row_is_on_one_side_and_classes_keep_their_share():
    y = np.repeat(["a", "b", "c"], [50, 30, 20])
    train, test = split_rows(y, None, 0.2, 0)
    assert np.array_equal(np.sort(np.concatenate([train, test])), np.arange(100))
    assert np.unique(y[test], return_counts=True)[1].tolist() == [10, 6, 4]
    assert np.array_equal(train, np.sort(train))
    assert np.array_equal(test, np.sort(test))


@pytest.mark.parametrize("seed", range(5))
def test_groups_stay_whole_and_classes_keep_their_share(seed):
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.repeat(np.arange(60), 5))
    y = groups % 3
    train, test = split_rows(y, groups, 0.25, seed)
    assert not set(groups[train]) & set(groups[test])
    assert np.bincount(y[test]).tolist() == [25, 25, 25]


def test_groups_of_mixed_classes_count_for_their_majority():
    groups = np.repeat(np.arange(20), 3)
    y = np.tile([0, 0, 1], 20)
    y[30:] = 1 - y[30:]
    _, test = split_rows(y, groups, 0.2, 0)
    majorities = (np.unique(groups[test]) >= 10).astype(int)
    assert np.bincount(majorities).tolist() == [2, 2]


def test_without_labels_or_groups_the_number_of_rows_is_needed():
    train, test = split_rows(None, None, 0.3, 0, n_rows=10)
    assert (len(train), len(test)) == (7, 3)
    with pytest.raises(ValueError, match="must give one number of rows, got none"):
        split_rows(None, None)
    with pytest.raises(ValueError, match=r"one number of rows, got \[2, 3\]"):
        split_rows(np.zeros(2), np.zeros(3))


def test_the_seed_decides():
    y = np.arange(100) % 2
    assert np.array_equal(split_rows(y, None, 0.2, 7)[1], split_rows(y, None, 0.2, 7)[1])
    assert not np.array_equal(split_rows(y, None, 0.2, 7)[1], split_rows(y, None, 0.2, 8)[1])
    sequence = np.random.SeedSequence(7, spawn_key=(1,))
    assert len(split_rows(y, None, 0.2, sequence)[1]) == 20


def test_a_class_of_one_row_stays_in_training():
    y = np.array([0] * 10 + [1])
    train, _ = split_rows(y, None, 0.2, 0)
    assert 10 in train


def test_one_group_per_class_still_gives_a_test_set_and_one_group_does_not():
    groups = y = np.repeat([0, 1], 5)
    train, test = split_rows(y, groups, 0.2, 0)
    assert len(train) == len(test) == 5
    with pytest.raises(ValueError, match="at least two groups"):
        split_rows(y, np.zeros(10), 0.2, 0)


def test_many_groups_are_split_quickly():
    y = np.random.default_rng(0).integers(10, size=60_000)
    _, test = split_rows(y, np.arange(60_000), 0.2, 0)
    assert abs(len(test) - 12_000) <= 10


def test_a_split_beside_another_follows_it():
    groups = np.arange(20)
    train, test = split_rows_beside(None, groups, 0.5, 0, train_groups={0, 1, 2, 3}, test_groups={4, 5})
    assert {0, 1, 2, 3} <= set(train)
    assert {4, 5} <= set(test)
    assert len(test) == 2 + 7
    with pytest.raises(ValueError, match="uses every group of these 20 rows for training"):
        split_rows_beside(None, groups, 0.5, 0, train_groups=set(range(20)), test_groups=set())


def test_a_subsample_keeps_classes_in_proportion():
    y = np.repeat([0, 1, 2], [700, 200, 100])
    rows = subsample_rows(y, 100, 0)
    assert len(np.unique(rows)) == 100
    assert np.abs(np.bincount(y[rows]) - [70, 20, 10]).max() <= 1
    assert np.array_equal(rows, subsample_rows(y, 100, 0))


def test_a_subsample_keeps_rare_classes():
    y = np.array([0] * 1000 + [1])
    assert 1000 in subsample_rows(y, 10, 0)


def test_no_limit_keeps_all_rows():
    y = np.zeros(5)
    for limit in (0, 5, 50):
        assert subsample_rows(y, limit).tolist() == [0, 1, 2, 3, 4]
    assert len(subsample_rows(None, 3, n_rows=9)) == 3
    with pytest.raises(ValueError, match="max_rows must be 0"):
        subsample_rows(y, -1)


def test_as_many_rows_of_each_class_are_drawn_and_other_seeds_draw_others():
    y = np.repeat(["a", "b", "c"], [40, 25, 20])
    rows = draw_per_class(y, 20, 0)
    assert {name: int((y[rows] == name).sum()) for name in "abc"} == {"a": 20, "b": 20, "c": 20}
    assert len(set(rows.tolist())) == 60
    assert rows.tolist() == draw_per_class(y, 20, 0).tolist() != draw_per_class(y, 20, 1).tolist()


@pytest.mark.parametrize("n", [0, 21])
def test_a_class_with_too_few_rows_is_named(n):
    with pytest.raises(ValueError, match=f"from 1 to 20, the rows of the smallest class c, got {n}"):
        draw_per_class(np.repeat(["a", "b", "c"], [40, 25, 20]), n, 0)
