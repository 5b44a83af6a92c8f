"""Time SubspaceSweep against the loop over scikit-learn's PCA and LinearSVC that it replaces.

Usage: python benchmarks/subspace_sweep.py [--rows N] [--contestants NAME ...] [--json FILE]

Each contestant runs alone in a process of its own, one after the other, on the same features and with two jobs; only
the ratios are worth keeping. The loop does what SubspaceSweep does at each dimension without validators: two PCAs at
their defaults, the alignment, one SVM. Seconds on the clock suffer from whatever else the machine does; those of the
processor, all processes together, suffer less. The contestant "default" is SubspaceSweep as it comes: it sets a fifth
of the source aside, asks four validators at each dimension, and trains a second time on all rows. The contestant
"precise" is the loop with a LIBLINEAR that stops late: it is there to tell who is nearer to the minimum, not for its
time.
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
CONTESTANTS = ("loop", "liblinear", "newton", "default", "precise")
PRECISE = {"tol": 1e-8, "max_iter": 100_000}
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


Looped = list[tuple[np.ndarray, np.ndarray, np.ndarray]]


def loop(source: np.ndarray, y: np.ndarray, target: np.ndarray, **svm: float) -> Looped:
    """Return the predictions and the SVM at every dimension, decomposing both domains anew at each, two at a time."""
    return Parallel(n_jobs=JOBS)(delayed(one_dimension)(source, y, target, d, svm) for d in DIMENSIONS)


def one_dimension(
    source: np.ndarray, y: np.ndarray, target: np.ndarray, d: int, svm: dict[str, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what an SVM in d dimensions says of the target, its weights times the alignment's, and its intercepts."""
    first, second = PCA(d).fit(source), PCA(d).fit(target)
    aligned = first.transform(source) @ (first.components_ @ second.components_.T)
    fitted = linear_svm().set_params(**svm).fit(aligned, y)
    return fitted.predict(second.transform(target)), fitted.coef_ @ second.components_, fitted.intercept_


def sweep(
    source: np.ndarray, y: np.ndarray, target: np.ndarray, solver: str
) -> tuple[np.ndarray, SubspaceSweep, float]:
    """Return the predictions at every dimension, the sweep, and the largest memory so far once it was fitted."""
    if solver == "default":
        fitted = SubspaceSweep(n_jobs=JOBS).fit(source, y, X_target=target)
    else:
        fitted = SubspaceSweep(validator="source-accuracy", validators=(), solver=solver, n_jobs=JOBS)
        fitted.fit(source, y, X_target=target, X_source_test=source[:500], y_source_test=y[:500])
    memory = peak(resource.RUSAGE_SELF)
    return fitted.predict_all(target), fitted, memory


def objectives(fitted: SubspaceSweep, looped: Looped, source: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return ½‖(w, b)‖² + Σ max(0, 1 − y f)² of each class at each dimension, of a sweep or of a loop.

    The SVMs of a loop come as weights in the space of the features, which the source is brought to by the sweep: signs
    of principal directions are arbitrary, and so is the order in which they would have to be matched.
    """
    signs = np.where(y[:, None] == fitted.classes_, 1, -1)
    found = []
    for i, d in enumerate(fitted.dimensions_.tolist()):
        rows, svm = fitted.transform(source, domain="source", n_components=d), fitted.classifiers_[i]
        coef, intercept = svm.coef_, svm.intercept_
        if looped:
            coef, intercept = looped[i][1] @ fitted.aligner_.target_components_[:d].T, looped[i][2]
        norm = (coef**2).sum(axis=1) + intercept**2
        found.append(norm / 2 + (np.maximum(0, 1 - signs * (rows @ coef.T + intercept)) ** 2).sum(axis=0))
    return np.stack(found)


def save_features(rows: int, folder: Path) -> None:
    """Make the features in a process of their own: a new process inherits the peak memory of the one that starts it."""
    for name, values in zip(FEATURES, make_features(rows, np.random.default_rng(0)), strict=True):
        np.save(folder / f"{name}.npy", values)


def compete(contestant: str, folder: Path) -> None:
    """Run one contestant in this process; leave time, memory and results in the folder."""
    source, y, target = (np.load(folder / f"{name}.npy") for name in FEATURES)
    before, used, started = peak(resource.RUSAGE_SELF), processor_seconds(), time.perf_counter()
    looped: Looped = []
    fitting = {}
    if contestant in ("loop", "precise"):
        looped = loop(source, y, target, **(PRECISE if contestant == "precise" else {}))
        predictions = np.stack([said for said, _, _ in looped])
    else:
        predictions, fitted, memory = sweep(source, y, target, contestant)
        fitting["memory_of_fitting_MiB"] = round(memory - before, 1)
    seconds = time.perf_counter() - started
    get_reusable_executor().shutdown(wait=True)  # what a worker took is known only once it has ended
    measured = {
        "seconds": round(seconds, 2),
        "processor_seconds": round(processor_seconds() - used, 2),
        **fitting,
        "memory_MiB": round(peak(resource.RUSAGE_SELF) - before, 1),
        "memory_of_largest_worker_MiB": round(peak(resource.RUSAGE_CHILDREN), 1),
    }
    np.save(folder / f"{contestant}-predictions.npy", predictions)
    if looped:
        fitted = sweep(source, y, target, "newton")[1]
    np.save(folder / f"{contestant}-objectives.npy", objectives(fitted, looped, source, y))
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
    for name in {"liblinear", "precise"} & set(contestants) if "newton" in contestants else ():
        theirs, ours = (np.load(folder / f"{one}-objectives.npy") for one in (name, "newton"))
        figures[f"newton_above_{name}_objective"] = float(f"{((ours - theirs) / theirs).max():.2g}")
        figures[f"newton_below_{name}_objective"] = float(f"{((theirs - ours) / theirs).max():.2g}")
        figures[f"newton_from_{name}_accuracy"] = round(float(np.abs(curves["newton"] - curves[name]).max()), 5)
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
