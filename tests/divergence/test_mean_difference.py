import numpy as np
import pytest

from dacompare.divergence.mean_difference import mean_difference, pick_layer


def test_by_hand():
    X_source, X_target = np.zeros((4, 2)), np.array([[3.0, 4.0], [3.0, 4.0], [4.0, 4.0], [2.0, 4.0]])
    found = mean_difference(X_source, X_target, n_permutations=0)
    assert found.value == 5
    assert found.details["unbiased_square"] == pytest.approx(25 - (2 / 3) / 4)
    assert found.details["relative"] is None
    assert mean_difference(X_target, X_source, n_permutations=0).details["relative"] == pytest.approx(
        5 / np.sqrt((25 + 25 + 32 + 20) / 4)
    )


def test_the_square_is_unbiased_where_the_value_is_not():
    found = [mean_difference(*np.random.default_rng(s).normal(size=(2, 20, 3)), n_permutations=0) for s in range(150)]
    squares = np.array([distance.details["unbiased_square"] for distance in found])
    assert min(distance.value for distance in found) > 0
    assert np.mean([distance.value**2 for distance in found]) == pytest.approx(2 * 3 / 20, rel=0.2)
    assert abs(squares.mean()) < 3 * squares.std() / np.sqrt(150)


def test_it_sees_a_shift_and_not_a_spread(rng):
    X = rng.normal(size=(2, 300, 3))
    assert mean_difference(X[0], X[1] + 0.5).p_value < 0.01
    # A draw is significant by chance now and then, but not most of five.
    spreads = [mean_difference(X[0], 1.5 * rng.normal(size=(300, 3))) for _ in range(5)]
    assert np.median([distance.p_value for distance in spreads]) > 0.02


def test_the_layer_with_the_nearest_means_is_picked(rng):
    X, Y = rng.normal(size=(2, 100, 4))
    features = {"input": (X, Y + 2), "conv": (X, Y + 1), "hidden": (0.01 * X, 0.01 * (Y + 3))}
    as_published = pick_layer(features)
    assert as_published.layer == "hidden"  # by its small activations alone
    assert as_published.differences["input"] == mean_difference(X, Y + 2, n_permutations=0).value
    assert pick_layer(features, relative=True).layer == "conv"


def test_a_dead_layer_is_not_picked_and_images_may_be_layers(rng):
    image = rng.uniform(size=(2, 30, 4, 4))
    X = rng.normal(size=(2, 30, 3))
    choice = pick_layer({"dead": (0 * X[0], 0 * X[1]), "pixels": tuple(image), "last": (X[0], X[1] + 5)}, relative=True)
    assert choice.layer == "pixels"
    assert choice.differences["dead"] == np.inf


def test_layers_of_other_rows_are_refused(rng):
    X = rng.normal(size=(20, 2))
    with pytest.raises(ValueError, match="all layers must show the same rows, got .*19, 20"):
        pick_layer({"a": (X, X), "b": (X[1:], X)})
    with pytest.raises(ValueError, match="at least one layer"):
        pick_layer({})
    with pytest.raises(TypeError, match="features must be a dict of a layer's name to .*, got list"):
        pick_layer([X, X])
    with pytest.raises(TypeError, match=r"features\['a'\] must be a pair \(X_source, X_target\)"):
        pick_layer({"a": X})
