"""Let scikit-learn's searches choose by a validator."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn import clone, config_context
from sklearn.pipeline import Pipeline
from sklearn.utils import column_or_1d
from sklearn.utils.metadata_routing import get_routing_for_object

from dacompare.domains import WholeTarget
from dacompare.domains.unwrapping import rows_for
from dacompare.names import check_name
from dacompare.selection.candidate import Candidate, CannotScore
from dacompare.selection.temperature import fit_known_temperature, svm_probabilities
from dacompare.selection.validators import VALIDATORS, score_candidate
from dacompare.shallow.rows import apply_in_domain, knows_domain, maps_by_domain


def validator_scorer(name: str, *, X_target: Any = None) -> "ValidatorScorer":
    """Return a scorer for ``GridSearchCV(scoring=...)`` and ``cross_val_score`` that needs no target label.

    The rows that cross-validation hands over are held-out *source* rows: they go through the source map of
    a pipeline that knows one (:func:`~dacompare.make_adaptation_pipeline`), the target rows through the
    target map. Of a search, what it has chosen is scored; other estimators around such a pipeline are refused, as they
    cannot tell it which rows it gets.

    "mixval" mixes target rows as they come, in front of all steps. "reverse" trains a clone the other way
    round, on the target rows with their predicted labels; the held-out source rows are both its unlabelled
    target and what it is judged on. "iwv" and "dev" learn their weights from the held-out source rows, too,
    in five folds.

    Parameters
    ----------
    name : {"source-accuracy", "reverse-svm", "entropy", "iwv", "dev", "bnm", "class-ami", "mixval", "reverse"}
        Key of `VALIDATORS`. "paper" ranks candidates among each other, which no scorer can:
        :func:`~dacompare.paper_scoring` and :func:`~dacompare.paper_refit` let a search do it.
    X_target : array-like of shape (n_target, ...) or Domain, optional
        Target rows to score on; needed by all but "source-accuracy".

    Returns
    -------
    callable
        ``scorer(estimator, X, y) -> float``; greater is better always, so "entropy", "iwv" and "dev" come with
        a minus.

    Raises
    ------
    ValueError
        For an unknown name, for "paper", and where `X_target` is missing.

    Examples
    --------
    >>> from sklearn.svm import LinearSVC
    >>> X, y = np.array([[0.0], [1.0]]), np.array([0, 1])
    >>> validator_scorer("reverse-svm", X_target=X + 0.1)(LinearSVC().fit(X, y), X, y)
    1.0
    """
    validator = VALIDATORS[check_name("name", name, VALIDATORS)]
    if validator.score is None:
        raise ValueError(
            f"{name!r} compares candidates with each other, so it is no scorer; give a search"
            " scoring=paper_scoring(X_target=…), refit=paper_refit, or use rank_candidates."
        )
    needs_target = any(need.startswith("target") for need in validator.needs)
    if needs_target and X_target is None:
        raise ValueError(
            f"validator_scorer({name!r}) needs target rows: write validator_scorer({name!r}, X_target=…); what fit gets"
            " does not reach a scorer."
        )
    return ValidatorScorer(name, X_target)


class ValidatorScorer:
    """What `validator_scorer` returns: a callable that can be pickled.

    Parameters
    ----------
    name : str
        Key of `VALIDATORS`.
    X_target : array-like, Domain or None
    """

    def __init__(self, name: str, X_target: Any) -> None:
        self.name = name
        self.X_target = X_target

    def __call__(self, estimator: Any, X: ArrayLike, y: ArrayLike) -> float:
        """Return the validator's value for a fitted estimator on held-out source rows; greater is better."""
        _warn_of_no_target(estimator, self.X_target)
        needs, X_target = VALIDATORS[self.name].needs, rows_for(estimator, self.X_target)
        score = score_candidate(self.name, measured(estimator, X, column_or_1d(y), X_target, needs))
        if score.value is None:
            raise ValueError(f"{self.name!r} cannot score {type(estimator).__name__}: {score.reason}.")
        return score.value if VALIDATORS[self.name].higher_is_better else -score.value

    def __repr__(self) -> str:
        target = "" if self.X_target is None else ", X_target=..."
        return f"validator_scorer({self.name!r}{target})"


