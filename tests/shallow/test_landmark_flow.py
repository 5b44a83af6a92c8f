import pickle

import numpy as np
import pytest

from dacompare.domains import Domain
from dacompare.pipeline import make_adaptation_pipeline
from dacompare.shallow.geodesic_flow_kernel import GeodesicFlowKernel, geodesic_flow_kernel
from dacompare.shallow.landmark_flow import LandmarkFlowKernel, auxiliary_factors, leading_axes
from dacompare.shallow.landmark_selection import select_landmarks
from dacompare.shallow.linear_svm import linear_svm
from tests.estimator_battery import assert_passes_the_battery

D = 12
NAMES = np.array(["cat", "dog"])


def draw(rng, n, *, informative=0, apart=5, shares=(0.5, 0.5)):
    """Return rows whose classes differ along one axis."""
    y = rng.choice(2, n, p=shares)
    X = rng.normal(size=(n, D))
    X[:, informative] += apart * (y - 0.5)
    return X, NAMES[y]


@pytest.fixture
def task(rng):
    """Return a source of which a part is like the target, and the rest has its classes along another axis.

    The first principal axis of the source is that of the rest, the target's is one of much variance and no meaning.
    On these two axes the part lies where the target does and the rest does not, so that it is what is selected.
    Its classes are so far apart that their axis is the first one where it has joined the target.
    """
    like, y_like = draw(rng, 120, apart=12)
    other, y_other = draw(rng, 120, informative=1, apart=18)
    X_target, y_target = draw(rng, 120)
    for rows in (like, X_target):
        rows[:, 2] *= 4
    return np.vstack([like, other]), np.concatenate([y_like, y_other]), X_target, y_target


def accuracy(aligner, task):
    X, y, X_target, y_target = task
    source, target = aligner.fit_transform(X, y, X_target=X_target), aligner.transform(X_target)
    return linear_svm().fit(source, y).score(target, y_target)


def test_a_task_goes_from_the_rest_of_the_source_to_the_target_with_landmarks(rng):
    X, X_target = rng.normal(size=(30, 6)), rng.normal(size=(25, 6))
    chosen = np.arange(30) % 3 == 0
    factors, kept = auxiliary_factors(X, X_target, [chosen], 2)
    bases = []
    for rows in (X[~chosen], np.vstack([X_target, X[chosen]])):
        bases.append(np.linalg.svd(rows - rows.mean(axis=0))[2][:2].T)
    assert kept == [0]
    np.testing.assert_allclose(factors[0] @ factors[0].T, geodesic_flow_kernel(*bases), atol=1e-10)


def test_the_features_are_the_combined_kernel(task):
    X, y, X_target, _ = task
    aligner = LandmarkFlowKernel(2).fit(X, y, X_target=X_target)
    assert len(aligner.scales_) == len(aligner.kernel_weights_) == len(aligner.landmarks_) > 1
    assert aligner.kernel_weights_.sum() == pytest.approx(1)
    source, target = X - X.mean(axis=0), X_target - X_target.mean(axis=0)
    factors, _ = auxiliary_factors(source, target, list(aligner.landmarks_), 2)
    kernel = sum(w * F @ F.T for w, F in zip(aligner.kernel_weights_, factors, strict=True))
    rows, others = aligner.transform(X, domain="source"), aligner.transform(X_target)
    np.testing.assert_allclose(rows @ others.T, source @ kernel @ target.T, atol=1e-9)
    eigenvalues = np.linalg.eigvalsh(aligner.factor_ @ aligner.factor_.T)
    assert -1e-12 < eigenvalues.min() < eigenvalues.max() < 1 + 1e-12


def test_it_helps_where_only_a_part_of_the_source_is_like_the_target(task):
    """In one dimension, neither end of the plain path knows the axis of the classes; with landmarks, one does."""
    plain, landmarks = accuracy(GeodesicFlowKernel(1), task), accuracy(LandmarkFlowKernel(1), task)
    assert landmarks > 0.8
    assert landmarks > plain + 0.15


def test_landmarks_are_selected_under_the_plain_kernel(task):
    X, y, X_target, _ = task
    plain = GeodesicFlowKernel(3).fit(X, X_target=X_target)
    aligner = LandmarkFlowKernel(3).fit(X, y, X_target=X_target)
    rows = plain.transform(X, domain="source"), y, plain.transform(X_target)
    np.testing.assert_array_equal(aligner.landmarks_, select_landmarks(*rows, scales=aligner.scales_) > 0)
    assert aligner.landmarks_.mean(axis=1).max() <= 2 / 3


def test_it_cannot_make_up_for_other_shares_of_the_classes(rng):
    """Landmarks keep the source's shares, and each domain is centred on its own mean: the cut lies wrong."""
    X, y = draw(rng, 200)
    X_target, y_target = draw(rng, 200, shares=(0.9, 0.1))
    unadapted = linear_svm().fit(X, y).score(X_target, y_target)
    assert accuracy(LandmarkFlowKernel(2), (X, y, X_target, y_target)) < unadapted - 0.02


