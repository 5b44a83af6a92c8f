"""Train two linear hypotheses to disagree on one domain and to agree on the other."""

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform
from scipy.special import softmax
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from dacompare.divergence.domain_classifiers import CLASSIFIERS
from dacompare.divergence.drawing import DrawnRows
from dacompare.divergence.hdh_training import Floats, Start, Trained, train_from_starts

# From a surrogate that is nearly linear, and forgets where it started, to one that is nearly a count.
PENALTIES = (1e-2, 1e-3, 1e-4)
STRONG = 1e-1  # shrinks most starts to nothing, and is best for a few in many dimensions
NEVER = -4.0  # bias of a class that a start does not use
SURE = 4.0  # logit by which a row at the centre of a cell belongs to it


class Pair(NamedTuple):
    """Two linear hypotheses on features with a column of ones, and the domain on which they disagree more.

    Parameters
    ----------
    weights : ndarray of shape (2, n_classes, n_features + 1)
    sign : int
        1: they disagree more on the source; −1: on the target.
    """

    weights: Floats
    sign: int

    def says_target(self, X: Floats) -> NDArray[np.bool_]:
        """Return which rows the fixed XOR of the two takes for target rows."""
        first, second = ((with_ones(X) @ W.T).argmax(axis=1) for W in self.weights)
        return (first != second) == (self.sign < 0)


def train_pair(train: DrawnRows, predictor: Floats, n_starts: int, random_state: int) -> tuple[Pair, Pair]:
    """Return the pair that tells the domains apart best on rows of the training half that were kept back.

    Maximises P_S[h₁ ≠ h₂] − P_T[h₁ ≠ h₂], and for more than two classes its negative as well, by L-BFGS on
    softmax probabilities. It starts from a domain classifier beside a constant; from the directions in which
    second moments differ most; from the label predictor twice, disturbed; from the cells of a partition; and
    from random weights.

    Parameters
    ----------
    train : DrawnRows
        Scaled.
    predictor : ndarray of shape (n_classes, n_features + 1)
        Weights of the label predictor.
    n_starts : int
        Random ones.
    random_state : int

    Returns
    -------
    pair, draft : Pair
        Trained on all rows, and without those that were kept back.
    """
    # With two classes the hypotheses are closed under negation: the other sign is the same search.
    signs = (1,) if len(predictor) == 2 else (1, -1)
    found = [(_search(train, predictor, sign, n_starts, random_state), sign) for sign in signs]
    best, sign = min(found, key=lambda candidate: candidate[0].error)
    return Pair(best.weights, sign), Pair(best.draft, sign)


def with_ones(X: Floats) -> Floats:
    """Return the rows with a column of ones, so that the last weight is the bias.

    Examples
    --------
    >>> with_ones(np.array([[2.0]])).tolist()
    [[2.0, 1.0]]
    """
    return np.column_stack([X, np.ones(len(X))])


def linear_predictor(X: Floats, codes: NDArray[np.int64], n_classes: int) -> Floats:
    """Return the weights of a logistic regression on labelled rows, shape (n_classes, n_features + 1).

    Classes without a row are not predicted.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
    codes : ndarray of shape (n,)
        Labels from 0 to ``n_classes − 1``.
    n_classes : int

    Examples
    --------
    >>> weights = linear_predictor(np.array([[-1.0], [1.0]]), np.array([0, 2]), 3)
    >>> (with_ones(np.array([[-2.0], [2.0]])) @ weights.T).argmax(axis=1).tolist()
    [0, 2]
    """
    weights = np.zeros((n_classes, X.shape[1] + 1))
    weights[:, -1] = NEVER
    present = np.unique(codes)
    if len(present) == 1:
        weights[present, -1] = -NEVER
        return weights
    model = CLASSIFIERS["logistic"].fit(0.1, X, codes, 0)
    rows = np.column_stack([model.coef_, model.intercept_])
    weights[present] = np.concatenate([-rows, rows]) / 2 if len(present) == 2 else rows
    return weights


def soft_loss(weights: Floats, rows: DrawnRows, penalty: float, sign: int) -> tuple[float, Floats]:
    """Return minus the difference of soft disagreements, with its penalty, and the gradient.

    P[h₁ ≠ h₂] of softmax probabilities p and q is 1 − Σ p_k q_k. Biases are not penalised.
    """
    X = with_ones(rows.X)
    share = sign * np.where(rows.domain == 1, 1.0, -1.0) / np.bincount(rows.domain)[rows.domain]
    p, q = (softmax(X @ W.T, axis=1) for W in weights)
    agreement = (p * q).sum(axis=1)
    slopes = [share[:, None] * own * (other - agreement[:, None]) for own, other in ((p, q), (q, p))]
    shrunk = weights.copy()
    shrunk[:, :, -1] = 0
    gradient = penalty * shrunk - np.stack([slope.T @ X for slope in slopes])
    return float(penalty / 2 * (shrunk**2).sum() - share @ agreement), gradient


