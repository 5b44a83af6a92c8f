import numpy as np
import pytest
from scipy.optimize import LinearConstraint, minimize
from sklearn.exceptions import ConvergenceWarning

from dacompare.shallow.quadratic_program import (
    DenseQuadratic,
    LowRankQuadratic,
    minimise_quadratic,
    optimality_gap,
    project_to_totals,
)


def random_program(rng, n=30, rank=None):
    Z = rng.normal(size=(n, rank or n))
    return Z @ Z.T / n, Z / np.sqrt(n), rng.normal(size=n) * 2


def kkt_violation(Q, c, x, upper, low, high, groups):
    """Return how far a point is from the conditions of an optimum, by the best multiplier of each group's total."""
    g, worst = Q @ x - c, 0.0
    for group, (least, most) in enumerate(zip(low, high, strict=True)):
        mine, total = groups == group, x[groups == group].sum()
        # Only a total at its limit may have a multiplier, and of one sign only, unless it is fixed.
        lower, higher = -np.inf if total >= most - 1e-6 else 0.0, np.inf if total <= least + 1e-6 else 0.0
        reduced = g[mine] - np.clip(g[mine], lower, higher)[:, None]
        below, above = np.minimum(x[mine], np.maximum(reduced, 0)), np.minimum(upper - x[mine], np.maximum(-reduced, 0))
        worst = max(worst, np.maximum(below, above).max(axis=1).min())
    return worst


@pytest.mark.parametrize("upper", [0.3, 1.0, 100.0])
@pytest.mark.parametrize("limits", [(8.0, 8.0), (4.0, 5.0), (0.0, 100.0)])
def test_the_optimum_is_that_of_a_general_solver(rng, upper, limits):
    Q, _, c = random_program(rng)
    low, high = np.array([limits[0]]), np.array([limits[1]])
    x = minimise_quadratic(DenseQuadratic(Q), c, upper=upper, low=low, high=high)
    other = minimize(
        lambda x: x @ Q @ x / 2 - c @ x,
        np.full(30, 0.2),
        jac=lambda x: Q @ x - c,
        bounds=[(0, upper)] * 30,
        constraints=LinearConstraint(np.ones((1, 30)), *limits),
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-14},
    )
    assert x @ Q @ x / 2 - c @ x <= other.fun + 1e-8 * abs(other.fun)
    np.testing.assert_allclose(x, other.x, atol=1e-4)


@pytest.mark.parametrize("rank", [None, 5])
@pytest.mark.parametrize("upper", [0.45, 50.0])
def test_limits_and_conditions_of_an_optimum_hold_in_every_group(rng, rank, upper):
    Q, Z, c = random_program(rng, 60, rank)
    groups = rng.integers(0, 3, 60)
    low, high = np.array([3.0, 2.0, 0.0]), np.array([3.0, 4.0, 100.0])
    for quadratic in (DenseQuadratic(Q), LowRankQuadratic(Z)):
        x = minimise_quadratic(quadratic, c, upper=upper, low=low, high=high, groups=groups)
        totals = np.bincount(groups, x)
        assert (x >= 0).all()
        assert (x <= upper).all()
        assert (totals >= low - 1e-10).all()
        assert (totals <= high + 1e-10).all()
        assert kkt_violation(Q, c, x, upper, low, np.minimum(high, upper * np.bincount(groups)), groups) < 1e-5


def test_a_closed_form_where_there_is_one(rng):
    c = rng.normal(size=20)
    x = minimise_quadratic(DenseQuadratic(np.eye(20)), c, upper=9.0, low=np.ones(1), high=np.ones(1))
    np.testing.assert_allclose(x, project_to_totals(c, 9.0, np.ones(1), np.ones(1), np.zeros(20, int)), atol=1e-5)


def test_matrix_and_factor_give_the_same_optimum(rng):
    Q, Z, c = random_program(rng, 50, 50)
    settings = {"upper": 2.0, "low": np.array([20.0]), "high": np.array([30.0])}
    np.testing.assert_allclose(
        minimise_quadratic(DenseQuadratic(Q), c, **settings),
        minimise_quadratic(LowRankQuadratic(Z), c, **settings),
        atol=1e-6,
    )


