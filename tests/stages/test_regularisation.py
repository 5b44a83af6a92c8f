import numpy as np
import pytest
from sklearn.datasets import make_classification

from dacompare.shallow import rms_row_norm
from dacompare.stages.regularisation import SVM_GRID, svm_C

CV = {"classifier": "svm", "svm_C": "cv"}


@pytest.fixture
def rows():
    return make_classification(120, 10, n_informative=3, flip_y=0.3, class_sep=0.5, random_state=0)


def test_what_the_recipe_says_is_taken(rows):
    assert svm_C({"classifier": "svm", "svm_C": 3.0}, *rows, 0) == 3.0
    assert svm_C({"classifier": "1-nn", "svm_C": "cv"}, *rows, 0) == 1.0


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_values_tried_go_with_the_length_of_the_rows(rows, scale):
    X, y = scale * rows[0], rows[1]
    assert round(svm_C(CV, X, y, 0) * rms_row_norm(X) ** 2, 9) in SVM_GRID


def test_more_columns_than_rows_choose_as_the_same_rows_do_in_few(rows):
    X, y = rows
    basis, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(300, 10)))
    np.testing.assert_allclose(svm_C(CV, X @ basis.T, y, 0), svm_C(CV, X, y, 0))
