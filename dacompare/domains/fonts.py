"""Generate the embedded transfer: digits in the faces that come with matplotlib, plain and on photographs."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont, features
from PIL import __version__ as pillow_version

from dacompare.domains.digits import DIGIT_NAMES
from dacompare.domains.domain import Domain
from dacompare.domains.loaded import LoadedDomain, describe_arrays
from dacompare.domains.mnistm import BLENDS
from dacompare.domains.mnistm import blend as blend_images
from dacompare.domains.photos import draw_varied_crops, load_photos
from dacompare.names import check_name

TRAIN_FACES = (
    "DejaVuSans.ttf",
    "DejaVuSans-Bold.ttf",
    "DejaVuSans-BoldOblique.ttf",
    "DejaVuSansMono-Bold.ttf",
    "DejaVuSansMono-BoldOblique.ttf",
    "DejaVuSansMono-Oblique.ttf",
    "DejaVuSerif.ttf",
    "DejaVuSerif-BoldItalic.ttf",
    "DejaVuSerif-Italic.ttf",
    "STIXGeneral.ttf",
    "STIXGeneralBol.ttf",
    "STIXGeneralBolIta.ttf",
    "cmb10.ttf",
    "cmss10.ttf",
    "cmti10.ttf",
    "cmtt10.ttf",
)
TEST_FACES = (
    "DejaVuSans-Oblique.ttf",
    "DejaVuSansMono.ttf",
    "DejaVuSerif-Bold.ttf",
    "STIXGeneralItalic.ttf",
    "cmr10.ttf",
)
"""Faces of both test sets; no training image shows them."""

CANVAS, FACE_SIZE = 64, 44
STROKE_WIDTHS = (0, 2)
DISTORTION: dict[str, tuple[float, float]] = {
    "rotation_degrees": (-20, 20),
    "shear": (-0.3, 0.3),
    "x_scale": (0.9, 1.3),
    "x_shift": (-8, 0),
    "y_scale": (0.9, 1.2),
    "y_shift": (-6, 4),
}
CROP_SIZES = (28, 120)
Part = tuple[np.ndarray, np.ndarray]
# Every draw has a stream of its own, so that the source does not move when the target changes.
STREAMS = {name: key for key, name in enumerate(["fonts train", "fonts test", "fontsm train", "fontsm test"])}


def load_fonts(*, size: int = 28, rows: int = 12_000, test_rows: int = 2_000, data_seed: int = 0) -> LoadedDomain:
    """Generate grey digits in text faces: white on black, slanted, turned and stretched at random.

    Parameters
    ----------
    size : int
        Height and width in pixels, from 8.
    rows, test_rows : int
        Number of training and test images, at least 1 each; the test images are in other faces.
    data_seed : int
        Seed of the generator; the same seed and versions give the same bytes.

    Returns
    -------
    LoadedDomain
        Images (n, size, size) uint8 with labels 0..9.

    Raises
    ------
    ValueError
        For sizes or numbers of rows that cannot be.

    Examples
    --------
    >>> load_fonts(rows=5, test_rows=3).test
    Domain('fonts', 3 images 28×28, ... classes)
    """
    _check_counts(size=(size, 8), rows=(rows, 1), test_rows=(test_rows, 1), data_seed=(data_seed, 0))
    train = _grey_digits("fonts train", rows, size, data_seed)
    test = _grey_digits("fonts test", test_rows, size, data_seed)
    settings = _settings("fonts", size=size, rows=rows, test_rows=test_rows, data_seed=data_seed)
    return _loaded("fonts", train, test, settings)


def load_fontsm(
    *,
    size: int = 28,
    rows: int = 12_000,
    test_rows: int = 2_000,
    data_seed: int = 0,
    blend: Literal["difference", "mask"] = "difference",
    photos: Literal["sklearn", "bsds500"] = "sklearn",
) -> LoadedDomain:
    """Generate digits in text faces, blended into photographs as MNIST-M blends MNIST.

    Other digits than those of `load_fonts`; the same faces are held out for its test set, and test
    backgrounds come from other regions of the photographs than training backgrounds.

    Parameters
    ----------
    size, rows, test_rows, data_seed
        As in `load_fonts`.
    blend : {"difference", "mask"}
        See `dacompare.domains.mnistm.blend`.
    photos : {"sklearn", "bsds500"}
        The two photographs that come with scikit-learn, or BSDS500 from the data folder.

    Returns
    -------
    LoadedDomain
        Images (n, size, size, 3) uint8 with labels 0..9.

    Raises
    ------
    ValueError
        For sizes or numbers of rows that cannot be, and unknown names.

    References
    ----------
    Ganin & Lempitsky 2015, section 4.1: the construction of MNIST-M.

    Examples
    --------
    >>> load_fontsm(rows=5, test_rows=3).train
    Domain('fontsm', 5 images 28×28×3, ... classes)
    """
    _check_counts(size=(size, 8), rows=(rows, 1), test_rows=(test_rows, 1), data_seed=(data_seed, 0))
    check_name("blend", blend, BLENDS)
    parts: list[Part] = []
    albums = {part: load_photos(photos, part) for part in ("train", "test")}
    for part, n_rows in (("train", rows), ("test", test_rows)):
        digits, labels = _grey_digits(f"fontsm {part}", n_rows, size, data_seed)
        rng = _stream(f"fontsm {part}", data_seed, "photos")
        crops = draw_varied_crops(albums[part], n_rows, size, rng, crop_sizes=CROP_SIZES)
        parts.append((blend_images(digits, crops, how=blend), labels))
    settings = _settings("fontsm", size=size, rows=rows, test_rows=test_rows, data_seed=data_seed)
    settings |= {"blend": blend, "photos": photos, "crop_sizes": list(CROP_SIZES)}
    loaded = _loaded("fontsm", parts[0], parts[1], settings)
    return replace(loaded, files=(*(album.file for album in albums.values()), *loaded.files))


def draw_digit(digit: int, face: ImageFont.FreeTypeFont, size: int, rng: np.random.Generator) -> np.ndarray:
    """Draw one digit on a 64×64 canvas, turn, slant and stretch it at random, and shrink it.

    Parameters
    ----------
    digit : int
        0..9.
    face : FreeTypeFont
        Face at the size that suits the canvas.
    size : int
        Height and width of the result.
    rng : Generator
        Source of randomness.

    Returns
    -------
    ndarray of shape (size, size), uint8

    Examples
    --------
    >>> draw_digit(7, load_faces(("DejaVuSans.ttf",))[0], 28, np.random.default_rng(0)).shape
    (28, 28)
    """
    bilinear, half = Image.Resampling.BILINEAR, CANVAS // 2
    drawn = {name: rng.uniform(*limits) for name, limits in DISTORTION.items()}
    stroke = int(rng.integers(*STROKE_WIDTHS, endpoint=True))
    canvas = Image.new("L", (CANVAS, CANVAS))
    pen = ImageDraw.Draw(canvas)
    pen.text((half, half), str(digit), fill=255, font=face, anchor="mm", stroke_width=stroke)
    canvas = canvas.rotate(drawn["rotation_degrees"], resample=bilinear)
    # The shear turns about the middle row, so that a slanted digit stays where it was.
    across = (drawn["x_scale"], drawn["shear"], drawn["x_shift"] - half * drawn["shear"])
    down = (0.0, drawn["y_scale"], drawn["y_shift"])
    canvas = canvas.transform((CANVAS, CANVAS), Image.Transform.AFFINE, across + down, bilinear)
    return np.asarray(canvas.resize((size, size), bilinear))


def load_faces(names: tuple[str, ...]) -> list[ImageFont.FreeTypeFont]:
    """Load faces from matplotlib's font folder by file name.

    Examples
    --------
    >>> load_faces(("cmr10.ttf",))[0].getname()[0]
    'cmr10'
    """
    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    # The basic layout is in every Pillow; the other one depends on what the machine has.
    basic = ImageFont.Layout.BASIC
    return [ImageFont.truetype(str(folder / name), FACE_SIZE, layout_engine=basic) for name in names]


def _grey_digits(stream: str, n_rows: int, size: int, data_seed: int) -> Part:
    rng = _stream(stream, data_seed, "digits")
    faces = load_faces(TEST_FACES if stream.endswith("test") else TRAIN_FACES)
    labels, which = rng.integers(10, size=n_rows), rng.integers(len(faces), size=n_rows)
    pairs = zip(labels.tolist(), which.tolist(), strict=True)
    return np.stack([draw_digit(digit, faces[face], size, rng) for digit, face in pairs]), labels


def _stream(name: str, data_seed: int, what: str) -> np.random.Generator:
    key = (STREAMS[name], ("digits", "photos").index(what))
    return np.random.default_rng(np.random.SeedSequence(data_seed, spawn_key=key))


def _settings(name: str, **options: int) -> dict[str, Any]:
    return {
        "name": name,
        **options,
        "faces": list(TRAIN_FACES),
        "held_out_faces": list(TEST_FACES),
        "canvas": CANVAS,
        "face_size": FACE_SIZE,
        "stroke_widths": list(STROKE_WIDTHS),
        "distortion": {key: list(limits) for key, limits in DISTORTION.items()},
        "versions": {
            "pillow": pillow_version,
            "matplotlib": matplotlib.__version__,
            "freetype": features.version("freetype2"),
            "numpy": np.__version__,
        },
    }


def _loaded(name: str, train: Part, test: Part, generator: dict[str, Any]) -> LoadedDomain:
    domains = [Domain(X, y, name=name, class_names=DIGIT_NAMES) for X, y in (train, test)]
    files = (describe_arrays(f"{name} (generated)", *train, *test),)
    return LoadedDomain(domains[0], domains[1], files, generator)


def _check_counts(**counts: tuple[int, int]) -> None:
    for argument, (value, least) in counts.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"{argument} must be an integer from {least}, got {value!r}.")
