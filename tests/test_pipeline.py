import pickle

import numpy as np
import pytest
from sklearn import config_context, get_config
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from dacompare.domains import Domain
from dacompare.pipeline import AdaptationPipeline, make_adaptation_pipeline
from dacompare.selection import validator_scorer
from dacompare.shallow import DomainScaling, SubspaceAlignment, SubspaceSweep
from dacompare.shallow.aligner import Aligner

LABELS = np.array(["ant", "bee", "cow"])


class Spy(TransformerMixin, BaseEstimator):
    """Let rows pass, and note how each fit and transform was called; clones share the notes."""

    __metadata_request__fit = {"X_target": True}
    notes: list = []

    def fit(self, X, y=None, *, X_target=None):
        self.fitted_ = True
        self.target_ = X_target
        self.notes.append((len(X), None if X_target is None else len(X_target)))
        return self

    def transform(self, X):
        return X


class LayeredNetwork(Spy):
    """Stands for a network in the middle: ``transform`` has a layer, but no domain."""

    __metadata_request__transform = {"layer": False}

    def transform(self, X, *, layer="last_hidden"):
        return np.maximum(X, 0)


@pytest.fixture
def task(rng):
    """Return as many target rows as source rows, on purpose: scikit-learn would cut a bare array."""
    Spy.notes.clear()
    centres = 3 * rng.normal(size=(3, 6))
    y, y_target = rng.integers(0, 3, (2, 90))
    X = centres[y] + rng.normal(size=(90, 6))
    X_target = centres[y_target] + rng.normal(size=(90, 6)) + 4
    return X, LABELS[y], X_target, LABELS[y_target]


def build(d=3):
    return make_adaptation_pipeline(StandardScaler(), SubspaceAlignment(d), LinearSVC())


def test_it_equals_the_steps_written_out(task):
    X, y, X_target, _ = task
    scaler, aligner = StandardScaler().fit(X), SubspaceAlignment(3)
    Z = aligner.fit_transform(scaler.transform(X), X_target=scaler.transform(X_target))
    svm = LinearSVC().fit(Z, y)
    pipeline = build().fit(X, y, X_target=X_target)
    Z_target = aligner.transform(scaler.transform(X_target))
    np.testing.assert_allclose(pipeline.decision_function(X_target), svm.decision_function(Z_target), atol=1e-10)
    np.testing.assert_array_equal(pipeline.predict(X_target), svm.predict(Z_target))
    expected = svm.decision_function(aligner.transform(scaler.transform(X), domain="source"))
    np.testing.assert_allclose(pipeline.decision_function(X, domain="source"), expected, atol=1e-10)


def test_the_domain_reaches_score_transform_and_probabilities(task):
    X, y, X_target, y_target = task
    pipeline = make_adaptation_pipeline(SubspaceAlignment(3), LogisticRegression()).fit(X, y, X_target=X_target)
    for domain, rows, labels in (("source", X, y), ("target", X_target, y_target)):
        predictions = pipeline.predict(rows, domain=domain)
        assert pipeline.score(rows, labels, domain=domain) == (predictions == labels).mean()
        P = pipeline.predict_proba(rows, domain=domain)
        np.testing.assert_array_equal(pipeline.classes_[P.argmax(axis=1)], predictions)
        Z = pipeline[:-1].transform(rows, domain=domain)
        np.testing.assert_array_equal(Z, pipeline[0].transform(rows, domain=domain))
    weights = (y_target == "ant").astype(float)
    weighted = pipeline.score(X_target, y_target, weights)
    assert weighted == (pipeline.predict(X_target) == y_target)[y_target == "ant"].mean()


def test_a_domain_is_taken_as_an_array(task):
    X, y, X_target, _ = task
    by_domain = build().fit(X, y, X_target=Domain(X_target))
    by_array = build().fit(X, y, X_target=X_target)
    np.testing.assert_array_equal(by_domain.predict(Domain(X_target)), by_array.predict(X_target))


