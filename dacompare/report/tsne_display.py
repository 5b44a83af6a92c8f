"""Draw source and target features in the plane, by domain or by class."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from dacompare.checks import check_known_labels
from dacompare.names import check_name
from dacompare.report.display import axes_for
from dacompare.report.formatting import shorten
from dacompare.report.label_places import move_apart
from dacompare.report.palette import BLUE, INK, MUTED, PAPER, RULE, VERMILLION, class_colours
from dacompare.report.reading import as_data, class_names

MANY = 12  # classes from which on labels are set smaller


def draw_domains(ax: Axes, source: NDArray[Any], target: NDArray[Any]) -> None:
    """Draw source rows as discs and target rows as crosses.

    Parameters
    ----------
    ax : matplotlib axes
    source, target : ndarray of shape (n, 2)
        Positions in one joint embedding; its units carry no meaning.
    """
    _points(ax, source, "o", BLUE, "source")
    _points(ax, target, "x", VERMILLION, "target")
    _bare(ax)


def draw_classes(
    ax: Axes,
    source: NDArray[Any],
    target: NDArray[Any],
    y_source: NDArray[Any],
    y_target: NDArray[Any] | None,
    names: Sequence[str],
) -> None:
    """Draw rows in the colour of their class, and its name at the median of its source rows.

    Names that would cover each other move apart. Of more than twelve classes with long names, positions are written
    instead.

    Parameters
    ----------
    y_source, y_target : ndarray of shape (n,)
        Class positions; target rows of unknown class (None) are drawn grey.
    names : sequence of str
        By class position.
    """
    colours = class_colours(len(names))
    if y_target is None:
        _points(ax, target, "x", RULE, "target")
    for k, colour in enumerate(colours):
        _points(ax, source[y_source == k], "o", colour, None)
        if y_target is not None:
            _points(ax, target[y_target == k], "x", colour, None)
    is_small = len(names) > MANY
    written, places = [], []
    for k, name in enumerate(map(str, range(len(names))) if is_numbered(names) else names):
        here = source[y_source == k] if np.any(y_source == k) or y_target is None else target[y_target == k]
        if len(here):
            written.append(shorten(name, 10 if is_small else 14))
            places.append(np.median(here, axis=0))
    # About the size of a letter on axes of a page's width, as a share of what the points take up.
    across, up = np.ptp(np.concatenate([source, target]), axis=0)
    letter, line = (0.016, 0.035) if is_small else (0.026, 0.055)
    for name, at in zip(
        written, move_apart(places, [letter * len(n) * across for n in written], line * up), strict=True
    ):
        _name(ax, at, name, is_small=is_small)
    _bare(ax)


def legend_of_domains(ax: Axes, *, coloured: bool) -> None:
    """Say below the points which marks are source and which target; in grey where colour stands for classes."""
    marks = (("source", "o", BLUE), ("target", "x", VERMILLION))
    handles = [
        Line2D([], [], linestyle="none", marker=marker, color=colour if coloured else MUTED, label=label)
        for label, marker, colour in marks
    ]
    ax.legend(handles=handles, frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=2)


def is_numbered(names: Sequence[str]) -> bool:
    """Return whether a figure has room for the positions of these classes only.

    Examples
    --------
    >>> is_numbered(["cat", "dog"]), is_numbered([f"sign {k}" for k in range(43)])
    (False, True)
    """
    return len(names) > MANY and max(map(len, names)) > 3


class TSNEDisplay:
    """Joint t-SNE of source and target features.

    Source rows are discs, target rows crosses. What may be read from it is whether the two domains lie on top of
    each other; distances between clusters carry no meaning.

    Parameters
    ----------
    source, target : array-like of shape (n, 2)
        Positions of both domains in one embedding.
    y_source, y_target : array-like of shape (n,), optional
        Class positions, integers from 0 on; used for drawing only.
    class_names : sequence of str, optional
        By class position.

    Attributes
    ----------
    figure_, ax_ : matplotlib figure and axes
        Set by :meth:`plot`.

    References
    ----------
    Ganin & Lempitsky 2015, Figure 3. van der Maaten & Hinton 2008.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> display = TSNEDisplay([[0, 0], [1, 1]], [[0, 1], [1, 0]]).plot(ax=Figure().add_subplot())
    >>> len(display.ax_.lines)
    2
    """

    def __init__(
        self,
        source: ArrayLike,
        target: ArrayLike,
        y_source: ArrayLike | None = None,
        y_target: ArrayLike | None = None,
        *,
        class_names: Sequence[str] | None = None,
    ) -> None:
        self.source = _plane("source", source)
        self.target = _plane("target", target)
        self.y_source = _positions("y_source", y_source, self.source)
        self.y_target = _positions("y_target", y_target, self.target)
        known = [y.max() for y in (self.y_source, self.y_target) if y is not None and len(y)]
        counted = [str(k) for k in range(int(max(known)) + 1)] if known else []
        self.class_names = [str(name) for name in class_names or []] + counted[len(class_names or []) :]

    @classmethod
    def from_features(
        cls,
        Z_source: ArrayLike,
        Z_target: ArrayLike,
        y_source: ArrayLike | None = None,
        *,
        y_target: ArrayLike | None = None,
        class_names: Sequence[str] | None = None,
        max_points: int = 1000,
        perplexity: float = 30.0,
        random_state: int = 0,
    ) -> "TSNEDisplay":
        """Embed the features of both domains together, and return their display.

        Parameters
        ----------
        Z_source, Z_target : array-like of shape (n, n_features)
            Features, for instance ``dann.transform(X)``.
        y_source : array-like of shape (n_source,), optional
            Labels of any type, to draw by class.
        y_target : array-like of shape (n_target,), optional
            Labels of the same type, where there are any: they colour points, and enter nothing else.
        class_names : sequence of str, optional
            Names of the sorted labels; by default the labels themselves.
        max_points : int
            Rows of each domain that are drawn.
        perplexity, random_state
            See :func:`dacompare.joint_tsne`.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> X, y = rng.normal(size=(30, 4)), np.array(["cat", "dog"] * 15)
        >>> display = TSNEDisplay.from_features(X, X + 1, y)
        >>> display.class_names, display.y_target is None
        (['cat', 'dog'], True)
        """
        from dacompare.embedding import joint_tsne

        labels = {"source": _labels("source", Z_source, y_source), "target": _labels("target", Z_target, y_target)}
        embedded = joint_tsne(
            Z_source,
            Z_target,
            max_points=max_points,
            perplexity=perplexity,
            random_state=random_state,
        )
        names, positions = _numbered(labels, class_names)
        rows = {"source": embedded.source_rows, "target": embedded.target_rows}
        drawn = [None if positions[side] is None else positions[side][rows[side]] for side in rows]  # type: ignore[index]
        return cls(embedded.source, embedded.target, *drawn, class_names=names)

    @classmethod
    def from_results(cls, results: Any, features: str = "dann", *, layer: str = "") -> "TSNEDisplay":
        """Return the display of an embedding that a comparison has made.

        Parameters
        ----------
        results : Results or dict
        features : str
            The row whose features were embedded.
        layer : str
            Of those that were embedded: "last_hidden" or "extractor"; by default the first of them.

        Raises
        ------
        ValueError
            If those features were not embedded; the error names those that were.
        """
        data = as_data(results)
        if not data["embedding"]:
            raise ValueError("these results hold no points in the plane: embedding.features of their recipe is empty")
        check_name("features", features, {entry["features"] for entry in data["embedding"]})
        own = {entry.get("layer"): entry for entry in data["embedding"] if entry["features"] == features}
        chosen = check_name("layer", layer, own) if layer else next(iter(own))
        return cls.from_entry(own[chosen], class_names(data))

    @classmethod
    def from_entry(cls, entry: dict[str, Any], names: Sequence[str] = ()) -> "TSNEDisplay":
        """Return the display of one entry of the results' `embedding`."""
        points = np.column_stack([entry["x"], entry["y"]]).astype(float).reshape(-1, 2)
        is_target = np.asarray(entry["domain"], dtype=bool)
        y = entry.get("label")
        labels = [None, None] if y is None else [np.asarray(y)[~is_target], np.asarray(y)[is_target]]
        return cls(points[~is_target], points[is_target], *labels, class_names=names)

    def plot(self, ax: Axes | None = None, *, colour_by: str = "domain", legend: bool | None = None) -> "TSNEDisplay":
        """Draw the rows.

        Parameters
        ----------
        ax : matplotlib axes, optional
            By default a new figure.
        colour_by : {"domain", "class"}
            "class" needs `y_source`.
        legend : bool, optional
            Whether source and target are told apart in words below; by default in a new figure only.

        Returns
        -------
        TSNEDisplay
            Itself, with `figure_` and `ax_`.
        """
        check_name("colour_by", colour_by, ("domain", "class"))
        if colour_by == "class" and self.y_source is None:
            raise ValueError("colour_by='class' needs y_source, and there is none: give labels, or colour by domain")
        new = ax is None
        self.figure_, self.ax_ = axes_for(ax, (5.0, 4.4))
        if colour_by == "domain":
            draw_domains(self.ax_, self.source, self.target)
        else:
            assert self.y_source is not None
            draw_classes(self.ax_, self.source, self.target, self.y_source, self.y_target, self.class_names)
        if new if legend is None else legend:
            legend_of_domains(self.ax_, coloured=colour_by == "domain")
        return self


