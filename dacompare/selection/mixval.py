"""Ask whether a classifier keeps its word between target rows."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dacompare.checks import check_number
from dacompare.domains import subsample_rows
from dacompare.selection.candidate import Candidate, CannotScore, Predict

# Enough for a share of rows; all candidates give the same rows up to this number.
MIXED_ROWS = 4000
# Rows mixed at a time: those of 30,000 columns fill gigabytes.
BLOCK = 1024
# Of the first row of a pair: just above a half, where a classifier is asked the hardest question.
SHARE = 0.55


class Consistency(NamedTuple):
    """Shares of mixed rows that get the label of their larger part; None where there are no such pairs."""

    within: float | None
    across: float | None


def mixing_consistency(
    predict: Predict, X: NDArray, labels: NDArray, *, share: float = SHARE, random_state: int = 0
) -> Consistency:
    """Mix pairs of rows, and return how often the mixture is given the label of its larger part.

    Every row a is paired with another row b at random; the mixture is share · a + (1 − share) · b.

    Parameters
    ----------
    predict : callable
        Rows -> labels.
    X : ndarray of shape (n, ...)
        At least two rows; those of bytes (images) are mixed into bytes.
    labels : ndarray of shape (n,)
        What the classifier says about them, its pseudo labels.
    share : float
        In (0.5, 1].
    random_state : int
        Seed of the pairs.

    Returns
    -------
    Consistency
        `within` of pairs with one label, `across` of pairs with two, each in [0, 1]. Where the regions of the
        classes are convex in these rows, as those of every linear classifier are, `within` is 1 always.

    References
    ----------
    Hu, Liang, Liew, Xue, Bai & Wang 2023, Mixed samples as probes for unsupervised model selection in domain
    adaptation, algorithm 1, with their share of 0.55.

    Examples
    --------
    >>> X = np.array([[-1.0], [1.0]])
    >>> mixing_consistency(lambda rows: rows[:, 0] > 0, X, X[:, 0] > 0)
    Consistency(within=None, across=1.0)
    """
    check_number("share", share, above=0.5, at_most=1)
    X, labels = np.asarray(X), np.asarray(labels)
    if len(X) < 2:
        raise ValueError(f"X must hold at least two rows to be mixed, got {len(X)}.")
    order = np.random.default_rng(random_state).permutation(len(X))
    other = np.empty_like(order)
    other[order] = np.roll(order, 1)  # the next in a random circle: nobody is paired with themselves
    said = np.concatenate([np.atleast_1d(predict(_mixed(X, other, at, share))) for at in _blocks(len(X))])
    if said.shape != labels.shape:
        raise ValueError(f"predict must give one label a row, shape {labels.shape}, got {said.shape}.")
    kept, same = said == labels, labels == labels[other]
    return Consistency(*(float(kept[kind].mean()) if kind.any() else None for kind in (same, ~same)))


def _blocks(n: int) -> list[slice]:
    return [slice(start, start + BLOCK) for start in range(0, n, BLOCK)]


def _mixed(X: NDArray, other: NDArray, at: slice, share: float) -> NDArray:
    mixed = share * X[at] + (1 - share) * X[other[at]]
    return np.rint(mixed).astype(X.dtype) if X.dtype == np.uint8 else mixed


def mixval(candidate: Candidate) -> float:
    """Return the consistency on mixed target rows, mean of pairs within and across predicted classes: 1 is best.

    The paper ranks the candidates by each of the two and takes the mean rank; a mean of the two is a score
    of its own. Where only one class is predicted there is no pair across, and that half counts as 0: nothing
    is kept apart. At most 4,000 target rows are used, the same for every candidate of a comparison. It does
    not know which class is which.

    Raises
    ------
    CannotScore
        For a single target row.

    Examples
    --------
    >>> X = np.array([[-1.1], [-1.0], [1.0], [1.1]])
    >>> above = lambda rows: rows[:, 0] > 0
    >>> mixval(Candidate(target_features=X, target_predictions=above(X), predict_target=above))
    1.0
    """
    assert candidate.target_features is not None, "score_candidate has checked needs"
    assert candidate.target_predictions is not None, "score_candidate has checked needs"
    assert candidate.predict_target is not None, "score_candidate has checked needs"
    if len(candidate.target_features) < 2:
        raise CannotScore("needs at least two target rows")
    rows = subsample_rows(None, MIXED_ROWS, 0, n_rows=len(candidate.target_features))
    labels = candidate.target_predictions[rows]
    within, across = mixing_consistency(candidate.predict_target, candidate.target_features[rows], labels)
    if within is None:
        assert across is not None, "every pair is of one kind or the other"
        return across
    return (within + (across or 0.0)) / 2
