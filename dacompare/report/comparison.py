"""Build the table of methods: one line each, with every seed drawn."""

from collections.abc import Iterable
from math import ceil, floor, inf
from typing import Any

from dacompare.ranking import ranks_or_none
from dacompare.report.formatting import interval, listing, number, p_value, percent, plural, points
from dacompare.report.hero import VERDICTS, agreement, best_adapted, best_said, is_constant, n_judged, p_said
from dacompare.report.reading import Data, adapted, is_usable, mean_of, measured, methods_in_order, methods_of, seeds_of
from dacompare.report.trust import left_out
from dacompare.verdict import effect, repeats_of

WIDTH, HEIGHT, EDGE = 132, 26, 6

ORACLE = "oracle: chosen on target test labels, not a method you can use"
BOUND = "bound: trained on target labels"
CONTROL = "does not look at the target, so it is not judged"


def comparison(data: Data) -> dict[str, Any] | None:
    """Return the groups of lines, the axis that their dots share, and what must be said below them."""
    entries = methods_in_order(data)
    if not entries:
        return None
    axis, best = axis_of(data), best_adapted(data)
    base = next((entry["mean"] for entry in entries if entry["method"] == "source-only"), None)
    lines = [{"usable": is_usable(e), **line(data, e, axis, base, best)} for e in entries]
    published = [{"label": e["label"], **p, "mean": e["mean"]} for e in entries for p in e["published"]]
    groups = [
        {"title": "Methods one could use", "lines": [x for x in lines if x["usable"]]},
        {
            "title": "Not methods one could use: they have seen target labels",
            "lines": [x for x in lines if not x["usable"]],
        },
    ]
    return {
        "groups": [group for group in groups if group["lines"]],
        "axis": axis,
        "published": [{**p, "number": i} for i, p in enumerate(published, 1)],
        "seeds": seed_table(data, entries),
        "how": how(data),
        "draws": data["task"]["source_per_class"],
        "is_one_seed": len(seeds_of(data)) == 1,
        "judged": [*how_judged(data), *no_gap(entries)],
        "best_said": best_said(data),
        "has": {
            # Where the network's own head is the accuracy that counts, a column of it would say everything twice.
            "networks": data["task"]["head"] != "network" and any(e["network_mean"] is not None for e in entries),
            "genuine": any(e["genuine_mean"] is not None for e in entries),
            "gap": any((e["gap_covered"] or {}).get("value") is not None for e in entries),
            "published": bool(published),
        },
    }


def how_judged(data: Data) -> list[str]:
    """Return the sentences that say how sure the differences are, and what looking at many rows costs."""
    n, one = n_judged(data), len(seeds_of(data)) == 1
    if one:
        return ["One seed: intervals are those that the finite test set leaves, and say nothing of other seeds."]
    said = ["Intervals are 95 % Student-t intervals over seeds; differences are paired, seed by seed."]
    if n > 1:
        said.append(
            f"The best of {n} rows is also the luckiest of {n}: “helps” and “hurts” are said only where the interval "
            f"that holds for all {n} at once (Bonferroni, in print as “all”) leaves out 0."
        )
    return said if data["task"]["source_per_class"] else [*said, *how_tested(data, n)]


def how_tested(data: Data, n: int) -> list[str]:
    """Return what the p-values are, and how small they could have become at all."""
    versus = [entry["vs_source_only"] or {} for entry in adapted(data)]
    seeds = [v["n"] for v in versus if v.get("p_value") is not None]
    if not seeds:
        return ["No p-values: too few seeds for a test, which needs six."]
    said = ["P-values are exact sign-flip tests, corrected by Holm over the rows of this page."]
    least = n * 2 / 2 ** max(seeds)
    if least >= 0.05:
        said.append(
            f"With {plural(max(seeds), 'seed')} and {plural(n, 'row')} the smallest of them cannot fall below "
            f"{number(min(1.0, least))}: that they are large says nothing here."
        )
    return said


def line(data: Data, entry: Data, axis: Data | None, base: float | None, best: Data | None) -> dict[str, Any]:
    """Return one line of the table."""
    rows = measured(data, entry["method"])
    scored = [(row["seed"], row["target_accuracy"]) for row in rows if row.get("target_accuracy") is not None]
    gap = entry["gap_covered"] or {}
    network = entry["network_mean"]
    return {
        "method": entry["method"],
        "label": entry["label"],
        "tag": tag_of(entry),
        "is_best": best is not None and entry["method"] == best["method"],
        "mean": entry["mean"],
        "interval": mean_interval(entry, repeats_of(data["task"])) or single_interval(rows, len(seeds_of(data)) > 1),
        "dots": dots(scored, entry, axis, base) if axis else None,
        "versus": versus(entry["vs_source_only"], is_constant=is_constant(data)),
        "effect": effect_of(entry) if is_usable(entry) and entry["adapts"] else None,
        "gap": gap.get("value"),
        "gap_interval": interval(gap.get("ci95")),
        "gap_reason": gap.get("reason") or "",
        "network": network,
        "genuine": entry["genuine_mean"],
        "genuine_interval": interval(entry["genuine_ci95"]),
        "network_note": points(network - entry["mean"]) if network is not None and entry["mean"] is not None else "",
        "seconds": mean_of(row.get("fit_seconds") for row in rows),
        "step": step_time(rows),
        "problems": problems(data, entry["method"]),
        "features": next((row.get("features") for row in rows if row.get("features")), None),
        "params": picks(rows),
    }


