"""Check what no key of a recipe can know on its own: rows that name each other, steps, seeds."""

from collections.abc import Mapping
from typing import Any

from dacompare.names import nearest
from dacompare.recipe_schema import ORACLE

PICK_DIMENSIONS = ("reverse-svm", "source-accuracy", "entropy", "bnm")
"""Validators that score a dimension by itself, in about the time of one more SVM."""


def check_together(settings: dict[str, Any]) -> None:
    """Check what no key of a recipe can know on its own: rows that name each other, steps, seeds."""
    from dacompare.methods import NO_NETWORK, method_of

    rows = {row["name"]: row for row in settings["method"]}
    kinds = {name: method_of(row).kind for name, row in rows.items()}
    deep = [name for name in rows if kinds[name] == "deep"]
    shallow = [name for name in rows if kinds[name] == "shallow"]
    swept = [name for name in shallow if rows[name].get("n_components") == "sweep"]
    on_input = [name for name in deep if not rows[name].get("features")]
    for name in shallow:
        _check_rows(f"method {name}.features", [rows[name]["features"]], [*on_input, "pixels"])
    for name in (name for name in rows if kinds[name] != "shallow" and rows[name].get("features")):
        _check_deep_features(name, rows, kinds)
    _check_rows("divergence.features", settings["divergence"]["features"], [*deep, *shallow, "pixels"])
    if settings["divergence"]["bound"] and "hdh" not in settings["divergence"]["measures"]:
        raise ValueError("divergence.bound = true needs 'hdh' in divergence.measures: the bound is about that distance")
    _check_rows("embedding.features", settings["embedding"]["features"], deep)
    sweeping = [name for name in shallow if "n_components" in rows[name]]
    if settings["protocol"]["classifier"] != "svm" and sweeping:
        raise ValueError(f"protocol.classifier = '1-nn' has no sweep; use 'sa-fixed' instead of method {sweeping[0]}")
    oracles = [f"{name}{ORACLE}" for name in swept]
    _check_rows("published.method", [row["method"] for row in settings["published"]], [*rows, *oracles])
    _check_steps(settings)
    if settings["network"]["name"] == NO_NETWORK:
        for name in (name for name in rows if kinds[name] == "deep" and method_of(rows[name]).adapts):
            raise ValueError(f"method {name} trains a network, and network.name = 'none' says that there is none")
        if settings["protocol"]["head"] == "network":
            raise ValueError("protocol.head = 'network' needs a network, and network.name is 'none'")
        if (layer := settings["embedding"]["layer"]) != "last_hidden":
            raise ValueError(f"embedding.layer = {layer!r} needs a network, and network.name is 'none'")
    protocol, seed = settings["protocol"], settings["embedding"]["seed"]
    if protocol["primary_validator"] not in protocol["validators"]:
        default = " (what it is where none is written)" if protocol["primary_validator"] == "reverse-svm" else ""
        raise ValueError(
            f"protocol.primary_validator must be one of {', '.join(map(repr, protocol['validators']))}, got"
            f" {protocol['primary_validator']!r}{default}; it has to be among protocol.validators"
        )
    _check_primary(protocol["primary_validator"], sweeping, [name for name in shallow if rows[name].get("search")])
    if seed not in settings["seeds"]:
        raise ValueError(f"embedding.seed must be one of seeds {list(settings['seeds'])}, got {seed}")


def _check_primary(primary: str, sweeping: list[str], searching: list[str]) -> None:
    """Check that the primary validator can make the choices that some rows leave to it."""
    from dacompare.selection import VALIDATORS

    if sweeping and primary not in PICK_DIMENSIONS:
        known = ", ".join(map(repr, PICK_DIMENSIONS))
        raise ValueError(f"protocol.primary_validator = {primary!r} cannot pick a dimension; use one of {known}")
    if searching and VALIDATORS[primary].score is None:
        raise ValueError(
            f"protocol.primary_validator = {primary!r} compares rows with each other, so it cannot choose the"
            f" parameters of method {searching[0]}; use one of {', '.join(map(repr, PICK_DIMENSIONS))}"
        )


def _check_rows(argument: str, names: list[str], allowed: list[str]) -> None:
    for name in names:
        if name not in allowed:
            known = ", ".join(allowed) or "none here"
            hint = nearest(name, allowed)
            if name == "source-only":  # the features of a classical row that names none
                hint = "; write a [[method]] with name = 'source-only', with which every row is compared"
            raise ValueError(f"{argument} names the row {name!r}, which cannot be used here{hint}; rows: {known}")


def _check_deep_features(name: str, rows: Mapping[str, Any], kinds: Mapping[str, str]) -> None:
    """Check a network that is trained on what a shallow row made of the input."""
    if kinds[name] == "bound":
        raise ValueError(f"method {name} is trained on the target as it is; leave features out")
    on_input = [row for row in rows if kinds[row] == "shallow" and rows[row]["features"] == "pixels"]
    _check_rows(f"method {name}.features", [rows[name]["features"]], on_input)


def _check_steps(settings: dict[str, Any]) -> None:
    """Refuse networks that train for different times: their difference would not be the method's."""
    shared = settings["training"]["steps"]
    steps = {r["name"]: r["training"].get("steps", shared) for r in settings["method"] if "training" in r}
    if len(set(steps.values())) > 1:
        told = ", ".join(f"{name} {n}" for name, n in steps.items())
        raise ValueError(f"training.steps must be equal for all networks of a page, got {told}; set it in [training]")
