"""Minimise a loss that has many valleys: from several starts, with ever smaller penalties, judged on rows kept back."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from dacompare.divergence.drawing import DrawnRows
from dacompare.domains import split_rows

Floats = NDArray[np.float64]
Loss = Callable[[Floats, DrawnRows, float], tuple[float, Floats]]
Start = tuple[Floats, tuple[float, ...]]
SaysTarget = Callable[[Floats, DrawnRows], NDArray[np.bool_]]

KEPT_BACK = 1 / 3
MAX_ITER = 60


class Trained(NamedTuple):
    """The candidate with the smallest error on rows kept back.

    Parameters
    ----------
    error : float
        On rows kept back.
    draft : ndarray
        Its weights, which have not seen those rows.
    weights : ndarray
        The same, trained on with all rows.
    """

    error: float
    draft: Floats
    weights: Floats


def train_from_starts(
    loss: Loss,
    make_starts: Callable[[DrawnRows], Sequence[Start]],
    says_target: SaysTarget,
    train: DrawnRows,
    random_state: int,
) -> Trained:
    """Return the candidate that judges best on rows of the training half that were kept back.

    Parameters
    ----------
    loss : callable
        (weights, rows, penalty) -> value and gradient.
    make_starts : callable
        Rows to learn from -> (weights of any shape, the penalties that they pass through, each from where the
        one before ended). Starts that had seen the rows kept back would be judged too kindly.
    says_target : callable
        (weights, rows) -> which rows are taken for target rows.
    train : DrawnRows
        A third of it, by group, judges the candidates.
    random_state : int
        Of the split.
    """
    inside, outside = _keep_back(train, random_state)
    candidates = [
        (balanced_error(says_target(weights, outside), outside.domain), weights, penalty)
        for start, penalties in make_starts(inside)
        for weights, penalty in _path(loss, start, inside, penalties)
    ]
    error, weights, penalty = min(candidates, key=lambda candidate: candidate[0])
    if penalty is None:
        return Trained(error, weights, weights)
    refined = _descend(loss, weights, train, penalty)
    # On other rows the same descent may end in another valley.
    before, after = (balanced_error(says_target(candidate, train), train.domain) for candidate in (weights, refined))
    return Trained(error, weights, refined if after <= before else weights)


def balanced_error(says_target: NDArray[np.bool_], domain: NDArray[np.int64]) -> float:
    """Return the mean of the two domains' errors.

    Examples
    --------
    >>> balanced_error(np.array([True, False, True, True]), np.array([0, 0, 1, 1]))
    0.25
    """
    wrong = says_target != domain
    return float(np.mean([wrong[domain == side].mean() for side in (0, 1)]))


def _keep_back(train: DrawnRows, random_state: int) -> tuple[DrawnRows, DrawnRows]:
    # Of very few groups none can be spared; then the candidates are judged where they were trained.
    if train.groups is not None and len(np.unique(train.groups)) < 2:
        return train, train
    kept, back = split_rows(train.domain, train.groups, KEPT_BACK, random_state)
    parts = train.take(kept), train.take(back)
    return parts if all(len(np.unique(part.domain)) == 2 for part in parts) else (train, train)


def _path(loss: Loss, start: Floats, rows: DrawnRows, penalties: Sequence[float]) -> list[tuple[Floats, float | None]]:
    path: list[tuple[Floats, float | None]] = []
    weights = start
    for penalty in penalties:
        weights = _descend(loss, weights, rows, penalty)
        path.append((weights, penalty))
    return [*path, (start, None)]  # a start may be right as it is, and the penalties wreck it


def _descend(loss: Loss, start: Floats, rows: DrawnRows, penalty: float) -> Floats:
    def flat(values: Floats) -> tuple[float, Floats]:
        value, gradient = loss(values.reshape(start.shape), rows, penalty)
        return value, gradient.ravel()

    found = minimize(flat, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": MAX_ITER})
    return found.x.reshape(start.shape)
