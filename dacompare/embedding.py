"""Embed the features of both domains in one plane."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openTSNE import TSNE
from sklearn import config_context
from threadpoolctl import threadpool_limits

from dacompare.checks import check_count, check_number
from dacompare.domains import subsample_rows
from dacompare.domains.checks import check_same_columns, check_X
from dacompare.domains.unwrapping import unwrap


@dataclass(frozen=True)
class JointEmbedding:
    """Positions of source and target rows in one plane.

    Distances between far-away clusters, and their sizes, carry no meaning.

    Parameters
    ----------
    source, target : ndarray of shape (n_points, 2)
    source_rows, target_rows : ndarray of int
        Which rows were drawn, in the order of the points.
    perplexity : float
        As used: smaller than asked for where there are too few points.
    kl : float
        Kullback–Leibler divergence at the end, in nats: what t-SNE has made small.
    """

    source: NDArray[np.float64]
    target: NDArray[np.float64]
    source_rows: NDArray[np.int64]
    target_rows: NDArray[np.int64]
    perplexity: float
    kl: float


def joint_tsne(
    Z_source: Any, Z_target: Any, *, max_points: int = 1000, perplexity: float = 30.0, random_state: int = 0
) -> JointEmbedding:
    """Embed rows of both domains in the plane by one t-SNE.

    Parameters
    ----------
    Z_source, Z_target : array-like of shape (n, ...) or Domain
        Features of one layer; images are flattened.
    max_points : int
        Rows drawn from each domain at most. Which ones depends on their number and `random_state`, never on
        the features: all features of a report show the same rows.
    perplexity : float
        About how many neighbours count; reduced to a third of the points where there are too few.
    random_state : int
        Same value, same bytes.

    Returns
    -------
    JointEmbedding

    Raises
    ------
    ValueError
        Where the features differ, as numbers or by name, or there are fewer than four points.

    References
    ----------
    van der Maaten & Hinton 2008; Ganin & Lempitsky 2015, Figure 3.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> embedded = joint_tsne(rng.normal(size=(20, 3)), rng.normal(9.0, size=(10, 3)))
    >>> embedded.source.shape, embedded.target.shape, round(embedded.perplexity, 2)
    ((20, 2), (10, 2), 9.67)
    """
    check_same_columns(Z_source, Z_target, source="Z_source", target="Z_target")
    check_count("max_points", max_points)
    check_number("perplexity", perplexity, above=0)
    source, source_rows = _draw(Z_source, "Z_source", max_points, random_state)
    target, target_rows = _draw(Z_target, "Z_target", max_points, random_state)
    if source.shape[1] != target.shape[1]:
        raise ValueError(
            f"Z_source has {source.shape[1]} features, Z_target {target.shape[1]}; one plane needs the same."
        )
    points = np.concatenate([source, target])
    if len(points) < 4:
        raise ValueError(f"t-SNE needs at least 4 points, got {len(points)}.")
    if not np.ptp(points, axis=0).any():
        raise ValueError(
            f"all {len(points)} rows are the same, so that t-SNE has nothing to place; give other features."
        )
    used = min(float(perplexity), (len(points) - 1) / 3)
    embedded = _tsne(points, used, random_state)
    positions = np.array(embedded)
    n = len(source)
    return JointEmbedding(positions[:n], positions[n:], source_rows, target_rows, used, float(embedded.kl_divergence))


def _draw(Z: Any, name: str, max_points: int, random_state: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    rows = check_X(unwrap(Z), name)
    drawn = subsample_rows(None, max_points, random_state, n_rows=len(rows))
    return rows.reshape(len(rows), -1)[drawn].astype(np.float64), drawn


def _tsne(points: NDArray[np.float64], perplexity: float, random_state: int) -> Any:
    # Exact neighbours and one thread: the approximate ones, and sums in another order, change bytes.
    # Its PCA is scikit-learn's, and fails where that is set to give data frames out.
    with threadpool_limits(1), config_context(transform_output="default"):
        return TSNE(
            perplexity=perplexity,
            initialization="pca",
            neighbors="exact",
            negative_gradient_method="bh",
            n_jobs=1,
            random_state=random_state,
        ).fit(points)
