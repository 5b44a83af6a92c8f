"""Time methods with n x n matrices at several numbers of rows, and say how steeply their time grows.

Usage: python benchmarks/kernel_methods.py [--rows N ...] [--methods NAME ...] [--limit SECONDS]
           [--minutes MINUTES] [--json FILE]
       python benchmarks/kernel_methods.py --table FILE

Each measurement runs alone in a process of its own, one after the other, on features of two domains with as many rows
each. The slope is that of log time over log rows, of the processor's seconds: 1 is linear, 3 is cubic. Methods that
weight rows hold a naive Bayes classifier, which takes next to no time, so that what is timed is the weighting.
"""

import argparse
import json
import multiprocessing
import os
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from resource import RUSAGE_SELF
from typing import Any

import numpy as np
from sklearn.naive_bayes import GaussianNB
from subspace_sweep import FEATURES, peak, save_features

from dacompare import (
    CorrelationAlignment,
    DomainInvariantProjection,
    GeodesicFlowKernel,
    KernelMeanMatching,
    LandmarkFlowKernel,
    LandmarkSelection,
    OptimalTransport,
    SamplingGeodesicFlow,
    TransferComponentAnalysis,
)

COMPONENTS = 20
FEW = 500
ENOUGH = 8 * 2**30  # bytes: the default of 4 GiB refuses Sinkhorn's matrices at 8,000 rows
CONTESTANTS: dict[str, Callable[[], Any]] = {
    "tca": lambda: TransferComponentAnalysis(COMPONENTS),
    "kmm": lambda: KernelMeanMatching(GaussianNB()),
    "landmarks": lambda: LandmarkSelection(GaussianNB(), max_rows=None),
    "landmark-gfk": lambda: LandmarkFlowKernel(COMPONENTS, max_rows=None),
    "dip": lambda: DomainInvariantProjection(COMPONENTS, max_rows=None),
    "ot-emd": lambda: OptimalTransport("emd"),
    "ot-sinkhorn": lambda: OptimalTransport("sinkhorn", max_memory=ENOUGH),
    "tca-few": lambda: TransferComponentAnalysis(COMPONENTS, n_landmarks=FEW),
    "kmm-few": lambda: KernelMeanMatching(GaussianNB(), n_landmarks=FEW),
    "landmarks-few": lambda: LandmarkSelection(GaussianNB(), max_rows=FEW),
    "landmark-gfk-few": lambda: LandmarkFlowKernel(COMPONENTS, max_rows=FEW, random_state=0),
    "dip-few": lambda: DomainInvariantProjection(COMPONENTS, max_rows=FEW, random_state=0),
    "ot-emd-few": lambda: OptimalTransport("emd", max_rows=FEW, random_state=0),
    "ot-sinkhorn-few": lambda: OptimalTransport("sinkhorn", max_rows=FEW, random_state=0),
    "ot-linear": lambda: OptimalTransport("linear"),
    "gfk": lambda: GeodesicFlowKernel(COMPONENTS),
    "sgf": lambda: SamplingGeodesicFlow(COMPONENTS),
    "coral": lambda: CorrelationAlignment(),
}
NEEDS_POT = {name for name in CONTESTANTS if name.startswith("ot-")}
# What is over in no time is done again, until it has taken so many seconds or was done so often.
LONG_ENOUGH, OFTEN_ENOUGH = 0.5, 10
# Imported once, by the process that all others are copies of.
HEAVY = ["dacompare.shallow", "sklearn.naive_bayes", "ot.da"]
# What growth is feared where a single size was measured.
STEEPEST = 3.0
UNITS = ("processor_seconds", "seconds")

Figures = dict[str, Any]


