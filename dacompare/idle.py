"""Say where a method that should adapt predicts what source-only predicts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dacompare.summary import BASE, is_adaptation

ALIKE = 0.995  # from here on a row is called idle
REMEDY = "; a larger adaptation_factor or more steps may move it, the batches' domain accuracy tells"


def add_idle_warnings(rows: list[dict[str, Any]], predictions: Mapping[int, Mapping[str, NDArray[Any]]]) -> None:
    """Add a warning to every row that predicts nearly all target rows as source-only of its seed does.

    Such a row is a copy, whatever its name: nobody should read "no difference" as a finding on adaptation.

    Parameters
    ----------
    rows : list of dict
        Of the results file; their `warnings` are added to.
    predictions : dict of seed to dict of method to ndarray
        Positions of the predicted classes.

    Examples
    --------
    >>> rows = [{"method": "dann", "kind": "deep", "seed": 0, "status": "ok", "oracle": False, "warnings": []}]
    >>> add_idle_warnings(rows, {0: {"source-only": np.zeros(9), "dann": np.zeros(9)}})
    >>> rows[0]["warnings"][0].split(":")[0]
    '100.0 % of the target rows are predicted as by source-only'
    """
    for row in rows:
        own, base = (predictions.get(row["seed"], {}).get(name) for name in (row["method"], BASE))
        if own is None or base is None or not is_adaptation(row):
            continue
        alike = float(np.mean(own == base))
        if alike >= ALIKE:
            said = f"{100 * alike:.1f} % of the target rows are predicted as by source-only: this row hardly adapts"
            row["warnings"].append(said + (REMEDY if row["kind"] == "deep" else ""))
