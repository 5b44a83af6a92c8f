import numpy as np
import pytest
from scipy.stats import ortho_group

from dacompare.shallow.geodesic import principal_angles
from dacompare.shallow.grassmann import horizontal, minimise_on_grassmann, retract


def trace_of(A):
    """Return an objective whose minimum is known: the span of the eigenvectors of the smallest eigenvalues."""
    return lambda W: (float(np.trace(W.T @ A @ W)), 2 * A @ W)


@pytest.fixture
def problem(rng):
    turn = ortho_group.rvs(12, random_state=1)
    spectrum = np.array([0.5, 0.7, 1.0, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    return turn * spectrum @ turn.T, turn, np.linalg.qr(rng.normal(size=(12, 3)))[0]


def test_it_finds_the_subspace_of_the_smallest_eigenvalues(problem):
    A, turn, start = problem
    W, history, converged = minimise_on_grassmann(trace_of(A), start, max_iter=2000, tol=1e-8)
    assert converged
    assert principal_angles(W, turn[:, :3]).max() < 1e-5
    assert history[-1] == pytest.approx(2.2, abs=1e-9)


def test_the_value_never_rises_and_the_columns_stay_orthonormal(problem):
    A, _, start = problem
    W, history, converged = minimise_on_grassmann(trace_of(A), start, max_iter=7, tol=0)
    assert not converged
    assert len(history) == 8
    assert (np.diff(history) < 0).all()
    np.testing.assert_allclose(W.T @ W, np.eye(3), atol=1e-14)


def test_conjugate_gradients_need_fewer_steps_than_steepest_descent(problem, rng):
    """From most starts: with a search that only halves its steps, they lose their way from one in fifty."""
    A, ours, theirs = problem[0], [], []
    for _ in range(9):
        start = np.linalg.qr(rng.normal(size=(12, 3)))[0]
        _, history, _ = minimise_on_grassmann(trace_of(A), start, max_iter=500, tol=1e-8)
        W, steps = start, 0
        while np.trace(W.T @ A @ W) > history[-1] and steps < 500:
            slope = horizontal(W, 2 * A @ W)
            W, steps = retract(W - slope / 22), steps + 1  # 2 × the largest eigenvalue: the usual safe step
        ours.append(len(history) - 1)
        theirs.append(steps)
    assert np.median(ours) < 0.8 * np.median(theirs)


def test_the_way_does_not_depend_on_the_basis_of_the_start(problem):
    A, _, start = problem
    turned = start @ ortho_group.rvs(3, random_state=4)
    by_one, by_other = (minimise_on_grassmann(trace_of(A), W, max_iter=5, tol=0)[1] for W in (start, turned))
    np.testing.assert_allclose(by_one, by_other, rtol=1e-10)


def test_where_it_is_flat_it_stays(problem):
    _, _, start = problem
    W, history, converged = minimise_on_grassmann(lambda W: (3.0, np.zeros_like(W)), start, max_iter=9, tol=0)
    np.testing.assert_array_equal(W, start)
    assert history == [3.0]
    assert converged


def test_it_stops_where_no_step_leads_downhill(problem):
    _, _, start = problem
    # A gradient that is wrong: the value is constant.
    W, history, converged = minimise_on_grassmann(lambda W: (3.0, np.ones_like(W)), start, max_iter=9, tol=0)
    np.testing.assert_array_equal(W, start)
    assert history == [3.0]
    assert converged


def test_it_leaves_a_saddle_that_it_starts_beside(problem, rng):
    A, turn, _ = problem
    saddle = turn[:, [0, 1, 11]]
    beside = np.linalg.qr(saddle + 1e-3 * rng.normal(size=saddle.shape))[0]
    assert np.linalg.norm(horizontal(beside, 2 * A @ beside)) < 0.01 * np.trace(beside.T @ A @ beside)
    _, history, _ = minimise_on_grassmann(trace_of(A), beside, max_iter=100, tol=1e-2)
    assert history[-1] == pytest.approx(2.2, abs=0.05)
    assert history[0] > 12


def test_a_retraction_agrees_with_a_small_step(problem):
    _, _, start = problem
    direction = horizontal(start, np.random.default_rng(1).normal(size=start.shape))
    np.testing.assert_allclose(start.T @ direction, 0, atol=1e-14)
    np.testing.assert_allclose(retract(start), start, atol=1e-14)
    np.testing.assert_allclose((retract(start + 1e-6 * direction) - start) / 1e-6, direction, atol=1e-5)
