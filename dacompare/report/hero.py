"""Say first what the page has found: the verdict and the few numbers that it rests on."""

from collections import Counter
from statistics import fmean
from typing import Any

from dacompare.names import in_sentence
from dacompare.ranking import put_first
from dacompare.report.formatting import count, interval, number, p_value, percent, plural, points
from dacompare.report.reading import Data, adapted, is_usable, label_of, mean_of, measured, methods_of, seeds_of
from dacompare.report.starting_point import like_for_like
from dacompare.verdict import leading, level_with, repeats_of, varies

# Word, sign: a verdict is never told by its colour alone.
VERDICTS = {
    "helps": ("Helps", "▲"),
    "hurts": ("Hurts", "▼"),
    "unclear": ("No clear difference", "◆"),
    "unlabelled": ("No target labels", "○"),
}
UNJUDGED = ("Not judged", "○")


def hero(data: Data) -> dict[str, Any]:
    """Return title, verdict and key figures.

    Examples
    --------
    >>> from dacompare.report.reading import as_data
    >>> hero(as_data({"task": {"title": "A → B"}, "verdict": {"code": "hurts"}}))["verdict"]["word"]
    'Hurts'
    """
    verdict = data["verdict"]
    code = code_of(data)
    word, sign = VERDICTS.get(code or "", UNJUDGED)
    known = data["task"]["target_labels"]
    return {
        "verdict": {
            "word": word,
            "sign": sign,
            "code": code if code in VERDICTS else "none",
            "text": verdict.get("text"),
        },
        "like_for_like": like_for_like(data, best_adapted(data)) if known else "",
        "choice": choice(data) if known else "",
        "figures": labelled_figures(data) if known else unlabelled_figures(data),
    }


def code_of(data: Data) -> str | None:
    """Return the code of the verdict, None where nothing was there to be judged.

    Examples
    --------
    >>> code_of({"verdict": {"code": "unclear", "basis": ["rows"]}}) is None
    True
    """
    verdict = data["verdict"]
    return None if verdict.get("basis") == ["rows"] else verdict.get("code")


def banners(data: Data) -> list[str]:
    """Return the warnings that must be read before any number."""
    lines = []
    if changes := data["overrides"]:
        how = ", ".join(change if change.startswith("-") else f"--set {change}" for change in map(str, changes))
        lines.append(f"Made with {how}: not a measurement to quote.")
    if data["partial"]:
        lines.append("Partial: some rows or seeds are missing. What is here stands; what is missing is named below.")
    return lines


def best_adapted(data: Data) -> Data | None:
    """Return the usable adaptation method that the verdict goes by; oracles and bounds never are.

    Of those that clearly help it gains most on source-only, else of all. Where nothing was measured beside
    source-only, it is the one with the highest mean.
    """
    known = [entry for entry in adapted(data) if entry["mean"] is not None]
    lead = leading(known)
    return dict(lead) if lead else max(known, key=lambda entry: entry["mean"], default=None)


def best_said(data: Data) -> str:
    """Return what the best adapted method is called in a table where another may have a higher mean.

    Examples
    --------
    >>> from dacompare.report.reading import as_data
    >>> best_said(as_data({"summary": []}))
    'best adapted'
    """
    best, means = best_adapted(data), [e["mean"] for e in adapted(data) if e["mean"] is not None]
    return "best adapted" if best is None or best["mean"] == max(means) else "best of those that clearly help"


def labelled_figures(data: Data) -> list[dict[str, str]]:
    """Return the four key figures of a page whose target has labels."""
    best = best_adapted(data)
    if best is None:
        return [
            _figure("target accuracy", percent(entry["mean"]), entry["label"])
            for entry in methods_of(data)
            if entry["mean"] is not None
        ][:4]
    return [
        _figure(f"{best['label']}, target accuracy", percent(best["mean"]), _around(best, repeats_of(data["task"]))),
        *_against(best["vs_source_only"], repeats_of(data["task"]), n_judged(data)),
        _gap(data, best["gap_covered"]),
    ]


