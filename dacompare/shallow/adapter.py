"""Let an adapter that takes both domains in one array, as those of skada do, be a method of a comparison."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.validation import column_or_1d

from dacompare.checks import check_known_labels
from dacompare.domains.sample_domain import MASK, SOURCE, TARGET
from dacompare.shallow.aligner import Aligner, Floats
from dacompare.shallow.rows import apply_in_domain
from dacompare.shallow.weighting import WeightingClassifier, check_weights


class SampleDomainAligner(Aligner):
    """Bring two domains together by an adapter that tells their rows apart by a ``sample_domain`` number.

    Nothing is computed here: rows are stacked, the adapter is called as its own package calls it, and the result is
    cut again. Source labels reach it as whole numbers from 0 on, whatever their type; of the target it gets the mask -1
    instead of labels. Fitting and mapping copy the rows once, beyond what the adapter itself costs.

    Parameters
    ----------
    adapter : estimator
        With ``fit_transform(X, y, sample_domain=...)`` and ``transform(X, sample_domain=..., allow_source=True)``,
        which give rows; `sample_domain` is 1 for source rows and -2 for target rows. It is cloned. One that draws at
        random needs a `random_state` of its own.

    Attributes
    ----------
    adapter_ : estimator
        Fitted.
    n_components_ : int
        Columns of the common space.
    n_features_in_ : int

    Raises
    ------
    TypeError
        Where the adapter gives weights or labels instead of rows.
    ValueError
        Where a source row has no label but others have.

    References
    ----------
    Gnassounou et al. 2024, "SKADA-Bench", and the documentation of skada: sources are >= 0, targets < 0.

    Examples
    --------
    >>> from sklearn.base import BaseEstimator
    >>> class Centre(BaseEstimator):
    ...     def fit_transform(self, X, y=None, *, sample_domain=None):
    ...         self.means_ = [X[sample_domain < 0].mean(axis=0), X[sample_domain >= 0].mean(axis=0)]
    ...         return self.transform(X, sample_domain=sample_domain, allow_source=True)
    ...     def transform(self, X, y=None, *, sample_domain=None, allow_source=False):
    ...         return X - np.array(self.means_)[(sample_domain >= 0).astype(int)]
    >>> aligner = SampleDomainAligner(Centre()).fit([[1.0], [3.0]], X_target=[[7.0], [9.0]])
    >>> aligner.transform([[7.0]]).tolist(), aligner.transform([[3.0]], domain="source").tolist()
    ([[-1.0]], [[1.0]])
    """

    def __init__(self, adapter: Any) -> None:
        self.adapter = adapter

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        self.adapter_, output = _fit_stacked(self.adapter, X, X_target, y)
        if isinstance(output, tuple):
            raise TypeError(
                f"adapter={self.adapter!r} gives {_contents(output)}, not rows alone; SampleDomainWeighting takes"
                " adapters that weight source rows, and no row of a comparison can take those that label target rows."
            )
        if np.ndim(output) != 2:
            raise ValueError(
                f"adapter={self.adapter!r} must give a row for each row, got an array of shape {np.shape(output)}."
            )
        self.n_components_ = int(np.shape(output)[1])

    def _map(self, X: Floats, domain: str) -> Floats:
        number = SOURCE if domain == "source" else TARGET
        # A copy: what somebody else's code does to its input is not known.
        mapped = self.adapter_.transform(X.copy(), sample_domain=np.full(len(X), number), allow_source=True)
        return np.asarray(mapped, dtype=np.float64)

    @property
    def _n_features_out(self) -> int:
        return self.n_components_


class ByDomain(Aligner):
    """Make a step of a pipeline of anything that can be a row: with ``fit(X, y, X_target=...)`` and ``transform``.

    The estimator need not have asked scikit-learn for its target rows, nor know how to map what it was fitted on.

    Parameters
    ----------
    estimator : estimator
        Its `transform` may take ``domain``. It is cloned where scikit-learn can.

    Attributes
    ----------
    estimator_ : estimator
        Fitted.
    n_components_ : int
        Columns that it returns.
    n_features_in_ : int

    Examples
    --------
    >>> class Less:
    ...     def fit(self, X, y=None, X_target=None):
    ...         self.mean_ = X_target.mean(axis=0)
    ...         return self
    ...     def transform(self, X):
    ...         return X - self.mean_
    >>> ByDomain(Less()).fit([[1.0], [3.0]], X_target=[[7.0], [9.0]]).transform([[9.0]]).tolist()
    [[1.0]]
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        self.estimator_ = clone(self.estimator, safe=False).fit(X, y, X_target=X_target)
        self.n_components_ = self._map(X[:1], "source").shape[1]

    def _map(self, X: Floats, domain: str) -> Floats:
        return np.asarray(apply_in_domain(self.estimator_.transform, X, domain), dtype=np.float64)

    @property
    def _n_features_out(self) -> int:
        return self.n_components_


