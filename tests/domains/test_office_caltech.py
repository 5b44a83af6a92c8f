import hashlib

import numpy as np
import pytest
from scipy.io import savemat

from dacompare.domains import load_transfer, office_caltech
from dacompare.domains.office_caltech import CLASSES, load_office_caltech

COUNTS = {"amazon": 958, "caltech": 1123, "dslr": 157, "webcam": 295}


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A data folder with ten photos of dslr, one of each class, and the checksum of that file."""
    monkeypatch.setenv("DACOMPARE_DATA", str(tmp_path))
    (tmp_path / "office_caltech10_surf").mkdir()
    path = tmp_path / "office_caltech10_surf" / "dslr_SURF_L10.mat"
    counts = np.zeros((10, 800), np.uint8)
    counts[:, 0], counts[:, 1] = 200, np.arange(10)
    savemat(path, {"fts": counts, "labels": np.arange(1, 11)[:, None].astype(np.uint8), "other": "unread"})
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setitem(office_caltech.FILES, "dslr", ("dslr_SURF_L10.mat", digest))
    return path


def test_rows_are_divided_by_their_sums(tiny):
    X = load_office_caltech(part="dslr").train.X
    np.testing.assert_allclose(X.sum(axis=1), 1)
    np.testing.assert_allclose(X[9, :2], [200 / 209, 9 / 209])  # in bytes, 200 + 9 would fit, 200 + 200 not
    assert X.dtype == np.float64


def test_counts_labels_and_names_are_kept(tiny):
    loaded = load_office_caltech(part="dslr", normalise=False)
    assert loaded.train.X[9, :3].tolist() == [200, 9, 0]
    assert loaded.train.y.tolist() == list(range(1, 11))
    assert dict(zip(loaded.train.y.tolist(), loaded.train.class_names, strict=True))[9] == "mug"
    assert loaded.test is None
    assert loaded.train.name == "dslr"
    assert loaded.files[0].name == "office_caltech10_surf/dslr_SURF_L10.mat"


def _truncate(path):
    path.write_bytes(path.read_bytes()[:-20])


def _flip(path):
    content = bytearray(path.read_bytes())
    content[300] ^= 1
    path.write_bytes(content)


def _objects(path):
    cells = np.empty((10, 800), object)
    cells[:] = "run me"
    savemat(path, {"fts": cells, "labels": {"a": 1}})


def _text(path):
    path.write_text("fts, labels")


@pytest.mark.parametrize("harm", [_truncate, _flip, _objects, _text])
def test_any_other_file_is_refused_unopened(harm, tiny, monkeypatch):
    opened = []
    monkeypatch.setattr(office_caltech, "loadmat", lambda *args, **kwargs: opened.append(args))
    harm(tiny)
    with pytest.raises(ValueError, match=r"dslr_SURF_L10\.mat is truncated or altered: its sha256 is .*take it anew"):
        load_office_caltech(part="dslr")
    assert not opened


def test_a_missing_file_is_named_with_its_address(tiny):
    with pytest.raises(FileNotFoundError, match=r"webcam_SURF_L10\.mat was not found .*GFK_v1\.zip"):
        load_office_caltech(part="webcam")


@pytest.mark.data
@pytest.mark.parametrize("part", COUNTS)
def test_the_real_files_hold_the_published_numbers_of_photos(part, data_folder):
    domain = load_office_caltech(part=part).train
    assert domain.X.shape == (COUNTS[part], 800)
    assert np.unique(domain.y).tolist() == list(range(1, 11))
    counts = load_office_caltech(part=part, normalise=False).train.X
    assert counts.sum(axis=1).min() >= 10
    np.testing.assert_allclose(domain.X * counts.sum(axis=1, keepdims=True), counts)


@pytest.mark.data
def test_standardised_words_have_mean_0_and_variance_1_or_never_occur(data_folder):
    plain = load_office_caltech(part="dslr").train.X
    X = load_office_caltech(part="dslr", standardise=True).train.X
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-12)
    never = plain.std(axis=0) == 0
    np.testing.assert_allclose(X.std(axis=0)[~never], 1)
    assert (X[:, never] == 0).all()


@pytest.mark.data
@pytest.mark.parametrize("part", ["amazon", "dslr", "webcam"])
def test_class_names_are_those_of_the_folders_of_office_31(part, data_folder):
    # The features have no names, so their order is checked against folders that have: by how many photos they hold.
    names = {"backpack": "back_pack", "laptop": "laptop_computer"}
    folder = data_folder / "office31" / part / "images"
    if not folder.is_dir():
        pytest.skip("the folder of real data has no office31")
    photos = [len(list((folder / names.get(name, name)).glob("*.jpg"))) for name in CLASSES]
    assert np.bincount(load_office_caltech(part=part).train.y)[1:].tolist() == photos


@pytest.mark.data
def test_a_recipe_puts_two_parts_together(data_folder):
    source, target = ({"domain": "office-caltech", "part": part} for part in ("amazon", "caltech"))
    transfer = load_transfer(source, target, {"protocol": "transductive", "source_test": False}).transfer
    assert transfer.title == "amazon → caltech"
    assert transfer.class_names == CLASSES
    assert (transfer.source.n_rows, transfer.target.n_rows) == (958, 1123)
