"""Read what the stages left in their folders into one Results, in the order of the recipe."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dacompare import summary
from dacompare.among_rows import add_domain_errors, add_paper_validator
from dacompare.domains import LoadedTransfer, Transfer
from dacompare.domains.scales import unequal_scales
from dacompare.environment import describe_environment
from dacompare.gather import gather_bounds, gather_divergence, gather_embeddings, gather_history
from dacompare.idle import add_idle_warnings
from dacompare.jobs import Outcome
from dacompare.methods import adapts, method_of
from dacompare.plan import Where
from dacompare.ranking import put_first
from dacompare.recipe import Recipe
from dacompare.recipe_schema import ORACLE
from dacompare.results import Results
from dacompare.selection.class_shares import share_warnings
from dacompare.stages.folder import is_finished, read_json
from dacompare.stages.show import changed_tiles, disputed_rows, example_sheets
from dacompare.statistics import accuracy_interval
from dacompare.verdict import chance_of, repeats_of
from dacompare.verdict import verdict as decide


@dataclass
class Gathered:
    """What was read so far: rows as the results file has them, and predictions by seed and row."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    sweeps: list[dict[str, Any]] = field(default_factory=list)
    predictions: dict[int, dict[str, NDArray[np.int64]]] = field(default_factory=dict)
    # What the paper's criterion ranks by: measured on unlabelled training rows, never on test rows.
    domain_errors: dict[tuple[str, int], float | None] = field(default_factory=dict)


def assemble(
    recipe: Recipe,
    loaded: LoadedTransfer,
    where: Where,
    outcome: Outcome,
    *,
    n_jobs: int,
    wall_seconds: float,
    command: str,
) -> Results:
    """Return the Results of all stages that are finished; rows that are not carry their reason."""
    settings, transfer = recipe.to_dict(), loaded.transfer
    gathered = _gather_rows(settings, transfer, where, outcome)
    divergence = gather_divergence(settings, where)
    add_domain_errors(gathered.rows, divergence)
    if "paper" in settings["protocol"]["validators"]:
        add_paper_validator(gathered.rows, gathered.domain_errors)
    summary.fill_gap_covered(gathered.rows)
    draws = settings["split"].get("source_per_class", 0)
    summed = summary.summarise(gathered.rows, settings["published"], overlapping=bool(draws))
    truth = _positions(transfer, transfer.target_evaluation.y)
    data: dict[str, Any] = {
        "schema": "dacompare/1",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "partial": outcome.interrupted or bool(outcome.errors),
        "interrupted": outcome.interrupted,
        "overrides": list(recipe.overrides),
        "recipe": settings,
        "recipe_hash": recipe.hash,
        "command": command,
        "environment": describe_environment(settings["training"], n_jobs, wall_seconds, outcome.peak_memory_mb),
        "task": _task(settings, loaded),
        "rows": gathered.rows,
        "summary": summed,
        "sweep": gathered.sweeps,
        "selection": summary.selection_table(gathered.rows, gathered.sweeps),
        "validators": [],
        "agreement": summary.agreement_table(gathered.predictions),
        "changes": summary.changes_table(gathered.predictions, truth),
        "divergence": divergence,
        "bound": gather_bounds(where, gathered.rows, divergence, len(transfer.classes)),
        "history": gather_history(where),
        "embedding": gather_embeddings(where, divergence),
        "examples": _examples(settings, transfer, gathered),
        "disputed": _disputed(settings, transfer, gathered),
    }
    # From the rounded numbers, so that the words and the tables round alike.
    measured = Results(data)
    data["validators"] = summary.validator_table(measured.data["rows"], measured.data["sweep"])
    verdict = decide(
        measured.data["summary"],
        target_labels=transfer.has_target_labels,
        picks=put_first(measured.data),
        chance=chance_of(data["task"]),
        repeats=repeats_of(data["task"]),
    )
    if not any(row["status"] == "ok" for row in gathered.rows):
        reason = next((row["reason"] for row in gathered.rows if row["reason"]), "there were no rows")
        verdict = {"text": f"Nothing was measured: {reason}.", "code": "unclear", "basis": ["rows"]}
    return Results({**data, "verdict": verdict})


# Rows


SCALING = (
    ": a method that scales columns gains here what needs no adaptation; unit_variance = true, of [source] or of"
    " Transfer.from_arrays, gives that to all rows"
)


def _gather_rows(settings: dict[str, Any], transfer: Transfer, where: Where, outcome: Outcome) -> Gathered:
    gathered = Gathered()
    for row in settings["method"]:
        for seed in settings["seeds"]:
            _gather_row(gathered, row, seed, transfer, where, outcome, settings)
    order = [row["name"] for row in settings["method"]]
    # All seeds of sa before all of sa-oracle.
    gathered.rows.sort(key=lambda r: (order.index(r["method"].removesuffix(ORACLE)), r["oracle"]))
    add_idle_warnings(gathered.rows, gathered.predictions)
    warnings = _warnings_of_columns(transfer)
    for row in gathered.rows:
        if row["method"] == "source-only" and row["status"] == "ok":
            row["warnings"] += warnings
    return gathered


