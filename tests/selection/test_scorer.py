import pickle
import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC

from dacompare.domains import Domain, WholeTarget
from dacompare.pipeline import make_adaptation_pipeline
from dacompare.selection import (
    VALIDATORS,
    Candidate,
    fit_temperature,
    score_candidate,
    svm_probabilities,
    validator_scorer,
)
from dacompare.shallow import DomainScaling, KernelMeanMatching, SubspaceAlignment, SubspaceSweep

CV = StratifiedKFold(3)


@pytest.fixture
def task(rng):
    """Return as many target rows as source rows, on purpose: scikit-learn would cut a bare array."""
    centres = 3 * rng.normal(size=(3, 6))
    y, y_target = rng.integers(0, 3, (2, 90))
    X = centres[y] + rng.normal(size=(90, 6))
    X_target = (centres[y_target] + rng.normal(size=(90, 6))) @ (np.eye(6) + 0.2 * rng.normal(size=(6, 6))) + 2
    return X, np.array(["ant", "bee", "cow"])[y], X_target


MINUS = ("entropy", "iwv", "dev")


def learn(n_components, X, y, X_target):
    """Scale, align and train; return the map of each domain and the SVM."""
    scaler = StandardScaler().fit(X)
    aligner = SubspaceAlignment(n_components)
    Z = aligner.fit_transform(scaler.transform(X), X_target=scaler.transform(X_target))
    svm = LinearSVC().fit(Z, y)
    return lambda rows, domain: aligner.transform(scaler.transform(rows), domain=domain), svm


def by_hand(name, n_components, X, y, X_target):
    """Score one dimension as a reader of the protocol would: scale, align, train, and validate each fold."""
    scores = []
    for train, test in CV.split(X, y):
        features, svm = learn(n_components, X[train], y[train], X_target)
        Z_test, Z_target = features(X[test], "source"), features(X_target, "target")
        T = fit_temperature(svm.decision_function(Z_test), y[test], classes=svm.classes_)
        candidate = Candidate(
            y_source_test=y[test],
            source_test_predictions=svm.predict(Z_test),
            source_test_features=Z_test,
            target_features=Z_target,
            target_predictions=svm.predict(Z_target),
            target_probabilities=svm_probabilities(svm.decision_function(Z_target), T),
        )
        if name == "mixval":  # on the rows as they come
            candidate = replace(
                candidate,
                source_test_features=X[test],
                target_features=X_target,
                predict_target=lambda rows, features=features, svm=svm: svm.predict(features(rows, "target")),
            )
        if name == "reverse":

            def back(rows, labels, X_source, X_source_test):
                features, svm = learn(n_components, rows, labels, X_source)
                return svm.predict(features(X_source_test, "target"))

            rows = {"source_features": X[test], "source_test_features": X[test], "target_features": X_target}
            candidate = replace(candidate, **rows, refit=back)
        value = score_candidate(name, candidate).value
        scores.append(-value if name in MINUS else value)
    return np.mean(scores)


@pytest.mark.parametrize("name", [name for name in VALIDATORS if name != "paper"])
def test_a_grid_search_equals_a_loop_written_out(task, name):
    X, y, X_target = task
    dimensions = [2] if name in ("iwv", "dev") else [1, 2, 4]  # these two train many classifiers a fold
    pipeline = make_adaptation_pipeline(StandardScaler(), SubspaceAlignment(), LinearSVC())
    search = GridSearchCV(
        pipeline,
        {"subspacealignment__n_components": dimensions},
        scoring=validator_scorer(name, X_target=Domain(X_target)),
        cv=CV,
        error_score="raise",
    ).fit(X, y, X_target=Domain(X_target))
    expected = [by_hand(name, d, X, y, X_target) for d in dimensions]
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], expected, atol=1e-10)
    assert search.best_params_["subspacealignment__n_components"] == dimensions[int(np.argmax(expected))]


