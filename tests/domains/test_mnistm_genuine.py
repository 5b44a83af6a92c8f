import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image

from dacompare.domains.mnist import load_mnist
from dacompare.domains.mnistm import blend
from dacompare.domains.mnistm_genuine import load_mnistm_genuine, read_labels
from dacompare.domains.photos import load_photos


@pytest.fixture
def tiny(tmp_path, monkeypatch, rng):
    monkeypatch.setenv("DACOMPARE_DATA", str(tmp_path))
    folder = tmp_path / "mnist_m"
    lists = {"train": ["00000007.png 3", "00000002.png 1"], "test": ["00000005.png 3", "", "00000009.png 1"]}
    for part, names in lists.items():
        (folder / f"mnist_m_{part}").mkdir(parents=True)
        (folder / f"mnist_m_{part}_labels.txt").write_text("\n".join(names), encoding="ascii")
        for line in filter(None, names):
            pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"mnist_m_{part}" / line.split()[0])
    return folder


def test_lists_and_images_make_a_domain_grouped_by_mnist_index(tiny):
    loaded = load_mnistm_genuine(size=32)
    assert loaded.train.groups.tolist() == [7, 2]
    assert loaded.test.groups.tolist() == [60005, 60009]
    assert loaded.train.y.tolist() == [3, 1]
    assert np.array_equal(load_mnistm_genuine().train.X, loaded.train.X[:, 2:30, 2:30])


def test_what_is_missing_or_wrong_is_named(tiny, tmp_path):
    with pytest.raises(FileNotFoundError, match="mnist_m_subset was not found"):
        load_mnistm_genuine(files="subset")
    Image.new("RGB", (28, 32)).save(tiny / "mnist_m_test" / "00000005.png")
    with pytest.raises(ValueError, match=r"00000005.png must be 32×32 pixels, got 28×32"):
        load_mnistm_genuine()
    (tiny / "mnist_m_test" / "00000005.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match="no image that can be read"):
        load_mnistm_genuine()
    (tiny / "mnist_m_test" / "00000005.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"00000005.png is named in the list of labels, but is not there"):
        load_mnistm_genuine()
    (tiny / "mnist_m_test_labels.txt").unlink()
    with pytest.raises(FileNotFoundError, match="cannot be used without their labels"):
        load_mnistm_genuine()


def test_either_takes_the_subset_where_it_is_there(tiny):
    whole = load_mnistm_genuine(files="either")
    assert whole.files[0].name == "mnist_m train (decoded)"
    tiny.rename(tiny.with_name("mnist_m_subset"))
    subset = load_mnistm_genuine(files="either")
    assert subset.files[0].name == "mnist_m_subset train (decoded)"
    np.testing.assert_array_equal(subset.test.X, whole.test.X)


@pytest.mark.parametrize("line", ["../00000001.png 1", "00000001.png", "00000001.png 10", "00000001.jpg 1", "a.png 1"])
def test_a_line_of_another_form_is_named(line, tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text(f"00000000.png 5\n{line}\n", encoding="ascii")
    with pytest.raises(ValueError, match="line 2 of .* must be '<index>.png <digit>'"):
        read_labels(path)


@pytest.mark.data
def test_the_genuine_images_are_mnist_s_digits(data_folder):
    genuine, mnist = load_mnistm_genuine(files="subset"), load_mnist()
    for part, first in (("train", 0), ("test", 60_000)):
        domain, digits = getattr(genuine, part), getattr(mnist, part)
        assert domain.n_rows == 1000
        assert np.array_equal(digits.y[domain.groups - first], domain.y)


def _places(image, background, windows, corners):
    """Return the crops of a photo that show the image's background, wherever the digit leaves it free."""
    candidates = np.argwhere((corners == image[0, :4].ravel()).all(axis=-1))
    crops = [windows[row, column].transpose(1, 2, 0) for row, column in candidates]
    return [crop for crop in crops if (crop[background] == image[background]).all()]


@pytest.mark.data
@pytest.mark.parametrize(("part", "first"), [("train", 0), ("test", 60_000)])
def test_the_hard_mask_makes_the_genuine_files_again_bit_for_bit(part, first, data_folder):
    """Where a genuine background is found in a photo, 255 − photo under the strokes gives the published image."""
    genuine, digits = getattr(load_mnistm_genuine(size=32, files="subset"), part), getattr(load_mnist(size=32), part)
    rows = digits.X[genuine.groups - first]
    found = 0
    for photo in load_photos("bsds500", "train").images[:3]:
        windows = sliding_window_view(photo, (32, 32), axis=(0, 1))
        corners = windows[:, :, :, 0, :4].transpose(0, 1, 3, 2).reshape(*windows.shape[:2], 12)
        first_bytes = {corner.tobytes() for corner in corners.reshape(-1, 12)}
        for image, digit in zip(genuine.X, rows, strict=True):
            if image[0, :4].tobytes() not in first_bytes:
                continue
            for crop in _places(image, digit == 0, windows, corners):
                found += 1
                assert np.array_equal(blend(digit[None], crop[None], how="mask")[0], image)
                assert not np.array_equal(blend(digit[None], crop[None], how="difference")[0], image)
    assert found >= 10
