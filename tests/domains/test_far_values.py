"""Tests for values that may be marks: said where one is, and nothing where data are only uneven."""

import re
import warnings

import numpy as np
import pytest

from dacompare import Domain, Transfer, compare
from dacompare.domains.far_values import CELLS, far_values
from dacompare.domains.loading import load_transfer
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
        (lambda X: marked(marked(X, slice(4), -9999), slice(4, 8), -8888), "holds -9999 in 4 of"),  # two marks
        (lambda X: marked(X, slice(120), -9999), "holds -9999 in 120 of 400 rows"),  # itself a quartile
        (lambda X: marked(X + 100, slice(200), 0), "holds 0 in 200 of 400 rows"),
        (lambda X: np.clip(np.exp(4 * X) - 1, 0, 255).astype(np.uint8), ""),  # pixels: mostly dark, and all the way up
        (lambda X: np.where(X > 0, X, 0), ""),  # what was cut off at 0
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


def test_what_is_named_is_what_the_user_gave_and_it_is_said_once(rng, tmp_path):
    """Before columns are standardised, and not again for each draw of rows."""
    y = np.arange(200) % 2
    X = rng.normal(size=(200, 3)) + y[:, np.newaxis]
    target = marked(X + 0.5, slice(5), -9999, 2)
    with pytest.warns(UserWarning, match=r"target: column 2 holds -9999 in 5 of 200 rows") as caught:
        transfer = Transfer.from_arrays(X, y, target, y, unit_variance=True)
    assert len(caught) == 1
    assert transfer.preparation.unit_variance
    tables = {"network": {"name": "none"}, "source_per_class": 9, "n_jobs": 1}
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        results = compare(transfer, methods=["source-only", "coral"], seeds=[0, 1], **tables)
    assert "Target: column 2 holds -9999" in str(results.data["rows"][0]["warnings"])
    for name, rows in (("a", X), ("b", target)):
        np.savez(tmp_path / f"{name}.npz", X=rows, y=y)
    source = {"domain": "npz", "path": str(tmp_path / "a.npz"), "unit_variance": True}
    with pytest.warns(UserWarning, match=r"target: column 2 holds -9999 in 5 of 200 rows"):
        loaded = load_transfer(source, {"domain": "npz", "path": str(tmp_path / "b.npz")}).transfer
    assert loaded.preparation == transfer.preparation


def test_a_transfer_of_domains_that_were_made_by_hand_is_as_they_are(rng):
    domain = Domain(rng.normal(size=(20, 2)), np.arange(20) % 2)
    assert not Transfer(domain, domain, protocol="transductive").preparation.unit_variance
