import pickle
from itertools import product

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from dacompare.shallow import linear_svm
from dacompare.shallow.marginalised_denoising import MarginalisedDenoising, denoising_map, marginalised_denoising
from tests.estimator_battery import assert_passes_the_battery


@pytest.fixture
def rows(rng):
    return rng.random((40, 4)) @ rng.normal(size=(4, 4)) + 0.5


@pytest.fixture
def domains(rng):
    return (rng.random((60, 6)) < 0.3).astype(float), (rng.random((50, 6)) < 0.4).astype(float)


def words(rng, own, n=1000, k=30, shared=6):
    """Return bags of words: a text says most words of its class, k of its domain and a few shared ones; and the labels.

    The classes take turns in the order of the words, too, so that neither has more of them.
    """
    y, word_of = np.arange(n) % 2, np.arange(2 * k + shared) % 2
    says = rng.random((n, 2 * k + shared)) < np.where(word_of == y[:, None], 0.6, 0.05)
    says[:, :k] &= own == "source"
    says[:, k : 2 * k] &= own == "target"
    return says.astype(float), y


def accuracy(Z_source, y_source, Z_target, y_target):
    return linear_svm().fit(Z_source, y_source).score(Z_target, y_target)


def test_it_equals_the_papers_formula_with_its_feature_of_ones(rows):
    Xb = np.vstack([rows.T, np.ones(40)])
    q = np.array([0.7] * 4 + [1.0])
    S = Xb @ Xb.T
    Q = S * np.outer(q, q)
    np.fill_diagonal(Q, q * np.diag(S))
    W = (S[:-1] * q) @ np.linalg.inv(Q + np.diag([1e-5] * 4 + [0.0]))
    weights, bias = denoising_map(rows, 0.3, 1e-5)
    np.testing.assert_allclose(weights, W[:, :-1].T, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(bias, W[:, -1], rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(
        MarginalisedDenoising(0.3, n_layers=1, output="last").fit_transform(rows), np.tanh(W @ Xb).T, atol=1e-10
    )


def test_it_is_the_ridge_regression_on_all_ways_to_corrupt_the_rows(rows):
    masks = np.array(list(product([0.0, 1.0], repeat=4)))
    corrupted = (rows[:, None] * masks).reshape(-1, 4)
    probabilities = np.tile((0.7**masks * 0.3 ** (1 - masks)).prod(axis=1), 40)
    ridge = Ridge(alpha=0.5, solver="cholesky").fit(corrupted, np.repeat(rows, 16, axis=0), probabilities)
    weights, bias = denoising_map(rows, 0.3, 0.5)
    np.testing.assert_allclose(weights, ridge.coef_.T, atol=1e-10)
    np.testing.assert_allclose(bias, ridge.intercept_, atol=1e-10)


def test_it_is_the_limit_of_ever_more_corrupted_copies(rows, rng):
    weights, bias = denoising_map(rows, 0.3, 1e-5)

    def miss(copies):
        clean = np.tile(rows, (copies, 1))
        ridge = Ridge(alpha=1e-5 * copies).fit(clean * (rng.random(clean.shape) < 0.7), clean)
        return max(np.abs(ridge.coef_.T - weights).max(), np.abs(ridge.intercept_ - bias).max())

    few, many = miss(10), miss(4000)
    assert many < 0.03
    assert many < few / 4


def test_without_noise_it_is_plain_ridge_regression(rows):
    weights, bias = denoising_map(rows, 0.0, 0.1)
    centred = rows - rows.mean(axis=0)
    expected = np.linalg.solve(centred.T @ centred + 0.1 * np.eye(4), centred.T @ centred)
    np.testing.assert_allclose(weights, expected, atol=1e-10)
    np.testing.assert_allclose(bias, rows.mean(axis=0) @ (np.eye(4) - expected), atol=1e-10)


def test_each_layer_denoises_the_one_before(domains):
    pooled = np.vstack(domains)
    expected = [pooled]
    for _ in range(3):
        weights, bias = denoising_map(expected[-1], 0.5, 1e-5)
        expected.append(np.tanh(expected[-1] @ weights + bias))
    Z = np.vstack(marginalised_denoising(*domains, n_layers=3))
    np.testing.assert_allclose(Z, np.hstack(expected), atol=1e-12)
    last = np.vstack(marginalised_denoising(*domains, n_layers=3, output="last"))
    np.testing.assert_array_equal(last, Z[:, -6:])


def test_the_domains_may_change_places(domains):
    Z_source, Z_target = marginalised_denoising(*domains)
    Z_first, Z_second = marginalised_denoising(*domains[::-1])
    np.testing.assert_allclose(Z_first, Z_target, atol=1e-8)
    np.testing.assert_allclose(Z_second, Z_source, atol=1e-8)


def test_it_helps_where_shared_words_tie_the_words_of_two_domains(rng):
    (X_source, y_source), (X_target, y_target) = words(rng, "source"), words(rng, "target")
    Z_source, Z_target = marginalised_denoising(X_source, X_target)
    # Without the words of the target's own, no rule is right more often than 94 in 100 times: with a ~ B(3, 0.6)
    # words of the text's class and b ~ B(3, 0.05) of the other, it errs at a < b and in half of a = b.
    assert accuracy(X_source, y_source, X_target, y_target) < 0.97
    assert accuracy(Z_source, y_source, Z_target, y_target) > 0.98


def test_it_cannot_help_where_no_word_is_shared(rng):
    """Words of the two domains then never stand together, and none says anything of another."""
    (X_source, y_source), (X_target, y_target) = words(rng, "source", shared=0), words(rng, "target", shared=0)
    Z_source, Z_target = marginalised_denoising(X_source, X_target)
    assert accuracy(Z_source, y_source, Z_source, y_source) > 0.95
    assert accuracy(Z_source, y_source, Z_target, y_target) < 0.65


def test_without_a_target_it_learns_from_the_source_once(domains):
    aligner = MarginalisedDenoising(n_layers=1).fit(domains[0])
    np.testing.assert_array_equal(aligner.weights_[0], denoising_map(domains[0], 0.5, 1e-5)[0])


def test_float32_gives_nearly_the_same(domains):
    exact = MarginalisedDenoising().fit(domains[0], X_target=domains[1])
    short = MarginalisedDenoising(dtype="float32").fit(domains[0], X_target=domains[1])
    assert short.weights_[0].dtype == short.biases_[4].dtype == np.float32
    assert short.transform(domains[1]).dtype == np.float32
    np.testing.assert_allclose(short.transform(domains[1]), exact.transform(domains[1]), atol=1e-4)


def test_memory_is_checked_and_the_ways_out_work(rng):
    X = rng.random((20, 100))
    with pytest.raises(MemoryError, match=r"mSDA needs .* 100 x 100.*dtype='float32' or a smaller n_layers"):
        MarginalisedDenoising(max_memory=400_000).fit(X)
    MarginalisedDenoising(max_memory=400_000, dtype="float32").fit(X)
    MarginalisedDenoising(max_memory=400_000, n_layers=2).fit(X)


def test_words_that_nobody_says_stay_silent(domains):
    X_source, X_target = (np.hstack([X, np.zeros((len(X), 2))]) for X in domains)
    Z_source, _ = marginalised_denoising(X_source, X_target, n_layers=2)
    np.testing.assert_allclose(Z_source[:, [6, 7, 14, 15, 22, 23]], 0, atol=1e-12)
    with pytest.raises(ValueError, match=r"ridge=0.0 and noise=0.5 leave no unique map.*raise ridge"):
        marginalised_denoising(X_source, X_target, ridge=0.0)


def test_more_features_than_rows_duplicates_and_constants_are_fine(rng):
    wide = np.repeat(rng.random((3, 30)), 2, axis=0)
    wide[:, 5] = 7.0
    Z_source, Z_target = marginalised_denoising(wide, wide[:2])
    assert Z_source.shape == (6, 180)
    assert np.isfinite(Z_source).all()
    np.testing.assert_array_equal(Z_source[:2], Z_target)


@pytest.mark.parametrize(
    ("parameters", "error", "words"),
    [
        ({"noise": 1.0}, ValueError, "noise must be a number from 0 on and below 1, got 1.0"),
        ({"noise": np.nan}, ValueError, "noise must be"),
        ({"ridge": -1e-5}, ValueError, "ridge must be a number from 0 on"),
        ({"n_layers": 0}, ValueError, "n_layers must be a whole number from 1 on, got 0"),
        ({"n_layers": 2.0}, TypeError, "n_layers must be a whole number"),
        ({"output": "first"}, ValueError, "output must be one of 'all', 'last', got 'first'"),
        ({"dtype": "float16"}, ValueError, "dtype must be one of 'float32', 'float64', got 'float16'"),
    ],
)
def test_parameters_that_cannot_be_are_named(domains, parameters, error, words):
    with pytest.raises(error, match=words):
        MarginalisedDenoising(**parameters).fit(domains[0], X_target=domains[1])


def test_rows_that_cannot_be_are_named(domains):
    with pytest.raises(ValueError, match="NaN"):
        marginalised_denoising(domains[0], np.full((5, 6), np.nan))
    with pytest.raises(ValueError, match="X_target has 3 features, but X has 6"):
        marginalised_denoising(domains[0], domains[1][:, :3])
    with pytest.raises(ValueError, match="minimum of 2"):
        marginalised_denoising(domains[0][:1], domains[1])


def test_read_only_inputs_are_left_as_they_are(domains):
    before = [X.copy() for X in domains]
    for X in domains:
        X.flags.writeable = False
    marginalised_denoising(*domains)
    for X, old in zip(domains, before, strict=True):
        np.testing.assert_array_equal(X, old)


def test_clone_pickle_and_names(domains):
    aligner = MarginalisedDenoising(n_layers=2).fit(domains[0], X_target=domains[1])
    again = pickle.loads(pickle.dumps(aligner))
    np.testing.assert_array_equal(again.transform(domains[1]), aligner.transform(domains[1]))
    assert clone(aligner).get_params()["n_layers"] == 2
    assert len(aligner.get_feature_names_out()) == aligner.transform(domains[1]).shape[1] == 18


def test_labels_may_be_strings(rng):
    (X_source, y_source), (X_target, y_target) = words(rng, "source"), words(rng, "target")
    labels = np.array(["dull", "good"])
    pipeline = make_pipeline(MarginalisedDenoising(), linear_svm())
    pipeline.fit(X_source, labels[y_source], marginaliseddenoising__X_target=X_target)
    assert (pipeline.predict(X_target) == labels[y_target]).mean() > 0.98


@pytest.mark.parametrize("aligner", [MarginalisedDenoising(), MarginalisedDenoising(dtype="float32", output="last")])
def test_check_estimator(aligner):
    assert_passes_the_battery(aligner)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, bool])
def test_counts_are_mapped_as_the_numbers_that_they_are(rng, dtype):
    X = rng.integers(0, 100, (30, 4)).astype(dtype)
    for found, expected in zip(denoising_map(X, 0.5, 1e-5), denoising_map(X.astype(float), 0.5, 1e-5), strict=True):
        np.testing.assert_array_equal(found, expected)
