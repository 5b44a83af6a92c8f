"""Ask over many tasks whether methods that bring domains closer are those that gain accuracy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dacompare.ranks import spearman
from dacompare.report.distance_change_plot import draw_changes
from dacompare.report.distance_plot import PAD
from dacompare.report.formatting import number, plural
from dacompare.report.reading import Data, adapted, mean_of, methods_of
from dacompare.report.starting_point import against, start_of
from dacompare.report.svg import draw_svg
from dacompare.summary import BASE

FEWEST_TASKS = 5  # resampling fewer tasks than this gives an interval that means nothing
DRAWS = 1000
WEAK = 0.3  # an interval around 0 within these ends leaves no room for a strong correspondence


@dataclass(frozen=True)
class Change:
    """What one method changed on one task, means over seeds.

    Parameters
    ----------
    task, link, label, kind : str
        Title of the task, link of its page, name and kind ("deep" or "shallow") of the method.
    before, after : float
        Proxy A-distance of the features that it started from, and of its own.
    gain : float
        Its target accuracy minus that of the row that learns from those features without adapting, as a fraction.
    start : str
        Whose features `before` is of: a row's, or "pixels" for the input.
    base : str
        Label of the row that `gain` is against; "" for source-only.
    """

    task: str
    link: str
    label: str
    kind: str
    before: float
    after: float
    gain: float
    start: str
    base: str = ""

    @property
    def distance(self) -> float:
        """By how much the distance changed; negative where the domains came closer."""
        return self.after - self.before


def distance_changes(reports: Sequence[tuple[Data, str]]) -> list[list[Change]]:
    """Return the changes of each task that has any: methods with a distance of their own, and an accuracy.

    Both changes are against one and the same :func:`start_of`, seed by seed. Oracles and bounds do not count. Reports
    on the same data are one task, however they were trained: resampling must not take them for two.

    Parameters
    ----------
    reports : sequence of (dict, str)
        Results as :func:`~dacompare.report.reading.as_data` gives them, each with the link of its page.
    """
    tasks: dict[Any, list[Change]] = {}
    for k, (data, link) in enumerate(reports):
        tasks.setdefault(_data_of(data) or k, []).extend(task_changes(data, link))
    return [own for own in tasks.values() if own]


def _data_of(data: Data) -> Any:
    """Return what tells one task from another; None where no hashes of its data are known."""
    task = data["task"]
    hashes = sorted(str(entry.get("sha256")) for entry in task["data"])
    return (task["source"], task["target"], *hashes) if hashes else None


def task_changes(data: Data, link: str) -> list[Change]:
    """Return the changes of one task."""
    values: dict[str, dict[int, float]] = {}
    for entry in data["divergence"]:
        if entry.get("measure") == PAD and entry.get("value") is not None:
            values.setdefault(entry["features"], {})[entry["seed"]] = entry["value"]
    labels = {entry["method"]: entry["label"] for entry in methods_of(data)}
    changes = []
    for entry in adapted(data) if values else ():
        start, rival = start_of(data, entry, values)
        own, base = values.get(entry["method"], {}), values.get(start, {})
        seeds = [seed for seed in own if seed in base]
        versus = against(data, entry, rival)
        if not seeds or not versus or versus.get("difference") is None:
            continue
        before, after = mean_of(base[s] for s in seeds) or 0.0, mean_of(own[s] for s in seeds) or 0.0
        base_label = "" if rival == BASE else labels[rival]
        title, kind, gain = data["task"]["title"], entry["kind"] or "shallow", versus["difference"]
        changes.append(Change(title, link, entry["label"], kind, before, after, gain, start, base_label))
    return changes


def distance_section(reports: Sequence[tuple[Data, str]]) -> dict[str, Any] | None:
    """Return the figure, what it says, and its numbers; None where no task has a distance after adaptation."""
    tasks = distance_changes(reports)
    points = [change for own in tasks for change in own]
    if not points:
        return None
    said, counted = correlation(tasks), quadrants(points)
    svg = draw_svg(lambda ax: draw_changes(ax, points), title=f"{said} {counted}", width=560, height=340)
    kinds = {"deep" if point.kind == "deep" else "shallow" for point in points}
    return {"svg": svg, "finding": said, "counted": counted, "points": points, "kinds": kinds}


def quadrants(points: Sequence[Change]) -> str:
    """Return how often the distance fell, and what accuracy did then."""
    closer = [p for p in points if p.distance < 0]
    better = sum(p.gain > 0 for p in closer)
    others = len(points) - len(closer)
    text = f"Domains came closer in {len(closer)} of {plural(len(points), 'case')}; accuracy rose in {better} of those"
    if not others:
        return f"{text}."
    return f"{text}, and in {sum(p.gain > 0 for p in points if p.distance >= 0)} of {others} where they did not."


def correlation(tasks: Sequence[Sequence[Change]]) -> str:
    """Return Spearman's correlation in words, with what it may be relied on for."""
    points = [change for own in tasks for change in own]
    over = f"{plural(len(points), 'point')} of {plural(len(tasks), 'task')}"
    value, ends = correlate(points), task_interval(tasks)
    if value is None:
        return f"With {over} there is no correlation to compute: it needs three that differ."
    lead = f"Spearman’s correlation of the two changes is {number(value)} over {over}"
    if len(tasks) < FEWEST_TASKS:
        return f"{lead}: too few tasks for an interval, and for a rule."
    if ends is None:
        return f"{lead}; no interval could be drawn."
    around = f"{lead} (95 % interval from resampling tasks {number(ends[0])} to {number(ends[1])})"
    if ends[1] < 0:
        how = "go loosely together" if abs(value) < WEAK else "go together"
        return f"{around}: here the two {how}, accuracy gains more where the distance falls more."
    if ends[0] > 0:
        return f"{around}: here it is the other way round, accuracy gains more where the distance falls less."
    if max(-ends[0], ends[1]) < WEAK:
        return f"{around}: here one says little of the other."
    return f"{around}: that leaves open whether the two go together."


def correlate(points: Sequence[Change]) -> float | None:
    """Return Spearman's correlation of change in distance and gain; −1 where they go together perfectly."""
    return spearman([p.distance for p in points], [p.gain for p in points])


def task_interval(tasks: Sequence[Sequence[Change]]) -> tuple[float, float] | None:
    """Return the 95 % percentile interval of the correlation over resampled tasks, the points of a task together.

    None below five tasks. The draws are fixed, so that the same results give the same interval.
    """
    if len(tasks) < FEWEST_TASKS:
        return None
    drawn = np.random.default_rng(0).integers(len(tasks), size=(DRAWS, len(tasks)))
    values = [correlate([p for k in picks for p in tasks[k]]) for picks in drawn]
    known = [value for value in values if value is not None]
    if not known:
        return None
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)