def measure(contestant: str, folder: Path) -> Figures:
    """Return time and memory of one method, or the first sentence with which it refuses."""
    source, y, target = (np.load(folder / f"{name}.npy") for name in FEATURES)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            once(CONTESTANTS[contestant](), source[:100], y[:100], target[:100])  # libraries that load on first use
        before, times = peak(RUSAGE_SELF), []
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            while not times or (np.sum(times, axis=0)[:, 0].sum() < LONG_ENOUGH and len(times) < OFTEN_ENOUGH):
                method = CONTESTANTS[contestant]()
                times.append(once(method, source, y, target))
    except MemoryError as error:
        return {"refused": first_sentence(error)}
    median = np.median(times, axis=0)
    found: Figures = {
        f"{step}_{unit}": float(f"{median[i, j]:.3g}")
        for i, step in enumerate(("fit", "transform"))
        for j, unit in enumerate(UNITS)
    }
    found |= {"memory_MiB": round(peak(RUSAGE_SELF) - before, 1), "repeats": len(times)}
    if hasattr(method, "n_iter_"):
        found["n_iter"] = int(method.n_iter_)
    told = [first_sentence(one.message) for one in said if issubclass(one.category, UserWarning)]
    return found | ({"warning": told[0]} if told else {})


def first_sentence(said: object) -> str:
    """Return what is said up to the first full stop."""
    return str(said).split(". ")[0]


