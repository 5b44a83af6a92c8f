"""Large arrays lie in files that every process maps; nothing else about a transfer changes."""

from pathlib import Path

import numpy as np
import pytest
from joblib import Parallel, delayed

from dacompare.domains import LoadedTransfer, Transfer, hash_arrays, prepare
from dacompare.domains.prepared import SMALL


@pytest.fixture
def loaded(rng):
    images = rng.integers(0, 256, size=(900, 28, 28, 3), dtype=np.uint8)
    y = np.arange(900) % 3
    transfer = Transfer.from_arrays(
        images, y, images[:600], y[:600], X_target_test=images[600:], y_target_test=y[600:], title="T", slug="t"
    )
    return LoadedTransfer(transfer, [{"name": "a"}], {"source": {"seed": 1}})


def file_of(array):
    """Return the file behind an array, however many views lie over it."""
    while array is not None and not isinstance(array, np.memmap):
        array = array.base
    return None if array is None else Path(array.filename)


def test_rows_are_the_same_and_lie_in_files_where_they_are_large(loaded, tmp_path):
    prepared = prepare(loaded, tmp_path)
    assert (prepared.files, prepared.generator) == (loaded.files, loaded.generator)
    for name, domain in loaded.transfer.domains.items():
        mapped = prepared.transfer.domains[name]
        np.testing.assert_array_equal(mapped.X, domain.X)
        np.testing.assert_array_equal(mapped.y, domain.y)
        assert not mapped.X.flags.writeable
        assert (file_of(mapped.X) is not None) == (domain.X.nbytes >= SMALL)
    assert repr(prepared.transfer) == repr(loaded.transfer)
    assert {file.name for file in tmp_path.iterdir()} == {
        f"{hash_arrays(domain.X)[:16]}.npy" for domain in loaded.transfer.domains.values() if domain.X.nbytes >= SMALL
    }


def test_another_process_maps_the_same_file(loaded, tmp_path):
    transfer = prepare(loaded, tmp_path).transfer
    seen = Parallel(n_jobs=2)(delayed(_file_seen)(t) for t in (transfer, transfer))
    assert seen == [file_of(transfer.source.X)] * 2


def _file_seen(transfer):
    # Written out again: a test module is no package that a worker could import from.
    array = transfer.source.X
    while array is not None and type(array).__name__ != "memmap":
        array = array.base
    return None if array is None else Path(array.filename)


def test_a_file_is_used_again_and_a_damaged_one_is_not(loaded, tmp_path):
    prepare(loaded, tmp_path)
    whole, short, *_ = sorted(tmp_path.iterdir())
    before = whole.stat().st_mtime_ns
    content = short.read_bytes()
    short.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    prepare(loaded, tmp_path)
    assert whole.stat().st_mtime_ns == before
    assert short.read_bytes() == content
    short.write_bytes(content[:100])
    prepare(loaded, tmp_path)
    assert short.read_bytes() == content


def test_files_of_other_data_are_removed(loaded, tmp_path):
    prepare(loaded, tmp_path)
    first = set(tmp_path.iterdir())
    other = Transfer.from_arrays(
        255 - np.asarray(loaded.transfer.source.X), loaded.transfer.source.y, loaded.transfer.target.X, test_size=None
    )
    prepare(LoadedTransfer(other, [], None), tmp_path)
    left = set(tmp_path.iterdir())
    assert len(left) == 2
    assert len(left & first) == 1
