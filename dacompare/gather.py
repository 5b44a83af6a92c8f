"""Gather what the stages measured beside the rows: distances, bounds, curves, embeddings."""

from typing import Any

import numpy as np

from dacompare.divergence import plug_in_bound
from dacompare.plan import Where
from dacompare.stages.folder import is_finished, read_json
from dacompare.stages.measure import COMBINED, PAD

MOST_POINTS = 200
HDH = "hdh"
DISTANCE = (
    "value", "domain_error", "ci95", "p_value", "n_per_domain", "n_features", "control_source", "control_target",
    "reason",
)  # fmt: skip
HISTORY = (
    "step", "label_loss", "domain_loss", "train_domain_accuracy", "adaptation_factor", "learning_rate",
    "source_test_accuracy", "target_test_accuracy", "held_out_domain_accuracy",
)  # fmt: skip


def gather_divergence(settings: dict[str, Any], where: Where) -> list[dict[str, Any]]:
    found = []
    for (name, seed), folder in where.measured.items():
        if not is_finished(folder):
            continue
        where_from = {"features": name, "layer": "input" if name == "pixels" else "last_hidden", "seed": seed}
        measured = read_json(folder / "distance.json")
        for measure, d in ((name, measured[name]) for name in settings["divergence"]["measures"]):
            known = {key: d.get(key) for key in DISTANCE}
            details = {**{key: d[key] for key in ("C", "reason") if key in d}, **d.get("details", {})}
            found.append({**where_from, "measure": measure, **known, "details": details})
    return found


def gather_bounds(
    where: Where, rows: list[dict[str, Any]], divergence: list[dict[str, Any]], n_classes: int
) -> list[dict[str, Any]]:
    """Return the plug-in value of the bound on the target error, for every row whose terms were measured."""
    combined = {}
    for own, folder in where.measured.items():
        measured = read_json(folder / "distance.json") if is_finished(folder) else {}
        if COMBINED in measured:
            combined[own] = measured[COMBINED]["value"]
    return bounds_of(rows, divergence, combined, n_classes)


def bounds_of(
    rows: list[dict[str, Any]],
    divergence: list[dict[str, Any]],
    combined: dict[tuple[str, int], float | None],
    n_classes: int,
) -> list[dict[str, Any]]:
    """Return the terms of the bound and their sum, by features and seed.

    The theorem is about the HΔH-distance. A proxy A-distance in its place is no bound: it is 0 where single
    predictors see no difference and pairs of them still do.

    Parameters
    ----------
    rows, divergence : list of dict
        Of the results file.
    combined : dict of (features, seed) to float or None
        What :func:`~dacompare.divergence.combined_error` says.
    n_classes : int
    """
    scored = {(row["method"], row["seed"]): row for row in rows if row["status"] == "ok" and not row["oracle"]}
    distances = {(d["features"], d["seed"]): d["value"] for d in divergence if d["measure"] == HDH}
    found = []
    for (name, seed), error in combined.items():
        row, distance = scored.get((name, seed)), distances.get((name, seed))
        if distance is None or row is None or row["source_accuracy"] is None:
            continue
        own = plug_in_bound(1 - row["source_accuracy"], distance, error, n_classes)
        accuracy = row["target_accuracy"]
        terms = ("source_error", "half_distance", "combined_error", "value", "vacuous")
        known = {term: getattr(own, term) for term in terms}
        found.append(
            {"features": name, "seed": seed, **known, "target_error": None if accuracy is None else 1 - accuracy}
        )
    return found


def gather_history(where: Where) -> list[dict[str, Any]]:
    found = []
    for (name, seed), folder in where.trained.items():
        history = read_json(folder / "row.json")["history"] if is_finished(folder) else {}
        if history:
            n = len(history["step"])
            kept = np.unique(np.linspace(0, n - 1, MOST_POINTS).round().astype(int)) if n > MOST_POINTS else range(n)
            curves = {key: [history[key][k] if key in history else None for k in kept] for key in HISTORY}
            found.append({"method": name, "seed": seed, **curves})
    return found


def gather_embeddings(where: Where, divergence: list[dict[str, Any]]) -> list[dict[str, Any]]:
    distances = {(d["features"], d["seed"]): d["value"] for d in divergence if d["measure"] == PAD}
    seed = where.embedding_seed
    return [
        {
            "features": name,
            "seed": seed,
            **read_json(folder / "embedding.json"),
            "proxy_a_distance": distances.get((name, seed)),
        }
        for (name, _), folder in where.embedded.items()
        if is_finished(folder)
    ]
