from dataclasses import replace

import numpy as np
import pytest

from dacompare.shallow import linear_svm
from dacompare.shallow.dimensions import NEIGHBOURS, Projected, choose_solver, train_dimensions
from dacompare.shallow.newton_svm import NewtonSVC, append_constant


@pytest.fixture
def projected(rng):
    y = rng.integers(0, 2, 80)
    Z = rng.normal(size=(80, 4)) + 2 * y[:, None]
    return Projected(append_constant(Z[:60], 1.0), y[:60], Z[:60] + 0.3, Z[60:], y[60:])


def test_each_dimension_takes_the_first_columns_and_the_corner_of_the_alignment(projected, rng):
    alignment = rng.normal(size=(4, 4))
    svms, _ = train_dimensions(projected, alignment, [1, 3], (), 1.0, None, 0)
    for svm, d in zip(svms, (1, 3), strict=True):
        alone = linear_svm().fit(projected.source[:, :d] @ alignment[:d, :d], projected.y)
        np.testing.assert_array_equal(svm.coef_, alone.coef_)


def test_validators_score_the_held_out_rows(projected):
    names = ("source-accuracy", "entropy")
    svms, scores = train_dimensions(projected, np.eye(4), [2, 4], names, 1.0, None, 0)
    accuracies = [
        svm.score(projected.source_test[:, :d], projected.y_test) for svm, d in zip(svms, (2, 4), strict=True)
    ]
    np.testing.assert_allclose(scores["source-accuracy"], accuracies)
    assert ((scores["entropy"] > 0) & (scores["entropy"] < np.log(2))).all()


@pytest.fixture
def wide(rng):
    """Return three classes on more directions than one run of neighbours has, and an alignment that is no identity."""
    d, y = 2 * NEIGHBOURS + 3, rng.integers(0, 3, 300)
    Z = rng.normal(size=(300, d)) * np.linspace(2, 0.1, d) + np.eye(3, d)[y]
    rows = append_constant(Z[:200], 1.0)
    return Projected(rows, y[:200], Z + 0.1, Z[200:], y[200:]), np.linalg.qr(rng.normal(size=(d, d)))[0] * 0.9


def test_newton_finds_at_each_dimension_what_it_finds_alone(wide):
    projected, alignment = wide
    dimensions = range(1, len(alignment) + 1)
    svms, _ = train_dimensions(projected, alignment, dimensions, (), 1.0, None, 0, "newton")
    for svm, d in zip(svms, dimensions, strict=True):
        alone = NewtonSVC(1.0).fit(projected.source[:, :d] @ alignment[:d, :d], projected.y)
        np.testing.assert_allclose(svm.coef_, alone.coef_, atol=1e-6)
        np.testing.assert_allclose(svm.intercept_, alone.intercept_, atol=1e-6)
        assert svm.get_params() == alone.get_params()
        assert svm.n_features_in_ == d


@pytest.mark.parametrize("solver", ["liblinear", "newton"])
def test_any_number_of_jobs_gives_the_same_bytes(wide, solver):
    dimensions, names = range(1, len(wide[1]) + 1, 1 if solver == "newton" else 6), ("reverse-svm", "entropy")
    one, two = (train_dimensions(*wide, dimensions, names, 1.0, jobs, 0, solver) for jobs in (1, 2))
    for first, second in zip(one[0], two[0], strict=True):
        assert first.coef_.tobytes() == second.coef_.tobytes()
        assert first.intercept_.tobytes() == second.intercept_.tobytes()
    for name in names:
        assert one[1][name].tobytes() == two[1][name].tobytes()


