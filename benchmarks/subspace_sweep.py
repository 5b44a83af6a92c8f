"""Time SubspaceSweep against the loop over scikit-learn's PCA and LinearSVC that it replaces.

Usage: python benchmarks/subspace_sweep.py [--rows N] [--contestants NAME ...] [--json FILE]

Each contestant runs alone in a process of its own, one after the other, on the same features and with two jobs; only
the ratios are worth keeping. The loop does what SubspaceSweep does at each dimension without validators: two PCAs at
their defaults, the alignment, one SVM. Seconds on the clock suffer from whatever else the machine does; those of the
processor, all processes together, suffer less.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import sklearn
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor
from sklearn.decomposition import PCA

from dacompare import SubspaceSweep
from dacompare.shallow import linear_svm

FEATURES = ("source", "y", "target")
CONTESTANTS = ("loop", "liblinear", "newton")
DIMENSIONS = range(2, 61)
JOBS = 2


def make_features(rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ReLU-like features of two domains: 100 columns, ten classes, rows of length about 1."""
    y = rng.integers(0, 10, rows)
    centres, mixing = rng.normal(size=(10, 100)), rng.normal(size=(100, 100)) / 10
    source = np.maximum(centres[y] + rng.normal(size=(rows, 100)), 0)
    target = np.maximum((centres[y] + 1.5 * rng.normal(size=(rows, 100))) @ (np.eye(100) + mixing), 0)
    size = np.sqrt((source**2).sum(axis=1).mean())
    return source / size, y, target / size


def loop(source: np.ndarray, y: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the predictions at every dimension, decomposing both domains anew at each, two dimensions at a time."""
    return np.stack(Parallel(n_jobs=JOBS)(delayed(one_dimension)(source, y, target, d) for d in DIMENSIONS))


def one_dimension(source: np.ndarray, y: np.ndarray, target: np.ndarray, d: int) -> np.ndarray:
    """Return what an SVM in d dimensions says of the target."""
    first, second = PCA(d).fit(source), PCA(d).fit(target)
    aligned = first.transform(source) @ (first.components_ @ second.components_.T)
    return linear_svm().fit(aligned, y).predict(second.transform(target))


def sweep(source: np.ndarray, y: np.ndarray, target: np.ndarray, solver: str) -> tuple[np.ndarray, SubspaceSweep]:
    """Return the predictions at every dimension, and the sweep."""
    fitted = SubspaceSweep(validator="source-accuracy", validators=(), solver=solver, n_jobs=JOBS)
    fitted.fit(source, y, X_target=target, X_source_test=source[:500], y_source_test=y[:500])
    return fitted.predict_all(target), fitted


def objectives(fitted: SubspaceSweep, source: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return ½‖(w, b)‖² + C Σ max(0, 1 − y f)² of each class at each dimension."""
    signs = np.where(y[:, None] == fitted.classes_, 1, -1)
    found = []
    for d, svm in zip(fitted.dimensions_.tolist(), fitted.classifiers_, strict=True):
        scores = svm.decision_function(fitted.transform(source, domain="source", n_components=d))
        norm = (svm.coef_**2).sum(axis=1) + svm.intercept_**2
        found.append(norm / 2 + svm.C * (np.maximum(0, 1 - signs * scores) ** 2).sum(axis=0))
    return np.stack(found)


def save_features(rows: int, folder: Path) -> None:
    """Make the features in a process of their own: a new process inherits the peak memory of the one that starts it."""
    for name, values in zip(FEATURES, make_features(rows, np.random.default_rng(0)), strict=True):
        np.save(folder / f"{name}.npy", values)


def compete(contestant: str, folder: Path) -> None:
    """Run one contestant in this process; leave time, memory and results in the folder."""
    source, y, target = (np.load(folder / f"{name}.npy") for name in FEATURES)
    before, used, started = peak(resource.RUSAGE_SELF), processor_seconds(), time.perf_counter()
    predictions, fitted = (
        (loop(source, y, target), None) if contestant == "loop" else sweep(source, y, target, contestant)
    )
    seconds = time.perf_counter() - started
    get_reusable_executor().shutdown(wait=True)  # what a worker took is known only once it has ended
    measured = {
        "seconds": round(seconds, 2),
        "processor_seconds": round(processor_seconds() - used, 2),
        "memory_MiB": round(peak(resource.RUSAGE_SELF) - before, 1),
        "memory_of_largest_worker_MiB": round(peak(resource.RUSAGE_CHILDREN), 1),
    }
    np.save(folder / f"{contestant}-predictions.npy", predictions)
    if fitted is not None:
        np.save(folder / f"{contestant}-objectives.npy", objectives(fitted, source, y))
    (folder / f"{contestant}.json").write_text(json.dumps(measured), encoding="utf-8")


def peak(who: int) -> float:
    """Return the largest resident memory so far, in MiB."""
    return resource.getrusage(who).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def processor_seconds() -> float:
    """Return what this process and its finished children have used."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def compare(folder: Path, contestants: list[str]) -> dict[str, object]:
    """Return each contestant's figures, and how far their answers are apart."""
    figures: dict[str, object] = {name: json.loads((folder / f"{name}.json").read_text()) for name in contestants}
    y = np.load(folder / "y.npy")
    curves = {name: (np.load(folder / f"{name}-predictions.npy") == y).mean(axis=1) for name in contestants}
    for name in contestants[1:]:
        first = figures[contestants[0]]
        for unit in ("seconds", "processor_seconds"):
            figures[f"{contestants[0]}_over_{name}_{unit}"] = round(first[unit] / figures[name][unit], 2)
        difference = np.abs(curves[name] - curves[contestants[0]]).max()
        figures[f"{name}_from_{contestants[0]}_accuracy"] = round(float(difference), 5)
    if {"liblinear", "newton"} <= set(contestants):
        theirs, ours = (np.load(folder / f"{name}-objectives.npy") for name in ("liblinear", "newton"))
        figures["newton_above_liblinear_objective"] = float(f"{((ours - theirs) / theirs).max():.2g}")
        figures["newton_below_liblinear_objective"] = float(f"{((theirs - ours) / theirs).max():.2g}")
        figures["newton_from_liblinear_accuracy"] = round(
            float(np.abs(curves["newton"] - curves["liblinear"]).max()), 5
        )
    return figures


def main() -> None:
    """Run the contestants, compare what they say, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=6000)
    parser.add_argument("--contestants", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--alone", nargs=2, metavar=("STEP", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        step, folder = options.alone[0], Path(options.alone[1])
        save_features(options.rows, folder) if step == "features" else compete(step, folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        for step in ("features", *options.contestants):
            command = [sys.executable, __file__, "--rows", str(options.rows), "--alone", step, folder]
            subprocess.run(command, check=True)
        figures = compare(Path(folder), options.contestants)
    figures |= {
        "rows": options.rows,
        "features_MiB": round(options.rows * 100 * 8 / 2**20, 1),
        "cores": os.cpu_count(),
        "load_before_and_after": [round(load, 1) for load in os.getloadavg()[::-1]],
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
    }
    print(json.dumps(figures, indent=1))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
