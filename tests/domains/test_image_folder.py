import hashlib
import os

import numpy as np
import pytest
from PIL import Image

from dacompare.domains import image_folder, load_transfer, user_files
from dacompare.domains.image_folder import load_folder


@pytest.fixture
def save(tmp_path):
    """Save an image below the folder: a plain one of one value, or an array."""

    def save(name, value=0, size=(6, 4), mode="RGB", **options):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        colour = (value,) * len(mode) if len(mode) > 1 else value
        image = Image.fromarray(value) if isinstance(value, np.ndarray) else Image.new(mode, size, colour)
        image.save(path, **options)
        return path

    return save


def test_sub_folders_are_classes_in_order_of_their_names(save, tmp_path):
    for value, name in enumerate(("dog/2.png", "dog/10.PNG", "cat/b.jpeg", "cat/a.webp", "Zebra/1.jpg")):
        save(name, value * 50, lossless=True) if name.endswith("webp") else save(name, value * 50)
    loaded = load_folder(path=str(tmp_path))
    assert loaded.train.y.tolist() == ["Zebra", "cat", "cat", "dog", "dog"]
    assert loaded.train.X[:, 0, 0, 0].tolist() == [200, 150, 100, 50, 0]
    assert loaded.train.X.dtype == np.uint8
    assert loaded.train.row_shape == (4, 6, 3)
    assert (loaded.test, loaded.train.name) == (None, tmp_path.name)


def test_a_flat_folder_is_unlabelled(save, tmp_path):
    save("2.png", 2)
    save("1.png", 1)
    domain = load_folder(path=str(tmp_path)).train
    assert domain.y is None
    assert domain.X[:, 0, 0, 0].tolist() == [1, 2]


def test_hidden_files_and_other_files_are_left_out(save, tmp_path):
    save("cat/1.png")
    save("cat/.hidden.png")
    save(".cache/1.png")
    for name in ("README.md", ".DS_Store", "cat/Thumbs.db", "cat/GT-00000.csv"):
        (tmp_path / name).write_bytes(b"no image")
    assert load_folder(path=str(tmp_path)).train.y.tolist() == ["cat"]


def test_grey_is_one_channel_and_colour_three(save, tmp_path):
    save("1.png", np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8))
    save("2.png", 100, size=(2, 1), mode="L")
    path = str(tmp_path)
    assert load_folder(path=path).train.X[0, 0].tolist() == [[255, 0, 0], [0, 0, 255]]
    assert load_folder(path=path).train.X[1, 0].tolist() == [[100] * 3] * 2
    grey = load_folder(path=path, grey=True).train.X
    assert grey.shape == (2, 1, 2)
    np.testing.assert_allclose(grey[0, 0], [0.299 * 255, 0.114 * 255], atol=1)  # ITU-R 601


def test_sizes_must_agree_or_be_given(save, tmp_path):
    gradient = np.tile(np.arange(0, 160, 10, dtype=np.uint8), (8, 1))
    save("a/1.png", gradient)
    save("b/1.png", 7, size=(30, 20))
    with pytest.raises(ValueError, match=r"b.1\.png has 30 × 20 pixels, but 1\.png has 16 × 8; give size = 8"):
        load_folder(path=str(tmp_path))
    X = load_folder(path=str(tmp_path), size=8, grey=True).train.X
    assert X.shape == (2, 8, 8)
    assert (X[1] == 7).all()
    # Halving a ramp keeps it a ramp of twice the steepness.
    assert np.diff(X[0][:, 1:-1].astype(int)).tolist() == [[20] * 5] * 8


@pytest.mark.parametrize("size", [-1, 2.0, True, "28"])
def test_sizes_that_are_none_are_refused(size, tmp_path):
    with pytest.raises(ValueError, match="size must be an integer from 0"):
        load_folder(path=str(tmp_path), size=size)