def test_a_later_step_meets_the_target_as_the_steps_before_have_left_it(task):
    X, y, X_target, _ = task
    pipeline = make_adaptation_pipeline(StandardScaler(), PCA(2), Spy(), LinearSVC()).fit(X, y, X_target=X_target)
    np.testing.assert_array_equal(pipeline["spy"].target_, pipeline[:2].transform(X_target))
    # Fitted on the source alone: its target rows come out far from zero.
    assert abs(pipeline[:1].transform(X_target).mean()) > 0.3


def test_every_fold_sees_all_target_rows_of_a_domain(task):
    X, y, X_target, _ = task
    pipeline = make_adaptation_pipeline(StandardScaler(), Spy(), SubspaceAlignment(), LinearSVC())
    search = GridSearchCV(
        pipeline,
        {"subspacealignment__n_components": [2, 4]},
        scoring=validator_scorer("reverse-svm", X_target=X_target),
        cv=3,
    )
    search.fit(X, y, X_target=Domain(X_target))
    assert Spy.notes == [(60, 90)] * 6 + [(90, 90)]
    assert search.predict(X_target).shape == (90,)


def test_a_bare_array_that_cross_validation_has_cut_is_warned_of(task):
    X, y, X_target, _ = task
    scoring = validator_scorer("source-accuracy")
    with pytest.warns(UserWarning, match=r"cut it like X.*dacompare\.Domain"):
        cross_val_score(build(), X, y, cv=3, scoring=scoring, params={"X_target": X_target})
    build().fit(X, y, X_target=X_target)  # outside of cross-validation nothing is cut, and nothing said


def test_the_bare_default_score_in_cross_validation_is_warned_of(task):
    X, y, X_target, _ = task
    with pytest.warns(UserWarning, match="validator_scorer"):
        cross_val_score(build(), X, y, cv=3, params={"X_target": Domain(X_target)})
    plain = make_adaptation_pipeline(StandardScaler(), LinearSVC())
    cross_val_score(plain, X, y, cv=3)


def test_a_network_in_the_middle_has_no_domain(task):
    X, y, X_target, _ = task
    pipeline = make_adaptation_pipeline(LayeredNetwork(), SubspaceAlignment(2), LinearSVC())
    pipeline.fit(X, y, X_target=Domain(X_target))
    assert Spy.notes == [(90, 90)]
    assert pipeline.predict(X, domain="source").shape == (90,)


def test_the_last_step_may_adapt(task):
    X, y, X_target, y_target = task
    pipeline = make_adaptation_pipeline(StandardScaler(), SubspaceSweep((2, 4))).fit(X, y, X_target=X_target)
    scaled = pipeline[0].transform
    alone = SubspaceSweep((2, 4)).fit(scaled(X), y, X_target=scaled(X_target))
    np.testing.assert_array_equal(pipeline.predict(X_target), alone.predict(scaled(X_target)))
    expected = (alone.predict(scaled(X), domain="source") == y).mean()
    assert pipeline.score(X, y, domain="source") == expected
    assert pipeline.score(X_target, y_target) == alone.score(scaled(X_target), y_target)


def test_a_pipeline_that_ends_in_a_transformer(task):
    X, y, X_target, _ = task
    pipeline = make_adaptation_pipeline(StandardScaler(), SubspaceAlignment(2))
    Z = pipeline.fit_transform(X, y, X_target=X_target)
    np.testing.assert_array_equal(Z, pipeline.transform(X, domain="source"))
    assert pipeline.get_feature_names_out().tolist() == ["subspacealignment0", "subspacealignment1"]
    assert not hasattr(pipeline, "predict")
    assert not hasattr(build(), "transform")


