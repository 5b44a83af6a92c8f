"""Hold source rows out for validators: those that a caller gives, or a share of the rows there are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_X_y

from dacompare.domains import split_rows
from dacompare.domains.unwrapping import unwrap
from dacompare.selection.candidate import check_labels

LabelledRows = tuple[NDArray[np.float64], NDArray[Any]]


def hold_out(
    X: NDArray[np.float64],
    y: NDArray[Any],
    X_test: Any = None,
    y_test: Any = None,
    *,
    groups: NDArray[Any] | None = None,
    test_size: float,
    random_state: int | None,
) -> tuple[LabelledRows, LabelledRows]:
    """Return rows to train on and rows held out, with their labels.

    Parameters
    ----------
    X : ndarray of shape (n_source, n_features)
    y : ndarray of shape (n_source,)
    X_test, y_test : array-likes, optional
        Rows held out by the caller; where there are none, a share of `X` is set aside by class.
    groups : ndarray of shape (n_source,), optional
        Rows of one group stay together.
    test_size : float
        That share, in (0, 1).
    random_state : int or None
        Of the split; None stands for 0.

    Raises
    ------
    ValueError
        Where only one of `X_test` and `y_test` is given, where they do not fit, where they hold none of the classes of
        `y`, and where no row of a class would be left to train on.

    Examples
    --------
    >>> X, y = np.zeros((20, 1)), np.arange(20) % 2
    >>> train, test = hold_out(X, y, test_size=0.2, random_state=0)
    >>> np.bincount(train[1]).tolist(), np.bincount(test[1]).tolist()
    ([8, 8], [2, 2])
    """
    if (X_test is None) != (y_test is None):
        raise ValueError("X_source_test and y_source_test go together; pass both, or neither.")
    if X_test is not None:
        X_test, y_test = check_X_y(unwrap(X_test), y_test, dtype=np.float64)
        if X_test.shape[1] != X.shape[1]:
            raise ValueError(f"X_source_test has {X_test.shape[1]} features, but X has {X.shape[1]}.")
        check_labels(y=y, y_source_test=y_test)
        if not np.isin(y_test, y).any():
            raise ValueError(
                f"y_source_test holds no class of y, the first is {y_test.tolist()[0]!r}; hold out rows of the classes"
                " to train on, or leave X_source_test and y_source_test out, so that some are set aside."
            )
        return (X, y), (X_test, y_test)
    kept, held = split_rows(y, groups, test_size, 0 if random_state is None else random_state)
    # The split leaves a class a row where it can: only where every class has a single one is any lost.
    if len(lost := np.setdiff1d(y, y[kept])):
        part = "row" if groups is None else "group"
        raise ValueError(
            f"test_size={test_size!r} sets aside the only {part} of class {lost.tolist()[0]!r}, since every class has a"
            f" single {part}; give more rows, or X_source_test and y_source_test, or one number as n_components, for"
            " which nothing is set aside."
        )
    return (X[kept], y[kept]), (X[held], y[held])
