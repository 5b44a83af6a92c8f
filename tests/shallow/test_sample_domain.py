import numpy as np
import pytest
from sklearn.base import BaseEstimator

from dacompare.shallow import SampleDomainAdapter


class Centring(BaseEstimator):
    """Subtract each domain's own mean; the convention is that of skada, the adapter is made up."""

    def fit(self, X, y=None, *, sample_domain=None):
        assert set(np.sign(sample_domain)) == {1, -1}
        assert (y[sample_domain < 0] == -1).all()
        assert (y[sample_domain > 0] >= 0).all()
        self.means_ = {sign: X[np.sign(sample_domain) == sign].mean(axis=0) for sign in (1, -1)}
        return self

    def transform(self, X, *, sample_domain=None, allow_source=False):
        if (sample_domain > 0).any() and not allow_source:
            raise ValueError("source rows are not allowed")
        return X - np.stack([self.means_[sign] for sign in np.sign(sample_domain)])


class Weighting(Centring):
    def transform(self, X, *, sample_domain=None, allow_source=False):
        return {"X": X, "sample_weight": np.ones(len(X))}


def test_each_domain_goes_by_its_own_map(rng):
    X, X_target, y = rng.normal(size=(30, 3)), rng.normal(size=(20, 3)) + 5, np.array(["cat", "dog"] * 15)
    aligner = SampleDomainAdapter(Centring())
    Z = aligner.fit_transform(X, y, X_target=X_target)
    np.testing.assert_allclose(Z, X - X.mean(axis=0))
    np.testing.assert_allclose(aligner.transform(X_target[:1]), X_target[:1] - X_target.mean(axis=0))
    assert not hasattr(aligner.adapter, "means_")
    assert len(aligner.get_feature_names_out()) == 3


def test_labels_are_not_needed(rng):
    X = rng.normal(size=(30, 3))
    Z = SampleDomainAdapter(Centring()).fit_transform(X, X_target=X + 1)
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-12)


def test_what_is_no_adapter_is_refused(rng):
    with pytest.raises(TypeError, match="adapter must be an estimator with fit and transform .* got None"):
        SampleDomainAdapter().fit(rng.normal(size=(5, 2)))
    with pytest.raises(TypeError, match=r"Weighting\.transform must return one row of features for each row, got dict"):
        SampleDomainAdapter(Weighting()).fit(rng.normal(size=(5, 2)))
