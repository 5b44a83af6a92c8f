"""Turn measured rows into what the page says: means, gaps, picks, agreement and changes."""

from collections.abc import Iterable, Iterator, Mapping
from statistics import fmean, stdev
from typing import Any

import numpy as np

from dacompare.ranks import spearman
from dacompare.statistics import Interval, compare_pairs, cover_gap, holm, paired_interval, student_interval

Row = Mapping[str, Any]
Scores = dict[str, dict[int, float]]

BASE, TOP = "source-only", "train-on-target"


def is_usable(row: Row) -> bool:
    """Return whether a row is a method that one could use, no oracle and no bound: what validators rank."""
    return not row.get("oracle") and row.get("kind") in ("deep", "shallow")


def is_adaptation(row: Row) -> bool:
    """Return whether a row is a usable method that has looked at the target: only such a row is judged.

    Another classifier on the same features may be better than source-only; that says nothing of adaptation. In files
    that do not say whether a row adapts, all do but source-only.

    Examples
    --------
    >>> row = {"method": "svm", "kind": "shallow"}
    >>> is_adaptation({**row, "adapts": True}), is_adaptation({**row, "adapts": False})
    (True, False)
    """
    return row["method"] != BASE and is_usable(row) and row.get("adapts", True)


def fill_gap_covered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fill in `gap_covered` of every row, seed by seed, and return the rows.

    None for the two ends of the gap and for rows without an accuracy; :func:`cover_gap` says what it means.

    Examples
    --------
    >>> rows = [{"method": m, "seed": 0, "status": "ok", "target_accuracy": a}
    ...         for m, a in [("source-only", 0.5), ("dann", 0.75), ("train-on-target", 1.0)]]
    >>> [row["gap_covered"] for row in fill_gap_covered(rows)]
    [None, 0.5, None]
    """
    scores = _accuracies(rows)
    for row in rows:
        own, base, top = (
            {s: a for s, a in scores.get(name, {}).items() if s == row["seed"]} for name in (row["method"], BASE, TOP)
        )
        ends = row["method"] in (BASE, TOP) or not _is_measured(row)
        row["gap_covered"] = None if ends else cover_gap(own, base, top)["value"]
    return rows


def summarise(rows: Iterable[Row], published: Iterable[Row] = (), *, overlapping: bool = False) -> list[dict[str, Any]]:
    """Return one entry a method: mean, spread, gap covered, and the paired comparison with source-only.

    Rows that failed or were skipped do not count; a comparison uses the seeds that both of its sides have.

    Parameters
    ----------
    rows : iterable of dict
        Rows of the results file; the order of methods is kept.
    published : iterable of dict
        The recipe's ``[[published]]`` tables, put beside their method.
    overlapping : bool
        Whether seeds draw their training rows from one pool: such seeds are no independent repetitions, and a test
        over them would claim too much, so that there are no p-values.

    Returns
    -------
    list of dict
        Entries of `summary` in the results file; accuracies are fractions. P-values come from 6 seeds on,
        corrected over the adaptation rows; no other row carries one. So are the intervals `ci95_joint`:
        see :func:`judge_together`.

    Examples
    --------
    >>> rows = [{"method": m, "seed": s, "status": "ok", "kind": "deep", "target_accuracy": a + s / 8}
    ...         for m, a in [("source-only", 0.5), ("dann", 0.75)] for s in (0, 1)]
    >>> entry = summarise(rows)[1]
    >>> entry["mean"], entry["vs_source_only"]["difference"], entry["vs_source_only"]["wins"]
    (0.8125, 0.25, 2)
    """
    rows, published = list(rows), list(published)
    scores = _accuracies(rows)
    entries = [_entry(method, rows, scores, published) for method in dict.fromkeys(r["method"] for r in rows)]
    for entry in entries if overlapping else ():
        if entry["vs_source_only"]:
            entry["vs_source_only"]["p_value"] = None
    tested = [e["vs_source_only"] for e in entries if is_adaptation(e) and e["vs_source_only"]]
    for comparison, p in zip(tested, holm([c["p_value"] for c in tested]), strict=True):
        comparison["p_holm"] = p
    return judge_together(entries, rows)


def judge_together(entries: list[dict[str, Any]], rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Fill in `ci95_joint` of every adaptation entry, and return the entries.

    It is the interval of the paired difference to source-only that holds for all adaptation entries at once, with
    95 % together: the best of many is the luckiest, too, and only such an interval may judge it. None for
    source-only, oracle and bound rows, and where there is no interval at all.

    Parameters
    ----------
    entries : list of dict
        Of `summary`; they are changed.
    rows : iterable of dict
        Rows of the results file.

    Examples
    --------
    >>> rows = [{"method": m, "seed": s, "status": "ok", "kind": "deep", "target_accuracy": a + s * d}
    ...         for m, a, d in [("source-only", 0.5, 0.0), ("dann", 0.75, 0.1), ("sa", 0.5, 0.1)] for s in (0, 1, 2)]
    >>> dann = summarise(rows)[1]["vs_source_only"]
    >>> [[round(end, 2) for end in dann[key]] for key in ("ci95", "ci95_joint")]
    [[0.1, 0.6], [-0.01, 0.71]]
    """
    scores = _accuracies(rows)
    judged = [e for e in entries if is_adaptation(e) and (e["vs_source_only"] or {}).get("ci95")]
    for entry in entries:
        if entry["vs_source_only"]:
            entry["vs_source_only"]["ci95_joint"] = None
    for entry in judged:
        own, base = scores.get(entry["method"], {}), scores.get(BASE, {})
        shared = [seed for seed in own if seed in base]
        ends = paired_interval([own[s] for s in shared], [base[s] for s in shared], n_intervals=len(judged))
        entry["vs_source_only"]["ci95_joint"] = ends and list(ends)
    return entries


