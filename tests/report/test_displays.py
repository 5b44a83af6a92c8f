"""Displays draw on the axes they are given, and say what is missing."""

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from dacompare import SubspaceSweep
from dacompare.report import HistoryDisplay, SubspaceSweepDisplay, TSNEDisplay
from dacompare.report.history_display import mean_series
from dacompare.report.sweep_display import mean_curve, seed_curves
from dacompare.statistics import student_interval


@pytest.fixture
def ax():
    return Figure().add_subplot()


@pytest.fixture(scope="module")
def small(sample):
    return sample(points=40, steps=6, seeds=3)


@pytest.fixture
def headless():
    """Use a backend without windows, and put the old one back."""
    from matplotlib import pyplot

    before = matplotlib.get_backend()
    pyplot.switch_backend("agg")
    yield pyplot
    pyplot.close("all")
    pyplot.switch_backend(before)


# t-SNE


def test_domains_differ_in_marker_and_not_in_colour_alone(small, ax):
    display = TSNEDisplay.from_results(small, "dann").plot(ax)
    assert [line.get_marker() for line in ax.lines] == ["o", "x"]
    assert [len(line.get_xdata()) for line in ax.lines] == [40, 40]
    assert display.ax_ is ax
    assert display.figure_ is ax.figure


def test_class_names_stand_at_the_median_of_their_source_rows(ax):
    source = np.array([[0.0, 0.0], [2.0, 2.0], [1.0, 9.0], [5.0, 5.0]])
    display = TSNEDisplay(source, [[7.0, 7.0]], [0, 0, 0, 1], [1], class_names=["cat", "dog $"])
    display.plot(ax, colour_by="class")
    assert {text.get_text(): text.get_position() for text in ax.texts} == {"cat": (1.0, 2.0), "dog $": (5.0, 5.0)}


def test_many_long_names_become_numbers(ax):
    points = np.arange(40.0).reshape(20, 2)
    TSNEDisplay(points, points, np.arange(20), class_names=[f"speed limit {k}" for k in range(20)]).plot(
        ax, colour_by="class"
    )
    assert [text.get_text() for text in ax.texts] == [str(k) for k in range(20)]


def test_embedding_of_features_keeps_labels_beside_their_rows(ax):
    rng = np.random.default_rng(0)
    y = np.array(["low", "high"])[rng.integers(2, size=40)]
    X = rng.normal(size=(40, 3)) + 20 * (y == "high")[:, None]
    display = TSNEDisplay.from_features(X, X[:12] + 1, y, max_points=25, perplexity=5)
    assert (len(display.source), len(display.target), len(display.y_source)) == (25, 12, 25)
    assert display.class_names == ["high", "low"]
    high = display.source[display.y_source == 0]
    low = display.source[display.y_source == 1]
    assert np.linalg.norm(high.mean(axis=0) - low.mean(axis=0)) > max(high.std(), low.std())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.zeros((3, 5)), np.zeros((3, 5))), "source must have the shape .* use TSNEDisplay.from_features"),
        ((np.zeros((3, 2)), np.zeros((2, 2)), [0, 1]), "y_source must hold 3 class positions"),
        ((np.zeros((2, 2)), np.zeros((2, 2)), [0.5, 1.0]), "y_source must hold 2 class positions"),
    ],
)
def test_wrong_arrays_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        TSNEDisplay(*arguments)


def test_by_class_needs_labels(ax):
    with pytest.raises(ValueError, match="needs y_source"):
        TSNEDisplay([[0, 0]], [[1, 1]]).plot(ax, colour_by="class")


def test_features_that_were_not_embedded(small):
    with pytest.raises(ValueError, match="features must be one of 'dann', 'source-only', got 'dan'"):
        TSNEDisplay.from_results(small, "dan")


def test_three_lines_with_plain_arrays(headless):
    rng = np.random.default_rng(0)
    X_source, X_target = rng.normal(size=(20, 3)).tolist(), rng.normal(size=(20, 3)).tolist()
    display = TSNEDisplay.from_features(X_source, X_target)
    assert display.plot().y_source is None
    assert [text.get_text() for text in display.ax_.get_legend().get_texts()] == ["source", "target"]


def test_classes_that_only_the_target_has_get_a_name_too(ax):
    X = np.random.default_rng(0).normal(size=(10, 3))
    display = TSNEDisplay.from_features(X, X + 1, ["a", "b"] * 5, y_target=["b", "c"] * 5)
    assert display.class_names == ["a", "b", "c"]
    assert display.y_target.tolist() == [1, 2] * 5
    display.plot(ax, colour_by="class")
    assert [text.get_text() for text in ax.texts] == ["a", "b", "c"]


