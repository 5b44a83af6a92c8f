import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import sparse_encode
from sklearn.pipeline import make_pipeline

from dacompare.shallow import linear_svm
from dacompare.shallow.dlid import InterpolatedPath, interpolated_path
from tests.estimator_battery import assert_passes_the_battery
from tests.turned_classes import turned_domains


@pytest.fixture
def domains(rng):
    return rng.normal(size=(60, 8)) + 1, rng.normal(size=(40, 8)) * 2


def accuracy(Z_source, y_source, Z_target, y_target):
    return linear_svm().fit(Z_source, y_source).score(Z_target, y_target)


def test_codes_are_soft_thresholds_of_scaled_rows(domains):
    pooled = np.vstack(domains)
    path = InterpolatedPath(3, n_atoms=6, sparsity=0.2, random_state=0).fit(domains[0], X_target=domains[1])
    centred = pooled - pooled.mean(axis=0)
    scaled = centred / np.sqrt((centred**2).sum(axis=1).mean())
    expected = sparse_encode(scaled, path.components_, algorithm="threshold", alpha=0.2)
    Z = np.vstack([path.transform(domains[0], domain="source"), path.transform(domains[1])])
    np.testing.assert_allclose(Z, expected, atol=1e-12)
    assert 0.2 < (Z == 0).mean() < 0.9


def test_the_path_leads_from_the_source_to_the_target(rng):
    # Each domain lives on one axis of its own, so one atom shows what a step has seen.
    X_source, X_target = np.zeros((100, 2)), np.zeros((100, 2))
    X_source[:, 0], X_target[:, 1] = 3 * rng.normal(size=100), 3 * rng.normal(size=100)
    path = InterpolatedPath(2, n_atoms=1, random_state=0).fit(X_source, X_target=X_target)
    directions = np.abs(path.components_ / np.linalg.norm(path.components_, axis=1, keepdims=True))
    np.testing.assert_allclose(directions, np.eye(2), atol=0.05)


@pytest.mark.parametrize(
    ("sizes", "max_rows", "expected"),
    [
        ((60, 40), 2000, [[60, 0], [60, 20], [40, 40], [13, 40], [0, 40]]),
        ((60, 40), 30, [[30, 0], [22, 8], [15, 15], [8, 22], [0, 30]]),
        ((2, 2), 2000, [[2, 0], [2, 1], [2, 2], [1, 2], [0, 2]]),
    ],
)
def test_mixtures_are_as_large_as_their_shares_allow(rng, sizes, max_rows, expected):
    X_source, X_target = (rng.normal(size=(size, 8)) for size in sizes)
    path = InterpolatedPath(5, n_atoms=3, max_rows=max_rows, random_state=0).fit(X_source, X_target=X_target)
    assert path.mixtures_.tolist() == expected


def test_it_does_not_depend_on_the_unit_of_the_features(domains):
    plain = interpolated_path(*domains, n_steps=3, n_atoms=6, random_state=0)
    # A power of two changes no digit, and so no branch of the learning.
    scaled = interpolated_path(*(1024 * X for X in domains), n_steps=3, n_atoms=6, random_state=0)
    for Z, again in zip(plain, scaled, strict=True):
        np.testing.assert_array_equal(again, Z)


