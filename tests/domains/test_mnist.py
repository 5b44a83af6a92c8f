import gzip
import struct

import numpy as np
import pytest

from dacompare.domains.mnist import MD5, load_mnist, read_idx


def idx(array, magic=b"\x00\x00\x08"):
    return magic + bytes([array.ndim]) + struct.pack(f">{array.ndim}i", *array.shape) + array.tobytes()


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "a.gz"
        path.write_bytes(content)
        return path

    return write


def test_idx_files_are_read_as_their_head_says(write):
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    assert np.array_equal(read_idx(write(gzip.compress(idx(array)))), array)


def test_broken_idx_files_are_refused_in_words(write):
    whole = idx(np.zeros((2, 3), np.uint8))
    for content, message in (
        (b"hello", "truncated or no gzip file"),
        (gzip.compress(whole)[:-9], "truncated or no gzip file"),
        (gzip.compress(whole[:-1]), r"its head says \(2, 3\), but 5 bytes follow"),
        (gzip.compress(whole + b"x"), r"its head says \(2, 3\), but 7 bytes follow"),
        (gzip.compress(idx(np.zeros(3, np.uint8), b"\x00\x00\x0d")), "magic number 00 00 08, got '00 00 0d'"),
        (gzip.compress(b"\x00\x00"), "magic number"),
        (gzip.compress(b"\x00\x00\x08\x03\x00\x00"), "magic number"),
    ):
        with pytest.raises(ValueError, match=message):
            read_idx(write(content))


def test_files_that_are_not_the_official_ones_are_never_used(tmp_path, monkeypatch):
    monkeypatch.setenv("DACOMPARE_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"mnist/train-images-idx3-ubyte.gz.*ossci-datasets"):
        load_mnist()
    (tmp_path / "mnist").mkdir()
    for name in MD5:
        (tmp_path / "mnist" / name).write_bytes(gzip.compress(idx(np.zeros((1, 28, 28), np.uint8)), mtime=0))
    with pytest.raises(ValueError, match=r"truncated or altered: its md5 is \w+, the official one is f68b3c2d"):
        load_mnist()


@pytest.mark.data
def test_mnist_is_whole_and_its_groups_are_its_indices(data_folder):
    loaded = load_mnist(size=32)
    assert loaded.train.X.shape == (60_000, 32, 32)
    assert loaded.test.X.shape == (10_000, 32, 32)
    assert loaded.train.y[:5].tolist() == [5, 0, 4, 1, 9]
    assert (loaded.train.groups[-1], loaded.test.groups[0]) == (59_999, 60_000)
    assert not loaded.train.X[:, :2].any()
    assert not loaded.train.X[:, :, -2:].any()
    assert [file.name for file in loaded.files] == [f"mnist/{name}" for name in MD5]
