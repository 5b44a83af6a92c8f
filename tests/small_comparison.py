"""A comparison small enough for seconds: its transfer, its recipe, and its run."""

import numpy as np
from sklearn.datasets import make_blobs

from dacompare import Transfer
from dacompare.domains import LoadedTransfer
from dacompare.experiment import run_loaded
from dacompare.recipe import recipe_from_dict

STEPS = {"steps": 60}


def small_transfer(labelled=True, *, test=True, title="Blobs, moved", slug="blobs"):
    X, y = make_blobs(360, centers=3, n_features=8, cluster_std=5.0, random_state=0)
    X_target = X + np.linspace(0, 9, 8)
    rows = slice(0, 240) if test else slice(None)
    rest = {"X_target_test": X_target[240:], "y_target_test": y[240:] if labelled else None} if test else {}
    return Transfer.from_arrays(X, y, X_target[rows], y[rows] if labelled else None, title=title, slug=slug, **rest)


def small_settings(**changes):
    return {
        "schema": "dacompare-recipe/1",
        "slug": "blobs",
        "title": "Blobs, moved",
        "seeds": [0, 1],
        "source": {"domain": "arrays"},
        "target": {"domain": "arrays"},
        "training": STEPS,
        "embedding": {"max_points": 40},
        "method": [{"name": name} for name in ("source-only", "sa", "dann", "train-on-target")],
        **changes,
    }


def run_small(folder, settings=None, transfer=None):
    loaded = LoadedTransfer(transfer or small_transfer(), [], None)
    return run_loaded(recipe_from_dict(settings or small_settings(seeds=[0])), loaded, folder, n_jobs=1).data
