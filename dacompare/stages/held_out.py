"""Score a row without target labels where no source rows are kept for testing: on some that its training sets aside."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dacompare.domains import Transfer, split_rows
from dacompare.stages.features import Features
from dacompare.stages.judge import Answers, validator_scores

SHARE = 0.2
"""Of the source rows, what is set aside."""

Fit = Callable[[Transfer, Features], tuple[Features, Answers]]
"""(transfer, features) -> the features as the row's classifier sees them, and what it says."""


def hold_out(transfer: Transfer, features: Features, seed: int) -> tuple[Transfer, Features]:
    """Set a fifth of the source rows aside, by class and group; they are then the source test rows."""
    kept, held = split_rows(transfer.source.y, transfer.source.groups, SHARE, seed)
    with warnings.catch_warnings():  # what is to be said of the transfer has been said of all its rows
        warnings.simplefilter("ignore")
        parts = replace(transfer, source=transfer.source.take(kept), source_test=transfer.source.take(held))
    return parts, replace(features, source=features.source[kept], source_test=features.source[held])


def held_out_scores(
    fit: Fit,
    transfer: Transfer,
    features: Features,
    names: Sequence[str],
    seed: int,
    *,
    known: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Train a row again without the rows set aside, and return what validators say of that.

    As in any cross-validation, what is scored has learned from fewer rows than what is used. A row that cannot learn
    from so few has no score, and keeps its accuracy.

    Parameters
    ----------
    fit : callable
        Trains the row.
    transfer : Transfer
        Without source test rows.
    features : Features
        What the row starts from.
    names : sequence of str
        Of the validators.
    known : mapping, optional
        Scores of validators that were asked before, of the same training.

    Returns
    -------
    dict
        As from :func:`~dacompare.stages.judge.validator_scores`.
    """
    if "paper" in names:  # ranks by the accuracy on source rows that were not learned from, and here no other is known
        names = list(dict.fromkeys([*names, "source-accuracy"]))
    try:
        parts, rest = hold_out(transfer, features, seed)
        seen, answers = fit(parts, rest)
    except ValueError as error:
        none = {"value": None, "seconds": 0.0, "reason": f"without the source rows set aside: {error}"}
        return {"validators": {name: none for name in names if name != "paper"}, "unlabelled_domain_error": None}
    return validator_scores(parts, answers, seen, names, seed, known=known)
