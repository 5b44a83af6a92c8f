import pickle

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.stats import ortho_group
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from dacompare.shallow import linear_svm, rms_row_norm
from dacompare.shallow.correlation_alignment import CorrelationAlignment, correlation_alignment
from tests.estimator_battery import assert_passes_the_battery


@pytest.fixture
def domains(rng):
    mix = rng.normal(size=(6, 6))
    return rng.normal(size=(80, 6)) @ mix + 1, rng.normal(size=(50, 6)) @ mix[::-1] - 2


def mixed_domains(rng):
    """Return a white source whose first feature is the label, and a target where the second drowns it."""
    y_source, y_target = rng.integers(0, 2, 2000), rng.integers(0, 2, 2000)

    def white(y):
        return np.stack([2.0 * y - 1, rng.normal(size=len(y))], axis=1)

    # Symmetric and positive definite: the one kind of mixing that second moments can tell.
    return white(y_source), y_source, white(y_target) @ [[1.0, 4.5], [4.5, 25.0]], y_target


def shifted_shares(rng):
    """Return two domains that differ in the shares of their classes alone: half and half, and nine to one."""
    y_source, y_target = np.arange(2000) % 2, (np.arange(2000) % 10 == 0).astype(int)
    return (*((4.0 * y[:, None] + rng.normal(size=(2000, 1)), y) for y in (y_source, y_target)),)


def accuracy(Z_source, y_source, Z_target, y_target):
    return linear_svm().fit(Z_source, y_source).score(Z_target, y_target)


@pytest.mark.parametrize("regularisation", [0.0, 1.0])
def test_it_equals_the_papers_formula(domains, regularisation):
    X_source, X_target = domains
    C_s = np.cov(X_source.T) + regularisation * np.eye(6)
    C_t = np.cov(X_target.T) + regularisation * np.eye(6)
    expected = X_source @ np.linalg.inv(sqrtm(C_s)) @ sqrtm(C_t)
    Z_source, Z_target = correlation_alignment(X_source, X_target, regularisation=regularisation)
    np.testing.assert_allclose(Z_source, expected, rtol=1e-10, atol=1e-10)
    np.testing.assert_array_equal(Z_target, X_target)


