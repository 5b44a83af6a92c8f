"""Fit a classifier that tells two domains apart."""

import warnings
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC

from dacompare.divergence.drawing import FOLDS, DrawnRows, folds_of

ClassifierName = Literal["svm", "logistic", "mlp"]

C_GRID = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
MAX_ITER = 200
HIDDEN = 32


class DomainClassifier(NamedTuple):
    """A way to tell two domains apart.

    Parameters
    ----------
    build : callable
        (C, random_state) -> unfitted classifier. C weighs the summed loss against half the squared norm of
        the weights, as in LIBLINEAR: a small C regularises.
    Cs : tuple of float
        What cross-validation chooses from, ascending.
    """

    build: Callable[[float, int], Any]
    Cs: tuple[float, ...] = C_GRID

    def fit(self, C: float, X: NDArray[Any], domain: NDArray[Any], random_state: int) -> Any:
        """Fit one; where C is too large to converge, cross-validation turns it down or `has_converged` says so."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return self.build(C, random_state).fit(X, domain)

    def choose_C(self, train: DrawnRows, random_state: int) -> float:
        """Return the C with the smallest cross-validated error; of equals the smallest C."""
        fold = folds_of(train, random_state)
        errors = np.zeros(len(self.Cs))
        for number in range(FOLDS):
            inside, outside = train.take(fold != number), train.take(fold == number)
            if len(np.unique(inside.domain)) < 2 or not len(outside.X):
                continue
            for position, C in enumerate(self.Cs):
                model = self.fit(C, inside.X, inside.domain, random_state)
                errors[position] += (model.predict(outside.X) != outside.domain).sum()
        return self.Cs[int(errors.argmin())]


def has_converged(model: Any) -> bool:
    """Return whether a fitted classifier stopped of itself.

    Examples
    --------
    >>> has_converged(CLASSIFIERS["svm"].fit(1.0, np.array([[0.0], [1.0]]), np.array([0, 1]), 0))
    True
    """
    return bool(np.max(model.n_iter_) < model.max_iter)


def _svm(C: float, random_state: int) -> LinearSVC:
    return LinearSVC(C=C, dual=False, tol=1e-3, max_iter=MAX_ITER)  # without dual=True it draws nothing


def _logistic(C: float, random_state: int) -> LogisticRegression:
    return LogisticRegression(C=C, max_iter=MAX_ITER)


def _mlp(C: float, random_state: int) -> MLPClassifier:
    # L-BFGS, not SGD: it has no learning rate, and early stopping would split groups.
    return MLPClassifier((HIDDEN,), alpha=1 / C, solver="lbfgs", max_iter=MAX_ITER, random_state=random_state)


CLASSIFIERS: dict[str, DomainClassifier] = {
    "svm": DomainClassifier(_svm),
    "logistic": DomainClassifier(_logistic),
    "mlp": DomainClassifier(_mlp, (1e-3, 1e-2, 1e-1, 1.0, 10.0)),
}
"""Name -> how to tell domains apart: two that see linear differences, one that sees others, too."""
