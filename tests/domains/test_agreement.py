import warnings

import numpy as np
import pytest

from dacompare.domains import Domain
from dacompare.domains.agreement import (
    check_groups_apart,
    check_labels,
    check_same_rows,
    warn_constant_features,
)


def grey(shape, dtype=np.uint8):
    return Domain(np.zeros(shape, dtype))


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        (
            grey((2, 4, 4)),
            Domain(np.eye(2)),
            "both be images or both be feature vectors, got image and features",
        ),
        (grey((2, 4, 4)), grey((2, 5, 5)), r"rows of one shape, got \(4, 4\) and \(5, 5\); resize"),
        (grey((2, 4, 4)), grey((2, 4, 4), float), "one pixel range, got uint8 and float64"),
        (Domain(np.eye(2)), Domain(np.eye(3)), r"got \(2,\) and \(3,\); give both the same columns"),
        (
            Domain(np.eye(2), feature_names=["a", "b"]),
            Domain(np.eye(2), feature_names=["b", "a"]),
            "column 0 is 'a' and 'b'",
        ),
    ],
)
def test_domains_that_differ_are_refused(source, target, message):
    with pytest.raises(ValueError, match=f"source and target must .*{message}"):
        check_same_rows({"source": source, "target": target})


def test_the_source_needs_labels_of_two_classes():
    with pytest.raises(ValueError, match="source must have labels, got y=None"):
        check_labels({"source": Domain(np.eye(2))})
    with pytest.raises(ValueError, match="at least two classes, got only 'a'"):
        check_labels({"source": Domain(np.eye(2), ["a", "a"])})
    check_labels({"source": Domain(np.eye(2), [0.0, 3.0])})
    with pytest.raises(ValueError, match="source has labels that are fractions, such as 1.5, .*by text"):
        check_labels({"source": Domain(np.eye(2), [0.0, 1.5])})


def test_new_labels_are_named_and_counted():
    source, target = Domain(np.eye(2), [0, 1]), Domain(np.eye(4), [0, 7, 7, 9])
    with pytest.raises(ValueError, match=r"target has 2 labels unseen in source: 7, 9; drop these rows \(3 of 4\)"):
        check_labels({"source": source, "target": target})
    check_labels({"source": source, "target": Domain(np.eye(2)), "target_test": Domain(np.eye(2), [1, 1])})


def test_labels_that_stand_for_unknown_ones_are_told_where_to_go():
    with pytest.raises(ValueError, match="unseen in source: -1; .* give the rows with labels as X_target_test"):
        check_labels({"source": Domain(np.eye(2), [0, 1]), "target": Domain(np.eye(2), [-1, 1])})


def test_labels_of_another_type_are_new_labels():
    with pytest.raises(ValueError, match="unseen in source: '0', '1'"):
        check_labels({"source": Domain(np.eye(2), [0, 1]), "target": Domain(np.eye(2), ["0", "1"])})


def test_groups_must_not_be_in_training_and_test():
    one, two = Domain(np.eye(2), groups=["a", "b"]), Domain(np.eye(2), groups=["b", "c"])
    with pytest.raises(ValueError, match="target and target_test share 1 group: 'b'"):
        check_groups_apart({"source": one, "target": one, "target_test": two})
    with pytest.warns(UserWarning, match="source and target_test share 1 group: 'b'"):
        check_groups_apart({"source": one, "target": Domain(np.eye(2)), "target_test": two})


def test_constant_columns_are_named_and_constant_border_pixels_are_fine():
    named = Domain([[1.0, 2.0, 5.0], [1.0, 2.0, 6.0]], feature_names=["age", "sex", "height"])
    with pytest.warns(UserWarning, match="2 of 3 features of target are constant, the first is column 'age'"):
        warn_constant_features({"target": named})
    images = np.zeros((2, 4, 4), np.uint8)
    with pytest.warns(UserWarning, match="all pixels of source have one value, 0"):
        warn_constant_features({"source": Domain(images)})
    images[0, 2, 2] = 9
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_constant_features({"source": Domain(images)})
