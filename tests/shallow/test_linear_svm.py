import numpy as np
import pytest
from scipy import linalg
from scipy.sparse import csr_array
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import check_estimator

from dacompare.shallow import WideLinearSVC, in_row_space, linear_svm


def test_the_settings_are_those_of_the_protocol():
    settings = linear_svm(0.1, 7).get_params()
    wanted = {"C": 0.1, "dual": "auto", "tol": 1e-4, "max_iter": 10_000, "random_state": 7}
    assert {name: settings[name] for name in wanted} == wanted


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


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_wide_rows_take_the_same_steps_in_their_own_space(rng, n_classes, dtype):
    X, other = rng.normal(size=(60, 700)).astype(dtype), rng.normal(size=(50, 700)).astype(dtype)
    y, weights = np.arange(60) % n_classes, rng.uniform(0.5, 2, 60)
    for weight in (None, weights):
        wide, plain = (svm.fit(X, y, weight) for svm in (linear_svm(), LinearSVC(max_iter=10_000, random_state=0)))
        np.testing.assert_array_equal(wide.n_iter_, plain.n_iter_)
        np.testing.assert_allclose(wide.coef_, plain.coef_, atol=1e-12)
        np.testing.assert_allclose(wide.intercept_, plain.intercept_, atol=1e-12)
        np.testing.assert_array_equal(wide.predict(other), plain.predict(other))


def test_rows_that_gain_nothing_by_it_are_trained_on_as_they_are(rng, monkeypatch):
    y = np.arange(60) % 2
    mostly_zeros = rng.normal(size=(60, 700)) * (rng.random((60, 700)) < 0.05)
    tall = rng.normal(size=(60, 20))
    expected = [LinearSVC(random_state=0).fit(X, y).coef_ for X in (mostly_zeros, tall)]
    monkeypatch.setattr(linalg, "qr", lambda *args, **kwargs: pytest.fail("nothing is to be rotated here"))
    for X, coef in zip((mostly_zeros, tall, csr_array(mostly_zeros)), [*expected, expected[0]], strict=True):
        np.testing.assert_allclose(WideLinearSVC(random_state=0).fit(X, y).coef_, coef, atol=1e-10)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_it_is_an_estimator_as_the_one_that_it_is_made_of():
    failed = [
        sorted(check["check_name"] for check in check_estimator(cls(), on_fail=None) if check["status"] == "failed")
        for cls in (WideLinearSVC, LinearSVC)
    ]
    assert failed[0] == failed[1]


def test_names_of_columns_are_kept(rng):
    pandas = pytest.importorskip("pandas")
    X = pandas.DataFrame(rng.normal(size=(10, 30)), columns=[f"c{k}" for k in range(30)])
    svm = linear_svm().fit(X, np.arange(10) % 2)
    assert svm.feature_names_in_.tolist() == X.columns.tolist()
    assert svm.n_features_in_ == 30
    with pytest.raises(ValueError, match="feature names"):
        svm.predict(X[X.columns[::-1]])


def test_half_precision_does_not_overflow(rng):
    X = (2000 * rng.normal(size=(20, 3000))).astype(np.float16)
    np.testing.assert_allclose(
        in_row_space(X)[0] @ in_row_space(X)[0].T, X.astype(float) @ X.T.astype(float), rtol=1e-6
    )
