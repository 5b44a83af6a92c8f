import numpy as np
import pytest
from sklearn.metrics import adjusted_mutual_info_score

from dacompare.selection import Candidate, pick, score_candidate
from dacompare.selection.class_ami import cluster_agreement

NAMES = np.array(["ant", "bee", "cow"])
CENTRES = np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]])


def target(rng, n=240):
    y = np.arange(n) % 3
    return CENTRES[y] + rng.normal(size=(n, 2)), NAMES[y]


def candidate(Z, labels):
    return Candidate(y_source_test=NAMES, target_features=Z, target_predictions=labels)


def test_of_clear_clusters_it_is_the_agreement_with_the_classes(rng):
    Z, y = target(rng)
    mistaken = np.where(rng.random(240) < 0.2, rng.permutation(y), y)
    assert score_candidate("class-ami", candidate(Z, y)).value == pytest.approx(1)
    assert score_candidate("class-ami", candidate(Z, mistaken)).value == pytest.approx(
        adjusted_mutual_info_score(y, mistaken)
    )


def test_it_finds_the_true_order(rng):
    Z, y = target(rng)
    candidates = [candidate(Z, np.where(rng.random(240) < share, rng.permutation(y), y)) for share in (0.9, 0.5, 0.1)]
    values = [score_candidate("class-ami", c).value for c in candidates]
    assert values == sorted(values)
    assert pick("class-ami", candidates) == 2


def test_it_is_misled_by_exchanged_classes(rng):
    # Provably: mutual information does not know the names of the classes.
    Z, y = target(rng)
    exchanged = NAMES[(np.searchsorted(NAMES, y) + 1) % 3]
    assert (exchanged != y).all()
    assert score_candidate("class-ami", candidate(Z, exchanged)).value == pytest.approx(1)


def test_it_is_misled_where_something_else_parts_the_rows_further(rng):
    # Two classes 2 apart, photographed in two lights 100 apart: k-means finds the lights.
    y, light = np.arange(200) % 2, np.arange(200) // 100
    Z = np.stack([2.0 * y, 100.0 * light], axis=1) + 0.1 * rng.normal(size=(200, 2))
    right = Candidate(y_source_test=y, target_features=Z, target_predictions=y)
    wrong = Candidate(y_source_test=y, target_features=Z, target_predictions=light)
    assert score_candidate("class-ami", right).value < 0.05
    assert pick("class-ami", [right, wrong]) == 1


def test_predictions_of_one_class_say_nothing_even_of_features_that_are_one_point(rng):
    Z, y = target(rng)
    assert adjusted_mutual_info_score([0, 0], [0, 0]) == 1  # what it would be called without a rule of our own
    assert score_candidate("class-ami", candidate(Z, np.repeat("ant", 240))).value == 0.0
    assert score_candidate("class-ami", candidate(np.zeros_like(Z), np.repeat("ant", 240))).value == 0.0
    assert score_candidate("class-ami", candidate(np.zeros_like(Z), y)).value == pytest.approx(0, abs=1e-9)


def test_labels_that_have_nothing_to_do_with_the_rows_are_about_zero(rng):
    Z, y = target(rng)
    assert abs(score_candidate("class-ami", candidate(Z, rng.permutation(y))).value) < 0.05


def test_few_rows_missing_classes_and_images(rng):
    Z, y = target(rng, 6)
    assert score_candidate("class-ami", candidate(Z[:1], y[:1])).reason == "needs at least two target rows"
    assert score_candidate("class-ami", candidate(Z[:2], y[:2])).value == pytest.approx(1)
    missing = candidate(Z, np.where(y == "cow", "bee", y))
    assert 0 < score_candidate("class-ami", missing).value < 1
    assert score_candidate("class-ami", candidate(Z.reshape(6, 1, 2), y)).value is not None
    floats = Candidate(
        y_source_test=np.array([0.5, 1.5]), target_features=Z, target_predictions=np.resize([0.5, 1.5], 6)
    )
    assert np.isfinite(score_candidate("class-ami", floats).value)


def test_the_same_rows_give_the_same_bits_and_large_targets_are_subsampled(rng):
    Z = rng.normal(size=(9000, 5))
    c = candidate(Z, NAMES[rng.integers(0, 3, 9000)])
    first, second = (score_candidate("class-ami", c) for _ in range(2))
    assert first.value == second.value
    assert first.seconds < 5
    assert cluster_agreement(Z[:50], c.target_predictions[:50], 3) == cluster_agreement(
        Z[:50], c.target_predictions[:50], 3
    )


def test_without_source_rows_the_number_of_classes_is_enough(rng):
    Z, y = target(rng)
    alone = Candidate(n_classes=3, target_features=Z, target_predictions=y)
    assert score_candidate("class-ami", alone).value == score_candidate("class-ami", candidate(Z, y)).value
    unknown = Candidate(target_features=Z, target_predictions=y)
    assert score_candidate("class-ami", unknown).reason == "needs n_classes"


def test_what_cannot_be_clustered_is_named(rng):
    Z, y = target(rng)
    with pytest.raises(ValueError, match="n_clusters must be a whole number from 1 on, got 0"):
        cluster_agreement(Z, y, 0)
    with pytest.raises(ValueError, match=r"labels must hold one label for each of the .* rows of X, got shape \(9,\)"):
        cluster_agreement(Z, y[:9], 3)
    with pytest.raises(ValueError, match="X is empty; pass at least one row"):
        cluster_agreement(np.zeros((0, 2)), [], 3)