def _warnings_of_columns(transfer: Transfer) -> list[str]:
    problem = unequal_scales(transfer.source.X)
    warnings = [f"{problem[0].upper()}{problem[1:]}{SCALING}"] if problem else []
    return [*warnings, *transfer.preparation.remarks]


def _gather_row(
    gathered: Gathered, row: dict[str, Any], seed: int, transfer: Transfer, where: Where, outcome: Outcome,
    settings: dict[str, Any],
) -> None:  # fmt: skip
    method, base = method_of(row), _empty_row(row, seed, settings["method"])
    if method.kind == "bound" and not transfer.can_train_on_target:
        gathered.rows.append({**base, "status": "skipped", "reason": "needs target labels, and there are none"})
        return
    folder, network = where.scored[row["name"], seed], where.trained.get((row["name"], seed))
    if not is_finished(folder) or (network is not None and not is_finished(network)):
        # A row in which nothing depends on the seed lies in one folder for all, computed with the first of them.
        computed_with = next(s for s in settings["seeds"] if where.scored[row["name"], s] == folder)
        gathered.rows.append({**base, "status": "failed", "reason": _reason(row, computed_with, outcome)})
        return
    trained = {} if network is None else read_json(network / "row.json")
    with np.load(folder / "predictions.npz") as file:
        predictions = {name: file[name] for name in file}
    scored = read_json(folder / "row.json")
    if trained.get("steps"):
        scored["step_seconds"] = trained["fit_seconds"] / trained["steps"]
    scored["fit_seconds"] += trained.get("fit_seconds", 0.0)
    scored["steps"] = trained.get("steps")
    scored["warnings"] = [*trained.get("warnings", []), *scored["warnings"], *_side_errors(row, seed, outcome)]
    gathered.domain_errors[row["name"], seed] = scored.get("unlabelled_domain_error")
    gathered.rows.append(_filled(base, scored, predictions["target"], transfer, settings))
    gathered.predictions.setdefault(seed, {})[row["name"]] = predictions["target"]
    if method.sweeps:
        _gather_sweep(gathered, base, folder, predictions, transfer, settings)


def _gather_sweep(
    gathered: Gathered, base: dict[str, Any], folder: Path, predictions: dict[str, Any], transfer: Transfer,
    settings: dict[str, Any],
) -> None:  # fmt: skip
    """Add the curve over dimensions, and beside the row the one that the paper would have printed."""
    sweep = read_json(folder / "sweep.json")
    if len(sweep["n_components"]) > 1:
        gathered.sweeps.append({"method": base["method"], "seed": base["seed"], **sweep})
    if (folder / "oracle.json").exists() and len(sweep["n_components"]) > 1:
        oracle = {
            **base,
            "method": base["method"] + ORACLE,
            "label": f"{base['label']}, oracle",
            "oracle": True,
        }
        scored = read_json(folder / "oracle.json")
        gathered.rows.append(_filled(oracle, scored, predictions["oracle"], transfer, settings))


def _empty_row(row: dict[str, Any], seed: int, rows: list[dict[str, Any]]) -> dict[str, Any]:
    method = method_of(row)
    unknown = (
        "reason", "source_accuracy", "target_accuracy", "network_target_accuracy", "genuine_accuracy", "test_ci95",
        "gap_covered", "confusion", "domain_error", "unlabelled_domain_error", "fit_seconds", "step_seconds",
        "predict_seconds", "steps",
    )  # fmt: skip
    return {
        "method": row["name"],
        "label": row.get("label") or method.label,
        "kind": method.kind,
        "adapts": adapts(row, rows),
        "features": row.get("features") if method.kind == "shallow" else None,
        "seed": seed,
        "oracle": False,
        "status": "ok",
        "params": {},
        "predicted_counts": [],
        "warnings": [],
        "validators": {},
        **dict.fromkeys(unknown),
    }


