"""Confusions are shares of the true class, and the worst classes are named."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.metrics import confusion_matrix

from dacompare import ConfusionDisplay


@pytest.fixture
def ax():
    return Figure().add_subplot()


def test_shares_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    true, said = rng.integers(5, size=200), rng.integers(5, size=200)
    display = ConfusionDisplay.from_predictions(true, said)
    np.testing.assert_allclose(display.shares, confusion_matrix(true, said, normalize="true"))
    assert display.class_names == ["0", "1", "2", "3", "4"]


def test_a_class_that_is_only_predicted_is_no_worst_class(ax):
    display = ConfusionDisplay.from_predictions(["a", "a", "b"], ["a", "z", "b"])
    assert np.isnan(display.shares[2]).all()
    assert [one.name for one in display.worst(9)] == ["a", "b"]
    assert display.worst(9)[1].taken_for is None
    display.plot(ax)
    ax.figure.canvas.draw()


def test_cells_hold_percentages_and_the_title_the_worst(ax):
    display = ConfusionDisplay.from_predictions([0, 0, 0, 0, 1, 1], [0, 1, 1, 1, 1, 1], class_names=["cat $", "dog"])
    display.plot(ax)
    assert {tuple(map(round, text.get_position())): text.get_text() for text in ax.texts} == {
        (0, 0): "25",
        (1, 0): "75",
        (1, 1): "100",
    }
    assert ax.get_title(loc="left") == "Worst class:\ncat $: 25.0 % right, 75.0 % taken for dog"
    ax.figure.canvas.draw()


def test_of_many_classes_only_the_worst_and_what_they_are_taken_for_are_named(ax):
    shares = np.eye(20)
    shares[7] = 0.1 * (np.arange(20) == 7) + 0.9 * (np.arange(20) == 3)
    ConfusionDisplay(shares, [f"sign {k}" for k in range(20)]).plot(ax, n_worst=1)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["sign 7"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["sign 3"]
    assert not ax.texts
    assert ax.get_title(loc="left") == "Worst class:\nsign 7: 10.0 % right, 90.0 % taken for sign 3"


def test_names_at_the_axes_do_not_lie_on_each_other(ax):
    shares = np.eye(60)
    for worse, (true, said) in enumerate([(10, 40), (11, 50), (30, 41)]):
        shares[true, true], shares[true, said] = 0.1 * worse, 1 - 0.1 * worse
    ConfusionDisplay(shares, label="DANN").plot(ax)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["10", "30"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["40", "50"]
    assert ax.get_title(loc="left").splitlines()[:2] == [
        "DANN, worst classes:",
        "10: 0.0 % right, 100.0 % taken for 40",
    ]


def test_where_all_is_right_no_class_is_called_worst(ax):
    ConfusionDisplay(np.eye(3), label="Perfect").plot(ax)
    assert ax.get_title(loc="left") == "Perfect"


def test_seeds_count_alike_however_many_rows_they_have():
    data = {
        "task": {"classes": ["a", "b"]},
        "rows": [
            {"method": "dann", "label": "DANN", "seed": 0, "confusion": [[1, 0], [0, 1]]},
            {"method": "dann", "label": "DANN", "seed": 1, "confusion": [[0, 99], [0, 99]]},
        ],
    }
    display = ConfusionDisplay.from_results(data)
    assert display.shares.tolist() == [[0.5, 0.5], [0.0, 1.0]]
    assert display.label == "DANN"


def test_results_name_the_rows_that_have_matrices(bare):
    with pytest.raises(ValueError, match="method must be one of .*'dann'.* got 'dan', did you mean 'dann'"):
        ConfusionDisplay.from_results(bare(seeds=2), "dan")
    unlabelled = bare(seeds=2, labelled=False)
    with pytest.raises(ValueError, match="the target has no labels"):
        ConfusionDisplay.from_results({**unlabelled, "rows": [{**r, "confusion": None} for r in unlabelled["rows"]]})


def test_a_classifier_is_asked_itself():
    class Always:
        def predict(self, X):
            return np.array(["a"] * len(X))

    display = ConfusionDisplay.from_estimator(Always(), [[1], [2]], ["a", "b"])
    assert display.label == "Always"
    assert display.worst(1)[0].name == "b"


@pytest.mark.parametrize(
    ("true", "said", "message"),
    [
        ([0, 1], [0], r"got shapes \(2,\) and \(1,\)"),
        ([], [], "at least one"),
        ([0, 1], ["0", "1"], "labels of one type, got int64 and <U1"),
    ],
)
def test_labels_that_do_not_belong_together(true, said, message):
    with pytest.raises(ValueError, match=message):
        ConfusionDisplay.from_predictions(true, said)


def test_a_matrix_must_be_square_and_named():
    with pytest.raises(ValueError, match="use ConfusionDisplay.from_predictions"):
        ConfusionDisplay([0, 1, 1])
    with pytest.raises(ValueError, match="the labels in another order"):
        ConfusionDisplay.from_predictions(["cat", "dog"], ["cat", "cat"], class_names=["dog", "cat"])
    with pytest.raises(ValueError, match="class_names must name 2 classes, got 1"):
        ConfusionDisplay(np.eye(2), ["a"])


@pytest.mark.parametrize(
    ("y_true", "y_pred", "message"),
    [([0.0, np.nan], [0.0, 1.0], "y_true holds nan"), ([0.0, 1.0], [np.inf, 1.0], "y_pred holds inf")],
)
def test_what_is_no_label_is_no_class(y_true, y_pred, message):
    with pytest.raises(ValueError, match=message):
        ConfusionDisplay.from_predictions(y_true, y_pred)


def test_no_class_is_the_minus_first_worst():
    display = ConfusionDisplay.from_predictions(["a", "b"], ["a", "a"])
    assert display.worst(0) == []
    with pytest.raises(ValueError, match="n must be a whole number from 0 on, got -1"):
        display.worst(-1)
