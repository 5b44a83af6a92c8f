"""Warn of two mistakes that only scikit-learn's cross-validation makes with two domains."""

import sys
import warnings
from typing import Any

from dacompare.domains.domain import Domain

THROUGH = ("sklearn.", "dacompare.", "joblib.")
"""Whose calls lie between cross-validation and an estimator of ours that it was given."""


def warn_of_cut_target(X: Any, X_target: Any) -> None:
    """Warn where cross-validation has cut the target rows like the source rows, as it does with what is as long as X.

    Parameters
    ----------
    X : array-like
        Source rows of the fold.
    X_target : array-like or Domain or None
        A Domain is never cut.

    Examples
    --------
    >>> warn_of_cut_target([[0.0], [1.0]], [[2.0], [3.0]])  # no cross-validation here
    """
    sized = hasattr(X_target, "__len__") and hasattr(X, "__len__") and not isinstance(X_target, Domain)
    if sized and len(X_target) == len(X) and in_cross_validation():
        warnings.warn(
            "X_target is as long as X, so cross-validation has cut it like X: this fold adapts to a part of"
            " the target. Pass X_target=dacompare.Domain(X_target), which is never cut",
            UserWarning,
            stacklevel=3,
        )


def warn_of_default_score(domain: str) -> None:
    """Warn where cross-validation sends source rows through the map of the target, by the score that is the default.

    Parameters
    ----------
    domain : {"source", "target"}
        Which domain the score takes the rows for.
    """
    if domain == "target" and in_cross_validation():
        warnings.warn(
            "cross-validation scores source rows, and the default score treats them as target rows; use"
            ' scoring=dacompare.validator_scorer("source-accuracy") or another validator',
            UserWarning,
            stacklevel=3,
        )


def in_cross_validation() -> bool:
    """Return whether scikit-learn's cross-validation has called what is running; only warnings depend on it.

    Not for a step of an `AdaptationPipeline`, which has warned of what it was given, and hands arrays on; nor for an
    estimator within one of somebody else's, who may have split the domains after they were cut.

    Examples
    --------
    >>> in_cross_validation()
    False
    """
    frame, of_the_caller = sys._getframe(2), True
    while frame is not None:
        if frame.f_code.co_name == "_fit_and_score":
            return True
        if not frame.f_globals.get("__name__", "").startswith(THROUGH):
            return False
        # By name: the module of the pipeline imports this one.
        is_pipeline = type(frame.f_locals.get("self")).__name__ == "AdaptationPipeline"
        if is_pipeline and not of_the_caller:
            return False
        of_the_caller = of_the_caller and is_pipeline
        frame = frame.f_back  # type: ignore[assignment]
    return False
