import tracemalloc

import numpy as np
import pytest
from scipy.spatial.distance import cdist, pdist

from dacompare.shallow import kernels
from dacompare.shallow.kernels import (
    KernelMap,
    choose_gamma,
    draw_rows,
    kernel_matrix,
    landmark_map,
    mean_kernel,
    median_bandwidth,
)


def test_the_bandwidth_is_the_median_distance_in_the_pooled_rows(rng):
    X, Y = rng.normal(size=(30, 4)), rng.normal(2, 1, size=(20, 4))
    assert median_bandwidth(X, Y) == pytest.approx(np.median(pdist(np.vstack([X, Y]))), rel=1e-14)


def test_the_bandwidth_scales_with_the_rows_and_ignores_where_they_are(rng):
    X = rng.normal(size=(40, 3))
    assert median_bandwidth(7 * X + 5) == pytest.approx(7 * median_bandwidth(X), rel=1e-12)


def test_copies_of_a_row_do_not_close_the_bandwidth(rng):
    X = np.vstack([np.tile(rng.normal(size=3) * 1e3, (50, 1)), rng.normal(size=(3, 3))])
    pairs = pdist(X)
    assert (pairs == 0).mean() > 0.8
    assert median_bandwidth(X) == np.median(pairs[pairs > 0]) > 100


def test_the_bandwidth_of_a_draw_is_near_that_of_all_and_the_same_every_time(rng):
    X = rng.normal(size=(3000, 5))
    drawn = median_bandwidth(X, max_rows=300, random_state=1)
    assert drawn == median_bandwidth(X, max_rows=300, random_state=1)
    assert drawn != median_bandwidth(X, max_rows=300, random_state=2)
    assert drawn == pytest.approx(np.median(pdist(X)), rel=0.05)


def test_rows_that_are_all_equal_have_no_bandwidth():
    with pytest.raises(ValueError, match="all rows drawn are equal.*give gamma"):
        median_bandwidth(np.full((5, 2), 0.1))


def test_nan_has_no_bandwidth():
    with pytest.raises(ValueError, match="NaN"):
        median_bandwidth([[np.nan], [1.0]])


@pytest.mark.parametrize(("rows", "error"), [(1, ValueError), (0, ValueError), (2.5, TypeError), (True, TypeError)])
def test_a_draw_of_less_than_a_pair_is_refused(rows, error):
    with pytest.raises(error, match="max_rows must be a whole number from 2 on"):
        median_bandwidth(np.eye(3), max_rows=rows)


def test_kernels_are_what_their_formulas_say(rng):
    X, Y = rng.normal(size=(9, 3)), rng.normal(size=(7, 3))
    np.testing.assert_allclose(kernel_matrix(X, Y, gamma=0.3), np.exp(-0.3 * cdist(X, Y) ** 2), rtol=1e-12)
    np.testing.assert_allclose(kernel_matrix(X, Y, kernel="linear"), X @ Y.T, rtol=1e-12)
    sigma = np.median(pdist(np.vstack([X, Y])))
    np.testing.assert_allclose(kernel_matrix(X, Y), np.exp(-(cdist(X, Y) ** 2) / (2 * sigma**2)), rtol=1e-12)


def test_a_kernel_matrix_is_symmetric_with_ones_on_its_diagonal(rng):
    K = kernel_matrix(rng.normal(size=(50, 6)) + 1e4)
    np.testing.assert_allclose(K, K.T, rtol=0, atol=1e-14)
    assert (np.diag(K) == 1).all()


def test_other_kernels_and_widths_are_refused():
    with pytest.raises(ValueError, match="kernel must be one of 'linear', 'rbf', got 'rfb', did you mean 'rbf'"):
        kernel_matrix(np.eye(2), kernel="rfb")
    wrong = {ValueError: (0, -1.0, np.inf, np.nan), TypeError: ("scale", True)}
    for error, gamma in ((error, gamma) for error, gammas in wrong.items() for gamma in gammas):
        with pytest.raises(error, match="gamma must be a number above 0"):
            kernel_matrix(np.eye(2), gamma=gamma)


def test_the_linear_kernel_has_no_width():
    assert choose_gamma("linear", 3.0, np.ones((4, 2))) is None


def test_the_mean_kernel_is_the_mean_of_the_matrix_and_never_holds_it(rng, monkeypatch):
    X, Y = rng.normal(size=(500, 3)), rng.normal(size=(4000, 3))
    expected = kernel_matrix(X, Y, gamma=0.2).mean(axis=1)
    monkeypatch.setattr(kernels, "BLOCK", 50_000)
    tracemalloc.start()
    blocked = mean_kernel(X, Y, kernel="rbf", gamma=0.2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_allclose(blocked, expected, rtol=1e-12)
    assert peak < 500 * 4000 * 8 / 5


def test_all_rows_as_landmarks_give_the_kernel_itself(rng):
    X, new = rng.normal(size=(40, 3)), rng.normal(size=(5, 3))
    features = landmark_map(X, 1000, gamma=0.5)
    np.testing.assert_allclose(features(X) @ features(X).T, kernel_matrix(X, gamma=0.5), atol=1e-9)
    np.testing.assert_allclose(features(new) @ features(X).T, kernel_matrix(new, X, gamma=0.5), atol=1e-7)


def test_more_landmarks_come_nearer_to_the_kernel(rng):
    X = rng.normal(size=(200, 3))
    K = kernel_matrix(X, gamma=0.1)
    features = [landmark_map(X, m, gamma=0.1)(X) for m in (5, 20, 80)]
    errors = [np.linalg.norm(Z @ Z.T - K) / np.linalg.norm(K) for Z in features]
    assert errors[0] > 3 * errors[1] > 9 * errors[2]
    assert errors[2] < 5e-3


def test_a_map_gives_the_same_in_blocks_and_its_mean_without_them(rng, monkeypatch):
    X = rng.normal(size=(90, 3))
    for mapped in (landmark_map(X, 10, gamma=0.5), KernelMap(None, rng.normal(size=(3, 2)), None)):
        whole = mapped(X)
        with monkeypatch.context() as patched:
            patched.setattr(kernels, "BLOCK", 100)
            np.testing.assert_allclose(mapped(X), whole, atol=1e-12)
            np.testing.assert_allclose(mapped.mean(X), whole.mean(axis=0), atol=1e-12)


def test_a_draw_keeps_classes_and_takes_each_row_once():
    y = np.repeat(["a", "b"], [90, 10])
    rows = draw_rows(100, 20, 3, y=y)
    assert len(np.unique(rows)) == 20
    assert (y[rows] == "b").sum() == 2
    assert draw_rows(100, None).tolist() == list(range(100))
    np.testing.assert_array_equal(draw_rows(100, 20, None), draw_rows(100, 20, 0))


@pytest.mark.parametrize("offset", [1e6, 1e8])
def test_a_common_offset_changes_nothing(rng, offset):
    """Squares of the offset would leave no digit of the distances."""
    X, Y = rng.normal(size=(30, 2)), rng.normal(size=(20, 2))
    for one, other in (
        (kernel_matrix(X, Y, gamma=0.5), kernel_matrix(X + offset, Y + offset, gamma=0.5)),
        (mean_kernel(X, Y, kernel="rbf", gamma=0.5), mean_kernel(X + offset, Y + offset, kernel="rbf", gamma=0.5)),
    ):
        np.testing.assert_allclose(other, one, atol=1e-7)
    features = [landmark_map(rows, 10, gamma=0.5)(rows) for rows in (X, X + offset)]
    np.testing.assert_allclose(features[1] @ features[1].T, features[0] @ features[0].T, atol=1e-6)
