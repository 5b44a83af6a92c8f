"""Draw example images of both domains below each other."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from dacompare.images import decode_png, one_of_each, thumbnail
from dacompare.report.display import axes_for
from dacompare.report.examples import is_image
from dacompare.report.formatting import shorten
from dacompare.report.palette import INK, MUTED
from dacompare.report.reading import as_data, class_name

GAP = 0.06  # between images, as a share of their side
LABEL = 0.34  # height of a line of class names
SIDES = ("source", "target")


class Strip(NamedTuple):
    """Images of one domain.

    Parameters
    ----------
    name : str
        What the domain is called.
    images : sequence of ndarray of shape (height, width, 3)
        uint8.
    labels : sequence of str
        The class of each image; empty where classes are unknown.
    """

    name: str
    images: Sequence[NDArray[np.uint8]]
    labels: Sequence[str] = ()


def draw_pairs(ax: Axes, source: Strip, target: Strip) -> None:
    """Draw one row of images a domain, each image with its class below it as far as that is known.

    Parameters
    ----------
    ax : matplotlib axes
    source, target : Strip
        The source stands above.
    """
    below, strips = 0.0, (source, target)
    for side, strip in zip(SIDES, strips, strict=True):
        name = shorten(strip.name, 16)
        _name(ax, side if name in ("", side) else f"{side}\n{name}", below)
        for column, image in enumerate(strip.images):
            left, width = column + GAP / 2, 1 - GAP
            ax.imshow(image, extent=(left, left + width, below + width, below), interpolation="nearest")
        for column, label in enumerate(strip.labels):
            ax.text(
                column + 0.5, below + 1 + LABEL / 2 - GAP, shorten(label, 11), ha="center", va="center", color=MUTED,
                fontsize=8.5, parse_math=False,
            )  # fmt: skip
        below += 1 + (LABEL if strip.labels else GAP)
    ax.set_xlim(0, max(len(strip.images) for strip in strips))
    ax.set_ylim(below, 0)
    ax.set_aspect("equal")
    ax.axis("off")


class DomainPairsDisplay:
    """Example images of both domains, a class each as far as classes are known.

    Parameters
    ----------
    source, target : Strip
        Names, images and labels.

    Attributes
    ----------
    figure_, ax_ : matplotlib figure and axes
        Set by :meth:`plot`.

    References
    ----------
    Ganin & Lempitsky 2015, Figure 2.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> images = np.random.default_rng(0).random((20, 28, 28))
    >>> display = DomainPairsDisplay.from_domains(images, 1 - images, np.arange(20) % 4, n=4)
    >>> len(display.plot(ax=Figure().add_subplot()).ax_.images)
    8
    """

    def __init__(self, source: Strip, target: Strip) -> None:
        self.source = source
        self.target = target

    @classmethod
    def from_domains(
        cls,
        source: Any,
        target: Any,
        y_source: ArrayLike | None = None,
        y_target: ArrayLike | None = None,
        *,
        n: int = 10,
        class_names: Sequence[str] | None = None,
    ) -> "DomainPairsDisplay":
        """Return the display of the first image of each class, then further images in order: as a report has them.

        Parameters
        ----------
        source, target : Domain or array-like of shape (n, height, width) or (n, height, width, channels)
            Images, uint8 or floats in [0, 1]. A `Domain` brings its own labels and names.
        y_source, y_target : array-like of shape (n,), optional
            Labels of any type, for arrays; they choose the images and are written below them.
        n : int
            Images of each domain.
        class_names : sequence of str, optional
            Names of the sorted source labels; by default those of a `Domain`, else the labels themselves.

        Raises
        ------
        ValueError
            For feature vectors, pixels outside their range, and labels that are not as many as images.
        """
        if n < 1:
            raise ValueError(f"n must be at least 1 image of each domain, got {n!r}")
        given = [
            _rows(side, domain, y)
            for side, domain, y in zip(SIDES, (source, target), (y_source, y_target), strict=True)
        ]
        names = _names(source, given[0][1], class_names)
        strips = [
            _strip(side, domain, *rows, n, names)
            for side, domain, rows in zip(SIDES, (source, target), given, strict=True)
        ]
        return cls(*strips)

    @classmethod
    def from_results(cls, results: Any) -> "DomainPairsDisplay":
        """Return the display of the images that a comparison keeps.

        Parameters
        ----------
        results : Results or dict

        Raises
        ------
        ValueError
            Where it keeps none: rows that are feature vectors, or ``report.examples = 0``.
        """
        data = as_data(results)
        strips = []
        for side in SIDES:
            sheet = data["examples"].get(side)
            if not sheet or not is_image(sheet.get("png_base64")):
                raise ValueError(
                    f"these results keep no images of the {side}: rows are feature vectors, or report.examples was 0;"
                    " DomainPairsDisplay.from_domains takes image arrays"
                )
            images = np.array_split(decode_png(sheet["png_base64"]), sheet.get("columns") or 1, axis=1)
            labels = [class_name(data, k) for k in sheet.get("labels") or []]
            strips.append(Strip(data["task"][side], images, labels))
        return cls(*strips)

    def plot(self, ax: Axes | None = None) -> "DomainPairsDisplay":
        """Draw both rows of images.

        Parameters
        ----------
        ax : matplotlib axes, optional
            By default a new figure.

        Returns
        -------
        DomainPairsDisplay
            Itself, with `figure_` and `ax_`.
        """
        self.figure_, self.ax_ = axes_for(ax, self.size)
        draw_pairs(self.ax_, self.source, self.target)
        return self

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches of a figure that fits the images."""
        strips = (self.source, self.target)
        columns = max(len(strip.images) for strip in strips)
        rows = sum(1 + (LABEL if strip.labels else GAP) for strip in strips)
        return 0.85 * columns + 0.5, 0.85 * rows + 0.2


