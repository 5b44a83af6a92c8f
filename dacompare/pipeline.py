"""Chain steps so that each one meets the target as the steps before it have left it."""

from collections.abc import Callable
from typing import Any, Literal

from numpy.typing import ArrayLike
from sklearn import config_context
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from dacompare.domains.checks import columns_of
from dacompare.domains.cross_validation import warn_of_cut_target, warn_of_default_score
from dacompare.domains.unwrapping import rows_for, unwrap
from dacompare.shallow.rows import apply_in_domain, check_domain, takes_domain

DomainName = Literal["source", "target"]


def make_adaptation_pipeline(*steps: Any, memory: Any = None, verbose: bool = False) -> "AdaptationPipeline":
    """Build an `AdaptationPipeline`; steps are named after their classes, as by scikit-learn's make_pipeline.

    Parameters
    ----------
    *steps : estimators
        In the order in which rows pass them.
    memory, verbose
        As in scikit-learn's Pipeline.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import LinearSVC
    >>> from dacompare import SubspaceAlignment
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 4)), np.arange(60) % 2
    >>> pipeline = make_adaptation_pipeline(StandardScaler(), SubspaceAlignment(2), LinearSVC())
    >>> pipeline.fit(X, y, X_target=X[:40] + 1).predict(X + 1).shape
    (60,)
    """
    return AdaptationPipeline(make_pipeline(*steps).steps, memory=memory, verbose=verbose)


def _last_step_has(method: str) -> Callable[[Any], bool]:
    return lambda pipeline: hasattr(pipeline.steps[-1][1], method)


def _every_step_transforms(pipeline: Any) -> bool:
    return all(step in (None, "passthrough") or hasattr(step, "transform") for _, step in pipeline.steps)


class AdaptationPipeline(Pipeline):
    """A scikit-learn pipeline whose ``fit`` takes target rows, and which knows source rows from target rows.

    ``X_target`` passes through the steps before each step that wants it: a scaler in front scales the target
    as it scales the source, and never sees it in its own ``fit``.

    Parameters
    ----------
    steps : list of (name, estimator)
    memory, verbose
        As in scikit-learn's Pipeline.

    Notes
    -----
    Cross-validation folds are *source* rows. So (1) give ``scoring=validator_scorer("source-accuracy")`` or
    another validator: the bare default score sends source rows through the target map, and means nothing;
    (2) give ``X_target=Domain(X_target)``: scikit-learn cuts every bare array that is as long as X. Both
    mistakes are warned of where they can be seen.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.svm import LinearSVC
    >>> from dacompare import Domain, SubspaceAlignment, validator_scorer
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 4)), np.arange(60) % 2
    >>> pipeline = make_adaptation_pipeline(SubspaceAlignment(), LinearSVC())
    >>> grid = {"subspacealignment__n_components": [1, 2, 3]}
    >>> search = GridSearchCV(pipeline, grid, scoring=validator_scorer("reverse-svm", X_target=X + 1))
    >>> search.fit(X, y, X_target=Domain(X + 1)).predict(X + 1).shape
    (60,)
    """

    def __init__(self, steps: list[tuple[str, Any]], *, memory: Any = None, verbose: bool = False) -> None:
        super().__init__(steps, transform_input=["X_target"], memory=memory, verbose=verbose)

    def fit(self, X: Any, y: Any = None, *, X_target: Any = None, **params: Any) -> "AdaptationPipeline":
        """Fit all steps in order.

        Parameters
        ----------
        X, y : array-likes
            Source rows and their labels.
        X_target : array-like or Domain, optional
            Target rows, without labels; None means no adaptation.
        **params
            What else steps have requested by scikit-learn's metadata routing.
        """
        params |= self._routed(X, X_target)
        with config_context(enable_metadata_routing=True):
            return super().fit(X, y, **params)

    @available_if(_every_step_transforms)
    def fit_transform(self, X: Any, y: Any = None, *, X_target: Any = None, **params: Any) -> Any:
        """Fit all steps, and return the source rows as they leave the last one."""
        params |= self._routed(X, X_target)
        with config_context(enable_metadata_routing=True):
            return super().fit_transform(X, y, **params)

    @available_if(_last_step_has("predict"))
    def predict(self, X: Any, *, domain: DomainName = "target") -> Any:
        """Return the label of each row.

        Parameters
        ----------
        X : array-like or Domain
        domain : {"target", "source"}
            Which domain the rows come from, handed to every step that treats the two differently.
        """
        return self._finish("predict", X, domain)

    @available_if(_last_step_has("predict_proba"))
    def predict_proba(self, X: Any, *, domain: DomainName = "target") -> Any:
        """Return the probability of each class, shape (n, n_classes); parameters as in ``predict``."""
        return self._finish("predict_proba", X, domain)

    @available_if(_last_step_has("predict_log_proba"))
    def predict_log_proba(self, X: Any, *, domain: DomainName = "target") -> Any:
        """Return the logarithm of the probability of each class; parameters as in ``predict``."""
        return self._finish("predict_log_proba", X, domain)

    @available_if(_last_step_has("decision_function"))
    def decision_function(self, X: Any, *, domain: DomainName = "target") -> Any:
        """Return the scores of the last step; parameters as in ``predict``."""
        return self._finish("decision_function", X, domain)

    @available_if(_every_step_transforms)
    def transform(self, X: Any, *, domain: DomainName = "target") -> Any:
        """Return rows as they leave the last step; parameters as in ``predict``."""
        return self._finish("transform", X, domain)

    @available_if(_last_step_has("score"))
    def score(
        self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None, *, domain: DomainName = "target"
    ) -> float:
        """Return the last step's score, for a classifier its accuracy; parameters as in ``predict``.

        In cross-validation X holds source rows, and this default is the wrong one: see the class.
        """
        if self._adapts():
            warn_of_default_score(domain)
        Z, last = self._before_last(X, domain), self.steps[-1][1]
        named: dict[str, Any] = {"domain": domain} if takes_domain(last.score) else {}
        if sample_weight is not None:
            named["sample_weight"] = sample_weight
        return last.score(Z, y, **named)

    def _finish(self, method: str, X: Any, domain: str) -> Any:
        Z, last = self._before_last(X, domain), self.steps[-1][1]
        return Z if last in (None, "passthrough") else apply_in_domain(getattr(last, method), Z, domain)

    def _before_last(self, X: Any, domain: str) -> Any:
        check_is_fitted(self)
        check_domain(domain)
        Z = rows_for(self, X)
        for _, step in self.steps[:-1]:
            if step not in (None, "passthrough"):
                Z = apply_in_domain(step.transform, Z, domain)
        return Z

    def _routed(self, X: Any, X_target: Any) -> dict[str, Any]:
        if X_target is None:
            return {}
        if not self._adapts():
            if any(step in (None, "passthrough") for _, step in self.steps):  # switched off, as in a grid search
                return {}
            names = ", ".join(repr(name) for name, _ in self.steps)
            raise TypeError(
                f"no step of this pipeline ({names}) takes X_target; add one that does, such as"
                " SubspaceAlignment(), or leave X_target out."
            )
        warn_of_cut_target(X, X_target)
        return {"X_target": unwrap(X_target, named=columns_of(X) is not None)}

    def _adapts(self) -> bool:
        with config_context(enable_metadata_routing=True):
            return "X_target" in self.get_metadata_routing().consumes(method="fit", params=["X_target"])