def selection_table(
    rows: Iterable[Row], sweeps: Iterable[Row] = (), *, higher_is_better: Mapping[str, bool] | None = None
) -> list[dict[str, Any]]:
    """Return what each validator picks without target labels, and what that pick costs.

    Candidates are the rows that one could use, source-only among them, and the dimensions of each sweep.
    `cost` is the best candidate's target accuracy minus the pick's; None without target labels. Ties go to
    the earlier row and to the smaller dimension.

    Parameters
    ----------
    rows, sweeps : iterable of dict
        `rows` and `sweep` of the results file.
    higher_is_better : dict of str to bool, optional
        Direction of each validator; by default that of ``dacompare.selection.VALIDATORS``.

    Examples
    --------
    >>> sweep = {"method": "sa", "seed": 0, "n_components": [2, 3], "target_accuracy": [0.5, 0.75],
    ...          "validators": {"entropy": [0.1, 0.8]}}
    >>> pick = selection_table([], [sweep], higher_is_better={"entropy": False})[0]
    >>> pick["pick"], pick["cost"]
    (2, 0.25)
    """
    rows = list(rows)
    base, directions = _accuracies(rows).get(BASE, {}), _directions(higher_is_better)
    table = []
    for name, scope, seed, candidates, accuracies, values in _contests(rows, sweeps):
        scored = [i for i, value in enumerate(values) if value is not None]
        if not scored:
            continue
        sign = 1 if directions.get(name, True) else -1
        chosen = max(scored, key=lambda i: sign * values[i])
        own, best = accuracies[chosen], None if None in accuracies else max(accuracies)
        cost = None if own is None or best is None else best - own
        entry = {
            "validator": name,
            "scope": scope,
            "seed": seed,
            "pick": candidates[chosen],
            "pick_accuracy": own,
        }
        table.append({**entry, "oracle_accuracy": best, "source_only_accuracy": base.get(seed), "cost": cost})
    return table


