"""Train the linear SVM of LIBLINEAR by Newton's method: the same objective, in a fraction of the time."""

import warnings
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from dacompare.checks import check_count, check_number
from dacompare.shallow.memory import DEFAULT_MEMORY, check_memory
from dacompare.shallow.source_rows import check_two_classes
from dacompare.shallow.squared_hinge import ActiveGram, Floats, Minimum, SquaredHinge, minimise


def newton_svm(
    X: ArrayLike, y: ArrayLike, C: float = 1.0, *, sample_weight: ArrayLike | None = None
) -> tuple[Floats, Floats]:
    """Return the weights and intercepts of a linear SVM, each class against the rest.

    Each minimises ½(‖w‖² + b²) + C Σᵢ cᵢ max(0, 1 − yᵢ(wᵀxᵢ + b))². The intercept counts in the norm, as it
    does in LIBLINEAR. Costs are those of :class:`NewtonSVC`.

    Parameters
    ----------
    X : array-like of shape (n, n_features)
    y : array-like of shape (n,)
        Labels of any type, at least two classes.
    C : float
        Weight of the training errors against the margin; above 0.
    sample_weight : array-like of shape (n,), optional
        cᵢ ≥ 0, by default 1.

    Returns
    -------
    coef : ndarray of shape (n_classes, n_features), or (1, n_features) for two classes
        Rows in the order of the sorted labels; for two classes the row of the second.
    intercept : ndarray of shape (n_classes,) or (1,)

    References
    ----------
    Fan, Chang, Hsieh, Wang & Lin 2008, LIBLINEAR, equation 1 with the L2 loss; Chapelle 2007, section 4.

    Examples
    --------
    >>> coef, intercept = newton_svm([[-1.0], [1.0]], ["cat", "dog"])
    >>> coef.round(6).tolist(), abs(intercept.round(6)).tolist()
    ([[0.8]], [0.0])
    """
    svm = NewtonSVC(C).fit(X, y, sample_weight=sample_weight)
    return svm.coef_, svm.intercept_


