"""Measure how far apart the domains are in one set of features."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from dacompare.divergence import MEASURES, combined_error, proxy_a_distance_with_controls
from dacompare.domains import Domain, Transfer, split_rows
from dacompare.stages.features import Features, pixel_rows
from dacompare.stages.folder import is_finished, require, said, write_json, writing

VERSION = 6
CANNOT = (ValueError, MemoryError, RuntimeError)
"""What a measure raises that cannot be had of some rows; the last where eigenvalues do not converge."""
PAD = "proxy-a-distance"
COMBINED = "combined-error"


def measure_row(
    folder: Path,
    transfer: Transfer,
    features_at: Path | None,
    measures: Sequence[str],
    max_rows: int,
    seed: int,
    *,
    bound: bool = False,
) -> Path:
    """Measure the distance of the domains in a row's features in each way that is asked for, with its two controls.

    Source test rows against target test rows, the same rows for every set of features of a run; training rows where
    a transfer has no test rows. Writes ``distance.json``, a table a measure; one that cannot be had holds its reason,
    and where that is so of all of them, there is none.

    Parameters
    ----------
    features_at : Path or None
        Folder of the stage that wrote the features; None for the raw input.
    measures : sequence of str
        Keys of ``MEASURES``.
    max_rows : int
        Rows a domain at most.
    bound : bool
        Also measure the least error of one classifier on both domains, a term of the bound on the target error. It
        reads target labels, and nothing is chosen by it.
    """
    if is_finished(folder):
        return folder
    require(features_at)
    source, target = _held_out(transfer, features_at, measures)
    found = {}
    with threadpool_limits(1), said():
        for name in measures:
            found[name] = _measure(name, source, target, {"max_rows": max_rows, "random_state": seed})
        if found and all("reason" in one for one in found.values()):
            raise ValueError(next(iter(found.values()))["reason"])
        if bound and features_at is not None:
            found[COMBINED] = {"value": _combined(source, target, {"max_rows": max_rows, "random_state": seed})}
    with writing(folder) as draft:
        write_json(draft / "distance.json", _plain(found))
    return folder


def _held_out(transfer: Transfer, features_at: Path | None, measures: Sequence[str]) -> tuple[Domain, Domain]:
    """Return the rows of both domains that no training has seen, where there are such."""
    domains = (transfer.source if transfer.source_test is None else transfer.source_test, transfer.target_evaluation)
    if features_at is None:
        # The proxy A-distance standardises every column: to it, bytes are as good as fractions, and four times smaller.
        as_they_are = list(measures) == [PAD] and all(domain.X.dtype == np.uint8 for domain in domains)
        rows = tuple(d.X.reshape(d.n_rows, -1) if as_they_are else pixel_rows(d) for d in domains)
    else:
        features = Features.load(features_at / "features.npz")
        rows = (features.source_evaluation, features.target_evaluation)
    source, target = (Domain(X, d.y, groups=d.groups, name=d.name) for X, d in zip(rows, domains, strict=True))
    return source, target


def _measure(name: str, source: Domain, target: Domain, settings: dict[str, Any]) -> dict[str, Any]:
    try:
        if name == PAD:
            return asdict(proxy_a_distance_with_controls(source, target, **settings))
        distance = MEASURES[name].compute(source, target, y_source=source.y, **settings)
    except CANNOT as error:
        _raise_if_of_the_moment(error)
        return {"reason": str(error)}
    controls = {f"control_{side}": _control(name, own, settings) for side, own in _sides(source, target)}
    return {"domain_error": None, **asdict(distance), **controls}


def _combined(source: Domain, target: Domain, settings: dict[str, Any]) -> float | None:
    assert source.y is not None, "a transfer's source has labels"
    try:
        return combined_error(source, source.y, target, target.y, **settings)
    except CANNOT as error:  # too few rows, or groups that cannot be split: the bound is then not available
        _raise_if_of_the_moment(error)
        return None


def _sides(source: Domain, target: Domain) -> list[tuple[str, Domain]]:
    return [("source", source), ("target", target)]


def _control(name: str, domain: Domain, settings: dict[str, Any]) -> float | None:
    """Measure a domain against itself: two halves of it, no group in both."""
    try:
        first, second = split_rows(None, domain.groups, 0.5, settings["random_state"], n_rows=domain.n_rows)
        halves = domain.take(first), domain.take(second)
        if MEASURES[name].needs_labels and domain.y is None:
            return None
        if MEASURES[name].permutes:
            settings = {**settings, "n_permutations": 0}
        return MEASURES[name].compute(*halves, y_source=halves[0].y, **settings).value
    except CANNOT as error:  # too few rows or groups for two halves
        _raise_if_of_the_moment(error)
        return None


def _raise_if_of_the_moment(error: Exception) -> None:
    """Raise an error that says nothing of the rows: another run may have the memory that this one lacked."""
    if isinstance(error, MemoryError) and "max_memory" not in str(error):
        raise error


def _plain(value: Any) -> Any:
    """Turn numpy numbers, tuples and arrays into what JSON knows."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
