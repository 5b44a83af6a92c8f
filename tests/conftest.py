"""Fixtures that many tests share."""

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest

# Read by torch, BLAS and OpenMP before any of them starts: small arrays are slower on several threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture
def rng() -> np.random.Generator:
    """Return a seeded generator of its own for each test."""
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def sample():
    """Return the function that makes a results dict."""
    # By path: tests are no package.
    path = Path(__file__).with_name("report") / "sample_results.py"
    spec = importlib.util.spec_from_file_location("sample_results", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.sample_results


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of real data, or skip the test where there is none."""
    folder = os.environ.get("DACOMPARE_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("DACOMPARE_DATA names no folder")
    return Path(folder)