def test_it_equals_the_centred_formula_over_n_rows(domains):
    X_source, X_target = domains
    C_s, C_t = np.cov(X_source.T, ddof=0), np.cov(X_target.T, ddof=0)
    expected = (X_source - X_source.mean(axis=0)) @ np.linalg.inv(sqrtm(C_s)) @ sqrtm(C_t)
    Z_source, Z_target = correlation_alignment(X_source, X_target, regularisation=0.0, centre="both", ddof=0)
    np.testing.assert_allclose(Z_source, expected, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(Z_target, X_target - X_target.mean(axis=0), atol=1e-12)


def test_the_mapped_source_has_the_covariance_of_the_target(domains):
    Z_source, _ = correlation_alignment(*domains, regularisation=0.0)
    np.testing.assert_allclose(np.cov(Z_source.T), np.cov(domains[1].T), rtol=1e-10)


def test_turning_both_domains_turns_the_result(domains):
    turn = ortho_group.rvs(6, random_state=0)
    Z_source, _ = correlation_alignment(*domains)
    turned, _ = correlation_alignment(*(X @ turn for X in domains))
    np.testing.assert_allclose(turned, Z_source @ turn, atol=1e-9)


def test_a_shift_of_a_domain_matters_only_without_centring(domains):
    X_source, X_target = domains
    centred = correlation_alignment(X_source, X_target, centre="both")
    for plain, moved in zip(centred, correlation_alignment(X_source + 9, X_target - 7, centre="both"), strict=True):
        np.testing.assert_allclose(moved, plain, atol=1e-10)
    moved, _ = correlation_alignment(X_source + 9, X_target)
    assert np.abs(moved - correlation_alignment(X_source, X_target)[0]).max() > 1


def test_it_helps_where_the_covariances_differ(rng):
    X_source, y_source, X_target, y_target = mixed_domains(rng)
    plain = accuracy(X_source, y_source, X_target, y_target)
    Z_source, Z_target = correlation_alignment(X_source, X_target, regularisation=0.0)
    aligned = accuracy(Z_source, y_source, Z_target, y_target)
    assert plain < 0.65
    assert aligned > 0.97


def test_it_cannot_help_and_hurts_where_only_the_shares_of_the_classes_differ(rng):
    (X_source, y_source), (X_target, y_target) = shifted_shares(rng)
    plain = accuracy(X_source, y_source, X_target, y_target)
    hurt = accuracy(*(correlation_alignment(X_source, X_target)[0], y_source), X_target, y_target)
    Z_source, Z_target = correlation_alignment(X_source, X_target, centre="both")
    hurt_more = accuracy(Z_source, y_source, Z_target, y_target)
    assert plain > 0.95
    assert hurt < plain - 0.02
    assert hurt_more < plain - 0.15


def test_a_regularisation_far_above_the_variances_aligns_nothing(domains):
    X_source, X_target = (X / (1000 * rms_row_norm(X)) for X in domains)
    aligner = CorrelationAlignment().fit(X_source, X_target=X_target)
    np.testing.assert_allclose(aligner.alignment_, np.eye(6), atol=1e-6)


def test_without_a_target_nothing_moves(domains):
    X = domains[0]
    np.testing.assert_array_equal(CorrelationAlignment(0.0).fit_transform(X), X)
    centred = CorrelationAlignment(centre="both").fit(X)
    np.testing.assert_array_equal(centred.transform(X), centred.transform(X, domain="source"))
    np.testing.assert_array_equal(CorrelationAlignment(0.0).fit_transform(np.ones((5, 3))), np.ones((5, 3)))


def test_a_source_without_all_directions_needs_a_regularisation(rng):
    few, many = rng.normal(size=(4, 6)), rng.normal(size=(40, 6))
    with pytest.raises(ValueError, match="regularisation must be above 0 here, got 0.*its 6 features"):
        correlation_alignment(few, many, regularisation=0.0)
    with pytest.raises(ValueError, match="regularisation must be above 0"):
        correlation_alignment(many * [1, 1, 1, 0, 1, 1], many, regularisation=0.0)
    assert np.isfinite(correlation_alignment(few, many)[0]).all()


def test_a_target_without_all_directions_takes_them_from_the_source(rng):
    X_source, X_target = rng.normal(size=(40, 3)), rng.normal(size=(30, 3)) * [1, 0, 2]
    Z_source, _ = correlation_alignment(X_source, X_target, regularisation=0.0)
    np.testing.assert_allclose(np.cov(Z_source.T), np.cov(X_target.T), atol=1e-12)


def test_duplicate_rows_weigh_twice_and_change_nothing_else(domains):
    X_source, X_target = domains
    doubled, _ = correlation_alignment(np.repeat(X_source, 2, axis=0), X_target, ddof=0)
    np.testing.assert_allclose(doubled[::2], correlation_alignment(X_source, X_target, ddof=0)[0], atol=1e-10)


@pytest.mark.parametrize(
    ("parameters", "error", "words"),
    [
        ({"regularisation": -1.0}, ValueError, "regularisation must be a number from 0 on, got -1.0"),
        ({"regularisation": "auto"}, TypeError, "regularisation must be a number"),
        ({"centre": "source"}, ValueError, "centre must be one of 'both', 'none', got 'source'"),
        ({"ddof": 2}, ValueError, "ddof must be 0 or 1, got 2"),
        ({"max_memory": 1000}, MemoryError, "CORAL needs .* 6 x 6.*PCA on both domains"),
    ],
)
def test_parameters_that_cannot_be_are_named(domains, parameters, error, words):
    with pytest.raises(error, match=words):
        CorrelationAlignment(**parameters).fit(domains[0], X_target=domains[1])


def test_rows_that_cannot_be_are_named(domains):
    with pytest.raises(ValueError, match="NaN"):
        correlation_alignment(np.full((5, 6), np.nan), domains[1])
    with pytest.raises(ValueError, match="X_target has 3 features, but X has 6"):
        correlation_alignment(domains[0], domains[1][:, :3])
    with pytest.raises(ValueError, match="minimum of 2"):
        correlation_alignment(domains[0][:1], domains[1])


def test_read_only_inputs_are_left_as_they_are(domains):
    before = [X.copy() for X in domains]
    for X in domains:
        X.flags.writeable = False
    correlation_alignment(*domains, centre="both")
    for X, old in zip(domains, before, strict=True):
        np.testing.assert_array_equal(X, old)


def test_clone_pickle_and_names(domains):
    aligner = CorrelationAlignment(0.5, centre="both", ddof=0).fit(domains[0], X_target=domains[1])
    again = pickle.loads(pickle.dumps(aligner))
    np.testing.assert_array_equal(again.transform(domains[0], domain="source"), aligner.fit_transform(
        domains[0], X_target=domains[1]))  # fmt: skip
    assert clone(aligner).get_params()["regularisation"] == 0.5
    assert len(aligner.get_feature_names_out()) == 6


def test_labels_may_be_strings(rng):
    X_source, y_source, X_target, y_target = mixed_domains(rng)
    labels = np.array(["cat", "dog"])
    pipeline = make_pipeline(CorrelationAlignment(0.0), linear_svm())
    pipeline.fit(X_source, labels[y_source], correlationalignment__X_target=X_target)
    assert (pipeline.predict(X_target) == labels[y_target]).mean() > 0.97


@pytest.mark.parametrize("aligner", [CorrelationAlignment(), CorrelationAlignment(0.1, centre="both", ddof=0)])
def test_check_estimator(aligner):
    assert_passes_the_battery(aligner)


def test_a_column_too_large_beside_the_regularisation_is_called_that(rng):
    X = rng.normal(size=(100, 11))
    X[:, 0] *= 1e8
    with pytest.raises(
        ValueError, match=r"regularisation must be larger here, got 1\.0: variances .* scale the features"
    ):
        CorrelationAlignment(1.0).fit(X, X_target=X + rng.normal(size=X.shape))