def validator_table(
    rows: Iterable[Row], sweeps: Iterable[Row] = (), *, higher_is_better: Mapping[str, bool] | None = None
) -> list[dict[str, Any]]:
    """Return how well each validator orders the candidates, as target labels would have.

    The candidates are those of :func:`selection_table`: `spearman` is about methods and `spearman_dimensions` about
    the dimensions of a sweep, never about both together, as few validators score dimensions and there are many more
    of them. `value` is the mean over seeds of the rank correlation with target accuracy, turned so that 1 is a
    perfect order whichever way the validator points; `n` counts candidates over the `seeds` that have one. None
    without target labels, or with fewer than three candidates that differ.

    Examples
    --------
    >>> sweep = {"method": "sa", "seed": 0, "n_components": [2, 3, 4], "target_accuracy": [0.5, 0.6, 0.7],
    ...          "validators": {"entropy": [0.9, 0.8, 0.1]}}
    >>> table = validator_table([], [sweep], higher_is_better={"entropy": False})
    >>> table[0]["spearman"], table[0]["spearman_dimensions"]
    (None, {'value': 1.0, 'n': 3, 'seeds': 1})
    """
    directions = _directions(higher_is_better)
    pairs: dict[str, dict[str, list[list[tuple[float, float]]]]] = {}
    for name, scope, _, _, accuracies, values in _contests(list(rows), sweeps):
        known = [(v, a) for v, a in zip(values, accuracies, strict=True) if v is not None and a is not None]
        pairs.setdefault(name, {}).setdefault(scope, []).append(known)
    table = []
    for name, by_scope in pairs.items():
        higher = directions.get(name, True)
        methods, n_seeds = _mean_order(by_scope.get("methods", []), higher)
        note = f"mean of the correlations within {n_seeds} seed{'s' * (n_seeds != 1)}"
        table.append(
            {
                "name": name,
                "higher_is_better": higher,
                "spearman": methods,
                "spearman_dimensions": _mean_order(by_scope.get("n_components", []), higher)[0],
                "note": note if methods else "needs target labels and three methods that differ",
            }
        )
    return table


def _mean_order(contests: list[list[tuple[float, float]]], higher: bool) -> tuple[dict[str, float] | None, int]:
    """Return the mean rank correlation of scores and accuracies, and of how many contests."""
    found = [(spearman(*zip(*some, strict=True)), len(some)) for some in contests if some]
    kept = [(value if higher else -value, n) for value, n in found if value is not None]
    order = {"value": fmean(v for v, _ in kept), "n": sum(n for _, n in kept), "seeds": len(kept)} if kept else None
    return order, len(kept)


def agreement_table(predictions: Mapping[int, Mapping[str, np.ndarray]]) -> list[dict[str, Any]]:
    """Return, seed by seed, the fraction of target test rows that two methods call alike (no label needed).

    Examples
    --------
    >>> agreement_table({0: {"a": np.array([0, 1, 1, 1]), "b": np.array([0, 1, 1, 0])}})[0]["matrix"]
    [[1.0, 0.75], [0.75, 1.0]]
    """
    table = []
    for seed, named in predictions.items():
        matrix = [[float(np.mean(a == b)) for b in named.values()] for a in named.values()]
        table.append({"seed": seed, "methods": list(named), "matrix": matrix})
    return table


def changes_table(
    predictions: Mapping[int, Mapping[str, np.ndarray]], y_true: np.ndarray | None
) -> list[dict[str, Any]]:
    """Return how many target test rows each method fixed and broke, against source-only of the same seed.

    Without target labels (`y_true` None) the table is empty; seeds without source-only are left out.

    Examples
    --------
    >>> predictions = {0: {"source-only": np.array([0, 0, 0, 1]), "dann": np.array([1, 0, 0, 0])}}
    >>> changes_table(predictions, np.array([1, 0, 1, 1]))
    [{'method': 'dann', 'seed': 0, 'fixed': 1, 'broken': 1, 'both_right': 1, 'both_wrong': 1}]
    """
    table: list[dict[str, Any]] = []
    for seed, named in predictions.items() if y_true is not None else ():
        if BASE not in named:
            continue
        before = np.asarray(named[BASE] == y_true)
        for method in (name for name in named if name != BASE):
            after = np.asarray(named[method] == y_true)
            fixed, broken, both = after & ~before, before & ~after, before & after
            counts = {"fixed": fixed, "broken": broken, "both_right": both, "both_wrong": ~(before | after)}
            table.append({"method": method, "seed": seed} | {k: int(v.sum()) for k, v in counts.items()})
    return table


