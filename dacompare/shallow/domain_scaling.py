"""Give every feature mean 0 and standard deviation 1 in each domain."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import OneToOneFeatureMixin

from dacompare.shallow.aligner import Aligner, Floats, align


def domain_scaling(X_source: ArrayLike, X_target: ArrayLike, *, with_std: bool = True) -> tuple[Floats, Floats]:
    """Return the z-scores of the rows of two domains, each by its own mean and standard deviation.

    Costs O(n d) for n rows of d features.

    Parameters
    ----------
    X_source : array-like of shape (n_source, n_features)
    X_target : array-like of shape (n_target, n_features)
    with_std : bool
        Whether to divide, too; otherwise only the means are taken off.

    Returns
    -------
    Z_source : ndarray of shape (n_source, n_features)
        (X_s − μ_s) / σ_s, and 0 where a feature is constant in the source.
    Z_target : ndarray of shape (n_target, n_features)
        (X_t − μ_t) / σ_t, and 0 where a feature is constant in the target.

    References
    ----------
    The published code of Gong, Shi, Sha & Grauman 2012, Geodesic flow kernel for unsupervised domain adaptation,
    and of Fernando et al. 2013, Unsupervised visual domain adaptation using subspace alignment, starts with it.

    Examples
    --------
    >>> Z_source, Z_target = domain_scaling([[1.0], [3.0]], [[10.0], [50.0]])
    >>> Z_source.ravel().tolist(), Z_target.ravel().tolist()
    ([-1.0, 1.0], [-1.0, 1.0])
    """
    return align(DomainScaling(with_std), X_source, X_target)


class DomainScaling(OneToOneFeatureMixin, Aligner):
    """Give every feature mean 0 and standard deviation 1 in each domain.

    Many published methods do this as their first step; it is an adaptation of its own, and therefore a row of its
    own in a comparison. It undoes any gain and offset per feature and domain. It also takes a true difference for
    a gain or an offset: where the classes have other shares in the target, their means move with the shares, and
    the target is shifted to the wrong place. Fitting costs O(n d) for n rows of d features.

    Parameters
    ----------
    with_std : bool
        Whether to divide by the standard deviations, too; otherwise only the means are taken off.

    Attributes
    ----------
    source_mean_, target_mean_ : ndarray of shape (n_features,)
    source_scale_, target_scale_ : ndarray of shape (n_features,)
        What centred rows are divided by: the standard deviation (over n, not n − 1), infinity where a feature is
        constant in that domain, so that it stays 0 in new rows, too; 1 without `with_std`.
    n_features_in_ : int

    References
    ----------
    The published code of Gong, Shi, Sha & Grauman 2012, Geodesic flow kernel for unsupervised domain adaptation,
    and of Fernando et al. 2013, Unsupervised visual domain adaptation using subspace alignment, starts with it.

    Examples
    --------
    >>> aligner = DomainScaling().fit([[1.0], [3.0]], X_target=[[10.0], [50.0]])
    >>> aligner.transform([[30.0], [70.0]]).tolist(), aligner.transform([[2.0]], domain="source").tolist()
    ([[0.0], [2.0]], [[0.0]])
    """

    def __init__(self, with_std: bool = True) -> None:
        self.with_std = with_std

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        self.source_mean_, self.source_scale_ = self._describe(X)
        self.target_mean_, self.target_scale_ = self._describe(X_target)

    def _map(self, X: Floats, domain: str) -> Floats:
        if domain == "target":
            return (X - self.target_mean_) / self.target_scale_
        return (X - self.source_mean_) / self.source_scale_

    def _describe(self, X: Floats) -> tuple[Floats, Floats]:
        mean = X.mean(axis=0)
        if not self.with_std:
            return mean, np.ones_like(mean)
        spread = X.std(axis=0)
        # The mean of equal numbers may miss them by a last digit, and equal numbers each other, which a division would
        # blow up.
        alive = (X.min(axis=0) < X.max(axis=0)) & (spread > 10 * np.finfo(np.float64).eps * np.abs(mean))
        return mean, np.where(alive, spread, np.inf)
