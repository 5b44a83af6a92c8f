import numpy as np
import pytest
from scipy.stats import norm
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dacompare.selection import Candidate, CannotScore
from dacompare.selection.density_ratio import log_density_ratio, source_test_log_ratios


def test_it_finds_the_ratio_of_two_gaussians_of_one_covariance(rng):
    source, target = rng.normal(size=(2, 4000, 3))
    target += [1.0, 0.0, -0.5]
    X = rng.normal(size=(500, 3))
    truth = X @ [1.0, 0.0, -0.5] - (1.0 + 0.25) / 2
    # The coefficients of a logistic regression on 8,000 rows err by about 0.03 each.
    np.testing.assert_allclose(log_density_ratio(source, target, X), truth, atol=0.35)
    assert np.abs(log_density_ratio(source, target, X) - truth).mean() < 0.1


def test_unequal_numbers_of_rows_do_not_shift_it(rng):
    source, target = rng.normal(size=(4000, 1)), rng.normal(1.0, size=(300, 1))
    assert log_density_ratio(source, target, [[0.5]]) == pytest.approx(0.0, abs=0.2)
    assert log_density_ratio(target, source, [[0.5]]) == pytest.approx(0.0, abs=0.2)


def test_two_draws_of_one_distribution_have_no_ratio(rng):
    source, target = rng.normal(size=(2, 1000, 20))
    # Twenty coefficients that err by 0.045 each, where cross-validation does not turn them down: 0.2 on a row.
    assert np.abs(log_density_ratio(source, target, rng.normal(size=(200, 20)))).mean() < 0.3


def test_it_cannot_see_a_ratio_that_no_line_follows(rng):
    # Provably: both classes of the logistic regression have mean 0, so its best slope is 0.
    source, target = rng.normal(size=(4000, 1)), 3 * rng.normal(size=(4000, 1))
    truth = norm.logpdf(4.0, scale=3) - norm.logpdf(4.0)
    assert truth > 6
    assert abs(log_density_ratio(source, target, [[4.0]])[0]) < 0.5


def test_scale_and_offset_of_the_columns_do_not_matter(rng):
    source, target, X = rng.normal(size=(3, 200, 3))
    scale, offset = np.array([1e-3, 1.0, 1e4]), np.array([5.0, 0.0, -1e3])
    moved = log_density_ratio(scale * source + offset, scale * target + offset, scale * X + offset)
    np.testing.assert_allclose(moved, log_density_ratio(source, target, X), atol=1e-6)


def test_domains_that_a_line_parts_give_finite_ratios(rng):
    source, target = rng.normal(size=(100, 2)), rng.normal(size=(100, 2)) + 1e6
    logs = log_density_ratio(source, target, np.concatenate([source, [[1e9, 1e9]]]))
    assert np.isfinite(logs).all()
    assert logs[:-1].max() < -1


@pytest.mark.parametrize(("n", "d"), [(1, 2), (2, 2), (3, 5), (40, 300)])
def test_few_rows_many_columns_and_images(rng, n, d):
    X = rng.normal(size=(n, d))
    assert np.isfinite(log_density_ratio(X, X + 1, X)).all()
    np.testing.assert_array_equal(*(log_density_ratio(*[Z.reshape(n, 1, d) for Z in (X, X + 1, X)]) for _ in "ab"))


def test_rows_that_do_not_fit_are_refused(rng):
    X = rng.normal(size=(10, 3))
    with pytest.raises(ValueError, match="same features, got 3, 2 and 3"):
        log_density_ratio(X, X[:, :2], X)
    with pytest.raises(ValueError, match="NaN"):
        log_density_ratio(X, np.full((10, 3), np.nan), X)


def test_the_classifier_learns_from_source_training_rows_where_there_are_any(rng):
    train, test, target = rng.normal(size=(3, 80, 2)) + np.array([0.0, 0.0, 1.0])[:, None, None]
    candidate = Candidate(source_test_features=test, target_features=target, source_features=train)
    np.testing.assert_array_equal(source_test_log_ratios(candidate), log_density_ratio(train, target, test))


def test_without_them_no_row_weighs_itself(rng):
    test, target = rng.normal(size=(50, 2)), rng.normal(size=(60, 2)) + 1.0
    # So far out on the target's side that a classifier which has seen the row turns its line for it.
    test[7] = 30.0
    assert log_density_ratio(test, target, test)[7] < 1
    assert source_test_log_ratios(Candidate(source_test_features=test, target_features=target))[7] > 20
    with pytest.raises(CannotScore, match="at least two source test rows"):
        source_test_log_ratios(Candidate(source_test_features=test[:1], target_features=target))


def test_source_rows_that_cannot_be_used_are_a_reason(rng):
    Z = rng.normal(size=(5, 2))
    for rows, reason in ((np.full((3, 2), np.inf), "is not finite"), (Z[:0], "is empty")):
        with pytest.raises(CannotScore, match=f"source_features {reason}"):
            source_test_log_ratios(Candidate(source_test_features=Z, target_features=Z, source_features=rows))


def test_validators_share_the_ratios_of_a_candidate(rng, monkeypatch):
    from dacompare.selection import density_ratio, score_candidate

    fits = []
    fit = density_ratio._fit_classifier
    monkeypatch.setattr(density_ratio, "_fit_classifier", lambda *rows: fits.append(1) or fit(*rows))
    y = np.arange(40) % 2
    Z = rng.normal(size=(40, 3))
    known = {"y_source_test": y, "source_test_predictions": 1 - y, "source_test_features": Z, "target_features": Z + 1}
    one = Candidate(source_features=Z + 0.1, **known)
    both = [score_candidate(name, one).value for name in ("iwv", "dev")]
    assert len(fits) == 1
    assert both == [score_candidate(name, Candidate(source_features=Z + 0.1, **known)).value for name in ("iwv", "dev")]
    assert len(fits) == 3


def test_wide_rows_are_judged_by_their_principal_directions(rng, monkeypatch):
    from dacompare.selection import density_ratio

    monkeypatch.setattr(density_ratio, "BLOCK", 7)
    source, target, new = (
        rng.normal(size=(n, 230)).astype(np.float32) * 3 + shift for n, shift in ((90, 0), (80, 1), (20, 0))
    )
    both = np.concatenate([source, target]).astype(np.float64)
    directions = PCA(len(both), svd_solver="randomized", random_state=0)
    pipeline = make_pipeline(StandardScaler(), directions).fit(both)
    domain = np.repeat([0, 1], [90, 80])
    classifier = density_ratio._fit_classifier(pipeline.transform(both), domain)
    expected = classifier.decision_function(pipeline.transform(new.astype(np.float64))) - np.log(80 / 90)
    before = source.copy()
    np.testing.assert_allclose(log_density_ratio(source, target, new), expected, rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(source, before)
