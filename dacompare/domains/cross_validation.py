"""Warn of two mistakes that only scikit-learn's cross-validation makes with two domains."""

import sys
import warnings
from types import FrameType
from typing import Any

from dacompare.domains.domain import Domain

FOLDS = (
    "_fit_and_score", "_fit_and_predict", "_permutation_test_score", "_fit_classifier_calibrator_pair",
    "_fit_and_score_over_thresholds",
)  # fmt: skip
"""What trains on a part of the rows and asks about the others, each with what its caller gave in ``fit_params``."""
THROUGH = ("sklearn.", "dacompare.", "joblib.")
"""Whose calls lie between cross-validation and an estimator of ours that it was given."""


def warn_of_cut_target(X: Any, X_target: Any) -> None:
    """Warn where cross-validation has cut the target rows like the source rows, as it does with what is as long as X.

    Parameters
    ----------
    X : array-like
        Source rows of the fold.
    X_target : array-like, Domain, WholeTarget or None
        As the estimator got it. The second and third are never cut.

    Examples
    --------
    >>> warn_of_cut_target([[0.0], [1.0]], [[2.0], [3.0]])  # no cross-validation here
    """
    sized = hasattr(X_target, "__len__") and hasattr(X, "__len__") and not isinstance(X_target, Domain)
    if sized and len(X_target) == len(X) and (fold := _fold()) is not None and not _has_left_whole(X_target, fold):
        warnings.warn(
            "X_target is as long as X, so cross-validation has cut it like X: this fold adapts to a part of"
            " the target. Pass X_target=dacompare.Domain(X_target), which is never cut (WholeTarget where a step fills"
            " in missing values)",
            UserWarning,
            stacklevel=3,
        )


def warn_of_target_map(domain: str) -> None:
    """Warn where cross-validation sends source rows through the map of the target, which is the default.

    Parameters
    ----------
    domain : {"source", "target"}
        Which domain an estimator that maps the two differently takes the rows for.

    Examples
    --------
    >>> warn_of_target_map("target")  # no cross-validation here
    """
    if domain == "target" and (fold := _fold()) is not None and _adapts(fold):
        warnings.warn(
            "cross-validation has asked about source rows, and the estimator took them for target rows: the default"
            " score, scoring by name and cross_val_predict cannot name a domain. Use"
            ' scoring=dacompare.validator_scorer("source-accuracy") or another validator, or predict each fold with'
            ' domain="source"',
            UserWarning,
            stacklevel=3,
        )


def _fold() -> FrameType | None:
    """Return the frame of scikit-learn's that has trained the estimator and asks it about the rows of a fold.

    None outside of cross-validation; and for what another object of ours calls, which has warned of what it was given
    or knows which rows it hands on; and for an estimator within one of somebody else's, who may have split the domains
    after they were cut. Only warnings depend on it.
    """
    frame = sys._getframe(2)
    callers, fold = _up_to_fold(frame)
    if fold is None:  # asked first: to look at a frame's variables keeps what they held alive until it returns
        return None
    estimator = frame.f_locals.get("self")
    ours = [caller for caller in callers if caller.f_globals.get("__name__", "").startswith("dacompare.")]
    return fold if all(caller.f_locals.get("self", estimator) is estimator for caller in ours) else None


def _up_to_fold(frame: FrameType | None) -> tuple[list[FrameType], FrameType | None]:
    """Return the frames from this one up to one that trains or asks a fold, and that one; None where there is none."""
    callers: list[FrameType] = []
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if not module.startswith(THROUGH):
            break
        if module.startswith("sklearn.") and frame.f_code.co_name in FOLDS:
            return callers, frame
        callers.append(frame)
        frame = frame.f_back
    return callers, None


def _has_left_whole(X_target: Any, fold: FrameType) -> bool:
    """Return whether these are the very rows that the fold was called with, as long as it by chance: cut ones are new.

    They are among the arguments in the frame of the wrapper that calls the fold, in this process or another.
    """
    before = fold.f_back.f_locals if fold.f_back else {}
    arguments = (*before.get("args", ()), *before.get("kwargs", {}).values())
    return any(value is X_target for given in arguments if isinstance(given, dict) for value in given.values())


def _adapts(fold: FrameType) -> bool:
    """Return whether the estimator, or a step of it, was given target rows: without them both domains have one map."""
    given = fold.f_locals.get("fit_params") or {}
    return any(name.split("__")[-1] == "X_target" and value is not None for name, value in given.items())
