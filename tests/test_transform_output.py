"""Where scikit-learn is set to give data frames out, estimators do, and all else gives the same numbers as before."""

from inspect import isfunction, signature

import numpy as np
import pytest
from sklearn import config_context
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import dacompare.shallow as shallow
from dacompare import Domain, Transfer, compare, hdh_distance, joint_tsne, make_adaptation_pipeline, proxy_a_distance
from dacompare.selection import validator_scorer
from dacompare.shallow import SubspaceAlignment, SubspaceSweep

pandas = pytest.importorskip("pandas")

TWO_ARRAYS = {
    "common_subspace": {"n_components": 2},
    "correlation_alignment": {},
    "domain_invariant_projection": {"n_components": 2},
    "domain_scaling": {},
    "geodesic_flow_features": {"n_components": 2},
    "interpolated_path": {"n_steps": 2, "n_atoms": 4, "random_state": 0},
    "marginalised_denoising": {},
    "optimal_transport": {},
    "sampling_geodesic_flow": {"n_components": 2, "n_steps": 3},
    "subspace_alignment": {"n_components": 2},
    "transfer_component_analysis": {"n_components": 2},
}


@pytest.fixture
def task(rng):
    y, y_target = np.arange(60) % 3, np.arange(50) % 3
    X = rng.normal(size=(60, 8)) + 2 * np.eye(3, 8)[y]
    return X, y, rng.normal(size=(50, 8)) + 2 * np.eye(3, 8)[y_target] + 0.5, y_target


def frames():
    return config_context(transform_output="pandas")


@pytest.mark.parametrize("name", TWO_ARRAYS)
def test_functions_of_two_arrays_return_arrays(task, name):
    if name == "optimal_transport":
        pytest.importorskip("ot")
    X, _, X_target, _ = task
    function = getattr(shallow, name)
    expected = function(X, X_target, **TWO_ARRAYS[name])
    with frames():
        found = function(X, X_target, **TWO_ARRAYS[name])
    assert [len(Z) for Z in found] == [60, 50]
    for ours, theirs in zip(found, expected, strict=True):
        assert isinstance(ours, np.ndarray)
        np.testing.assert_array_equal(ours, theirs)


def test_every_function_of_two_arrays_is_tried():
    functions = {name: getattr(shallow, name) for name in shallow.__all__ if isfunction(getattr(shallow, name))}
    two = {name for name, f in functions.items() if list(signature(f).parameters)[:2] == ["X_source", "X_target"]}
    assert two - {"kernel_mean_matching_weights", "subspace_disagreement"} == set(TWO_ARRAYS)  # these give no rows


def test_a_sweep_gives_frames_and_the_same_predictions(task):
    X, y, X_target, _ = task
    sweep = SubspaceSweep((2, 4)).fit(X, y, X_target=X_target)
    with frames():
        framed = SubspaceSweep((2, 4)).fit(X, y, X_target=X_target)
        Z = framed.transform(X_target)
        np.testing.assert_array_equal(framed.predict(X_target), sweep.predict(X_target))
        np.testing.assert_array_equal(framed.predict_all(X_target), sweep.predict_all(X_target))
    assert list(Z.columns) == [f"subspacesweep{k}" for k in range(sweep.best_n_components_)]
    assert make_pipeline(StandardScaler(), SubspaceSweep((2, 4))).set_output(transform="pandas")


def test_distances_and_the_plane_are_the_same(rng):
    X, X_target = rng.normal(size=(80, 230)), rng.normal(size=(80, 230)) + 0.3  # beyond 200 columns directions are cut
    y = np.arange(80) % 2
    distances = proxy_a_distance(X, X_target), hdh_distance(X, X_target, y_source=y)
    plane = joint_tsne(X, X_target).source
    with frames():
        assert (proxy_a_distance(X, X_target), hdh_distance(X, X_target, y_source=y)) == distances
        np.testing.assert_array_equal(joint_tsne(X, X_target).source, plane)


@pytest.mark.parametrize("validator", ["iwv", "dev", "reverse-svm", "class-ami"])
def test_validators_score_the_same(task, validator):
    X, y, X_target, _ = task
    pipeline = make_adaptation_pipeline(SubspaceAlignment(2), LinearSVC())
    how = {"params": {"X_target": Domain(X_target)}, "cv": 2, "error_score": "raise"}
    scorer = validator_scorer(validator, X_target=X_target)
    expected = cross_val_score(pipeline, X, y, scoring=scorer, **how)
    with frames():
        np.testing.assert_allclose(cross_val_score(pipeline, X, y, scoring=scorer, **how), expected)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_comparison_is_the_same(task, n_jobs):
    X, y, X_target, y_target = task
    transfer = Transfer.from_arrays(X, y, X_target, y_target)
    how = {"methods": ["source-only", "sa", "coral"], "seeds": [0], "network": {"name": "none"}, "n_jobs": n_jobs}
    expected = compare(transfer, **how)
    with frames():
        found = compare(transfer, **how)
    assert {row["status"] for row in found.data["rows"]} == {"ok"}
    assert found.same_measurements(expected)
