import pickle

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.svm import LinearSVC

from dacompare import METHODS, Domain, DomainScaling, Transfer, compare, make_adaptation_pipeline, validator_scorer
from dacompare.methods import Method
from dacompare.shallow import SampleDomainAligner, SampleDomainWeighting
from tests.estimator_battery import assert_passes_the_battery


class Scaling(BaseEstimator):
    """z-scores of each domain, by an adapter that takes both in one array."""

    def __init__(self, with_mean=True):
        self.with_mean = with_mean

    def fit_transform(self, X, y=None, *, sample_domain=None):
        self.seen_ = X.copy(), y, sample_domain
        domains = {number: X[sample_domain == number] for number in np.unique(sample_domain)}
        self.scales_ = {number: np.where(rows.std(axis=0), rows.std(axis=0), 1) for number, rows in domains.items()}
        self.means_ = {number: self.with_mean * rows.mean(axis=0) for number, rows in domains.items()}
        return self.transform(X, sample_domain=sample_domain, allow_source=True)

    def transform(self, X, y=None, *, sample_domain=None, allow_source=False):
        if not allow_source and (sample_domain >= 0).any():
            raise ValueError("source rows are not allowed")
        for number in np.unique(sample_domain):
            rows = sample_domain == number
            # In place, as some adapters work.
            X[rows] = (X[rows] - self.means_[number]) / self.scales_[number]
        return X


class Weights(BaseEstimator):
    """Gives the weights that it is told."""

    def __init__(self, values=None):
        self.values = values

    def fit_transform(self, X, y=None, *, sample_domain=None):
        self.seen_ = X, y, sample_domain
        return X, {"sample_weight": self.values}


class Labels(BaseEstimator):
    """Gives labels to target rows."""

    def fit_transform(self, X, y=None, *, sample_domain=None):
        return X, np.zeros(len(X)), {}


@pytest.fixture
def task(rng):
    y = np.array(["cat", "dog"])[np.arange(60) % 2]
    X = rng.normal(size=(60, 3)) + 5.0 * (y == "dog")[:, None]
    return X, y, 0.1 * X[:44] + 5


def test_rows_and_labels_are_stacked_as_skada_wants_them(task):
    X, y, X_target = task
    rows, labels, sample_domain = SampleDomainAligner(Scaling()).fit(X, y, X_target=X_target).adapter_.seen_
    np.testing.assert_array_equal(rows, np.concatenate([X, X_target]))
    assert labels.tolist() == [0, 1] * 30 + [-1] * 44
    assert sample_domain.tolist() == [1] * 60 + [-2] * 44


def test_labels_that_skada_could_not_take_are_numbered(task):
    X, _, X_target = task
    for values in ([-1, 1], [-1.0, 0.0], ["no", "yes"], [False, True]):
        labels = SampleDomainAligner(Scaling()).fit(X, np.array(values * 30), X_target=X_target).adapter_.seen_[1]
        assert labels.tolist() == [0, 1] * 30 + [-1] * 44
    assert SampleDomainAligner(Scaling()).fit(X, X_target=X_target).adapter_.seen_[1] is None


def test_each_domain_goes_through_its_own_map(task):
    X, y, X_target = task
    aligner = SampleDomainAligner(Scaling())
    own = DomainScaling().fit(X, X_target=X_target)
    np.testing.assert_allclose(
        aligner.fit_transform(X, y, X_target=Domain(X_target)), own.transform(X, domain="source")
    )
    np.testing.assert_allclose(aligner.transform(X_target), own.transform(X_target))
    assert aligner.n_components_ == 3
    assert aligner.get_feature_names_out()[-1] == "sampledomainaligner2"


def test_without_a_target_the_source_stands_for_it(task):
    aligner = SampleDomainAligner(Scaling()).fit(task[0])
    np.testing.assert_array_equal(aligner.transform(task[0]), aligner.transform(task[0], domain="source"))


def test_an_adapter_that_writes_to_its_input_changes_nothing(task):
    X, y, X_target = (part.copy() for part in task)
    aligner = SampleDomainAligner(Scaling()).fit(X, y, X_target=X_target)
    aligner.transform(X, domain="source")
    for before, after in zip(task, (X, y, X_target), strict=True):
        np.testing.assert_array_equal(before, after)
    assert not hasattr(aligner.adapter, "means_")


def test_weights_have_mean_one_and_only_those_of_the_source_are_kept(task):
    X, y, X_target = task
    given = np.concatenate([np.arange(60.0), np.full(44, 1e9)])
    weighting = SampleDomainWeighting(Weights(given)).fit(X, y, X_target=X_target)
    np.testing.assert_allclose(weighting.weights_, given[:60] / 29.5)
    assert weighting.adapter_.seen_[1].tolist() == [0, 1] * 30 + [-1] * 44
    assert weighting.score(X, y) > 0.9
    assert SampleDomainWeighting(Weights(given)).fit(X, y).weights_.tolist() == [1.0] * 60


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
def test_weights_that_are_no_weights_are_refused(task, bad):
    X, y, X_target = task
    for values in (np.r_[bad, np.ones(103)], np.zeros(104)):
        with pytest.raises(ValueError, match="must be finite and not negative, and one at least above 0"):
            SampleDomainWeighting(Weights(values)).fit(X, y, X_target=X_target)