class SampleDomainWeighting(WeightingClassifier):
    """Train a classifier on source rows weighted by an adapter that tells domains apart by ``sample_domain``.

    As :class:`SampleDomainAligner`, for adapters that give weights. They are divided by their mean, so that the
    classifier's regularisation counts as much as without weights.

    Parameters
    ----------
    adapter : estimator
        With ``fit_transform(X, y, sample_domain=...)`` that gives ``(X, {"sample_weight": weights})``. It is cloned.
    estimator : classifier or None
        Its ``fit`` must take ``sample_weight``; None takes :func:`~dacompare.linear_svm`. It is cloned.

    Attributes
    ----------
    adapter_ : estimator
        Fitted; there is none without a target.
    weights_ : ndarray of shape (n_source,)
        One per source row, with mean 1.
    estimator_ : classifier
        Trained on the weighted rows.
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int

    Raises
    ------
    TypeError
        Where the adapter gives no weights.
    ValueError
        Where weights are not one number a row, negative, all 0 or not finite.

    Examples
    --------
    >>> from sklearn.base import BaseEstimator
    >>> class Near(BaseEstimator):
    ...     def fit_transform(self, X, y=None, *, sample_domain=None):
    ...         return X, {"sample_weight": (X[:, 0] >= X[sample_domain < 0, 0].min()).astype(float)}
    >>> weighting = SampleDomainWeighting(Near()).fit([[0.0], [1.0], [2.0]], ["a", "a", "b"], X_target=[[0.5], [2.0]])
    >>> weighting.weights_.tolist()
    [0.0, 1.5, 1.5]
    """

    def __init__(self, adapter: Any, estimator: Any = None) -> None:
        super().__init__(estimator)
        self.adapter = adapter

    def _weigh(self, X: Floats, X_target: Floats, y: NDArray[Any]) -> Floats:
        self.adapter_, output = _fit_stacked(self.adapter, X, X_target, y)
        weights = output[-1].get("sample_weight") if isinstance(output, tuple) and len(output) == 2 else None
        if weights is None:
            raise TypeError(
                f"adapter={self.adapter!r} gives {_contents(output)}, not rows and their sample_weight;"
                " SampleDomainAligner takes adapters that map rows."
            )
        # Those of the target rows, which come last, weigh nothing here.
        found = check_weights(np.asarray(weights)[: len(X)], len(X), f"adapter={self.adapter!r}")
        return found / found.mean()


def _fit_stacked(adapter: Any, X: Floats, X_target: Floats, y: Any) -> tuple[Any, Any]:
    """Return a fitted clone, and what its ``fit_transform`` gave for the rows of both domains."""
    fitted = clone(adapter)
    sample_domain = np.repeat([SOURCE, TARGET], [len(X), len(X_target)])
    labels = None if y is None else _masked_labels(X, X_target, y)
    return fitted, fitted.fit_transform(np.concatenate([X, X_target]), labels, sample_domain=sample_domain)


def _masked_labels(X: Floats, X_target: Floats, y: Any) -> NDArray[np.int64]:
    """Return source labels as whole numbers from 0 on, which leave room for the mask of the target rows."""
    codes = np.unique(check_known_labels("y", column_or_1d(y)), return_inverse=True)[1]
    return np.concatenate([codes, np.full(len(X_target), MASK)])


def _contents(output: Any) -> str:
    """Say what an adapter gave: rows, labels, or parameters by their names."""
    parts = output if isinstance(output, tuple) else (output,)
    named = [", ".join(part) for part in parts if isinstance(part, dict)]
    return " and ".join(["rows", *(["labels"] if len(parts) == 3 else []), *filter(None, named)])
