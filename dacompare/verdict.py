"""Say in two sentences whether adaptation helped, from nothing but the summary."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dacompare.names import in_sentence, rounded
from dacompare.summary import BASE, is_adaptation, is_usable

Row = Mapping[str, Any]

NOTHING = 0.0005  # what is 0.0 points in print
NOTHING_VARIES = "Nothing varies, so that nothing can be judged"
WAY_OUT = " Where each seed draws source rows of its own (source_per_class), something may vary."
MOST_NAMED = 2  # other methods up to which each is named; more are counted


def verdict(
    summary: Sequence[Row],
    *,
    target_labels: bool = True,
    picks: Sequence[str] = (),
    chance: float | None = None,
    repeats: str = "seed",
) -> dict[str, Any]:
    """Return whether adaptation helped here, in words made from the numbers.

    Every adaptation row is judged by the interval of its paired difference to source-only that holds for all of them
    at once (`ci95_joint`), so that any row whose interval lies above 0 shows that adaptation "helps"; it "hurts" where
    even the interval of the row with the highest mean lies below 0, else it is "unclear". The text goes by the row of
    :func:`leading`. Rows that do not adapt, oracles and bounds are never judged.

    Parameters
    ----------
    summary : list of dict
        From :func:`summarise`.
    target_labels : bool
        False: the code is "unlabelled", and the text says what cannot be known.
    picks : sequence of str
        Methods that the primary validator puts first, level with each other; named where there are no labels.
    chance : float, optional
        Accuracy of always naming the target's largest class; said where no method gets far beyond it.
    repeats : str
        What differs from one repetition to the next, see :func:`repeats_of`.

    Returns
    -------
    dict
        `text`, `code` ("helps", "hurts", "unclear", "unlabelled") and `basis`, the fields that were read.

    Examples
    --------
    >>> verdict([], target_labels=False)["code"]
    'unlabelled'
    """
    if not target_labels:
        names = {entry["method"]: entry["label"] for entry in summary}
        hint = _hint([names.get(pick, pick) for pick in picks])
        text = "Whether adaptation helps cannot be known here: the target has no labels, so nothing says how"
        basis = ["task.target_labels", "selection"]
        return {"text": f"{text} often a method is right on it.{hint}", "code": "unlabelled", "basis": basis}
    measured = [i for i, entry in enumerate(summary) if is_adaptation(entry) and entry["vs_source_only"]]
    lead = leading(summary)
    if lead is None:
        text = "Nothing can be judged: no adapted method was measured beside source-only."
        return {"text": text + _left_out(summary, repeats), "code": "unclear", "basis": ["rows"]}
    # A row without an interval is named, but neither judged nor counted among those that are.
    measured.sort(key=lambda i: (summary[i] is not lead, -_difference(summary[i])))
    judged, is_judged = measured, any(varies(summary[i]["vs_source_only"]) for i in measured)
    if is_judged:
        judged = [i for i in measured if summary[i]["vs_source_only"]["ci95"]]
    others = [summary[i] for i in judged[1:]]
    above = [e for e in others if e["vs_source_only"]["ci95"] and _difference(e) > _difference(lead)]
    code = effect(lead["vs_source_only"])
    share = _share(lead["gap_covered"], summary) if code == "helps" else ""
    rest = [entry for entry in others if entry not in above]
    unjudged = [summary[i] for i in measured if i not in judged]
    parts = [
        _only_alone(lead, code, len(judged)),
        share,
        _above(above),
        _beside(rest, code) if is_judged else _unlike(rest),
    ]
    parts += [_unjudged(entry, repeats) for entry in unjudged]
    second = "; ".join(filter(None, parts))
    text = _lead(lead, code, len(judged), len(above), repeats, is_judged=is_judged)
    text += f" {second[0].upper()}{second[1:]}." if second else ""
    text += _one_side(lead, summary) if is_judged and repeats == "seed" else ""
    basis = [f"summary[{i}].vs_source_only" for i in measured] + [f"summary[{measured[0]}].gap_covered"]
    means = [entry["mean"] for entry in summary if is_usable(entry)]
    highest = max(mean for mean in means if mean is not None)
    return {"text": text + _near_chance(highest, chance) + _left_out(summary, repeats), "code": code, "basis": basis}


def _hint(picks: Sequence[str]) -> str:
    """Say what a validator takes, where nothing says whether it is right."""
    if not picks:
        return ""
    first, *level = picks
    return f" The validator puts {first} first{f', {level_with(level)}' if level else ''}: a hint, no proof."


def level_with(others: Sequence[str]) -> str:
    """Name the methods that a validator puts beside its first; many are counted.

    Examples
    --------
    >>> level_with(["DANN", "Source only"])
    'level with DANN and source only'
    """
    many = len(others) > MOST_NAMED
    return f"level with {f'{len(others)} others' if many else ' and '.join(map(in_sentence, others))}"


def leading(summary: Iterable[Row]) -> Row | None:
    """Return the row that a verdict goes by: of those that clearly help the one that gains most, else that of all.

    Rows without an interval come last: one seed judges nothing. A row that is level with source-only in every seed
    stands above those that vary below it. None where no adaptation row was measured beside source-only.

    Examples
    --------
    >>> base = {"method": "sa", "kind": "shallow", "oracle": False}
    >>> sure, unsure = {"difference": 0.1, "ci95": [0.04, 0.2]}, {"difference": 0.2, "ci95": [-0.1, 0.5]}
    >>> leading([{**base, "vs_source_only": unsure}, {**base, "vs_source_only": sure}])["vs_source_only"] is sure
    True
    """
    judged = [entry for entry in summary if is_adaptation(entry) and entry["vs_source_only"]]
    some_vary = any(varies(entry["vs_source_only"]) for entry in judged)

    def place(entry: Row) -> tuple[bool, bool, float]:
        versus = entry["vs_source_only"]
        is_level = some_vary and versus["ci95"] is not None and abs(versus["difference"]) < NOTHING
        return effect(versus) == "helps", varies(versus) or is_level, versus["difference"]

    return max(judged, key=place, default=None)


def repeats_of(task: Row) -> str:
    """Return what a task's repetitions are called: "draw" where each has source rows of its own, else "seed".

    Examples
    --------
    >>> repeats_of({"source_per_class": 20}), repeats_of({})
    ('draw', 'seed')
    """
    return "draw" if task.get("source_per_class") else "seed"


def chance_of(task: Row) -> float | None:
    """Return the accuracy of always naming the target's largest class, None where its labels are not known.

    Examples
    --------
    >>> chance_of({"class_counts": {"target": [30, 10]}}), chance_of({"class_counts": None})
    (0.75, None)
    """
    counts = (task["class_counts"] or {}).get("target")
    return max(counts) / sum(counts) if counts and sum(counts) else None


def effect(versus: Row) -> str:
    """Return "helps", "hurts" or "unclear": where the interval lies that holds for all methods at once.

    A difference that is 0 in print (below 0.05 points) is unclear, however sure it is.

    Examples
    --------
    >>> effect({"ci95": [0.01, 0.03], "ci95_joint": [-0.01, 0.05]}), effect({"ci95": [0.01, 0.03]})
    ('unclear', 'helps')
    """
    low, high = versus.get("ci95_joint") or versus.get("ci95") or (0, 0)
    if abs(versus.get("difference", 1)) < NOTHING:
        return "unclear"
    return "helps" if low > 0 else "hurts" if high < 0 else "unclear"


def varies(versus: Row) -> bool:
    """Return whether seeds differ: a row that never leaves source-only has an interval, but it judges nothing.

    Examples
    --------
    >>> varies({"ci95": [-0.1, 0.3]}), varies({"ci95": [0.0, 0.0]}), varies({"ci95": None})
    (True, False, False)
    """
    return bool(versus["ci95"]) and versus["ci95"][0] < versus["ci95"][1]


def _difference(entry: Row) -> float:
    return float(entry["vs_source_only"]["difference"])


def _one_side(lead: Row, summary: Sequence[Row]) -> str:
    """Say what an interval is of where one side of a difference is the same in every seed: of draws, not of rows."""
    base = next(entry for entry in summary if entry["method"] == BASE)
    if base.get("sd") == 0:
        return " Source-only scores the same in every seed: intervals tell what a method's draws do, not other rows."
    if lead.get("sd") == 0 and varies(lead["vs_source_only"]):
        return f" {lead['label']} scores the same in every seed: its interval tells what source-only's draws do."
    return ""


def _near_chance(highest: float, chance: float | None) -> str:
    """Say that what was compared is of no use yet, whatever the difference: 5 points above chance or less."""
    if chance is None or highest > chance + 0.05:
        return ""
    if highest < chance - 0.05:
        return f" To name the largest class for every row would be right more often: {_points(chance)} %."
    return f" All of this is close to chance ({_points(chance)} %): no method without target labels is of use here."


def _points(fraction: float, sign: str = "-") -> str:
    return f"{rounded(100 * fraction, 1):{sign}.1f}".replace("-", "−")


def _lead(entry: Row, code: str, n: int, n_above: int, repeats: str, *, is_judged: bool) -> str:
    versus = entry["vs_source_only"]
    difference, side = versus["difference"], "above" if versus["difference"] > 0 else "below"
    distance = f"{_points(abs(difference))} points {side}" if abs(difference) >= NOTHING else "level with"
    among = f", the {'better' if n == 2 else 'best'} of {n} methods," if n > 1 else ""
    if n_above:
        among = f", of {n} methods the best whose interval lies above 0,"
    reach = f"{entry['label']}{among} reaches {_points(entry['mean'])} % on the target, {distance} source-only"
    if versus["n"] > 1 and not varies(versus):
        by_as_much = ", and by as much" if abs(difference) >= NOTHING else ""
        each = f"each of {versus['n']} {repeats}s"
        if is_judged:  # others vary, and none of them stands higher
            return f"No clear difference: {reach} in {each}."
        what = "The difference does not vary, so that it has no interval" if entry.get("sd") else NOTHING_VARIES
        way_out = WAY_OUT if what == NOTHING_VARIES and repeats == "seed" else ""
        return f"{what}: {reach}{by_as_much} in {each}.{way_out}"
    if versus["ci95"] is None:
        return f"One {repeats} cannot tell: {reach} in the only {repeats} that both have; run five for an interval."
    low, high = map(_points, versus.get("ci95_joint") or versus["ci95"])
    opening = {"helps": "Adaptation helps", "hurts": "Adaptation hurts, even at its best"}
    together = "" if n == 1 else " for both at once" if n == 2 else f" for all {n} at once"
    ending = f"(95 % interval{together} {low} to {high}, better in {versus['wins']} of {versus['n']} {repeats}s)."
    return f"{opening.get(code, 'No clear difference')}: {reach} {ending}"


def _only_alone(entry: Row, code: str, n: int) -> str:
    """Say where only looking at one method, chosen afterwards, would make a difference clear."""
    versus = entry["vs_source_only"]
    alone = effect({**versus, "ci95_joint": None})
    if code != "unclear" or alone == "unclear":
        return ""
    low, high = map(_points, versus["ci95"])
    seems = "help" if alone == "helps" else "hurt"
    but = f"the best of {n} may look better by luck" if alone == "helps" else f"not where all {n} are judged at once"
    return f"alone its interval is {low} to {high} and it would seem to {seems}, but {but}"


def _share(gap: Row | None, summary: Iterable[Row]) -> str:
    if gap is None or gap["value"] is None:
        return f"its share of the gap is not given: {gap['reason']}" if gap else ""
    if gap["value"] > 1:
        top = next(entry["mean"] for entry in summary if entry["kind"] == "bound")
        return f"that is more than training on target labels reaches here ({_points(top)} %)"
    return f"that covers {100 * gap['value']:.0f} % of the gap to training on target labels".replace("-", "−")


def _above(entries: Sequence[Row]) -> str:
    """Return why rows of a higher mean than the leading one do not lead."""
    if not entries:
        return ""
    versus = entries[0]["vs_source_only"]
    ends = "{} to {}".format(*map(_points, versus.get("ci95_joint") or versus["ci95"]))
    if len(entries) == 1:
        name = in_sentence(entries[0]["label"])
        return f"{name} stands higher ({_points(versus['difference'], '+')} points), but its interval, {ends}, holds 0"
    highest = f"the highest by {_points(versus['difference'], '+')} points, {ends}"
    return f"{len(entries)} stand higher ({highest}), but their intervals hold 0"


def _beside(others: Sequence[Row], code: str) -> str:
    """Return what is to be said of the other methods: of few each by name, of many how many."""
    if len(others) <= MOST_NAMED:
        return "; ".join(_named(entry, code) for entry in others)
    found = [effect(entry["vs_source_only"]) for entry in others]
    counts = {word: found.count(word) for word in ("helps", "hurts", "unclear")}
    verbs = {"helps": ("helps", "help"), "hurts": ("hurts", "hurt"), "unclear": ("makes", "make")}
    if max(counts.values()) == len(others):
        alike = {"helps": "all help", "hurts": "all hurt", "unclear": "none makes a clear difference"}[found[0]]
        return f"of the other {len(others)}, judged alike, {alike}"
    said = [f"{n} {verbs[word][n != 1]}" for word, n in counts.items() if n]
    said = [f"{part} no clear difference" if "make" in part else part for part in said]
    written = " and ".join(filter(None, [", ".join(said[:-1]), said[-1]]))
    return f"of the other {len(others)}, judged alike, {written}"


def _unlike(others: Sequence[Row]) -> str:
    """Return the differences of the other methods where nothing judges any: one seed, or seeds that are all alike."""
    if len(others) <= MOST_NAMED:
        return "; ".join(map(_alone, others))
    low, high = (_points(_difference(others[k]), "+") for k in (-1, 0))
    return f"the other {len(others)} differ by {low if low == high else f'{low} to {high}'} points"


def _named(entry: Row, code: str) -> str:
    versus, name, own = entry["vs_source_only"], in_sentence(entry["label"]), effect(entry["vs_source_only"])
    also = "also " if own == code else ""
    words = "makes no clear difference" if own == "unclear" else also + own
    interval = ", {} to {}".format(*map(_points, versus.get("ci95_joint") or versus["ci95"]))
    return f"{name} {words} ({_points(versus['difference'], '+')} points{interval})"


def _alone(entry: Row) -> str:
    """Return the difference of a row that has no interval."""
    if abs(_difference(entry)) < NOTHING:
        return f"{in_sentence(entry['label'])} is level with source-only"
    return f"{in_sentence(entry['label'])} differs by {_points(_difference(entry), '+')} points"


def _unjudged(entry: Row, repeats: str) -> str:
    """Return the difference of a row without an interval, beside rows that have one."""
    n = entry["vs_source_only"]["n"]
    why = f"in one {repeats}" if n == 1 else f"in each of {n} {repeats}s, so that nothing varies"
    return f"{_alone(entry)} {why}, and is not judged"


def _left_out(summary: Iterable[Row], repeats: str) -> str:
    missing = [entry for entry in summary if entry["n_missing"] and not entry["oracle"]]
    counts = [f"{e['label']} in {e['n_missing']} {repeats}{'s' * (e['n_missing'] != 1)}" for e in missing]
    return f" Left out, as nothing was measured: {', '.join(counts)}." if counts else ""
