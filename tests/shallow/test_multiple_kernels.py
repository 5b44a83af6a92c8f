import numpy as np
import pytest
from scipy.optimize import minimize

from dacompare.shallow.linear_svm import linear_svm
from dacompare.shallow.multiple_kernels import kernel_weights
from dacompare.shallow.row_norm_scaler import rms_row_norm


@pytest.fixture
def blocks(rng):
    """Return three kernels of 60 rows: one that tells both classes apart well, one that does so badly, one of noise."""
    y = np.arange(60) % 2
    good, bad, noise = rng.normal(size=(60, 3)), rng.normal(size=(60, 2)), rng.normal(size=(60, 90))
    good[:, 0] += 3 * y
    bad[:, 0] += y
    return [good, bad, noise], np.array(["cat", "dog"])[y]


def objective(weights, blocks, y, C):
    """Return what an SVM on √w Z attains: the minimum over v and b for these weights."""
    scale = rms_row_norm(np.hstack(blocks)) / np.sqrt(len(blocks))
    Z = np.hstack([np.sqrt(max(w, 0)) * block / scale for w, block in zip(weights, blocks, strict=True)])
    svm = linear_svm(C).set_params(tol=1e-10, max_iter=10**6).fit(Z, y)
    slack = np.maximum(0, 1 - np.where(y == svm.classes_[1], 1, -1) * svm.decision_function(Z))
    return ((svm.coef_**2).sum() + svm.intercept_[0] ** 2) / 2 + C * (slack**2).sum()


@pytest.mark.parametrize("C", [0.1, 10.0])
def test_no_other_weights_do_better(blocks, C):
    Z, y = blocks
    found = kernel_weights(Z, y, C=C, max_iter=400, tol=1e-7)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1)
    other = minimize(
        lambda w: objective(np.exp(w) / np.exp(w).sum(), Z, y, C), np.zeros(3), method="Nelder-Mead",
        options={"xatol": 1e-6, "fatol": 1e-10, "maxiter": 2000},
    )  # fmt: skip
    best = np.exp(other.x) / np.exp(other.x).sum()
    assert objective(found, Z, y, C) <= objective(best, Z, y, C) * (1 + 1e-5)
    np.testing.assert_allclose(found, best, atol=0.02)


def test_every_round_lowers_the_objective(blocks):
    Z, y = blocks
    values = [objective(np.full(3, 1 / 3), Z, y, 1.0)]
    values += [objective(kernel_weights(Z, y, max_iter=rounds, tol=0), Z, y, 1.0) for rounds in (1, 2, 4, 8, 16)]
    assert (np.diff(values) < 1e-6 * values[0]).all()
    assert values[-1] < 0.97 * values[0]


def test_a_kernel_that_tells_the_classes_apart_takes_the_weight(rng):
    # So many rows that noise says little of the classes by chance.
    y = np.arange(400) % 2
    good, noise = rng.normal(size=(2, 400, 3))
    good[:, 0] += 3 * y
    assert kernel_weights([good, noise], y)[0] > 0.8


def test_one_factor_for_all_features_and_the_names_of_classes_change_nothing(blocks):
    Z, y = blocks
    weights = kernel_weights(Z, y)
    np.testing.assert_allclose(kernel_weights([7 * block for block in Z], y), weights, atol=1e-6)
    np.testing.assert_allclose(kernel_weights(Z, np.where(y == "cat", 3, 8)), weights, atol=1e-6)


def test_rotating_a_kernel_changes_nothing(blocks, rng):
    Z, y = blocks
    turn = np.linalg.qr(rng.normal(size=(90, 90)))[0]
    np.testing.assert_allclose(kernel_weights([*Z[:2], Z[2] @ turn], y), kernel_weights(Z, y), atol=2e-3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"C": 0}, "C must be"), ({"tol": -1}, "tol must be"), ({"max_iter": 0}, "max_iter must be")],
)
def test_parameters_out_of_range_are_named(blocks, settings, message):
    with pytest.raises(ValueError, match=message):
        kernel_weights(*blocks, **settings)


def test_there_must_be_a_kernel():
    with pytest.raises(ValueError, match="blocks must hold the features of one kernel"):
        kernel_weights([], [0, 1])
