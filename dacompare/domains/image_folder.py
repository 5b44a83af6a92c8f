"""Load a domain that a user keeps as a folder of images, one sub-folder for each class."""

import hashlib
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from dacompare.domains.domain import Domain
from dacompare.domains.loaded import DataFile, LoadedDomain
from dacompare.domains.user_files import check_fits, find_user_folders

FORMATS = ("PNG", "JPEG", "WEBP")
ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
OTHER_ENDINGS = (".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm", ".avif", ".heic", ".jp2", ".svg")
LEFT_BY_OTHERS = ("__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information")
"""Folders that archives, disks and systems leave behind; they are no classes."""
MOST_PIXELS = 64_000_000
"""Pixels of one image; a small file can claim to hold many more, and would fill the memory."""
UNREADABLE = (
    *(OSError, ValueError, SyntaxError, EOFError, OverflowError, struct.error, zlib.error),
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)


def load_folder(
    *,
    path: str,
    test_path: str = "",
    size: int = 0,
    grey: bool = False,
    group_until: str = "",
    skip_unreadable: bool = False,
) -> LoadedDomain:
    """Load one domain from ``<class>/<image>``, or an unlabelled one from a folder of images alone.

    Images are png, jpg, jpeg or webp, and are turned as their EXIF tag says; transparency is ignored. Hidden files
    and folders are left out, and so are files that are no images and what systems leave behind (`LEFT_BY_OTHERS`).
    Order: by folder name, then by file name.

    Parameters
    ----------
    path : str
        Folder of the training images, or of all images.
    test_path : str
        Folder of official test images, in the same form; "" where there is none.
    size : int
        Height and width that images are resized to (bilinear, their aspect is not kept); 0: as they are, and then
        all must have the same.
    grey : bool
        True: one channel; False: three.
    group_until : str
        A mark such as "_": what stands before the last one in a file's name says which images show the same thing,
        so that patient7_1.png and patient7_2.png are one group, whatever their class; "": no groups.
    skip_unreadable : bool
        True: images that cannot be read are left out; False: the first of them is an error.

    Returns
    -------
    LoadedDomain
        Labels are the names of the sub-folders.

    Raises
    ------
    FileNotFoundError
        Where there is no such folder.
    ValueError
        Naming the image that cannot be read or has another size, or the folder that is not in this form.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("cat", "dog"):
    ...         Path(folder, name).mkdir()
    ...         Image.new("RGB", (20, 10)).save(f"{folder}/{name}/1.png")
    ...     domain = load_folder(path=folder, size=8).train
    >>> domain.y, domain.row_shape
    (array(['cat', 'dog'], dtype='<U3'), (8, 8, 3))
    """
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise ValueError(f"size must be an integer from 0 (as the images are) on, got {size!r}.")
    folders = find_user_folders("a folder of images", path=path, test_path=test_path)
    options: dict[str, Any] = {"grey": grey, "group_until": group_until, "skip_unreadable": skip_unreadable}
    parts = [read_folder(folder, size, **options) for folder in folders]
    train, test = parts[0][0], parts[1][0] if test_path else None
    if test is not None and train.y is not None and test.y is None:
        raise ValueError(
            f"{folders[0]} has a folder for each class, and {folders[1]} has none: test images are there to be"
            " judged, so give them folders, too."
        )
    return LoadedDomain(train, test, tuple(file for _, file in parts))