def test_photos_are_turned_as_the_camera_says(save, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn by 90 degrees
    save("1.png", np.array([[0, 100, 200]], np.uint8), exif=exif)
    assert load_folder(path=str(tmp_path), grey=True).train.X[0].tolist() == [[0], [100], [200]]


def test_transparency_is_ignored(save, tmp_path):
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.putdata([0, 1])
    palette.save(tmp_path / "1.png", transparency=b"\x00\x80")
    save("2.png", 9, size=(2, 1), mode="RGBA")
    X = load_folder(path=str(tmp_path)).train.X
    assert X[0, 0].tolist() == [[10, 20, 30], [40, 50, 60]]
    assert X[1, 0].tolist() == [[9, 9, 9]] * 2


def test_images_of_16_bits_are_refused_as_they_would_be_cut_off(save, tmp_path):
    save("1.png", np.array([[0, 40000]], np.uint16))
    with pytest.raises(ValueError, match=r"1\.png cannot be read as an image: it has more than 8 bits a channel"):
        load_folder(path=str(tmp_path))


@pytest.mark.parametrize("name", ["1.png", "1.jpg", "1.webp"])
@pytest.mark.parametrize("kept", [0, 10, 60, 0.5, 0.95])
def test_truncated_images_are_named(name, kept, save, tmp_path, rng):
    path = save(f"cat/{name}", rng.integers(0, 256, size=(40, 40, 3), dtype=np.uint8))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept) if isinstance(kept, float) else kept])
    with pytest.raises(ValueError, match=r"cat.1\.\w+ cannot be read as an image: .*; save it anew"):
        load_folder(path=str(tmp_path))


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM"])
def test_only_three_kinds_are_opened_whatever_the_name_says(kind, save, tmp_path):
    save("1.png", 5, format=kind)
    with pytest.raises(ValueError, match=r"1\.png cannot be read as an image"):
        load_folder(path=str(tmp_path))


def test_images_that_claim_too_many_pixels_are_never_decoded(save, tmp_path, monkeypatch):
    monkeypatch.setattr(image_folder, "MOST_PIXELS", 23)
    save("1.png", size=(6, 4))
    with pytest.raises(ValueError, match="it has 6 × 4 pixels, more than 23 are not read"):
        load_folder(path=str(tmp_path))
    monkeypatch.undo()
    save("1.png", size=(9000, 8000), mode="1")
    assert os.path.getsize(tmp_path / "1.png") < 20_000
    with pytest.raises(ValueError, match="it has 9,000 × 8,000 pixels, more than 64,000,000 are not read"):
        load_folder(path=str(tmp_path), size=8)


def test_folders_that_would_fill_the_memory_are_refused(save, tmp_path, monkeypatch):
    save("1.png")
    with pytest.raises(ValueError, match=r"the 1 images of .* would take 4\.5 GiB in memory.*give a smaller size"):
        load_folder(path=str(tmp_path), size=40_000)
    monkeypatch.setattr(user_files, "MOST_BYTES", 2 * 6 * 4 * 3 - 1)
    save("2.png")
    with pytest.raises(ValueError, match=r"the 2 images of .* would take"):
        load_folder(path=str(tmp_path))
    assert load_folder(path=str(tmp_path), grey=True).train.n_rows == 2


def test_folders_in_no_such_form_are_named(save, tmp_path):
    def refuses(message, path=tmp_path, **options):
        with pytest.raises(ValueError, match=message):
            load_folder(path=str(path), **options)

    refuses(r"holds no image; images are \.png, \.jpg, \.jpeg, \.webp")
    save("images/cat/1.png")
    refuses(r"the folder images in .* holds no image; name the folder .*images if its folders are the classes")
    (tmp_path / "images/dog").mkdir()
    refuses(r"the folder dog in .*images holds no image; take it away", tmp_path / "images")
    save("images/dog/1.bmp")
    refuses(r"1\.bmp is not read, as images must be .*; save it as one of these", tmp_path / "images")
    save("images/1.png")
    refuses(r"images holds both images, such as 1\.png, and folders, such as cat", tmp_path / "images")
    with pytest.raises(ValueError, match="has a folder for each class, and .*flat has none: test images are there"):
        load_folder(path=str(save("x/y/1.png").parents[1]), test_path=str(save("flat/1.png").parent))


