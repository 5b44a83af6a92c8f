"""Give the source the covariance of the target."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg
from sklearn.base import OneToOneFeatureMixin

from dacompare.checks import check_number
from dacompare.names import check_name
from dacompare.shallow.aligner import Aligner, Floats, align
from dacompare.shallow.memory import DEFAULT_MEMORY, check_memory


def correlation_alignment(
    X_source: ArrayLike,
    X_target: ArrayLike,
    *,
    regularisation: float = 1.0,
    centre: Literal["none", "both"] = "none",
    ddof: Literal[0, 1] = 1,
    max_memory: int = DEFAULT_MEMORY,
) -> tuple[Floats, Floats]:
    """Return source rows with the second moments of the target, and the target rows beside them.

    The source is whitened and coloured again: A = C_s^(-1/2) C_t^(1/2), both roots symmetric, is the linear map
    without a turn of its own that brings the covariance of the source to that of the target. Costs are those of
    :class:`CorrelationAlignment`.

    Parameters
    ----------
    X_source : array-like of shape (n_source, n_features)
    X_target : array-like of shape (n_target, n_features)
    regularisation : float
        λ ≥ 0, added to the diagonal of both covariances. It counts in squared units of the features: against
        variances far below λ the map is the identity, and nothing is aligned.
    centre : {"none", "both"}
        "none" maps the source as it is, so a difference of means stays; "both" takes each domain's mean off first.
    ddof : {1, 0}
        Covariances divide by n − ddof.
    max_memory : int
        Bytes for d x d matrices.

    Returns
    -------
    Z_source : ndarray of shape (n_source, n_features)
        X_s A, or (X_s − μ_s) A.
    Z_target : ndarray of shape (n_target, n_features)
        X_t, or X_t − μ_t.

    Raises
    ------
    ValueError
        Where a parameter is out of range, or the covariance of the source has no inverse square root.

    References
    ----------
    Sun, Feng & Saenko 2016, Return of frustratingly easy domain adaptation, algorithm 1.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X_source, X_target = rng.normal(size=(50, 3)), rng.normal(size=(40, 3)) * [1.0, 2.0, 5.0]
    >>> Z_source, _ = correlation_alignment(X_source, X_target, regularisation=0.0)
    >>> np.allclose(np.cov(Z_source.T), np.cov(X_target.T))
    True
    """
    return align(
        CorrelationAlignment(regularisation, centre=centre, ddof=ddof, max_memory=max_memory), X_source, X_target
    )


class CorrelationAlignment(OneToOneFeatureMixin, Aligner):
    """Give the source the covariance of the target (CORAL).

    Only source rows are mapped, by one matrix; target rows stay, or lose their mean. Fitting costs O(n d² + d³)
    for d features and holds six d x d matrices.

    Parameters
    ----------
    regularisation : float
        λ ≥ 0, added to the diagonal of both covariances; 1, as in the paper, supposes features of about unit
        variance. Rows of about unit length have variances near 1/d, and λ must be of that order to align them.
    centre : {"none", "both"}
        Whether each domain's mean is taken off first. "none" leaves the difference of means, as the paper does
        after its z-scores.
    ddof : {1, 0}
        Covariances divide by n − ddof.
    max_memory : int
        Bytes for d x d matrices.

    Attributes
    ----------
    alignment_ : ndarray of shape (n_features, n_features)
        C_s^(-1/2) C_t^(1/2), applied to rows from the right; the identity without a target.
    source_mean_, target_mean_ : ndarray of shape (n_features,)
        What is subtracted from each domain: zeros where `centre` is "none".
    n_features_in_ : int

    Raises
    ------
    ValueError
        Where `regularisation` is 0 and the source has fewer directions than features.
    MemoryError
        Where the features are too many for `max_memory`.

    References
    ----------
    Sun, Feng & Saenko 2016, Return of frustratingly easy domain adaptation, algorithm 1.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X_source, X_target = rng.normal(size=(50, 3)), rng.normal(size=(40, 3)) * [1.0, 2.0, 5.0]
    >>> aligner = CorrelationAlignment(1e-6, centre="both").fit(X_source, X_target=X_target)
    >>> Z_source = aligner.transform(X_source, domain="source")
    >>> np.allclose(Z_source.std(axis=0, ddof=1), X_target.std(axis=0, ddof=1), rtol=1e-4)
    True
    """

    def __init__(
        self,
        regularisation: float = 1.0,
        *,
        centre: Literal["none", "both"] = "none",
        ddof: Literal[0, 1] = 1,
        max_memory: int = DEFAULT_MEMORY,
    ) -> None:
        self.regularisation = regularisation
        self.centre = centre
        self.ddof = ddof
        self.max_memory = max_memory

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        self._check_parameters(X.shape[1])
        means = [domain.mean(axis=0) for domain in (X, X_target)]
        self.source_mean_, self.target_mean_ = means if self.centre == "both" else [np.zeros_like(m) for m in means]
        # A covariance undoes itself only up to rounding, and not at all where it is singular.
        self.alignment_ = np.eye(X.shape[1]) if X_target is X else self._whiten(X) @ self._colour(X_target)

    def _map(self, X: Floats, domain: str) -> Floats:
        return X - self.target_mean_ if domain == "target" else (X - self.source_mean_) @ self.alignment_

    def _whiten(self, X: Floats) -> Floats:
        # "evd": the default driver fails on some covariances of few rows, whose zeros are many and equal.
        variances, directions = linalg.eigh(self._covariance(X), driver="evd")
        if variances[0] <= variances[-1] * len(variances) * np.finfo(np.float64).eps:
            if self.regularisation > 0:
                raise ValueError(
                    f"regularisation must be larger here, got {self.regularisation!r}: variances of X differ by more"
                    " than numbers can hold, so the covariance has no inverse square root; or scale the features."
                )
            raise ValueError(
                f"regularisation must be above 0 here, got {self.regularisation!r}: the covariance of X has fewer"
                f" directions than its {len(variances)} features, so it has no inverse square root."
            )
        return (directions / np.sqrt(variances)) @ directions.T

    def _colour(self, X_target: Floats) -> Floats:
        variances, directions = linalg.eigh(self._covariance(X_target), driver="evd")
        # Directions that the target lacks come out as rounding noise on either side of 0.
        return (directions * np.sqrt(variances.clip(min=0))) @ directions.T

    def _covariance(self, X: Floats) -> Floats:
        centred = X - X.mean(axis=0)
        covariance = centred.T @ centred / (len(X) - self.ddof)
        covariance.flat[:: len(covariance) + 1] += self.regularisation
        return covariance

    def _check_parameters(self, n_features: int) -> None:
        check_number("regularisation", self.regularisation, at_least=0)
        check_name("centre", self.centre, ("none", "both"))
        if self.ddof not in (0, 1):
            raise ValueError(f"ddof must be 0 or 1, got {self.ddof!r}.")
        check_memory(
            n_features, n_features, copies=6, max_memory=self.max_memory, name="CORAL",
            way_out="reduce the features first, for example by PCA on both domains",
        )  # fmt: skip
