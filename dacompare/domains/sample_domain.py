"""Translate between two domains and skada's stacked form: one X, one y, one number per row for its domain."""

import numpy as np
from numpy.typing import ArrayLike

from dacompare.domains.checks import check_X
from dacompare.domains.domain import Domain

SOURCE, TARGET, MASK = 1, -2, -1


def split_domains(
    X: ArrayLike, y: ArrayLike, sample_domain: ArrayLike, *, labelled: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:
    """Cut stacked rows into source and target.

    Parameters
    ----------
    X, y, sample_domain : array-like
        Rows, labels, and a number per row: not negative for the source, negative for the target.
    labelled : bool
        False: the target's labels are dropped, whatever they are.

    Returns
    -------
    X_source, y_source, X_target, y_target : ndarray
        `y_target` is None where `labelled` is False.

    Raises
    ------
    ValueError
        For lengths that differ, several sources or targets, a missing one, and masked labels.

    References
    ----------
    Gnassounou et al. 2024, "SKADA-Bench", and the documentation of skada: sources are >= 0, targets < 0,
    masked labels are -1, or NaN in regression.

    Examples
    --------
    >>> split_domains([[1.0], [2.0], [3.0]], [0, 1, -1], [1, 1, -2])
    Traceback (most recent call last):
        ...
    ValueError: y holds -1 for 1 target row; in the stacked form -1 and NaN mean "masked". If these rows are
    unlabelled, pass labelled=False; if -1 is a class, relabel it, or use Transfer.from_arrays.
    """
    rows, labels, domain = check_X(X), np.asarray(y), np.asarray(sample_domain)
    for argument, values in (("y", labels), ("sample_domain", domain)):
        if values.shape != (len(rows),):
            raise ValueError(f"{argument} must have shape ({len(rows)},), one entry per row of X, got {values.shape}.")
    is_source = _source_rows(domain)
    _refuse_masked(labels[is_source], "source")
    if labelled:
        _refuse_masked(labels[~is_source], "target")
    return rows[is_source], labels[is_source], rows[~is_source], labels[~is_source] if labelled else None


def join_domains(source: Domain, target: Domain) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stack source and target rows, with 1 and -2 as their domains.

    Parameters
    ----------
    source, target : Domain
        The source has labels; those of an unlabelled target become -1, or NaN where labels are floats.

    Returns
    -------
    X, y, sample_domain : ndarray

    Raises
    ------
    ValueError
        Where a class is called -1, or an unlabelled target has labels that leave no room for a mask.

    Examples
    --------
    >>> join_domains(Domain([[1.0], [2.0]], [0, 1]), Domain([[3.0]]))[1:]
    (array([ 0,  1, -1]), array([ 1,  1, -2]))
    """
    if source.y is None:
        raise ValueError("source must have labels, got y=None.")
    _refuse_masked(source.y, "source")
    y_target = _masked(source.y, target.n_rows) if target.y is None else target.y
    if target.y is not None:
        _refuse_masked(target.y, "target")
    return (
        np.concatenate([source.X, target.X]),
        np.concatenate([source.y, y_target]),
        np.repeat([SOURCE, TARGET], [source.n_rows, target.n_rows]),
    )


def _source_rows(domain: np.ndarray) -> np.ndarray:
    if domain.dtype.kind not in "iu":
        raise TypeError(f"sample_domain must hold integers, got dtype {domain.dtype}; skada uses 1 and -2.")
    for name, rows in (("source", domain >= 0), ("target", domain < 0)):
        numbers = np.unique(domain[rows]).tolist()
        if len(numbers) != 1:
            found = (
                f"several, {numbers}; several {name}s are not supported: give them one number" if numbers else "none"
            )
            sign = "not negative" if name == "source" else "negative"
            raise ValueError(f"sample_domain must have one {name} ({sign}), got {found}.")
    return domain >= 0


def _refuse_masked(labels: np.ndarray, name: str) -> None:
    if labels.dtype.kind == "f":
        masked = np.isnan(labels) | (labels == MASK)
    elif labels.dtype.kind in "iO":
        masked = np.array([label == MASK or label != label for label in labels.tolist()], dtype=bool)
    else:
        return
    if masked.any():
        value, n = labels[int(np.argmax(masked))], int(masked.sum())
        unlabelled = " If these rows are unlabelled, pass labelled=False; if" if name == "target" else " If"
        raise ValueError(
            f"y holds {value} for {n} {name} row{'s' if n > 1 else ''}; in the stacked form -1 and NaN"
            ' mean "masked".'
            f"{unlabelled} -1 is a class, relabel it, or use Transfer.from_arrays."
        )


def _masked(labels: np.ndarray, n_rows: int) -> np.ndarray:
    if labels.dtype.kind == "f":
        return np.full(n_rows, np.nan)
    if labels.dtype.kind == "i":
        return np.full(n_rows, MASK)
    raise ValueError(
        f"labels of dtype {labels.dtype} leave no room for skada's mask of an unlabelled target, -1; encode"
        " them as signed integers first, for instance with sklearn.preprocessing.LabelEncoder."
    )