def test_without_a_scale_that_selects_it_is_the_geodesic_flow_kernel(task):
    X, y, X_target, _ = task
    plain = GeodesicFlowKernel(2).fit(X, X_target=X_target)
    none = LandmarkFlowKernel(2, max_share=1e-6).fit(X, y, X_target=X_target)
    assert none.scales_ == []
    assert none.kernel_weights_.shape == (0,)
    np.testing.assert_allclose(none.factor_, plain.factor_, atol=1e-12)


def test_without_a_target_source_and_target_are_mapped_alike(task):
    X, y, _, _ = task
    aligner = LandmarkFlowKernel(2).fit(X, y)
    assert aligner.scales_ == []
    np.testing.assert_array_equal(aligner.transform(X, domain="source"), aligner.transform(X))


def test_a_shift_between_the_domains_takes_no_part(task):
    X, y, X_target, _ = task
    one, other = (LandmarkFlowKernel(2).fit(X, y, X_target=X_target + shift) for shift in (0, 50))
    np.testing.assert_allclose(one.factor_ @ one.factor_.T, other.factor_ @ other.factor_.T, atol=1e-6)


def test_few_rows_can_be_landmarks(task):
    X, y, X_target, _ = task
    aligner = LandmarkFlowKernel(2, max_rows=60).fit(X, y, X_target=X_target)
    assert 0 < aligner.landmarks_.any(axis=0).sum() <= 60
    assert accuracy(LandmarkFlowKernel(1, max_rows=100), task) > 0.7


def test_it_takes_domains_goes_through_pipelines_and_is_pickled(task):
    X, y, X_target, y_target = task
    one, other = (LandmarkFlowKernel(2).fit(X, y, X_target=target) for target in (X_target, Domain(X_target)))
    np.testing.assert_array_equal(one.factor_, other.factor_)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(one)).transform(X), one.transform(X))
    pipeline = make_adaptation_pipeline(LandmarkFlowKernel(2), linear_svm()).fit(X, y, X_target=X_target)
    assert pipeline.score(X_target, y_target) == accuracy(LandmarkFlowKernel(2), task)


def test_a_scale_that_selects_all_drawn_rows_is_left_out(rng):
    """All of a draw are a small share of all rows, and yet no selection."""
    X, y = draw(rng, 200)
    assert LandmarkFlowKernel(2, scales=[1e4], max_rows=40).fit(X, y, X_target=X + 0.0).scales_ == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_components": 6}, "n_components must be between 1 and 5"),
        ({"max_share": 0}, "max_share must be"),
        ({"scales": [-1.0]}, "each of scales must be"),
        ({"C": 0}, "C must be"),
    ],
)
def test_parameters_out_of_range_are_named(task, settings, message):
    with pytest.raises(ValueError, match=message):
        LandmarkFlowKernel(**settings).fit(*task[:2], X_target=task[2])


def test_labels_of_the_source_are_needed(task):
    with pytest.raises(ValueError, match="requires y to be passed"):
        LandmarkFlowKernel(2).fit(task[0], X_target=task[2])
    with pytest.raises(ValueError, match="Unknown label type"):
        LandmarkFlowKernel(2).fit(task[0], np.linspace(0, 1, 240), X_target=task[2])


def test_too_many_rows_for_the_memory_name_the_way_out(task):
    X, y, X_target, _ = task
    with pytest.raises(MemoryError, match="LandmarkFlowKernel needs .*pass max_rows=7, or raise"):
        LandmarkFlowKernel(2, max_memory=1000).fit(X, y, X_target=X_target)


class Adapting(LandmarkFlowKernel):
    """Always has a target, so that the battery meets the auxiliary tasks as well."""

    def fit(self, X, y=None, *, X_target=None):
        return super().fit(X, y, X_target=X if X_target is None else X_target)


@pytest.mark.parametrize("model", [LandmarkFlowKernel(), Adapting(scales=(0.5, 2.0))])
def test_scikit_learns_own_battery(model):
    assert_passes_the_battery(model)


@pytest.mark.parametrize("shape", [(40, 8), (8, 40), (9, 9)])
def test_leading_axes_are_the_principal_directions(rng, shape):
    X = rng.normal(size=shape) * np.geomspace(1, 1e-3, shape[1])
    axes = leading_axes(X, 5)
    other = np.linalg.svd(X - X.mean(axis=0))[2][:5].T
    np.testing.assert_allclose(axes.T @ axes, np.eye(5), atol=1e-12)
    np.testing.assert_allclose(np.abs((axes * other).sum(axis=0)), 1, atol=1e-9)


def test_where_every_row_is_a_landmark_there_is_no_task(task):
    X, y, X_target, _ = task
    aligner = LandmarkFlowKernel(2, max_share=1.0).fit(X, y, X_target=X_target)
    assert not aligner.landmarks_.all(axis=1).any()
    assert auxiliary_factors(X, X_target, [np.ones(len(X), dtype=bool)], 2) == ([], [])


def test_leading_axes_end_with_the_rank(rng):
    X = rng.normal(size=(30, 2)) @ rng.normal(size=(2, 8))
    assert leading_axes(X, 5).shape == leading_axes(X[:4], 5).shape == (8, 2)
    assert leading_axes(np.full((9, 3), 0.1), 2).shape[1] <= 1
    assert leading_axes(X[:1], 2).shape[1] == 0