def test_the_same_seed_gives_the_same_bits(domains):
    first, again, other = (interpolated_path(*domains, n_atoms=6, random_state=seed)[1] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01


def test_it_helps_by_the_step_between_where_the_direction_of_the_classes_turned(rng):
    """An atom of the source is e₁ and one of the target u, 85° away, but one of their mixture is half-way between.

    What the source learns there holds on the target; on the atoms of both ends alone it learns hardly more than e₁.
    """
    X_source, X_target, y = turned_domains(rng)
    ends, path = (
        InterpolatedPath(n_steps, n_atoms=1, sparsity=0.01).fit(X_source, X_target=X_target) for n_steps in (2, 3)
    )
    # Of atoms of length 1 these are cosines: 0.087 from end to end, half of 85° has 0.737.
    assert (np.abs(path.components_ @ path.components_[1])[[0, 2]] > 0.4).all()
    assert abs(path.components_[0] @ path.components_[2]) < 0.2
    without, through = (
        accuracy(aligner.transform(X_source), y, aligner.transform(X_target), y) for aligner in (ends, path)
    )
    assert accuracy(X_source, y, X_target, y) < 0.75
    assert without < 0.87
    assert through > 0.9


def test_it_hurts_where_most_of_the_spread_says_nothing_of_the_classes(rng):
    """Two domains alike, and one atom a step: it follows the spread, and the code is a number along it."""
    y_source, y_target = np.arange(300) % 2, rng.integers(0, 2, 300)
    X_source, X_target = (
        np.stack([4.0 * y + rng.normal(size=300), 20 * rng.normal(size=300)], axis=1) for y in (y_source, y_target)
    )
    plain = accuracy(X_source, y_source, X_target, y_target)
    Z_source, Z_target = interpolated_path(X_source, X_target, n_steps=2, n_atoms=1, random_state=0)
    assert plain > 0.93
    assert accuracy(Z_source, y_source, Z_target, y_target) < 0.7


def test_too_much_sparsity_leaves_nothing(domains):
    assert not np.any(interpolated_path_with(domains, sparsity=100.0))
    assert np.any(interpolated_path_with(domains, sparsity=0.1))


def interpolated_path_with(domains, **parameters):
    path = InterpolatedPath(2, n_atoms=4, random_state=0, **parameters)
    return path.fit_transform(domains[0], X_target=domains[1])


def test_without_a_target_the_path_stays_at_the_source(domains):
    path = InterpolatedPath(3, n_atoms=4, random_state=0).fit(domains[0])
    np.testing.assert_allclose(path.mean_, domains[0].mean(axis=0))
    np.testing.assert_array_equal(path.transform(domains[0]), path.transform(domains[0], domain="source"))


@pytest.mark.parametrize("shape", [(2, 3), (3, 40), (6, 1)])
def test_more_atoms_than_rows_or_features_are_fine(rng, shape):
    X = np.repeat(rng.normal(size=shape), 2, axis=0)
    X[:, 0] = 5.0 if shape[1] > 1 else X[:, 0]
    Z_source, Z_target = interpolated_path(X, X + 1, n_steps=3, n_atoms=20, random_state=0)
    assert Z_source.shape == Z_target.shape == (len(X), 60)
    assert np.isfinite(Z_source).all()


def test_many_atoms_bring_no_warnings(rng):
    X = rng.normal(size=(200, 20)) @ rng.normal(size=(20, 20))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        interpolated_path(X, X + 1, n_steps=2, n_atoms=60, random_state=0)


def test_constant_features_are_refused():
    with pytest.raises(ValueError, match="only constant features"):
        interpolated_path(np.ones((9, 3)), np.ones((5, 3)))


@pytest.mark.parametrize(
    ("parameters", "error", "words"),
    [
        ({"n_steps": 1}, ValueError, "n_steps must be a whole number from 2 on, got 1"),
        ({"n_atoms": 0}, ValueError, "n_atoms must be a whole number from 1 on, got 0"),
        ({"n_atoms": 1.5}, TypeError, "n_atoms must be a whole number"),
        ({"max_rows": 1}, ValueError, "max_rows must be a whole number from 2 on, got 1"),
        ({"sparsity": 0}, ValueError, "sparsity must be a number above 0, got 0"),
    ],
)
def test_parameters_that_cannot_be_are_named(domains, parameters, error, words):
    with pytest.raises(error, match=words):
        InterpolatedPath(**parameters).fit(domains[0], X_target=domains[1])


def test_rows_that_cannot_be_are_named(domains):
    with pytest.raises(ValueError, match="NaN"):
        interpolated_path(domains[0], np.full((5, 8), np.nan))
    with pytest.raises(ValueError, match="X_target has 3 features, but X has 8"):
        interpolated_path(domains[0], domains[1][:, :3])
    with pytest.raises(ValueError, match="minimum of 2"):
        interpolated_path(domains[0][:1], domains[1])


def test_read_only_inputs_are_left_as_they_are(domains):
    before = [X.copy() for X in domains]
    for X in domains:
        X.flags.writeable = False
    interpolated_path(*domains, n_steps=2, n_atoms=4)
    for X, old in zip(domains, before, strict=True):
        np.testing.assert_array_equal(X, old)


def test_clone_pickle_and_names(domains):
    path = InterpolatedPath(2, n_atoms=4, random_state=0).fit(domains[0], X_target=domains[1])
    again = pickle.loads(pickle.dumps(path))
    np.testing.assert_array_equal(again.transform(domains[1]), path.transform(domains[1]))
    assert clone(path).get_params()["n_atoms"] == 4
    assert path.get_feature_names_out().tolist() == [f"interpolatedpath{i}" for i in range(8)]


def test_labels_may_be_strings(rng):
    X_source, X_target, y = turned_domains(rng)
    labels = np.array(["dull", "good"])[y]
    pipeline = make_pipeline(InterpolatedPath(3, n_atoms=1, sparsity=0.01), linear_svm())
    pipeline.fit(X_source, labels, interpolatedpath__X_target=X_target)
    assert pipeline.score(X_target, labels) > 0.9


def test_check_estimator():
    assert_passes_the_battery(InterpolatedPath(3, n_atoms=8))