def disturbed_twice(predictor: Floats, rng: np.random.Generator) -> Floats:
    """Return two noisy copies of a predictor; equal ones would get equal gradients for ever."""
    noise = 0.3 * predictor[:, :-1].std() + 0.1
    return predictor + rng.normal(scale=noise, size=(2, *predictor.shape))


def _search(train: DrawnRows, predictor: Floats, sign: int, n_starts: int, random_state: int) -> Trained:
    return train_from_starts(
        lambda weights, rows, penalty: soft_loss(weights, rows, penalty, sign),
        lambda inside: _starts(inside, predictor, sign, n_starts, random_state),
        lambda weights, rows: Pair(weights, sign).says_target(rows.X),
        train,
        random_state,
    )


def _starts(inside: DrawnRows, predictor: Floats, sign: int, n_starts: int, random_state: int) -> list[Start]:
    n_classes, width = predictor.shape
    rng = np.random.default_rng(random_state)
    starts = [
        (_in_two_classes(*_constant_and_domain(inside, random_state), n_classes), (STRONG, *PENALTIES)),
        (_in_two_classes(*_moment_directions(inside), n_classes), PENALTIES),
        (disturbed_twice(predictor, rng), PENALTIES),
    ]
    # These would be forgotten under a strong penalty.
    rough = [
        *rng.normal(scale=1 / np.sqrt(width), size=(n_starts, 2, n_classes, width)),
        *_cells(inside, n_classes, sign, random_state),
    ]
    starts += [(start, PENALTIES[-1:]) for start in rough]
    return [(_turned(start, inside, sign), penalties) for start, penalties in starts]


def _constant_and_domain(inside: DrawnRows, random_state: int) -> tuple[Floats, Floats]:
    kind = CLASSIFIERS["svm"]
    svm = kind.fit(kind.choose_C(inside, random_state), inside.X, inside.domain, random_state)
    constant = np.zeros(inside.X.shape[1] + 1)
    constant[-1] = -NEVER
    return constant, np.append(svm.coef_[0], svm.intercept_)


def _moment_directions(inside: DrawnRows) -> tuple[Floats, Floats]:
    """Return the w, v that differ most by wᵀ(M_T − M_S)v, M the second moments: the surrogate near 0."""
    X = with_ones(inside.X)
    source, target = (X[inside.domain == side] for side in (0, 1))
    value, vector = np.linalg.eigh(target.T @ target / len(target) - source.T @ source / len(source))
    wide, narrow = vector[:, -1] * (value[-1] > 0), vector[:, 0] * (value[0] < 0)
    return wide + narrow, wide - narrow


def _in_two_classes(first: Floats, second: Floats, n_classes: int) -> Floats:
    weights = np.zeros((2, n_classes, len(first)))
    weights[:, 2:, -1] = 3 * NEVER
    weights[:, 0], weights[:, 1] = (first, second), (-first, -second)
    return weights


def _cells(inside: DrawnRows, n_classes: int, sign: int, random_state: int) -> list[Floats]:
    """Return a pair that disagrees exactly in those cells of a k-means partition that one domain fills.

    A nearest-centre rule is linear. The second hypothesis is the first with the labels of those cells handed on,
    the last of them to a class without a cell. Two classes leave nothing to hand on.
    """
    n_cells = min(n_classes - 1, len(inside.X))
    if n_cells < 2:
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct rows than cells
        kmeans = KMeans(n_cells, n_init=1, random_state=random_state).fit(inside.X)
    rule = _nearest_centre(kmeans.cluster_centers_, n_classes)
    counts = [np.bincount(kmeans.labels_[inside.domain == side], minlength=n_cells) for side in (0, 1)]
    handed = [*np.flatnonzero(sign * (counts[0] - counts[1]) > 0), n_cells]
    other = rule.copy()
    other[np.roll(handed, -1)] = rule[handed]
    return [np.stack([rule, other])]


def _nearest_centre(centres: Floats, n_classes: int) -> Floats:
    gaps = np.sort(squareform(pdist(centres, "sqeuclidean")), axis=1)[:, 1]
    sharpness = 2 * SURE / max(float(np.median(gaps)), 1e-12)
    rule = np.zeros((n_classes, centres.shape[1] + 1))
    rule[: len(centres)] = sharpness * np.column_stack([centres, -(centres**2).sum(axis=1) / 2])
    rule[len(centres) :, -1] = rule[:, -1].min() + NEVER
    return rule


def _turned(start: Floats, inside: DrawnRows, sign: int) -> Floats:
    """Swap two classes of the second hypothesis where the start would be on the wrong side."""
    wrong = Pair(start, sign).says_target(inside.X) != inside.domain
    if wrong.mean() <= 0.5:
        return start
    turned = start.copy()
    turned[1, [0, 1]] = start[1, [1, 0]]
    return turned
