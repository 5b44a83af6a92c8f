import importlib
import warnings
import weakref

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from dacompare.domains import Domain
from dacompare.selection import Candidate, score_candidate
from dacompare.shallow import SubspaceAlignment, SubspaceSweep, subspace_sweep
from dacompare.shallow.dimensions import train_dimensions
from dacompare.shallow.held_out import hold_out
from dacompare.shallow.newton_svm import NewtonSVC

NAMES = np.array(["ant", "bee", "cow"])


@pytest.fixture
def task(rng):
    """Return source, target, source test and target test: three classes, features that grow dimmer."""
    centres = 3 * rng.normal(size=(3, 8))
    turn = np.eye(8) + 0.2 * rng.normal(size=(8, 8))
    parts = []
    for domain, n in enumerate((150, 120, 60, 60)):
        y = rng.integers(0, 3, n)
        X = (centres[y] + rng.normal(size=(n, 8))) * np.linspace(2, 0.2, 8)
        parts += [X @ turn + 1 if domain in (1, 3) else X, NAMES[y]]
    return parts


def fitted(task, **settings):
    X, y, X_target, _, X_test, y_test, _, _ = task
    return SubspaceSweep((2, 6), **settings).fit(X, y, X_target=X_target, X_source_test=X_test, y_source_test=y_test)


def test_it_equals_a_loop_over_scikit_learn(task):
    X, y, X_target, _, _, _, X_new, y_new = task
    sweep = fitted(task, solver="liblinear")
    for position, d in enumerate(sweep.dimensions_):
        P_s = PCA(d, svd_solver="full").fit(X).components_.T
        target = PCA(d, svd_solver="full").fit(X_target)
        aligned = (X - X.mean(axis=0)) @ P_s @ (P_s.T @ target.components_.T)
        svm = LinearSVC(C=1.0, dual="auto", tol=1e-4, max_iter=10_000, random_state=0).fit(aligned, y)
        np.testing.assert_allclose(sweep.classifiers_[position].coef_, svm.coef_, atol=1e-6)
        np.testing.assert_array_equal(sweep.predict_all(X_new)[position], svm.predict(target.transform(X_new)))
        accuracy = svm.score(target.transform(X_new), y_new)
        assert sweep.accuracy_curve(X_new, y_new)[position] == pytest.approx(accuracy)


def test_the_function_gives_the_same_predictions(task):
    X, y, X_target = task[:3]
    predictions = subspace_sweep(X, y, Domain(X_target), [2, 4, 6])
    np.testing.assert_array_equal(predictions, fitted(task).predict_all(X_target)[[0, 2, 4]])


def test_two_jobs_give_the_bytes_of_one(task):
    one, two = fitted(task, n_jobs=1), fitted(task, n_jobs=2)
    for name, scores in one.validator_scores_.items():
        assert scores.tobytes() == two.validator_scores_[name].tobytes()
    for first, second in zip(one.classifiers_, two.classifiers_, strict=True):
        assert first.coef_.tobytes() == second.coef_.tobytes()


def test_validators_score_what_a_user_would_measure_at_that_dimension(task):
    _, _, X_target, _, X_test, y_test, _, _ = task
    sweep = fitted(task)
    assert list(sweep.validator_scores_) == ["reverse-svm", "source-accuracy", "entropy"]
    candidate = Candidate(
        y_source_test=y_test,
        source_test_features=sweep.transform(X_test, domain="source", n_components=4),
        target_features=sweep.transform(X_target, n_components=4),
        target_predictions=sweep.predict(X_target, n_components=4),
    )
    assert sweep.validator_scores_["reverse-svm"][2] == score_candidate("reverse-svm", candidate).value
    source = sweep.accuracy_curve(X_test, y_test, domain="source")
    np.testing.assert_array_equal(sweep.validator_scores_["source-accuracy"], source)


