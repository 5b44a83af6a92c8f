"""Look at a folder of images: classes, sizes, colours, and what cannot be read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from dacompare.domains.harmonising import Label
from dacompare.domains.image_folder import FORMATS, UNREADABLE, check_image, list_images, name_of_group
from dacompare.domains.inspected import Choice, Inspected, named, one_line

MOST_OPENED = 5000
"""Images of one folder that are opened; of more, so many are taken evenly."""
TURNED = (5, 6, 7, 8)
"""Values of the EXIF orientation that swap width and height."""


@dataclass
class _Seen:
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    n_grey: int = 0
    unreadable: dict[Path, str] = field(default_factory=dict)


def inspect_images(folder: Path) -> Inspected:
    """Look at a folder of images, flat or with a folder for each class.

    Parameters
    ----------
    folder : Path
        The folder.

    Returns
    -------
    Inspected
        Images that cannot be read are left out of `n_rows` and `labels`, and a choice says that they are skipped.

    Raises
    ------
    ValueError
        Where there is no image, where the folder is not in this form, or where no image can be read.
    """
    images, labels = list_images(folder)
    _check_names(folder, labels)
    opened = images if len(images) <= MOST_OPENED else images[:: -(-len(images) // MOST_OPENED)]
    seen = _open_all(opened)
    if not seen.sizes:
        path, reason = next(iter(seen.unreadable.items()))
        raise ValueError(f"none of the images of {folder} can be read; {path.name}, for instance: {reason}.")
    usable = [k for k, image in enumerate(images) if image not in seen.unreadable]
    n_colour = len(opened) - len(seen.unreadable) - seen.n_grey
    colours = " and ".join(name for name, n in (("grey", seen.n_grey), ("colour", n_colour)) if n)
    counts: dict[Label, int] | None = None
    if labels is not None:
        counts = dict(sorted(Counter(labels[k] for k in usable).items()))
    lost = sorted(set(labels or ()) - set(counts or ()))
    return Inspected(
        path=folder, domain="folder", n_rows=len(usable), labels=counts, sizes=dict(sorted(seen.sizes.items())),
        colours=colours,
        choices=(*_skipped(seen, folder), *_grouped([images[k] for k in usable], len(counts or [0]))),
        notes=_notes(folder, images, opened, seen, lost),
    )  # fmt: skip


def _check_names(folder: Path, labels: Sequence[str] | None) -> None:
    for name in dict.fromkeys(labels or ()):
        try:
            name.encode()
        except UnicodeEncodeError as error:
            shown = one_line(name)
            raise ValueError(f"the name of the folder {shown} in {folder} is not UTF-8; rename it.") from error


def _open_all(images: Sequence[Path]) -> _Seen:
    seen = _Seen()
    for path in images:
        try:
            size, is_grey = _look(path)
        except UNREADABLE as error:
            seen.unreadable[path] = str(error).rstrip(".").replace(str(path), path.name)
            continue
        seen.sizes[size] += 1
        seen.n_grey += is_grey
    return seen


def _look(path: Path) -> tuple[tuple[int, int], bool]:
    """Return (width, height), upright, and whether there is no colour in an image."""
    with Image.open(path, formats=FORMATS) as image:
        check_image(image)
        width, height = image.size
        # As load_folder turns it; photos are decoded small, which takes a fraction of the time.
        size = (height, width) if image.getexif().get(0x0112) in TURNED else (width, height)
        image.draft("RGB", (64, 64))
        image.load()
        if image.mode in ("1", "L", "LA"):
            return size, True
        small = image.convert("RGBA").convert("RGB")
        small.thumbnail((64, 64))
        pixels = np.asarray(small, dtype=np.int16)
        return size, bool((pixels.max(axis=2) - pixels.min(axis=2)).max() <= 2)


def _skipped(seen: _Seen, folder: Path) -> tuple[Choice, ...]:
    if not seen.unreadable:
        return ()
    names = named(path.relative_to(folder).as_posix() for path in seen.unreadable)
    n = len(seen.unreadable)
    why = f"{n:,} image{'s' * (n > 1)} cannot be read and {'are' if n > 1 else 'is'} left out: {names}."
    return (Choice("skip_unreadable", True, f"{why} Without this line, they are an error."),)


def _grouped(images: Sequence[Path], n_classes: int) -> tuple[Choice, ...]:
    """Return a hint where names look like box7_1.png, box7_2.png: several images of one thing."""
    for mark in ("_", "-"):
        names = [image.stem.rpartition(mark) for image in images]
        if not all(before and after.isdecimal() for before, _, after in names):
            continue
        groups = Counter(name_of_group(image, mark) for image in images)
        if 2 * n_classes < len(groups) <= len(images) / 2:
            example = next(group for group, n in groups.items() if n > 1)
            why = (
                f"File names look as if several images could show one thing: {len(groups):,} names before the last"
                f" {one_line(mark)}, such as {one_line(example)} ({groups[example]:,} images). If so, keep them"
                " together, or the test is too easy:"
            )
            return (Choice("group_until", mark, why, is_used=False),)
    return ()


def _notes(
    folder: Path, images: Sequence[Path], opened: Sequence[Path], seen: _Seen, lost: Sequence[str]
) -> tuple[str, ...]:
    notes = []
    if len(opened) < len(images):
        notes.append(f"{len(opened):,} of the {len(images):,} images of {folder.name} were opened, evenly spread.")
    if seen.unreadable:
        shown = "; ".join(f"{path} ({reason})" for path, reason in list(seen.unreadable.items())[:3])
        rest = f"; and {len(seen.unreadable) - 3:,} more" if len(seen.unreadable) > 3 else ""
        notes.append(f"{len(seen.unreadable):,} of the images cannot be read and will be left out: {shown}{rest}.")
    if lost:
        notes.append(f"No image can be read of the classes {named(lost)} in {folder.name}.")
    return tuple(notes)
