"""What the tests of domains share: the real data folder, where there is one."""

import os
from pathlib import Path

import pytest


@pytest.fixture
def data_folder() -> Path:
    folder = os.environ.get("DACOMPARE_DATA")
    if not folder:
        pytest.skip("DACOMPARE_DATA is not set")
    return Path(folder)