def _points(ax: Axes, points: NDArray[Any], marker: str, colour: str, label: str | None) -> None:
    size, edge = (3.0, 0.0) if marker == "o" else (4.0, 0.75)
    ax.plot(
        points[:, 0], points[:, 1], marker, color=colour, markersize=size, markeredgewidth=edge, alpha=0.8, label=label
    )


def _name(ax: Axes, at: NDArray[Any], name: str, *, is_small: bool) -> None:
    box = {"boxstyle": "round,pad=0.2", "facecolor": PAPER, "alpha": 0.8, "linewidth": 0}
    ax.text(
        at[0],
        at[1],
        name,
        color=INK,
        ha="center",
        va="center",
        fontsize=7.5 if is_small else 11,
        fontweight="normal" if is_small else "bold",
        bbox=box,
        parse_math=False,
    )


def _bare(ax: Axes) -> None:
    """Take ticks and grid away: positions in a t-SNE have no unit."""
    ax.grid(False)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    ax.margins(0.03)


def _plane(argument: str, points: ArrayLike) -> NDArray[Any]:
    array = np.asarray(points, dtype=float)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(
            f"{argument} must have the shape (n, 2), got {array.shape}: for features use TSNEDisplay.from_features"
        )
    return array


def _positions(argument: str, y: ArrayLike | None, points: NDArray[Any]) -> NDArray[Any] | None:
    if y is None:
        return None
    array = np.asarray(y)
    if array.shape != (len(points),) or not (np.issubdtype(array.dtype, np.integer) or not len(array)):
        raise ValueError(
            f"{argument} must hold {len(points)} class positions (integers), got {array.dtype} of shape {array.shape}"
        )
    return array.astype(np.int64)