def _is_measured(row: Row) -> bool:
    return row["status"] == "ok" and row.get("target_accuracy") is not None


def _accuracies(rows: Iterable[Row]) -> Scores:
    scores: Scores = {}
    for row in filter(_is_measured, rows):
        scores.setdefault(row["method"], {})[row["seed"]] = row["target_accuracy"]
    return scores


def _entry(method: str, rows: list[Row], scores: Scores, published: list[Row]) -> dict[str, Any]:
    every = [row for row in rows if row["method"] == method]
    ok = [row for row in every if row["status"] == "ok"]
    heads = [row["network_target_accuracy"] for row in ok if row.get("network_target_accuracy") is not None]
    genuine = [row["genuine_accuracy"] for row in ok if row.get("genuine_accuracy") is not None]
    own, base, top = (scores.get(name, {}) for name in (method, BASE, TOP))
    optional = {"gap_covered": None, "note": ""}
    keys = ("accuracy", "gap_covered", "where", "note")
    beside = [{key: {**optional, **p}[key] for key in keys} for p in published if p["method"] == method]
    versus = compare_pairs(own, base) if method != BASE else None
    if versus and not is_adaptation(every[0]):
        versus["p_value"] = None
    return {
        "method": method,
        "label": every[0].get("label") or method,
        "kind": every[0].get("kind"),
        "oracle": bool(every[0].get("oracle")),
        "adapts": bool(every[0].get("adapts", method != BASE)),
        "n_seeds": len(ok),
        "n_missing": len(every) - len(ok),
        "mean": fmean(own.values()) if own else None,
        "sd": stdev(own.values()) if len(own) > 1 else None,
        "ci95": _within_0_and_1(student_interval(list(own.values()))),
        "network_mean": fmean(heads) if heads else None,
        "genuine_mean": fmean(genuine) if genuine else None,
        "genuine_ci95": _within_0_and_1(student_interval(genuine)),
        "gap_covered": cover_gap(own, base, top) if own and method not in (BASE, TOP) else None,
        "vs_source_only": versus,
        "published": beside,
    }


def _within_0_and_1(ends: Interval | None) -> Interval | None:
    """Return what of an interval an accuracy can reach: few seeds near an end may give one that goes beyond."""
    return ends and (max(ends[0], 0.0), min(ends[1], 1.0))


def _directions(given: Mapping[str, bool] | None) -> Mapping[str, bool]:
    if given is not None:
        return given
    from dacompare.selection import VALIDATORS  # loads scikit-learn, which a report does without

    return {name: validator.higher_is_better for name, validator in VALIDATORS.items()}


def _contests(rows: list[Row], sweeps: Iterable[Row]) -> Iterator[tuple[str, str, int, list, list, list]]:
    """Yield validator, scope, seed, candidates, accuracies, values: rows of each seed, then the sweeps."""
    usable = [row for row in rows if row["status"] == "ok" and is_usable(row)]
    for seed in dict.fromkeys(row["seed"] for row in usable):
        own = [row for row in usable if row["seed"] == seed]
        names, accuracies = [row["method"] for row in own], [row.get("target_accuracy") for row in own]
        for name in dict.fromkeys(name for row in own for name in row.get("validators") or {}):
            values = [((row.get("validators") or {}).get(name) or {}).get("value") for row in own]
            yield name, "methods", seed, names, accuracies, values
    for sweep in sweeps:
        dimensions = list(sweep["n_components"])
        accuracies = list(sweep.get("target_accuracy") or [None] * len(dimensions))
        for name, values in (sweep.get("validators") or {}).items():
            yield name, "n_components", sweep["seed"], dimensions, accuracies, list(values)