def test_target_labels_move_no_point():
    X = np.random.default_rng(0).normal(size=(12, 3))
    plain = TSNEDisplay.from_features(X, X + 1)
    labelled = TSNEDisplay.from_features(X, X + 1, [0, 1] * 6, y_target=[1, 0] * 6)
    assert (plain.source == labelled.source).all()
    assert (plain.target == labelled.target).all()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"y_source": [0]}, r"y_source must have a label for each of 12 source rows, got shape \(1,\)"),
        ({"y_target": [0] * 12}, r"y_target must have a label for each of 8 target rows, got shape \(12,\)"),
        ({"y_source": [0.0] * 11 + [np.nan]}, "y_source holds nan .first in row 11.; NaN is no label"),
        ({"y_source": [0] * 12, "y_target": ["a"] * 8}, "labels of one type, got int64 and <U1"),
        ({"y_source": [0] * 12, "class_names": ["a", "b"]}, "must name the 1 sorted labels, got 2 names"),
    ],
)
def test_labels_that_do_not_belong_to_the_features(labels, message):
    X = np.random.default_rng(0).normal(size=(12, 3))
    with pytest.raises(ValueError, match=message):
        TSNEDisplay.from_features(X, X[:8], **labels)


# the sweep


def test_each_seed_and_their_mean_are_drawn(small, ax):
    SubspaceSweepDisplay.from_results(small).plot(ax)
    curves = [line for line in ax.lines if len(line.get_xdata()) == 59]
    values = np.array([line.get_ydata() for line in curves])
    assert values.shape == (4, 59)
    np.testing.assert_allclose(values[:3].mean(axis=0), values[3])


def test_the_band_is_the_interval_of_the_mean_at_each_dimension(small, ax):
    SubspaceSweepDisplay.from_results(small).plot(ax)
    (band,) = ax.collections
    corners = band.get_paths()[0].vertices
    at = [sweep["target_accuracy"][sweep["n_components"].index(30)] for sweep in small["sweep"]]
    found = corners[corners[:, 0] == 30, 1]
    np.testing.assert_allclose([found.min(), found.max()], np.clip(student_interval(at), 0, 1))


def test_one_seed_has_no_band(ax):
    SubspaceSweepDisplay([{"n_components": [2, 3], "target_accuracy": [0.5, 0.7]}]).plot(ax)
    assert not ax.collections


def test_picks_stand_on_the_curve_of_their_seed(small, ax):
    SubspaceSweepDisplay.from_results(small).plot(ax)
    marks = next(line for line in ax.lines if line.get_label() == "validator's pick")
    for sweep, x, y in zip(small["sweep"], *marks.get_data(), strict=True):
        assert x == sweep["picks"]["reverse-svm"]
        assert y == sweep["target_accuracy"][sweep["n_components"].index(x)]


def test_axes_of_fractions_end_where_fractions_end(ax):
    sweep = {"n_components": [2, 3], "target_accuracy": [1.0, 1.0]}
    SubspaceSweepDisplay([sweep]).plot(ax)
    assert ax.get_ylim()[1] < 1.03


def test_without_target_labels_the_validator_is_drawn(sample, ax):
    data = sample(labelled=False, points=10, steps=3, seeds=2)
    display = SubspaceSweepDisplay.from_results(data).plot(ax)
    assert not display.has_accuracy
    assert ax.get_ylabel() == "reverse-svm"
    assert not [line for line in ax.lines if line.get_label() in ("oracle's pick", "source-only")]
    with pytest.raises(ValueError, match="of='target_accuracy' was not measured"):
        display.plot(ax, of="target_accuracy")


def test_mean_needs_every_seed():
    sweeps = [
        {"n_components": [2, 3], "target_accuracy": [0.5, 0.7]},
        {"n_components": [3, 4], "target_accuracy": [0.9, 0.1]},
    ]
    assert mean_curve(seed_curves(sweeps, "target_accuracy")) == {3: pytest.approx(0.8)}
    assert mean_curve([]) == {}


@pytest.fixture(scope="module")
def sweep():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 5)), np.arange(80) % 2
    X[:, 0] += 3 * y
    return SubspaceSweep((1, 5)).fit(X, y, X_target=X + 1), X + 1, y


def test_a_fitted_sweep_shows_its_own_accuracies_and_pick(sweep, ax):
    fitted, X, y = sweep
    display = SubspaceSweepDisplay.from_estimator(fitted, X, y, base=0.5).plot(ax)
    curve = next(line for line in ax.lines if line.get_label() == "an SVM a dimension")
    assert list(curve.get_ydata()) == fitted.accuracy_curve(X, y).tolist()
    assert display.picks == [fitted.best_n_components_]
    assert display.oracles == [fitted.oracle_n_components(X, y)]
    assert "source-only" in [line.get_label() for line in ax.lines]