def _filled(
    base: dict[str, Any], scored: dict[str, Any], predicted: NDArray[np.int64], transfer: Transfer,
    settings: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Complete a row by what its predictions say."""
    network_head = settings["protocol"]["head"] == "network" and base["kind"] != "shallow"
    accuracy = scored["network_target_accuracy"] if network_head else scored["svm_target_accuracy"]
    truth, n_classes = _positions(transfer, transfer.target_evaluation.y), len(transfer.classes)
    own = ("source_accuracy", "network_target_accuracy", "genuine_accuracy", "unlabelled_domain_error", "fit_seconds",
           "step_seconds", "predict_seconds", "steps", "params", "warnings", "validators")  # fmt: skip
    row = {**base, **{name: scored[name] for name in own if name in scored}, "target_accuracy": accuracy}
    if row["steps"] is None:  # what stands for a network has no head of its own
        row["network_target_accuracy"] = None
    row["predicted_counts"] = np.bincount(predicted, minlength=n_classes).tolist()
    if base["kind"] != "bound":
        learnt = _learnt_counts(transfer, settings["split"].get("source_per_class", 0))
        real = None if truth is None else np.bincount(truth, minlength=n_classes).tolist()
        said = share_warnings(list(map(str, transfer.class_names)), row["predicted_counts"], learnt, real)
        row["warnings"] = [*row["warnings"], *said]
    if truth is not None:
        pairs = np.bincount(truth * n_classes + predicted, minlength=n_classes**2)
        row["confusion"] = pairs.reshape(n_classes, n_classes).tolist()
        groups = transfer.target_evaluation.groups
        row["test_ci95"] = list(accuracy_interval(truth == predicted, groups))  # type: ignore[arg-type]
    return row


def _learnt_counts(transfer: Transfer, per_class: int) -> list[int]:
    """Return how many source rows of each class methods learn from: where they are drawn, as many of each."""
    if per_class:
        return [per_class] * len(transfer.classes)
    positions = _positions(transfer, transfer.source.y)
    assert positions is not None, "a transfer's source has labels"
    return np.bincount(positions).tolist()


def _reason(row: dict[str, Any], seed: int, outcome: Outcome) -> str:
    """Say why a row has no result: its own error, or that of the network whose features it needs."""
    for name in (
        f"train {row['name']} {seed}",
        f"train {row.get('features')} {seed}",
        f"reverse {row['name']} {seed}",
        f"score {row['name']} {seed}",
    ):
        if name in outcome.errors:
            return outcome.errors[name]
    return "interrupted before it was done" if outcome.interrupted else "its stage left no result"


def _side_errors(row: dict[str, Any], seed: int, outcome: Outcome) -> list[str]:
    """Return why a row's distance or picture is missing; that of the raw input is told beside source-only."""
    names = [row["name"], *(["pixels"] if row["name"] == "source-only" else [])]
    wanted = [f"{stage} {name} {seed}" for stage in ("measure", "embed") for name in names]
    return [f"{name}: {outcome.errors[name]}" for name in wanted if name in outcome.errors]


def _positions(transfer: Transfer, y: Any) -> NDArray[np.int64] | None:
    return None if y is None else transfer.positions(y)


def _examples(settings: dict[str, Any], transfer: Transfer, gathered: Gathered) -> dict[str, Any]:
    sheets = example_sheets(transfer, settings["report"]["examples"])
    seed = settings["seeds"][0]
    predictions = gathered.predictions.get(seed, {})
    adapted = next((name for name in ("dann", "sa") if name in predictions), None)
    if adapted is None or "source-only" not in predictions or not settings["report"]["examples"]:
        return {**sheets, "fixed": None, "broken": None}
    before, after = predictions["source-only"], predictions[adapted]
    return {**sheets, **changed_tiles(transfer, before, after, method=adapted, seed=seed)}


def _disputed(settings: dict[str, Any], transfer: Transfer, gathered: Gathered) -> dict[str, Any] | None:
    """Return the rows that methods dispute, where no label says who is right."""
    if transfer.has_target_labels:
        return None
    seed = settings["seeds"][0]
    bounds = {row["method"] for row in gathered.rows if row["kind"] == "bound"}
    own = {name: y for name, y in gathered.predictions.get(seed, {}).items() if name not in bounds}
    return disputed_rows(transfer, own, seed=seed)


def _genuine(loaded: LoadedTransfer) -> dict[str, Any] | None:
    rows = loaded.genuine
    return None if rows is None else {"name": rows.name, "n": rows.n_rows}


def _task(settings: dict[str, Any], loaded: LoadedTransfer) -> dict[str, Any]:
    transfer = loaded.transfer
    evaluation, n_classes = transfer.target_evaluation, len(transfer.classes)
    draws = settings["split"].get("source_per_class", 0)

    def counts(y: Any) -> list[int] | None:
        positions = _positions(transfer, y)
        return None if positions is None else np.bincount(positions, minlength=n_classes).tolist()

    return {
        "slug": settings["slug"],
        "title": settings["title"],
        "source": transfer.source.name or settings["source"]["domain"],
        "target": transfer.target.name or settings["target"]["domain"],
        "protocol": transfer.protocol,
        "head": settings["protocol"]["head"],
        "target_labels": transfer.has_target_labels,
        "classes": settings["report"]["class_names"] or [str(name) for name in transfer.class_names],
        "kind": transfer.source.kind,
        "shape": [int(n) for n in transfer.source.X.shape[1:]],
        "n": {
            "source_train": draws * n_classes if draws else transfer.source.n_rows,
            "source_test": None if transfer.source_test is None else transfer.source_test.n_rows,
            "target_train": transfer.target.n_rows,
            "target_test": transfer.target_evaluation.n_rows,
        },
        "class_counts": {"source": counts(transfer.source.y), "target": counts(evaluation.y)},
        "groups": transfer.source.groups is not None or transfer.target.groups is not None,
        "few": None,
        "source_per_class": draws or None,
        "genuine": _genuine(loaded),
        "data": loaded.files,
        "generator": loaded.generator,
    }