def measured(estimator: Any, X: Any, y: NDArray[Any], X_target: Any, needs: tuple[str, ...]) -> Candidate:
    """Measure what is needed of a fitted estimator, and nothing else: each entry may be a pass through a network.

    Parameters
    ----------
    estimator : estimator
        In place of a search that is fitted, its best estimator is measured: a search cannot be told a domain.
    X : array-like of shape (n_source_test, ...)
        Held-out source rows.
    y : ndarray of shape (n_source_test,)
    X_target : array-like of shape (n_target, ...) or None
    needs : tuple of str
        Fields of `Candidate`.

    Raises
    ------
    ValueError
        For an estimator that would send source rows through the target's map.

    Examples
    --------
    >>> from sklearn.svm import LinearSVC
    >>> X, y = np.array([[0.0], [1.0]]), np.array([0, 1])
    >>> measured(LinearSVC().fit(X, y), X, y, X + 0.1, ("target_predictions",)).target_predictions.tolist()
    [0, 1]
    """
    estimator = _chosen(estimator)
    _refuse_lost_domain(estimator)
    measure: dict[str, Callable[[], Any]] = {
        "y_source_test": lambda: y,
        "n_classes": lambda: len(getattr(estimator, "classes_", np.unique(y))),
        "source_test_predictions": lambda: apply_in_domain(estimator.predict, X, "source"),
        "source_test_features": lambda: _features(estimator, X, "source"),
        "target_features": lambda: _features(estimator, X_target, "target"),
        "target_predictions": lambda: apply_in_domain(estimator.predict, X_target, "target"),
        "target_probabilities": lambda: _probabilities(estimator, X, y, X_target),
        "predict_target": lambda: _Predict(estimator, X_target),
        "refit": lambda: _Refit(estimator),
    }
    if "predict_target" in needs or "refit" in needs:
        # What is called with rows is the whole estimator, so the rows are those that it starts from.
        held_out = np.asarray(X)
        measure |= {name: lambda: held_out for name in ("source_features", "source_test_features")}
        measure["target_features"] = lambda: np.asarray(X_target)
    return Candidate(**{need: measure[need]() for need in needs})


class _Predict:
    """Label new target rows; a frame's columns keep their names."""

    def __init__(self, estimator: Any, X_target: Any) -> None:
        self.estimator, self.X_target = estimator, X_target

    def __call__(self, rows: NDArray[Any]) -> NDArray[Any]:
        frame = type(self.X_target)
        if frame.__module__.startswith("polars"):
            rows = frame(rows, schema=self.X_target.columns, orient="row")
        elif hasattr(self.X_target, "columns"):
            rows = frame(rows, columns=self.X_target.columns)
        return apply_in_domain(self.estimator.predict, rows, "target")


class _Refit:
    """Train a clone with the domains exchanged."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def __call__(self, X_target: Any, pseudo_labels: Any, X_source: Any, X_source_test: Any) -> NDArray[Any]:
        # Never cut by cross-validation, so that a pipeline need not warn that it might have been.
        target = {"X_target": WholeTarget(X_source)} if _adapts(self.estimator) else {}
        back = clone(self.estimator).fit(X_target, pseudo_labels, **target)
        return apply_in_domain(back.predict, X_source_test, "target")


def _adapts(estimator: Any) -> bool:
    """Return whether the estimator's fit looks at target rows."""
    with config_context(enable_metadata_routing=True):
        return "X_target" in get_routing_for_object(estimator).consumes("fit", ["X_target"])


def _features(estimator: Any, X: Any, domain: str) -> NDArray[Any]:
    """Return rows as the estimator transforms them; of a pipeline, as its last step does, or as they reach it."""
    if isinstance(estimator, Pipeline):
        Z = apply_in_domain(estimator[:-1].transform, X, domain) if len(estimator) > 1 else X
        # The last step as it would be alone: some have a map of their own in front of their classifier.
        return _features(estimator.steps[-1][1], Z, domain)
    return np.asarray(apply_in_domain(estimator.transform, X, domain) if hasattr(estimator, "transform") else X)


def _probabilities(estimator: Any, X: Any, y: NDArray[Any], X_target: Any) -> NDArray[np.float64] | None:
    if hasattr(estimator, "predict_proba"):
        return apply_in_domain(estimator.predict_proba, X_target, "target")
    if not hasattr(estimator, "decision_function"):
        return None
    last = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
    if getattr(last, "decision_function_shape", None) == "ovo":  # one score for a pair of classes, not for a class
        return None
    held_out = apply_in_domain(estimator.decision_function, X, "source")
    temperature = fit_known_temperature(held_out, y, classes=estimator.classes_)
    if temperature is None:
        raise CannotScore(
            f"{type(estimator).__name__} was trained on no class of these held-out source rows, by which its scores"
            " would become probabilities; hold out rows of its classes, or let it have predict_proba."
        )
    return svm_probabilities(apply_in_domain(estimator.decision_function, X_target, "target"), temperature)


def _chosen(estimator: Any) -> Any:
    """Return what a search, or a search of searches, has chosen; any other estimator as it is."""
    while hasattr(estimator, "best_estimator_"):
        estimator = estimator.best_estimator_
    return estimator


def _warn_of_no_target(estimator: Any, X_target: Any) -> None:
    """Warn where target rows are scored on that a pipeline which would have adapted was not given."""
    estimator = _chosen(estimator)
    if X_target is not None and getattr(estimator, "_saw_target", None) is False and _adapts(estimator):
        warnings.warn(
            "The pipeline was fitted without X_target, so that it has not adapted to the target rows of this scorer;"
            " fit the search, or what else is scored, with X_target=Domain(X_target).",
            UserWarning,
            stacklevel=4,
        )


def _refuse_lost_domain(estimator: Any) -> None:
    """Stop where source rows would silently go through the target map."""
    lost = [] if knows_domain(estimator) else maps_by_domain(estimator)
    if lost:
        raise ValueError(
            f"the step {lost[0]!r} maps source and target rows differently, but {type(estimator).__name__} cannot tell"
            " it which ones it gets; chain the steps by dacompare.make_adaptation_pipeline, around which a search may"
            " stand, but no other estimator."
        )
