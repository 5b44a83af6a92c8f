from statistics import NormalDist

import numpy as np
import pytest

from dacompare.divergence import domain_error, proxy_a_distance, proxy_a_distance_with_controls
from dacompare.divergence.domain_classifiers import CLASSIFIERS, has_converged


def test_the_svm_gives_what_it_gave_before_there_was_a_choice():
    rng = np.random.default_rng(0)
    X_source, X_target = rng.normal(size=(150, 5)), rng.normal(0.5, 1.3, size=(130, 5))
    groups = {"groups_source": np.repeat(np.arange(30), 5), "groups_target": np.repeat(np.arange(20, 46), 5)}
    plain = proxy_a_distance(X_source, X_target)
    assert (plain.value, *plain.ci95) == pytest.approx((0.7692307692307692, 0.4336075670844006, 1.060697723385705))
    grouped = proxy_a_distance_with_controls(X_source, X_target, **groups)
    assert (grouped.value, grouped.C) == pytest.approx((0.848847926267281, 0.01))
    assert grouped.ci95 == pytest.approx((0.5933029556650247, 1.1205513784461152))
    assert (grouped.control_source, grouped.control_target) == pytest.approx((0.2857142857142858, 0.06666666666666665))
    assert plain.details == {"n_test": [65, 65], "interval": "wilson", "principal_directions": None, "converged": True}
    assert proxy_a_distance(X_source, X_target, classifier="svm") == plain


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_two_gaussians_are_as_far_as_their_best_line_says(rng, classifier):
    # PAD = 2 (1 − 2 Φ(−δ/2)), here 0.766 for δ = 1; the standard error of the measurement is 0.05.
    X_source, X_target = rng.normal(size=(1500, 2)), rng.normal([1.0, 0.0], 1.0, size=(1500, 2))
    expected = 2 * (1 - 2 * NormalDist().cdf(-0.5))
    distance = proxy_a_distance(X_source, X_target, classifier=classifier)
    assert distance.value == pytest.approx(expected, abs=0.15)
    assert distance.details.get("classifier", "svm") == classifier


def test_only_the_perceptron_sees_a_difference_that_no_line_separates(rng):
    # Equal means, three times the spread: the best error is attained inside a circle, no line is of use.
    X_source, X_target = rng.normal(size=(600, 2)), 3 * rng.normal(size=(600, 2))
    linear = [proxy_a_distance(X_source, X_target, classifier=name).value for name in ("svm", "logistic")]
    assert max(np.abs(linear)) < 0.6
    r2 = 2 * 9 * np.log(9) / 8  # where the two densities are equal
    best = 2 * (np.exp(-r2 / 18) - np.exp(-r2 / 2))
    assert proxy_a_distance(X_source, X_target, classifier="mlp").value == pytest.approx(best, abs=0.2)


def test_a_perceptron_finds_nothing_where_there_is_nothing():
    values = []
    for seed in range(8):
        first, second = np.random.default_rng(seed).normal(size=(2, 100, 3))
        values.append(proxy_a_distance(first, second, classifier="mlp", random_state=seed).value)
    assert abs(np.mean(values)) < 0.21  # three standard errors
    assert min(values) < 0


def test_the_choice_is_passed_on(rng):
    X_source, X_target = rng.normal(size=(60, 2)), 4 * rng.normal(size=(60, 2))
    by_mlp = proxy_a_distance_with_controls(X_source, X_target, classifier="mlp")
    assert domain_error(X_source, X_target, classifier="mlp") == by_mlp.domain_error
    assert by_mlp == proxy_a_distance_with_controls(X_source, X_target, classifier="mlp")
    assert by_mlp.C in CLASSIFIERS["mlp"].Cs
    assert by_mlp.control_source is not None


def test_a_classifier_that_ran_out_of_steps_says_so(rng):
    X, domain = rng.normal(size=(200, 50)), np.repeat([0, 1], 100)
    kind = CLASSIFIERS["svm"]
    assert has_converged(kind.fit(1e-4, X, domain, 0))
    hard = kind._replace(build=lambda C, seed: kind.build(C, seed).set_params(max_iter=1))
    assert not has_converged(hard.fit(1.0, X, domain, 0))


def test_another_classifier_is_refused(rng):
    with pytest.raises(ValueError, match="classifier must be one of 'logistic', 'mlp', 'svm', got 'forest'"):
        proxy_a_distance(rng.normal(size=(9, 2)), rng.normal(size=(9, 2)), classifier="forest")
