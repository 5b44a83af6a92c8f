"""Take the rows out of whatever a caller calls a domain."""

import sys
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from dacompare.domains.domain import Domain


@dataclass(frozen=True)
class WholeTarget:
    """Hold target rows as they are, missing values and text included, so that no splitter of scikit-learn cuts them.

    scikit-learn cuts what ``fit`` gets as it cuts the source rows where both are as long. It leaves a `Domain` alone,
    which holds numbers only; this holds what the first steps of a pipeline can read.

    Parameters
    ----------
    X : array-like or data frame
        Target rows; nothing is checked.

    Examples
    --------
    >>> WholeTarget([[None, "red"]]).X
    [[None, 'red']]
    """

    X: Any


def unwrap(X: Any, *, named: bool = False) -> Any:
    """Return the rows of a `Domain` or `WholeTarget`, or the array itself.

    Parameters
    ----------
    X : array-like or Domain
        Both are accepted wherever an estimator takes ``X_target``.
    named : bool
        Whether the rows of a domain whose columns have names come as a data frame, for somebody who knows other rows by
        such names. Without them scikit-learn would warn, and could not see that columns stand in another order.

    Examples
    --------
    >>> unwrap(Domain([[1.0], [2.0]])).tolist()
    [[1.0], [2.0]]
    """
    if not isinstance(X, Domain):
        return X.X if isinstance(X, WholeTarget) else X
    # Never imported for this: where nobody has imported it, no rows have names that could be compared.
    pandas = sys.modules.get("pandas")
    return pandas.DataFrame(X.X, columns=list(X.feature_names)) if named and X.feature_names and pandas else X.X


def groups_of(X: Any) -> NDArray[Any] | None:
    """Return the groups of the rows of a `Domain`; None where it has none, and for an array.

    Examples
    --------
    >>> groups_of(Domain([[1.0], [2.0]], groups=[7, 7])).tolist()
    [7, 7]
    """
    return X.groups if isinstance(X, Domain) else None


def rows_for(estimator: Any, X: Any) -> Any:
    """Return rows for a fitted estimator: those of a `Domain` with the names of its columns, if it was fitted on names.

    Parameters
    ----------
    estimator : estimator
        One that was fitted on a data frame has ``feature_names_in_``.
    X : array-like or Domain

    Examples
    --------
    >>> from sklearn.preprocessing import StandardScaler
    >>> rows_for(StandardScaler().fit([[1.0], [3.0]]), Domain([[1.0]], feature_names=["length"])).tolist()
    [[1.0]]
    """
    return unwrap(X, named=hasattr(estimator, "feature_names_in_"))
