"""Tests for scales of columns: the same for both domains, and a word where they would decide what is found."""

import warnings

import numpy as np
import pytest

from dacompare import Transfer, compare
from dacompare.domains.scales import unequal_scales
from dacompare.report.page import render


def rows_and_labels(n, rng):
    y = rng.integers(3, size=n)
    X = np.column_stack([2 * y + rng.normal(size=n), 1e5 + 3e3 * rng.normal(size=n), 1e-3 * (y + rng.normal(size=n))])
    return X, y


def test_columns_of_other_units_are_warned_of_and_brought_to_one_scale(rng):
    (X, y), (X_target, y_target) = rows_and_labels(200, rng), rows_and_labels(150, rng)
    with pytest.warns(UserWarning, match=r"X_source: columns differ in spread by a factor of .* unit_variance=True"):
        as_they_are = Transfer.from_arrays(X, y, X_target, y_target)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scaled = Transfer.from_arrays(
            X, y, X_target, y_target, X_target_test=X_target, y_target_test=y_target, unit_variance=True
        )
    whole = (X - X.mean(axis=0)) / X.std(axis=0)
    np.testing.assert_allclose(scaled.target.X, (X_target - X.mean(axis=0)) / X.std(axis=0), rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(scaled.target.X, scaled.target_test.X)
    together = np.vstack([scaled.source.X, scaled.source_test.X])
    np.testing.assert_allclose(np.sort(together, axis=0), np.sort(whole, axis=0), rtol=1e-6, atol=1e-9)
    # Two draws of the same rows: what a scaler gains is no adaptation, and the page says so.
    plain, fair = (
        compare(t, methods=["source-only", "zscore"], network={"name": "none"}, seeds=[0], n_jobs=1, protocol=SHORT)
        for t in (as_they_are, scaled)
    )
    gain = [results.data["summary"][1]["vs_source_only"]["difference"] for results in (plain, fair)]
    assert gain[0] > 0.2
    assert abs(gain[1]) < 0.05
    said = "a method that scales columns gains here what needs no adaptation"
    assert (said in render(plain), said in render(fair)) == (True, False)


SHORT = {"validators": ["reverse-svm"]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X: X, ""),
        (lambda X: X * [1, 1, 9], ""),
        (lambda X: X * [1, 1, 30], "differ in spread"),
        (lambda X: X * [1, 1, 0], ""),
        (lambda X: X + 1000, "times as far from 0"),
        (lambda X: np.where(X > 1, [1, 1, 900], 0), ""),  # counts
        (lambda X: np.column_stack([X, np.arange(len(X)) == 0]), ""),  # a rare mark
        (lambda X: np.full_like(X, 7), ""),
        (lambda X: X.reshape(-1, 3, 2), ""),
    ],
)
def test_only_columns_that_need_it_are_spoken_of(change, message, rng):
    said = unequal_scales(change(rng.normal(size=(400, 3))))
    assert message in said
    assert bool(said) is bool(message)


def test_images_have_no_columns_to_scale(rng):
    images = rng.integers(0, 255, (8, 6, 6)).astype(np.uint8)
    with pytest.raises(ValueError, match="unit_variance=True is for columns"):
        Transfer.from_arrays(images, np.arange(8) % 2, images, unit_variance=True)


def test_other_columns_in_the_target_are_refused_as_ever(rng):
    X = rng.normal(size=(20, 3))
    with pytest.raises(ValueError, match="rows of one shape"):
        Transfer.from_arrays(X, np.arange(20) % 2, X[:, :2], unit_variance=True)