@pytest.mark.parametrize("solver", ["liblinear", "newton"])
def test_the_order_of_the_dimensions_is_kept(wide, solver):
    svms, scores = train_dimensions(*wide, [9, 2, 23, 2], ("source-accuracy",), 1.0, 2, 0, solver)
    assert [svm.n_features_in_ for svm in svms] == [9, 2, 23, 2]
    projected, alignment = wide
    for svm, d, score in zip(svms, [9, 2, 23, 2], scores["source-accuracy"], strict=True):
        assert score == svm.score(projected.source_test[:, :d] @ alignment[:d, :d], projected.y_test)


def test_validators_hardly_see_which_solver_it_was(wide):
    dimensions, names = range(1, len(wide[1]) + 1), ("source-accuracy", "reverse-svm", "entropy")
    (_, theirs), (_, ours) = (
        train_dimensions(*wide, dimensions, names, 1.0, None, 0, solver) for solver in ("liblinear", "newton")
    )
    for name in names:
        # One row of the hundred; at few dimensions more, where a reverse classifier has other labels to learn from.
        differences = np.abs(np.subtract(ours[name], theirs[name]))
        assert np.quantile(differences, 0.9) < 0.011
        assert differences.max() < 0.1


def test_a_singular_alignment_trains_on_what_is_left(wide):
    projected, alignment = wide
    alignment = alignment.copy()
    alignment[:, 0] = 0
    svms, _ = train_dimensions(projected, alignment, [1, 2, 3], (), 1.0, None, 0, "newton")
    for svm in svms:
        np.testing.assert_array_equal(svm.coef_[:, 0], 0)


def test_auto_leaves_many_dimensions_to_liblinear():
    assert [choose_solver("auto", d) for d in (2, 500, 501)] == ["newton", "newton", "liblinear"]
    assert choose_solver("newton", 501) == "newton"
    with pytest.raises(ValueError, match="solver must be one of .*, got 'newtons', did you mean 'newton'"):
        choose_solver("newtons", 2)


def test_hessians_that_would_not_fit_are_refused(rng):
    Z = np.broadcast_to(np.zeros(1), (2, 20_000))
    rows = Projected(append_constant(Z, 1.0), np.array([0, 1]), Z)
    with pytest.raises(MemoryError, match='solver="liblinear" in a sweep'):
        train_dimensions(rows, np.eye(1), [20_000], (), 1.0, None, 0, "newton")


@pytest.mark.parametrize("solver", ["liblinear", "newton"])
def test_what_no_svm_can_learn_from_is_refused_by_either_solver(projected, solver):
    rest = (np.eye(4), [2], ())
    with pytest.raises(ValueError, match="C"):
        train_dimensions(projected, *rest, -1.0, None, 0, solver)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        train_dimensions(replace(projected, y=projected.y[:-1]), *rest, 1.0, None, 0, solver)
    with pytest.raises(ValueError, match="class"):
        train_dimensions(replace(projected, y=np.zeros(60)), *rest, 1.0, None, 0, solver)


@pytest.mark.parametrize("solver", ["liblinear", "newton"])
def test_held_out_rows_of_a_class_never_met_leave_the_scores_to_the_others(projected, solver):
    names = ("source-accuracy", "entropy", "bnm")
    one_more = np.vstack([projected.source_test, projected.source_test[:1]])
    with_one = replace(projected, source_test=one_more, y_test=np.append(projected.y_test, 7))
    alone, scores = (
        train_dimensions(rows, np.eye(4), [2, 4], names, 1.0, None, 0, solver)[1] for rows in (projected, with_one)
    )
    for name in ("entropy", "bnm"):
        np.testing.assert_array_equal(scores[name], alone[name])
    np.testing.assert_allclose(scores["source-accuracy"], alone["source-accuracy"] * 20 / 21)  # that one is wrong
    no_class = replace(projected, y_test=np.full(20, 7))
    none = train_dimensions(no_class, np.eye(4), [2, 4], names, 1.0, None, 0, solver)[1]
    assert np.isnan(none["entropy"]).all()
    assert np.isnan(none["bnm"]).all()
    assert none["source-accuracy"].tolist() == [0, 0]
