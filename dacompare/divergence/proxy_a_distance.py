"""Measure how well a linear classifier can tell two domains apart."""

import warnings
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from dacompare.divergence.drawing import FOLDS, SMALLEST, DrawnRows, balanced, draw_rows, folds_of, rows_and_groups
from dacompare.domains import split_rows
from dacompare.statistics import wilson_interval

C_GRID = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
BOOTSTRAPS = 1000
MAX_ITER = 200
# Wider features are turned to the first principal directions of the training half.
MAX_FEATURES = 200


@dataclass(frozen=True)
class ProxyADistance:
    """A proxy A-distance, how sure it is, and how it came about; ``float()`` of it is the distance.

    Parameters
    ----------
    value : float
        2(1 − 2ε), in [−2, 2]: 2 where the domains can be told apart without an error, about 0 where they
        cannot. It is signed: of two draws from one distribution it comes out below 0 as often as above.
    domain_error : float
        ε, the mean of the errors on the two domains' held-out rows, in [0, 1].
    ci95 : (float, float)
        95 % interval of `value`.
    n_per_domain : int
        Rows drawn from each domain, one half to train on and one half to test on.
    n_features : int
        As given.
    C : float
        Chosen by cross-validation inside the training half.
    details : dict
        Held-out rows of each domain, kind of interval, principal directions kept (None: all),
        whether the SVM converged.
    control_source, control_target : float or None
        The same measurement between two halves of one domain: what "no distance" looks like here.
    """

    value: float
    domain_error: float
    ci95: tuple[float, float]
    n_per_domain: int
    n_features: int
    C: float
    details: dict[str, Any] = field(default_factory=dict)
    control_source: float | None = None
    control_target: float | None = None

    def __float__(self) -> float:
        return self.value


def proxy_a_distance(
    X_source: Any,
    X_target: Any,
    *,
    groups_source: ArrayLike | None = None,
    groups_target: ArrayLike | None = None,
    max_rows: int = 5000,
    random_state: int = 0,
) -> ProxyADistance:
    """Estimate the proxy A-distance, 2(1 − 2ε), between two sets of rows.

    As many rows of one domain as of the other are drawn and split in halves, every group on one side. Scaling
    and C of a linear SVM come from the training half, the error ε of telling the domains apart from the other.

    Parameters
    ----------
    X_source, X_target : array-like of shape (n, ...) or Domain
        Rows that no network was trained on, if there are such; images are flattened.
    groups_source, groups_target : array-like of shape (n,), optional
        Identities that may be shared over rows and domains; by default those of a `Domain`.
    max_rows : int
        Rows drawn from each domain at most. Which ones depends on this, `random_state` and the number of
        rows, never on the features: all feature sets of a report are measured on the same rows.
    random_state : int
        Same value, same result.

    Returns
    -------
    ProxyADistance

    Raises
    ------
    ValueError
        For fewer than four rows in a domain, different features, or groups that cannot be split.

    References
    ----------
    Ben-David, Blitzer, Crammer & Pereira 2006, Analysis of representations for domain adaptation, section 5;
    Ganin & Lempitsky 2015, section 3.3. Interval: Wilson 1927; bootstrap over groups where there are any.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> far = proxy_a_distance(rng.normal(size=(200, 5)), rng.normal(3.0, size=(200, 5)))
    >>> far.value > 1.9 and far.ci95[0] > 1.8
    True
    """
    X_source, groups_source = rows_and_groups(X_source, groups_source, "source")
    X_target, groups_target = rows_and_groups(X_target, groups_target, "target")
    if X_source.shape[1] != X_target.shape[1]:
        raise ValueError(
            f"X_source has {X_source.shape[1]} features, X_target {X_target.shape[1]}; a distance needs the same."
        )
    drawn = draw_rows(X_source, X_target, groups_source, groups_target, max_rows, random_state)
    return _measure(drawn, random_state)


def domain_error(X_source: Any, X_target: Any, **settings: Any) -> float:
    """Return ε, the held-out error of telling the domains apart: 0 far, about ½ indistinguishable.

    Parameters
    ----------
    X_source, X_target : array-like of shape (n, ...) or Domain
    **settings
        As in `proxy_a_distance`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> 0.3 < domain_error(rng.normal(size=(200, 2)), rng.normal(size=(200, 2))) < 0.7
    True
    """
    return proxy_a_distance(X_source, X_target, **settings).domain_error


def proxy_a_distance_with_controls(
    X_source: Any,
    X_target: Any,
    *,
    groups_source: ArrayLike | None = None,
    groups_target: ArrayLike | None = None,
    max_rows: int = 5000,
    random_state: int = 0,
) -> ProxyADistance:
    """Estimate the proxy A-distance, and beside it that of each domain from itself.

    The rows of a domain are split at random in two halves (by group), which then stand for two domains. Both
    controls should lie about 0; where they do not, rows are not independent, and groups are missing.

    Parameters
    ----------
    X_source, X_target, groups_source, groups_target, max_rows, random_state
        As in `proxy_a_distance`.

    Returns
    -------
    ProxyADistance
        With `control_source` and `control_target`; None for a domain with fewer than eight rows.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> far = proxy_a_distance_with_controls(rng.normal(size=(400, 5)), rng.normal(3.0, size=(400, 5)))
    >>> far.value > 1.9 and abs(far.control_source) < 0.6 and abs(far.control_target) < 0.6
    True
    """
    settings: dict[str, Any] = {"max_rows": max_rows, "random_state": random_state}
    distance = proxy_a_distance(
        X_source, X_target, groups_source=groups_source, groups_target=groups_target, **settings
    )
    return replace(
        distance,
        control_source=_control(X_source, groups_source, "source", settings),
        control_target=_control(X_target, groups_target, "target", settings),
    )


