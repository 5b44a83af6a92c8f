"""Load the MNIST-M that the authors of the paper published, whole or a part of it."""

from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from dacompare.domains.digits import DIGIT_NAMES
from dacompare.domains.domain import Domain
from dacompare.domains.folder import find_data
from dacompare.domains.loaded import DataFile, LoadedDomain, describe_arrays
from dacompare.domains.mnist import FIRST_INDEX
from dacompare.names import check_name

GENUINE_ADDRESS = "https://cornell.box.com/shared/static/jado7quprg6hzzdubvwzh9umr75damwi"
FOLDERS = {"whole": "mnist_m", "subset": "mnist_m_subset"}
NATIVE = 32


def load_mnistm_genuine(*, size: int = 28, files: Literal["whole", "subset", "either"] = "whole") -> LoadedDomain:
    """Load the published MNIST-M: 32×32 colour images with their MNIST index as group.

    The published set has 59,001 training and 9,001 test images; a subset is any part of it in the same form, a
    folder of ``mnist_m_train/<index>.png`` and ``mnist_m_test/<index>.png`` with ``mnist_m_train_labels.txt`` and
    ``mnist_m_test_labels.txt``, a name and a label a line.

    Parameters
    ----------
    size : {28, 32}
        Height and width; 28 leaves the outer 2 pixels out, into which MNIST's digits were padded.
    files : {"whole", "subset", "either"}
        Folder `mnist_m` of the data folder, or `mnist_m_subset`; "either" takes the subset where it is there.

    Raises
    ------
    FileNotFoundError
        Where the folder, a list or a listed image is missing.
    ValueError
        For another size, and for a list or an image that cannot be.

    References
    ----------
    Ganin & Lempitsky 2015, section 4.1, "MNIST → MNIST-M".

    Examples
    --------
    >>> load_mnistm_genuine(size=30)
    Traceback (most recent call last):
        ...
    ValueError: size must be 28 (without the padding) or 32 (as published), got 30.
    """
    if size not in (28, 32):
        raise ValueError(f"size must be 28 (without the padding) or 32 (as published), got {size!r}.")
    folder = _find(files)
    train, train_file = _read_part(folder, "train", size)
    test, test_file = _read_part(folder, "test", size)
    return LoadedDomain(train, test, (train_file, test_file))


def _find(files: str) -> Path:
    check_name("files", files, [*FOLDERS, "either"])
    if files != "either":
        return find_data(FOLDERS[files], GENUINE_ADDRESS)
    try:
        return find_data(FOLDERS["subset"], GENUINE_ADDRESS)
    except FileNotFoundError:
        return find_data(FOLDERS["whole"], GENUINE_ADDRESS)


def _read_part(folder: Path, part: str, size: int) -> tuple[Domain, DataFile]:
    names, labels = read_labels(folder / f"mnist_m_{part}_labels.txt")
    images = np.stack([_read_image(folder / f"mnist_m_{part}" / name) for name in names])
    file = describe_arrays(f"{folder.name} {part} (decoded)", images, labels)
    margin = (NATIVE - size) // 2
    inside = slice(margin, NATIVE - margin)
    first = FIRST_INDEX["train" if part == "train" else "t10k"]
    indices = first + np.array([int(Path(name).stem) for name in names])
    domain = Domain(images[:, inside, inside], labels, groups=indices, name="mnistm-genuine", class_names=DIGIT_NAMES)
    return domain, file


def read_labels(path: Path) -> tuple[list[str], np.ndarray]:
    """Read a list of labels: ``<index>.png <digit>`` a line.

    Returns
    -------
    names : list of str
        File names, in the order of the list.
    labels : ndarray of shape (n,), int64

    Raises
    ------
    FileNotFoundError
        Where there is no such list.
    ValueError
        Naming the first line that is not of this form; a name with a folder in it is none.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; the images cannot be used without their labels.")
    names, labels = [], []
    for number, line in enumerate(path.read_text(encoding="ascii", errors="replace").splitlines(), 1):
        parts = line.split()
        if not parts:
            continue
        stem, dot, ending = parts[0].partition(".")
        if len(parts) != 2 or not stem.isdecimal() or (dot, ending) != (".", "png") or parts[1] not in DIGIT_NAMES:
            raise ValueError(f"line {number} of {path} must be '<index>.png <digit>', got {line!r}.")
        names.append(parts[0])
        labels.append(int(parts[1]))
    if not names:
        raise ValueError(f"{path} names no image.")
    return names, np.array(labels, np.int64)


def _read_image(path: Path) -> np.ndarray:
    try:
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("RGB"))
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path} is named in the list of labels, but is not there.") from error
    except OSError as error:
        raise ValueError(f"{path} is no image that can be read ({error}); unpack the files again.") from error
    if pixels.shape != (NATIVE, NATIVE, 3):
        raise ValueError(f"{path} must be {NATIVE}×{NATIVE} pixels, got {pixels.shape[1]}×{pixels.shape[0]}.")
    return pixels
