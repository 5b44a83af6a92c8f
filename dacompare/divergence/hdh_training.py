"""Minimise a loss that has many valleys: from several starts, with ever smaller penalties, judged on rows kept back."""

from collections.abc import Callable, Sequence

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


def train_from_starts(
    loss: Loss,
    starts: Sequence[Start],
    says_target: SaysTarget,
    train: DrawnRows,
    random_state: int,
) -> tuple[float, Floats]:
    """Return the smallest error on rows kept back, and the weights that had it, trained on with all rows.

    Parameters
    ----------
    loss : callable
        (weights, rows, penalty) -> value and gradient.
    starts : sequence of (ndarray, tuple of float)
        Weights of any shape, and the penalties that they pass through, each from where the one before ended.
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
        for start, penalties in starts
        for weights, penalty in _path(loss, start, inside, penalties)
    ]
    error, weights, penalty = min(candidates, key=lambda candidate: candidate[0])
    refined = _descend(loss, weights, train, penalty)
    # A start of huge weights is right as it stands, and the penalty may wreck it.
    before, after = (balanced_error(says_target(candidate, train), train.domain) for candidate in (weights, refined))
    return error, refined if after <= before else weights


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
    kept, back = split_rows(train.domain, train.groups, KEPT_BACK, random_state)
    parts = train.take(kept), train.take(back)
    # Of very few groups none can be spared; then the candidates are judged where they were trained.
    return parts if all(len(np.unique(part.domain)) == 2 for part in parts) else (train, train)


def _path(loss: Loss, start: Floats, rows: DrawnRows, penalties: Sequence[float]) -> list[tuple[Floats, float]]:
    path, weights = [(start, penalties[-1])], start  # a start may be right as it is
    for penalty in penalties:
        weights = _descend(loss, weights, rows, penalty)
        path.append((weights, penalty))
    return path


def _descend(loss: Loss, start: Floats, rows: DrawnRows, penalty: float) -> Floats:
    def flat(values: Floats) -> tuple[float, Floats]:
        value, gradient = loss(values.reshape(start.shape), rows, penalty)
        return value, gradient.ravel()

    found = minimize(flat, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": MAX_ITER})
    return found.x.reshape(start.shape)
