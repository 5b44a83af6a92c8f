import numpy as np
import pytest

from dacompare.shallow import linear_svm
from dacompare.shallow.dimensions import Projected, train_dimensions


@pytest.fixture
def projected(rng):
    y = rng.integers(0, 2, 80)
    Z = rng.normal(size=(80, 4)) + 2 * y[:, None]
    return Projected(Z[:60], y[:60], Z[:60] + 0.3, Z[60:], y[60:])


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
