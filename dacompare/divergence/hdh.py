"""Measure how differently two label predictors can disagree on two domains."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from dacompare.checks import check_count
from dacompare.divergence.drawing import DrawnRows, pair_and_groups
from dacompare.divergence.hdh_discriminator import train_discriminator
from dacompare.divergence.hdh_pair import linear_predictor, train_pair
from dacompare.divergence.held_out import (
    draw_pair,
    error_and_interval,
    interval_of_distance,
    scale_halves,
    split_halves,
)
from dacompare.domains import Domain
from dacompare.domains.checks import check_X, check_y


@dataclass(frozen=True)
class HDHDistance:
    """Two estimates of the HΔH-distance; ``float()`` of it is that of the pair.

    Parameters
    ----------
    pair : float
        2 (P_S[h₁ ≠ h₂] − P_T[h₁ ≠ h₂]) on held-out rows, in [−2, 2], signed as the pair was trained: a lower
        estimate of the distance, whatever the training came to.
    discriminator : float
        2 (α − 1) on held-out rows, in [−2, 2].
    pair_ci95, discriminator_ci95 : (float, float)
        95 % intervals of what this pair and this discriminator would give on all rows there are.
    n_classes : int
        Of the hypotheses.
    n_per_domain, n_features : int
        Rows drawn from each domain, and features as given.
    details : dict
        Held-out rows of each domain, kinds of both intervals, principal directions kept (None: all), and on which
        domain the pair disagrees more (``sign`` 1: source).
    """

    pair: float
    discriminator: float
    pair_ci95: tuple[float, float]
    discriminator_ci95: tuple[float, float]
    n_classes: int
    n_per_domain: int
    n_features: int
    details: dict[str, Any] = field(default_factory=dict)

    def __float__(self) -> float:
        return self.pair


def hdh_distance(
    X_source: Any,
    X_target: Any,
    y_source: ArrayLike | None = None,
    *,
    predictor: Any = None,
    groups_source: ArrayLike | None = None,
    groups_target: ArrayLike | None = None,
    n_starts: int = 3,
    max_rows: int = 5000,
    random_state: int = 0,
) -> HDHDistance:
    """Estimate the HΔH-distance, 2 sup |P_S[h₁ ≠ h₂] − P_T[h₁ ≠ h₂]|, over linear label predictors h₁ and h₂.

    Two domains may look alike to every single predictor and still differ for pairs of them. Two estimates,
    trained on one half of the rows and reported on the other, every group on one side:

    - *pair*: two predictors are trained to disagree on one domain and to agree on the other. Held out, they
      are a pair like any other, so the estimate is a lower one.
    - *discriminator*: two replicas of the predictor side by side, followed by a perceptron that can learn XOR,
      are trained to tell the domains apart; α = P_S[says source] + P_T[says target]. The best discriminator of
      that kind bounds the distance from above. A trained one does so only if it is the best: no certificate.

    Parameters
    ----------
    X_source, X_target : array-like of shape (n, ...) or Domain
        Features that no network was trained on, if there are such.
    y_source : array-like of shape (n_source,), optional
        Labels of the source, from which a predictor is fitted; by default those of a `Domain`. They say how many
        classes the hypotheses have, and where the search starts.
    predictor : classifier, optional
        A fitted one on these features, in place of `y_source`: its predictions stand for the labels.
    groups_source, groups_target : array-like of shape (n,), optional
        By default those of a `Domain`.
    n_starts : int
        Random starts beside the reasoned ones. More find more; the cost of each is O(n d n_classes) a step.
    max_rows, random_state
        As in :func:`~dacompare.divergence.proxy_a_distance`, which measures on the same rows and halves.

    Returns
    -------
    HDHDistance

    Raises
    ------
    ValueError
        For fewer than four rows in a domain, different features, groups that cannot be split, neither or both
        of `y_source` and `predictor`, or fewer than two classes.

    References
    ----------
    Ganin & Lempitsky 2015, section 3.3: equation 10 is the distance, 12 the symmetric differences, 13 the estimate by a
    discriminator; Ben-David, Blitzer, Crammer, Kulesza, Pereira & Vaughan 2010, A theory of learning from different
    domains, for the distance.

    Examples
    --------
    Both features have the same distribution in both domains; only their signs go together differently.

    >>> rng = np.random.default_rng(0)
    >>> size, sign = np.abs(rng.normal(size=(2, 300, 2))), rng.choice([-1, 1], size=(2, 300, 1))
    >>> X_source, X_target = size * sign * [[[1, 1]], [[1, -1]]]
    >>> distance = hdh_distance(X_source, X_target, X_source[:, 0] > 0)
    >>> distance.pair > 1.7, distance.discriminator > 1.7
    (True, True)
    """
    codes, n_classes = _label_codes(X_source, y_source, predictor)
    check_count("n_starts", n_starts, at_least=0)
    X_source, X_target, *groups = pair_and_groups(X_source, X_target, groups_source, groups_target)
    drawing: Any = *groups, max_rows, random_state
    drawn = draw_pair(X_source, X_target, *drawing)
    # Rows are drawn and halved by their numbers alone, so labels can go the way of the features.
    labelled = draw_pair(codes[:, None], np.zeros((len(X_target), 1)), *drawing)
    train, test = split_halves(drawn, random_state)
    labels = split_halves(labelled, random_state)[0].X[:, 0].astype(np.int64)
    with threadpool_limits(1):
        said, how = _train(train, test, labels, n_classes, n_starts, random_state)
    (pair, pair_interval, pair_kind), (discriminator, discriminator_interval, discriminator_kind) = (
        error_and_interval(says_target != test.domain, test, random_state) for says_target in said
    )
    return HDHDistance(
        pair=2 - 4 * pair,
        discriminator=2 - 4 * discriminator,
        pair_ci95=interval_of_distance(pair_interval),
        discriminator_ci95=interval_of_distance(discriminator_interval),
        n_classes=n_classes,
        n_per_domain=len(drawn.X) // 2,
        n_features=drawn.X.shape[1],
        details={
            "n_test": np.bincount(test.domain).tolist(),
            "interval": pair_kind,
            "discriminator_interval": discriminator_kind,
            **how,
        },
    )


def _label_codes(X_source: Any, y_source: ArrayLike | None, predictor: Any) -> tuple[NDArray[np.int64], int]:
    rows = X_source.X if isinstance(X_source, Domain) else check_X(X_source, "X_source")
    if y_source is not None and predictor is not None:
        raise ValueError("pass y_source or predictor, not both: each says what the label predictor is.")
    if predictor is not None:
        if not hasattr(predictor, "classes_"):
            raise ValueError(f"predictor must be a fitted classifier, got {predictor!r:.80}: call fit(X, y) first.")
        classes, labels = np.asarray(predictor.classes_), np.asarray(predictor.predict(rows))
    else:
        if y_source is None and isinstance(X_source, Domain):
            y_source = X_source.y
        if y_source is None:
            raise ValueError("hdh_distance needs y_source or a fitted predictor; its hypotheses are label predictors.")
        labels = np.asarray(check_y(y_source, len(rows), "y_source"))
        classes = np.unique(labels)
    if len(classes) < 2:
        raise ValueError(f"label predictors need at least two classes, got only {classes.tolist()!r}.")
    return np.searchsorted(classes, labels).astype(np.int64), len(classes)


def _train(
    train: DrawnRows, test: DrawnRows, labels: NDArray[np.int64], n_classes: int, n_starts: int, random_state: int
) -> tuple[list[NDArray[np.bool_]], dict[str, Any]]:
    """Return which test rows the pair and the discriminator take for target rows, and what else there is to say."""
    X, X_test, kept = scale_halves(train, test, random_state)
    train = train._replace(X=X)
    predictor = linear_predictor(X[train.domain == 0], labels[train.domain == 0], n_classes)
    pair, draft = train_pair(train, predictor, n_starts, random_state)
    discriminator = train_discriminator(train, predictor, draft, n_starts, random_state)
    how = {"principal_directions": kept, "sign": pair.sign}
    return [pair.says_target(X_test), discriminator.says_target(X_test)], how
