import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dacompare.shallow import linear_svm
from dacompare.shallow.domain_scaling import DomainScaling, domain_scaling
from tests.estimator_battery import assert_passes_the_battery


@pytest.fixture
def domains(rng):
    return rng.normal(size=(60, 5)) * [1, 2, 3, 4, 5] + 7, rng.normal(size=(50, 5)) * [5, 4, 3, 2, 1] - 2


def classes(rng, shares):
    """Return rows of two classes, 4 standard deviations apart along the first of two features."""
    y = (rng.random(2000) < shares).astype(int)
    return np.stack([4.0 * y - 2, np.zeros(2000)], axis=1) + rng.normal(size=(2000, 2)), y


def accuracy(Z_source, y_source, Z_target, y_target):
    return linear_svm().fit(Z_source, y_source).score(Z_target, y_target)


def test_it_equals_a_standard_scaler_for_each_domain(domains):
    for X, Z in zip(domains, domain_scaling(*domains), strict=True):
        np.testing.assert_allclose(Z, StandardScaler().fit_transform(X), rtol=1e-12, atol=1e-12)
    for X, Z in zip(domains, domain_scaling(*domains, with_std=False), strict=True):
        np.testing.assert_allclose(Z, X - X.mean(axis=0), rtol=1e-12, atol=1e-12)


def test_it_undoes_any_gain_and_offset_of_a_domain(domains, rng):
    X_source, X_target = domains
    gain, offset = rng.uniform(0.1, 10, 5), 100 * rng.normal(size=5)
    for plain, moved in zip(domain_scaling(*domains), domain_scaling(X_source, X_target * gain + offset), strict=True):
        np.testing.assert_allclose(moved, plain, atol=1e-10)


def test_it_helps_under_a_gain_and_an_offset(rng):
    X_source, y_source = classes(rng, 0.5)
    X_target, y_target = classes(rng, 0.5)
    X_target = X_target * [0.2, 5.0] + [3.0, -10.0]
    assert accuracy(X_source, y_source, X_target, y_target) < 0.55
    assert accuracy(*_pairs(domain_scaling(X_source, X_target), y_source, y_target)) > 0.96


def test_it_hurts_where_only_the_shares_of_the_classes_differ(rng):
    X_source, y_source = classes(rng, 0.5)
    X_target, y_target = classes(rng, 0.1)
    plain = accuracy(X_source, y_source, X_target, y_target)
    # The mean of the target is -1.6: the boundary moves there, into the class that is at -2.
    for with_std in (True, False):
        hurt = accuracy(*_pairs(domain_scaling(X_source, X_target, with_std=with_std), y_source, y_target))
        assert plain > 0.96
        assert hurt < 0.85


def _pairs(rows, y_source, y_target):
    return rows[0], y_source, rows[1], y_target


def test_each_domain_goes_by_its_own_numbers(domains):
    aligner = DomainScaling().fit(domains[0], X_target=domains[1])
    np.testing.assert_allclose(aligner.transform(domains[0], domain="source").mean(axis=0), 0, atol=1e-12)
    assert np.abs(aligner.transform(domains[0]).mean(axis=0)).max() > 1


@pytest.mark.parametrize("value", [0.0, 0.1, -1e9, 1 / 3])
def test_a_constant_feature_is_zero_in_new_rows_too(rng, value):
    X_source, X_target = rng.normal(size=(101, 2)), rng.normal(size=(30, 2))
    X_source[:, 1] = value
    aligner = DomainScaling().fit(X_source, X_target=X_target)
    assert (aligner.transform(X_source, domain="source")[:, 1] == 0).all()
    assert (aligner.transform([[0.0, value + 1]], domain="source")[:, 1] == 0).all()
    assert aligner.transform(X_target)[:, 1].std() == pytest.approx(1)


def test_a_feature_that_varies_a_little_is_not_taken_for_a_constant(rng):
    X = 1e3 + 1e-6 * rng.normal(size=(100, 1))
    np.testing.assert_allclose(domain_scaling(X, X)[0].std(), 1)


def test_without_a_target_the_source_stands_for_it(domains):
    aligner = DomainScaling().fit(domains[0])
    np.testing.assert_array_equal(aligner.transform(domains[0]), aligner.transform(domains[0], domain="source"))


def test_tiny_domains_and_duplicate_rows_are_fine():
    Z_source, Z_target = domain_scaling([[1.0, 5.0], [3.0, 5.0]], [[2.0, 2.0]] * 3)
    assert Z_source.tolist() == [[-1.0, 0.0], [1.0, 0.0]]
    assert (Z_target == 0).all()


def test_rows_that_cannot_be_are_named(domains):
    with pytest.raises(ValueError, match="NaN"):
        domain_scaling(np.full((5, 5), np.nan), domains[1])
    with pytest.raises(ValueError, match="X_target has 3 features, but X has 5"):
        domain_scaling(domains[0], domains[1][:, :3])
    with pytest.raises(ValueError, match="X_target must have at least 2 rows"):
        domain_scaling(domains[0], domains[1][:1])


def test_read_only_inputs_are_left_as_they_are(domains):
    before = [X.copy() for X in domains]
    for X in domains:
        X.flags.writeable = False
    domain_scaling(*domains)
    for X, old in zip(domains, before, strict=True):
        np.testing.assert_array_equal(X, old)


def test_clone_pickle_and_names(domains):
    aligner = DomainScaling(with_std=False).fit(domains[0], X_target=domains[1])
    again = pickle.loads(pickle.dumps(aligner))
    np.testing.assert_array_equal(again.transform(domains[1]), aligner.transform(domains[1]))
    assert clone(aligner).get_params() == {"with_std": False}
    assert len(aligner.get_feature_names_out()) == 5


def test_labels_may_be_strings(rng):
    (X_source, y_source), (X_target, y_target) = classes(rng, 0.5), classes(rng, 0.5)
    labels = np.array(["cat", "dog"])
    pipeline = make_pipeline(DomainScaling(), linear_svm())
    pipeline.fit(X_source, labels[y_source], domainscaling__X_target=X_target + 10)
    assert (pipeline.predict(X_target + 10) == labels[y_target]).mean() > 0.96


@pytest.mark.parametrize("with_std", [True, False])
def test_check_estimator(with_std):
    assert_passes_the_battery(DomainScaling(with_std))


def test_a_small_spread_about_a_large_mean_is_one():
    X = 1e12 + 10.0 * (np.arange(60_000)[:, None] % 2)
    scaled = DomainScaling().fit(X, X_target=X).transform(X)
    np.testing.assert_allclose(np.abs(scaled), 1.0, atol=1e-3)