@pytest.mark.parametrize(("name", "sign"), [("reverse-svm", 1), ("source-accuracy", 1), ("entropy", -1), ("bnm", 1)])
def test_the_validator_picks_and_of_equals_the_smallest_dimension(task, name, sign):
    sweep = fitted(task, validator=name)
    scores = sign * sweep.validator_scores_[name]
    assert sweep.best_n_components_ == sweep.dimensions_[scores >= scores.max()].min()


def test_predictions_use_the_dimension_picked(task):
    sweep = fitted(task)
    position = sweep.best_n_components_ - 2
    X_new, y_new = task[6:]
    np.testing.assert_array_equal(sweep.predict(X_new), sweep.predict_all(X_new)[position])
    assert sweep.transform(X_new).shape == (60, sweep.best_n_components_)
    assert sweep.decision_function(X_new).shape == (60, 3)
    assert sweep.score(X_new, y_new) == sweep.accuracy_curve(X_new, y_new)[position]


def test_source_rows_take_the_map_of_an_aligner_of_that_dimension(task):
    X, _, X_target = task[:3]
    aligner = SubspaceAlignment(3).fit(X, X_target=X_target)
    expected = aligner.transform(X, domain="source")
    np.testing.assert_allclose(fitted(task).transform(X, domain="source", n_components=3), expected, atol=1e-12)


def test_the_oracle_is_the_best_dimension_on_the_labels_given(task):
    sweep, (X_new, y_new) = fitted(task), task[6:]
    curve = sweep.accuracy_curve(X_new, y_new)
    assert sweep.oracle_n_components(X_new, y_new) == sweep.dimensions_[curve == curve.max()].min()


def test_the_range_is_clipped_to_what_the_features_allow_and_says_so(task):
    X, y, X_target = task[:3]
    sweep = SubspaceSweep().fit(X, y, X_target=X_target)
    assert sweep.dimensions_.tolist() == list(range(2, 9))
    assert sweep.clipped_
    assert sweep.n_components_limit_ == 8
    assert not fitted(task).clipped_
    assert SubspaceSweep((20, 30)).fit(X, y, X_target=X_target).dimensions_.tolist() == [8]


def test_a_single_number_is_a_sweep_of_one(task):
    X, y, X_target = task[:3]
    assert SubspaceSweep(3).fit(X, y, X_target=X_target).dimensions_.tolist() == [3]


def test_rows_are_set_aside_for_the_pick_only(task):
    X, y, X_target = task[:3]
    sweep = SubspaceSweep((2, 3), test_size=0.5).fit(X, y, X_target=X_target)
    assert set(sweep.validator_scores_) == {"reverse-svm", "source-accuracy", "entropy"}
    np.testing.assert_allclose(sweep.aligner_.source_mean_, X.mean(axis=0))
    all_rows = SubspaceSweep(sweep.best_n_components_).fit(X, y, X_target=X_target)
    np.testing.assert_array_equal(all_rows.predict(X_target), sweep.predict(X_target))
    again = SubspaceSweep((2, 3), test_size=0.5).fit(X, y, X_target=X_target)
    np.testing.assert_array_equal(sweep.validator_scores_["entropy"], again.validator_scores_["entropy"])


def test_rows_of_a_group_are_set_aside_together(rng):
    """Near copies of the rows to train on would judge a dimension by what was learned by heart."""
    y, groups = np.repeat([0, 1], 60), np.repeat(np.arange(30), 4)
    X = rng.normal(size=(30, 40))[groups] + 0.01 * rng.normal(size=(120, 40))
    by_row, by_group = (
        SubspaceSweep((25, 28)).fit(source, y, X_target=X + 1).validator_scores_["source-accuracy"]
        for source in (X, Domain(X, groups=groups))
    )
    # Labels say nothing of the rows: what is no copy of a known one is guessed.
    assert by_row.min() == 1.0 > 0.8 > by_group.max()


def test_one_dimension_needs_no_pick_and_sets_nothing_aside(task):
    X, y, X_target = task[:3]
    sweep = SubspaceSweep(3).fit(X, y, X_target=X_target)
    assert sweep.validator_scores_ == {}
    assert sweep.best_n_components_ == 3
    np.testing.assert_allclose(sweep.aligner_.source_mean_, X.mean(axis=0))


