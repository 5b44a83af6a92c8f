"""Time SubspaceSweep against the loop over scikit-learn's PCA and LinearSVC that it replaces.

Usage: python benchmarks/subspace_sweep.py [ROWS] [--json FILE]

Both run in this process, one after the other, on the same features; only the ratio is worth keeping. The loop does
what SubspaceSweep does at each dimension without validators: two PCAs, the alignment, one SVM.
"""

import argparse
import json
import platform
import time
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA

from dacompare import SubspaceSweep
from dacompare.shallow import linear_svm


def make_features(rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ReLU-like features of two domains: 100 columns, ten classes, rows of length about 1."""
    y = rng.integers(0, 10, rows)
    centres, mixing = rng.normal(size=(10, 100)), rng.normal(size=(100, 100)) / 10
    source = np.maximum(centres[y] + rng.normal(size=(rows, 100)), 0)
    target = np.maximum((centres[y] + 1.5 * rng.normal(size=(rows, 100))) @ (np.eye(100) + mixing), 0)
    size = np.sqrt((source**2).sum(axis=1).mean())
    return source / size, y, target / size


def loop(source: np.ndarray, y: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the predictions at 2 to 60 dimensions, decomposing both domains anew at each."""
    predictions = []
    for d in range(2, 61):
        first = PCA(d, svd_solver="full").fit(source)
        second = PCA(d, svd_solver="full").fit(target)
        aligned = first.transform(source) @ (first.components_ @ second.components_.T)
        predictions.append(linear_svm().fit(aligned, y).predict(second.transform(target)))
    return np.stack(predictions)


def main() -> None:
    """Run both, compare what they predict, print and keep the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=6000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    source, y, target = make_features(options.rows, np.random.default_rng(0))
    started = time.perf_counter()
    sweep = SubspaceSweep(validator="source-accuracy", validators=(), n_jobs=2)
    sweep.fit(source, y, X_target=target, X_source_test=source[:500], y_source_test=y[:500])
    ours = sweep.predict_all(target)
    middle = time.perf_counter()
    theirs = loop(source, y, target)
    ended = time.perf_counter()
    measured = {
        "rows": options.rows,
        "sweep_seconds": round(middle - started, 2),
        "loop_seconds": round(ended - middle, 2),
        "ratio": round((ended - middle) / (middle - started), 2),
        "equal_predictions": round(float((ours == theirs).mean()), 5),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }
    print(json.dumps(measured, indent=1))
    if options.json:
        options.json.write_text(json.dumps(measured, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
