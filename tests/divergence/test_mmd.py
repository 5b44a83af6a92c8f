import tracemalloc

import numpy as np
import pytest

from dacompare.divergence.drawing import DrawnRows
from dacompare.divergence.mmd import gaussian_kernel, median_distance, mmd, unbiased_mmd2


def test_it_equals_the_sums_written_out(rng):
    X, Y = rng.normal(size=(7, 2)), rng.normal(0.5, size=(7, 2))
    n = 7

    def k(x, y):
        return np.mean([np.exp(-((x - y) ** 2).sum() / (2 * (1.3 * s) ** 2)) for s in (0.5, 1, 2)])

    within = sum(k(A[i], A[j]) for A in (X, Y) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    across = sum(k(x, y) for x in X for y in Y) / n**2
    found = mmd(X, Y, bandwidth=1.3, scales=(0.5, 1, 2), n_permutations=0)
    assert found.value == pytest.approx(within - 2 * across, abs=1e-14)
    assert found.p_value is None
    assert found.details == {"bandwidth": 1.3, "scales": [0.5, 1.0, 2.0]}


def test_it_equals_the_closed_form_of_two_gaussians(rng):
    # E k(x, y) = (s²/(s² + 2))^(d/2) exp(−‖δ‖²/(2(s² + 2))) for unit Gaussians δ apart.
    s2, delta = 1.5**2, np.array([1.0, 0.0])
    expected = 2 * (s2 / (s2 + 2)) * (1 - np.exp(-(delta @ delta) / (2 * (s2 + 2))))
    values = [
        mmd(rng.normal(size=(200, 2)), rng.normal(size=(200, 2)) + delta, bandwidth=1.5, n_permutations=0).value
        for _ in range(20)
    ]
    assert np.mean(values) == pytest.approx(expected, abs=3 * np.std(values) / np.sqrt(20))
    assert np.std(values) < 0.04


def test_it_is_unbiased_and_negative_as_often_as_not():
    values = []
    for seed in range(150):
        first, second = np.random.default_rng(seed).normal(size=(2, 15, 2))
        values.append(mmd(first, second, bandwidth=1.0, n_permutations=0).value)
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(150)
    assert 0.3 < np.mean(np.array(values) < 0) < 0.8


def test_equal_means_and_covariances_are_not_equal_distributions(rng):
    signs = rng.choice([-1.0, 1.0], size=(150, 1))
    found = mmd(rng.normal(size=(150, 1)), signs, bandwidth=0.5, n_permutations=99)
    assert found.p_value == 0.01
    assert found.value > 3 * abs(found.details["null_mean"])


def test_photos_are_permuted_as_wholes():
    rejected = {"rows": 0, "photos": 0}
    groups = np.repeat(np.arange(10), 5)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(2, 10, 3))[:, groups] + 0.1 * rng.normal(size=(2, 50, 3))
        for name, known in (("rows", {}), ("photos", {"groups_source": groups, "groups_target": groups + 10})):
            rejected[name] += mmd(*X, n_permutations=39, random_state=seed, **known).p_value <= 0.05
    assert rejected["rows"] > 14
    assert rejected["photos"] <= 4


def test_permuted_values_are_those_of_the_permuted_rows(rng):
    kernel = gaussian_kernel(rng.normal(size=(9, 2)), [1.0])
    domains = np.array([[0] * 5 + [1] * 4, [1, 0] * 4 + [1]])
    both = unbiased_mmd2(kernel, domains)
    for value, domain in zip(both, domains, strict=True):
        order = np.argsort(domain, kind="stable")
        sorted_kernel = kernel[np.ix_(order, order)]
        n = (domain == 0).sum()
        blocks = sorted_kernel[:n, :n], sorted_kernel[n:, n:]
        within = sum((block.sum() - np.trace(block)) / (len(block) * (len(block) - 1)) for block in blocks)
        assert value == pytest.approx(within - 2 * sorted_kernel[:n, n:].mean())


def test_the_bandwidth_is_the_median_distance_and_scale_does_not_matter(rng):
    X, Y = rng.normal(size=(40, 3)), rng.normal(1, size=(40, 3))
    found = mmd(X, Y, n_permutations=19)
    pooled = np.concatenate([X, Y])
    distances = [np.linalg.norm(pooled[i] - pooled[j]) for i in range(80) for j in range(i)]
    assert found.details["bandwidth"] == pytest.approx(np.median(distances))
    assert mmd(100 * X, 100 * Y, n_permutations=0).value == pytest.approx(found.value)
    assert mmd(1e4 + X, 1e4 + Y, n_permutations=0).value == pytest.approx(found.value)


def test_equal_rows_have_a_bandwidth_and_no_distance():
    assert median_distance(DrawnRows(np.ones((6, 2)), np.repeat([0, 1], 3), None), 0) == 1
    found = mmd(np.ones((6, 2)), np.ones((6, 2)), n_permutations=9)
    assert found.value == pytest.approx(0, abs=1e-14)
    assert found.p_value == 1


def test_a_kernel_that_would_not_fit_is_refused_before_it_is_made(rng):
    X = rng.normal(size=(500, 2))
    with pytest.raises(MemoryError, match="MMD needs .* matrices of 1,000 x 1,000.*pass a smaller max_rows"):
        mmd(X, X, max_memory=10**6)
    assert mmd(X, X, max_memory=10**6, max_rows=40, n_permutations=0).n_per_domain == 40


@pytest.mark.parametrize("settings", [{"bandwidth": 0.0}, {"bandwidth": -1.0}, {"scales": ()}, {"scales": (1, 0)}])
def test_a_bandwidth_that_is_none_is_refused(rng, settings):
    with pytest.raises(ValueError, match="bandwidth and scales must be above 0"):
        mmd(rng.normal(size=(9, 2)), rng.normal(size=(9, 2)), **settings)


def test_what_it_takes_stays_within_what_it_asked_for(rng):
    X = rng.normal(size=(2, 400, 3))
    mmd(*X[:, :10])  # what is imported on the way is no matrix
    for settings in ({"scales": (0.5, 1.0, 2.0)}, {"n_permutations": 3000}):
        limit = 8 * 800**2 * (3 + -(-4 * settings.get("n_permutations", 99) // 800))
        tracemalloc.start()
        mmd(*X, max_memory=limit, **settings)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1.1 * limit
        with pytest.raises(MemoryError, match="MMD needs"):
            mmd(*X, max_memory=limit - 1, **settings)


def test_a_bandwidth_in_words_is_refused(rng):
    with pytest.raises(TypeError, match="bandwidth must be a number"):
        mmd(*rng.normal(size=(2, 9, 2)), bandwidth="median")


@pytest.mark.parametrize(("scales", "message"), [(1.0, "must be a list .*, got 1.0"), (["a"], "must be a number")])
def test_scales_that_are_no_list_of_numbers_are_refused(rng, scales, message):
    with pytest.raises(TypeError, match=rf"scales.* {message}"):
        mmd(*rng.normal(size=(2, 9, 2)), scales=scales)
