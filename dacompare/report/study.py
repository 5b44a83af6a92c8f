"""Turn the results of a study into one page: every candidate, and what each way of choosing takes."""

from pathlib import Path
from typing import Any

from dacompare.files import write_whole
from dacompare.report.formatting import seconds
from dacompare.report.page import fill
from dacompare.report.trust import in_order, toml

BY = {"development labels": "development labels of the target"}


def render_study(results: dict[str, Any]) -> str:
    """Return the page of a study: the same results give the same bytes.

    Parameters
    ----------
    results : dict
        Of schema "dacompare-study-results/1"; see :func:`dacompare.study.run_study`.

    Examples
    --------
    >>> row = {"method": "dann", "seed": 0, "status": "ok", "target_accuracy": 0.5}
    >>> candidate = {"name": "plain", "why": "", "set": [], "means": {"dann": 0.5}, "rows": [row]}
    >>> page = render_study({"title": "Scales", "chooses": "dann", "candidates": [candidate], "picks": []})
    >>> "<h1>Scales</h1>" in page
    True
    """
    columns = list(dict.fromkeys(row["method"] for c in results["candidates"] for row in c["rows"]))
    picks = results["picks"]
    return fill(
        "study.html.j2",
        {
            "title": results["title"],
            "note": results.get("note") or "",
            "partial": bool(results.get("partial")),
            "chooses": results["chooses"],
            "columns": columns,
            "chosen": picks[0] if picks else None,
            "candidates": [_line(candidate, columns, picks) for candidate in results["candidates"]],
            "picks": [{**pick, "by": BY.get(pick["by"], pick["by"])} for pick in picks],
            "recipe": toml(in_order(results["recipe"])) if results.get("recipe") else "",
            "facts": _facts(results),
            "command": f"dacompare study {results.get('slug') or ''}".strip(),
        },
    )


def write_study(results: dict[str, Any], path: str | Path) -> Path:
    """Write the page of a study to a file, whole or not at all."""
    return write_whole(Path(path), render_study(results))


def _line(candidate: dict[str, Any], columns: list[str], picks: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one candidate's line: a cell a method, with every seed's accuracy below the mean."""
    cells = []
    for name in columns:
        own = sorted((row for row in candidate["rows"] if row["method"] == name), key=lambda row: row["seed"])
        failed = [row.get("reason") or "failed" for row in own if row["status"] != "ok"]
        cells.append(
            {
                "mean": candidate["means"].get(name),
                "seeds": [row["target_accuracy"] for row in own if row["status"] == "ok"],
                "failed": failed[0] if failed else "",
            }
        )
    return {
        "name": candidate["name"],
        "why": candidate["why"],
        "set": candidate["set"],
        "cells": cells,
        "chosen": bool(picks) and picks[0]["candidate"] == candidate["name"],
        "time": seconds(candidate["fit_seconds"]) if candidate.get("fit_seconds") else "–",
    }


def _facts(results: dict[str, Any]) -> list[tuple[str, str]]:
    environment = results.get("environment") or {}
    packages = environment.get("packages") or {}
    found = {
        "Made": results.get("created"),
        "Machine": ", ".join(str(environment[key]) for key in ("cpu", "gpu") if environment.get(key)),
        "Python": environment.get("python"),
        "Packages": ", ".join(f"{name} {version}" for name, version in sorted(packages.items())),
        "Commit": environment.get("commit"),
    }
    return [(name, str(value)) for name, value in found.items() if value]
