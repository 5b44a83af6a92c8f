"""Bring rows to a common size by one number, measured on the source."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from dacompare.domains.unwrapping import rows_for


def rms_row_norm(X: ArrayLike) -> float:
    """Return the root mean square length of the rows, the one scalar that features are divided by.

    One number for all columns stretches no direction. A scaler with a number per column blows up the columns
    of units that are nearly dead in the source and alive in the target.

    Parameters
    ----------
    X : array-like of shape (n, n_features)
        Source training features.

    Returns
    -------
    float
        √(mean over rows of ‖x‖²), above 0.

    Raises
    ------
    ValueError
        Where `X` is not a non-empty matrix, or holds nothing but zeros.

    Examples
    --------
    >>> rms_row_norm([[3.0, 4.0], [0.0, 5.0]])
    5.0
    """
    rows = np.asarray(X)
    if rows.ndim != 2 or not rows.size:
        raise ValueError(f"X must be a matrix of at least one row and one feature, got shape {rows.shape}.")
    # float64 whatever the input: a sum of many float32 squares loses digits.
    norm = float(np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64).mean()))
    if not 0 < norm < np.inf:
        raise ValueError(
            f"X has root mean square row norm {norm!r}, so it cannot be scaled: its entries are all 0, too large"
            " or not finite; check the columns, and of a network's features that it has not died or diverged."
        )
    return norm


class RowNormScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Divide rows of both domains by the root mean square length of the source rows.

    What every comparison does to features before a method or a linear SVM sees them, where a recipe says
    ``protocol.scaling = "rms"``: an SVM's C, and what a method adds to a covariance, then mean the same whatever the
    units of the input. Both domains get the same map, so nothing is adapted. Costs O(n d).

    Attributes
    ----------
    scale_ : float
        Root mean square length of the rows that `fit` got, see :func:`rms_row_norm`.
    n_features_in_ : int

    Examples
    --------
    >>> RowNormScaler().fit([[3.0, 4.0], [0.0, 5.0]]).transform([[10.0, 5.0]]).tolist()
    [[2.0, 1.0]]
    """

    def fit(self, X: Any, y: Any = None) -> "RowNormScaler":
        """Measure the source rows, of shape (n, n_features); `y` is not looked at."""
        self.scale_ = rms_row_norm(validate_data(self, rows_for(self, X), dtype=(np.float64, np.float32)))
        return self

    def transform(self, X: Any) -> NDArray[Any]:
        """Return rows of either domain divided by ``scale_``, shape (n, n_features)."""
        check_is_fitted(self)
        return validate_data(self, rows_for(self, X), dtype=(np.float64, np.float32), reset=False) / self.scale_
