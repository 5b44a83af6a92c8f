import hashlib

import numpy as np

from dacompare.domains import hash_arrays
from dacompare.domains.loaded import DataFile, describe_arrays, describe_file


def test_a_hash_covers_values_shape_type_and_order():
    a, b = np.arange(6, dtype=np.int32), np.arange(6, dtype=np.int64)
    hashes = [
        hash_arrays(a),
        hash_arrays(b),
        hash_arrays(a.reshape(2, 3)),
        hash_arrays(a[::-1]),
        hash_arrays(a, b),
    ]
    assert len({*hashes, hash_arrays(b, a)}) == 6
    assert hash_arrays(a) == hash_arrays(a.copy())


def test_a_hash_ignores_memory_layout():
    a = np.arange(6).reshape(2, 3)
    assert hash_arrays(np.asfortranarray(a)) == hash_arrays(a)
    assert hash_arrays(np.zeros((0, 2))) != hash_arrays(np.zeros((2, 0)))


def test_descriptions_are_plain(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(b"abc")
    file = describe_file("x", path)
    assert file == DataFile("x", hashlib.sha256(b"abc").hexdigest(), 3)
    assert set(file.to_dict()) == {"name", "sha256", "bytes"}
    assert describe_arrays("a", np.zeros(2), np.zeros(1, np.uint8)).bytes == 17
