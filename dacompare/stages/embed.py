"""Embed one network's features of both domains in the plane."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from dacompare.domains import Transfer
from dacompare.embedding import joint_tsne
from dacompare.stages.features import Features, on_features
from dacompare.stages.folder import is_finished, require, write_json, writing

VERSION = 2


def embed_row(
    folder: Path,
    transfer: Transfer,
    trained: Path,
    settings: Mapping[str, Any],
    seed: int,
    *,
    adapted: Path | None = None,
) -> Path:
    """Embed the same held-out rows of both domains for every network. Writes ``embedding.json``.

    Parameters
    ----------
    trained : Path
        Where the network and its features lie.
    settings : mapping
        "layer", "max_points" and "perplexity", as a recipe has them.
    adapted : Path or None
        Where the features lie that the network was trained on; None for the input itself.
    """
    if is_finished(folder):
        return folder
    require(trained)
    if adapted is not None:
        transfer = on_features(transfer, Features.load(adapted / "features.npz"))
    source = transfer.source_test if transfer.source_test is not None else transfer.source
    target = transfer.target_evaluation
    # Drawn here, before any features are looked at, so that both networks show the same rows.
    rng = np.random.default_rng(seed)
    rows = [np.sort(rng.permutation(d.n_rows)[: settings["max_points"]]) for d in (source, target)]
    if settings["layer"] == "last_hidden":
        kept = Features.load(trained / "features.npz")
        Z = [kept.source_evaluation[rows[0]], kept.target_evaluation[rows[1]]]
    else:
        from dacompare.deep import load_network

        network = load_network(trained / "network")
        Z = [network.transform(d.X[r], layer=settings["layer"]) for d, r in zip((source, target), rows, strict=True)]
    Z = [part.astype(np.float64) for part in Z]
    with threadpool_limits(1):
        embedded = joint_tsne(
            *Z, max_points=settings["max_points"], perplexity=settings["perplexity"], random_state=seed
        )
    points = np.concatenate([embedded.source, embedded.target]).round(2)
    labels = [_positions(transfer, d, r) for d, r in zip((source, target), rows, strict=True)]
    with writing(folder) as draft:
        write_json(
            draft / "embedding.json",
            {
                "x": points[:, 0].tolist(),
                "y": points[:, 1].tolist(),
                "domain": [0] * len(rows[0]) + [1] * len(rows[1]),
                "label": None if None in labels else [*labels[0], *labels[1]],  # type: ignore[misc]
                "perplexity": float(embedded.perplexity),
                "kl": float(embedded.kl),
                "layer": settings["layer"],
            },
        )
    return folder


def _positions(transfer: Transfer, domain: Any, rows: Any) -> list[int] | None:
    if domain.y is None:
        return None
    return [int(k) for k in transfer.positions(domain.y[rows])]
