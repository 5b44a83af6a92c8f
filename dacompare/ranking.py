"""Rank the methods of a results file by a validator, without any target label."""

from collections.abc import Mapping
from statistics import fmean
from typing import Any

from dacompare.names import check_name
from dacompare.ranks import average_ranks
from dacompare.summary import is_usable


def rank_methods(data: Mapping[str, Any], validator: str | None = None) -> dict[str, float]:
    """Return the mean rank of each method, best first.

    Methods are ranked within each seed, from 1 on, and the mean over seeds decides; of equals the earlier row stands
    first. Oracle and bound rows are no candidates; a method that is not scored in every seed is none either.

    Parameters
    ----------
    data : mapping
        Of a results file.
    validator : str, optional
        By default the recipe's primary validator, fixed before results were seen.

    Raises
    ------
    ValueError
        If no method was scored by that validator, with the reason and the validators that did score some.

    Examples
    --------
    >>> row = {"seed": 0, "status": "ok", "kind": "shallow"}
    >>> scores = {"sa": 0.9, "tca": 0.7}
    >>> rows = [row | {"method": name, "validators": {"bnm": {"value": value}}} for name, value in scores.items()]
    >>> rank_methods({"rows": rows, "recipe": {}}, "bnm")
    {'sa': 1.0, 'tca': 2.0}
    """
    if not any(row["status"] == "ok" for row in data["rows"]):
        reasons = [row["reason"] for row in data["rows"] if row.get("reason")]
        raise ValueError(f"nothing was measured, so nothing can be selected; {reasons[0] if reasons else 'no rows'}")
    chosen = validator or (data["recipe"].get("protocol") or {}).get("primary_validator", "reverse-svm")
    rows = [row for row in data["rows"] if is_usable(row)]
    names = dict.fromkeys(name for row in rows for name in row.get("validators") or {})
    if chosen not in names and chosen in _known_validators():
        there = f"; with scores there are {', '.join(map(repr, names))}" if names else ""
        raise ValueError(
            f"validator {chosen!r} was not asked for: name it in protocol.validators, and run again{there}."
        )
    check_name("validator", chosen, names)
    scores: dict[str, dict[int, float]] = {}
    for row in rows:
        value = ((row.get("validators") or {}).get(chosen) or {}).get("value")
        if value is not None and row["status"] == "ok":
            scores.setdefault(row["method"], {})[row["seed"]] = value
    seeds = {seed for own in scores.values() for seed in own}
    complete = [method for method, own in scores.items() if set(own) == seeds]
    if not complete:
        raise ValueError(_nothing_selected(chosen, rows))
    sign = -1 if _higher_is_better(data, chosen) else 1
    ranks = [average_ranks([sign * scores[method][seed] for method in complete]) for seed in sorted(seeds)]
    means = {method: fmean(own) for method, own in zip(complete, zip(*ranks, strict=True), strict=True)}
    return dict(sorted(means.items(), key=lambda item: item[1]))


def put_first(data: Mapping[str, Any]) -> list[str]:
    """Return the methods that the primary validator puts first: one, several that are level, or none it could score.

    Examples
    --------
    >>> row = {"seed": 0, "status": "ok", "kind": "shallow", "validators": {"bnm": {"value": 0.5}}}
    >>> protocol = {"primary_validator": "bnm"}
    >>> put_first({"rows": [row | {"method": "sa"}, row | {"method": "tca"}], "recipe": {"protocol": protocol}})
    ['sa', 'tca']
    """
    ranks = ranks_or_none(data)
    return [method for method, rank in ranks.items() if rank == min(ranks.values())]


def ranks_or_none(data: Mapping[str, Any]) -> dict[str, float]:
    """Return the mean rank of each method by the primary validator, best first; none where it could score none.

    Examples
    --------
    >>> ranks_or_none({"rows": [], "recipe": {}})
    {}
    """
    try:
        return rank_methods(data)
    except ValueError:
        return {}


def _higher_is_better(data: Mapping[str, Any], validator: str) -> bool:
    known = {entry["name"]: entry["higher_is_better"] for entry in data.get("validators") or []}
    if validator in known:
        return bool(known[validator])
    known_now = _known_validators()
    return known_now[check_name("validator", validator, known_now)].higher_is_better


def _known_validators() -> Mapping[str, Any]:
    from dacompare.selection import VALIDATORS  # takes a second to import

    return VALIDATORS


def _nothing_selected(validator: str, rows: list[dict[str, Any]]) -> str:
    """Say why a validator can select nothing, and which ones can."""
    scores = [(name, score) for row in rows for name, score in (row.get("validators") or {}).items()]
    reason = next((score["reason"] for name, score in scores if name == validator and score.get("reason")), "")
    others = dict.fromkeys(repr(name) for name, score in scores if score.get("value") is not None)
    why = f" (it {reason})" if reason else ""
    way_out = f"; with scores there are {', '.join(others)}" if others else ""
    return f"validator {validator!r} scored no method in every seed{why}, so nothing can be selected{way_out}."
