"""Draw which classes are taken for which, and name the worst."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import ArrayLike, NDArray

from dacompare.checks import check_count, check_known_labels, check_name_order
from dacompare.names import check_name
from dacompare.report.class_by_class import MOST_CELLS, mean_confusion
from dacompare.report.display import axes_for
from dacompare.report.formatting import percent, shorten
from dacompare.report.palette import BLUE, INK, MUTED, PAPER, RULE
from dacompare.report.reading import as_data, class_names, label_of, measured, methods_of


class Worst(NamedTuple):
    """A class with few of its rows right.

    Parameters
    ----------
    name : str
    accuracy : float
        Share of its rows that are predicted as it.
    taken_for : str or None
        The wrong class that most of its rows are predicted as; None where all are right.
    share : float
        Share of its rows that this holds for.
    """

    name: str
    accuracy: float
    taken_for: str | None
    share: float


def draw_confusion(
    ax: Axes,
    shares: NDArray[Any],
    names: Sequence[str],
    named: tuple[Sequence[int], Sequence[int]] | None = None,
) -> None:
    """Draw a line for each true class and a column for each predicted class, darker for larger shares.

    Parameters
    ----------
    ax : matplotlib axes
    shares : ndarray of shape (n_classes, n_classes)
        Of each true class (line) the share predicted as each class; NaN for a class without rows.
    names : sequence of str
        By class position.
    named : (sequence of int, sequence of int), optional
        True and predicted classes whose names stand at the axes, in the order of their importance: one too close to
        those before it is left out. By default all. Up to twelve classes, percentages stand in the cells.
    """
    scale = LinearSegmentedColormap.from_list("shares", [PAPER, BLUE]).with_extremes(bad=RULE)
    ax.imshow(np.ma.masked_invalid(shares), cmap=scale, vmin=0, vmax=1, interpolation="nearest")
    if len(names) <= MOST_CELLS:
        for (true, said), share in np.ndenumerate(shares):
            if share >= 0.005:  # what would be written as 0 stays empty
                colour = "white" if share > 0.6 else "black"  # on the cell, whatever the paper is
                ax.text(said, true, f"{100 * share:.0f}", ha="center", va="center", color=colour, fontsize=8.5)
    everywhere = range(len(names))
    true, said = (everywhere, everywhere) if named is None else (_apart(places, len(names)) for places in named)
    turn: dict[str, Any] = (
        {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if max(map(len, names)) > 3 else {}
    )
    ax.set_xticks(said, [shorten(names[k]) for k in said], parse_math=False, color=INK, **turn)
    ax.set_yticks(true, [shorten(names[k]) for k in true], parse_math=False, color=INK)
    ax.set_xlabel("predicted class")
    ax.set_ylabel("true class")
    ax.grid(False)
    ax.spines[:].set_visible(False)


class ConfusionDisplay:
    r"""Which classes are taken for which: of each true class, the share predicted as each class.

    Parameters
    ----------
    shares : array-like of shape (n_classes, n_classes)
        Lines are true classes and add up to 1; a class without rows is a line of NaN.
    class_names : sequence of str, optional
        By class position.
    label : str
        What the predictions come from.

    Attributes
    ----------
    figure_, ax_ : matplotlib figure and axes
        Set by :meth:`plot`.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> display = ConfusionDisplay.from_predictions(["cat", "cat", "dog"], ["cat", "dog", "dog"])
    >>> display.worst(1)
    [Worst(name='cat', accuracy=0.5, taken_for='dog', share=0.5)]
    >>> display.plot(ax=Figure().add_subplot()).ax_.get_title(loc="left")
    'Worst class:\ncat: 50.0 % right, 50.0 % taken for dog'
    """

    def __init__(self, shares: ArrayLike, class_names: Sequence[str] | None = None, *, label: str = "") -> None:
        self.shares = np.asarray(shares, dtype=float)
        n = len(self.shares) if self.shares.ndim else 0
        if not n or self.shares.shape != (n, n):
            raise ValueError(
                f"shares must be square, a line for each true class, got shape {self.shares.shape}: for labels use"
                " ConfusionDisplay.from_predictions"
            )
        self.class_names = [str(k) for k in range(n)] if class_names is None else [str(name) for name in class_names]
        if len(self.class_names) != n:
            raise ValueError(f"class_names must name {n} classes, got {len(self.class_names)}")
        self.label = label

    @classmethod
    def from_predictions(
        cls, y_true: ArrayLike, y_pred: ArrayLike, *, class_names: Sequence[str] | None = None, label: str = ""
    ) -> "ConfusionDisplay":
        """Return the display of predicted labels beside the true ones.

        Parameters
        ----------
        y_true, y_pred : array-like of shape (n,)
            Labels of one type.
        class_names : sequence of str, optional
            Names of the sorted labels; by default the labels themselves.
        label : str
            What the predictions come from.
        """
        true, said = np.asarray(y_true), np.asarray(y_pred)
        if true.ndim != 1 or true.shape != said.shape or not len(true):
            raise ValueError(
                f"y_true and y_pred must be one label a row, at least one, got shapes {true.shape} and {said.shape}"
            )
        check_known_labels("y_true", true)
        check_known_labels("y_pred", said)
        if (true.dtype.kind in "OSU") != (said.dtype.kind in "OSU"):
            raise ValueError(f"y_true and y_pred must be labels of one type, got {true.dtype} and {said.dtype}")
        labels, positions = np.unique(np.concatenate([true, said]), return_inverse=True)
        counts = np.zeros((len(labels), len(labels)))
        np.add.at(counts, (positions[: len(true)], positions[len(true) :]), 1)
        totals = counts.sum(axis=1, keepdims=True)
        shares = np.divide(counts, totals, out=np.full_like(counts, np.nan), where=totals > 0)
        if class_names is not None:
            check_name_order([str(name) for name in class_names], labels)
        return cls(shares, [str(name) for name in labels.tolist()] if class_names is None else class_names, label=label)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: ArrayLike, *, class_names: Sequence[str] | None = None
    ) -> "ConfusionDisplay":
        """Return the display of what a fitted classifier says about labelled rows."""
        name = type(estimator).__name__
        return cls.from_predictions(y, estimator.predict(X), class_names=class_names, label=name)

    @classmethod
    def from_results(cls, results: Any, method: str = "dann") -> "ConfusionDisplay":
        """Return the display of one method's mean over seeds, whose rows are never pooled.

        Parameters
        ----------
        results : Results or dict
        method : str
            A row that was tested on labelled target rows.

        Raises
        ------
        ValueError
            If that row has no confusion matrix; the error names those that have.
        """
        data = as_data(results)
        known = [e["method"] for e in methods_of(data) if any(r.get("confusion") for r in measured(data, e["method"]))]
        if not known:
            raise ValueError("no row of these results has a confusion matrix: the target has no labels")
        check_name("method", method, known)
        names = class_names(data)
        shares = np.array(mean_confusion(data, method, len(names)), dtype=float)  # None becomes NaN
        return cls(shares, names, label=label_of(data, method))

    def worst(self, n: int = 3) -> list[Worst]:
        """Return the `n` classes with the fewest of their rows right, the worst first; ties in class order.

        Parameters
        ----------
        n : int
            From 0 on; of fewer classes, all come.
        """
        return [self._worst(k) for k in self._order()[: check_count("n", n, at_least=0)]]

    def plot(self, ax: Axes | None = None, *, n_worst: int = 3) -> "ConfusionDisplay":
        """Draw the matrix.

        Parameters
        ----------
        ax : matplotlib axes, optional
            By default a new figure.
        n_worst : int
            Worst classes that are named above the matrix. Of more than twelve classes, only these and what they
            are taken for are named at its axes.

        Returns
        -------
        ConfusionDisplay
            Itself, with `figure_` and `ax_`.
        """
        many = len(self.class_names) > MOST_CELLS
        self.figure_, self.ax_ = axes_for(ax, (5.6, 5.8))
        draw_confusion(self.ax_, self.shares, self.class_names, self._named(n_worst) if many else None)
        self.ax_.set_title(self._above(n_worst), loc="left", fontsize=9, color=MUTED, parse_math=False)
        return self

    def _above(self, n_worst: int) -> str:
        """Return where the predictions come from, and a line for each of the worst classes."""
        worst = [one for one in self.worst(n_worst) if one.taken_for is not None]
        if not worst:
            return self.label
        head = f"worst class{'es' if len(worst) > 1 else ''}:"
        head = f"{self.label}, {head}" if self.label else head.capitalize()
        return "\n".join([head, *map(_said, worst)])

    def _order(self) -> list[int]:
        right = np.diag(self.shares)
        return [int(k) for k in np.argsort(right, kind="stable") if not np.isnan(right[k])]

    def _taken_for(self, true: int) -> int | None:
        wrong = np.where(np.arange(len(self.shares)) == true, 0, np.nan_to_num(self.shares[true]))
        return int(np.argmax(wrong)) if wrong.max() > 0 else None

    def _worst(self, true: int) -> Worst:
        said = self._taken_for(true)
        name, share = (None, 0.0) if said is None else (self.class_names[said], float(self.shares[true, said]))
        return Worst(self.class_names[true], float(self.shares[true, true]), name, share)

    def _named(self, n_worst: int) -> tuple[list[int], list[int]]:
        worst = self._order()[:n_worst]
        return worst, [said for true in worst if (said := self._taken_for(true)) is not None]


def _apart(places: Sequence[int], n_classes: int) -> list[int]:
    """Return the places that have room for a name: of two too close to each other, the first."""
    kept: list[int] = []
    for place in places:
        if all(abs(place - other) >= n_classes / 20 for other in kept):
            kept.append(place)
    return kept


def _said(one: Worst) -> str:
    wrong = f"{percent(one.share)} taken for {shorten(one.taken_for or '', 22)}"
    return f"{shorten(one.name, 22)}: {percent(one.accuracy)} right, {wrong}"
