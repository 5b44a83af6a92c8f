import numpy as np
import pytest

from dacompare.selection import class_share_warning


def test_shares_that_are_equal_are_never_worth_a_word():
    assert class_share_warning([500, 500], [50, 50]) is None
    assert class_share_warning({"cat": 10_000, "dog": 10_000}, {"dog": 3, "cat": 3}) is None


def test_far_shares_name_the_class_that_leaves_most():
    sentence = class_share_warning({"cat": 800, "dog": 100, "eel": 100}, {"cat": 300, "dog": 300, "eel": 400})
    assert sentence.startswith("80 % of the target rows are predicted as 'cat', which 30 % of the source rows are")
    assert "leave the source's by 50 %" in sentence


def test_a_class_that_only_one_side_knows_counts_as_none_on_the_other():
    sentence = class_share_warning({"cat": 1000}, {"cat": 500, "dog": 500})
    assert "100 % of the target rows are predicted as 'cat'" in sentence
    assert "by 50 %" in sentence
    assert class_share_warning({"cat": 500, "dog": 500}, {"cat": 1000}) is not None
    assert "by 100 %" in class_share_warning({"cat": 20}, {"dog": 20})


def test_arrays_and_mappings_say_the_same():
    by_array = class_share_warning([900, 100], [500, 500])
    assert by_array.replace("class 0", "0") == class_share_warning({0: 900, 1: 100}, {0: 500, 1: 500})
    keys = {np.int64(0): 900, np.int64(1): 100}
    assert class_share_warning(keys, {0: 500, 1: 500}) == class_share_warning({0: 900, 1: 100}, {0: 500, 1: 500})
    assert class_share_warning({"100%": 900, "b": 100}, {"100%": 500, "b": 500}).count("'100%'") == 1


@pytest.mark.parametrize("n_classes", [2, 10])
@pytest.mark.parametrize("n", [20, 300, 5000])
def test_false_alarms_are_rarer_than_one_in_a_thousand(rng, n, n_classes):
    # True shares that are just not "far": 0.1 apart.
    source = np.full(n_classes, 1 / n_classes)
    target = source + 0.1 * np.resize([2 / n_classes, -2 / n_classes], n_classes)
    assert np.abs(target - source).sum() / 2 == pytest.approx(0.1)
    draws = zip(rng.multinomial(n, target, 400), rng.multinomial(n, source, 400), strict=True)
    assert sum(class_share_warning(*pair) is not None for pair in draws) <= 2


def test_a_real_shift_is_seen_where_there_are_rows_enough(rng):
    predicted, source = rng.multinomial(2000, [0.7, 0.2, 0.1]), rng.multinomial(2000, np.full(3, 1 / 3))
    assert class_share_warning(predicted, source) is not None
    # Provably blind: with two rows a side no distance exceeds the allowance, which is then above 1.
    assert class_share_warning([2, 0], [0, 2]) is None


def test_equal_shares_hide_wrong_predictions():
    # It compares shares, not rows: every row may be wrong.
    assert class_share_warning([1000, 1000], [1000, 1000]) is None


@pytest.mark.parametrize(
    ("predicted", "source", "message"),
    [
        ([1, 2], [1, 2, 3], r"one entry per class each, got shapes \(2,\) and \(3,\)"),
        ([[1, 2]], [[1, 2]], "one entry per class"),
        (5, 5, "one entry per class"),
        ([0, 0], [1, 2], r"predicted_counts must be counts from 0 on, at least one above 0, got \[0"),
        ([1, 2], [-1, 2], "source_counts must be counts"),
        ([np.nan, 2], [1, 2], "predicted_counts must be counts"),
        ([], [], "predicted_counts must be counts"),
        ({}, {}, "predicted_counts must be counts"),
        ({"a": 1}, [1], "both be mappings or both arrays"),
        ({"a": 0.95, "b": 0.05}, {"a": 1, "b": 1}, r"predicted_counts must be counts, .* got \[0.95, 0.05\]"),
        (["a", "b"], ["a", "b"], "must be counts, got labels; use collections.Counter"),
        ([1, 2], [33.3, 66.7], "source_counts must be counts, .* shares do not say of how many rows"),
    ],
)
def test_what_are_no_counts_is_refused(predicted, source, message):
    with pytest.raises(ValueError, match=message):
        class_share_warning(predicted, source)


def test_series_are_read_by_their_labels():
    pandas = pytest.importorskip("pandas")
    predicted, source = pandas.Series(["a"] * 900 + ["b"] * 100), pandas.Series(["a"] * 100 + ["b"] * 900)
    said = class_share_warning(predicted.value_counts(), source.value_counts())  # sorted by how often they occur
    assert "class shares leave the source's by 80 %" in said