def test_passthrough_steps_pass(task):
    X, y, X_target, _ = task
    pipeline = build().set_params(standardscaler="passthrough").fit(X, y, X_target=X_target)
    bare = make_adaptation_pipeline(SubspaceAlignment(3), LinearSVC()).fit(X, y, X_target=X_target)
    np.testing.assert_array_equal(pipeline.predict(X_target), bare.predict(X_target))


def test_without_a_target_it_is_an_ordinary_pipeline(task):
    X, y = task[:2]
    pipeline = build().fit(X, y)
    np.testing.assert_array_equal(pipeline.predict(X), pipeline.predict(X, domain="source"))


def test_clone_parameters_pickle_and_memory(task, tmp_path):
    X, y, X_target, _ = task
    pipeline = build().set_params(subspacealignment__n_components=2, memory=str(tmp_path))
    copy = clone(pipeline)
    assert isinstance(copy, AdaptationPipeline)
    assert copy.get_params()["subspacealignment__n_components"] == 2
    copy.fit(X, y, X_target=X_target)
    again = pickle.loads(pickle.dumps(copy))
    np.testing.assert_array_equal(again.predict(X_target), copy.predict(X_target))
    np.testing.assert_array_equal(clone(again).fit(X, y, X_target=X_target).predict(X_target), copy.predict(X_target))


def test_routing_is_on_inside_only(task):
    X, y, X_target, _ = task
    build().fit(X, y, X_target=X_target)
    assert get_config()["enable_metadata_routing"] is False


def test_it_works_where_the_user_has_turned_routing_on(task):
    X, y, X_target, _ = task
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(
            build(), {"subspacealignment__n_components": [2, 3]}, scoring=validator_scorer("source-accuracy"), cv=3
        ).fit(X, y, X_target=Domain(X_target))
    assert search.best_score_ > 0.8


def test_nested_pipelines_hand_the_domain_down(task):
    X, y, X_target, _ = task
    nested = make_adaptation_pipeline(make_adaptation_pipeline(StandardScaler(), SubspaceAlignment(3)), LinearSVC())
    nested.fit(X, y, X_target=X_target)
    flat = build().fit(X, y, X_target=X_target)
    np.testing.assert_array_equal(nested.predict(X, domain="source"), flat.predict(X, domain="source"))


def test_a_target_that_no_step_takes_is_refused(task):
    X, y, X_target, _ = task
    with pytest.raises(TypeError, match=r"no step of this pipeline \('standardscaler', 'linearsvc'\) takes X_target"):
        make_adaptation_pipeline(StandardScaler(), LinearSVC()).fit(X, y, X_target=X_target)


def test_a_class_that_does_not_ask_for_the_target_is_told_how(task):
    class Silent(TransformerMixin, BaseEstimator):
        def fit(self, X, y=None, *, X_target=None):
            return self

        def transform(self, X):
            return X

    X, y, X_target, _ = task
    with pytest.raises(TypeError, match=r"fit of the step 'silent' has X_target.* into the class Silent"):
        make_adaptation_pipeline(Silent(), LinearSVC()).fit(X, y, X_target=X_target)


def test_a_third_domain_is_refused(task):
    X, y = task[:2]
    with pytest.raises(ValueError, match="domain must be one of 'source', 'target', got 'test'"):
        build().fit(X, y).predict(X, domain="test")