def test_an_unlabelled_target_may_have_labelled_test_images(save, tmp_path):
    save("flat/1.png", 1)
    save("test/cat/1.png", 2)
    loaded = load_folder(path=str(tmp_path / "flat"), test_path=str(tmp_path / "test"))
    assert (loaded.train.y, loaded.test.y.tolist()) == (None, ["cat"])


def test_what_systems_leave_behind_is_no_class(save, tmp_path):
    save("cat/1.png")
    for name in ("__MACOSX/cat/1.png", "@eaDir/1.png", "cat/@eaDir/1.png"):
        save(name)
    assert load_folder(path=str(tmp_path)).train.y.tolist() == ["cat"]


def test_groups_are_what_stands_before_the_last_mark(save, tmp_path):
    for name in ("cat/box_7_1.png", "dog/box_7_2.png", "dog/box_8_1.png", "dog/alone.png"):
        save(name)
    assert load_folder(path=str(tmp_path)).train.groups is None
    groups = load_folder(path=str(tmp_path), group_until="_").train.groups
    assert groups.tolist() == ["box_7", "alone", "box_7", "box_8"]


def test_images_that_cannot_be_read_are_left_out_on_request_alone(save, tmp_path):
    for name, value in (("a/1.png", 1), ("a/2.png", 2), ("b/1.png", 3)):
        save(name, value)
    (tmp_path / "a/1.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"a.1\.png cannot be read"):
        load_folder(path=str(tmp_path))
    loaded = load_folder(path=str(tmp_path), skip_unreadable=True, group_until="_")
    assert loaded.files[0].to_dict()["left_out"] == 1
    domain = loaded.train
    assert (domain.X[:, 0, 0, 0].tolist(), domain.y.tolist()) == ([2, 3], ["a", "b"])
    assert domain.groups.tolist() == ["2", "1"]
    for name in ("a/2.png", "b/1.png"):
        (tmp_path / name).write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"none of the 3 images of .* can be read"):
        load_folder(path=str(tmp_path), skip_unreadable=True)


def test_the_checksum_is_of_names_and_bytes(save, tmp_path):
    first, second = save("a/1.png", 1), save("b/2.png", 2)
    file = load_folder(path=str(tmp_path)).files[0]
    assert file.bytes == first.stat().st_size + second.stat().st_size
    expected = hashlib.sha256()
    for name, path in (("a/1.png", first), ("b/2.png", second)):
        expected.update(name.encode() + b"\0" + str(path.stat().st_size).encode() + b"\0" + path.read_bytes())
    assert file.sha256 == expected.hexdigest()
    (tmp_path / "b").rename(tmp_path / "c")  # another label is other data
    assert load_folder(path=str(tmp_path)).files[0].sha256 != file.sha256


def test_a_recipe_reads_a_labelled_source_and_an_unlabelled_target(save, tmp_path):
    for k in range(10):
        save(f"old/{'cat' if k % 2 else 'dog'}/{k}.png", 20 * k)
        save(f"new/{k}.png", 25 * k)
    source, target = ({"domain": "folder", "path": path, "size": 5} for path in ("old", "new"))
    transfer = load_transfer(source, target, {"protocol": "transductive"}, base=tmp_path).transfer
    assert transfer.class_names == ("cat", "dog")
    assert (transfer.kind, transfer.has_target_labels) == ("image", False)
    with pytest.raises(ValueError, match="source must have labels"):
        load_transfer(target, source, {"protocol": "transductive"}, base=tmp_path)


@pytest.mark.data
def test_the_images_of_office_31_are_read_by_class(data_folder):
    folder = data_folder / "office31" / "dslr" / "images"
    if not folder.is_dir():
        pytest.skip("the folder of real data has no office31")
    domain = load_folder(path=str(folder), size=32).train
    assert domain.X.shape == (498, 32, 32, 3)
    classes, counts = np.unique(domain.y, return_counts=True)
    assert len(classes) == 31
    assert counts[classes == "mug"] == 8
    assert 50 < domain.X.mean() < 200