@pytest.mark.parametrize("name", ["source-accuracy", "bnm", "reverse"])
def test_target_rows_that_lack_values_reach_the_step_that_fills_them_in(task, name):
    X, y, X_target = task
    X, X_target = X.copy(), X_target.copy()
    X[::7, 0] = X_target[::5, 1] = np.nan
    pipeline = make_adaptation_pipeline(SimpleImputer(), SubspaceAlignment(), LinearSVC())
    search = GridSearchCV(
        pipeline,
        {"subspacealignment__n_components": [1, 3]},
        scoring=validator_scorer(name, X_target=WholeTarget(X_target)),
        cv=CV,
        error_score="raise",
    ).fit(X, y, X_target=WholeTarget(X_target))
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    whole = clone(search.best_estimator_).fit(X, y, X_target=X_target)
    np.testing.assert_array_equal(search.best_estimator_.predict(X_target), whole.predict(X_target))


def test_source_accuracy_needs_no_target(task):
    X, y, X_target = task
    pipeline = make_adaptation_pipeline(SubspaceAlignment(3), LinearSVC()).fit(X, y, X_target=X_target)
    score = validator_scorer("source-accuracy")(pipeline, X, y)
    assert score == pipeline.score(X, y, domain="source")
    assert score > 0.9


def test_probabilities_of_the_estimator_come_first(task):
    X, y, X_target = task
    model = LogisticRegression().fit(X, y)
    P = model.predict_proba(X_target)
    expected = (P * np.log(P)).sum(axis=1).mean()
    assert validator_scorer("entropy", X_target=X_target)(model, X, y) == pytest.approx(expected)


def test_an_estimator_without_steps_is_scored_on_what_it_transforms(task):
    X, y, X_target = task
    sweep = SubspaceSweep((2, 4)).fit(X, y, X_target=X_target)
    candidate = Candidate(
        y_source_test=y,
        source_test_features=sweep.transform(X, domain="source"),
        target_features=sweep.transform(X_target),
        target_predictions=sweep.predict(X_target),
    )
    score = validator_scorer("reverse-svm", X_target=X_target)(sweep, X, y)
    assert score == score_candidate("reverse-svm", candidate).value


@pytest.mark.parametrize("name", ["reverse-svm", "class-ami", "iwv"])
def test_a_last_step_is_scored_on_what_it_transforms_as_it_would_be_alone(task, name):
    X, y, X_target = task
    score = validator_scorer(name, X_target=X_target)
    expected = score(SubspaceSweep((2, 4)).fit(X, y, X_target=X_target), X, y)
    for steps in ((), (FunctionTransformer(),)):
        pipeline = make_adaptation_pipeline(*steps, SubspaceSweep((2, 4))).fit(X, y, X_target=X_target)
        nested = make_adaptation_pipeline(FunctionTransformer(), pipeline)
        assert score(pipeline, X, y) == expected
        assert score(nested.fit(X, y, X_target=X_target), X, y) == expected


def test_cross_val_score_takes_it_and_it_pickles(task):
    X, y, X_target = task
    scorer = pickle.loads(pickle.dumps(validator_scorer("reverse-svm", X_target=X_target)))
    assert np.isfinite(cross_val_score(LinearSVC(), X, y, scoring=scorer, cv=3)).all()
    assert repr(scorer) == "validator_scorer('reverse-svm', X_target=...)"


def test_a_pipeline_that_would_lose_the_domain_is_refused(task):
    X, y, X_target = task
    plain = make_pipeline(SubspaceAlignment(2), LinearSVC()).fit(X, y, subspacealignment__X_target=X_target)
    with pytest.raises(ValueError, match="make_adaptation_pipeline"):
        validator_scorer("source-accuracy")(plain, X, y)
    harmless = make_pipeline(StandardScaler(), LinearSVC()).fit(X, y)
    assert validator_scorer("source-accuracy")(harmless, X, y) == harmless.score(X, y)


def test_what_cannot_score_is_refused_at_once(task):
    with pytest.raises(ValueError, match="'paper' compares candidates with each other"):
        validator_scorer("paper")
    with pytest.raises(ValueError, match="needs target rows: write .*X_target=.*does not reach a scorer"):
        validator_scorer("entropy")
    with pytest.raises(ValueError, match="did you mean 'reverse-svm'"):
        validator_scorer("reverse_svm")