def unlabelled_figures(data: Data) -> list[dict[str, str]]:
    """Return the key figures that need no target label."""
    rows = (data["task"]["n"] or {}).get("target_test") or (data["task"]["n"] or {}).get("target_train")
    figures = [_first_pick(data), _agreement(data), _distance(data)]
    figures.append(_figure("target rows", count(rows), "none of them labelled") if rows else None)
    return [figure for figure in figures if figure]


def _figure(label: str, value: str, note: str = "") -> dict[str, str]:
    return {"label": label, "value": value, "note": note}


def _around(entry: Data, repeats: str) -> str:
    ci = entry["ci95"]
    if ci and ci[0] == ci[1]:
        return f"the same in all {entry['n_seeds']} {repeats}s"
    return f"95 % interval {interval(ci)}" if ci else f"{plural(entry['n_seeds'], repeats)}: no interval"


def _against(versus: dict[str, Any] | None, repeats: str, n: int) -> list[dict[str, str]]:
    if not versus:
        return [_figure("against source-only", "n/a", "no seed has both")]
    ends, joint = (interval(versus.get(key) if varies(versus) else None, points) for key in ("ci95", "ci95_joint"))
    nothing = (
        f"one {repeats}: no interval" if versus["n"] == 1 else f"the same in all {versus['n']} {repeats}s: no interval"
    )
    note = f"95 % interval {ends}" if ends else nothing
    note += f"; {joint} for all {n} at once" if joint and n > 1 else ""
    untested = "draws overlap: no test" if repeats == "draw" else "too few seeds for a test"
    untested = "nothing varies: no test" if not ends and versus["n"] > 1 else untested
    return [
        _figure("points against source-only", points(versus["difference"]), note),
        _figure(
            f"{repeats}s in which it is better",
            f"{versus['wins']} of {versus['n']}",
            p_said(versus, "all rows") or untested,
        ),
    ]


def n_judged(data: Data) -> int:
    """Return how many methods were compared with source-only: the best is the best of that many."""
    return 0 if is_constant(data) else sum(bool((entry["vs_source_only"] or {}).get("ci95")) for entry in adapted(data))


def is_constant(data: Data) -> bool:
    """Return whether no difference to source-only depends on the seed: then none has an interval worth printing."""
    return not any(varies(entry["vs_source_only"]) for entry in methods_of(data) if entry["vs_source_only"])


def p_said(versus: dict[str, Any], rows: str) -> str:
    """Return the p-value with what it is corrected for; a bare one says that it is for this row alone."""
    if versus.get("p_holm") is not None:
        return f"{p_value(versus['p_holm'])}, corrected for {rows}"
    return f"{p_value(versus['p_value'])} for this row alone" if versus.get("p_value") is not None else ""


def primary_picks(data: Data) -> tuple[str | None, list[Data]]:
    """Return the validator that was fixed beforehand, and its picks among methods."""
    primary = (data["recipe"].get("protocol") or {}).get("primary_validator")
    return primary, [s for s in data["selection"] if s.get("scope") == "methods" and s.get("validator") == primary]


def choice(data: Data) -> str:
    """Return what a reader without target labels would have got, who cannot name the best by them.

    Empty where nothing was chosen, or where there was but one method to choose from.
    """
    primary, picks = primary_picks(data)
    known = [s for s in picks if None not in map(s.get, ("pick_accuracy", "cost", "source_only_accuracy"))]
    if not known or not adapted(data):
        return ""
    own, lost = fmean(s["pick_accuracy"] for s in known), fmean(s["cost"] for s in known)
    gained = fmean(s["pick_accuracy"] - s["source_only_accuracy"] for s in known)
    best = f"the best row of each {repeats_of(data['task'])}"
    short = f"as much as {best}" if lost < 0.0005 else f"{number(100 * lost, 1)} points below {best}"
    return (
        f"Finding the best row needs target labels. Chosen without any, by {primary} as fixed beforehand, it would be "
        f"{percent(own)} on average: {points(gained)} points against source-only, {short}."
    )