def read_folder(
    folder: Path, size: int = 0, *, grey: bool = False, group_until: str = "", skip_unreadable: bool = False
) -> tuple[Domain, DataFile]:
    """Read the images of one folder.

    Returns
    -------
    domain : Domain
        Images (n, height, width, 3), or (n, height, width) where `grey`, uint8.
    file : DataFile
        All the files that were read as one: the checksum is of their names and bytes, in order.

    Raises
    ------
    ValueError
        As in `load_folder`.
    """
    images, labels = list_images(folder)
    what, way_out = f"the {len(images):,} images of {folder}", "give a smaller size"
    check_fits(what, len(images) * size**2 * (1 if grey else 3), way_out)  # before any is made that large
    digest, n_bytes = hashlib.sha256(), 0
    pixels: np.ndarray | None = None
    kept: list[int] = []
    for k, image in enumerate(images):
        try:
            content = image.read_bytes()
            row = read_image(image, content, size, "L" if grey else "RGB")
        except (OSError, ValueError):
            if skip_unreadable:
                continue
            raise
        digest.update(f"{image.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
        n_bytes += len(content)
        if pixels is None:
            check_fits(what, len(images) * row.nbytes, way_out)
            pixels = np.empty((len(images), *row.shape), np.uint8)
        if row.shape != pixels.shape[1:]:
            raise ValueError(
                f"{image} has {_measures(row)} pixels, but {images[kept[0]].name} has {_measures(pixels[0])}; give size"
                f" = {min(pixels.shape[1:3])}, for instance, to have all resized."
            )
        pixels[len(kept)] = row
        kept.append(k)
    if pixels is None:
        raise ValueError(f"none of the {len(images):,} images of {folder} can be read.")
    y = None if labels is None else [labels[k] for k in kept]
    groups = [name_of_group(images[k], group_until) for k in kept] if group_until else None
    domain = Domain(pixels[: len(kept)], y, groups=groups, name=folder.name)
    return domain, DataFile(folder.name, digest.hexdigest(), n_bytes, left_out=len(images) - len(kept))


def name_of_group(image: Path, mark: str) -> str:
    """Return what stands before the last `mark` in a file's name; the whole name where it has none.

    Examples
    --------
    >>> name_of_group(Path("cat/box7_03.png"), "_")
    'box7'
    """
    before, found, _ = image.stem.rpartition(mark)
    return before if found else image.stem


def list_images(folder: Path) -> tuple[list[Path], list[str] | None]:
    """List the images of a folder and their labels, opening none.

    Returns
    -------
    images : list of Path
        In order of folder name, then file name.
    labels : list of str or None
        Name of each image's folder; None where the images lie in `folder` itself.

    Raises
    ------
    ValueError
        Where there is no image, where some lie in sub-folders and some do not, or where a sub-folder has none.
    """
    loose, folders = _images(folder), [entry for entry in visible_entries(folder) if entry.is_dir()]
    if loose and folders:
        raise ValueError(
            f"{folder} holds both images, such as {loose[0].name}, and folders, such as {folders[0].name}; give each"
            " class a folder of its own, or put unlabelled images alone into one folder."
        )
    if not folders:
        if not loose:
            raise ValueError(f"{folder} holds no image; images are {', '.join(ENDINGS)}.")
        return loose, None
    by_class = {entry.name: _images(entry) for entry in folders}
    if empty := next((name for name, images in by_class.items() if not images), None):
        deeper = any(entry.is_dir() for entry in visible_entries(folder / empty))
        hint = f"name the folder {folder / empty} if its folders are the classes" if deeper else "take it away"
        raise ValueError(f"the folder {empty} in {folder} holds no image; {hint}.")
    return (
        [image for images in by_class.values() for image in images],
        [name for name, images in by_class.items() for _ in images],
    )


def visible_entries(folder: Path) -> list[Path]:
    """Return what a folder holds, by name, without what is hidden or left behind by systems."""
    entries = (
        entry for entry in folder.iterdir() if not entry.name.startswith(".") and entry.name not in LEFT_BY_OTHERS
    )
    return sorted(entries, key=lambda entry: entry.name)


def _images(folder: Path) -> list[Path]:
    files = [entry for entry in visible_entries(folder) if entry.is_file()]
    for file in files:
        if file.suffix.lower() in OTHER_ENDINGS:
            raise ValueError(f"{file} is not read, as images must be {', '.join(ENDINGS)}; save it as one of these.")
    return [file for file in files if file.suffix.lower() in ENDINGS]


def read_image(path: Path, content: bytes, size: int, mode: str) -> np.ndarray:
    """Return the pixels of one image, in mode "L" or "RGB", or say why it cannot be read."""
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            check_image(image)
            upright = ImageOps.exif_transpose(image)
            # By way of RGBA, since a palette's transparent colour cannot be dropped in one step.
            plain = (upright.convert("RGBA") if upright.has_transparency_data else upright).convert(mode)
            resized = plain.resize((size, size), Image.Resampling.BILINEAR) if size else plain
            return np.asarray(resized)
    except UNREADABLE as error:
        reason = str(error).rstrip(".")
        raise ValueError(f"{path} cannot be read as an image: {reason}; save it anew, or take it away.") from error


def check_image(image: Image.Image) -> None:
    """Refuse what would be too large or misread, before a pixel is decoded."""
    if image.width * image.height > MOST_PIXELS:
        raise ValueError(f"it has {image.width:,} × {image.height:,} pixels, more than {MOST_PIXELS:,} are not read")
    if image.mode.startswith(("I", "F")):
        raise ValueError(f"it has more than 8 bits a channel (mode {image.mode}), which would be cut off")


def _measures(row: np.ndarray) -> str:
    return f"{row.shape[1]} × {row.shape[0]}"
