import numpy as np
import pytest

from dacompare.shallow import linear_svm, rms_row_norm


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
