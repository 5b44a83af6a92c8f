import numpy as np
import pytest

from dacompare.shallow import in_row_space, linear_svm, rms_row_norm


def test_the_settings_are_those_of_the_protocol():
    settings = linear_svm(0.1, 7).get_params()
    wanted = {"C": 0.1, "dual": "auto", "tol": 1e-4, "max_iter": 10_000, "random_state": 7}
    assert {name: settings[name] for name in wanted} == wanted


def test_rows_divided_by_the_norm_have_norm_one(rng):
    X = rng.normal(3.0, size=(50, 7)).astype(np.float32)
    scaled = X / rms_row_norm(X)
    assert np.sqrt((scaled**2).sum(axis=1).mean()) == pytest.approx(1, abs=1e-6)


def test_large_float32_rows_do_not_overflow():
    assert rms_row_norm(np.full((4, 4), 1e30, np.float32)) == pytest.approx(2e30, rel=1e-6)


@pytest.mark.parametrize("X", [np.zeros((3, 2)), np.full((3, 2), np.nan)])
def test_features_that_cannot_be_scaled_are_refused(X):
    with pytest.raises(ValueError, match="cannot be scaled"):
        rms_row_norm(X)


def test_a_vector_is_no_matrix():
    with pytest.raises(ValueError, match=r"at least one row and one feature, got shape \(3,\)"):
        rms_row_norm(np.ones(3))


def test_an_svm_says_the_same_in_the_space_of_its_rows(rng):
    X, other = rng.normal(size=(40, 300)), rng.normal(size=(500, 300))
    y = X[:, 0] + rng.normal(size=40) > 0
    rows, seen = in_row_space(X, other)
    assert rows.shape == (40, 40)
    assert seen.shape == (500, 40)
    wide = linear_svm().set_params(tol=1e-10).fit(X, y).decision_function(other)
    narrow = linear_svm().set_params(tol=1e-10).fit(rows, y).decision_function(seen)
    np.testing.assert_allclose(narrow, wide, atol=1e-6)


def test_rows_with_few_columns_are_left_alone(rng):
    X, other = rng.normal(size=(40, 3)), rng.normal(size=(5, 3))
    assert in_row_space(X, other)[0] is X
    assert in_row_space(X, other)[1] is other


@pytest.mark.parametrize("dtype", [np.int64, np.uint8])
def test_counts_are_rotated_as_the_numbers_that_they_are(rng, dtype):
    X, other = rng.poisson(2.0, (10, 30)).astype(dtype), rng.poisson(2.0, (5, 30)).astype(dtype)
    found = in_row_space(X, other)
    for rotated, plain in zip(found, in_row_space(X.astype(float), other.astype(float)), strict=True):
        np.testing.assert_allclose(rotated, plain, atol=1e-12)
    np.testing.assert_allclose(in_row_space(X)[0] @ in_row_space(X)[0].T, X.astype(float) @ X.T, rtol=1e-10)
