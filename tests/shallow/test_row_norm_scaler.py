import numpy as np
import pytest

from dacompare.shallow import RowNormScaler, rms_row_norm
from tests.estimator_battery import assert_passes_the_battery


def test_check_estimator():
    assert_passes_the_battery(RowNormScaler())


def test_both_domains_are_divided_by_one_number_of_the_source():
    X = np.array([[3.0, 4.0], [0.0, 5.0]], np.float32)
    scaler = RowNormScaler().fit(X)
    np.testing.assert_allclose(scaler.transform(2 * X), 2 * X / 5)
    assert scaler.transform(X).dtype == np.float32
    assert rms_row_norm(scaler.transform(X)) == pytest.approx(1)


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