def test_fit_transform_gives_the_aligned_source(task):
    X, y, X_target = task[:3]
    sweep = SubspaceSweep((2, 4))
    Z = sweep.fit_transform(X, y, X_target=X_target)
    np.testing.assert_array_equal(Z, sweep.transform(X, domain="source"))


def test_only_the_validators_asked_for_are_scored(task):
    assert list(fitted(task, validators=()).validator_scores_) == ["reverse-svm"]


def test_read_only_inputs_and_a_last_step_in_a_pipeline(task):
    for part in task:
        part.flags.writeable = False
    X, y, X_target, y_target = task[:4]
    pipeline = make_pipeline(SubspaceSweep((2, 4))).fit(X, y, subspacesweep__X_target=X_target)
    assert pipeline.score(X_target, y_target) > 0.5


@pytest.mark.parametrize("wanted", [(0, 5), (5, 2), 0, (2.0, 5), (2, 3, 4), "25"])
def test_a_range_that_is_none_is_refused(task, wanted):
    with pytest.raises(ValueError, match="n_components must be the smallest and largest dimension"):
        SubspaceSweep(wanted).fit(task[0], task[1])


def test_the_validator_that_ranks_is_refused(task):
    with pytest.raises(ValueError, match="validator must be one of .*, got 'paper'"):
        SubspaceSweep(validator="paper").fit(task[0], task[1])


def test_bad_held_out_rows_are_refused(task):
    X, y = task[:2]
    with pytest.raises(ValueError, match="go together"):
        SubspaceSweep().fit(X, y, X_source_test=X)
    with pytest.raises(ValueError, match="X_source_test has 3 features, but X has 8"):
        SubspaceSweep().fit(X, y, X_source_test=X[:, :3], y_source_test=y)


def test_held_out_rows_whose_columns_stand_in_another_order_are_refused(task):
    pandas = pytest.importorskip("pandas")
    X, y, X_target, _, X_test, y_test, _, _ = task
    names = list("abcdefgh")
    X, X_target, X_test = (pandas.DataFrame(rows, columns=names) for rows in (X, X_target, X_test))
    sweep = SubspaceSweep((2, 4)).fit(X, y, X_target=X_target, X_source_test=X_test, y_source_test=y_test)
    np.testing.assert_array_equal(
        sweep.validator_scores_["reverse-svm"], fitted(task).validator_scores_["reverse-svm"][:3]
    )
    turned = X_test[names[::-1]]
    for held_out in (turned, Domain(turned)):
        with pytest.raises(ValueError, match="X_source_test must have the columns of X in the same order, but"):
            SubspaceSweep((2, 4)).fit(X, y, X_target=X_target, X_source_test=held_out, y_source_test=y_test)


@pytest.mark.parametrize("validator", ["entropy", "bnm"])
def test_a_held_out_row_of_a_class_never_met_stops_no_pick(task, validator):
    X, y, X_target, _, X_test, y_test, _, _ = task
    held_out = {"X_source_test": np.vstack([X_test, X_test[:1]]), "y_source_test": np.append(y_test, "owl")}
    sweep = SubspaceSweep((2, 6), validator=validator).fit(X, y, X_target=X_target, **held_out)
    expected = fitted(task, validator=validator)
    assert sweep.best_n_components_ == expected.best_n_components_
    np.testing.assert_array_equal(sweep.validator_scores_[validator], expected.validator_scores_[validator])


def test_a_dimension_outside_the_sweep_is_refused(task):
    with pytest.raises(ValueError, match="2 to 6, got 7"):
        fitted(task).predict(task[6], n_components=7)


def test_one_class_is_refused(rng):
    with pytest.raises(ValueError, match="at least two classes"):
        SubspaceSweep().fit(rng.normal(size=(10, 3)), np.zeros(10, int))


