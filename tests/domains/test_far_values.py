"""Tests for values that may be marks: said where one is, and nothing where data are only uneven."""

import re
import warnings

import numpy as np
import pytest

from dacompare import Transfer, compare
from dacompare.domains.far_values import CELLS, far_values
from dacompare.report.page import render


def marked(X, rows, value, column=1):
    X = X.copy()
    X[rows, column] = value
    return X


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X: X, ""),
        (lambda X: np.exp(2 * X), ""),  # long tails
        (lambda X: marked(X, slice(2), 60.0), ""),  # far, but not often
        (lambda X: marked(X, slice(3), 60.0), "column 1 holds 60 in 3 of 400 rows"),
        (lambda X: marked(X, [7], -9999), "column 1 holds -9999 in 1 of 400 rows"),
        (lambda X: marked(X, [7], -3.4028235e38).astype(np.float32), r"holds -3\.40282e\+38 in 1 of"),
        (lambda X: marked(X, [7], 1e308), r"holds 1e\+308 in 1 of"),
        (lambda X: marked(marked(X, [7], -9999), [8], 9999), r"^column 1 holds .*are apart$"),  # one column, once
        (lambda X: marked(marked(X, [7], -9999), [8], 9999, 2), "; so does 1 more column$"),
        (lambda X: marked(X * 0, slice(9), 5.0), ""),  # a rare value is what the column tells
        (lambda X: np.full_like(X, 7), ""),
        (lambda X: (X > 0).astype(np.uint8), ""),
        (lambda X: X.reshape(-1, 3, 2), ""),
        (lambda X: marked(X, [7], -9999)[:8], ""),  # too few rows to tell
        (lambda X: X[:, :0], ""),
    ],
)
def test_only_values_that_may_be_marks_are_spoken_of(change, message, rng):
    said = far_values(change(rng.normal(size=(400, 3))))
    assert bool(said) is bool(message)
    if message:
        assert re.search(message, said), said


def test_of_many_rows_some_give_the_quartiles_and_all_give_the_ends(rng):
    X = rng.normal(size=(2 * CELLS // 100, 100)).astype(np.float32)
    assert far_values(X) == ""
    X[4321, 98] = -9999
    assert "column 98 holds -9999 in 1 of 20,000 rows" in far_values(X)


def test_a_mark_is_warned_of_with_its_side_and_said_on_the_page(rng):
    y = np.arange(200) % 2
    X = rng.normal(size=(200, 3)) + y[:, np.newaxis]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clean = Transfer.from_arrays(X, y, X + 0.5, y)
    with pytest.warns(UserWarning, match=r"target: column 2 holds -9999 in 5 of 200 rows.* leave such rows out"):
        dirty = Transfer.from_arrays(X, y, marked(X + 0.5, slice(5), -9999, 2), y)
    said = "Target: column 2 holds -9999 in 5 of 200 rows"
    pages = [
        render(compare(t, methods=["source-only", "coral"], network={"name": "none"}, seeds=[0], n_jobs=1))
        for t in (clean, dirty)
    ]
    assert [said in page for page in pages] == [False, True]
