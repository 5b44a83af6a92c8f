"""Build the classifier that all rows of a comparison share, and measure the one number that scales its input."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

from dacompare.names import check_name

CLASSIFIERS = ("svm", "1-nn")


def shared_classifier(name: str, C: float = 1.0, random_state: int | None = 0) -> LinearSVC | KNeighborsClassifier:
    """Return the unfitted classifier that all rows of a comparison share.

    Parameters
    ----------
    name : {"svm", "1-nn"}
        A linear SVM, or the label of the nearest source row, as in the papers of the surf-feature benchmarks.
    C, random_state
        Of the SVM.

    Examples
    --------
    >>> shared_classifier("1-nn").fit([[0.0], [1.0]], ["cat", "dog"]).predict([[0.9]]).tolist()
    ['dog']
    """
    check_name("classifier", name, CLASSIFIERS)
    return linear_svm(C, random_state) if name == "svm" else KNeighborsClassifier(1)


def linear_svm(C: float = 1.0, random_state: int | None = 0) -> LinearSVC:
    """Return an unfitted linear SVM with the settings that all rows of a comparison share.

    Parameters
    ----------
    C : float
        Weight of the training errors against the margin; above 0.
    random_state : int or None
        Seed of LIBLINEAR's coordinate descent, which runs only where there are more features than rows.

    Returns
    -------
    LinearSVC
        LIBLINEAR, one class against the rest, squared hinge loss.

    References
    ----------
    Ganin & Lempitsky 2015, section 4, trains a linear SVM on the features of each network.

    Examples
    --------
    >>> linear_svm().fit([[0.0], [1.0]], ["cat", "dog"]).predict([[0.9]]).tolist()
    ['dog']
    """
    # The default of 1,000 iterations is too few on unscaled features of a network.
    return LinearSVC(C=C, dual="auto", tol=1e-4, max_iter=10_000, random_state=random_state)


def in_row_space(X: NDArray[Any], *others: NDArray[Any]) -> tuple[NDArray[np.float64], ...]:
    """Return rows with more columns than there are rows in as many columns as there are rows.

    They are rotated into the space that they span. No linear SVM can tell: its weights lie in that space. What other
    rows have outside of it, the SVM cannot see either. Cost O(n² d) for n rows.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        What the SVM learns from.
    *others : ndarrays of shape (n_other, n_features)
        Rows that it is to predict.

    Returns
    -------
    tuple of ndarrays
        `X` and the others, with min(n, n_features) columns.

    Examples
    --------
    >>> rows, other = in_row_space(np.array([[3.0, 4.0, 0.0]]), np.array([[3.0, 4.0, 9.0]]))
    >>> abs(rows).round(6).tolist(), abs(other).round(6).tolist()
    ([[5.0]], [[5.0]])
    """
    if X.shape[0] >= X.shape[1]:
        return (X, *others)
    dtype = X.dtype if X.dtype.kind == "f" else np.dtype(np.float64)  # an orthonormal basis holds no whole numbers
    # In place, for the rows may take gigabytes; LAPACK works in float64 whatever it is given.
    tall = np.array(X.T, dtype=np.float64, order="F")
    how: dict[str, Any] = {"overwrite_a": True, "check_finite": False}
    if not others:
        (triangle,) = linalg.qr(tall, mode="r", **how)
        return (np.ascontiguousarray(triangle[: len(X)].T.astype(dtype)).astype(np.float64, copy=False),)
    basis, upper = linalg.qr(tall, mode="economic", **how)
    basis = basis.astype(dtype, copy=False)
    return (upper.T.astype(dtype).astype(np.float64, copy=False), *(rows @ basis for rows in others))


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