def once(method: Any, source: np.ndarray, y: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return what one fit, and one transform of both domains or one prediction, take: rows are steps, columns units."""
    clocks = [(time.process_time(), time.perf_counter())]
    method.fit(source, y, X_target=target)
    clocks.append((time.process_time(), time.perf_counter()))
    if hasattr(method, "transform"):
        method.transform(source, domain="source")
        method.transform(target)
    else:
        method.predict(target)
    clocks.append((time.process_time(), time.perf_counter()))
    return np.diff(clocks, axis=0)


def seconds_by_rows(figures: Figures) -> dict[int, float]:
    """Return the processor's seconds of fit and transform together at each size that was measured."""
    measured = {int(rows): found for rows, found in figures["sizes"].items() if "repeats" in found}
    return {
        rows: found["fit_processor_seconds"] + found["transform_processor_seconds"]
        for rows, found in sorted(measured.items())
    }


def expect(seconds: dict[int, float], rows: int) -> float:
    """Return what so many rows will take if time goes on growing as between the last two sizes; 0 before the first."""
    if not seconds:
        return 0.0
    last, growth = max(seconds), slopes(seconds)["last_slope"]
    return seconds[last] * (rows / last) ** (STEEPEST if growth is None else growth)


def slopes(seconds: dict[int, float]) -> Figures:
    """Return the slope over all sizes, and that between the last two."""
    return {"slope": slope(seconds), "last_slope": slope(dict(list(seconds.items())[-2:]))}


def slope(seconds: dict[int, float]) -> float | None:
    """Return the slope of log time over log rows by least squares, None where there are not two sizes."""
    if len(seconds) < 2:
        return None
    return round(float(np.polyfit(np.log(list(seconds)), np.log(list(seconds.values())), 1)[0]), 2)


def table(figures: Figures) -> str:
    """Return the figures as a table in Markdown: seconds of fit + transform, slopes, memory at the largest size."""
    sizes = [str(rows) for rows in figures["rows"]]
    head = ["method", *(f"{int(rows):,} rows" for rows in sizes), "slope", "last slope", "memory, MiB"]
    lines = [head, ["---", *["---:"] * (len(head) - 1)]]
    for one in (figures["methods"][name] for name in CONTESTANTS if name in figures["methods"]):
        found = [cell(one["sizes"].get(rows, {"skipped": ""})) for rows in sizes]
        steep = ["–" if one.get(name) is None else f"{round(one[name], 1) + 0:.1f}" for name in ("slope", "last_slope")]
        memory = [f"{size['memory_MiB']:,.0f}" for size in one["sizes"].values() if "repeats" in size]
        lines.append([f"`{one['estimator']}`", *found, *steep, memory[-1] if memory else "–"])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(found: Figures) -> str:
    """Return what one measurement came to, in few characters; an asterisk stands for a warning."""
    if "repeats" not in found:
        return next(iter(found)).replace("_", " ")
    seconds = (found[f"{step}_processor_seconds"] for step in ("fit", "transform"))
    told = " + ".join(f"{x:.0f}" if x >= 100 else f"{x:#.2g}".rstrip(".") for x in seconds)
    return told + ("*" if "warning" in found else "")


def circumstances() -> Figures:
    """Return what the figures depend on beside the methods."""
    names = ("numpy", "scipy", "scikit-learn", *(["POT"] if find_spec("ot") else []))
    return {
        "cores": os.cpu_count(),
        "cores_allowed": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS"),
        "python": platform.python_version(),
        **{name: version(name) for name in names},
    }


def run(sizes: list[int], contestants: list[str], limit: float, minutes: float | None, target: Path | None) -> Figures:
    """Measure everything, what takes least first, and keep what is there after each measurement."""
    begun, methods = time.monotonic(), {name: describe(name) for name in contestants}
    figures: Figures = {"rows": sizes, "features": 100, "classes": 10, "limit_seconds": limit, "minutes": minutes}
    figures |= circumstances() | {"methods": methods, "load_before_and_after": [round(os.getloadavg()[0], 1)]}
    waiting = {name: list(sizes) for name in contestants if "skipped" not in methods[name]}
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            (Path(folder) / str(rows)).mkdir()
            alone(save_features, rows, Path(folder) / str(rows))
        while waiting:
            expected = {name: expect(seconds_by_rows(methods[name]), rows[0]) for name, rows in waiting.items()}
            name = min(expected, key=expected.__getitem__)
            rows, waiting[name] = waiting[name][0], waiting[name][1:]
            why = reason_to_leave_out(expected[name], limit, time.monotonic() - begun, minutes)
            found = {"left_out": why} if why else alone(measure, name, Path(folder) / str(rows))
            print(name, rows, found, file=sys.stderr, flush=True)
            methods[name]["sizes"][str(rows)] = found
            methods[name] |= slopes(seconds_by_rows(methods[name]))
            figures["load_before_and_after"][1:] = [round(os.getloadavg()[0], 1)]
            if target:
                target.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            waiting = {name: rows for name, rows in waiting.items() if rows}
    return figures


def reason_to_leave_out(expected: float, limit: float, passed: float, minutes: float | None) -> str:
    """Return why a measurement is not made, nothing where it is."""
    if expected > limit:
        return f"about {expected:.2g} s expected from the sizes before, more than {limit:g} s"
    return f"not begun within {minutes:g} minutes" if minutes is not None and passed > 60 * minutes else ""


def alone(step: Callable[..., Any], *arguments: Any) -> Any:
    """Take one step in a process of its own, a copy of one that has imported what is heavy and done nothing yet."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(HEAVY)
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(step, *arguments).result()


def describe(contestant: str) -> Figures:
    """Return what a method is called, and why it cannot run where it cannot."""
    figures: Figures = {"estimator": " ".join(repr(CONTESTANTS[contestant]()).split()), "sizes": {}}
    if contestant in NEEDS_POT and find_spec("ot") is None:
        figures["skipped"] = "POT is not installed; pip install POT brings it."
    return figures


def main() -> None:
    """Run the methods at all sizes; print a table and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1000, 2000, 4000, 8000])
    parser.add_argument("--methods", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS))
    parser.add_argument("--limit", type=float, default=300.0, help="leave out what would take more processor seconds")
    parser.add_argument("--minutes", type=float, help="begin no measurement later than this")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--table", type=Path, help="print the table of figures that were kept, and run nothing")
    options = parser.parse_args()
    if options.table:
        print(table(json.loads(options.table.read_text(encoding="utf-8"))))
    else:
        print(table(run(sorted(options.rows), options.methods, options.limit, options.minutes, options.json)))


if __name__ == "__main__":
    main()