def test_the_matrix_and_the_vector_are_not_written_to(rng):
    Q, Z, c = random_program(rng)
    before = Q.copy(), Z.copy(), c.copy()
    for quadratic in (DenseQuadratic(Q), LowRankQuadratic(Z)):
        minimise_quadratic(quadratic, c, upper=2.0, low=np.array([5.0]), high=np.array([9.0]))
    for now, then in zip((Q, Z, c), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_entries_that_vanish_are_exactly_zero():
    c = np.array([5.0, 4.0, -3.0, -4.0])
    x = minimise_quadratic(DenseQuadratic(np.eye(4)), c, upper=9.0, low=np.ones(1), high=np.array([2.0]))
    assert (x[2:] == 0).all()
    np.testing.assert_allclose(x[:2], [1.5, 0.5], atol=1e-8)


@pytest.mark.parametrize("factor", [1e-8, 1e8])
def test_units_do_not_matter(rng, factor):
    Q, _, c = random_program(rng)
    settings = {"upper": 2.0, "low": np.array([10.0]), "high": np.array([10.0])}
    x = minimise_quadratic(DenseQuadratic(Q), c, **settings)
    np.testing.assert_allclose(minimise_quadratic(DenseQuadratic(factor * Q), factor * c, **settings), x, atol=1e-6)


def test_a_program_that_prefers_nothing_has_even_weights():
    x = minimise_quadratic(
        DenseQuadratic(np.zeros((5, 5))), np.zeros(5), upper=3.0, low=np.array([5.0]), high=np.array([5.0])
    )
    np.testing.assert_allclose(x, 1, atol=1e-10)


def test_totals_that_cannot_be_met_are_refused():
    for low, high in ((10.0, 10.0), (2.0, 1.0), (-1.0, 1.0), (0.0, 0.0)):
        with pytest.raises(ValueError, match="no weights from 0 to 2 have totals"):
            minimise_quadratic(
                DenseQuadratic(np.eye(3)), np.ones(3), upper=2.0, low=np.array([low]), high=np.array([high])
            )


def test_stopping_too_early_is_said(rng):
    Q, _, c = random_program(rng)
    with pytest.warns(ConvergenceWarning, match="not optimal after 1 steps"):
        minimise_quadratic(DenseQuadratic(Q), c, upper=9.0, low=np.array([5.0]), high=np.array([9.0]), max_iter=1)


def test_the_projection_is_the_nearest_point_within_the_limits(rng):
    x, groups = 3 * rng.normal(size=40), rng.integers(0, 2, 40)
    low, high = np.array([4.0, 0.0]), np.array([4.0, 6.0])
    nearest = project_to_totals(x, 0.7, low, high, groups)
    totals = np.bincount(groups, nearest)
    assert ((totals >= low - 1e-12) & (totals <= high + 1e-12)).all()
    for _ in range(100):
        other = project_to_totals(3 * rng.normal(size=40), 0.7, low, high, groups)
        # The angle at the nearest point of a convex set is never acute.
        assert (x - nearest) @ (other - nearest) <= 1e-9


def test_a_point_within_the_limits_is_its_own_projection(rng):
    x = rng.random(10)
    total = np.array([x.sum()])
    np.testing.assert_array_equal(project_to_totals(x, 1.0, total - 1, total + 1, np.zeros(10, int)), x)


def test_the_gap_grows_as_a_point_leaves_the_optimum(rng):
    Q, _, c = random_program(rng)
    limits = (2.0, np.array([10.0]), np.array([10.0]), np.zeros(30, int))
    x = minimise_quadratic(DenseQuadratic(Q), c, upper=2.0, low=limits[1], high=limits[2])
    gaps = [optimality_gap(x + t * (1 / 3 - x), DenseQuadratic(Q), c, *limits) for t in (0, 0.1, 1)]
    assert gaps[0] < 1e-5
    assert gaps[0] < gaps[1] < gaps[2]


def test_where_every_weight_is_at_its_ceiling_nothing_is_left_to_choose():
    found = minimise_quadratic(
        DenseQuadratic(np.eye(2)), np.zeros(2), upper=1.0, low=np.full(1, 2.0), high=np.full(1, 2.0)
    )
    assert found.tolist() == [1.0, 1.0]
