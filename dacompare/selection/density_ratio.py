"""Estimate how much likelier rows are in the target than in the source."""

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

from dacompare.domains import subsample_rows
from dacompare.selection.candidate import Candidate, CannotScore, unusable
from dacompare.standardising import standardise

Floats = NDArray[np.float64]

C_GRID = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
FOLDS = 3
# Enough for a logistic regression; all candidates give the same rows up to this number, from each domain.
RATIO_ROWS = 4000
# New rows that are mapped at a time.
BLOCK = 512
# Wider features are turned to their first principal directions, as for the proxy A-distance.
MAX_FEATURES = 200


def log_density_ratio(X_source: ArrayLike, X_target: ArrayLike, X: ArrayLike) -> Floats:
    """Return log p_target(x) / p_source(x) of each row, by a logistic regression that tells the domains apart.

    By Bayes' rule the ratio is the odds that a row comes from the target, divided by the odds of the two
    numbers of rows. A linear rule on standardised columns can only follow ratios that are log-linear, which
    those of two Gaussians with one covariance are.

    Parameters
    ----------
    X_source, X_target : array-like of shape (n_source, ...), (n_target, ...)
        Rows to learn from; at most 4,000 of each, seeded. Beyond 200 columns, the first 200 principal
        directions. O(n d²).
    X : array-like of shape (n, ...)
        Rows whose ratio is asked for: other rows than those learned from, or it comes out too extreme.

    Returns
    -------
    ndarray of shape (n,)
        Finite wherever the rows are; 0 where a row is as likely in both domains.

    Raises
    ------
    ValueError
        Where rows differ in width, or hold NaN or infinity.

    References
    ----------
    Bickel, Brückner & Scheffer 2007, Discriminative learning for differing training and test distributions;
    on learned features You, Wang, Long & Jordan 2019, Towards accurate model selection in deep unsupervised
    domain adaptation.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> log_density_ratio(rng.normal(size=(900, 1)), rng.normal(1.0, size=(900, 1)), [[0.5], [2.5]]).round(1) + 0
    array([0., 2.])
    """
    source, target, new = (rows.reshape(len(rows), -1) for rows in (_drawn(X_source), _drawn(X_target), np.asarray(X)))
    if not source.shape[1] == target.shape[1] == new.shape[1]:
        widths = f"{source.shape[1]}, {target.shape[1]} and {new.shape[1]}"
        raise ValueError(f"X_source, X_target and X must have the same features, got {widths} of them.")
    domain = np.repeat([0, 1], [len(source), len(target)])
    # One BLAS thread: sums in another order would give other last digits.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        coordinates, learnt = _coordinates(source, target)
        classifier = _fit_classifier(learnt, domain)
        blocks = [classifier.decision_function(coordinates(new[k : k + BLOCK])) for k in range(0, len(new), BLOCK)]
    return np.concatenate(blocks) - np.log(len(target) / len(source))


def source_test_log_ratios(candidate: Candidate) -> Floats:
    """Return the log density ratio of each source test row, by a classifier that has not seen that row.

    It learns from source *training* rows where the candidate has them. Else the source test rows are dealt
    out to five folds, and each fold gets its ratios from a classifier that learned from the others. A candidate is
    asked once, however many validators want its ratios.

    Raises
    ------
    CannotScore
        Where there are too few rows, or features are not finite.

    Examples
    --------
    >>> Z = np.zeros((4, 1))
    >>> source_test_log_ratios(Candidate(source_test_features=Z, target_features=Z)).round(6) + 0
    array([0., 0., 0., 0.])
    """
    assert candidate.source_test_features is not None, "score_candidate has checked needs"
    assert candidate.target_features is not None, "score_candidate has checked needs"
    if "log_ratios" not in candidate._known:
        candidate._known["log_ratios"] = _log_ratios(
            candidate.source_test_features, candidate.target_features, candidate.source_features
        )
    return candidate._known["log_ratios"]


def _log_ratios(test: NDArray, target: NDArray, train: NDArray | None) -> Floats:
    if train is None:
        return _cross_fitted(test, target)
    if reason := unusable("source_features", train):
        raise CannotScore(reason)
    return log_density_ratio(train, target, test)


def _cross_fitted(test: NDArray, target: NDArray) -> Floats:
    if len(test) < 2:
        raise CannotScore("needs source_features, or at least two source test rows")
    fold = np.random.default_rng(0).permutation(len(test)) % min(5, len(test))
    ratios = np.empty(len(test))
    for number in np.unique(fold):
        inside = fold == number
        ratios[inside] = log_density_ratio(test[~inside], target, test[inside])
    return ratios


def _drawn(X: ArrayLike) -> NDArray:
    rows = np.asarray(X)
    return rows if len(rows) <= RATIO_ROWS else rows[subsample_rows(None, RATIO_ROWS, 0, n_rows=len(rows))]


def _coordinates(source: NDArray, target: NDArray) -> tuple[Callable[[NDArray], Floats], Floats]:
    """Return the map to standardised columns, or to principal directions where there are many, and both domains in it.

    Rows are scaled where they lie, and decomposed there: features of 30,000 columns fill gigabytes, and scikit-learn's
    PCA would centre a copy of what scaling has centred already.
    """
    both = np.concatenate([source, target], dtype=np.float64)
    standardised = standardise(both)
    if both.shape[1] <= MAX_FEATURES:
        return standardised, both
    n_directions = min(MAX_FEATURES, len(both))
    directions = randomized_svd(both, n_directions, random_state=0)[2].T
    return lambda rows: standardised(rows) @ directions, both @ directions


def _fit_classifier(rows: Floats, domain: NDArray) -> LogisticRegression:
    # To the last digits: where the domains are alike, what a looser solver leaves would pass for weights.
    exact = LogisticRegression(C=_choose_C(rows, domain), solver="newton-cholesky", tol=1e-8, max_iter=1000)
    return exact.fit(rows, domain)


def _choose_C(rows: Floats, domain: NDArray) -> float:
    """Return the C of highest likelihood on held-out rows: it is the odds that count, not the side of the line."""
    folds = min(FOLDS, *np.bincount(domain))
    if folds < 2:
        return C_GRID[len(C_GRID) // 2]
    losses = np.zeros(len(C_GRID))
    for inside, outside in StratifiedKFold(folds, shuffle=True, random_state=0).split(rows, domain):
        model = LogisticRegression(max_iter=1000, warm_start=True)
        for position, C in enumerate(C_GRID):
            log_odds = model.set_params(C=C).fit(rows[inside], domain[inside]).decision_function(rows[outside])
            losses[position] += np.logaddexp(0, np.where(domain[outside], -log_odds, log_odds)).sum()
    return C_GRID[int(losses.argmin())]
