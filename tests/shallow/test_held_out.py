import numpy as np
import pytest

from dacompare.domains import Domain, split_rows
from dacompare.shallow.held_out import hold_out

HOW = {"test_size": 0.25, "random_state": 3}


def test_a_share_is_set_aside_by_class(rng):
    X, y = rng.normal(size=(40, 2)), np.repeat(["cat", "dog"], [30, 10])
    (kept, y_kept), (held, y_held) = hold_out(X, y, **HOW)
    train, test = split_rows(y, None, 0.25, 3)
    np.testing.assert_array_equal(np.vstack([kept, held]), X[np.r_[train, test]])
    assert y_kept.tolist() + y_held.tolist() == y[np.r_[train, test]].tolist()


def test_a_share_is_set_aside_by_group(rng):
    X, y, groups = rng.normal(size=(40, 2)), np.repeat(["cat", "dog"], 20), np.repeat(np.arange(10), 4)
    (kept, _), (held, _) = hold_out(X, y, groups=groups, **HOW)
    of = {tuple(row): group for row, group in zip(X.tolist(), groups.tolist(), strict=True)}
    assert {of[tuple(row)] for row in kept.tolist()}.isdisjoint(of[tuple(row)] for row in held.tolist())


def test_rows_that_are_given_leave_the_others_whole(rng):
    X, y = rng.normal(size=(6, 2)), np.arange(6) % 2
    train, test = hold_out(X, y, Domain(X[:3] + 1), y[:3], **HOW)
    assert train[0] is X
    np.testing.assert_array_equal(test[0], X[:3] + 1)


def test_no_class_is_set_aside_whole_without_a_word(rng):
    X = rng.normal(size=(5, 2))
    assert np.unique(hold_out(X, np.array([0, 1, 2, 3, 3]), **HOW)[0][1]).tolist() == [0, 1, 2, 3]
    with pytest.raises(
        ValueError, match=r"test_size=0\.25 sets aside the only row of class '[a-e]', since every class"
    ):
        hold_out(X, np.array(list("abcde")), **HOW)


def test_rows_given_of_other_classes_only_are_refused(rng):
    X, y = rng.normal(size=(6, 2)), np.arange(6) % 2
    with pytest.raises(ValueError, match=r"y_source_test holds no class of y, the first is 7; hold out rows of the"):
        hold_out(X, y, X, np.full(6, 7), **HOW)
    with pytest.raises(ValueError, match="y has int64, y_source_test has <U1; labels must be of one type"):
        hold_out(X, y, X, list("ababab"), **HOW)
    assert hold_out(X, y, X, np.append(y[:5], 7), **HOW)[1][1].tolist() == [0, 1, 0, 1, 0, 7]
