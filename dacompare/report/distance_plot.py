"""Draw how far apart the domains are in each set of features, with the controls that should hold 0."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from dacompare.names import check_name
from dacompare.report.display import axes_for
from dacompare.report.formatting import shorten
from dacompare.report.palette import BLUE, INK, MUTED
from dacompare.report.reading import Data, as_data, label_of

PAD = "proxy-a-distance"
PAD_LABEL = "proxy A-distance (2: told apart without error)"
ENDS = {PAD: (0.0, 2.0)}
CONTROLS = ("control_source", "control_target")


def measure_label(measure: str) -> str:
    """Return what a measure is called; one that this version does not know keeps its key.

    Examples
    --------
    >>> measure_label("mmd"), measure_label("of-another-version")
    ('MMD², unbiased', 'of-another-version')
    """
    from dacompare.divergence import MEASURES

    return MEASURES[measure].label if measure in MEASURES else measure


@dataclass(frozen=True)
class Distance:
    """One measure on one set of features.

    Parameters
    ----------
    label : str
        What the features are called.
    values : tuple of float
        One a seed.
    controls : tuple of float
        The same code on two halves of one domain: about 0.
    interval : tuple of two floats, or None
        95 % interval of a single value.
    """

    label: str
    values: tuple[float, ...]
    controls: tuple[float, ...] = ()
    interval: tuple[float, float] | None = None

    @property
    def mean(self) -> float:
        """Mean over seeds."""
        return sum(self.values) / len(self.values)


def draw_distances(
    ax: Axes, distances: Sequence[Distance], *, label: str, ends: tuple[float, float] | None = None
) -> None:
    """Draw a line a set of features: seeds as discs, their mean as a bar, controls as hollow diamonds.

    Parameters
    ----------
    distances : sequence of Distance
        From top to bottom.
    label : str
        What the axis measures.
    ends : tuple of two floats, optional
        The least and the largest value that the measure can take.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().add_subplot()
    >>> draw_distances(ax, [Distance("DANN", (0.3, 0.5))], label="proxy A-distance")
    >>> [tick.get_text() for tick in ax.get_yticklabels()]
    ['DANN']
    """
    for y, distance in enumerate(distances):
        if distance.interval is not None:
            ax.plot(distance.interval, (y, y), color=BLUE, linewidth=5, alpha=0.25, solid_capstyle="butt")
        ax.plot(
            distance.controls, [y] * len(distance.controls), "D", markerfacecolor="none", color=MUTED, markersize=4.5
        )
        ax.plot(
            distance.values, [y] * len(distance.values), "o", color=BLUE, markersize=6, markeredgewidth=0, alpha=0.7
        )
        ax.plot((distance.mean, distance.mean), (y - 0.28, y + 0.28), color=INK, linewidth=1.6)
    names = [shorten(distance.label, 22) for distance in distances]
    ax.set_yticks(range(len(distances)), names, parse_math=False, color=INK)
    ax.set_ylim(len(distances) - 0.4, -0.6)
    ax.axvline(0, color=MUTED, linewidth=0.8)
    if ends is not None:
        low, high = ax.get_xlim()
        ax.set_xlim(min(low, ends[0] - 0.1), max(high, ends[1] + 0.1))
    ax.spines["left"].set_visible(False)
    ax.grid(False, axis="y")
    ax.set_xlabel(label)


def distances_of(data: Data, measure: str) -> list[Distance]:
    """Return one measure of a comparison on each set of features, in the order of the results.

    Examples
    --------
    >>> entry = {"measure": "mmd", "features": "pixels", "seed": 0, "value": 0.2}
    >>> distances_of(as_data({"divergence": [entry]}), "mmd")
    [Distance(label='Raw input', values=(0.2,), controls=(), interval=None)]
    """
    known = [e for e in data["divergence"] if e.get("measure") == measure and e.get("value") is not None]
    found = []
    for features in dict.fromkeys(entry["features"] for entry in known):
        own = [entry for entry in known if entry["features"] == features]
        found.append(
            Distance(
                "Raw input" if features == "pixels" else label_of(data, features),
                tuple(entry["value"] for entry in own),
                tuple(e[key] for e in own for key in CONTROLS if e.get(key) is not None),
                tuple(own[0]["ci95"]) if len(own) == 1 and own[0].get("ci95") else None,
            )
        )
    return found


class DistanceDisplay:
    """How far apart the domains are in each set of features, such as before and after adaptation.

    Seeds are discs, their mean is a bar, controls are hollow diamonds, and a broad line is the 95 % interval of a
    single value.

    Parameters
    ----------
    distances : sequence of Distance
        From top to bottom.
    label : str
        What the axis measures.
    ends : tuple of two floats, optional
        The least and the largest value that the measure can take.

    Attributes
    ----------
    figure_, ax_ : matplotlib figure and axes
        Set by :meth:`plot`.

    References
    ----------
    Ben-David et al. 2006, section 5 (proxy A-distance); Ganin et al. 2016, Figure 3.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> rng = np.random.default_rng(0)
    >>> X_source, X_target = rng.normal(size=(100, 3)), rng.normal(2.0, size=(100, 3))
    >>> display = DistanceDisplay.from_features(X_source, X_target - 2, before=(X_source, X_target))
    >>> display.distances[0].mean > 1.5 > 0.8 > display.distances[1].mean
    True
    >>> [tick.get_text() for tick in display.plot(ax=Figure().add_subplot()).ax_.get_yticklabels()]
    ['before', 'after']
    """

    def __init__(
        self, distances: Sequence[Distance], *, label: str = PAD_LABEL, ends: tuple[float, float] | None = (0.0, 2.0)
    ) -> None:
        self.distances = list(distances)
        if not self.distances:
            raise ValueError("distances must hold at least one Distance, got none: there is nothing to draw")
        self.label = label
        self.ends = ends

    @classmethod
    def from_features(
        cls,
        Z_source: Any,
        Z_target: Any,
        *,
        before: tuple[Any, Any] | None = None,
        labels: tuple[str, str] = ("before", "after"),
        max_rows: int = 5000,
        random_state: int = 0,
    ) -> "DistanceDisplay":
        """Measure the proxy A-distance between two sets of rows, with its two controls, and return its display.

        Parameters
        ----------
        Z_source, Z_target : array-like of shape (n, ...) or Domain
            Features after adaptation, or the only ones; best of rows that nothing was trained on.
        before : (X_source, X_target), optional
            Rows to compare with: the input, or features without adaptation.
        labels : (str, str)
            What both are called; without `before` the second stands alone, by default as "features".
        max_rows, random_state
            As in :func:`dacompare.proxy_a_distance`.
        """
        from dacompare.divergence import proxy_a_distance_with_controls as measure  # on request; a page never measures

        if before is not None and (not hasattr(before, "__len__") or len(before) != 2):
            raise TypeError(
                f"before must be a pair (X_source, X_target), or None, got {type(before).__name__}; the rows of both"
                " domains are needed to compare with"
            )
        if before is None:
            named = {"features" if labels == ("before", "after") else labels[1]: (Z_source, Z_target)}
        else:
            named = {labels[0]: tuple(before), labels[1]: (Z_source, Z_target)}
        found = {name: measure(*pair, max_rows=max_rows, random_state=random_state) for name, pair in named.items()}
        return cls.from_distances(found, label=PAD_LABEL, ends=ENDS[PAD])

    @classmethod
    def from_distances(
        cls, measured: Mapping[str, Any], *, label: str = "", ends: tuple[float, float] | None = None
    ) -> "DistanceDisplay":
        """Return the display of distances that were measured already.

        Parameters
        ----------
        measured : mapping of str to ProxyADistance, MeasuredDistance, float, or a sequence of these
            By name of the features; a sequence holds one distance a seed.
        label, ends
            As in :class:`DistanceDisplay`. By default those of the proxy A-distance where all are of its type, else
            "distance" and no ends: a number does not say what it measures.

        Examples
        --------
        >>> DistanceDisplay.from_distances({"pixels": 1.9, "DANN": [0.3, 0.5]}).distances[1].mean
        0.4
        """
        if not label and all(_is_proxy(given) for given in measured.values()):
            label, ends = PAD_LABEL, ENDS[PAD] if ends is None else ends
        distances = [_distance(name, given) for name, given in measured.items()]
        return cls(distances, label=label or "distance", ends=ends)

    @classmethod
    def from_results(cls, results: Any, measure: str = PAD) -> "DistanceDisplay":
        """Return the display of one measure of a comparison.

        Parameters
        ----------
        results : Results or dict
        measure : str
            A key of MEASURES that was measured.

        Raises
        ------
        ValueError
            If it was not measured; the error names those that were.
        """
        data = as_data(results)
        known = {e["measure"] for e in data["divergence"] if e.get("value") is not None}
        if not known:
            raise ValueError("these results hold no distance between the domains: there is nothing to draw")
        check_name("measure", measure, known)
        label = PAD_LABEL if measure == PAD else measure_label(measure)
        return cls(distances_of(data, measure), label=label, ends=ENDS.get(measure))

    def plot(self, ax: Axes | None = None) -> "DistanceDisplay":
        """Draw a line a set of features.

        Parameters
        ----------
        ax : matplotlib axes, optional
            By default a new figure.

        Returns
        -------
        DistanceDisplay
            Itself, with `figure_` and `ax_`.
        """
        self.figure_, self.ax_ = axes_for(ax, (5.6, 1.1 + 0.45 * len(self.distances)))
        draw_distances(self.ax_, self.distances, label=self.label, ends=self.ends)
        return self


def _several(given: Any) -> Any:
    """Return the distances of a set of features, one a seed, where one may stand alone."""
    return given if isinstance(given, list | tuple) else [given]


def _is_proxy(given: Any) -> bool:
    several = _several(given)
    return bool(several) and all(type(one).__name__ == "ProxyADistance" for one in several)


def _distance(name: str, given: Any) -> Distance:
    several = _several(given)
    if not several:
        raise ValueError(f"measured[{name!r}] must hold at least one distance, got {given!r}")
    controls = [getattr(one, key, None) for one in several for key in CONTROLS]
    interval = getattr(several[0], "ci95", None) if len(several) == 1 else None
    return Distance(
        str(name),
        tuple(float(one) for one in several),
        tuple(float(value) for value in controls if value is not None),
        None if interval is None else (float(interval[0]), float(interval[1])),
    )
