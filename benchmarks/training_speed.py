"""Time a training step and a prediction of the image network on processor and GPU, in float32 and in bf16.

Run ``python benchmarks/training_speed.py --json FILE``. Every contestant is measured in this one process, one after the
other, on the same rows; a device that torch does not see is left out and named. The rows are noise: what is timed does
not depend on them.
"""

import argparse
import json
import statistics
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dacompare.deep import DANNClassifier, SourceOnlyClassifier
from dacompare.environment import describe_environment

CONTESTANTS = (("cpu", "float32"), ("cpu", "bf16"), ("cuda", "float32"), ("cuda", "bf16"))
NAMES = {"cpu": "processor", "cuda": "GPU"}
METHODS = {"source-only": SourceOnlyClassifier, "dann": DANNClassifier}
ROWS = 8192


def measure(device: str, precision: str, method: str, batch: int, rounds: int, steps: int) -> dict[str, Any]:
    """Return milliseconds a training step and microseconds a predicted row, each with all that was measured.

    The first round warms up and does not count. A round ends with a loss that is read, so that the GPU has done by
    then whatever it was told to do.
    """
    rng = np.random.default_rng(0)
    X, X_target = rng.integers(0, 256, (2, ROWS, 28, 28, 3), dtype=np.uint8)
    y = np.arange(ROWS) % 10
    ends: list[float] = []

    def look(step: int, estimator: Any) -> dict[str, Any]:
        ends.append(time.perf_counter())
        return {}

    estimator = METHODS[method](
        "mnist",
        device=device,
        precision=precision,
        max_steps=(rounds + 1) * steps,
        batch_size=batch,
        monitor_every=steps,
        learning_rate=1e-4,
        random_state=0,
    )
    estimator.fit(X, y, X_target=X_target, monitor=look)
    step_ms = [1000 * (after - before) / steps for before, after in pairwise(ends[1:])]
    row_us = []
    for _ in range(3):
        started = time.perf_counter()
        estimator.predict(X_target[:2048])
        row_us.append(1e6 * (time.perf_counter() - started) / 2048)
    return {
        "device": device,
        "precision": precision,
        "method": method,
        "batch": batch,
        "step_ms": statistics.median(step_ms),
        "step_ms_all": step_ms,
        "row_us": statistics.median(row_us),
        "row_us_all": row_us,
    }


def ratios(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines, each with how many times faster than float32 on the processor it is.

    Examples
    --------
    >>> slow = {"device": "cpu", "precision": "float32", "method": "dann", "batch": 128, "step_ms": 20.0, "row_us": 9.0}
    >>> fast = slow | {"device": "cuda", "step_ms": 2.0, "row_us": 3.0}
    >>> [(line["step_ratio"], line["row_ratio"]) for line in ratios([slow, fast])]
    [(1.0, 1.0), (10.0, 3.0)]
    """
    base = {(at["method"], at["batch"]): at for at in lines if (at["device"], at["precision"]) == ("cpu", "float32")}
    found = []
    for line in lines:
        slow = base[line["method"], line["batch"]]
        ratio = {f"{what}_ratio": slow[unit] / line[unit] for what, unit in (("step", "step_ms"), ("row", "row_us"))}
        found.append(line | ratio)
    return found


def table(lines: list[dict[str, Any]]) -> str:
    """Return what the README shows: the cost of a step, and how many times faster than float32 on the processor."""
    by = {(line["method"], line["batch"], line["device"], line["precision"]): line for line in lines}
    head = ["| training, rows a step | " + " | ".join(f"{NAMES[d]}, {p}" for d, p in CONTESTANTS) + " |"]
    head.append("| --- |" + " ---: |" * len(CONTESTANTS))
    for method, batch in dict.fromkeys((line["method"], line["batch"]) for line in lines):
        own = [by[method, batch, *contestant] for contestant in CONTESTANTS]
        cells = [f"{line['step_ms']:.1f} ms, {line['step_ratio']:.1f}x" for line in own]
        head.append(f"| {method}, {batch:,} | " + " | ".join(cells) + " |")
    return "\n".join(head)


def main() -> None:
    """Measure, print a table and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20, help="steps a round, two or more")
    parser.add_argument("--batches", type=int, nargs="+", default=[128, 2048])
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    started = time.perf_counter()
    left_out = [] if torch.cuda.is_available() else ["cuda: torch sees no GPU"]
    lines = []
    for batch in args.batches:
        for method in METHODS:
            for device, precision in CONTESTANTS:
                if device == "cuda" and left_out:
                    continue
                steps = max(2, args.steps * 128 // batch) if device == "cpu" else 5 * args.steps
                lines.append(measure(device, precision, method, batch, args.rounds, steps))
    lines = ratios(lines)
    for line in lines:
        what = f"{line['method']:12} {line['batch']:5} {line['device']:5} {line['precision']:8}"
        cost = f"{line['step_ms']:8.2f} ms a step (1/{line['step_ratio']:.1f})"
        print(what, cost, f"{line['row_us']:7.1f} us a row (1/{line['row_ratio']:.1f})")
    if args.json:
        machine = describe_environment(
            {"threads": 1, "device": "auto", "precision": "float32 and bf16"}, 1, time.perf_counter() - started
        )
        text = json.dumps({"lines": lines, "left_out": left_out, "environment": machine}, indent=1)
        args.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
