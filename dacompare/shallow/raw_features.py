"""Take rows as they are, where a comparison has no network: a linear SVM on the input."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from dacompare.domains.unwrapping import rows_for
from dacompare.shallow.linear_svm import linear_svm
from dacompare.shallow.row_norm_scaler import rms_row_norm
from dacompare.shallow.source_rows import check_labelled_source


class RawFeatures(ClassifierMixin, TransformerMixin, BaseEstimator):
    """Stand where a network stands: its features are the input, its own head is a linear SVM on them.

    The "source-only" row of a comparison with ``[network] name = "none"``. Target rows are never looked at.

    Parameters
    ----------
    C : float
        Of the SVM.
    random_state : int or None
        Of the SVM.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    classifier_ : LinearSVC
    scale_ : float
        Root mean square length of the training rows, by which the SVM's input is divided.
    n_features_in_ : int

    Examples
    --------
    >>> X, y = np.array([[0.0, 1.0], [0.0, 2.0], [1.0, 0.0], [2.0, 0.0]]), ["up", "up", "right", "right"]
    >>> RawFeatures().fit(X, y).predict([[0.0, 5.0]]).tolist()
    ['up']
    """

    # Read by scikit-learn's metadata routing: no user has to call set_fit_request.
    __metadata_request__fit = {"X_target": True, "monitor": False, "checkpoint": False}

    n_steps_ = None
    """No training, no steps."""

    def __init__(self, C: float = 1.0, *, random_state: int | None = 0) -> None:
        self.C = C
        self.random_state = random_state

    def fit(
        self, X: Any, y: ArrayLike, *, X_target: Any = None, monitor: Any = None, checkpoint: Any = None
    ) -> "RawFeatures":
        """Train the SVM on source rows.

        Parameters
        ----------
        X : array-like of shape (n, n_features) or Domain
        y : array-like of shape (n,)
        X_target, monitor, checkpoint : ignored
            Here so that a run can treat this as the network that it stands for.
        """
        rows, labels = check_labelled_source(self, X, y, dtype=(np.float64, np.float32))
        self.scale_ = rms_row_norm(rows)
        self.classifier_ = linear_svm(self.C, self.random_state).fit(rows / self.scale_, labels)
        self.classes_ = self.classifier_.classes_
        self.history_: dict[str, list[Any]] = {}
        return self

    def transform(self, X: Any) -> NDArray[Any]:
        """Return the rows as they are, shape (n, n_features)."""
        check_is_fitted(self)
        return validate_data(self, rows_for(self, X), dtype=(np.float64, np.float32), reset=False)

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the SVM's scores, shape (n, n_classes), or (n,) for two classes."""
        rows = self.transform(X)
        return self.classifier_.decision_function(rows / self.scale_)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the label of each row, shape (n,)."""
        rows = self.transform(X)
        return self.classifier_.predict(rows / self.scale_)

    def features_and_scores(self, X: Any) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """Return the rows, and one score a class, as a network does."""
        scores = self.decision_function(X)
        return self.transform(X), scores if scores.ndim == 2 else np.stack([-scores, scores], axis=1) / 2

    def save(self, path: Path) -> None:
        """Write nothing: what a run reads of it are its features and predictions, which lie beside."""
