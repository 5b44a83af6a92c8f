"""Ask whether the target predictions follow the clusters of the target features."""

import warnings

import numpy as np
from numpy.typing import ArrayLike
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_mutual_info_score
from threadpoolctl import threadpool_limits

from dacompare.checks import check_count
from dacompare.domains import subsample_rows
from dacompare.selection.candidate import Candidate, CannotScore, check_usable, flat_rows

# Enough to find as many clusters as there are classes; all candidates give the same rows up to this number.
CLUSTER_ROWS = 4000
STARTS = 10


def cluster_agreement(X: ArrayLike, labels: ArrayLike, n_clusters: int, *, random_state: int = 0) -> float:
    """Return the adjusted mutual information between labels and k-means clusters of the rows.

    Parameters
    ----------
    X : array-like of shape (n, n_features)
        k-means starts ten times, and takes O(n · n_clusters · n_features) a step.
    labels : array-like of shape (n,)
        Of any type; names do not matter, only which rows share one.
    n_clusters : int
        As many as there are classes, from 1 on; n where there are fewer rows.
    random_state : int
        Seed of k-means.

    Returns
    -------
    float
        At most 1, for equal partitions; about 0 for partitions that have nothing to do with each other, and
        exactly 0 where all labels are one, which scikit-learn calls perfect if all rows are one, too.

    Raises
    ------
    TypeError, ValueError
        For other numbers of clusters, another number of labels than of rows, and rows that are empty or not finite.

    References
    ----------
    Vinh, Epps & Bailey 2010, Information theoretic measures for clusterings comparison.

    Examples
    --------
    >>> round(cluster_agreement([[0.0], [0.1], [5.0], [5.1]], ["dog", "dog", "cat", "cat"], 2), 12)
    1.0
    """
    check_count("n_clusters", n_clusters)
    X, given = np.asarray(X), np.asarray(labels)
    rows = flat_rows(X)
    if given.shape != (len(rows),):
        raise ValueError(f"labels must hold one label for each of the {len(rows)} rows of X, got shape {given.shape}.")
    check_usable(X=rows)
    codes = np.unique(given, return_inverse=True)[1]
    if not codes.any():
        return 0.0
    is_ours = not np.may_share_memory(rows, X)  # rows of its own k-means may centre where they lie
    k_means = KMeans(min(n_clusters, len(rows)), n_init=STARTS, copy_x=not is_ours, random_state=random_state)
    # One thread, for the same bits everywhere. Fewer distinct rows than clusters are worth no warning here.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return float(adjusted_mutual_info_score(codes, k_means.fit_predict(rows)))


def class_ami(candidate: Candidate) -> float:
    """Return how well the target predictions agree with k-means clusters of the target features: 1 is best.

    There are as many clusters as classes, and no source row is looked at. At most 4,000 target rows are used, the same
    for every candidate of a comparison. It does not know which class is which, and is lost where the
    largest differences between target rows are not those between classes.

    Raises
    ------
    CannotScore
        For a single target row.

    References
    ----------
    Musgrave, Belongie & Lim 2022, Three new validators and a large-scale benchmark ranking for unsupervised
    domain adaptation (ClassAMI).

    Examples
    --------
    >>> Z, y = np.array([[0.0], [0.1], [5.0], [5.1]]), np.array([0, 0, 1, 1])
    >>> round(class_ami(Candidate(n_classes=2, target_features=Z, target_predictions=y)), 12)
    1.0
    """
    assert candidate.target_features is not None, "score_candidate has checked needs"
    assert candidate.target_predictions is not None, "score_candidate has checked needs"
    if len(candidate.target_features) < 2:
        raise CannotScore("needs at least two target rows")
    assert candidate.n_classes is not None, "score_candidate has checked needs"
    rows = subsample_rows(None, CLUSTER_ROWS, 0, n_rows=len(candidate.target_features))
    return cluster_agreement(candidate.target_features[rows], candidate.target_predictions[rows], candidate.n_classes)