def _name(ax: Axes, name: str, top: float) -> None:
    ax.text(
        -0.1, top + 0.5, name, rotation=90, ha="right", va="center", multialignment="center", color=INK,
        fontsize=8.5, parse_math=False,
    )  # fmt: skip


def _rows(side: str, given: Any, y: ArrayLike | None) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return the images and labels of a Domain, or of an array and labels, checked."""
    is_domain = hasattr(given, "without_labels")
    X = np.asarray(given.X if is_domain else given)
    labels = given.y if is_domain and y is None else y
    if X.ndim not in (3, 4) or (X.ndim == 4 and X.shape[3] not in (1, 3)):
        raise ValueError(
            f"{side} must hold images, shape (n, height, width) or (n, height, width, 1 or 3), got {X.shape}; feature"
            " vectors have nothing to look at: draw them with TSNEDisplay.from_features"
        )
    if not len(X):
        raise ValueError(f"{side} holds no image, shape {X.shape}")
    is_float = X.dtype.kind == "f"
    if X.dtype != np.uint8 and not (is_float and X.min() >= 0 and X.max() <= 1):
        raise ValueError(
            f"{side} must be uint8, or floats in [0, 1], got {X.dtype} from {X.min()} to {X.max()}; divide by the range"
        )
    if labels is not None and np.shape(labels) != (len(X),):
        raise ValueError(f"y_{side} must have a label for each of {len(X)} images, got shape {np.shape(labels)}")
    return X, None if labels is None else np.asarray(labels)


def _names(source: Any, y: NDArray[Any] | None, class_names: Sequence[str] | None) -> dict[Any, str]:
    """Return the name of each source label."""
    names = getattr(source, "class_names", None) if class_names is None else class_names
    if y is None or names is None:
        return {}
    labels = np.unique(y).tolist()
    if len(names) == len(labels):
        return dict(zip(labels, map(str, names), strict=True))
    if not all(isinstance(k, int) and 0 <= k < len(names) for k in labels):
        raise ValueError(f"class_names must name the {len(labels)} sorted source labels, got {len(names)} names")
    return {k: str(names[k]) for k in labels}


def _strip(side: str, given: Any, X: NDArray[Any], y: NDArray[Any] | None, n: int, names: dict[Any, str]) -> Strip:
    rows = one_of_each(y, len(X), n)
    labels = [] if y is None else [names.get(label, str(label)) for label in y[rows].tolist()]
    return Strip(getattr(given, "name", "") or side, [thumbnail(X[row]) for row in rows], labels)
