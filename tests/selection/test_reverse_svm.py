import numpy as np
import pytest

from dacompare.domains import subsample_rows
from dacompare.selection import Candidate, reverse_svm_accuracy, score_candidate
from dacompare.selection.reverse_svm import REVERSE_ROWS
from dacompare.shallow import linear_svm

TARGET, PSEUDO = np.array([[-2.0], [-1.0], [1.0], [2.0]]), np.array(["cat", "cat", "dog", "dog"])
SOURCE, LABELS = np.array([[-3.0], [-0.5], [0.5], [3.0]]), np.array(["cat", "dog", "dog", "dog"])


def test_it_is_what_a_cut_half_way_says_about_the_source():
    # Symmetric rows: the SVM cuts at 0, and is wrong at −0.5 alone.
    assert reverse_svm_accuracy(TARGET, PSEUDO, SOURCE, LABELS) == 0.75
    assert reverse_svm_accuracy(TARGET, PSEUDO[::-1], SOURCE, LABELS) == 0.25


def test_one_pseudo_label_for_all_is_said_everywhere():
    assert reverse_svm_accuracy(TARGET, ["dog"] * 4, SOURCE, LABELS) == 0.75
    assert reverse_svm_accuracy(TARGET, ["eel"] * 4, SOURCE, LABELS) == 0


def test_more_features_than_rows_are_no_other_svm(rng):
    target, source, pseudo = rng.normal(size=(20, 50)), rng.normal(size=(30, 50)), np.arange(20) % 2
    said = linear_svm().fit(target, pseudo).predict(source)
    assert reverse_svm_accuracy(target, pseudo, source, said) == 1


def test_the_validator_is_the_function_on_at_most_so_many_target_rows(rng):
    n = REVERSE_ROWS + 1000
    y, said = rng.integers(0, 2, 300), rng.integers(0, 2, n)
    source, target = rng.normal(size=(300, 2)) + y[:, None], rng.normal(size=(n, 2)) + said[:, None]
    for rows in (np.arange(50), np.arange(n)):
        candidate = Candidate(y, None, source, target[rows], said[rows])
        drawn = rows[subsample_rows(None, REVERSE_ROWS, 0, n_rows=len(rows))]
        assert len(drawn) == min(len(rows), REVERSE_ROWS)
        expected = reverse_svm_accuracy(target[drawn], said[drawn], source, y)
        assert score_candidate("reverse-svm", candidate).value == expected


def test_lists_serve_and_nothing_is_written_to():
    for array in (TARGET, PSEUDO, SOURCE, LABELS):
        array.setflags(write=False)
    by_list = reverse_svm_accuracy(TARGET.tolist(), PSEUDO.tolist(), SOURCE.tolist(), LABELS.tolist())
    assert by_list == reverse_svm_accuracy(TARGET, PSEUDO, SOURCE, LABELS)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"X_target": np.zeros((4, 2))}, r"X_target and X_source_test .* same features.* \(4, 2\) and \(4, 1\)"),
        ({"X_target": np.zeros(4)}, r"shape \(n, n_features\), got shapes \(4,\)"),
        ({"pseudo_labels": PSEUDO[:3]}, r"pseudo_labels must hold one label for each of the 4 rows of X_target"),
        ({"y": LABELS[:3]}, r"y one for each of the 4 of X_source_test, got shapes \(4,\) and \(3,\)"),
        ({"y": np.arange(4)}, "pseudo_labels has <U3, y has int64; labels must be of one type"),
        ({"X_source_test": np.full((4, 1), np.inf)}, "X_source_test is not finite; .* leave out those with NaN"),
        ({"X_target": np.zeros((0, 1)), "pseudo_labels": PSEUDO[:0]}, "X_target is empty; pass at least one row"),
    ],
)
def test_what_cannot_be_learned_from_is_named(changed, message):
    arguments = {"X_target": TARGET, "pseudo_labels": PSEUDO, "X_source_test": SOURCE, "y": LABELS} | changed
    with pytest.raises(ValueError, match=message):
        reverse_svm_accuracy(**arguments)
