"""Draw what happened during training: losses, accuracies and schedules over the steps."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from dacompare.names import check_name
from dacompare.report.display import axes_for, plain
from dacompare.report.palette import BLUE, MUTED, ORANGE, method_styles
from dacompare.report.reading import as_data, mean_of, methods_of
from dacompare.report.sweep_display import write_fractions

Series = dict[int, float]

# Key of the results' history → what the axis says.
CURVES = {
    "target_test_accuracy": "accuracy on target test rows",
    "source_test_accuracy": "accuracy on source test rows",
    "label_loss": "label loss",
    "domain_loss": "domain loss",
    "train_domain_accuracy": "domain accuracy, training batches",
    "held_out_domain_accuracy": "domain accuracy, held-out rows",
    "adaptation_factor": "adaptation factor λ",
    "learning_rate": "learning rate",
}
CHANCE = {"domain_loss": 0.6931, "train_domain_accuracy": 0.5, "held_out_domain_accuracy": 0.5}
THOUSANDS = FuncFormatter(lambda step, _: f"{step:,.0f}")
POWERS = FuncFormatter(lambda value, _: f"{value:g}")
FAR = 1000  # times the median: from here on a loss is drawn on a logarithmic axis


def series_of(history: dict[str, Any], key: str) -> Series:
    """Return {step: value} of one run; steps without a value are left out.

    Examples
    --------
    >>> series_of({"step": [0, 100], "label_loss": [2.3, None]}, "label_loss")
    {0: 2.3}
    """
    pairs = zip(history.get("step") or [], history.get(key) or [], strict=False)
    return {int(step): float(value) for step, value in pairs if value is not None}


def mean_series(runs: Sequence[Series]) -> Series:
    """Return the mean over runs at the steps that all of them have.

    Examples
    --------
    >>> mean_series([{0: 1.0, 10: 0.5}, {0: 2.0}])
    {0: 1.5}
    """
    shared = set.intersection(*map(set, runs)) if runs else set()
    return {step: float(mean_of(run[step] for run in runs) or 0.0) for step in sorted(shared)}


def draw_history(
    ax: Axes,
    histories: Sequence[dict[str, Any]],
    key: str,
    *,
    styles: dict[str, tuple[str, str]],
    labels: dict[str, str],
) -> None:
    """Draw one curve of every method: a thin line a seed, a thick one for their mean.

    Parameters
    ----------
    ax : matplotlib axes
    histories : sequence of dict
        Entries of the results' `history`.
    key : str
        One of `CURVES`.
    styles, labels : dict
        (colour, dash) and name by method.
    """
    for method in dict.fromkeys(history["method"] for history in histories):
        colour, dash = styles[method]
        runs = [run for h in histories if h["method"] == method and (run := series_of(h, key))]
        for run in runs if len(runs) > 1 else ():
            ax.plot(list(run), list(run.values()), color=colour, linewidth=0.6, alpha=0.4)
        if mean := mean_series(runs):
            label = plain(labels.get(method, method))
            ax.plot(list(mean), list(mean.values()), color=colour, linestyle=dash, linewidth=2, label=label)
    if key in CHANCE:
        ax.axhline(CHANCE[key], color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)))
    _steps(ax)
    if key.endswith("accuracy"):
        write_fractions(ax)
    elif is_far_flung([value for history in histories for value in series_of(history, key).values()]):
        ax.set_yscale("log", nonpositive="mask")
        ax.yaxis.set_major_locator(LogLocator(numticks=6))
        ax.yaxis.set_major_formatter(POWERS)
        ax.yaxis.set_minor_locator(NullLocator())


def is_far_flung(values: Sequence[float]) -> bool:
    """Tell whether some values of a curve would leave nothing to be seen of the others: a training has diverged.

    Examples
    --------
    >>> is_far_flung([2.3, 1.1, 0.7, 0.6]), is_far_flung([2.3, 1.1, 0.7, 8e21])
    (False, True)
    """
    positive = [value for value in values if value > 0]
    return bool(positive) and max(positive) > FAR * median(positive)


def draw_schedules(ax: Axes, history: dict[str, Any]) -> None:
    """Draw λ and the learning rate, the latter as a share of its first value, so that both fit one axis."""
    factor, rate = series_of(history, "adaptation_factor"), series_of(history, "learning_rate")
    if factor:
        ax.plot(list(factor), list(factor.values()), color=BLUE, linewidth=2, label="λ")
    first = next(iter(rate.values()), 0.0)
    if first:
        shares = [value / first for value in rate.values()]
        ax.plot(list(rate), shares, color=ORANGE, linestyle="-.", linewidth=2, label="learning rate / its start")
    ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
    _steps(ax)


class HistoryDisplay:
    """Training curves of the networks of a comparison, or of one network.

    Parameters
    ----------
    histories : sequence of dict
        Each with "method", "seed", "step" and the curves of the results' `history`.
    labels : dict, optional
        What each method is called.

    Attributes
    ----------
    figure_, ax_ : matplotlib figure and axes
        Set by :meth:`plot`.

    References
    ----------
    Ganin & Lempitsky 2015, section 3.1 (λ) and the supplement (learning rate).

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> run = {"method": "dann", "seed": 0, "step": [0, 100], "label_loss": [2.3, 0.4]}
    >>> HistoryDisplay([run]).plot(Figure().add_subplot()).ax_.get_ylabel()
    'label loss'
    """

    def __init__(self, histories: Sequence[dict[str, Any]], *, labels: dict[str, str] | None = None) -> None:
        self.histories = list(histories)
        self.labels = dict(labels or {})

    @classmethod
    def from_results(cls, results: Any, methods: str | Sequence[str] | None = None) -> "HistoryDisplay":
        """Return the display of the networks of a comparison.

        Parameters
        ----------
        results : Results or dict
        methods : str or sequence of str, optional
            By default every row that was trained and is no bound.

        Raises
        ------
        ValueError
            For a method that trained no network.
        """
        data = as_data(results)
        methods = [methods] if isinstance(methods, str) else methods
        known = {entry["method"]: entry for entry in methods_of(data)}
        trained = dict.fromkeys(history["method"] for history in data["history"])
        usable = [name for name in trained if known.get(name, {}).get("kind") != "bound"]
        chosen = usable if methods is None else [check_name("methods", name, trained) for name in methods]
        histories = [history for history in data["history"] if history["method"] in chosen]
        return cls(histories, labels={name: entry["label"] for name, entry in known.items()})

    @classmethod
    def from_estimator(cls, *estimators: Any, labels: Sequence[str] | None = None) -> "HistoryDisplay":
        """Return the display of fitted networks, from their ``history_``.

        Parameters
        ----------
        *estimators : DANNClassifier, SourceOnlyClassifier, or a pipeline that ends in one
        labels : sequence of str, optional
            What they are called; by default their class, numbered where two are of one class.

        Raises
        ------
        ValueError
            If there is none, or if one has no ``history_``: it is no network, or was not fitted.

        Examples
        --------
        >>> class Fitted:
        ...     history_ = {"step": [0, 10], "label_loss": [2.0, 1.0]}
        >>> HistoryDisplay.from_estimator(Fitted(), Fitted()).labels
        {'Fitted 1': 'Fitted 1', 'Fitted 2': 'Fitted 2'}
        """
        if not estimators:
            raise ValueError("estimators must hold at least one fitted network, got none")
        names = _estimator_names(estimators) if labels is None else [str(label) for label in labels]
        if len(set(names)) != len(estimators):
            raise ValueError(f"labels must be {len(estimators)} different names, got {names}")
        histories = [
            {**{key: list(values) for key, values in _history_of(estimator).items()}, "method": name, "seed": 0}
            for name, estimator in zip(names, estimators, strict=True)
        ]
        return cls(histories, labels={name: name for name in names})

    @property
    def styles(self) -> dict[str, tuple[str, str]]:
        """(colour, dash) by method."""
        return method_styles(list(dict.fromkeys(history["method"] for history in self.histories)))

    def has(self, curve: str) -> bool:
        """Return whether any run has a value of this curve."""
        return any(series_of(history, curve) for history in self.histories)

    def plot(self, ax: Axes | None = None, *, curve: str | None = None) -> "HistoryDisplay":
        """Draw one curve of every network.

        Parameters
        ----------
        ax : matplotlib axes, optional
            By default a new figure with a legend.
        curve : str, optional
            One of `CURVES`; by default the first of them that was recorded.

        Returns
        -------
        HistoryDisplay
            Itself, with `figure_` and `ax_`.
        """
        if curve is None:
            curve = next((key for key in CURVES if self.has(key)), "label_loss")
        check_name("curve", curve, CURVES)
        if not self.has(curve):
            recorded = [key for key in CURVES if self.has(key)]
            raise ValueError(
                f"curve={curve!r} was not recorded in these runs, recorded were {', '.join(recorded) or 'none'}"
            )
        new = ax is None
        self.figure_, self.ax_ = axes_for(ax)
        draw_history(self.ax_, self.histories, curve, styles=self.styles, labels=self.labels)
        self.ax_.set_ylabel(CURVES[curve])
        if new:
            self.ax_.legend(frameon=False)
        return self


def _steps(ax: Axes) -> None:
    ax.set_xlabel("training step")
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    ax.xaxis.set_major_formatter(THOUSANDS)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=4))


def _last_step(estimator: Any) -> Any:
    """Return what a pipeline ends in, or the estimator itself."""
    steps = getattr(estimator, "steps", None)
    return steps[-1][1] if isinstance(steps, list) and steps else estimator


def _history_of(estimator: Any) -> dict[str, Any]:
    network = _last_step(estimator)
    if not hasattr(network, "history_"):
        raise ValueError(
            f"{type(network).__name__} has no history_: give a network that was fitted, as DANNClassifier is"
        )
    return dict(network.history_)


def _estimator_names(estimators: Sequence[Any]) -> list[str]:
    kinds = [type(_last_step(estimator)).__name__ for estimator in estimators]
    return [f"{kind} {i}" if kinds.count(kind) > 1 else kind for i, kind in enumerate(kinds, 1)]