def objective(svm, Z, y):
    """Return the objective of each class, and by what share it is above that of the dual, written out."""
    signs = np.where(y[:, None] == (svm.classes_ if len(svm.classes_) > 2 else svm.classes_[1:]), 1, -1)
    short = np.maximum(0, 1 - signs * (Z @ svm.coef_.T + svm.intercept_))
    primal = ((svm.coef_**2).sum(axis=1) + svm.intercept_**2) / 2 + svm.C * (short**2).sum(axis=0)
    alpha = 2 * svm.C * short
    pulled = (alpha * signs).T @ np.column_stack([Z, np.ones(len(Z))])
    dual = alpha.sum(axis=0) - (alpha * short).sum(axis=0) / 2 - (pulled**2).sum(axis=1) / 2
    return primal, (primal - dual) / primal


def check_newton(X, y, X_target, y_target, tol=1e-10, **settings):
    """Compare the sweep's SVMs with LIBLINEAR at its optimum, at every dimension."""
    sweep = SubspaceSweep(
        (1, 60), solver="newton", validator="source-accuracy", validators=(), n_jobs=2, **settings
    ).fit(X, y, X_target=X_target, X_source_test=X, y_source_test=y)
    for d, ours in zip(sweep.dimensions_.tolist(), sweep.classifiers_, strict=True):
        Z, Z_target = (
            sweep.transform(part, domain=domain, n_components=d)
            for part, domain in ((X, "source"), (X_target, "target"))
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            theirs = LinearSVC(C=sweep.C, dual=False, tol=tol, max_iter=10_000).fit(Z, y)
        (found, gap), (best, their_gap) = objective(ours, Z, y), objective(theirs, Z, y)
        assert gap.max() < 1e-4
        assert (found <= best * (1 + 1e-4)).all()
        if their_gap.max() < 1e-5:  # LIBLINEAR is at its optimum, too
            np.testing.assert_allclose(found, best, rtol=1e-4)
            # A row on a border may fall on either side of it.
            for part, labels in ((Z, y), (Z_target, y_target)):
                assert abs(ours.score(part, labels) - theirs.score(part, labels)) < max(1e-3, 1.5 / len(part))
    return sweep


@pytest.mark.parametrize("C", [1e-4, 1.0, 1e4])
@pytest.mark.parametrize("case", ["plain", "huge", "tiny", "constant", "duplicate", "n < d", "separable", "binary"])
def test_newton_finds_the_optimum_of_liblinear_at_every_dimension(task, case, C):
    X, y, X_target, y_target = task[:4]
    if case in ("huge", "tiny"):
        size = {"huge": 1e3, "tiny": 1e-4}[case]
        X, X_target = size * X, size * X_target
    elif case == "constant":
        X, X_target = (np.column_stack([part, np.full(len(part), 7.0)]) for part in (X, X_target))
    elif case == "duplicate":
        X, y = np.repeat(X[:40], 3, axis=0), np.repeat(y[:40], 3)
    elif case == "n < d":
        wide = np.random.default_rng(1).normal(size=(8, 40))
        X, y, X_target = X[:25] @ wide, y[:25], X_target @ wide
    elif case == "separable":
        shift = 20 * (y[:, None] == NAMES) @ np.eye(3, 8)
        X = X + shift
    elif case == "binary":
        y, y_target = (labels == "ant" for labels in (y, y_target))
    check_newton(X, y, X_target, y_target, C=C)


@pytest.mark.slow
def test_newton_finds_the_optimum_of_liblinear_on_many_rows():
    rng = np.random.default_rng(0)
    y, centres = rng.integers(0, 10, 6000), rng.normal(size=(10, 70))
    X = np.maximum(0.5 * centres[y] + rng.normal(size=(6000, 70)), 0) / 8
    turn = np.eye(70) + rng.normal(size=(70, 70)) / 20
    X_target = np.maximum((0.5 * centres[y] + 1.2 * rng.normal(size=(6000, 70))) @ turn, 0) / 8
    sweep = check_newton(X, y, X_target, y, tol=1e-6)
    assert sweep.dimensions_.tolist() == list(range(1, 61))


def test_the_solver_is_newton_s_for_few_dimensions_unless_another_is_asked_for(task):
    assert all(isinstance(svm, LinearSVC) for svm in fitted(task, solver="liblinear").classifiers_)
    assert all(isinstance(svm, NewtonSVC) for svm in fitted(task, solver="newton").classifiers_)
    assert all(isinstance(svm, NewtonSVC) for svm in fitted(task).classifiers_)


def test_newton_gives_the_same_bytes_for_any_number_of_jobs(task):
    one, two = (fitted(task, n_jobs=jobs, solver="newton") for jobs in (1, 2))
    for name, scores in one.validator_scores_.items():
        assert scores.tobytes() == two.validator_scores_[name].tobytes()
    for first, second in zip(one.classifiers_, two.classifiers_, strict=True):
        assert first.coef_.tobytes() == second.coef_.tobytes()


def test_newton_trains_on_all_rows_once_the_pick_is_made(task):
    X, y, X_target = task[:3]
    sweep = SubspaceSweep((2, 6), solver="newton").fit(X, y, X_target=X_target)
    alone = SubspaceSweep(sweep.best_n_components_, solver="newton").fit(X, y, X_target=X_target)
    np.testing.assert_allclose(
        sweep.classifiers_[sweep.best_n_components_ - 2].coef_, alone.classifiers_[0].coef_, atol=1e-9
    )
    np.testing.assert_array_equal(sweep.predict(X_target), alone.predict(X_target))
    np.testing.assert_array_equal(
        subspace_sweep(X, y, X_target, [2, 4, 6], solver="newton"), sweep.predict_all(X_target)[[0, 2, 4]]
    )


def test_an_unknown_solver_is_refused_with_the_nearest_name(task):
    with pytest.raises(ValueError, match="solver must be one of .*, got 'liblinea', did you mean 'liblinear'"):
        SubspaceSweep(solver="liblinea").fit(task[0], task[1])


def test_labels_of_another_type_or_number_are_no_zero_accuracy(task):
    sweep, X, y = fitted(task), task[6], task[7]
    with pytest.raises(ValueError, match="labels of the type that fit got"):
        sweep.accuracy_curve(X, np.arange(60) if y.dtype.kind in "OSU" else y.astype(str))
    with pytest.raises(ValueError, match=r"a label for each of the 60 rows, got shape \(3,\)"):
        sweep.oracle_n_components(X, y[:3])


def test_what_is_no_list_of_dimensions_or_of_validators_is_named(rng):
    X, y = rng.normal(size=(40, 4)), np.arange(40) % 2
    for dimensions in ([], [0, 2]):
        with pytest.raises(ValueError, match=r"dimensions must be whole numbers from 1 on, at least one, got \["):
            subspace_sweep(X, y, X + 1, dimensions)
    with pytest.raises(TypeError, match="validators must be a list of names, got 'entropy'"):
        SubspaceSweep((1, 2), validators="entropy").fit(X, y, X_target=X + 1)


def test_the_source_may_be_a_domain(task):
    X, y, X_target = task[:3]
    expected = SubspaceSweep((2, 4)).fit(X, y, X_target=X_target)
    sweep = SubspaceSweep((2, 4)).fit(Domain(X), y, X_target=Domain(X_target))
    np.testing.assert_array_equal(sweep.predict(X_target), expected.predict(X_target))
    Z = SubspaceSweep((2, 4)).fit_transform(Domain(X), y, X_target=Domain(X_target))
    np.testing.assert_array_equal(Z, expected.transform(X, domain="source"))
    np.testing.assert_array_equal(
        subspace_sweep(Domain(X), y, Domain(X_target), [2, 3]), subspace_sweep(X, y, X_target, [2, 3])
    )


def test_a_split_that_takes_a_class_away_is_blamed_on_the_split(rng):
    X = rng.normal(size=(30, 4))
    for labels in ([0, 1], [0, 1, 2]):
        n = len(labels)
        with pytest.raises(ValueError, match=r"test_size=0\.2 sets aside the only row of class .*X_source_test"):
            SubspaceSweep((1, 2)).fit(X[:n], labels, X_target=X)
        assert len(SubspaceSweep(1).fit(X[:n], labels, X_target=X).classes_) == n  # the ways out
        held_out = {"X_source_test": X, "y_source_test": np.arange(30) % n}
        assert len(SubspaceSweep((1, 2)).fit(X[:n], labels, X_target=X, **held_out).classes_) == n


@pytest.mark.parametrize("dimensions", [3, None, "ab", [1.5, 3], (d for d in (1, 2)), [[1, 2]]])
def test_dimensions_that_are_no_list_of_whole_numbers_are_named(task, dimensions):
    with pytest.raises(
        ValueError, match=r"dimensions must be whole numbers from 1 on.*; pass a list, such as \[2, 5\]"
    ):
        subspace_sweep(*task[:3], dimensions)


def test_dimensions_may_be_an_array_or_a_range(task):
    expected = subspace_sweep(*task[:3], [2, 3])
    for dimensions in (np.array([2, 3]), range(2, 4), (2, 3)):
        np.testing.assert_array_equal(subspace_sweep(*task[:3], dimensions), expected)


def test_the_function_needs_a_target(task):
    with pytest.raises(ValueError, match="X_target must hold the target rows, got None"):
        subspace_sweep(task[0], task[1], None, [2, 3])


@pytest.mark.parametrize("solver", ["newton", "liblinear"])
@pytest.mark.parametrize(
    ("labels", "why"),
    [
        (np.r_[np.nan, np.arange(39) % 2], "y contains NaN"),
        (np.linspace(0, 1, 40), "Unknown label type: continuous"),
        (np.zeros(40, int), "at least two classes to train on, got one class, 0"),
        (np.arange(39) % 2, r"one label for each of the 40 source rows, got shape \(39,\)"),
        (None, "requires y to be passed"),
    ],
    ids=["nan", "continuous", "one", "short", "none"],
)
def test_the_function_checks_labels_as_the_class_does(rng, labels, why, solver):
    X = rng.normal(size=(40, 4))
    with pytest.raises(ValueError, match=why):
        subspace_sweep(X, labels, X + 1, [1, 2], solver=solver)
    with pytest.raises(ValueError, match=why):
        SubspaceSweep((1, 2), solver=solver).fit(X, labels, X_target=X + 1)


def test_the_function_takes_labels_in_a_column_as_the_class_does(task):
    X, y, X_target = task[:3]
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        said = subspace_sweep(X, y[:, None], X_target, [2, 3])
    np.testing.assert_array_equal(said, subspace_sweep(X, y, X_target, [2, 3]))


@pytest.mark.parametrize("wanted", [0, (0, 5)])
def test_the_message_on_dimensions_names_both_forms(task, wanted):
    with pytest.raises(ValueError, match=r"such as \(2, 60\), or a single one, such as 20, from 1 on, got "):
        SubspaceSweep(wanted).fit(task[0], task[1])


def test_rows_that_were_set_aside_are_gone_before_svms_are_trained(rng, monkeypatch):
    """They are a copy of the source; whoever looks at the variables of a frame keeps such copies alive."""
    module = importlib.import_module("dacompare.shallow.subspace_sweep")
    held, alive = [], []

    def holding(*rows, **settings):
        train, test = hold_out(*rows, **settings)
        held.append(weakref.ref(train[0]))
        return train, test

    def training(*args):
        alive.append(held[0]() is not None)
        return train_dimensions(*args)

    monkeypatch.setattr(module, "hold_out", holding)
    monkeypatch.setattr(module, "train_dimensions", training)
    X, y = rng.normal(size=(90, 6)), np.arange(90) % 3
    SubspaceSweep((2, 4)).fit(X, y, X_target=X + 1)
    assert alive == [False, False]
