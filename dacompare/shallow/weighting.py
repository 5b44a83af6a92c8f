"""What methods that weight source rows have in common: a classifier trained on the rows, each with its weight."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.metrics import accuracy_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, has_fit_parameter, validate_data
from threadpoolctl import threadpool_limits

from dacompare.domains.checks import check_same_columns
from dacompare.domains.cross_validation import warn_of_cut_target
from dacompare.domains.unwrapping import rows_for
from dacompare.shallow.linear_svm import linear_svm
from dacompare.shallow.rows import DomainName, check_domain, check_target
from dacompare.shallow.source_rows import check_labelled_source

Floats = NDArray[np.float64]
# Weight of a row of a class that has no other, in mean weights.
TRACE = 1e-9


def _estimator_has(method: str) -> Callable[[Any], bool]:
    def check(weighting: Any) -> bool:
        inner = getattr(weighting, "estimator_", weighting.estimator)
        return hasattr(linear_svm() if inner is None else inner, method)

    return check


class WeightingClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """Train a classifier on weighted source rows, so that together they look like the target.

    A child writes one method: ``_weigh(X, X_target, y)`` gets float64 rows of both domains and the source labels, and
    returns a weight from 0 on for each source row. Rows themselves are left as they are: there is no ``transform``, and
    both domains go through one and the same classifier.

    Parameters
    ----------
    estimator : classifier or None
        Its ``fit`` must take ``sample_weight``; None takes :func:`~dacompare.linear_svm`. It is cloned.

    Attributes
    ----------
    weights_ : ndarray of shape (n_source,)
        One per source row; all one where there is no target.
    estimator_ : classifier
        Trained on the weighted rows.
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int
    """

    # Read by scikit-learn's metadata routing: no user has to call set_fit_request.
    __metadata_request__fit = {"X_target": True}
    __metadata_request__predict = {"domain": True}
    __metadata_request__predict_proba = {"domain": True}
    __metadata_request__decision_function = {"domain": True}

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: ArrayLike, *, X_target: Any = None) -> Any:
        """Weight the source rows, and train the classifier on them.

        Parameters
        ----------
        X : array-like of shape (n_source, n_features) or Domain
            Source rows.
        y : array-like of shape (n_source,)
            Their labels.
        X_target : array-like of shape (n_target, n_features) or Domain, optional
            Target rows; None stands for no adaptation: every row weighs 1.

        Raises
        ------
        TypeError
            Where the estimator takes no weights.
        ValueError
            Where the domains have different features, or rows that hold NaN or infinity, where y is no vector of labels
            of two classes at least, and where a child gives weights that are none.
        """
        rows, labels = check_labelled_source(self, X, y)
        target = None if X_target is None else check_target(X_target, self.n_features_in_, least=1)
        check_same_columns(X, X_target)
        warn_of_cut_target(X, X_target)
        estimator = self._new_estimator()
        self.classes_, codes = np.unique(labels, return_inverse=True)
        # One BLAS thread: sums in another order would give other last digits.
        with threadpool_limits(1):
            self.weights_: Floats = np.ones(len(rows)) if target is None else self._checked(rows, target, labels)
            weights = keep_every_class(self.weights_, codes)
            if has_fit_parameter(estimator, "sample_weight"):
                self.estimator_ = estimator.fit(rows, labels, sample_weight=weights)
            else:
                self.estimator_ = estimator.fit(rows[weights > 0], labels[weights > 0])
        return self

    def _only_selects(self) -> bool:
        """Return whether rows that count weigh alike, so that an estimator without weights can be trained on those."""
        return False

    @available_if(_estimator_has("predict"))
    def predict(self, X: Any, *, domain: DomainName = "target") -> NDArray[Any]:
        """Return the label of each row, shape (n,).

        Parameters
        ----------
        X : array-like of shape (n, n_features) or Domain
        domain : {"target", "source"}
            Which domain the rows come from. It makes no difference; it is taken so that all methods can be called
            alike.
        """
        return self._ask("predict", X, domain)

    @available_if(_estimator_has("decision_function"))
    def decision_function(self, X: Any, *, domain: DomainName = "target") -> Floats:
        """Return the estimator's scores, shape (n, n_classes), or (n,) for two classes; see ``predict``."""
        return self._ask("decision_function", X, domain)

    @available_if(_estimator_has("predict_proba"))
    def predict_proba(self, X: Any, *, domain: DomainName = "target") -> Floats:
        """Return the probability of each class, shape (n, n_classes); see ``predict``."""
        return self._ask("predict_proba", X, domain)

    def score(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None, *, domain: DomainName = "target"
    ) -> float:
        """Return the accuracy, in [0, 1]; see ``predict``."""
        return float(accuracy_score(y, self.predict(X, domain=domain), sample_weight=sample_weight))

    def _checked(self, X: Floats, X_target: Floats, y: NDArray[Any]) -> Floats:
        return check_weights(self._weigh(X, X_target, y), len(X), f"{type(self).__name__}._weigh")

    def _weigh(self, X: Floats, X_target: Floats, y: NDArray[Any]) -> Floats:
        raise TypeError(f"{type(self).__name__} must define _weigh(X, X_target, y)")

    def _ask(self, method: str, X: Any, domain: str) -> Any:
        check_is_fitted(self)
        check_domain(domain)
        rows = validate_data(self, rows_for(self, X), dtype=np.float64, reset=False)
        with threadpool_limits(1):
            return getattr(self.estimator_, method)(rows)

    def _new_estimator(self) -> Any:
        estimator = linear_svm() if self.estimator is None else clone(self.estimator)
        if not has_fit_parameter(estimator, "sample_weight") and not self._only_selects():
            raise TypeError(
                f"the fit of estimator={self.estimator!r} takes no sample_weight, so source rows cannot be weighted;"
                " pass one that does, such as LogisticRegression(), or None for a linear SVM."
            )
        return estimator


