"""Find out whether domain adaptation helps.

Two labelled-or-not domains go in; a comparison of source-only training, subspace alignment, DANN and training on the
target comes out, as estimators, as numbers and as a page::

    from dacompare import Transfer, compare

    transfer = Transfer.from_arrays(X_source, y_source, X_target)
    results = compare(transfer)
    results.to_html("comparison.html")

Nothing heavy is imported before it is used, and nothing global is changed.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

# Public name → the module that it lives in, loaded on first use (PEP 562).
_HOME = {
    "AdaptationPipeline": "dacompare.pipeline",
    "DANNClassifier": "dacompare.deep",
    "Domain": "dacompare.domains",
    "DOMAINS": "dacompare.domains",
    "HistoryDisplay": "dacompare.report",
    "METHODS": "dacompare.methods",
    "Results": "dacompare.results",
    "SourceOnlyClassifier": "dacompare.deep",
    "SubspaceAlignment": "dacompare.shallow",
    "SubspaceSweep": "dacompare.shallow",
    "SubspaceSweepDisplay": "dacompare.report",
    "TSNEDisplay": "dacompare.report",
    "Transfer": "dacompare.domains",
    "VALIDATORS": "dacompare.selection",
    "compare": "dacompare.experiment",
    "joint_tsne": "dacompare.embedding",
    "load_recipe": "dacompare.recipe",
    "load_transfer": "dacompare.domains",
    "make_adaptation_pipeline": "dacompare.pipeline",
    "proxy_a_distance": "dacompare.divergence",
    "run": "dacompare.experiment",
    "subspace_alignment": "dacompare.shallow",
    "validator_scorer": "dacompare.selection",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'dacompare' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
