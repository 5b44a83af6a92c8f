import numpy as np
import pytest

from dacompare.shallow import squared_hinge
from dacompare.shallow.squared_hinge import ActiveGram, SquaredHinge, minimise

EVERY = np.arange(3)


@pytest.fixture
def hinge(rng):
    """Return three problems on 60 rows of four weighted features."""
    codes = rng.integers(0, 3, 60)
    rows = np.column_stack([np.ones(60), rng.normal(size=(60, 3)) + np.eye(3)[codes]])
    return SquaredHinge(rows, codes, EVERY, C=0.7, weight=rng.uniform(0, 2, 60))


def loss(hinge, k, u):
    """Return the formula, row by row."""
    total = 0.0
    for row, code, weight in zip(hinge.rows, hinge.codes, hinge.weight, strict=True):
        total += weight * max(0.0, 1 - (1 if code == k else -1) * (row[: len(u)] @ u)) ** 2
    return hinge.C * total


def test_loss_gradient_and_active_rows_are_those_of_the_formula(hinge, rng):
    U = rng.normal(size=(2, 4))
    found, slope, active = hinge.evaluate(U, np.array([2, 0]))
    for position, k in enumerate((2, 0)):
        assert found[position] == pytest.approx(loss(hinge, k, U[position]))
        signs = np.where(hinge.codes == k, 1, -1)
        np.testing.assert_array_equal(active[position], signs * (hinge.rows @ U[position]) < 1)
        for axis, step in enumerate(1e-6 * np.eye(4)):
            rise = loss(hinge, k, U[position] + step) - loss(hinge, k, U[position] - step)
            assert slope[position, axis] == pytest.approx(rise / 2e-6, rel=1e-5, abs=1e-6)


