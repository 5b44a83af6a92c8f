import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.svm import LinearSVC

from dacompare import Domain, Transfer, compare
from dacompare.recipe import recipe_from_dict
from dacompare.shallow import RawFeatures, linear_svm
from tests.estimator_battery import assert_passes_the_battery


@pytest.fixture
def blobs():
    return make_blobs(240, centers=3, n_features=5, cluster_std=4.0, random_state=0)


def test_it_is_the_shared_svm_on_the_rows_divided_by_one_number(blobs):
    X, y = blobs
    raw = RawFeatures().fit(X, y, X_target=X + 100)
    scale = np.sqrt((X**2).sum(axis=1).mean())
    svm = linear_svm().fit(X / scale, y)
    np.testing.assert_array_equal(raw.predict(X + 1), svm.predict((X + 1) / scale))
    np.testing.assert_array_equal(raw.transform(X), X)


def test_scores_of_two_classes_are_two_and_agree_with_the_prediction(blobs):
    X, y = blobs
    raw = RawFeatures().fit(X[y < 2], y[y < 2])
    features, scores = raw.features_and_scores(X)
    assert scores.shape == (240, 2)
    np.testing.assert_array_equal(raw.classes_[scores.argmax(axis=1)], raw.predict(X))
    np.testing.assert_allclose(scores[:, 1] - scores[:, 0], raw.decision_function(X))
    assert features is not None


def test_labels_of_any_type_are_kept(blobs):
    X, y = blobs
    raw = RawFeatures().fit(X, np.array(["a", "b", "c"])[y])
    assert set(raw.predict(X)) <= {"a", "b", "c"}
    assert isinstance(raw.classifier_, LinearSVC)


@pytest.mark.parametrize("test", [True, False])
def test_a_comparison_without_a_network(blobs, test):
    X, y = blobs
    rest = {"X_target_test": X[160:] + 1, "y_target_test": y[160:]} if test else {}
    transfer = Transfer.from_arrays(X, y, X[:160] + 1, y[:160], **rest)
    methods = ["source-only", "sa", "train-on-target"]
    data = compare(transfer, methods=methods, network={"name": "none"}, seeds=[0, 1], n_jobs=1).data
    assert {row["status"] for row in data["rows"]} == {"ok"}
    rows = {row["method"]: row for row in data["rows"]}
    assert {row["network_target_accuracy"] for row in data["rows"]} == {None}
    assert rows["source-only"]["steps"] is None
    assert {e["features"] for e in data["embedding"]} == {"source-only"}
    assert data["history"] == []
    assert rows["train-on-target"]["target_accuracy"] > 0.8


def _recipe(**more):
    return recipe_from_dict(
        {
            "schema": "dacompare-recipe/1", "slug": "s", "title": "T", "network": {"name": "none"},
            "source": {"domain": "digits"}, "target": {"domain": "digits"},
            "method": [{"name": "source-only"}], **more,
        }
    )  # fmt: skip


def test_what_needs_a_network_is_refused_in_words():
    with pytest.raises(ValueError, match=r"method dann trains a network, and network.name = 'none'"):
        _recipe(method=[{"name": "source-only"}, {"name": "dann"}])
    with pytest.raises(ValueError, match=r"embedding.layer = 'extractor' needs a network"):
        _recipe(embedding={"layer": "extractor"})
    with pytest.raises(ValueError, match=r"protocol.head = 'network' needs a network"):
        _recipe(protocol={"head": "network"})


@pytest.mark.filterwarnings("ignore:failed")
def test_the_nearest_neighbour_may_stand_where_the_svm_stands(blobs):
    X, y = blobs
    transfer = Transfer.from_arrays(X, y, X + 1, y)
    settings = {"network": {"name": "none"}, "protocol": {"classifier": "1-nn"}, "seeds": [0], "n_jobs": 1}
    methods = ["source-only", "sa-fixed", "train-on-target"]
    data = compare(transfer, methods=methods[:1], **settings).data
    source, test = transfer.source, transfer.target
    nearest = ((test.X[:, None] - source.X[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert data["rows"][0]["target_accuracy"] == pytest.approx((source.y[nearest] == test.y).mean(), abs=1e-6)
    too_many = {"name": "sa-20", "method": "sa-fixed", "params": {"n_components": 20}}
    narrow, failed = compare(transfer, methods=[*methods[:2], too_many, methods[2]], **settings).data["rows"][1:3]
    assert narrow["status"] == "ok"  # a default is cut to the columns, what somebody asks for is not
    assert "n_components must be between 1 and 5, got 20" in failed["reason"]
    with pytest.raises(ValueError, match=r"'1-nn' has no sweep; use 'sa-fixed' instead of method sa"):
        compare(transfer, methods=["source-only", "sa"], **settings)


def test_a_row_may_have_a_name_of_its_own():
    rows = [{"name": "source-only"}, {"name": "sa-few", "method": "sa", "n_components": 3}, {"name": "sa"}]
    recipe = _recipe(method=rows)
    assert [row["name"] for row in recipe.method] == ["source-only", "sa-few", "sa"]
    assert recipe.method[1]["label"] == "Subspace alignment"
    assert recipe_from_dict(recipe.to_dict()) == recipe
    with pytest.raises(ValueError, match=r"method 1.*did you mean 'source-only'"):
        _recipe(method=[{"name": "mine", "method": "source-onl"}])
    with pytest.raises(ValueError, match=r"name must be lower-case letters"):
        _recipe(method=[{"name": "My Row", "method": "sa"}])


def test_scikit_learns_own_battery():
    assert_passes_the_battery(RawFeatures())


def test_rows_may_be_those_of_a_domain(blobs):
    X, y = blobs
    np.testing.assert_array_equal(
        RawFeatures().fit(Domain(X), y).predict(Domain(X)), RawFeatures().fit(X, y).predict(X)
    )
