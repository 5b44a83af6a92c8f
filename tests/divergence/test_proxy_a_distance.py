from dataclasses import asdict

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from dacompare.divergence import domain_error, proxy_a_distance, proxy_a_distance_with_controls
from dacompare.divergence.proxy_a_distance import C_GRID
from dacompare.domains import Domain, split_rows


def test_the_interval_holds_zero_for_two_draws_in_about_95_of_100_repetitions():
    values, held = [], 0
    for seed in range(100):
        first, second = np.random.default_rng(seed).normal(size=(2, 160, 4))
        distance = proxy_a_distance(first, second, random_state=seed)
        values.append(distance.value)
        held += distance.ci95[0] <= 0 <= distance.ci95[1]
    assert 90 <= held <= 99
    # Signed: folding at 0 or clipping would leave a mean of about 0.18.
    assert abs(np.mean(values)) < 0.07
    assert min(values) < -0.2


def test_far_domains_are_near_two(rng):
    distance = proxy_a_distance(rng.normal(size=(300, 5)), rng.normal(4.0, size=(300, 5)))
    assert distance.value > 1.9
    assert distance.ci95[0] > 1.8
    assert distance.ci95[0] <= distance.value <= distance.ci95[1] + 1e-12
    assert float(distance) == distance.value


def test_the_distance_grows_with_the_shift(rng):
    X = rng.normal(size=(4, 600, 3))
    values = [proxy_a_distance(X[0], X[k] + shift).value for k, shift in ((1, 0.5), (2, 1.5), (3, 3.0))]
    assert values == sorted(values)
    assert values[0] < 1 < values[2]


def test_the_best_linear_error_is_found_where_it_is_known(rng):
    # Two unit Gaussians 2 apart: the best error is Φ(−1) = .1587.
    X_source, X_target = rng.normal(size=(5000, 1)), rng.normal(2.0, size=(5000, 1))
    assert domain_error(X_source, X_target) == pytest.approx(0.1587, abs=0.015)


def test_scaling_and_c_come_from_the_training_half_alone(rng):
    X_source, X_target = rng.normal(size=(40, 3)), rng.normal(0.7, size=(40, 3))
    X, domain = np.concatenate([X_source, X_target]), np.repeat([0, 1], 40)
    train, test = split_rows(domain, None, 0.5, 0)
    distance = proxy_a_distance(X_source, X_target)
    scaler = StandardScaler().fit(X[train])
    svm = LinearSVC(C=distance.C, dual=False, tol=1e-3).fit(scaler.transform(X[train]), domain[train])
    errors = [(svm.predict(scaler.transform(X[test])) != domain[test])[domain[test] == d].mean() for d in (0, 1)]
    assert distance.domain_error == pytest.approx(np.mean(errors))
    assert distance.C in C_GRID


def test_value_and_interval_are_the_error_on_another_scale(rng):
    distance = proxy_a_distance(rng.normal(size=(100, 3)), rng.normal(0.5, size=(100, 3)))
    assert distance.value == pytest.approx(2 * (1 - 2 * distance.domain_error))
    share, n, z = distance.domain_error, 100, 1.959964
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    assert distance.ci95 == pytest.approx((2 - 4 * (centre + half), 2 - 4 * (centre - half)), abs=1e-5)


def test_domains_get_equal_numbers_of_rows(rng):
    distance = proxy_a_distance(rng.normal(size=(500, 2)), rng.normal(size=(60, 2)))
    assert distance.n_per_domain == 60
    assert distance.details["n_test"] == [30, 30]
    assert proxy_a_distance(rng.normal(size=(90, 2)), rng.normal(size=(60, 2)), max_rows=20).n_per_domain == 20


def test_the_rows_drawn_do_not_depend_on_the_features(rng):
    # The same rows are drawn from both feature sets, so a turned copy is exactly as far.
    X_source, X_target = rng.normal(size=(300, 3)), rng.normal(0.6, size=(200, 3))
    first = proxy_a_distance(X_source, X_target, max_rows=100)
    second = proxy_a_distance(10 * X_source - 3, 10 * X_target - 3, max_rows=100)
    assert second.domain_error == first.domain_error


