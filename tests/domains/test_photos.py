import numpy as np
import pytest
from PIL import Image

from dacompare.domains.loaded import describe_arrays
from dacompare.domains.photos import Photos, draw_crops, draw_varied_crops, load_photos


@pytest.fixture
def map_photo():
    """A photo whose pixels say where they are: row and column."""
    rows, columns = np.mgrid[:60, :90].astype(np.uint8)
    image = np.stack([rows, columns, np.zeros_like(rows)], axis=2)
    return Photos((image,), describe_arrays("map", image))


def test_crops_are_untouched_pieces_from_everywhere(map_photo):
    crops = draw_crops(map_photo, 2000, 20, np.random.default_rng(0))
    top, left = crops[:, 0, 0, 0], crops[:, 0, 0, 1]
    assert np.array_equal(crops[:, :, 0, 0], top[:, None] + np.arange(20))
    assert np.array_equal(crops[:, 0, :, 1], left[:, None] + np.arange(20))
    assert (top.min(), top.max(), left.min(), left.max()) == (0, 40, 0, 70)


def test_both_kinds_of_crops_follow_the_generator(map_photo):
    for draw, options in ((draw_crops, {}), (draw_varied_crops, {"crop_sizes": (20, 50)})):
        first, again, other = (draw(map_photo, 5, 20, np.random.default_rng(seed), **options) for seed in (1, 1, 2))
        assert first.tobytes() == again.tobytes()
        assert first.tobytes() != other.tobytes()


def test_varied_crops_are_mirrored_half_the_time_and_shuffle_channels(map_photo):
    crops = draw_varied_crops(map_photo, 400, 20, np.random.default_rng(0), crop_sizes=(20, 50)).astype(int)
    across = crops[:, 0, -1] - crops[:, 0, 0]
    mirrored = (across.min(axis=1) < 0).mean()
    assert 0.4 < mirrored < 0.6
    assert np.allclose(np.bincount(np.abs(across).argmax(axis=1)) / 400, 1 / 3, atol=0.1)


def test_sample_photos_are_cut_into_pieces_without_overlap():
    train, test = load_photos("sklearn", "train"), load_photos("sklearn", "test")
    assert [a.shape[1] + b.shape[1] for a, b in zip(train.images, test.images, strict=True)] == [640, 640]
    for a, b in zip(train.images, test.images, strict=True):
        assert not np.shares_memory(a, b)
    assert train.file.sha256 != test.file.sha256


def test_unknown_sets_and_empty_folders_are_refused(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="photos must be one of 'bsds500', 'sklearn', got 'bsd500', did you mean"):
        load_photos("bsd500", "train")
    (tmp_path / "bsds500/images/test").mkdir(parents=True)
    monkeypatch.setenv("DACOMPARE_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"bsds500/images/train was not found.*berkeley.edu"):
        load_photos("bsds500", "train")
    with pytest.raises(FileNotFoundError, match=r"bsds500/images/test holds no \*\.jpg"):
        load_photos("bsds500", "test")


def test_bsds500_reads_train_and_val_for_training(tmp_path, monkeypatch):
    for number, folder in enumerate(("train", "val", "test")):
        (tmp_path / "bsds500/images" / folder).mkdir(parents=True)
        Image.new("RGB", (40, 30), (number * 100,) * 3).save(tmp_path / f"bsds500/images/{folder}/{number}.jpg")
    monkeypatch.setenv("DACOMPARE_DATA", str(tmp_path))
    assert [photo[0, 0, 0] for photo in load_photos("bsds500", "train").images] == [0, 100]
    assert [photo[0, 0, 0] for photo in load_photos("bsds500", "test").images] == [200]
