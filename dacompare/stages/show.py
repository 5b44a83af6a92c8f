"""Choose the images that a report shows, and pack them as PNG."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dacompare.domains import Domain, Transfer
from dacompare.images import encode_png, one_of_each, thumbnail

TILES = 12


def example_sheets(transfer: Transfer, n: int) -> dict[str, Any]:
    """Return a sheet of `n` images of each domain, a class each as far as labels are known.

    Returns
    -------
    dict
        "source" and "target" sheets {png_base64, columns, labels}; None for feature vectors or ``n = 0``.
    """
    if n == 0 or transfer.source.kind != "image":
        return {"source": None, "target": None}
    return {"source": _sheet(transfer, transfer.source, n), "target": _sheet(transfer, transfer.target, n)}


def changed_tiles(
    transfer: Transfer, before: NDArray[Any], after: NDArray[Any], *, method: str, seed: int
) -> dict[str, list[dict[str, Any]] | None]:
    """Return test images that adaptation fixed and broke, the first of each in test order.

    Parameters
    ----------
    before, after : ndarray of shape (n_test,)
        Class positions predicted by source-only and by the adapted row.
    """
    domain = transfer.target_evaluation
    if domain.y is None or domain.kind != "image":
        return {"fixed": None, "broken": None}
    truth = transfer.positions(domain.y)
    chosen = {
        "fixed": np.flatnonzero((before != truth) & (after == truth))[:TILES],
        "broken": np.flatnonzero((before == truth) & (after != truth))[:TILES],
    }
    return {
        name: [
            {
                "png_base64": encode_png(thumbnail(domain.X[row])),
                "true": int(truth[row]),
                "before": int(before[row]),
                "after": int(after[row]),
                "seed": seed,
                "method": method,
                "index": int(row),
            }
            for row in rows
        ]
        for name, rows in chosen.items()
    }


def disputed_rows(
    transfer: Transfer, predictions: Mapping[str, NDArray[np.int64]], *, seed: int
) -> dict[str, Any] | None:
    """Return the target rows whose class the methods dispute most: where the largest camp is smallest.

    No label is needed for it: these are the rows to look at, or to label, first. Ties go to the earlier row, and rows
    on which all agree are never among them.

    Parameters
    ----------
    predictions : dict of str to ndarray of shape (n_test,)
        Class positions that each method predicts.

    Returns
    -------
    dict or None
        "seed", "methods" and "rows": {index, said, png_base64}, `said` a class position for each method and the
        picture None for feature vectors. None with fewer than two methods.
    """
    if len(predictions) < 2:
        return None
    votes = np.stack(list(predictions.values()))
    camp = np.stack([(votes == own).sum(axis=0) for own in votes]).max(axis=0)
    order = np.argsort(camp, kind="stable")
    chosen = [int(row) for row in order[:TILES] if camp[row] < len(votes)]
    domain = transfer.target_evaluation
    pictures = [encode_png(thumbnail(domain.X[row])) if domain.kind == "image" else None for row in chosen]
    rows = [
        {"index": row, "said": votes[:, row].tolist(), "png_base64": picture}
        for row, picture in zip(chosen, pictures, strict=True)
    ]
    return {"seed": seed, "methods": list(predictions), "rows": rows}


def _sheet(transfer: Transfer, domain: Domain, n: int) -> dict[str, Any]:
    rows = one_of_each(domain.y, domain.n_rows, n)
    labels = None if domain.y is None else [int(k) for k in transfer.positions(domain.y[rows])]
    strip = np.concatenate([thumbnail(domain.X[row]) for row in rows], axis=1)
    return {"png_base64": encode_png(strip), "columns": len(rows), "labels": labels}