def check_weights(weights: Any, n_source: int, given_by: str) -> Floats:
    """Return weights as float64, one for each source row, or say why they are none.

    Parameters
    ----------
    weights : array-like of shape (n_source,)
    n_source : int
    given_by : str
        Who gives them, for the message.

    Raises
    ------
    ValueError
        For another shape, what is no number, negative weights, NaN or infinity, and where all are 0.

    Examples
    --------
    >>> check_weights([-1.0, 2.0], 2, "Nearness._weigh")
    Traceback (most recent call last):
        ...
    ValueError: Nearness._weigh gives source rows weights from -1 to 2; they must be finite and not negative, and one at
    least above 0.
    """
    given = np.asarray(weights)
    if given.shape != (n_source,) or given.dtype.kind not in "biuf":
        what = "None" if weights is None else f"dtype {given.dtype} and shape {given.shape}"
        raise ValueError(f"{given_by} must give a number for each of the {n_source} source rows, got {what}.")
    found: Floats = given.astype(np.float64)
    # The comparison fails for NaN, too.
    if not (found.min() >= 0 and 0 < found.mean() < np.inf):
        raise ValueError(
            f"{given_by} gives source rows weights from {found.min():g} to {found.max():g};"
            " they must be finite and not negative, and one at least above 0."
        )
    return found


def keep_every_class(weights: Floats, codes: NDArray[np.int64]) -> Floats:
    """Return the weights, with a trace of weight on the rows of every class that has none.

    LIBLINEAR drops rows without weight, and scikit-learn then mixes up the labels of the classes that are left.

    Parameters
    ----------
    weights : ndarray of shape (n,)
    codes : ndarray of int of shape (n,)
        Class of each row, 0 to n_classes − 1.

    Examples
    --------
    >>> keep_every_class(np.array([2.0, 0.0, 0.0]), np.array([0, 0, 1])).tolist()
    [2.0, 0.0, 6.666666666666666e-10]
    """
    empty = np.bincount(codes, weights) == 0
    return np.where(empty[codes], TRACE * weights.mean(), weights)
