from dataclasses import fields

import numpy as np
import pytest

from dacompare.selection import Candidate, score_candidate
from dacompare.selection.candidate import flat_rows, unusable


def test_no_field_can_hold_a_target_label():
    names = [field.name for field in fields(Candidate)]
    assert [name for name in names if name.startswith("y_")] == ["y_source_test"]
    assert not [name for name in names if "label" in name]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"y_source_test": [0, 1, 0], "source_test_predictions": [0, 1]},
            "y_source_test has 3, source_test_predictions has 2 rows",
        ),
        (
            {"target_features": np.zeros((3, 2)), "target_probabilities": np.eye(4)},
            "target_features has 3, target_probabilities has 4 rows",
        ),
    ],
)
def test_entries_that_describe_the_same_rows_must_be_as_long(parts, message):
    with pytest.raises(ValueError, match=message):
        Candidate(**parts)


def test_lists_are_arrays():
    one = Candidate([0, 1, 1], [0, 1, 0], target_features=[[1.0], [2.0]], target_probabilities=[[0.5, 0.5]] * 2)
    assert score_candidate("source-accuracy", one).value == pytest.approx(2 / 3)
    assert one.target_features.shape == (2, 1)
    assert score_candidate("entropy", one).value == pytest.approx(np.log(2))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"y_source_test": [[0], [1]]}, r"y_source_test must hold one label a row, shape \(n,\), got shape \(2, 1\)"),
        ({"target_features": [1.0, 2.0]}, r"target_features must hold rows, .* got shape \(2,\)"),
        ({"target_probabilities": [0.5, 0.5]}, r"target_probabilities must hold shape \(n, n_classes\)"),
        ({"target_probabilities": [[0.5, 0.5], [5.0, 5.0]]}, "sum to 1 in each row, row 1 sums to 10.0"),
        ({"target_probabilities": [[1.5, -0.5]]}, "target_probabilities must be from 0 on"),
        ({"target_probabilities": [[1.2, -0.2]]}, "row 0 holds -0.2"),
        ({"y_source_test": ["1", "2"], "source_test_predictions": [1, 2]}, "labels must be of one type"),
        (
            {"source_test_features": np.zeros((4, 6)), "target_features": np.zeros((5, 3))},
            r"source_test_features has rows of shape \(6,\), target_features .* \(3,\); all must .* same features",
        ),
        ({"domain_error": 5.0}, "domain_error must be a number from 0 on and up to 1, got 5.0"),
    ],
)
def test_entries_of_another_shape_or_type_are_named(parts, message):
    with pytest.raises(ValueError, match=message):
        Candidate(**parts)


def test_probabilities_that_are_not_finite_are_a_reason_not_an_error():
    broken = Candidate(target_probabilities=np.array([[np.nan, 0.5]]))
    assert score_candidate("bnm", broken).reason == "target_probabilities is not finite"


def test_source_test_and_target_need_not_be_as_long():
    Candidate(y_source_test=np.zeros(3), target_features=np.zeros((5, 2)), source_features=np.zeros((7, 2)))


def test_only_numbers_can_fail_to_be_finite():
    assert unusable("x", np.array(["nan", "inf"])) is None
    assert unusable("x", np.array([1, 2])) is None
    assert unusable("x", np.array([[1.0, -np.inf]])) == "x is not finite"
    assert unusable("x", np.zeros((3, 0))) == "x is empty"
    assert unusable("x", len) is None


def test_images_become_rows_and_numbers_floats(rng):
    images = rng.integers(0, 256, (4, 3, 2, 3), np.uint8)
    rows = flat_rows(images)
    assert rows.shape == (4, 18)
    assert rows.dtype == np.float64
    np.testing.assert_array_equal(rows[2], images[2].ravel())
    assert flat_rows(np.arange(3)).shape == (3, 1)
