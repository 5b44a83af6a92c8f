import numpy as np
import pytest
from sklearn.exceptions import DataConversionWarning

from dacompare.domains import Domain
from dacompare.shallow import KernelMeanMatching, LandmarkSelection, RawFeatures, SubspaceSweep
from dacompare.shallow.source_rows import check_labelled_source, source_labels

CLASSIFIERS = [KernelMeanMatching, LandmarkSelection, SubspaceSweep, RawFeatures]


@pytest.mark.parametrize("build", CLASSIFIERS)
def test_target_rows_in_the_place_of_labels_are_refused(rng, build):
    X = rng.normal(size=(20, 3))
    for y in (X + 1, X[:12] + 1, np.zeros(19)):
        with pytest.raises(ValueError, match=r"one label for each of the 20 source rows.*fit\(X, y, X_target=\.\.\.\)"):
            build().fit(X, y)


@pytest.mark.parametrize("build", CLASSIFIERS)
def test_labels_that_cannot_serve_are_refused(rng, build):
    X = rng.normal(size=(20, 3))
    with pytest.raises(ValueError, match=f"{build.__name__} requires y to be passed"):
        build().fit(X, None)
    with pytest.raises(ValueError, match=r"at least two classes to train on, got one class, 0\.0\."):
        build().fit(X, np.zeros(20))
    with pytest.raises(ValueError, match="Input y contains NaN"):
        build().fit(X, np.where(np.arange(20) == 3, np.nan, 1))
    with pytest.raises(ValueError, match="Unknown label type"):
        build().fit(X, X[:, 0])


def test_rows_of_a_domain_come_with_the_names_of_their_columns(rng):
    pytest.importorskip("pandas")
    estimator, X = RawFeatures(), rng.normal(size=(4, 2))
    rows, labels = check_labelled_source(estimator, Domain(X, feature_names=["a", "b"]), [0, 1, 0, 1])
    np.testing.assert_array_equal(rows, X)
    assert labels.tolist() == [0, 1, 0, 1]
    assert estimator.feature_names_in_.tolist() == ["a", "b"]


def test_a_column_of_labels_is_flattened_with_a_warning():
    with pytest.warns(DataConversionWarning):
        assert source_labels([[1], [2]], 2, "it").tolist() == [1, 2]