def _control(X: Any, groups: ArrayLike | None, name: str, settings: dict[str, Any]) -> float | None:
    rows, identities = rows_and_groups(X, groups, name)
    if (len(rows) if identities is None else len(np.unique(identities))) < 2 * SMALLEST:
        return None
    halves = split_rows(None, identities, 0.5, settings["random_state"], n_rows=len(rows))
    if min(map(len, halves)) < SMALLEST:
        return None
    groups_of = [None if identities is None else identities[half] for half in halves]
    return proxy_a_distance(
        *(rows[half] for half in halves), groups_source=groups_of[0], groups_target=groups_of[1], **settings
    ).value


def _measure(drawn: DrawnRows, random_state: int) -> ProxyADistance:
    """Train on one half, measure the error on the other."""
    kept, held = split_rows(drawn.domain, drawn.groups, 0.5, random_state)
    train, test = balanced(drawn.take(kept), random_state), drawn.take(held)
    for name, half in (("training", train), ("test", test)):
        if len(np.unique(half.domain)) < 2:
            raise ValueError(
                f"groups leave the {name} half without rows of one domain; there must be at least two groups"
                " in each domain."
            )
    with threadpool_limits(1):
        wrong, C, how = _tell_apart(train, test, random_state)
    error, interval = _error_and_interval(wrong, test, random_state)
    details = {
        "n_test": np.bincount(test.domain).tolist(),
        "interval": "wilson" if test.groups is None else "bootstrap over groups",
        **how,
    }
    low, high = (2 - 4 * bound for bound in interval[::-1])
    n = len(drawn.X) // 2
    return ProxyADistance(2 - 4 * error, error, (low, high), n, drawn.X.shape[1], C, details)


def _tell_apart(
    train: DrawnRows, test: DrawnRows, random_state: int
) -> tuple[NDArray[np.bool_], float, dict[str, Any]]:
    """Return which test rows are taken for the other domain, the C used, and what else there is to say."""
    scaler = StandardScaler().fit(train.X)
    X, X_test, kept = scaler.transform(train.X), scaler.transform(test.X), None
    if X.shape[1] > MAX_FEATURES:
        # A linear SVM on thousands of correlated pixels takes minutes. Directions are not rescaled: it stays
        # the SVM on scaled pixels, and loses only the directions of smallest variance.
        kept = min(MAX_FEATURES, len(X))
        pca = PCA(kept, svd_solver="randomized", random_state=random_state).fit(X)
        X, X_test = pca.transform(X), pca.transform(X_test)
    C = _choose_C(train._replace(X=X), random_state)
    svm = _svm(C, X, train.domain)
    how = {"principal_directions": kept, "converged": bool(svm.n_iter_ < MAX_ITER)}
    return svm.predict(X_test) != test.domain, C, how


def _svm(C: float, X: NDArray[Any], domain: NDArray[Any]) -> LinearSVC:
    """Fit one linear SVM; where C is too large to converge, cross-validation turns it down or `details` says so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LinearSVC(C=C, dual=False, tol=1e-3, max_iter=MAX_ITER).fit(X, domain)


def _choose_C(train: DrawnRows, random_state: int) -> float:
    """Return the C with the smallest cross-validated error; of equals the smallest C."""
    fold = folds_of(train, random_state)
    errors = np.zeros(len(C_GRID))
    for number in range(FOLDS):
        inside, outside = train.take(fold != number), train.take(fold == number)
        if len(np.unique(inside.domain)) < 2 or not len(outside.X):
            continue
        for position, C in enumerate(C_GRID):
            svm = _svm(C, inside.X, inside.domain)
            errors[position] += (svm.predict(outside.X) != outside.domain).sum()
    return C_GRID[int(errors.argmin())]


def _error_and_interval(
    wrong: NDArray[np.bool_], test: DrawnRows, random_state: int
) -> tuple[float, tuple[float, float]]:
    error = float(np.mean([wrong[test.domain == side].mean() for side in (0, 1)]))
    if test.groups is None:
        return error, wilson_interval(int(wrong.sum()), len(wrong))
    return error, _bootstrap(wrong, test.domain, test.groups, random_state)


def _bootstrap(
    wrong: NDArray[np.bool_], domain: NDArray[np.int64], groups: NDArray[Any], random_state: int
) -> tuple[float, float]:
    """Draw groups with replacement; the interval holds the middle 95 % of the errors."""
    _, group = np.unique(groups, return_inverse=True)
    n_groups = int(group.max()) + 1
    cell = [np.bincount(group[domain == side], minlength=n_groups) for side in (0, 1)]
    bad = [np.bincount(group[(domain == side) & wrong], minlength=n_groups) for side in (0, 1)]
    times = np.random.default_rng(random_state).multinomial(n_groups, np.full(n_groups, 1 / n_groups), BOOTSTRAPS)
    drawn = [times @ sizes for sizes in cell]
    both = (drawn[0] > 0) & (drawn[1] > 0)  # a draw without one of the domains has no error
    errors = np.mean([(times @ bad[side])[both] / drawn[side][both] for side in (0, 1)], axis=0)
    low, high = np.quantile(errors, [0.025, 0.975])
    return float(low), float(high)
