"""Draw accuracy, or a validator's score, over the number of aligned dimensions."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dacompare.names import check_name
from dacompare.report.display import axes_for
from dacompare.report.palette import BLUE, MUTED, ORANGE, PURPLE
from dacompare.report.reading import as_data, mean_of
from dacompare.statistics import student_interval

Curve = dict[int, float]
FRACTIONS = FuncFormatter(lambda value, _: f"{100 * value:.4g} %".replace("-", "−"))


def seed_curves(sweeps: Sequence[dict[str, Any]], of: str) -> list[Curve]:
    """Return the curve of each seed as {n_components: value}; unknown values are left out.

    Parameters
    ----------
    sweeps : sequence of dict
        Entries of the results' `sweep`, of one method.
    of : str
        "target_accuracy", "source_accuracy", or the name of a validator.

    Examples
    --------
    >>> seed_curves([{"n_components": [2, 3], "target_accuracy": [0.5, None]}], "target_accuracy")
    [{2: 0.5}]
    """
    curves = []
    for sweep in sweeps:
        values = sweep.get(of) if of.endswith("_accuracy") else (sweep.get("validators") or {}).get(of)
        pairs = zip(sweep["n_components"], values or [], strict=False)
        curves.append({int(n): float(value) for n, value in pairs if value is not None})
    return [curve for curve in curves if curve]


def mean_curve(curves: Sequence[Curve]) -> Curve:
    """Return the mean over seeds at the dimensions that every seed has.

    Examples
    --------
    >>> mean_curve([{2: 0.5, 3: 0.5}, {2: 0.7}])
    {2: 0.6}
    """
    shared = set.intersection(*map(set, curves)) if curves else set()
    return {n: float(mean_of(curve[n] for curve in curves) or 0.0) for n in sorted(shared)}


def interval_curves(curves: Sequence[Curve]) -> tuple[Curve, Curve]:
    """Return the ends of the 95 % Student-t interval over seeds, dimension by dimension; empty below two seeds.

    Each dimension is taken alone: a band of these says nothing of all dimensions at once.

    Examples
    --------
    >>> low, high = interval_curves([{2: 0.5}, {2: 0.6}])
    >>> round(low[2], 2), round(high[2], 2)
    (-0.09, 1.19)
    """
    ends = {n: student_interval([curve[n] for curve in curves]) for n in mean_curve(curves)}
    return {n: e[0] for n, e in ends.items() if e}, {n: e[1] for n, e in ends.items() if e}


def draw_sweep(
    ax: Axes,
    curves: Sequence[Curve],
    *,
    picks: Sequence[int] = (),
    oracles: Sequence[int] = (),
    base: float | None = None,
    fractions: bool = True,
) -> None:
    """Draw one thin curve a seed, their mean and its interval, with the dimensions that were picked.

    Parameters
    ----------
    curves : sequence of dict
        From :func:`seed_curves`.
    picks, oracles : sequence of int
        The dimension picked in each seed by the validator (disc), and by target labels (diamond).
    base : float, optional
        Accuracy of source-only: a dashed line.
    fractions : bool
        Whether values are fractions, to be written as percentages.
    """
    for curve in curves if len(curves) > 1 else ():
        ax.plot(list(curve), list(curve.values()), color=ORANGE, linewidth=0.7, alpha=0.45)
    mean, (low, high) = mean_curve(curves), interval_curves(curves)
    if low:
        bottom, top = list(low.values()), list(high.values())
        if fractions:
            bottom, top = [max(value, 0.0) for value in bottom], [min(value, 1.0) for value in top]
        ax.fill_between(list(low), bottom, top, color=ORANGE, alpha=0.15, linewidth=0, label="its 95 % interval")
    label = "mean over seeds" if len(curves) > 1 else "an SVM a dimension"
    ax.plot(list(mean), list(mean.values()), color=ORANGE, linewidth=2, label=label)
    if base is not None:
        ax.axhline(base, color=MUTED, linewidth=1.2, linestyle="--", label="source-only")
    _mark(ax, curves, oracles, marker="D", markerfacecolor="none", markeredgecolor=PURPLE, label="oracle's pick")
    _mark(ax, curves, picks, marker="o", markerfacecolor=BLUE, markeredgewidth=0, label="validator's pick")
    ax.set_xlabel("dimensions kept")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=5))
    if fractions:
        write_fractions(ax)


def write_fractions(ax: Axes) -> None:
    """Write the vertical axis in percent, and end it where fractions end."""
    low, high = ax.get_ylim()
    ax.set_ylim(max(low, -0.02), min(high, 1.02))
    ax.yaxis.set_major_formatter(FRACTIONS)


class SubspaceSweepDisplay:
    """What subspace alignment reaches at every number of dimensions.

    Parameters
    ----------
    sweeps : sequence of dict
        Entries of the results' `sweep` of one method, one a seed.
    validator : str, optional
        Whose picks are marked.
    base : float, optional
        Mean target accuracy of source-only.

    Attributes
    ----------
    figure_, ax_ : matplotlib figure and axes
        Set by :meth:`plot`.

    References
    ----------
    Fernando et al. 2013, section 3.3. Ganin & Lempitsky 2015, section 4 (dimensions 2 to 60).

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> sweep = {"method": "sa", "seed": 0, "n_components": [2, 3], "target_accuracy": [0.5, 0.6]}
    >>> display = SubspaceSweepDisplay([sweep]).plot(ax=Figure().add_subplot())
    >>> display.ax_.get_xlabel()
    'dimensions kept'
    """

    def __init__(
        self, sweeps: Sequence[dict[str, Any]], *, validator: str | None = None, base: float | None = None
    ) -> None:
        self.sweeps = list(sweeps)
        self.validator = validator
        self.base = base

    @classmethod
    def from_results(cls, results: Any, method: str = "sa", *, validator: str | None = None) -> "SubspaceSweepDisplay":
        """Return the display of one method's sweep.

        Parameters
        ----------
        results : Results or dict
        method : str
            A row that was swept.
        validator : str, optional
            By default the recipe's primary validator.

        Raises
        ------
        ValueError
            If the method was not swept; the error names those that were.
        """
        data = as_data(results)
        if not data["sweep"]:
            raise ValueError("these results hold no sweep over dimensions: no row of their recipe asks for one")
        check_name("method", method, {sweep["method"] for sweep in data["sweep"]})
        summary = {entry["method"]: entry for entry in data["summary"]}
        base = summary.get("source-only", {}).get("mean")
        primary = (data["recipe"].get("protocol") or {}).get("primary_validator")
        return cls([s for s in data["sweep"] if s["method"] == method], validator=validator or primary, base=base)

    @classmethod
    def from_estimator(
        cls, sweep: Any, X: Any = None, y: Any = None, *, base: float | None = None
    ) -> "SubspaceSweepDisplay":
        """Return the display of a fitted sweep.

        Parameters
        ----------
        sweep : SubspaceSweep
            Fitted.
        X : array-like of shape (n_target, n_features) or Domain, optional
            Target rows to measure accuracy on. Without them, the validator's score is drawn.
        y : array-like of shape (n_target,), optional
            Their labels; by default those of a `Domain`. They draw the curve and the oracle's pick, and choose nothing.
        base : float, optional
            Target accuracy without alignment: a dashed line.

        Raises
        ------
        ValueError
            For an estimator that is not fitted, a sweep of one dimension without labels, and X without y.

        Examples
        --------
        >>> import numpy as np
        >>> from dacompare import SubspaceSweep
        >>> rng = np.random.default_rng(0)
        >>> X, y = rng.normal(size=(100, 5)), np.arange(100) % 2
        >>> X[:, 0] += 4 * y
        >>> sweep = SubspaceSweep((1, 5)).fit(X, y, X_target=X + 1)
        >>> display = SubspaceSweepDisplay.from_estimator(sweep, X + 1, y)
        >>> display.picks == [sweep.best_n_components_], len(seed_curves(display.sweeps, "target_accuracy")[0])
        (True, 5)
        """
        if not hasattr(sweep, "best_n_components_"):
            raise ValueError(
                f"sweep must be a fitted SubspaceSweep, got {sweep!r:.80}: call fit(X, y, X_target=…) first"
            )
        labels = getattr(X, "y", None) if y is None else y
        if (X is None) != (labels is None):
            raise ValueError(
                "X and y go together: give target rows with their labels, or neither for the validator's score"
            )
        if X is None and not sweep.validator_scores_:
            raise ValueError(
                "sweep has one dimension, which no validator had to score, so that there is nothing to draw; give X and"
                " y, target rows with their labels, for its accuracy"
            )
        dimensions = sweep.dimensions_.tolist()
        accuracy = None if X is None else sweep.accuracy_curve(X, labels).tolist()
        scores = {name: values.tolist() for name, values in sweep.validator_scores_.items()}
        entry = {
            "method": "sa",
            "seed": 0,
            "n_components": dimensions,
            "target_accuracy": accuracy,
            "validators": scores,
            "picks": {sweep.validator: sweep.best_n_components_} if scores else {},
            "oracle": None if accuracy is None else dimensions[accuracy.index(max(accuracy))],
        }
        return cls([entry], validator=sweep.validator if scores else None, base=base)

    @property
    def has_accuracy(self) -> bool:
        """Whether target accuracy is known; without it only a validator's score can be drawn."""
        return bool(seed_curves(self.sweeps, "target_accuracy"))

    @property
    def picks(self) -> list[int]:
        """The dimension that the validator picked in each seed."""
        return _known((sweep.get("picks") or {}).get(self.validator) for sweep in self.sweeps)

    @property
    def oracles(self) -> list[int]:
        """The dimension that target labels would have picked in each seed."""
        return _known(sweep.get("oracle") for sweep in self.sweeps)

    def plot(self, ax: Axes | None = None, *, of: str | None = None) -> "SubspaceSweepDisplay":
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib axes, optional
            By default a new figure with a legend.
        of : str, optional
            "target_accuracy", "source_accuracy" or a validator; by default the first that is known of target
            accuracy and the display's validator.

        Returns
        -------
        SubspaceSweepDisplay
            Itself, with `figure_` and `ax_`.
        """
        of = of or ("target_accuracy" if self.has_accuracy else self.validator or "source_accuracy")
        curves = seed_curves(self.sweeps, of)
        if not curves:
            raise ValueError(f"of={of!r} was not measured in this sweep: it has no values to draw")
        new = ax is None
        self.figure_, self.ax_ = axes_for(ax)
        on_target = of == "target_accuracy"
        fractions = of.endswith("accuracy") or all(0 <= v <= 1 for curve in curves for v in curve.values())
        draw_sweep(
            self.ax_,
            curves,
            picks=self.picks,
            oracles=self.oracles if on_target else (),
            base=self.base if on_target else None,
            fractions=fractions,
        )
        self.ax_.set_ylabel(of.replace("_", " "))
        if new:
            self.ax_.legend(frameon=False)
        return self


def _known(values: Any) -> list[int]:
    return [int(value) for value in values if value is not None]


def _mark(ax: Axes, curves: Sequence[Curve], picks: Sequence[int], **style: Any) -> None:
    """Mark each seed's pick on its own curve; only where every curve has a pick are they paired."""
    if not picks or len(picks) != len(curves):
        return
    places = [(n, curve[n]) for n, curve in zip(picks, curves, strict=True) if n in curve]
    ax.plot([n for n, _ in places], [v for _, v in places], linestyle="none", markersize=6.5, **style)