class NewtonSVC(ClassifierMixin, BaseEstimator):
    """A linear SVM with squared hinge loss, trained by Newton's method in the primal.

    It minimises what ``sklearn.svm.LinearSVC(dual=False)`` minimises, to a bound that it can prove, and is made for
    many rows and up to some hundred features: the cost is O(iterations · n_classes · n · n_features²) at worst, and
    far less once few rows cross the margin. LIBLINEAR is the better choice from about a thousand features.

    Parameters
    ----------
    C : float
        Weight of the training errors against the margin; above 0.
    tol : float
        Largest duality gap, as a share of the objective: a guarantee, and stricter than LIBLINEAR's `tol`. Newton's
        last step is most often exact, so that a small one costs next to nothing.
    max_iter : int
        Newton steps at most.
    fit_intercept : bool
        Whether there is an intercept; without one, rows should be centred.
    intercept_scaling : float
        Value of the constant feature that the intercept is the weight of; a larger one counts less in the norm.
    max_memory : int
        Bytes that the Hessians of all classes may take.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    coef_ : ndarray of shape (n_classes, n_features), or (1, n_features) for two classes
    intercept_ : ndarray of shape (n_classes,) or (1,)
    n_iter_ : int
        Newton steps of the slowest class.
    objective_, gap_ : ndarray of shape (n_classes,) or (1,)
        What was minimised, and by what share it is above its minimum at most.
    n_features_in_ : int

    References
    ----------
    Keerthi & DeCoste 2005, A modified finite Newton method for fast solution of large scale linear SVMs.
    Fan, Chang, Hsieh, Wang & Lin 2008, LIBLINEAR: a library for large linear classification, equation 1.

    Examples
    --------
    >>> svm = NewtonSVC().fit([[-1.0], [1.0], [1.5]], ["cat", "dog", "dog"])
    >>> svm.predict([[-2.0], [3.0]]).tolist(), bool(svm.gap_ <= 1e-10)
    (['cat', 'dog'], True)
    """

    def __init__(
        self,
        C: float = 1.0,
        *,
        tol: float = 1e-10,
        max_iter: int = 1000,
        fit_intercept: bool = True,
        intercept_scaling: float = 1.0,
        max_memory: int = DEFAULT_MEMORY,
    ) -> None:
        self.C = C
        self.tol = tol
        self.max_iter = max_iter
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.max_memory = max_memory

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        coef_init: ArrayLike | None = None,
        intercept_init: ArrayLike | None = None,
    ) -> "NewtonSVC":
        """Train each class against the rest.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
        y : array-like of shape (n,)
        sample_weight : array-like of shape (n,) or float, optional
            Weight of each row's loss, at least 0.
        coef_init, intercept_init : array-likes of the shapes of ``coef_`` and ``intercept_``, optional
            Where to begin. The minimum is unique, so this changes only the time that it takes.

        Raises
        ------
        ValueError
            For a parameter out of range, a single class, or features whose squares overflow.
        MemoryError
            Where the Hessians would take more than `max_memory`.
        """
        self.check_parameters()
        rows, labels = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(labels)
        classes, codes = np.unique(labels, return_inverse=True)
        hinge = SquaredHinge(
            append_constant(rows, self.intercept_scaling) if self.fit_intercept else rows,
            codes,
            positives(classes),
            float(self.C),
            _check_weight(sample_weight, rows),
        )
        width = hinge.rows.shape[1]
        check_hessians(len(hinge.positives), width, self.max_memory)
        start = self._start(coef_init, intercept_init, (len(hinge.positives), self.n_features_in_))
        # One BLAS thread: sums in another order would give other last digits.
        with threadpool_limits(1):
            found = minimise(ActiveGram(hinge), np.eye(width), tol=self.tol, max_iter=self.max_iter, start=start)
        return self.accept(classes, found)

    def check_parameters(self) -> None:
        """Refuse a parameter that is out of range."""
        for name in ("C", "tol", "intercept_scaling"):
            check_number(name, getattr(self, name), above=0)
        check_count("max_iter", self.max_iter)

    def accept(self, classes: NDArray[Any], found: Minimum) -> "NewtonSVC":
        """Take a minimum found elsewhere for what was learned; its first weight is that of the constant feature.

        Parameters
        ----------
        classes : ndarray of shape (n_classes,)
        found : Minimum
        """
        self.classes_ = classes
        self.coef_ = found.weights[:, 1:].copy() if self.fit_intercept else found.weights
        self.intercept_ = found.weights[:, 0] * (self.intercept_scaling if self.fit_intercept else 0.0)
        self.n_features_in_ = self.coef_.shape[1]
        self.n_iter_ = int(found.n_iter.max())
        self.objective_, self.gap_ = found.objective, found.gap
        if not found.converged.all():
            warnings.warn(
                f"NewtonSVC stopped at a duality gap of {found.gap.max():.2g}, above tol={self.tol:g}, after"
                f" {self.n_iter_} iterations; scale the features, or raise max_iter.",
                ConvergenceWarning,
                stacklevel=3,
            )
        return self

    def decision_function(self, X: ArrayLike) -> Floats:
        """Return the signed scores, shape (n, n_classes), or (n,) for two classes."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=np.float64, reset=False)
        scores = rows @ self.coef_.T + self.intercept_
        return scores[:, 0] if len(self.coef_) == 1 else scores

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label of each row, shape (n,)."""
        scores = self.decision_function(X)
        return self.classes_[(scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)]

    def _start(self, coef: Any, intercept: Any, shape: tuple[int, int]) -> Floats | None:
        if coef is None and intercept is None:
            return None
        w = np.zeros(shape) if coef is None else check_array(coef, dtype=np.float64, input_name="coef_init")
        b = np.zeros(len(w)) if intercept is None else np.asarray(intercept, np.float64)
        if w.shape != shape or b.shape != shape[:1]:
            raise ValueError(
                f"coef_init and intercept_init must have shapes {shape} and {shape[:1]}, got {w.shape} and {b.shape}."
            )
        return append_constant(w, b / self.intercept_scaling) if self.fit_intercept else w


def append_constant(X: Floats, value: Any) -> Floats:
    """Return the rows with the constant feature of the intercept in front: leading columns keep their intercept.

    Examples
    --------
    >>> append_constant(np.array([[2.0], [3.0]]), 1.0).tolist()
    [[1.0, 2.0], [1.0, 3.0]]
    """
    rows = np.empty((len(X), X.shape[1] + 1))
    rows[:, 0], rows[:, 1:] = value, X
    return rows


def positives(classes: NDArray[Any]) -> NDArray[np.int64]:
    """Return the classes that are set against the rest: the second of two, all of more.

    Raises
    ------
    ValueError
        For a single class.

    Examples
    --------
    >>> positives(np.array(["cat", "dog"])).tolist(), positives(np.arange(3)).tolist()
    ([1], [0, 1, 2])
    """
    check_two_classes(classes)
    return np.arange(len(classes)) if len(classes) > 2 else np.array([1])


def check_hessians(n_problems: int, width: int, max_memory: int = DEFAULT_MEMORY) -> None:
    """Refuse Hessians that would not fit; see `check_memory`."""
    way_out = 'use LinearSVC (solver="liblinear" in a sweep), or fewer features'
    check_memory(
        n_problems * width, width, copies=2, max_memory=max_memory, name="Newton's method for an SVM", way_out=way_out
    )


def _check_weight(sample_weight: Any, rows: Floats) -> Floats | None:
    if sample_weight is None:
        return None
    if isinstance(sample_weight, Real):
        sample_weight = np.full(len(rows), float(sample_weight))
    weight: Floats = check_array(sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight")
    check_consistent_length(weight, rows)
    if weight.ndim != 1 or (weight < 0).any():
        raise ValueError(f"sample_weight must be one number of at least 0 per row, got {sample_weight!r}.")
    if not weight.any():
        raise ValueError("sample_weight is zero for every row: no weight is left to learn from.")
    return weight
