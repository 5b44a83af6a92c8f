import numpy as np
import pytest

from dacompare.selection import Candidate, score_candidate, source_test_accuracy


@pytest.mark.parametrize("labels", [[0, 1, 2, 1], ["ant", "bee", "cow", "bee"], [0.5, 1.5, 2.5, 1.5]])
def test_it_is_the_share_of_equal_labels(labels):
    assert source_test_accuracy(labels, labels) == 1
    assert source_test_accuracy(labels, labels[::-1]) == 0
    assert source_test_accuracy(labels, [*labels[:3], labels[0]]) == 0.75
    assert source_test_accuracy(labels[:1], labels[:1]) == 1


def test_the_validator_is_the_function(rng):
    y, said = rng.integers(0, 3, (2, 40))
    score = score_candidate("source-accuracy", Candidate(y, said))
    assert score.value == source_test_accuracy(y, said) == np.mean(y == said)


def test_a_series_is_taken_row_by_row():
    pandas = pytest.importorskip("pandas")
    assert source_test_accuracy(pandas.Series([0, 1], index=[7, 8]), pandas.Series([0, 0])) == 0.5


@pytest.mark.parametrize(
    ("y", "said", "message"),
    [
        ([0, 1], [0, 1, 1], r"y and predictions must each hold one label .* got shapes \(2,\) and \(3,\)"),
        ([[0], [1]], [0, 1], r"shape \(n,\), got shapes \(2, 1\) and \(2,\)"),
        ([0, 1], [[0], [1]], r"got shapes \(2,\) and \(2, 1\)"),  # compared as they are, they would make a 2 × 2 table
        ([], [], "y is empty; pass at least one row"),
        ([0.0, np.nan], [0, 1], "y is not finite; .* leave out those with NaN"),
        ([0, 1], [np.nan, 1.0], "predictions is not finite"),
        ([0, 1], ["0", "1"], "y has int64, predictions has <U1; labels must be of one type"),
    ],
)
def test_what_cannot_be_counted_is_named(y, said, message):
    with pytest.raises(ValueError, match=message):
        source_test_accuracy(y, said)
