"""Time a linear SVM on rows of more columns than rows: as scikit-learn trains it, and in the space of the rows.

Run ``python benchmarks/wide_rows.py --json FILE``. Rows are counts of words under ten topics, and what marginalised
denoising makes of them, five layers deep: columns that depend on each other make the SVM take many steps. Both
contestants get the same rows, one after the other in one process with one thread, and end at the same weights.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from dacompare.environment import describe_environment
from dacompare.shallow import MarginalisedDenoising, WideLinearSVC

ROWS, WORDS, CLASSES = 200, 800, 10
SETTINGS: dict[str, Any] = {"tol": 1e-4, "max_iter": 10_000, "random_state": 0}
CONTESTANTS = {"LinearSVC": LinearSVC, "WideLinearSVC": WideLinearSVC}


def documents(random_state: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return standardised counts of words, of mean length 1, and their topics."""
    rng = np.random.default_rng(random_state)
    topics = rng.gamma(0.3, size=(CLASSES, WORDS))
    y = np.arange(ROWS) % CLASSES
    counts = rng.poisson(rng.gamma(0.5, 2.0, (ROWS, WORDS)) * topics[y] + 0.3).astype(np.float64)
    X = (counts - counts.mean(axis=0)) / np.maximum(counts.std(axis=0), 1e-9)
    return X / np.sqrt((X**2).sum(axis=1).mean()), y


def measure(name: str, X: NDArray[np.float64], y: NDArray[np.int64], rounds: int) -> dict[str, Any]:
    """Return seconds of each contestant and how far their weights are apart."""
    seconds: dict[str, list[float]] = {contestant: [] for contestant in CONTESTANTS}
    fitted = {}
    for _ in range(rounds):
        for contestant, cls in CONTESTANTS.items():
            started = time.perf_counter()
            fitted[contestant] = cls(**SETTINGS).fit(X, y)
            seconds[contestant].append(time.perf_counter() - started)
    plain, wide = fitted.values()
    medians = {contestant: statistics.median(own) for contestant, own in seconds.items()}
    return {
        "rows": name,
        "shape": list(X.shape),
        "seconds": medians,
        "seconds_all": seconds,
        "ratio": medians["LinearSVC"] / medians["WideLinearSVC"],
        "steps": [int(svm.n_iter_) for svm in (plain, wide)],
        "weights_apart": float(np.abs(plain.coef_ - wide.coef_).max() / np.abs(plain.coef_).max()),
    }


def table(lines: list[dict[str, Any]]) -> str:
    """Return what the README shows."""
    head = ["| rows | columns | LinearSVC | WideLinearSVC | times as fast | weights apart |", "| --- |" + " ---: |" * 5]
    for line in lines:
        plain, wide = line["seconds"].values()
        cells = (
            f"{line['shape'][1]:,} | {plain:.2f} s | {wide:.2f} s | {line['ratio']:.1f} | {line['weights_apart']:.0e}"
        )
        head.append(f"| {line['rows']} | {cells} |")
    return "\n".join(head)


def what_is_made_of_them() -> dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]]:
    """Return what is made of the documents, by name."""
    made: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {"words": lambda X: X}
    for noise in (0.3, 0.5, 0.7):
        made[f"denoised, noise {noise}"] = MarginalisedDenoising(noise).fit_transform
    return made


def main() -> None:
    """Measure, print a table and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    started = time.perf_counter()
    X, y = documents(0)
    with threadpool_limits(1):
        lines = [measure(name, make(X), y, args.rounds) for name, make in what_is_made_of_them().items()]
    print(table(lines))
    if args.json:
        machine = describe_environment(
            {"threads": 1, "device": "cpu", "precision": "float64"}, 1, time.perf_counter() - started
        )
        args.json.write_text(json.dumps({"lines": lines, "environment": machine}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
