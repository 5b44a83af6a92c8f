import base64
import io

import numpy as np
import pytest
from PIL import Image

from dacompare.domains import Domain, Transfer
from dacompare.stages.show import TILES, changed_tiles, disputed_rows, example_sheets


def _image(text):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))))


@pytest.fixture
def transfer(rng):
    X = rng.integers(0, 256, (40, 28, 28, 3), dtype=np.uint8)
    y = np.array(list("abcd") * 10)
    return Transfer(Domain(X, y), Domain(X[::-1], y[::-1]), protocol="transductive")


def test_a_sheet_shows_a_class_each_first(transfer):
    sheet = example_sheets(transfer, 6)["source"]
    assert sheet["labels"][:4] == [0, 1, 2, 3]
    assert sheet["columns"] == len(sheet["labels"]) == 6
    strip = _image(sheet["png_base64"])
    assert strip.shape == (56, 6 * 56, 3)
    assert np.array_equal(strip[::2, :56:2], transfer.source.X[0])


def test_vectors_and_zero_examples_give_no_sheet(transfer):
    vectors = Transfer(Domain(np.eye(4), [0, 1, 0, 1]), Domain(np.eye(4)), protocol="transductive")
    assert example_sheets(vectors, 5) == {"source": None, "target": None}
    assert example_sheets(transfer, 0) == {"source": None, "target": None}


def test_an_unlabelled_target_has_a_sheet_without_labels(transfer):
    bare = Transfer(transfer.source, transfer.target.without_labels(), protocol="transductive")
    assert example_sheets(bare, 5)["target"]["labels"] is None


def test_tiles_show_what_changed_and_how(transfer):
    truth = np.searchsorted(transfer.classes, transfer.target.y)
    before, after = truth.copy(), truth.copy()
    before[3] = (truth[3] + 1) % 4
    after[5] = (truth[5] + 2) % 4
    tiles = changed_tiles(transfer, before, after, method="dann", seed=7)
    fixed, broken = tiles["fixed"], tiles["broken"]
    assert [(t["index"], t["true"], t["before"], t["after"]) for t in fixed] == [(3, truth[3], before[3], truth[3])]
    assert [(t["index"], t["after"], t["seed"], t["method"]) for t in broken] == [(5, after[5], 7, "dann")]
    assert np.array_equal(_image(fixed[0]["png_base64"])[::2, ::2], transfer.target.X[3])
    assert len(changed_tiles(transfer, (truth + 1) % 4, truth, method="dann", seed=0)["fixed"]) == TILES


def test_the_most_disputed_rows_come_first_and_agreed_ones_never(transfer):
    agreed = np.zeros(40, dtype=np.int64)
    second, third = agreed.copy(), agreed.copy()
    second[[4, 9]] = 1
    third[9] = 2
    found = disputed_rows(transfer, {"a": agreed, "b": second, "c": third}, seed=3)
    assert [(row["index"], row["said"]) for row in found["rows"]] == [(9, [0, 1, 2]), (4, [0, 1, 0])]
    assert (found["methods"], found["seed"]) == (["a", "b", "c"], 3)
    assert np.array_equal(_image(found["rows"][0]["png_base64"])[::2, ::2], transfer.target.X[9])
    assert disputed_rows(transfer, {"a": agreed, "b": agreed}, seed=0)["rows"] == []
    assert len(disputed_rows(transfer, {"a": agreed, "b": agreed + 1}, seed=0)["rows"]) == TILES
    assert disputed_rows(transfer, {"a": agreed}, seed=0) is None


def test_disputed_vectors_have_no_picture():
    vectors = Transfer(Domain(np.eye(4), [0, 1, 0, 1]), Domain(np.eye(4)), protocol="transductive")
    found = disputed_rows(vectors, {"a": np.array([0, 1, 0, 1]), "b": np.array([0, 0, 0, 1])}, seed=0)
    assert found["rows"] == [{"index": 1, "said": [1, 0], "png_base64": None}]