def test_adapters_of_the_other_kind_are_refused_with_the_class_that_takes_them(task):
    X, y, X_target = task
    with pytest.raises(TypeError, match="gives rows and sample_weight, not rows alone; SampleDomainWeighting takes"):
        SampleDomainAligner(Weights(np.ones(104))).fit(X, y, X_target=X_target)
    with pytest.raises(TypeError, match="gives rows, not rows and their sample_weight.\\s*SampleDomainAligner takes"):
        SampleDomainWeighting(Scaling()).fit(X, y, X_target=X_target)
    for wrapper in (SampleDomainAligner, SampleDomainWeighting):
        with pytest.raises(TypeError, match="gives rows and labels"):
            wrapper(Labels()).fit(X, y, X_target=X_target)


def test_an_adapter_that_gives_no_rows_is_named(task):
    class Flat(Scaling):
        def fit_transform(self, X, y=None, **params):
            return super().fit_transform(X, y, **params)[:, 0]

    X, y, X_target = task
    with pytest.raises(ValueError, match=r"adapter=Flat\(\) must give a row for each row, got an array of shape"):
        SampleDomainAligner(Flat()).fit(X, y, X_target=X_target)


def test_labels_of_another_length_are_refused(task):
    with pytest.raises(ValueError, match="one label for each of the 60 source rows"):
        SampleDomainAligner(Scaling()).fit(task[0], task[1][:-1], X_target=task[2])


def test_a_grid_search_reaches_into_the_adapter(task):
    X, y, X_target = task
    pipeline = make_adaptation_pipeline(SampleDomainAligner(Scaling()), LinearSVC())
    grid = {"sampledomainaligner__adapter__with_mean": [True, False]}
    search = GridSearchCV(pipeline, grid, scoring=validator_scorer("source-accuracy"), cv=3)
    search.fit(X, y, X_target=Domain(X_target))
    assert set(search.cv_results_["param_sampledomainaligner__adapter__with_mean"]) == {True, False}


def test_clone_and_pickle(task):
    X, y, X_target = task
    aligner = SampleDomainAligner(Scaling()).fit(X, y, X_target=X_target)
    again = pickle.loads(pickle.dumps(aligner))
    np.testing.assert_array_equal(again.transform(X_target), aligner.transform(X_target))
    assert repr(clone(aligner)) == "SampleDomainAligner(adapter=Scaling())"
    assert repr(clone(SampleDomainWeighting(Weights()))) == "SampleDomainWeighting(adapter=Weights())"


@pytest.mark.filterwarnings("ignore:failed")
def test_they_are_rows_of_a_comparison(task, monkeypatch):
    """Scaling undoes this shift and gain entirely; weights that drop all dogs leave nothing to tell."""
    X, y, X_target = task
    weights = np.concatenate([(y == "cat").astype(float), np.ones(44)])
    rows = {
        "scaling": lambda row, seed: SampleDomainAligner(Scaling()),
        "cats": lambda row, seed: SampleDomainWeighting(Weights(weights)),
        "own": lambda row, seed: DomainScaling(),
        "labels": lambda row, seed: SampleDomainAligner(Labels()),
    }
    for name, build in rows.items():
        monkeypatch.setitem(METHODS, name, Method(name, "shallow", build, adapts=True))
    transfer = Transfer.from_arrays(X, y, X_target, y[:44], test_size=None)
    results = compare(transfer, methods=["source-only", *rows], network={"name": "none"}, seeds=[0], n_jobs=1)
    found = {row["method"]: row for row in results.data["rows"]}
    accuracies = {name: found[name]["target_accuracy"] for name in ("source-only", "scaling", "own", "cats")}
    assert accuracies == {"source-only": 0.5, "scaling": 1.0, "own": 1.0, "cats": 0.5}
    assert found["cats"]["predicted_counts"] == [44, 0]
    assert found["labels"]["status"] == "failed"
    assert "adapter=Labels() gives rows and labels" in found["labels"]["reason"]


@pytest.mark.parametrize(
    "estimator", [SampleDomainAligner(Scaling()), SampleDomainWeighting(Weights(), LogisticRegression())]
)
def test_scikit_learns_own_battery(estimator):
    assert_passes_the_battery(estimator)


@pytest.mark.parametrize("missing", [np.nan, None])
def test_a_missing_label_is_no_class(task, missing):
    X, y, X_target = task
    labels = y.astype(object)
    labels[3] = missing
    with pytest.raises(ValueError, match=rf"y holds {missing} \(first in row 3\); NaN is no label here"):
        SampleDomainAligner(Scaling()).fit(X, labels, X_target=X_target)
    numbers = np.where(np.arange(60) == 3, np.nan, y == "cat")
    with pytest.raises(ValueError, match=r"y holds nan \(first in row 3\)"):
        SampleDomainAligner(Scaling()).fit(X, numbers, X_target=X_target)


def test_weights_for_fewer_rows_than_the_source_has_are_refused(task):
    X, y, X_target = task
    with pytest.raises(ValueError, match=r"(?s)^adapter=Weights.* must give a number for each of the 60 source rows"):
        SampleDomainWeighting(Weights(np.ones(59))).fit(X, y, X_target=X_target)
