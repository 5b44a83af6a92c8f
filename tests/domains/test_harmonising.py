import numpy as np
import pytest

from dacompare.domains import load_transfer
from dacompare.domains.domain import Domain
from dacompare.domains.harmonising import only_classes, same_labels, standardised
from dacompare.domains.loaded import DataFile, LoadedDomain


def _loaded(X, y=None, test=None, **names):
    return LoadedDomain(Domain(X, y, **names), test)


def test_only_the_rows_of_some_classes_stay_of_the_test_set_too():
    test = Domain([[5.0], [6.0]], ["dog", "fox"])
    kept = only_classes(_loaded([[1.0], [2.0], [3.0]], ["cat", "dog", "cat"], test), ["cat", "fox"])
    assert kept.train.X.ravel().tolist() == [1, 3]
    assert kept.test.y.tolist() == ["fox"]


def test_classes_that_no_row_has_are_refused():
    with pytest.raises(ValueError, match="names 'fox', which no row of '' has; its labels are 'cat', 'dog'"):
        only_classes(_loaded([[1.0], [2.0]], ["cat", "dog"]), ["cat", "fox"])
    with pytest.raises(ValueError, match="has no labels"):
        only_classes(_loaded([[1.0]]), ["cat"])


def test_numbers_become_text_only_beside_text():
    numbers, floats = _loaded([[1.0], [2.0]], [7, 10]), _loaded([[1.0], [2.0]], [7.0, 10.0])
    text = _loaded([[1.0]], ["7"])
    for other in (numbers, floats):
        assert same_labels({"source": other, "target": text})["source"].train.y.tolist() == ["7", "10"]
    assert same_labels({"source": numbers, "target": floats})["source"] is numbers
    assert same_labels({"source": numbers, "target": _loaded([[1.0]])})["source"] is numbers


def test_a_number_becomes_the_name_of_its_class():
    named = _loaded([[1.0], [2.0]], [3, 5], class_names=["three", "five"])
    counted = _loaded([[1.0], [2.0]], [0, 2], class_names=["a", "b", "c"])
    text = _loaded([[1.0]], ["five"])
    assert same_labels({"source": named, "target": text})["source"].train.y.tolist() == ["three", "five"]
    assert same_labels({"source": counted, "target": text})["source"].train.y.tolist() == ["a", "c"]


def test_both_domains_get_the_map_of_the_source(rng):
    X = rng.normal(3.0, [1.0, 1000.0, 0.0], size=(50, 3))
    loaded = standardised({"source": _loaded(X, [0, 1] * 25), "target": _loaded(X + np.array([1.0, 2000.0, 5.0]))})
    source, target = loaded["source"].train.X, loaded["target"].train.X
    np.testing.assert_allclose(source.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(source.std(axis=0), [1, 1, 0], atol=1e-9)
    np.testing.assert_allclose(target - source, np.tile([1, 2000, 5] / np.array([*X.std(axis=0)[:2], 1]), (50, 1)))


def test_recipes_ask_for_it(tmp_path, rng):
    X = rng.normal(size=(40, 2)) * [1, 500]
    np.savez(tmp_path / "old.npz", X=X, y=np.arange(40) % 2)
    np.savez(tmp_path / "new.npz", X=X, y=np.array(["0", "1", "x", "1"] * 10))
    source = {"domain": "npz", "path": "old.npz", "unit_variance": True}
    target = {"domain": "npz", "path": "new.npz", "classes": ["0", "1"]}
    transfer = load_transfer(source, target, {"protocol": "transductive"}, base=tmp_path).transfer
    assert (transfer.classes.tolist(), transfer.target.n_rows) == (["0", "1"], 30)
    assert 0.8 < transfer.target.X.std(axis=0).min() < 1.2
    for table, message in (
        ({**source, "classes": []}, "at least one label"),
        ({**source, "classes": "cat"}, "must be a list of labels"),
        ({**source, "unit_variance": 1}, "must be true or false"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            load_transfer(table, target, base=tmp_path)
    with pytest.raises(ValueError, match="unit_variance belongs to .source."):
        load_transfer(source, {**target, "unit_variance": True}, base=tmp_path)


def test_rows_of_other_classes_are_counted_in_the_first_file():
    files = (DataFile("new.csv", "0" * 64, 10, left_out=2), DataFile("test.csv", "1" * 64, 10))
    test = Domain([[4.0], [5.0]], ["cat", "owl"])
    loaded = LoadedDomain(Domain([[1.0], [2.0], [3.0]], ["cat", "dog", "owl"]), test, files)
    kept = only_classes(loaded, ["cat", "dog"])
    assert [file.left_out for file in kept.files] == [4, 0]
    assert only_classes(LoadedDomain(Domain([[1.0]], ["cat"])), ["cat"]).files == ()