def test_an_estimator_without_scores_cannot_be_judged_by_entropy(task):
    from sklearn.neighbors import NearestCentroid

    X, y, X_target = task
    silent = NearestCentroid(metric="manhattan").fit(X, y)
    if hasattr(silent, "predict_proba"):
        pytest.skip("this scikit-learn gives probabilities for it")
    with pytest.raises(ValueError, match="cannot score NearestCentroid: needs target_probabilities"):
        validator_scorer("entropy", X_target=X_target)(silent, X, y)


@pytest.mark.parametrize("name", ["mixval", "reverse"])
def test_estimators_without_steps_or_adaptation_are_scored_too(task, name):
    X, y, X_target = task
    for model in (LinearSVC().fit(X, y), SubspaceSweep((2, 4)).fit(X, y, X_target=X_target)):
        before = pickle.dumps(model)
        value = validator_scorer(name, X_target=Domain(X_target))(model, X, y)
        assert 0 < value <= 1
        assert pickle.dumps(model) == before  # a clone was trained, not the model


@pytest.mark.parametrize("name", [name for name in VALIDATORS if name != "paper"])
def test_lists_do_as_well_as_arrays(task, name):
    X, y, X_target = task
    for model in (LogisticRegression().fit(X, y), make_pipeline(LogisticRegression()).fit(X, y)):
        by_list = validator_scorer(name, X_target=X_target.tolist())(model, X.tolist(), y.tolist())
        assert by_list == validator_scorer(name, X_target=X_target)(model, X, y)


def test_the_way_back_of_a_plain_estimator_is_trained_on_its_own_predictions(task):
    X, y, X_target = task
    svm = LinearSVC().fit(X, y)
    expected = (LinearSVC().fit(X_target, svm.predict(X_target)).predict(X) == y).mean()
    assert validator_scorer("reverse", X_target=X_target)(svm, X, y) == expected


def test_a_frame_keeps_its_column_names_where_rows_are_mixed(task):
    pandas = pytest.importorskip("pandas")
    X, y, X_target = task
    names = list("abcdef")
    framed = LinearSVC().fit(pandas.DataFrame(X, columns=names), y)
    frame = pandas.DataFrame(X_target, columns=names)
    value = validator_scorer("mixval", X_target=frame)(framed, pandas.DataFrame(X, columns=names), y)
    assert value == validator_scorer("mixval", X_target=X_target)(LinearSVC().fit(X, y), X, y)


def test_a_row_that_cannot_be_weighed_is_an_error_with_the_reason(task):
    X, y, X_target = task
    model = LogisticRegression().fit(X, y)
    with pytest.raises(ValueError, match="'iwv' cannot score LogisticRegression: needs source_features, or at least"):
        validator_scorer("iwv", X_target=X_target)(model, X[:1], y[:1])


def test_scores_of_pairs_of_classes_are_no_scores_of_classes(task):
    X, y, X_target = task
    pairs = SVC(kernel="linear", decision_function_shape="ovo").fit(X, y)
    with pytest.raises(ValueError, match="target_probabilities"):
        validator_scorer("entropy", X_target=X_target)(pairs, X, y)
    classes = SVC(kernel="linear").fit(X, y)
    assert validator_scorer("entropy", X_target=X_target)(classes, X, y) <= 0


