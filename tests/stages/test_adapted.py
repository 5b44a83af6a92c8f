"""What an estimator makes of rows is refused in words where it is none."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.datasets import make_blobs

from dacompare import METHODS, Transfer, compare
from dacompare.methods import Method
from dacompare.stages.adapt import adapt
from dacompare.stages.adapted import mapped_rows
from dacompare.stages.features import Features


class Broken(BaseEstimator):
    """Spoil the rows of a domain."""

    def __init__(self, how, where=("source", "target")):
        self.how = how
        self.where = where

    def fit(self, X, y=None, *, X_target=None):
        return self

    def transform(self, X, *, domain="target"):
        return self.how(X) if domain in self.where else X


def _with_holes(X):
    rows = np.array(X, dtype=np.float64)
    rows[0, 0], rows[1, :] = np.nan, np.inf
    return rows


ROWS = "Broken.transform must return a 2-D array with a row for each that it is given, but of {} it made {}"


@pytest.mark.parametrize(
    ("how", "where", "said"),
    [
        (lambda X: X[:, 0], ("source",), ROWS.format("source rows of shape (4, 2)", "shape (4,)")),
        (lambda X: X[:-1], ("target",), ROWS.format("target rows of shape (3, 2)", "shape (2, 2)")),
        (lambda X: X[:, :, None], ("target",), ROWS.format("target rows of shape (3, 2)", "shape (3, 2, 1)")),
        (lambda X: None, ("source",), ROWS.format("source rows of shape (4, 2)", "NoneType")),
        (lambda X: (X, {"a": 1}), ("source",), ROWS.format("source rows of shape (4, 2)", "tuple")),
        # Where only the rows are wrong that nothing is trained on.
        (
            lambda X: X[:1] if len(X) == 2 else X,
            ("target",),
            ROWS.format("target rows of shape (2, 2)", "shape (1, 2)"),
        ),
        (
            _with_holes,
            ("source",),
            "Broken.transform must return finite numbers, but of source rows of shape (4, 2) it made 3 of 8 NaN or"
            " infinite",
        ),
    ],
)
def test_what_is_no_rows_is_told_by_shape_and_not_by_its_numbers(how, where, said):
    features = Features(np.zeros((4, 2)), np.ones((3, 2)), np.zeros((5, 2)), np.ones((2, 2)))
    with pytest.raises(ValueError, match="Broken") as told:
        adapt(Broken(how, where), features, np.array([0, 1, 0, 1]), {"classifier": "svm", "svm_C": 1.0}, 0)
    assert str(told.value) == said


def test_rows_of_any_type_that_a_classifier_takes_go_through_untouched(recwarn):
    large = np.full((4, 2), 3e38, dtype=np.float32)
    huge = np.full((4, 2), 1e308)  # finite, though their sum is not
    for rows in (np.array([[1, 2]] * 4), [[1.0, 2.0]] * 4, large, huge):
        estimator = Broken(lambda X, rows=rows: rows)
        assert mapped_rows(estimator, np.zeros((4, 2)), "source") is rows
    assert not recwarn.list


@pytest.mark.filterwarnings("ignore:failed")
def test_the_reason_of_a_row_holds_no_array(monkeypatch):
    X, y = make_blobs(160, centers=3, n_features=5, random_state=0)
    transfer = Transfer.from_arrays(X, y, X + 6, y)
    method = Method("Broken", "shallow", lambda row, seed: Broken(lambda X: X[:, 0]), adapts=True)
    monkeypatch.setitem(METHODS, "broken", method)
    results = compare(
        transfer, methods=["source-only", "broken"], seeds=[0], network={"name": "none"}, n_jobs=1
    )  # fmt: skip
    row = results.data["rows"][1]
    assert row["status"] == "failed"
    assert row["reason"].startswith("ValueError: Broken.transform must return a 2-D array")
    assert "\n" not in row["reason"]
    assert len(repr(results)) < 500
