import numpy as np
import pytest

from dacompare.domains.checks import check_class_names, check_feature_names, check_groups, check_X, check_y


def test_good_arrays_pass_uncopied():
    for array in (np.zeros((3, 2)), np.zeros((3, 4, 4), np.uint8), np.full((2, 4, 4, 3), 0.5, np.float32)):
        assert check_X(array) is array


def test_nan_and_infinity_are_counted_and_placed():
    X = np.zeros((4, 3))
    X[1, 2] = np.inf
    X[2, 0] = X[3, 1] = np.nan
    with pytest.raises(ValueError, match=r"X_target holds 2 NaN and 1 infinite values, the first at index \(1, 2\)"):
        check_X(X, "X_target")


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (np.zeros(5), ValueError, r"got shape \(5,\); one feature is X.reshape\(-1, 1\)"),
        (np.zeros((1, 1, 1, 1, 1)), ValueError, "must be feature vectors"),
        (np.zeros((0, 3)), ValueError, r"X is empty, shape \(0, 3\)"),
        (np.zeros((3, 0)), ValueError, "X is empty"),
        (
            np.array([[1, "a"], [2, "b"]], dtype=object),
            TypeError,
            r"must hold numbers, got 'a' in index \(0, 1\); encode text columns",
        ),
        (np.array([["a", "b"]]), TypeError, "encode text columns"),
        (np.array([[1j]]), TypeError, "complex"),
        ([[1.0], [1.0, 2.0]], ValueError, "rows of one length"),
        (np.zeros((2, 3, 8, 8), np.uint8), ValueError, r"channels last, .*transpose\(0, 2, 3, 1\)"),
        (np.zeros((2, 8, 8, 2), np.uint8), ValueError, "1 or 3 channels last"),
        (np.full((2, 8, 8), 255.0), ValueError, r"pixels must lie in \[0, 1\], got 255 to 255; divide"),
        (np.full((2, 8, 8), -0.5), ValueError, "Means are subtracted later"),
        (
            np.full((2, 8, 8), 7),
            ValueError,
            r"got dtype int64 with values from 7 to 7; use X.astype\(np.uint8\)",
        ),
    ],
)
def test_bad_rows_are_refused_in_words(X, error, message):
    with pytest.raises(error, match=message):
        check_X(X)


def test_sparse_rows_are_refused_with_the_way_out():
    from scipy.sparse import csr_matrix

    with pytest.raises(TypeError, match=r"X is sparse \(csr_matrix\); use X.toarray\(\)"):
        check_X(csr_matrix(np.eye(2)))


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        ([0, 1], ValueError, "one entry per row of X, 3 in all, got 2"),
        ([[0], [1], [0]], ValueError, r"shape \(n_rows,\), got \(3, 1\); use numpy.ravel\(y\)"),
        ([0.0, np.nan, 1.0], ValueError, r"y holds nan \(first in row 1\).*y=None"),
        (np.array([1, "a", None], dtype=object), TypeError, "one type, got NoneType, int, str"),
        (np.array(["a", np.nan, "b"], dtype=object), TypeError, "got float, str; drop rows without a label"),
        (np.array(["2020-01-01"] * 3, "datetime64[D]"), TypeError, "got dtype datetime64"),
    ],
)
def test_bad_labels_are_refused_in_words(y, error, message):
    with pytest.raises(error, match=message):
        check_y(y, 3)


def test_labels_of_any_plain_type_pass():
    for y in ([0, 1], [-1, 1], [True, False], ["a", "b"], [0.5, 1.5], np.array(["a", "bc"], dtype=object)):
        labels = check_y(y, 2)
        assert labels.tolist() == list(y)
        assert labels.dtype.kind != "O"
    assert check_y(None, 2) is None


def test_groups_must_be_as_long_as_the_rows_and_finite():
    with pytest.raises(ValueError, match="groups_source must have one entry per row of X, 2 in all, got 3"):
        check_groups([1, 2, 3], 2, "groups_source")
    with pytest.raises(ValueError, match="a number of their own"):
        check_groups([1.0, np.nan], 2)


def test_feature_names_go_with_feature_columns():
    with pytest.raises(ValueError, match="one name per column of X, 2, got 1"):
        check_feature_names(["a"], np.zeros((3, 2)))
    with pytest.raises(ValueError, match="X holds images"):
        check_feature_names(["a"], np.zeros((3, 2, 2)))


def test_class_names_go_by_order_or_by_index():
    assert check_class_names(["x", "y"], np.array([3, 5])) == ("x", "y")
    assert check_class_names(["x", "y", "z"], np.array([0, 2])) == ("x", "y", "z")
    with pytest.raises(ValueError, match="class_names must name the 2 sorted labels"):
        check_class_names(["x", "y", "z"], np.array([1, 3]))
    assert check_class_names(["a", "b"], np.array(["a", "b"])) == ("a", "b")
    assert check_class_names(["Cat", "Dog"], np.array(["cat", "dog"])) == ("Cat", "Dog")
    with pytest.raises(ValueError, match=r"labels in another order, .* sort them: \['cat', 'dog'\]"):
        check_class_names(["dog", "cat"], np.array(["cat", "dog"]))


def test_tables_of_numbers_of_several_types_are_taken(rng):
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"size": rng.normal(size=4), "old": [True, False, True, True]})
    table["rooms"] = pandas.array([3, 1, 2, 2], dtype="Int64")
    np.testing.assert_array_equal(check_X(table)[:, 1:], [[1, 3], [0, 1], [1, 2], [1, 2]])
    image = np.zeros((2, 3, 4), object)
    image[0, 1, 3] = "a"
    with pytest.raises(TypeError, match=r"got 'a' in index \(0, 1, 3\)"):
        check_X(image)
    with pytest.raises(ValueError, match="too large for float64"):
        check_X(np.array([[10**400, 1]], dtype=object))
    table["colour"] = "red"
    with pytest.raises(TypeError, match="got 'red' in column 'colour'; encode text columns as numbers"):
        check_X(table)