def test_fewer_leading_columns_are_those_rows_cut_off(hinge, rng):
    U = rng.normal(size=(3, 2))
    short = SquaredHinge(hinge.rows[:, :2].copy(), hinge.codes, EVERY, hinge.C, hinge.weight)
    for ours, theirs in zip(hinge.evaluate(U, EVERY), short.evaluate(U, EVERY), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_many_chunks_give_what_one_gives(rng, monkeypatch):
    codes = rng.integers(0, 3, 1000)
    hinge = SquaredHinge(rng.normal(size=(1000, 4)), codes, EVERY, C=1.0)
    U = rng.normal(size=(3, 4))
    one = hinge.evaluate(U, EVERY), ActiveGram(hinge).gram
    monkeypatch.setattr(squared_hinge, "CHUNK", 1)  # 256 rows, the least
    assert len(list(hinge.chunks(4))) == 4
    many = hinge.evaluate(U, EVERY), ActiveGram(hinge).gram
    for ours, theirs in zip((*one[0], one[1]), (*many[0], many[1]), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_sums_follow_the_rows_that_come_and_go(hinge, rng):
    gram = ActiveGram(hinge)
    for share in (0.9, 0.8, 0.1, 0.2, 0.0, 0.5, 1.0):
        active = rng.random(60) < share
        gram.move(1, active)
        signs = np.where(hinge.codes == 1, 1, -1)
        rows = hinge.rows[active] * hinge.weight[active, None]
        np.testing.assert_allclose(gram.gram[1], hinge.rows[active].T @ rows, atol=1e-12)
        np.testing.assert_allclose(gram.pull[1], signs[active] @ rows, atol=1e-12)
        np.testing.assert_array_equal(gram.active[1], active)
    assert gram.active[0].all()


def test_summing_afresh_gives_the_same(hinge, rng):
    moved, afresh, active = ActiveGram(hinge), ActiveGram(hinge), rng.random(60) < 0.9
    moved.move(0, active)
    afresh.move(0, active, afresh=True)
    np.testing.assert_allclose(moved.gram, afresh.gram, atol=1e-12)


def test_the_minimum_has_no_slope_and_no_neighbour_below(hinge, rng):
    found = minimise(ActiveGram(hinge), np.eye(4))
    assert found.converged.all()
    for k in range(3):
        at = found.weights[k]
        assert found.objective[k] == pytest.approx(at @ at / 2 + loss(hinge, k, at))
        for _ in range(20):
            other = at + rng.normal(scale=0.01, size=4)
            assert other @ other / 2 + loss(hinge, k, other) > found.objective[k]


@pytest.mark.parametrize("tol", [1e-1, 1e-2, 1e-10])
def test_the_gap_is_that_of_the_dual_and_bounds_what_is_left(hinge, tol):
    best = minimise(ActiveGram(hinge), np.eye(4), tol=1e-14).objective
    found = minimise(ActiveGram(hinge), np.eye(4), tol=tol, start=np.full((3, 4), 0.3))
    assert (found.gap <= tol).all()
    assert (found.objective * (1 - found.gap) <= best * (1 + 1e-12)).all()
    for k in range(3):
        signs = np.where(hinge.codes == k, 1, -1)
        alpha = 2 * hinge.C * hinge.weight * np.maximum(0, 1 - signs * (hinge.rows @ found.weights[k]))
        pulled = (alpha * signs) @ hinge.rows
        dual = alpha.sum() - (alpha**2 / (4 * hinge.C * hinge.weight)).sum() - pulled @ pulled / 2
        assert found.gap[k] == pytest.approx((found.objective[k] - dual) / found.objective[k], abs=1e-12)


def test_turned_weights_are_those_of_turned_rows(hinge, rng):
    turn = rng.normal(size=(3, 3))
    turned = SquaredHinge(hinge.rows[:, :3] @ turn, hinge.codes, EVERY, hinge.C, hinge.weight)
    expected = minimise(ActiveGram(turned), np.eye(3)).weights
    np.testing.assert_allclose(minimise(ActiveGram(hinge), turn).weights, expected, atol=1e-9)


def test_every_start_ends_at_the_one_minimum(hinge, rng):
    expected = minimise(ActiveGram(hinge), np.eye(4)).weights
    for size in (0, 1, 1e6):
        start = size * rng.normal(size=(3, 4))
        kept = start.copy()
        np.testing.assert_allclose(minimise(ActiveGram(hinge), np.eye(4), start=start).weights, expected, atol=1e-9)
        np.testing.assert_array_equal(start, kept)


def test_a_gram_that_has_moved_is_as_good_a_start(hinge):
    gram = ActiveGram(hinge)
    expected = minimise(gram, np.eye(4))
    again = minimise(gram, np.eye(4))
    np.testing.assert_allclose(again.weights, expected.weights, atol=1e-9)
    assert (again.n_iter <= expected.n_iter).all()


def test_where_every_row_is_inside_the_margin_one_step_is_ridge_regression(hinge):
    small = SquaredHinge(hinge.rows, hinge.codes, EVERY, 1e-6, hinge.weight)
    found = minimise(ActiveGram(small), np.eye(4))
    signs = np.where(hinge.codes == EVERY[:, None], 1, -1)
    H = np.eye(4) + 2e-6 * hinge.rows.T @ (hinge.rows * hinge.weight[:, None])
    np.testing.assert_allclose(found.weights, np.linalg.solve(H, 2e-6 * (signs * hinge.weight @ hinge.rows).T).T)
    assert (found.n_iter == 1).all()


def test_a_search_that_is_cut_short_says_so(hinge):
    found = minimise(ActiveGram(hinge), np.eye(4), max_iter=1, start=np.ones((3, 4)))
    assert (found.n_iter == 1).all()
    assert not found.converged.any()


def test_the_same_columns_twice_at_a_scale_that_hides_the_norm(hinge):
    def scores(size):
        rows = size * np.column_stack([hinge.rows, hinge.rows, np.full(60, 3.0)])
        found = minimise(ActiveGram(SquaredHinge(rows, hinge.codes, EVERY, 1.0)), np.eye(9))
        assert found.converged.all()
        return rows @ found.weights.T

    np.testing.assert_allclose(scores(1e9), scores(1e4), atol=1e-6)


def test_a_row_that_hides_the_others_is_not_called_converged(hinge):
    rows = hinge.rows.copy()
    # Where the others say that its class is not: it cannot be left out of the sum.
    rows[0] = -1e11 * minimise(ActiveGram(hinge), np.eye(4)).weights[hinge.codes[0]]
    found = minimise(ActiveGram(SquaredHinge(rows, hinge.codes, EVERY, 1.0)), np.eye(4))
    assert np.isfinite(found.weights).all()
    assert not found.converged.all()


def test_squares_that_overflow_are_refused(hinge):
    with pytest.raises(ValueError, match="as large as 1e\\+200, whose squares overflow; scale the features"):
        ActiveGram(SquaredHinge(np.full((60, 2), 1e200), hinge.codes, EVERY, 1.0))
