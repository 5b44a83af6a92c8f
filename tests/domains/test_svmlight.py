import re

import numpy as np
import pytest

from dacompare.domains import load_transfer
from dacompare.domains.svmlight import load_svmlight, read_svmlight


@pytest.fixture
def write(tmp_path):
    def write(text, name="mine.svmlight"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(tmp_path / name)

    return write


def test_rows_are_dense_and_labels_whole_numbers(write):
    loaded = load_svmlight(path=write("# a comment\n3 1:0.5 4:-2\n\n-1 qid:7 2:1e3 # another\n0\n"))
    assert loaded.train.X.tolist() == [[0.5, 0, 0, -2], [0, 1000, 0, 0], [0, 0, 0, 0]]
    assert loaded.train.X.dtype == np.float32
    assert loaded.train.y.tolist() == [3, -1, 0]
    assert loaded.train.y.dtype == np.int64
    assert loaded.train.name == "mine"
    assert loaded.test is None
    assert [file.name for file in loaded.files] == ["mine.svmlight"]


def test_labels_that_are_no_whole_numbers_stay_as_they_are(write):
    assert load_svmlight(path=write("0.5 1:1\n2 1:1\n")).train.y.tolist() == [0.5, 2.0]


def test_training_and_test_rows_get_one_width(write):
    narrow, wide = write("1 1:1\n2 2:1\n"), write("1 5:1\n", "wide.svmlight")
    loaded = load_svmlight(path=narrow, test_path=wide)
    assert (loaded.train.row_shape, loaded.test.row_shape) == ((5,), (5,))
    assert len(loaded.files) == 2
    assert load_svmlight(path=narrow, n_features=9).train.row_shape == (9,)


def test_indices_begin_at_one_unless_told_otherwise(write):
    path = write("1 0:3 1:4\n")
    assert load_svmlight(path=path, zero_based=True).train.X.tolist() == [[3, 4]]
    with pytest.raises(ValueError, match="line 1 of .*where the first feature has index 0, give zero_based = true"):
        load_svmlight(path=path)


@pytest.mark.parametrize(
    "line",
    [
        *(b"1 2:", b"1 2", b"1 a:1", b"1 2.5:1", b"1 3:1 2:1", b"1 2:1 2:1", b"1 -3:1", b"1,2 2:1", b"2:1 3:1"),
        *(b"spam 2:1", b"1 2:nan", b"1 2:1e40", b"nan 2:1", b"1 4000000000:1", b"1 99999999999999999999:1"),
        *(b"1 2:1\x00", b"\x1f\x8b\x08\x00 2:1"),
    ],
)
def test_the_first_bad_line_is_named_and_shown(line, write):
    path = write(b"# head\n1 1:1\n" + line + b"\n1 1:1\n1 also bad\n")
    shown = re.escape(ascii(line.decode("latin-1")))
    with pytest.raises(ValueError, match=rf"line 3 of .*mine\.svmlight cannot be read \(.*\), got {shown}; rows are"):
        load_svmlight(path=path)


def test_too_many_features_are_named(write):
    with pytest.raises(ValueError, match=r"line 2 of .* indices from 1 to 5 \(n_features = 5\)"):
        load_svmlight(path=write("1 5:1\n1 6:1\n"), n_features=5)
    with pytest.raises(ValueError, match="n_features must be an integer from 0 .* got -1"):
        load_svmlight(path=write("1 5:1\n"), n_features=-1)


@pytest.mark.parametrize("text", ["", "\n\n", "# only words\n"])
def test_a_file_without_rows_is_refused(text, write, tmp_path):
    write(text)
    with pytest.raises(ValueError, match=r"mine\.svmlight holds no row"):
        read_svmlight(tmp_path / "mine.svmlight")


def test_rows_that_would_fill_the_memory_are_refused_before_they_are_made(write):
    with pytest.raises(ValueError, match=r"2,000,000,000 features wide, would take 7\.5 GiB"):
        load_svmlight(path=write("1 2000000000:1\n"))


def test_a_recipe_reads_both_sides_and_drops_target_labels(write, tmp_path):
    rows = "".join(f"{1 - 2 * (i % 2)} 1:{i} 2:{i % 3}\n" for i in range(20))
    write(rows, "source.svmlight")
    write(rows, "target.svmlight")
    source, target = ({"domain": "svmlight", "path": f"{side}.svmlight"} for side in ("source", "target"))
    split = {"protocol": "transductive"}
    transfer = load_transfer(source, {**target, "labelled": False}, split, base=tmp_path).transfer
    assert transfer.classes.tolist() == [-1, 1]
    assert not transfer.has_target_labels


def test_a_target_that_lacks_the_last_feature_needs_a_width(write, tmp_path):
    write("1 1:1 2:5\n2 1:2 3:4\n" * 5, "source.svmlight")
    write("1 1:1 2:5\n2 1:2\n" * 5, "target.svmlight")
    source, target = ({"domain": "svmlight", "path": f"{side}.svmlight"} for side in ("source", "target"))
    split = {"protocol": "transductive", "source_test": False}
    with pytest.raises(ValueError, match=r"rows of one shape, got \(3,\) and \(2,\)"):
        load_transfer(source, target, split, base=tmp_path)
    with pytest.warns(UserWarning, match="constant"):
        transfer = load_transfer(source, {**target, "n_features": 3}, split, base=tmp_path).transfer
    assert transfer.target.row_shape == (3,)
