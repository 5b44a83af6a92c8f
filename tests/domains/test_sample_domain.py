import numpy as np
import pytest

from dacompare.domains import Domain
from dacompare.domains.sample_domain import join_domains, split_domains

X = np.arange(8.0).reshape(4, 2)


def test_rows_go_where_their_sign_says():
    X_source, y_source, X_target, y_target = split_domains(X, [0, 1, 2, 3], [-2, 1, -2, 1])
    assert y_source.tolist() == [1, 3]
    assert y_target.tolist() == [0, 2]
    assert np.array_equal(X_source, X[[1, 3]])
    assert np.array_equal(X_target, X[[0, 2]])


def test_domain_zero_is_a_source():
    assert split_domains(X, [0, 1, 0, 1], [0, 0, -1, -1])[1].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("y", "value"), [([0, 1, -1, 0], "-1"), ([0.0, 1.0, np.nan, 0.0], "nan"), ([0.0, 1.0, -1.0, 0.0], "-1.0")]
)
def test_masked_target_labels_are_refused_and_explained(y, value):
    with pytest.raises(ValueError, match=f'y holds {value} for 1 target row; .*mean "masked"'):
        split_domains(X, y, [1, 1, -2, -2])
    assert split_domains(X, y, [1, 1, -2, -2], labelled=False)[3] is None


def test_a_source_class_called_minus_one_is_refused_both_ways():
    with pytest.raises(ValueError, match="for 2 source rows"):
        split_domains(X, [-1, -1, 1, 1], [1, 1, -2, -2])
    with pytest.raises(ValueError, match="for 1 source row"):
        join_domains(Domain(X[:2], [-1, 1]), Domain(X[2:]))


@pytest.mark.parametrize(
    ("sample_domain", "message"),
    [
        ([1, 2, -2, -2], r"one source \(not negative\), got several, \[1, 2\]"),
        ([1, 1, -2, -3], r"one target \(negative\), got several, \[-3, -2\]"),
        ([1, 1, 1, 1], r"one target \(negative\), got none"),
        ([1, 1, -2], r"sample_domain must have shape \(4,\)"),
        (["s", "s", "t", "t"], "must hold integers"),
    ],
)
def test_other_forms_are_refused(sample_domain, message):
    with pytest.raises((ValueError, TypeError), match=message):
        split_domains(X, [0, 1, 0, 1], sample_domain)


def test_masks_suit_the_type_of_the_labels():
    floats = join_domains(Domain(X[:2], [0.5, 1.5]), Domain(X[2:]))[1]
    assert np.isnan(floats[2:]).all()
    with pytest.raises(ValueError, match="leave no room for skada's mask"):
        join_domains(Domain(X[:2], ["a", "b"]), Domain(X[2:]))
    assert join_domains(Domain(X[:2], ["a", "b"]), Domain(X[2:], ["b", "b"]))[1].tolist() == [
        "a",
        "b",
        "b",
        "b",
    ]
