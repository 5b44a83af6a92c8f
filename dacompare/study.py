"""Compare settings with each other: one recipe, a list of candidates, and what each way of choosing would take.

Studies lie in ``baselines/study``. Their target labels are development labels, and no report quotes their accuracies
as a result; see `load_study`.
"""

import json
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from dacompare.among_rows import unseen_accuracy
from dacompare.files import write_whole
from dacompare.names import check_name, nearest
from dacompare.plain_data import as_json, plain
from dacompare.recipe import Recipe, recipe_from_dict
from dacompare.recipe_schema import REQUIRED, Key, check_table, listed, text
from dacompare.results import Results
from dacompare.selection import VALIDATORS
from dacompare.selection.validators import rank_values

SCHEMA = "dacompare-study/1"
RESULTS_SCHEMA = "dacompare-study-results/1"
TOP: dict[str, Key] = {
    "title": Key(text(r"(?s).*\S.*", "some words")),
    "chooses": Key(text()),
    "note": Key(text(), ""),
}
CANDIDATE: dict[str, Key] = {
    "name": Key(text(r"[a-z0-9.-]+", "lower-case letters, digits, dots and hyphens"), REQUIRED),
    "why": Key(text(), ""),
    "set": Key(listed(text()), []),
}
KEPT = (
    "seed", "target_accuracy", "network_target_accuracy", "source_accuracy", "domain_error", "unlabelled_domain_error",
    "status", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class Study:
    """Candidates for the settings of a recipe, and the row whose accuracy decides between them.

    Parameters
    ----------
    slug, title, note : str
        File name, heading and remark.
    chooses : str
        Name of the method whose mean target accuracy, on development labels, decides.
    candidates : tuple of dict
        "name", "why", "set" (overrides as on the command line) and "recipe", a `Recipe`.
    """

    slug: str
    title: str
    note: str
    chooses: str
    candidates: tuple[dict[str, Any], ...]


def load_study(path_or_name: str | Path) -> Study:
    """Read a study from TOML and check every candidate's recipe before anything runs.

    Parameters
    ----------
    path_or_name : str or Path
        A file, or the name of one in ``baselines/study``.

    Raises
    ------
    ValueError
        Naming the file, the key, its value and what would work.

    Examples
    --------
    >>> study = load_study("small-images")
    >>> study.candidates[1]["name"], study.candidates[1]["recipe"].training["input_scale"]
    ('scale-128', 128.0)
    """
    path = find_study(path_or_name)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        return _checked(data, path)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error


def study_files() -> dict[str, Path]:
    """Return name → file of the studies that come along.

    Examples
    --------
    >>> "small-images" in study_files()
    True
    """
    package = Path(__file__).parent
    folders = (package.parent / "baselines" / "study", package / "_recipes" / "study")
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}


def find_study(name: str | Path) -> Path:
    """Return the file of a study: an existing path, or the name of one that comes along."""
    if Path(name).is_file():
        return Path(name)
    files = study_files()
    if str(name) in files:
        return files[str(name)]
    hint = nearest(str(name), list(files)) or f"; studies are {', '.join(files)}"
    raise ValueError(f"no study and no file is called {str(name)!r}{hint}")


def run_study(
    study: Study,
    *,
    n_jobs: int | None = None,
    work: str | Path = ".dacompare",
    progress: bool = False,
    finished: Callable[[dict[str, Any]], object] = lambda results: None,
) -> dict[str, Any]:
    """Run every candidate, and say which one each way of choosing takes.

    Parameters
    ----------
    study : Study
    n_jobs, work, progress
        As in :func:`dacompare.run`; finished stages are kept, so a study that was stopped goes on where it was.
    finished : callable
        Gets the results so far after each candidate.

    Returns
    -------
    dict
        Of schema "dacompare-study-results/1", JSON-able: "candidates" with their rows, and "picks".
    """
    from dacompare.experiment import run

    done: list[dict[str, Any]] = []
    results: dict[str, Any] = {}
    for candidate in study.candidates:
        measured = run(candidate["recipe"], n_jobs=n_jobs, work=Path(work) / "study", progress=progress)
        done.append(_summarised(candidate, measured, study.chooses))
        results = plain(
            {
                "schema": RESULTS_SCHEMA,
                "created": datetime.now(UTC).isoformat(timespec="seconds"),
                "slug": study.slug,
                "title": study.title,
                "note": study.note,
                "chooses": study.chooses,
                "partial": len(done) < len(study.candidates),
                "recipe": study.candidates[0]["recipe"].to_dict(),
                "environment": measured.data["environment"],
                "candidates": done,
                "picks": picks(done, study.chooses),
            }
        )
        finished(results)
    return results


def write_results(results: dict[str, Any], path: str | Path) -> Path:
    """Write the results of a study as JSON, whole or not at all."""
    return write_whole(Path(path), as_json(results))


def read_results(path: str | Path) -> dict[str, Any] | None:
    """Return the results of a study from its JSON file, None where the file holds something else."""
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) and data.get("schema") == RESULTS_SCHEMA else None