def test_a_domain_whose_columns_stand_in_another_order_is_refused(rng):
    pandas = pytest.importorskip("pandas")
    y = np.arange(60) % 2
    frame = pandas.DataFrame(rng.normal(size=(60, 3)) + y[:, None], columns=list("abc"))
    pipeline = make_adaptation_pipeline(StandardScaler(), LinearSVC()).fit(frame, y)
    target = Domain(frame + 0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert validator_scorer("bnm", X_target=target)(pipeline, frame, y) > 0.5
    with pytest.raises(ValueError, match="feature names should match"):
        validator_scorer("bnm", X_target=Domain(frame[list("cba")]))(pipeline, frame, y)


@pytest.mark.parametrize("name", [name for name in VALIDATORS if name != "paper"])
def test_labels_in_a_column_do_as_well(task, name):
    X, y, X_target = task
    model = LogisticRegression().fit(X, y)
    score = validator_scorer(name, X_target=X_target)
    assert score(LinearSVC().fit(X, y), X, y[:, None]) == score(LinearSVC().fit(X, y), X, y)
    assert score(model, X, y[:, None]) == score(model, X, y)


def test_two_columns_of_labels_are_refused(task):
    X, y, X_target = task
    with pytest.raises(ValueError, match="y should be a 1d array"):
        validator_scorer("bnm", X_target=X_target)(LinearSVC().fit(X, y), X, np.stack([y, y], axis=1))


@pytest.mark.parametrize("name", [name for name in VALIDATORS if name != "paper"])
def test_a_search_is_scored_as_what_it_has_chosen(task, name):
    X, y, X_target = task
    pipeline = make_adaptation_pipeline(DomainScaling(with_std=False), LinearSVC())
    search = GridSearchCV(pipeline, {"linearsvc__C": [1.0]}, scoring=validator_scorer("source-accuracy"), cv=2)
    score = validator_scorer(name, X_target=X_target + 20)
    alone, found = (one.fit(X, y, X_target=Domain(X_target + 20)) for one in (pipeline, search))
    assert score(found, X, y) == score(alone, X, y)
    outer = GridSearchCV(search, {"estimator__linearsvc__C": [1.0]}, scoring=validator_scorer("source-accuracy"), cv=2)
    assert score(outer.fit(X, y, X_target=Domain(X_target + 20)), X, y) == score(alone, X, y)


def test_any_estimator_that_would_lose_the_domain_is_refused(task):
    X, y, X_target = task
    pipeline = make_adaptation_pipeline(DomainScaling(with_std=False), LinearSVC())
    inside = CalibratedClassifierCV(pipeline, cv=2, ensemble=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inside.fit(X, y, X_target=Domain(X_target))
    with pytest.raises(ValueError, match="CalibratedClassifierCV cannot tell .*make_adaptation_pipeline"):
        validator_scorer("source-accuracy")(inside, X, y)
    # Weights have one map for both domains: nothing to lose.
    weighting = CalibratedClassifierCV(KernelMeanMatching(), cv=2, ensemble=False).fit(X, y)
    assert validator_scorer("source-accuracy")(weighting, X, y) == weighting.score(X, y)


def test_a_polars_frame_keeps_its_column_names_where_rows_are_mixed(task):
    polars = pytest.importorskip("polars")
    X, y, X_target = task
    frames = [polars.DataFrame(rows, schema=list("abcdef"), orient="row") for rows in (X, X_target)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = validator_scorer("mixval", X_target=frames[1])(LinearSVC().fit(frames[0], y), frames[0], y)
    assert value == validator_scorer("mixval", X_target=X_target)(LinearSVC().fit(X, y), X, y)


@pytest.mark.parametrize("name", ["entropy", "bnm"])
def test_held_out_rows_of_a_class_never_met_leave_the_score_to_the_others(task, name):
    X, y, X_target = task
    svm, score = LinearSVC().fit(X, y), validator_scorer(name, X_target=X_target)
    assert score(svm, np.vstack([X, X[:2]]), np.append(y, ["owl", "owl"])) == score(svm, X, y)
    with pytest.raises(ValueError, match="LinearSVC was trained on no class of these held-out source rows, .*hold out"):
        score(svm, X, np.full(90, "owl"))


def test_a_search_that_was_not_given_the_target_is_warned_of(task):
    X, y, X_target = task[:3]
    scoring = validator_scorer("bnm", X_target=X_target)
    adapting = make_adaptation_pipeline(SubspaceAlignment(), LinearSVC())
    search = GridSearchCV(adapting, {"subspacealignment__n_components": [1, 2]}, scoring=scoring, cv=3)
    with pytest.warns(UserWarning, match="fitted without X_target, so that it has not adapted"):
        search.fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        search.fit(X, y, X_target=Domain(X_target))
        plain = make_adaptation_pipeline(StandardScaler(), LinearSVC()).fit(X, y)
        scoring(plain, X, y)  # nothing in it would have adapted
