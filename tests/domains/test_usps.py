import gzip

import numpy as np
import pytest

from dacompare.domains.usps import load_usps, read_usps


def _write(path, rows):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress("\n".join(" ".join(map(str, row)) for row in rows).encode()))


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    monkeypatch.setenv("DACOMPARE_DATA", str(tmp_path))
    for name, labels in (("zip.train.gz", (6.0, 5.0, 0.0)), ("zip.test.gz", (9.0,))):
        _write(tmp_path / "usps" / name, [[label, -1, 0, 1, *[-0.5] * 253] for label in labels])
    return tmp_path / "usps"


def test_values_become_grey_and_the_split_stays(tiny):
    loaded = load_usps(size=16)
    assert loaded.train.y.tolist() == [6, 5, 0]
    assert loaded.test.y.tolist() == [9]
    assert loaded.train.X[0, 0, :4].tolist() == [0, 128, 255, 64]
    assert loaded.train.X.dtype == np.uint8
    assert [file.name for file in loaded.files] == ["usps/zip.train.gz", "usps/zip.test.gz"]
    assert load_usps().train.row_shape == (28, 28)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([11, *[0] * 256], "labels from 0 to 9, got"),
        ([1.5, *[0] * 256], "labels from 0 to 9, got"),
        ([1, *[0] * 255], "a label and 256 values a line"),
        ([1, 1.5, *[0] * 255], "values from -1 to 1, got"),
        ([1, "nan", *[0] * 255], "values from -1 to 1, got"),
        ([1, "ink", *[0] * 255], "truncated or no gzip of numbers"),
    ],
)
def test_what_cannot_be_is_named(row, message, tiny):
    _write(tiny / "zip.train.gz", [row])
    with pytest.raises(ValueError, match=message):
        read_usps(tiny / "zip.train.gz")


def test_a_truncated_file_is_refused(tiny):
    path = tiny / "zip.train.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(ValueError, match="truncated"):
        load_usps()
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"usps/zip\.train\.gz was not found"):
        load_usps()


@pytest.mark.data
def test_the_real_files_hold_the_official_numbers_of_digits(data_folder):
    loaded = load_usps()
    assert (loaded.train.n_rows, loaded.test.n_rows) == (7291, 2007)
    assert np.bincount(loaded.train.y).tolist() == [1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644]
