from pathlib import Path

import numpy as np
import pytest

from dacompare.domains.npz import load_npz


@pytest.fixture
def save(tmp_path):
    def save(**arrays):
        np.savez(tmp_path / "mine.npz", **arrays)
        return str(tmp_path / "mine.npz")

    return save


@pytest.fixture
def arrays():
    X = np.random.default_rng(0).normal(size=(6, 2))
    return {"X_source": X, "y_source": np.array([3, 5] * 3), "X_target": X + 1}


def test_both_sides_are_read_with_all_they_have(save, arrays):
    path = save(
        **arrays,
        y_target=arrays["y_source"],
        groups_target=np.arange(6),
        X_target_test=arrays["X_target"][:2],
        y_target_test=np.array([3, 3]),
        class_names=np.array(["three", "five"]),
    )
    source, target = load_npz(path=path, side="source"), load_npz(path=path, side="target")
    assert source.train.class_names == ("three", "five")
    assert source.test is None
    assert target.train.groups.tolist() == [0, 1, 2, 3, 4, 5]
    assert target.test.n_rows == 2
    assert target.train.name == "mine"
    assert target.files[0].name == "mine.npz"


def test_an_unlabelled_target_is_read(save, arrays):
    assert load_npz(path=save(**arrays), side="target").train.y is None


def test_missing_and_unknown_keys_are_named_with_the_nearest(save, arrays):
    arrays["y_sourec"] = arrays.pop("y_source")
    with pytest.raises(ValueError, match=r"lacks y_source, did you mean 'y_sourec'\?; it holds X_source, X_target"):
        load_npz(path=save(**arrays))
    arrays["y_source"] = arrays["y_sourec"]
    with pytest.raises(ValueError, match="unknown key 'y_sourec', did you mean 'y_source'"):
        load_npz(path=save(**arrays))


def test_test_labels_need_test_rows(save, arrays):
    with pytest.raises(ValueError, match="y_target_test, but not X_target_test"):
        load_npz(path=save(**arrays, y_target_test=np.zeros(2)), side="target")


def test_python_objects_are_refused_unread(save, arrays):
    arrays["y_source"] = np.array([{"run": "me"}] * 6, dtype=object)
    with pytest.raises(ValueError, match=r"y_source in .* cannot be read .*Python objects are refused"):
        load_npz(path=save(**arrays))


def test_bad_arrays_are_named_with_the_file(save, arrays):
    arrays["X_target"] = np.full((6, 2), np.nan)
    with pytest.raises(ValueError, match=r"X_target of .*mine\.npz: X holds 12 NaN"):
        load_npz(path=save(**arrays), side="target")


def test_files_that_are_missing_or_no_npz_are_refused(tmp_path, save, arrays):
    with pytest.raises(FileNotFoundError, match="path must name an npz file, got"):
        load_npz(path=str(tmp_path / "none.npz"))
    whole = save(**arrays)
    (tmp_path / "cut.npz").write_bytes(Path(whole).read_bytes()[:200])
    with pytest.raises(ValueError, match="no npz file, or a truncated one"):
        load_npz(path=str(tmp_path / "cut.npz"))
    with pytest.raises(ValueError, match="side must be one of 'source', 'target', got 'left'"):
        load_npz(path=whole, side="left")


def test_a_file_may_hold_one_domain_alone(save, arrays, tmp_path):
    path = save(X=arrays["X_source"], y=arrays["y_source"], groups=np.arange(6), class_names=np.array(["a", "b"]))
    for side in ("source", "target"):
        loaded = load_npz(path=path, side=side)
        assert loaded.train.y.tolist() == [3, 5] * 3
        assert loaded.train.class_names == ("a", "b")
        assert (loaded.train.groups.tolist(), loaded.test) == (list(range(6)), None)
    np.savez(tmp_path / "test.npz", X=arrays["X_target"][:2])
    loaded = load_npz(path=path, test_path=str(tmp_path / "test.npz"))
    assert (loaded.test.n_rows, loaded.test.y, len(loaded.files)) == (2, None, 2)
    both = save(**arrays, X=arrays["X_source"])
    with pytest.raises(ValueError, match="holds X, so it is one domain alone, but also X_source"):
        load_npz(path=both)


def test_a_test_set_is_given_once(save, arrays):
    path = save(**arrays, X_target_test=arrays["X_target"])
    with pytest.raises(ValueError, match="holds X_target_test already"):
        load_npz(path=path, test_path=path, side="target")
