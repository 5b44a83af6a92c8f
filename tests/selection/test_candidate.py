from dataclasses import fields

import numpy as np
import pytest

from dacompare.selection import Candidate
from dacompare.selection.candidate import flat_rows, unusable


def test_no_field_can_hold_a_target_label():
    names = [field.name for field in fields(Candidate)]
    assert [name for name in names if name.startswith("y_")] == ["y_source_test"]
    assert not [name for name in names if "label" in name]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"y_source_test": 3, "source_test_predictions": 2}, "y_source_test has 3, source_test_predictions has 2 rows"),
        ({"target_features": 3, "target_probabilities": 4}, "target_features has 3, target_probabilities has 4 rows"),
    ],
)
def test_entries_that_describe_the_same_rows_must_be_as_long(parts, message):
    with pytest.raises(ValueError, match=message):
        Candidate(**{name: np.zeros((size, 2)) for name, size in parts.items()})


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
