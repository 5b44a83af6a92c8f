import copy
import dataclasses
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import cross_val_score

from dacompare.domains import Domain


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    return rng.normal(size=(6, 3)), np.array(list("abcabc")), np.array([1, 1, 2, 2, 3, 3])


def test_arrays_are_read_only_views_and_the_callers_stay_writeable(arrays):
    X, y, groups = arrays
    domain = Domain(X, y, groups=groups)
    for mine, theirs in ((domain.X, X), (domain.y, y), (domain.groups, groups)):
        assert np.shares_memory(mine, theirs)
        assert theirs.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            mine[0] = mine[1]


def test_a_domain_is_frozen(arrays):
    with pytest.raises(dataclasses.FrozenInstanceError):
        Domain(arrays[0]).X = arrays[0]


def test_a_domain_has_nothing_that_scikit_learn_could_slice_by(arrays):
    domain = Domain(arrays[0])
    assert not any(hasattr(domain, name) for name in ("__len__", "shape", "__array__", "__getitem__", "iloc"))


def test_cross_validation_passes_a_domain_whole(arrays):
    class Recorder(ClassifierMixin, BaseEstimator):
        sizes = []

        def fit(self, X, y, *, X_target=None):
            self.classes_ = np.unique(y)
            self.sizes.append(X_target.n_rows)
            return self

        def predict(self, X):
            return np.repeat(self.classes_[:1], len(X))

    X, y = np.zeros((12, 2)), np.arange(12) % 2
    cross_val_score(Recorder(), X, y, cv=3, params={"X_target": Domain(np.ones((12, 2)))})
    assert Recorder.sizes == [12, 12, 12]


def test_pickles_and_copies_are_equal_and_read_only(arrays):
    domain = Domain(arrays[0], arrays[1], groups=arrays[2], name="old", class_names="xyz")
    for other in (pickle.loads(pickle.dumps(domain)), copy.deepcopy(domain)):
        assert np.array_equal(other.X, domain.X)
        assert not other.X.flags.writeable
        assert not other.y.flags.writeable
        assert (other.name, other.class_names) == ("old", ("x", "y", "z"))
        assert joblib.hash(other) == joblib.hash(domain)


def test_the_joblib_hash_tells_domains_apart(arrays):
    X, y, _ = arrays
    hashes = {joblib.hash(domain) for domain in (Domain(X), Domain(X + 1), Domain(X, y), Domain(X, name="b"))}
    assert len(hashes) == 4


def test_a_read_only_memmap_is_taken_as_it_is(tmp_path):
    np.save(tmp_path / "X.npy", np.ones((3, 2)))
    X = np.load(tmp_path / "X.npy", mmap_mode="r")
    assert np.shares_memory(Domain(X).X, X)


def test_kind_and_row_shape():
    assert Domain(np.zeros((2, 5))).kind == "features"
    grey = Domain(np.zeros((2, 4, 5), np.uint8))
    assert (grey.kind, grey.row_shape, grey.n_rows) == ("image", (4, 5), 2)
    assert Domain(np.zeros((2, 4, 5, 3))).kind == "image"


def test_take_keeps_rows_labels_and_groups_together(arrays):
    X, y, groups = arrays
    part = Domain(X, y, groups=groups, name="n").take([4, 0])
    assert np.array_equal(part.X, X[[4, 0]])
    assert part.y.tolist() == ["b", "a"]
    assert part.groups.tolist() == [3, 1]
    assert part.name == "n"
    assert Domain(X, y).take(y == "a").n_rows == 2


def test_take_nothing_is_refused(arrays):
    for rows in ([], np.zeros(0, int)):
        with pytest.raises(ValueError, match="rows must name at least one row, got none"):
            Domain(arrays[0]).take(rows)
    with pytest.raises(ValueError, match="X is empty"):
        Domain(arrays[0]).take(np.zeros(6, bool))


def test_take_keeps_names_with_their_labels():
    domain = Domain(np.eye(3), [1, 2, 3], class_names=["one", "two", "three"])
    assert domain.take([1, 2]).class_names == ("two", "three")
    indexed = Domain(np.eye(3), [0, 1, 2], class_names=["nil", "one", "two"])
    assert indexed.take([0, 2]).class_names == ("nil", "one", "two")


def test_without_labels_drops_labels_only(arrays):
    X, y, groups = arrays
    domain = Domain(X, y, groups=groups)
    bare = domain.without_labels()
    assert bare.y is None
    assert bare.groups is not None
    assert domain.y is not None


def test_a_data_frame_gives_its_column_names():
    frame = pd.DataFrame({"length": [1.0, 2.0], "width": [3.0, 4.0]})
    assert Domain(frame).feature_names == ("length", "width")
    assert Domain(pd.DataFrame([[1.0, 2.0]])).feature_names is None


def test_repr_is_short_and_hostile_names_stay_on_one_line():
    text = repr(Domain(np.zeros((1000, 500)), name="<script>\n\x00'\""))
    assert "\n" not in text
    assert len(text) < 100
    assert "1,000 rows × 500 features, unlabelled" in text
