"""Find what a row started from, so that what its method adds is told apart from what it was given."""

from typing import Any

from dacompare.names import in_sentence
from dacompare.report.formatting import interval, points
from dacompare.report.reading import Data, label_of, methods_of
from dacompare.statistics import compare_pairs
from dacompare.summary import BASE
from dacompare.verdict import repeats_of

STILL = ("source-only", "svm")  # methods that leave the domains as far apart as the features that they are given


def rival_of(data: Data, entry: Data) -> str | None:
    """Return the row that learns from the same features by the same kind of classifier, without the method.

    A network is compared with the same network, not adapted, on the same input; a classical method with the same
    classifier on the features that it was given. None where the report has no such row.

    Parameters
    ----------
    data : dict
        As :func:`~dacompare.report.reading.as_data` gives it.
    entry : dict
        Of :func:`~dacompare.report.reading.methods_of`.
    """
    rows = {row["name"]: row for row in data["recipe"].get("method") or ()}
    kinds = {other["method"]: other["kind"] for other in methods_of(data)}
    given = rows.get(entry["method"], {}).get("features")
    same = [name for name, row in rows.items() if name != entry["method"] and row.get("features") == given]
    still = (name for name in same if (rows[name].get("method") or name) in STILL and kinds.get(name) == entry["kind"])
    return next(still, None)


def start_of(data: Data, entry: Data, known: Any) -> tuple[str, str]:
    """Return the features that a row started from, and the row that learns from those without adapting.

    A network starts from what the same network, not adapted, makes of the same input; a classical method from its
    input, beside which a row may stand that leaves it as it is. Where that input was not measured, the features of
    source-only stand in, or else the raw input, and the accuracy of source-only.

    Parameters
    ----------
    data, entry : dict
        As for :func:`rival_of`.
    known : container of str
        Features of which a distance was measured.
    """
    rows = {row["name"]: row for row in data["recipe"].get("method") or ()}
    rival = rival_of(data, entry)
    given = rows.get(entry["method"], {}).get("features")
    start = (rival or BASE) if entry["kind"] == "deep" else (given or BASE)
    if start in known:
        return start, rival or (start if start in rows else BASE)
    return (BASE if BASE in known else "pixels"), BASE


def against(data: Data, entry: Data, rival: str) -> Data | None:
    """Return how a row differs from another, seed by seed, as :func:`~dacompare.statistics.compare_pairs` has it."""
    if rival == BASE:
        return entry["vs_source_only"]
    rows = [row for row in data["rows"] if row.get("target_accuracy") is not None]
    own, base = (
        {row["seed"]: row["target_accuracy"] for row in rows if row["method"] == name}
        for name in (entry["method"], rival)
    )
    return compare_pairs(own, base)


def like_for_like(data: Data, entry: Data | None) -> str:
    """Return what a row gains on its own starting point, in words; "" where that is source-only, or not in the report.

    A classical row has another classifier than a network has, and part of its lead on source-only may be that.
    """
    rival = rival_of(data, entry) if entry else None
    versus = against(data, entry, rival) if entry and rival not in (None, BASE) else None
    if not entry or not versus:
        return ""
    name, ends = label_of(data, str(rival)), versus["ci95"]
    repeats = repeats_of(data["task"])
    if ends and ends[0] < ends[1]:
        sure = f"95 % interval for this row alone {interval(ends, points)}"
    else:
        sure = f"one {repeats}: no interval" if versus["n"] == 1 else f"the same in all {versus['n']} {repeats}s"
    what = "network" if entry["kind"] == "deep" else "classifier"
    return (
        f"Like for like: {in_sentence(name)} is the same {what} on the same features without this step. Against it, "
        f"{in_sentence(entry['label'])} is at {points(versus['difference'])} points ({sure})."
    )
