"""What all aligners have in common: two domains checked at the door, and a map for each."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from dacompare.domains.checks import check_same_columns
from dacompare.domains.cross_validation import warn_of_cut_target, warn_of_target_map
from dacompare.domains.unwrapping import rows_for, unwrap
from dacompare.shallow.rows import check_domain, check_given, check_target
from dacompare.shallow.source_rows import check_labels_of_source

Floats = NDArray[np.float64]


class Aligner(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Bring the rows of two domains into one space; a classifier trained on the source there serves the target.

    A child writes two methods. ``_learn(X, X_target, y)`` gets float64 rows of both domains and learns;
    ``_map(X, domain)`` gets float64 rows of one of them and returns them in the common space. Where no target is
    given, the source stands for it: both arguments are then the same array.
    """

    # Read by scikit-learn's metadata routing: no user has to call set_fit_request.
    __metadata_request__fit = {"X_target": True}
    __metadata_request__transform = {"domain": True}

    def fit(self, X: Any, y: Any = None, *, X_target: Any = None) -> Any:
        """Learn from both domains.

        Parameters
        ----------
        X : array-like of shape (n_source, n_features) or Domain
            Source rows.
        y : array-like of shape (n_source,), optional
            Their labels, which only methods that say so look at.
        X_target : array-like of shape (n_target, n_features) or Domain, optional
            Target rows; None stands for no adaptation: the source is aligned with itself.

        Raises
        ------
        ValueError
            Where the domains have different features, or rows that hold NaN or infinity, and where y is no vector of
            labels, as when target rows are given in its place.
        """
        X = unwrap(X, named=True)
        rows: Floats = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        check_labels_of_source(y, len(rows))
        target = rows if X_target is None else check_target(X_target, self.n_features_in_)
        if X_target is not None and target is rows:  # the same array as the source is a target like any other
            target = rows.view()
        check_same_columns(X, X_target)
        warn_of_cut_target(X, X_target)
        # One BLAS thread: sums in another order would give other last digits.
        with threadpool_limits(1):
            self._learn(rows, target, y)
        return self

    def fit_transform(self, X: Any, y: Any = None, *, X_target: Any = None) -> Floats:
        """Learn from both domains, and return the source in the common space, shape (n_source, n_features_out)."""
        return self.fit(X, y, X_target=X_target).transform(X, domain="source")

    def transform(self, X: Any, *, domain: Literal["source", "target"] = "target") -> Floats:
        """Return rows of either domain in the common space, shape (n, n_features_out).

        Parameters
        ----------
        X : array-like of shape (n, n_features) or Domain
        domain : {"target", "source"}
            Which domain the rows come from. They cannot tell themselves: each domain has a map of its own.
        """
        check_is_fitted(self)
        check_domain(domain)
        warn_of_target_map(domain)
        rows = validate_data(self, rows_for(self, X), dtype=np.float64, reset=False)
        with threadpool_limits(1):
            return self._map(rows, domain)

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        raise TypeError(f"{type(self).__name__} must define _learn(X, X_target, y)")

    def _map(self, X: Floats, domain: str) -> Floats:
        raise TypeError(f"{type(self).__name__} must define _map(X, domain)")


def align(aligner: Any, X_source: Any, X_target: Any, y_source: Any = None) -> tuple[Floats, Floats]:
    """Return source and target rows in the common space of an aligner that has not been fitted yet.

    As arrays, whatever scikit-learn is set to give out of a ``transform``: functions take arrays and return arrays.

    Examples
    --------
    >>> from dacompare.shallow import DomainScaling
    >>> source, target = align(DomainScaling(with_std=False), [[0.0], [2.0]], [[5.0], [6.0]])
    >>> source.ravel().tolist(), target.ravel().tolist()
    ([-1.0, 1.0], [-0.5, 0.5])
    """
    check_given(X_target)
    aligner.set_output(transform="default")
    Z_source = aligner.fit_transform(X_source, y_source, X_target=X_target)
    return Z_source, aligner.transform(X_target)


def check_dimension(n_components: Any, limit: int, why: str, *, name: str = "n_components") -> int:
    """Return a number of dimensions, `limit` where None asks for as many as there are.

    Parameters
    ----------
    n_components : int or None
    limit : int
    why : str
        Where the limit comes from, for the message.
    name : str
        Of the parameter.

    Raises
    ------
    TypeError, ValueError
        For anything but a whole number from 1 to `limit`.

    Examples
    --------
    >>> check_dimension(None, 7, "the rows have rank 7")
    7
    >>> check_dimension(9, 7, "the rows have rank 7")
    Traceback (most recent call last):
        ...
    ValueError: n_components must be between 1 and 7, got 9: the rows have rank 7.
    """
    wanted = limit if n_components is None else n_components
    if isinstance(wanted, bool) or not isinstance(wanted, int | np.integer):
        raise TypeError(f"{name} must be a whole number or None, got {wanted!r}.")
    if not 1 <= wanted <= limit:
        raise ValueError(f"{name} must be between 1 and {limit}, got {wanted!r}: {why}.")
    return int(wanted)