def _labels(side: str, Z: Any, y: ArrayLike | None) -> NDArray[Any] | None:
    """Return labels as an array with one for each row of features."""
    if y is None:
        return None
    labels, n_rows = np.asarray(y), int(np.shape(getattr(Z, "X", Z))[0])
    if labels.shape != (n_rows,):
        raise ValueError(f"y_{side} must have a label for each of {n_rows} {side} rows, got shape {labels.shape}")
    return check_known_labels(f"y_{side}", labels)


def _numbered(
    labels: dict[str, NDArray[Any] | None], class_names: Sequence[str] | None
) -> tuple[list[str], dict[str, NDArray[Any] | None]]:
    """Return the names of all classes in sorted order, and labels as their positions."""
    known = {side: y for side, y in labels.items() if y is not None}
    if not known:
        return [], labels
    if len({y.dtype.kind in "OSU" for y in known.values()}) > 1:
        types = " and ".join(str(y.dtype) for y in known.values())
        raise ValueError(f"y_source and y_target must be labels of one type, got {types}")
    classes = np.unique(np.concatenate(list(known.values())))
    if class_names is not None and len(class_names) != len(classes):
        raise ValueError(f"class_names must name the {len(classes)} sorted labels, got {len(class_names)} names")
    names = [str(name) for name in (classes.tolist() if class_names is None else class_names)]
    return names, {side: None if y is None else np.searchsorted(classes, y) for side, y in labels.items()}
