"""Choose the images that a report shows, and pack them as PNG."""

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


def _sheet(transfer: Transfer, domain: Domain, n: int) -> dict[str, Any]:
    rows = one_of_each(domain.y, domain.n_rows, n)
    labels = None if domain.y is None else [int(k) for k in transfer.positions(domain.y[rows])]
    strip = np.concatenate([thumbnail(domain.X[row]) for row in rows], axis=1)
    return {"png_base64": encode_png(strip), "columns": len(rows), "labels": labels}