def tag_of(entry: Data) -> str:
    """Return why a row is no adaptation to be judged; "" for those that are, and for source-only."""
    if entry["oracle"] or entry["kind"] == "bound":
        return ORACLE if entry["oracle"] else BOUND
    return "" if entry["adapts"] or entry["method"] == "source-only" else CONTROL


def step_time(rows: Iterable[Data]) -> str:
    """Return how long one step of the training took, in words."""
    mean = mean_of(row.get("step_seconds") for row in rows)
    return "" if mean is None else f"{number(1000 * mean, 1)} ms a step"


def no_gap(entries: list[Data]) -> list[str]:
    """Return why no row has a share of the gap, where none has; a column would repeat it line by line."""
    gaps = [entry["gap_covered"] for entry in entries if entry["gap_covered"]]
    if any(gap.get("value") is not None for gap in gaps):
        return []
    reasons = list(dict.fromkeys(gap["reason"] for gap in gaps if gap.get("reason")))
    return [f"No share of the gap to training on target labels is given: {listing(reasons)}."] if reasons else []


def mean_interval(entry: Data, repeats: str) -> str:
    """Return the interval over seeds; a row in which no seed changes anything says so instead.

    Examples
    --------
    >>> mean_interval({"ci95": [0.828, 0.828], "n_seeds": 3}, "seed"), mean_interval({"ci95": [0.5, 0.6]}, "seed")
    ('the same in all 3 seeds', '50.0 to 60.0')
    """
    ends = entry["ci95"]
    return f"the same in all {entry['n_seeds']} {repeats}s" if ends and ends[0] == ends[1] else interval(ends)


def single_interval(rows: list[Data], beside_others: bool) -> str:
    """Return the interval of a finite test set, the only one there is at one seed; among others it says so."""
    ends = rows[0].get("test_ci95") if len(rows) == 1 else None
    return f"{interval(ends)}, of the test rows" if ends and beside_others else interval(ends)


def versus(comparison: dict[str, Any] | None, *, is_constant: bool = False) -> dict[str, str] | None:
    """Return the difference to source-only in words; without an interval where no row of the page varies."""
    if not comparison or comparison.get("difference") is None:
        return None
    ends, joint = (None if is_constant else comparison.get(key) for key in ("ci95", "ci95_joint"))
    return {
        "difference": points(comparison["difference"]),
        "interval": interval(ends, points),
        "joint": "" if joint == ends else interval(joint, points),
        "wins": f"better in {comparison['wins']} of {comparison['n']}",
        "p": p_value(comparison["p_holm"]) if comparison.get("p_holm") is not None else p_said(comparison, ""),
    }


def effect_of(entry: Data) -> dict[str, str] | None:
    """Return sign and word for a method that helps or hurts, judged among all; None where neither is clear."""
    comparison = entry["vs_source_only"] or {}
    code = effect(comparison) if comparison.get("ci95") else "unclear"
    return None if code == "unclear" else {"code": code, "word": VERDICTS[code][0].lower(), "sign": VERDICTS[code][1]}


def problems(data: Data, method: str) -> list[dict[str, str]]:
    """Return why seeds of a method are missing, each reason once."""
    found: dict[tuple[str, str], list[int]] = {}
    for row in data["rows"]:
        if row["method"] == method and row.get("status", "ok") != "ok":
            found.setdefault((row["status"], row.get("reason") or "no reason was recorded"), []).append(row["seed"])
    return [
        {"status": status, "reason": reason, "seeds": f"seed{'s' * (len(seeds) != 1)} {listing(sorted(seeds))}"}
        for (status, reason), seeds in found.items()
    ]


def picks(rows: Iterable[Data]) -> str:
    """Return the dimensions that a swept method was given, seed by seed."""
    chosen = [(row.get("params") or {}).get("n_components") for row in rows]
    known = sorted(n for n in chosen if n is not None)
    if not known:
        return ""
    return plural(known[0], "dimension") if known[0] == known[-1] else f"{known[0]} to {known[-1]} dimensions"


# The dots


def axis_of(data: Data) -> dict[str, Any] | None:
    """Return the range of accuracies that all dots share: whole tenths, or fiftieths where they are close."""
    values = [row["target_accuracy"] for row in data["rows"] if row.get("target_accuracy") is not None]
    values += [entry["mean"] for entry in methods_of(data) if entry["mean"] is not None]
    if not values:
        return None
    step = 0.1 if max(values) - min(values) > 0.15 else 0.02
    low, high = floor(min(values) / step + 1e-9) * step, ceil(max(values) / step - 1e-9) * step
    low, high = max(0.0, low), min(1.0, high)
    if high <= low:
        low, high = (low, low + step) if low < 1 else (1 - step, 1.0)
    return {"low": low, "high": high}