def picks(candidates: Iterable[dict[str, Any]], method: str) -> list[dict[str, Any]]:
    """Return what each way of choosing takes: development labels first, then each validator.

    Parameters
    ----------
    candidates : iterable of dict
        As in the results: "name", and "rows" with "method", "target_accuracy" and "validators".
    method : str
        Whose rows are compared. A validator's values are averaged over seeds; the paper's criterion ranks the
        averages of source accuracy and of domain error.

    Returns
    -------
    list of dict
        "by", "candidate", "accuracy", "cost" (the best candidate's accuracy minus that of the pick). Candidates with
        a failed row are not picked; equals go to the earlier one.

    Examples
    --------
    >>> def row(accuracy, entropy):
    ...     return {"method": "dann", "status": "ok", "target_accuracy": accuracy,
    ...             "validators": {"entropy": {"value": entropy}}}
    >>> found = picks([{"name": "a", "rows": [row(0.7, 0.2)]}, {"name": "b", "rows": [row(0.5, 0.1)]}], "dann")
    >>> [(pick["by"], pick["candidate"], round(pick["cost"], 3)) for pick in found]
    [('development labels', 'a', 0.0), ('entropy', 'b', 0.2)]
    """
    rows = {c["name"]: [r for r in c["rows"] if r["method"] == method] for c in candidates}
    rows = {name: own for name, own in rows.items() if own and all(r["status"] == "ok" for r in own)}
    accuracy = {name: fmean(r["target_accuracy"] for r in own) for name, own in rows.items()}
    if not accuracy:
        return []
    best = max(accuracy, key=accuracy.__getitem__)
    found = [{"by": "development labels", "candidate": best, "accuracy": accuracy[best], "cost": 0.0}]
    for validator in VALIDATORS.values():
        scores = _scores(validator.name, rows)
        if scores:
            sign = 1 if validator.higher_is_better else -1
            name = max(scores, key=lambda n: sign * scores[n])
            cost = accuracy[best] - accuracy[name]
            found.append({"by": validator.name, "candidate": name, "accuracy": accuracy[name], "cost": cost})
    return found


def _scores(validator: str, rows: dict[str, list[dict[str, Any]]]) -> dict[str, float]:
    """Return a validator's mean value of each candidate; nothing where one of them has none."""
    if validator == "paper":
        accuracies = [_mean([{"unseen": unseen_accuracy(r)} for r in own], "unseen") for own in rows.values()]
        errors = [_mean(own, "unlabelled_domain_error") for own in rows.values()]  # on target training rows
        values = rank_values(accuracies, errors)
    else:
        values = [_mean([r["validators"].get(validator, {}) for r in own], "value") for own in rows.values()]
    known = [value for value in values if value is not None]
    return dict(zip(rows, known, strict=True)) if len(known) == len(rows) else {}


def _mean(rows: list[dict[str, Any]], key: str) -> float | None:
    values = [row.get(key) for row in rows]
    return None if None in values else fmean(values)  # type: ignore[arg-type]


def _summarised(candidate: dict[str, Any], results: Results, method: str) -> dict[str, Any]:
    """Keep of a candidate's results what the study compares."""
    rows = [
        {"method": r["method"], **{key: r[key] for key in KEPT}, "validators": r["validators"]}
        for r in results.data["rows"]
        if r["kind"] != "bound"
    ]
    means = {s["method"]: s["mean"] for s in results.data["summary"]}
    seconds = [r["fit_seconds"] for r in results.data["rows"] if r["method"] == method and r["fit_seconds"] is not None]
    return {
        **{key: candidate[key] for key in ("name", "why", "set")},
        "means": means,
        "fit_seconds": fmean(seconds) if seconds else None,
        "rows": rows,
    }


def _checked(data: dict[str, Any], path: Path) -> Study:
    if data.pop("schema", None) != SCHEMA:
        raise ValueError(f"schema must be {SCHEMA!r}; write it as the first line")
    top = check_table(data, TOP, "", other=["recipe", "candidate"])
    rows = data.get("candidate")
    if not isinstance(rows, list) or not rows:
        raise ValueError(f"at least one [[candidate]] is required, got {rows!r}")
    tables = [check_table(row, CANDIDATE, f"candidate {i}") for i, row in enumerate(rows, 1)]
    names = [table["name"] for table in tables]
    if len(set(names)) < len(names):
        raise ValueError(f"candidates must have different names, got {names}")
    candidates = [{**table, "recipe": _recipe(data.get("recipe"), table, path)} for table in tables]
    check_name("chooses", top["chooses"], [row["name"] for row in candidates[0]["recipe"].method])
    return Study(slug=path.stem, candidates=tuple(candidates), **top)


def _recipe(table: Any, candidate: dict[str, Any], path: Path) -> Recipe:
    if not isinstance(table, dict):
        raise ValueError(f"[recipe] is required, the recipe that candidates change, got {table!r}")
    slug = f"{path.stem}-{candidate['name'].replace('.', '-')}"
    own = {**table, "slug": slug}
    return recipe_from_dict(own, name=f"candidate {candidate['name']}", base=path.parent, overrides=candidate["set"])
