"""Add to rows what their features' distances and the other rows of their seed tell."""

from collections.abc import Mapping
from typing import Any

from dacompare.selection import rank_values
from dacompare.stages.measure import PAD
from dacompare.summary import is_usable


def add_domain_errors(rows: list[dict[str, Any]], divergence: list[dict[str, Any]]) -> None:
    """Put beside each row how often a classifier errs that tells the domains apart in its features."""
    errors = {(d["features"], d["seed"]): d["domain_error"] for d in divergence if d["measure"] == PAD}
    for row in rows:
        if row["status"] == "ok" and not row["oracle"]:
            row["domain_error"] = errors.get((row["method"], row["seed"]))


def add_paper_validator(rows: list[dict[str, Any]], domain_errors: Mapping[tuple[str, int], float | None]) -> None:
    """Rank the rows of each seed by the paper's criterion: low source error, high domain error.

    Parameters
    ----------
    rows : list of dict
        They are changed.
    domain_errors : dict of (method, seed) to float or None
        Measured on unlabelled training rows, never on test rows.
    """
    for seed in sorted({row["seed"] for row in rows}):
        candidates = [r for r in rows if r["seed"] == seed and r["status"] == "ok" and is_usable(r)]
        errors = [domain_errors.get((row["method"], seed)) for row in candidates]
        ranks = rank_values([unseen_accuracy(row) for row in candidates], errors)
        for row, rank in zip(candidates, ranks, strict=True):
            reason = None if rank is not None else "needs a source test set, and enough rows to measure a domain error"
            row["validators"]["paper"] = {"value": rank, "seconds": 0.0, "reason": reason}
    for row in (row for row in rows if row["oracle"] and row["status"] == "ok"):
        row["validators"]["paper"] = {"value": None, "seconds": 0.0, "reason": "an oracle is no candidate"}


def unseen_accuracy(row: Mapping[str, Any]) -> float | None:
    """Return a row's accuracy on source test rows, or without those, on what a second training set aside.

    Examples
    --------
    >>> unseen_accuracy({"source_accuracy": None, "validators": {"source-accuracy": {"value": 0.75}}})
    0.75
    """
    own = row.get("source_accuracy")
    return own if own is not None else ((row.get("validators") or {}).get("source-accuracy") or {}).get("value")
