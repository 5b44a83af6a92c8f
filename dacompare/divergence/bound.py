"""Put the target error bound of Ben-David et al. together from what was measured."""

from dataclasses import dataclass
from typing import Any, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from dacompare.checks import check_count, check_number
from dacompare.divergence.domain_classifiers import CLASSIFIERS
from dacompare.divergence.drawing import pair_and_groups
from dacompare.divergence.held_out import draw_pair, scale_halves, split_halves
from dacompare.divergence.measured import MeasuredDistance
from dacompare.domains.checks import check_y

NOTE = "Plug-in value of the bound, not a certificate: each of its terms is an estimate."


@dataclass(frozen=True)
class BoundValue:
    """The three terms of the bound and their sum; a plug-in value of the bound, not a certificate.

    Parameters
    ----------
    value : float or None
        ε_S + ½ d + C; None where C is not known.
    source_error, half_distance : float
    combined_error : float or None
        C; None without target labels.
    chance_error : float
        1 − 1/K, what guessing among K classes gives.
    vacuous : bool or None
        Whether the bound says no more than guessing; None where it is open without C.
    note : str
    """

    value: float | None
    source_error: float
    half_distance: float
    combined_error: float | None
    chance_error: float
    vacuous: bool | None
    note: str = NOTE


def plug_in_bound(
    source_error: float, distance: SupportsFloat, combined_error: float | None, n_classes: int
) -> BoundValue:
    """Return ε_S + ½ d + C, the bound on the target error with estimates in place of its terms.

    Parameters
    ----------
    source_error : float
        ε_S, held out, in [0, 1].
    distance : float, HDHDistance or ProxyADistance
        d, in [−2, 2]; an estimate below 0 counts as 0, since no distance is. With the lower estimate of the
        HΔH-distance the sum may lie below the bound.
    combined_error : float or None
        C, of :func:`combined_error`; None where the target has no labels.
    n_classes : int
        From 2.

    Returns
    -------
    BoundValue
        Without C its value is None; it may be vacuous all the same, as C is not below 0.

    Raises
    ------
    TypeError, ValueError
        For errors or distances outside their range, a distance of another measure, and fewer than two classes.

    References
    ----------
    Ben-David et al. 2010, A theory of learning from different domains, theorem 2; Ganin & Lempitsky 2015,
    equation 11.

    Examples
    --------
    >>> bound = plug_in_bound(0.05, 0.8, 0.1, n_classes=10)
    >>> round(bound.value, 2), bound.vacuous
    (0.55, False)
    >>> plug_in_bound(0.05, 1.9, None, n_classes=10).vacuous
    True
    """
    if isinstance(distance, MeasuredDistance):
        raise TypeError(
            "distance must be a number, an HDHDistance or a ProxyADistance, got a MeasuredDistance, which may be on any"
            " scale; pass its value where MEASURES['hdh'] or MEASURES['proxy-a-distance'] computed it."
        )
    half = float(distance) / 2
    _check_terms(source_error, half, combined_error)
    half = max(half, 0.0)
    check_count("n_classes", n_classes, at_least=2)
    chance = 1 - 1 / n_classes
    known = source_error + half
    if combined_error is None:
        return BoundValue(None, source_error, half, None, chance, True if known >= chance else None)
    value = known + combined_error
    return BoundValue(value, source_error, half, combined_error, chance, value >= chance)


def combined_error(
    X_source: Any,
    y_source: ArrayLike,
    X_target: Any,
    y_target: ArrayLike | None,
    *,
    groups_source: ArrayLike | None = None,
    groups_target: ArrayLike | None = None,
    max_rows: int = 5000,
    random_state: int = 0,
) -> float | None:
    """Return C, the error on source plus that on target of one linear classifier trained on both.

    This is the only function here that reads target labels; nothing may be chosen by it. The bound holds for the
    smallest such sum. One classifier, trained on half of the rows and judged on the other, comes close from above.

    Parameters
    ----------
    X_source, X_target : array-like of shape (n, ...) or Domain
    y_source : array-like of shape (n_source,)
    y_target : array-like of shape (n_target,) or None
        None: there is no C.
    groups_source, groups_target, max_rows, random_state
        As in :func:`~dacompare.divergence.proxy_a_distance`.

    Returns
    -------
    float or None
        ε_S + ε_T, in [0, 2].

    Raises
    ------
    ValueError
        For labels of different types in the two domains, one class in the training half, fewer than four rows
        in a domain, different features, or groups that cannot be split.

    References
    ----------
    Ben-David et al. 2010, the ideal joint hypothesis, and theorem 2 (λ there).

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> y = np.where(X[:, 0] > 0, "right", "left")
    >>> combined_error(X, y, X + [0.0, 9.0], y) < 0.1  # one line serves both
    True
    >>> combined_error(X, y, -X, y) > 0.7  # no line does: what is right on one side is wrong on the other
    True
    >>> combined_error(X, y, X, None) is None
    True
    """
    if y_target is None:
        return None
    X_source, X_target, *groups = pair_and_groups(X_source, X_target, groups_source, groups_target)
    codes = _codes(check_y(y_source, len(X_source), "y_source"), check_y(y_target, len(X_target), "y_target"))
    drawing: Any = *groups, max_rows, random_state
    train, test = split_halves(draw_pair(X_source, X_target, *drawing), random_state)
    # Rows are drawn and halved by their numbers alone, so labels can go the way of the features.
    labels, test_labels = (
        half.X[:, 0].astype(np.int64) for half in split_halves(draw_pair(*codes, *drawing), random_state)
    )
    if len(np.unique(labels)) < 2:
        raise ValueError("y_source and y_target leave one class to train on; a classifier needs at least two.")
    with threadpool_limits(1):
        X, X_test, _ = scale_halves(train, test, random_state)
        svm = CLASSIFIERS["svm"]
        C = svm.choose_C(train._replace(X=X, domain=labels), random_state)
        wrong = svm.fit(C, X, labels, random_state).predict(X_test) != test_labels
    return float(sum(wrong[test.domain == side].mean() for side in (0, 1)))


def _codes(y_source: NDArray[Any] | None, y_target: NDArray[Any] | None) -> tuple[NDArray[Any], NDArray[Any]]:
    """Number the classes of both domains together, as columns."""
    if y_source is None or y_target is None:
        raise ValueError("combined_error needs y_source, got None.")
    if (y_source.dtype.kind == "U") != (y_target.dtype.kind == "U"):
        raise ValueError(
            f"y_source and y_target must hold labels of one type, got dtypes {y_source.dtype} and {y_target.dtype}."
        )
    _, codes = np.unique(np.concatenate([y_source, y_target]), return_inverse=True)
    return codes[: len(y_source), None], codes[len(y_source) :, None]


def _check_terms(source_error: float, half: float, combined: float | None) -> None:
    check_number("source_error", source_error, at_least=0, at_most=1)
    if not -1 <= half <= 1:
        raise ValueError(f"distance must lie in [-2, 2], got {2 * half!r}.")
    if combined is not None:
        check_number("combined_error", combined, at_least=0, at_most=2)
