"""Bring results that an earlier version wrote up to what pages say today."""

from typing import Any

from dacompare.summary import judge_together
from dacompare.verdict import chance_of, repeats_of, verdict

Data = dict[str, Any]

NEEDED = ("method", "label", "kind", "oracle", "mean", "n_missing", "gap_covered", "vs_source_only")


def brought_up(data: Data) -> Data:
    """Return results whose best method is judged as the best of all, as those of today are.

    Files of before hold one interval a method and a verdict by it alone; both follow from the rows, so that the wider
    interval and the verdict by it are made from them. Anything else, and files of today, come back as they are.

    Parameters
    ----------
    data : dict
        From :func:`~dacompare.report.reading.as_data`.

    Examples
    --------
    >>> data = {"summary": [], "verdict": {"code": "unlabelled"}}
    >>> brought_up(data) is data
    True
    """
    if not _is_older(data):
        return data
    own = [{**e, "vs_source_only": e["vs_source_only"] and dict(e["vs_source_only"])} for e in data["summary"]]
    summary = judge_together(own, data["rows"])
    task = data["task"]
    judged = verdict(summary, chance=chance_of(task), repeats=repeats_of(task))
    return {**data, "summary": summary, "verdict": judged}


def _is_older(data: Data) -> bool:
    """Return whether intervals stand alone, and whether everything is there to make the others from."""
    compared = [entry.get("vs_source_only") for entry in data["summary"] if entry.get("vs_source_only")]
    return (
        data["verdict"].get("code") in ("helps", "hurts", "unclear")
        and any(versus.get("ci95") for versus in compared)
        and not any("ci95_joint" in versus for versus in compared)
        and all(key in entry for entry in data["summary"] for key in NEEDED)
        and all("status" in row for row in data["rows"])
    )
