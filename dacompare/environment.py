"""Describe the machine, the packages and the cost of a run."""

import importlib.metadata
import os
import platform
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

PACKAGES = (
    "dacompare",
    "torch",
    "scikit-learn",
    "numpy",
    "scipy",
    "matplotlib",
    "openTSNE",
    "joblib",
    "pillow",
)
UNKNOWN = "unknown"
EXTRAS = ("POT",)
"""Named where they are installed."""


def describe_environment(
    training: dict[str, Any], n_jobs: int, wall_seconds: float, worker_memory_mb: float = 0.0
) -> dict[str, Any]:
    """Return what a reader needs to know about where the numbers come from.

    Parameters
    ----------
    training : dict
        The recipe's training table: precision, threads, device.
    n_jobs : int
        Processes used side by side.
    wall_seconds : float
        Of the whole run, stages that were found finished not counted again.
    worker_memory_mb : float
        Peak memory of the largest worker process.
    """
    return {
        "python": platform.python_version(),
        "packages": _versions(),
        "cpu": _cpu_name(),
        "cores": available_cores(),
        "threads": training["threads"],
        "n_jobs": n_jobs,
        "device": training["device"],
        "gpu": _gpu_name(training["device"]),
        "precision": training["precision"],
        "wall_seconds": wall_seconds,
        "peak_memory_mb": max(peak_memory_mb(), worker_memory_mb),
        "commit": _commit(),
    }


def available_cores() -> int:
    """Return the cores that this process may use, which containers restrict."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


def _versions() -> dict[str, str]:
    versions = {name: _version(name) for name in (*PACKAGES, *EXTRAS)}
    return {name: version for name, version in versions.items() if name in PACKAGES or version != UNKNOWN}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return UNKNOWN


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _gpu_name(device: str) -> str | None:
    if device == "cpu":
        return None
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


def peak_memory_mb() -> float:
    """Return the largest resident size that this process ever had, in MiB; pages of mapped files count.

    Examples
    --------
    >>> 1 < peak_memory_mb() < 1e6
    True
    """
    try:
        # What getrusage says of a new process may still be the size of the one that started it.
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 2**10
    except (OSError, StopIteration):
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _commit() -> str | None:
    """Return the commit of the checkout that this package runs from, or None for an installed wheel."""
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return None
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
        return answer.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
