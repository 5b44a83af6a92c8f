import numpy as np
import pytest

from dacompare.divergence.linear_discrepancy import WIDE, largest_eigenvalue, linear_discrepancy


def test_by_hand():
    # M_S − M_T = ⎡ 1  2⎤ − ⎡0 0⎤ = ⎡1  2⎤, with eigenvalues 3 and −1.
    #             ⎣ 2  1⎦   ⎣0 0⎦   ⎣2  1⎦
    target = np.zeros((4, 2))
    values, vectors = np.linalg.eigh(np.array([[1.0, 2.0], [2.0, 1.0]]))
    assert values == pytest.approx([-1, 3])
    source = np.sqrt(4 * 3) * np.outer([1, 0, 0, 0], vectors[:, 1])  # ¼ Σ xxᵀ = 3 vvᵀ
    target[0] = np.sqrt(4 * 1) * vectors[:, 0]
    found = linear_discrepancy(source, target, n_permutations=0)
    assert found.value == pytest.approx(3)
    assert found.details["eigenvalue"] == pytest.approx(3)
    assert linear_discrepancy(target, source, n_permutations=0).details["eigenvalue"] == pytest.approx(-3)


def test_no_two_regressors_disagree_more(rng):
    X, Y = rng.normal(size=(40, 3)), rng.normal(size=(40, 3)) * [1.0, 2.0, 0.5] + 0.3
    value = linear_discrepancy(X, Y, n_permutations=0).value
    pairs = rng.normal(size=(2000, 2, 3))
    pairs *= 0.5 / np.linalg.norm(pairs, axis=2, keepdims=True)

    def disagreement(Z):
        return ((Z @ (pairs[:, 0] - pairs[:, 1]).T) ** 2).mean(axis=0)

    seen = np.abs(disagreement(X) - disagreement(Y)).max()
    assert 0.8 * value < seen <= value + 1e-12


def test_a_shift_of_the_mean_counts(rng):
    # M_T = I + δδᵀ: the largest eigenvalue of the difference is ‖δ‖² = 25.
    X_source, X_target = rng.normal(size=(3000, 2)), rng.normal([3.0, 4.0], 1.0, size=(3000, 2))
    assert linear_discrepancy(X_source, X_target, n_permutations=0).value == pytest.approx(25, rel=0.05)


def test_wide_rows_give_the_same_without_the_matrix(rng):
    X = rng.normal(size=(60, WIDE + 30))
    X[30:, :5] *= 3
    domain = np.repeat([0, 1], 30)
    moments = X[:30].T @ X[:30] / 30 - X[30:].T @ X[30:] / 30
    values = np.linalg.eigvalsh(moments)
    assert largest_eigenvalue(X, domain) == pytest.approx(values[np.abs(values).argmax()], rel=1e-8)
    assert largest_eigenvalue(X, 1 - domain) == pytest.approx(-largest_eigenvalue(X, domain), rel=1e-8)
    assert largest_eigenvalue(np.ones((60, WIDE + 30)), domain) == 0


def test_chance_is_told_from_a_difference(rng):
    # A draw is significant by chance now and then, but not most of five.
    assert np.median([linear_discrepancy(*rng.normal(size=(2, 80, 3))).p_value for _ in range(5)]) > 0.02
    X = rng.normal(size=(2, 80, 3))
    assert linear_discrepancy(X[0], 2 * X[1]).p_value < 0.02


def test_equal_rows_do_not_differ_by_rounding():
    for value in (0.3, 7.7):
        found = linear_discrepancy(np.full((30, 4), value), np.full((30, 4), value))
        assert found.value == 0
        assert found.p_value == 1
