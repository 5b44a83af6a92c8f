"""Measure how well a classifier can tell two domains apart."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from dacompare.divergence.domain_classifiers import C_GRID as C_GRID
from dacompare.divergence.domain_classifiers import CLASSIFIERS, ClassifierName, has_converged
from dacompare.divergence.drawing import SMALLEST, DrawnRows, rows_and_groups
from dacompare.divergence.held_out import (
    draw_pair,
    error_and_interval,
    interval_of_distance,
    scale_halves,
    split_halves,
)
from dacompare.domains import split_rows
from dacompare.names import check_name


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
        Chosen by cross-validation inside the training half; for a perceptron 1 / alpha.
    details : dict
        Held-out rows of each domain, kind of interval, principal directions kept (None: all),
        whether the classifier converged, and its name where it is not the SVM.
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
    classifier: ClassifierName = "svm",
    max_rows: int = 5000,
    random_state: int = 0,
) -> ProxyADistance:
    """Estimate the proxy A-distance, 2(1 − 2ε), between two sets of rows.

    As many rows of one domain as of the other are drawn and split in halves, every group on one side. Scaling
    and C of the classifier come from the training half, the error ε of telling the domains apart from the other.

    Of more than 200 features, their first 200 principal directions after scaling are kept (`details` says so): it saves
    minutes on pixels, and hides a difference that lies in a few of very many unrelated columns. The value is then
    rather too small.

    Parameters
    ----------
    X_source, X_target : array-like of shape (n, ...) or Domain
        Rows that no network was trained on, if there are such; images are flattened.
    groups_source, groups_target : array-like of shape (n,), optional
        Identities that may be shared over rows and domains; by default those of a `Domain`.
    classifier : {"svm", "logistic", "mlp"}
        What tells the domains apart: a linear SVM, logistic regression, or a perceptron with one hidden layer
        of 32 units, which also sees differences that no line separates, and takes some twenty times as long.
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
        For fewer than four rows in a domain, different features, groups that cannot be split, or another
        classifier.

    References
    ----------
    Ben-David, Blitzer, Crammer & Pereira 2006, Analysis of representations for domain adaptation, section 5;
    Ganin & Lempitsky 2015, section 3.3; Ganin et al. 2016, equation 3, and section 3.2, which allows a perceptron for
    the SVM.
    Interval: Wilson 1927; bootstrap over groups where there are any.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> far = proxy_a_distance(rng.normal(size=(200, 5)), rng.normal(3.0, size=(200, 5)))
    >>> far.value > 1.9 and far.ci95[0] > 1.8
    True
    """
    check_name("classifier", classifier, CLASSIFIERS)
    settings = (max_rows, random_state)
    drawn = draw_pair(X_source, X_target, groups_source, groups_target, *settings, keep_type=True)
    return _measure(drawn, classifier, random_state)


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
    classifier: ClassifierName = "svm",
    max_rows: int = 5000,
    random_state: int = 0,
) -> ProxyADistance:
    """Estimate the proxy A-distance, and beside it that of each domain from itself.

    The rows of a domain are split at random in two halves (by group), which then stand for two domains. Both
    controls should lie about 0; where they do not, rows are not independent, and groups are missing.

    Parameters
    ----------
    X_source, X_target, groups_source, groups_target, classifier, max_rows, random_state
        As in `proxy_a_distance`.

    Returns
    -------
    ProxyADistance
        With `control_source` and `control_target`; None for a domain whose halves have fewer than four rows, or
        groups that cannot be halved twice.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> far = proxy_a_distance_with_controls(rng.normal(size=(400, 5)), rng.normal(3.0, size=(400, 5)))
    >>> far.value > 1.9 and abs(far.control_source) < 0.6 and abs(far.control_target) < 0.6
    True
    """
    settings: dict[str, Any] = {"classifier": classifier, "max_rows": max_rows, "random_state": random_state}
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
    try:
        return proxy_a_distance(
            *(rows[half] for half in halves), groups_source=groups_of[0], groups_target=groups_of[1], **settings
        ).value
    except ValueError:  # a half is of one group, say
        return None


def _measure(drawn: DrawnRows, classifier: str, random_state: int) -> ProxyADistance:
    """Train on one half, measure the error on the other."""
    n, n_features = len(drawn.X) // 2, drawn.X.shape[1]
    train, test = split_halves(drawn, random_state)
    with threadpool_limits(1):
        wrong, C, how = _tell_apart(train, test, classifier, random_state)
    error, interval, kind = error_and_interval(wrong, test, random_state)
    details = {"n_test": np.bincount(test.domain).tolist(), "interval": kind, **how}
    return ProxyADistance(2 - 4 * error, error, interval_of_distance(interval), n, n_features, C, details)


def _tell_apart(
    train: DrawnRows, test: DrawnRows, classifier: str, random_state: int
) -> tuple[NDArray[np.bool_], float, dict[str, Any]]:
    """Return which test rows are taken for the other domain, the C used, and what else there is to say."""
    X, X_test, kept = scale_halves(train, test, random_state)
    kind = CLASSIFIERS[classifier]
    C = kind.choose_C(train._replace(X=X), random_state)
    model = kind.fit(C, X, train.domain, random_state)
    how: dict[str, Any] = {"principal_directions": kept, "converged": has_converged(model)}
    if classifier != "svm":
        how["classifier"] = classifier
    return model.predict(X_test) != test.domain, C, how
