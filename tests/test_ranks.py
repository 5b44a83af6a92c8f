import pytest

from dacompare.ranks import average_ranks, spearman


def test_ties_share_their_ranks():
    assert average_ranks([5, 1, 5, 0]) == [3.5, 2.0, 3.5, 1.0]


def test_spearman_by_hand():
    # Ranks differ by (1, 1, 0, 0, 0): 1 - 6 * 2 / (5 * 24).
    assert spearman([1, 2, 3, 4, 5], [2, 1, 3, 4, 5]) == pytest.approx(0.9)
    assert spearman([1, 2, 3], [30, 20, 10]) == -1.0


def test_spearman_says_nothing_where_nothing_varies():
    assert spearman([1, 2], [1, 2]) is None
    assert spearman([1, 1, 1], [1, 2, 3]) is None
