"""Build the classifier that all rows of a comparison share."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, sparse
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC
from sklearn.utils.validation import validate_data

from dacompare.names import check_name

CLASSIFIERS = ("svm", "1-nn")
# The rows may take gigabytes; LAPACK works in float64 whatever it is given.
IN_PLACE: dict[str, Any] = {"overwrite_a": True, "check_finite": False}


class WideLinearSVC(LinearSVC):
    """scikit-learn's linear SVM, trained in the space of its rows where there are more features than rows.

    Coordinate descent sees rows by their inner products alone, which a rotation leaves as they are: it takes the same
    steps to the same weights, but for rounding, and a step costs O(n) instead of O(n_features). The rotation costs
    O(n² n_features) once, and as much memory as the rows. Sparse rows, and dense ones that are mostly zeros, are
    trained on as they are, and so is all that has no more features than rows.

    Parameters, attributes and errors are those of :class:`sklearn.svm.LinearSVC`.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(20, 500))
    >>> labels = np.repeat(["cat", "dog"], 10)
    >>> wide, plain = WideLinearSVC(random_state=0).fit(rows, labels), LinearSVC(random_state=0).fit(rows, labels)
    >>> wide.coef_.shape, bool(np.allclose(wide.coef_, plain.coef_)), bool(wide.n_iter_ == plain.n_iter_)
    ((1, 500), True, True)
    """

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> "WideLinearSVC":
        """Fit as :meth:`sklearn.svm.LinearSVC.fit` does, with the same arguments, errors and weights."""
        if self.dual and self.penalty == "l2" and self.multi_class == "ovr" and not sparse.issparse(X):
            rows = validate_data(self, X, dtype=(np.float64, np.float32))
            n, n_features = rows.shape
            # What a pass over the rows costs is their non-zero entries; rotated, a triangle of n x n has no more.
            if n < n_features and np.count_nonzero(rows) > n * n:
                basis, upper = _rotation(rows)
                inner = LinearSVC(**{**self.get_params(), "dual": True})
                inner.fit(np.ascontiguousarray(upper.T), y, sample_weight)
                self.classes_, self.intercept_, self.n_iter_ = inner.classes_, inner.intercept_, inner.n_iter_
                self.coef_ = inner.coef_ @ basis.T
                return self
        super().fit(X, y, sample_weight)
        return self


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
        LIBLINEAR, one class against the rest, squared hinge loss; a :class:`WideLinearSVC`.

    References
    ----------
    Ganin & Lempitsky 2015, section 4, trains a linear SVM on the features of each network.

    Examples
    --------
    >>> linear_svm().fit([[0.0], [1.0]], ["cat", "dog"]).predict([[0.9]]).tolist()
    ['dog']
    """
    # The default of 1,000 iterations is too few on unscaled features of a network.
    return WideLinearSVC(C=C, dual="auto", tol=1e-4, max_iter=10_000, random_state=random_state)


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
    # An orthonormal basis holds no whole numbers, and half precision ends at 65,504.
    dtype = X.dtype if X.dtype in (np.float32, np.float64) else np.dtype(np.float64)
    if not others:
        (triangle,) = linalg.qr(_tall(X), mode="r", **IN_PLACE)
        return (np.ascontiguousarray(triangle[: len(X)].T.astype(dtype)).astype(np.float64, copy=False),)
    basis, upper = _rotation(X)
    basis = basis.astype(dtype, copy=False)
    return (upper.T.astype(dtype).astype(np.float64, copy=False), *(rows @ basis for rows in others))


def _tall(X: NDArray[Any]) -> NDArray[np.float64]:
    return np.array(X.T, dtype=np.float64, order="F")


def _rotation(X: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return an orthonormal basis of what the rows span, (n_features, n), and the rows in it as columns, (n, n)."""
    basis, upper = linalg.qr(_tall(X), mode="economic", **IN_PLACE)
    return basis, upper
