"""Warn where the classes predicted on the target are mixed quite differently from those of the source."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Total variation distance that is by far: a tenth of all rows would have to change their class.
FAR = 0.1
# How often draws from shares that are not FAR apart may be warned of.
FALSE_ALARMS = 1e-3


def class_share_warning(
    predicted_counts: Mapping[Any, float] | ArrayLike, source_counts: Mapping[Any, float] | ArrayLike
) -> str | None:
    """Return a sentence where the predicted class shares leave those of the source by far, else None.

    The distance is the total variation, ½ Σ |pₖ − qₖ|: the share of rows that would have to change their
    class. From it is taken what chance alone explains, ½ √((K − 1)(1/n + 1/m)) on average over draws of n and
    m rows, and √(½ ln(1000) (1/n + 1/m)) beyond it once in a thousand draws; what is left must exceed 0.1.
    So shares that are less than 0.1 apart are warned of at most once in a thousand times, provided that rows
    are independent; of small samples it warns only where the shares are far apart.

    It cannot tell whether the classes of the target are mixed otherwise or the predictions are wrong. In the
    first case methods that give both domains one distribution of features must mix up classes.

    Parameters
    ----------
    predicted_counts : mapping of label -> count, or array-like of shape (n_classes,)
        How many target rows are predicted as each class.
    source_counts : mapping of label -> count, or array-like of shape (n_classes,)
        How many source rows have each label. Of mappings, a label that only one knows counts 0 in the other; a Series
        is a mapping, whatever the order of its index. Arrays have one entry per class, in the same order.

    Returns
    -------
    str or None

    Raises
    ------
    ValueError
        For counts that are negative, not finite or all 0, shares in their place, arrays of different length, and a
        mapping beside an array.

    References
    ----------
    Zhao, Tachet des Combes, Zhang & Gordon 2019, On learning invariant representations for domain adaptation
    (a lower bound on the error from the distance of the class shares). The allowance: Jensen's inequality for
    the mean, McDiarmid 1989 for the deviation from it.

    Examples
    --------
    >>> class_share_warning({"cat": 900, "dog": 100}, {"cat": 500, "dog": 500})
    "90 % of the target rows are predicted as 'cat', which 50 % of the source rows are; in all, the predicted
    class shares leave the source's by 40 %. Either the target mixes its classes otherwise, where aligning the
    domains as a whole can hurt, or these predictions are wrong."
    >>> class_share_warning([52, 48], [500, 500]) is None
    True
    """
    names, predicted, source = _aligned(predicted_counts, source_counts)
    shares, expected = predicted / predicted.sum(), source / source.sum()
    distance = share_distance(predicted, source)
    if distance - _chance(predicted.sum(), source.sum(), len(names)) <= FAR:
        return None
    most = int(np.abs(shares - expected).argmax())
    return (
        f"{_percent(shares[most])} of the target rows are predicted as {names[most]}, which"
        f" {_percent(expected[most])} of the source rows are; in all, the predicted class shares leave the source's"
        f" by {_percent(distance)}. Either the target mixes its classes otherwise, where aligning the domains as a"
        " whole can hurt, or these predictions are wrong."
    )


def share_warnings(
    names: Sequence[str], predicted_counts: Sequence[int], source_counts: Sequence[int], target_counts: Any = None
) -> list[str]:
    """Return the sentence of :func:`class_share_warning`, and what labels say of the target; an empty list for none.

    Parameters
    ----------
    names : sequence of str
        Of the classes.
    predicted_counts, source_counts : sequence of int
        One entry a class, in the order of `names`; of the source those rows that the predictions were learnt from.
    target_counts : sequence of int or None
        By target labels; they decide nothing here.

    Examples
    --------
    >>> share_warnings(["cat", "dog"], [900, 100], [500, 500], [600, 400])[0][-73:]
    "are wrong. By its labels, the target's shares leave the source's by 10 %."
    >>> share_warnings(["cat", "dog"], [52, 48], [500, 500])
    []
    """
    predicted, source = (dict(zip(names, own, strict=True)) for own in (predicted_counts, source_counts))
    sentence = class_share_warning(predicted, source)
    if sentence is not None and target_counts is not None:
        sentence += (
            " By its labels, the target's shares leave the source's by"
            f" {_percent(share_distance(target_counts, source_counts))}."
        )
    return [] if sentence is None else [sentence]


def share_distance(first: ArrayLike, second: ArrayLike) -> float:
    """Return the total variation distance between the shares of two arrays of counts, from 0 to 1.

    Examples
    --------
    >>> share_distance([3, 1], [10, 10])
    0.25
    """
    one, other = (np.asarray(counts, np.float64) for counts in (first, second))
    return float(np.abs(one / one.sum() - other / other.sum()).sum() / 2)


def _chance(n: float, m: float, n_classes: int) -> float:
    """Return the distance that draws of n and m rows from the same shares exceed once in a thousand times."""
    both = 1 / n + 1 / m
    return float(np.sqrt((n_classes - 1) * both) / 2 + np.sqrt(-np.log(FALSE_ALARMS) * both / 2))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _aligned(predicted: Any, source: Any) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
    """Return the name of each class and two arrays of counts in one order."""
    predicted, source = (own.to_dict() if hasattr(own, "to_dict") else own for own in (predicted, source))
    if isinstance(predicted, Mapping) != isinstance(source, Mapping):
        raise ValueError("predicted_counts and source_counts must both be mappings or both arrays.")
    if isinstance(predicted, Mapping):
        labels = list(dict.fromkeys([*source, *predicted]))
        counts = [np.array([own.get(label, 0) for label in labels], np.float64) for own in (predicted, source)]
        names = [repr(getattr(label, "item", lambda label=label: label)()) for label in labels]
    else:
        if any(np.asarray(own).dtype.kind in "OU" for own in (predicted, source)):
            raise ValueError("predicted_counts and source_counts must be counts, got labels; use collections.Counter.")
        counts = [np.asarray(own, np.float64) for own in (predicted, source)]
        names = [f"class {number}" for number in range(len(counts[1]))] if counts[1].ndim == 1 else []
    if counts[0].ndim != 1 or counts[0].shape != counts[1].shape:
        raise ValueError(
            f"predicted_counts and source_counts must have one entry per class each, got shapes {counts[0].shape}"
            f" and {counts[1].shape}."
        )
    for name, own in zip(("predicted_counts", "source_counts"), counts, strict=True):
        if not (np.isfinite(own).all() and (own >= 0).all() and own.sum() > 0):
            raise ValueError(f"{name} must be counts from 0 on, at least one above 0, got {own.tolist()}.")
        if (own != np.rint(own)).any():
            raise ValueError(
                f"{name} must be counts, whole numbers of rows, got {own.tolist()}; shares do not say of how many rows"
                " they are, and so not what chance explains: multiply them by that number, and round."
            )
    return names, counts[0], counts[1]