@pytest.mark.parametrize(
    ("step", "name"),
    [
        (make_pipeline(StandardScaler(), DomainScaling()), "pipeline"),
        (make_union(DomainScaling(), SubspaceAlignment(2)), "featureunion"),
        (make_column_transformer((DomainScaling(), [5, 4, 3, 2, 1, 0])), "columntransformer"),
        (make_pipeline(make_adaptation_pipeline(DomainScaling())), "pipeline"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_step_that_would_lose_the_domain_is_refused(task, step, name):
    X, y, X_target, _ = task
    pipeline = make_adaptation_pipeline(step, LinearSVC())
    with pytest.raises(TypeError, match=f"step '{name}' .* cannot tell them .* make_adaptation_pipeline"):
        pipeline.fit(X, y, X_target=X_target)
    pipeline.fit(X, y)  # nothing is adapted, so nothing is lost


def test_a_last_step_that_would_lose_the_domain_is_refused(task):
    X, y, X_target, _ = task
    for last in (make_pipeline(SubspaceAlignment(2), LinearSVC()), GridSearchCV(SubspaceSweep(2), {"C": [1.0]}, cv=3)):
        with pytest.raises(TypeError, match="GridSearchCV around the whole"):
            make_adaptation_pipeline(StandardScaler(), last).fit(X, y, X_target=X_target)


def test_composites_that_take_no_target_stand_in_front_and_behind(task):
    X, y, X_target, _ = task
    columns = make_column_transformer((StandardScaler(), [0, 1, 2]), remainder="passthrough")
    search = GridSearchCV(make_pipeline(PCA(2), LinearSVC()), {"linearsvc__C": [0.1, 1.0]}, cv=3)
    front = make_union(make_pipeline(StandardScaler(), PCA(3)), columns)
    pipeline = make_adaptation_pipeline(front, SubspaceAlignment(3), search).fit(X, y, X_target=X_target)
    assert pipeline.score(X, y, domain="source") > 0.8


def test_a_source_that_is_a_domain_is_taken_as_an_array(task):
    X, y, X_target, _ = task
    by_domain = build().fit(Domain(X), y, X_target=Domain(X_target))
    expected = build().fit(X, y, X_target=X_target).decision_function(X_target)
    np.testing.assert_array_equal(by_domain.decision_function(X_target), expected)
    aligned = make_adaptation_pipeline(SubspaceAlignment(2)).fit_transform(Domain(X), y, X_target=X_target)
    np.testing.assert_array_equal(aligned, SubspaceAlignment(2).fit_transform(X, X_target=X_target))


def test_a_parameter_that_no_step_has_asked_for_is_refused_with_the_way_out(task):
    X, y, X_target, _ = task
    weights = np.linspace(0, 1, 90)
    pipeline = make_adaptation_pipeline(StandardScaler(), SubspaceAlignment(3), LinearSVC())
    way_out = r"asked for 'linearsvc__sample_weight'; call set_fit_request\(sample_weight='linearsvc__sample_weight'\)"
    with pytest.raises(TypeError, match=way_out):
        pipeline.fit(X, y, X_target=X_target, linearsvc__sample_weight=weights)
    with pytest.raises(TypeError, match=r"asked for 'subspacealignment__X_target'; pass X_target=\.\.\."):
        pipeline.fit(X, y, subspacealignment__X_target=X_target)
    with config_context(enable_metadata_routing=True):
        pipeline["linearsvc"].set_fit_request(sample_weight="linearsvc__sample_weight")
    pipeline.fit(X, y, X_target=X_target, linearsvc__sample_weight=weights)
    scaled = StandardScaler().fit(X)  # without weights
    Z = SubspaceAlignment(3).fit_transform(scaled.transform(X), X_target=scaled.transform(X_target))
    expected = LinearSVC().fit(Z, y, sample_weight=weights).predict(Z)
    np.testing.assert_array_equal(pipeline.predict(X, domain="source"), expected)
    scores = cross_val_score(
        pipeline,
        X,
        y,
        cv=3,
        scoring=validator_scorer("source-accuracy"),
        params={"X_target": Domain(X_target), "linearsvc__sample_weight": weights},
    )
    assert scores.min() > 0.5


@pytest.mark.parametrize("alias", ["X_source_test", "held_out"])
def test_held_out_rows_that_would_pass_by_the_steps_in_front_are_refused(task, alias):
    X, y, X_target, _ = task
    with config_context(enable_metadata_routing=True):
        sweep = SubspaceSweep((2, 4)).set_fit_request(X_source_test=alias, y_source_test=True)
    rows = {"X_target": X_target[:70], alias: X[60:], "y_source_test": y[60:]}
    for last in (sweep, make_adaptation_pipeline(sweep), make_adaptation_pipeline(StandardScaler(), sweep)):
        pipeline = make_adaptation_pipeline(StandardScaler(), last)
        with pytest.raises(TypeError, match=f"would get '{alias}' as it is, past the steps in front .*leave it and"):
            pipeline.fit(X[:60], y[:60], **rows)
        pipeline.fit(X[:60], y[:60], X_target=X_target[:70])  # the way out
    alone = SubspaceSweep((2, 4)).fit(
        X[:60], y[:60], X_target=X_target[:70], X_source_test=X[60:], y_source_test=y[60:]
    )
    for steps in ((sweep,), ("passthrough", sweep)):  # nothing stands in front
        pipeline = make_adaptation_pipeline(*steps).fit(X[:60], y[:60], **rows)
        for name, scores in alone.validator_scores_.items():
            np.testing.assert_array_equal(pipeline[-1].validator_scores_[name], scores)


class Shift(BaseEstimator):
    """Move the source onto the target, with no ``fit_transform``: scikit-learn calls ``transform`` by its default."""

    __metadata_request__fit = {"X_target": True}
    __metadata_request__transform = {"domain": True}

    def fit(self, X, y=None, *, X_target=None):
        self.shift_ = X_target.mean(axis=0) - X.mean(axis=0)
        return self

    def transform(self, X, *, domain="target"):
        return X + self.shift_ if domain == "source" else X


class MixedShift(TransformerMixin, Shift):
    """The same, with the ``fit_transform`` of scikit-learn."""


class WholeShift(MixedShift):
    def fit_transform(self, X, y=None, *, X_target=None):
        return self.fit(X, y, X_target=X_target).transform(X, domain="source")


class SourceFirstShift(MixedShift):
    def transform(self, X, *, domain="source"):
        return super().transform(X, domain=domain)


class LearntShift(Aligner):
    """As docs/writing-a-method.md has it."""

    def _learn(self, X, X_target, y):
        self.shift_ = X_target.mean(axis=0) - X.mean(axis=0)

    def _map(self, X, domain):
        return X + self.shift_ if domain == "source" else X


@pytest.mark.parametrize("step", [Shift(), MixedShift()], ids=["none", "inherited"])
def test_a_step_that_would_train_the_next_one_in_the_target_s_map_is_refused(task, step):
    X, y, X_target, _ = task
    why = r"has no fit_transform of its own, .*Aligner, or give it a fit_transform\(.*domain=\"source\"\)\."
    pipeline = make_adaptation_pipeline(StandardScaler(), step, LinearSVC())
    with pytest.raises(TypeError, match=f"the step '{type(step).__name__.lower()}' {why}"):
        pipeline.fit(X, y, X_target=X_target)
    ends = make_adaptation_pipeline(StandardScaler(), step)
    with pytest.raises(TypeError, match=why):
        ends.fit_transform(X, y, X_target=X_target)
    scaled = StandardScaler().fit(X).transform
    expected = step.fit(scaled(X), X_target=scaled(X_target)).transform(scaled(X), domain="source")
    np.testing.assert_array_equal(ends.fit(X, y, X_target=X_target).transform(X, domain="source"), expected)


@pytest.mark.parametrize("step", [WholeShift(), SourceFirstShift(), LearntShift()], ids=lambda s: type(s).__name__)
def test_a_step_of_one_s_own_trains_the_next_one_in_the_source_s_map(task, step):
    X, y, X_target, _ = task
    pipeline = make_adaptation_pipeline(step, LinearSVC()).fit(X, y, X_target=X_target)
    moved = X + X_target.mean(axis=0) - X.mean(axis=0)
    np.testing.assert_array_equal(pipeline.predict(X_target), LinearSVC().fit(moved, y).predict(X_target))
