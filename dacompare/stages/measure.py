"""Measure how far apart the domains are in one set of features."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from dacompare.divergence import proxy_a_distance_with_controls
from dacompare.domains import Transfer
from dacompare.stages.features import Features, pixel_rows
from dacompare.stages.folder import is_finished, require, write_json, writing

VERSION = 2


def measure_row(folder: Path, transfer: Transfer, features_at: Path | None, max_rows: int, seed: int) -> Path:
    """Measure the proxy A-distance of a row's features, with its two controls.

    Source test rows against target test rows, the same rows for every set of features of a run; training rows where
    a transfer has no test rows. Writes ``distance.json``.

    Parameters
    ----------
    features_at : Path or None
        Folder of the stage that wrote the features; None for the raw input.
    max_rows : int
        Rows a domain at most.
    """
    if is_finished(folder):
        return folder
    require(features_at)
    source_domain = transfer.source if transfer.source_test is None else transfer.source_test
    target_domain = transfer.target_evaluation
    if features_at is None:
        source, target = pixel_rows(source_domain), pixel_rows(target_domain)
    else:
        features = Features.load(features_at / "features.npz")
        source, target = features.source_evaluation, features.target_evaluation
    with threadpool_limits(1):
        distance = proxy_a_distance_with_controls(
            source,
            target,
            groups_source=source_domain.groups,
            groups_target=target_domain.groups,
            max_rows=max_rows,
            random_state=seed,
        )
    with writing(folder) as draft:
        write_json(draft / "distance.json", _plain(asdict(distance)))
    return folder


def _plain(value: Any) -> Any:
    """Turn numpy numbers and tuples into what JSON knows."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.item() if hasattr(value, "item") else value