def test_same_seed_same_value_and_inputs_stay(rng):
    X_source, X_target = rng.normal(size=(50, 3)), rng.normal(size=(50, 3))
    for X in (X_source, X_target):
        X.flags.writeable = False
    assert proxy_a_distance(X_source, X_target) == proxy_a_distance(X_source, X_target)
    others = {proxy_a_distance(X_source, X_target, random_state=seed).value for seed in range(5)}
    assert len(others) > 1


def test_no_group_is_on_both_sides(rng):
    # Every group is one point, repeated: a classifier that has seen its twin would know it.
    def repeated():
        return np.repeat(rng.normal(size=(40, 60)), 10, axis=0)

    groups = np.repeat(np.arange(40), 10)
    X_source, X_target = repeated(), repeated()
    cheated = proxy_a_distance(X_source, X_target)
    honest = proxy_a_distance(X_source, X_target, groups_source=groups, groups_target=groups + 40)
    assert cheated.value > 1.8
    assert honest.value < 1.0
    assert honest.ci95[0] < 0.5
    assert honest.details["interval"] == "bootstrap over groups"


def test_groups_are_shared_over_domains(rng):
    # Source and target row of a group differ by a constant only in which group they are: no true distance.
    base = rng.normal(size=(100, 200))
    groups = np.array([f"photo {k}" for k in range(100)])
    distance = proxy_a_distance(
        Domain(base, groups=groups), Domain(base + 1e-3 * rng.normal(size=base.shape), groups=groups)
    )
    assert distance.details["n_test"] == [50, 50]
    # Twins on both sides of the split would give an error near 1, and a distance near −2.
    assert abs(distance.value) < 0.6


def test_controls_are_about_zero_where_domains_are_far(rng):
    distance = proxy_a_distance_with_controls(rng.normal(size=(800, 4)), rng.normal(5.0, size=(800, 4)))
    assert distance.value > 1.9
    assert abs(distance.control_source) < 0.4
    assert abs(distance.control_target) < 0.4
    assert asdict(distance)["n_features"] == 4


def test_the_control_of_rows_that_hang_together_shows_it(rng):
    groups = np.repeat(np.arange(10), 40)
    X = rng.normal(size=(10, 60))[groups]
    X_target = rng.normal(size=(400, 60))
    plain = proxy_a_distance_with_controls(X, X_target, groups_source=groups)
    assert plain.control_source is not None
    assert proxy_a_distance_with_controls(X, X_target).control_source > -0.5


def test_few_rows_have_no_control(rng):
    distance = proxy_a_distance_with_controls(rng.normal(size=(6, 2)), rng.normal(size=(50, 2)))
    assert distance.control_source is None
    assert distance.control_target is not None


def test_images_are_flattened_and_wide_rows_reduced(rng):
    X_source = rng.integers(0, 200, size=(80, 10, 10, 3), dtype=np.uint8)
    distance = proxy_a_distance(X_source, X_source[::-1] // 2 + 100)
    assert distance.n_features == 300
    assert distance.details["principal_directions"] == 80
    assert distance.value > 1


def test_constant_features_give_no_distance():
    assert proxy_a_distance(np.ones((20, 3)), np.ones((20, 3))).value == 0


def test_bad_input_is_named(rng):
    X = rng.normal(size=(10, 3))
    with pytest.raises(ValueError, match="X_source has 3 features, X_target 2"):
        proxy_a_distance(X, X[:, :2])
    with pytest.raises(ValueError, match="X_target must have at least 4 rows"):
        proxy_a_distance(X, X[:3])
    with pytest.raises(ValueError, match="max_rows must be a whole number from 4 on, got 0"):
        proxy_a_distance(X, X, max_rows=0)
    with pytest.raises(ValueError, match="at least two groups"):
        proxy_a_distance(X, X + 1, groups_source=np.zeros(10, int), groups_target=np.ones(10, int))


def test_a_control_that_cannot_be_had_leaves_the_distance(rng):
    """One group holds most rows: the halves of the source may be of one group each, which cannot be halved again."""
    groups = np.repeat(np.arange(8), [60] + [8] * 7)
    X_source, X_target = rng.normal(size=(116, 3)), rng.normal(size=(116, 3))
    found = [
        proxy_a_distance_with_controls(X_source, X_target, groups_source=groups, random_state=seed)
        for seed in range(20)
    ]
    assert {distance.control_source is None for distance in found} == {True, False}
    assert all(distance.control_target is not None for distance in found)