def dots(scored: list[tuple[int, float]], entry: Data, axis: Data, base: float | None) -> dict[str, Any] | None:
    """Return where the dots of one line stand, and a sentence that says the same."""
    if not scored or entry["mean"] is None:
        return None

    def place(value: float) -> str:
        share = (value - axis["low"]) / (axis["high"] - axis["low"])
        return f"{EDGE + min(1.0, max(0.0, share)) * (WIDTH - 2 * EDGE):.1f}"

    # Dots of near-equal seeds stand one above the other.
    heights = (0, -7, 7, -3.5, 3.5)
    written = listing(f"{percent(value)} (seed {seed})" for seed, value in scored)
    ends = entry["ci95"]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "points": [{"x": place(v), "y": HEIGHT / 2 + heights[i % 5]} for i, (_, v) in enumerate(scored)],
        "mean": place(entry["mean"]),
        "base": None if base is None else place(base),
        "ends": [place(end) for end in ends] if ends else None,
        "title": f"{entry['label']}: {written}; mean {percent(entry['mean'])}",
    }


# What stands below


def seed_table(data: Data, entries: list[Data]) -> dict[str, Any]:
    """Return every measured accuracy: a line a method, a column a seed."""
    seeds = seeds_of(data)
    lines = []
    for entry in entries:
        rows = {row["seed"]: row for row in measured(data, entry["method"])}
        cells = [rows.get(seed, {}) for seed in seeds]
        lines.append({
            "label": entry["label"],
            "usable": is_usable(entry),
            "cells": [{"value": c.get("target_accuracy"), "interval": interval(c.get("test_ci95"))} for c in cells],
            "sd": "" if entry["sd"] is None else number(100 * entry["sd"], 1),
        })  # fmt: skip
    return {"seeds": seeds, "lines": lines}


def how(data: Data) -> list[str]:
    """Return the sentences that say what an accuracy on this page is."""
    head, protocol = data["task"]["head"], data["task"]["protocol"]
    nearest = (data["recipe"].get("protocol") or {}).get("classifier") == "1-nn"
    shared = "a nearest neighbour" if nearest else "a linear SVM"
    heads = {
        "svm": f"Accuracy is that of {shared} retrained on each row’s features, the same for every row.",
        "network": f"Accuracy is that of the network’s own head; shallow rows use {shared}.",
    }
    protocols = {
        "inductive": "Methods adapt to the target’s training rows without labels and are scored on its test rows.",
        "transductive": "Methods adapt to all target rows without labels and are scored on those same rows.",
    }
    genuine, draws = data["task"]["genuine"], data["task"]["source_per_class"]
    drawn = draws and (
        f"A seed is a draw of {plural(draws, 'source row')} of each class. Draws overlap, so that intervals tell how"
        " much draws differ, and there is no test over them."
    )
    beside = genuine and (
        f"The column “genuine” is the accuracy on {plural(genuine['n'], 'row')} of {genuine['name']}, which nothing was"
        " trained on or chosen by."
    )
    gone = left_out(data)
    missing = gone and f"Rows that the recipe leaves out are in no number of this page: {gone}."
    said = (heads.get(head or ""), protocols.get(protocol or ""), drawn, beside, missing)
    return [sentence for sentence in said if sentence]


def unlabelled_comparison(data: Data) -> dict[str, Any] | None:
    """Return the table of a page without target labels: what can be said of each method all the same."""
    entries = [entry for entry in methods_of(data) if not entry["oracle"]]
    primary = (data["recipe"].get("protocol") or {}).get("primary_validator")
    higher = next((v.get("higher_is_better") for v in data["validators"] if v.get("name") == primary), True)
    lines = []
    for entry in entries:
        rows = measured(data, entry["method"])
        scores = [((row.get("validators") or {}).get(primary) or {}).get("value") for row in rows]
        same = None if entry["method"] == "source-only" else agreement(data, "source-only", entry["method"])
        lines.append({
            "is_base": entry["method"] == "source-only",
            "method": entry["method"],
            "label": entry["label"],
            "score": mean_of(scores),
            "agreement": same,
            "source": mean_of(row.get("source_accuracy") for row in rows),
            "seconds": mean_of(row.get("fit_seconds") for row in rows),
            "seeds": len(rows),
            "problems": problems(data, entry["method"]),
        })  # fmt: skip
    order = ranks_or_none(data)  # by the rank within seeds, as everything that is chosen goes by it
    lines.sort(key=lambda line: (not line["is_base"], order.get(line["method"], inf), line["score"] is None))
    direction = "" if higher is None else "higher is better" if higher else "lower is better"
    return {"primary": primary, "direction": direction, "lines": lines} if lines else None