def _gap(data: Data, gap: dict[str, Any] | None) -> dict[str, str]:
    bound = next((e for e in methods_of(data) if e["kind"] == "bound" and e["mean"] is not None), None)
    name = "of the gap to training on target labels"
    if not gap or gap.get("value") is None:
        return _figure(name, "n/a", (gap or {}).get("reason") or "needs a row trained on target labels")
    if gap["value"] > 1 and bound is not None:  # hundreds of percent of a small gap say less than where it ends
        label = "training on target labels, less than that"
        return _figure(label, percent(bound["mean"]), _around(bound, repeats_of(data["task"])))
    ends = interval(gap.get("ci95"))
    note = f"95 % interval {ends}" if ends else f"which reaches {percent(bound['mean'])}" if bound is not None else ""
    return _figure(name, percent(gap["value"], 0), note)


def _first_pick(data: Data) -> dict[str, str] | None:
    primary, picks = primary_picks(data)
    if not picks or not (first := put_first(data)):
        return None
    pick, *level = (label_of(data, method) for method in first)
    often = sum(s["pick"] == first[0] for s in picks)
    note = level_with(level) if level else f"in {often} of {plural(len(picks), 'seed')}"
    return _figure(f"put first by {primary}", pick, f"{note}; no proof")


def usual_pick(data: Data) -> str | None:
    """Return the method that the primary validator puts first in most seeds."""
    picks = Counter(s["pick"] for s in primary_picks(data)[1])
    return str(picks.most_common(1)[0][0]) if picks else None


def _agreement(data: Data) -> dict[str, str] | None:
    others = [entry for entry in adapted(data) if measured(data, entry["method"])]
    if not others:
        return None
    shares = [(agreement(data, "source-only", entry["method"]), entry["label"]) for entry in others]
    known = [(share, label) for share, label in shares if share is not None]
    if not known:
        return None
    share, label = min(known)
    return _figure("predicted alike", percent(share), f"by source-only and {in_sentence(label)}")


def agreement(data: Data, first: str, second: str) -> float | None:
    """Return the mean share of target rows that two methods call alike."""
    shares = []
    for entry in data["agreement"]:
        names = entry["methods"]
        if first in names and second in names:
            shares.append(entry["matrix"][names.index(first)][names.index(second)])
    return mean_of(shares)


def _distance(data: Data) -> dict[str, str] | None:
    found: dict[str, list[float]] = {}
    for entry in data["divergence"]:
        if entry.get("measure") == "proxy-a-distance" and entry.get("value") is not None:
            found.setdefault(entry["features"], []).append(entry["value"])
    means = {name: mean_of(values) for name, values in found.items()}
    others = [entry["method"] for entry in adapted(data)]
    after = next((name for name in ("dann", "sa", *others) if name in means), None)
    if "source-only" not in means or after is None:
        return None
    change = f"{number(means['source-only'])}\u00a0→\u00a0{number(means[after])}"
    return _figure(
        "proxy A-distance", change, f"source-only → {in_sentence(label_of(data, after))}; about 0 alike, 2 told apart"
    )


def scope(data: Data) -> str:
    """Return the line under the title: what was compared, on how much data."""
    task, seeds = data["task"], seeds_of(data)
    n = task["n"] or {}
    parts = [
        plural(len([e for e in methods_of(data) if is_usable(e)]), "method"),
        plural(len(seeds), repeats_of(task)),
    ]
    if task["classes"]:
        parts.insert(0, plural(len(task["classes"]), "class", "classes"))
    if n.get("source_train") and n.get("target_train"):
        parts.append(f"{count(n['source_train'])} source and {count(n['target_train'])} target training rows")
    if n.get("target_test"):
        parts.append(f"{count(n['target_test'])} target test rows")
    if task["protocol"]:
        parts.append(str(task["protocol"]))
    return " · ".join(parts)