def test_a_fitted_sweep_without_labels_shows_its_validator(sweep, ax):
    fitted, X, y = sweep
    SubspaceSweepDisplay.from_estimator(fitted).plot(ax)
    assert ax.get_ylabel() == "reverse-svm"
    assert not [line for line in ax.lines if line.get_label() == "oracle's pick"]
    with pytest.raises(ValueError, match="X and y go together"):
        SubspaceSweepDisplay.from_estimator(fitted, X)
    with pytest.raises(ValueError, match="must be a fitted SubspaceSweep, got SubspaceSweep"):
        SubspaceSweepDisplay.from_estimator(SubspaceSweep(), X, y)
    single = SubspaceSweep(2).fit(X, y, X_target=X)
    with pytest.raises(ValueError, match="sweep has one dimension, .* give X and y, target rows with their labels"):
        SubspaceSweepDisplay.from_estimator(single)
    assert SubspaceSweepDisplay.from_estimator(single, X, y).has_accuracy


# training


def test_bounds_are_not_among_the_training_curves(small):
    history = {**small["history"][0], "method": "train-on-target"}
    display = HistoryDisplay.from_results({**small, "history": [*small["history"], history]})
    assert set(display.styles) == {"source-only", "dann"}


def test_one_method_of_the_training_curves_may_be_named_without_a_list(small):
    assert set(HistoryDisplay.from_results(small, "dann").styles) == {"dann"}
    with pytest.raises(ValueError, match="methods must be one of 'dann', 'source-only', got 'dan', did you mean"):
        HistoryDisplay.from_results(small, "dan")


def test_methods_differ_in_dash_and_not_in_colour_alone(small, ax):
    HistoryDisplay.from_results(small).plot(ax, curve="label_loss")
    means = [line for line in ax.lines if line.get_linewidth() == 2]
    assert [line.get_linestyle() for line in means] == ["--", "-"]
    assert [line.get_label() for line in means] == ["Source only", "DANN"]


def test_curves_that_were_not_recorded(small, ax):
    display = HistoryDisplay.from_results(small)
    assert not display.has("held_out_domain_accuracy")
    with pytest.raises(ValueError, match="was not recorded"):
        display.plot(ax, curve="held_out_domain_accuracy")
    with pytest.raises(ValueError, match="did you mean 'label_loss'"):
        display.plot(ax, curve="labelloss")


def test_a_fitted_network_can_be_drawn(ax):
    class Fitted:
        history_ = {"step": [0, 10], "label_loss": [2.0, 1.0]}

    HistoryDisplay.from_estimator(Fitted()).plot(ax)
    assert ax.lines[0].get_label() == "Fitted"
    assert ax.get_ylabel() == "label loss"


def test_a_training_that_diverged_leaves_the_others_to_be_seen(small, ax):
    history = {"method": "far", "seed": 0, "step": [0, 10, 20, 30], "label_loss": [2.0, 1e6, 0.0, 1e21]}
    HistoryDisplay([*small["history"], history]).plot(ax, curve="label_loss")
    assert ax.get_yscale() == "log"
    drawn = next(line for line in ax.lines if len(line.get_xdata()) == 4)
    assert drawn.get_ydata()[-1] == 1e21


def test_several_networks_are_named_and_a_pipeline_gives_its_last_step(ax):
    class Fitted:
        history_ = {"step": [0, 10], "label_loss": [2.0, 1.0]}

    class Piped:
        steps = [("scale", object()), ("network", Fitted())]

    display = HistoryDisplay.from_estimator(Fitted(), Piped(), labels=["raw", "scaled"]).plot(ax)
    assert [line.get_label() for line in ax.lines] == ["raw", "scaled"]
    assert len(set(display.styles.values())) == 2
    with pytest.raises(ValueError, match="object has no history_"):
        HistoryDisplay.from_estimator(object())
    with pytest.raises(ValueError, match="labels must be 2 different names"):
        HistoryDisplay.from_estimator(Fitted(), Fitted(), labels=["a", "a"])


def test_mean_of_runs_that_stopped_early():
    assert mean_series([{0: 1.0, 5: 3.0}, {0: 2.0}]) == {0: 1.5}


# all


def test_without_axes_a_new_figure_has_a_legend(small, headless):
    for display in (
        TSNEDisplay.from_results(small).plot(),
        SubspaceSweepDisplay.from_results(small).plot(),
        HistoryDisplay.from_results(small).plot(),
    ):
        assert display.ax_.get_legend() is not None
        assert display.figure_ is display.ax_.figure
