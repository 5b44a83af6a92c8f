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
    "class_share_warning": "dacompare.selection",
    "CommonSubspace": "dacompare.shallow",
    "compare": "dacompare.experiment",
    "ConfusionDisplay": "dacompare.report",
    "CorrelationAlignment": "dacompare.shallow",
    "DANNClassifier": "dacompare.deep",
    "DistanceDisplay": "dacompare.report",
    "Domain": "dacompare.domains",
    "DomainInvariantProjection": "dacompare.shallow",
    "DomainPairsDisplay": "dacompare.report",
    "DOMAINS": "dacompare.domains",
    "DomainScaling": "dacompare.shallow",
    "GeodesicFlowKernel": "dacompare.shallow",
    "hdh_distance": "dacompare.divergence",
    "HistoryDisplay": "dacompare.report",
    "InterpolatedPath": "dacompare.shallow",
    "joint_tsne": "dacompare.embedding",
    "KernelMeanMatching": "dacompare.shallow",
    "LandmarkFlowKernel": "dacompare.shallow",
    "LandmarkSelection": "dacompare.shallow",
    "linear_svm": "dacompare.shallow",
    "load_recipe": "dacompare.recipe",
    "load_transfer": "dacompare.domains",
    "make_adaptation_pipeline": "dacompare.pipeline",
    "MarginalisedDenoising": "dacompare.shallow",
    "MEASURES": "dacompare.divergence",
    "METHODS": "dacompare.methods",
    "mmd": "dacompare.divergence",
    "NewtonSVC": "dacompare.shallow",
    "OptimalTransport": "dacompare.shallow",
    "paper_refit": "dacompare.selection",
    "paper_scoring": "dacompare.selection",
    "proxy_a_distance": "dacompare.divergence",
    "Results": "dacompare.results",
    "RowNormScaler": "dacompare.shallow",
    "run": "dacompare.experiment",
    "SamplingGeodesicFlow": "dacompare.shallow",
    "SourceOnlyClassifier": "dacompare.deep",
    "subspace_alignment": "dacompare.shallow",
    "SubspaceAlignment": "dacompare.shallow",
    "SubspaceSweep": "dacompare.shallow",
    "SubspaceSweepDisplay": "dacompare.report",
    "Transfer": "dacompare.domains",
    "TransferComponentAnalysis": "dacompare.shallow",
    "TSNEDisplay": "dacompare.report",
    "validator_scorer": "dacompare.selection",
    "VALIDATORS": "dacompare.selection",
    "WholeTarget": "dacompare.domains",
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
