import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from dacompare import shallow
from dacompare.domains import Domain
from dacompare.shallow import (
    CorrelationAlignment,
    DomainScaling,
    SubspaceAlignment,
    correlation_alignment,
    domain_scaling,
    subspace_alignment,
)
from dacompare.shallow.aligner import Aligner, check_dimension


class Centring(Aligner):
    """The smallest aligner there is: subtract each domain's own mean."""

    def _learn(self, X, X_target, y):
        self.means_ = {"source": X.mean(axis=0), "target": X_target.mean(axis=0)}
        self._n_features_out = X.shape[1]

    def _map(self, X, domain):
        return X - self.means_[domain]


def test_each_domain_goes_through_its_own_map():
    X, X_target = np.array([[0.0], [2.0]]), np.array([[10.0], [14.0]])
    aligner = Centring()
    assert aligner.fit_transform(X, X_target=X_target).tolist() == [[-1.0], [1.0]]
    assert aligner.transform(X_target).tolist() == [[-2.0], [2.0]]
    assert aligner.transform(X, domain="source").tolist() == [[-1.0], [1.0]]


def test_a_domain_object_is_taken_for_its_rows():
    X, X_target = np.array([[0.0], [2.0]]), Domain([[10.0], [14.0]])
    assert Centring().fit(X, X_target=X_target).transform(X_target).tolist() == [[-2.0], [2.0]]


def test_without_a_target_the_source_is_aligned_with_itself():
    X = np.array([[0.0], [2.0]])
    aligner = Centring().fit(X)
    np.testing.assert_array_equal(aligner.transform(X), aligner.transform(X, domain="source"))


def test_mistakes_are_named():
    X = np.zeros((3, 2))
    with pytest.raises(ValueError, match="X_target has 3 features, but X has 2"):
        Centring().fit(X, X_target=np.zeros((3, 3)))
    with pytest.raises(ValueError, match=r"X_target.*NaN"):
        Centring().fit(X, X_target=np.full((3, 2), np.nan))
    with pytest.raises(ValueError, match="domain must be one of"):
        Centring().fit(X).transform(X, domain="both")
    with pytest.raises(NotFittedError):
        Centring().transform(X)


@pytest.mark.parametrize("wanted", [0, 8, -1])
def test_a_dimension_out_of_range_is_refused_with_the_reason(wanted):
    with pytest.raises(ValueError, match=f"between 1 and 7, got {wanted}: the rows have rank 7"):
        check_dimension(wanted, 7, "the rows have rank 7")


@pytest.mark.parametrize("wanted", [2.0, True, "3"])
def test_a_dimension_that_is_no_whole_number_is_refused(wanted):
    with pytest.raises(TypeError, match="whole number"):
        check_dimension(wanted, 7, "the rows have rank 7")


def test_target_rows_in_the_place_of_labels_are_refused(rng):
    X = rng.normal(size=(20, 3))
    for y in (X + 1, X[:12] + 1, np.zeros(19)):
        with pytest.raises(ValueError, match=r"one label for each of the 20 source rows.*fit\(X, y, X_target=\.\.\.\)"):
            SubspaceAlignment(2).fit(X, y)


def test_the_source_may_be_a_domain(rng):
    X = rng.normal(size=(20, 3))
    expected = SubspaceAlignment(2).fit(X, X_target=X + 1).transform(X)
    np.testing.assert_array_equal(SubspaceAlignment(2).fit(Domain(X), X_target=Domain(X + 1)).transform(X), expected)


def test_maps_from_column_to_column_keep_the_names():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame([[0.0, 1.0], [2.0, 5.0], [1.0, 1.0]], columns=["length", "width"])
    for model in (DomainScaling(), CorrelationAlignment()):
        assert list(model.fit(frame, X_target=frame + 1).get_feature_names_out()) == ["length", "width"]


def test_functions_of_two_domains_need_both(rng):
    for function in (correlation_alignment, domain_scaling, lambda X, X_target: subspace_alignment(X, X_target, 2)):
        with pytest.raises(ValueError, match="X_target must hold the target rows, got None"):
            function(rng.normal(size=(20, 3)), None)


@pytest.mark.parametrize(
    "name", ["OptimalTransport", "DomainInvariantProjection", "CorrelationAlignment", "SubspaceAlignment"]
)
def test_the_source_as_a_target_is_a_target_like_any_other(rng, name):
    """Whether it is the same array or an equal one does not count."""
    if name == "OptimalTransport":
        pytest.importorskip("ot")
    X = rng.normal(size=(40, 4))
    estimator = getattr(shallow, name)()
    same, equal = (estimator.fit_transform(X, X_target=target) for target in (X, X.copy()))
    np.testing.assert_array_equal(same, equal)
