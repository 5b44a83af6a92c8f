"""Write tables of results as Markdown, in percent and points, as one would paste them."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from dacompare.report.comparison import mean_interval, unlabelled_comparison
from dacompare.report.formatting import interval, listing, number, p_value, percent, plural, points
from dacompare.report.hero import best_adapted, is_constant
from dacompare.report.methods_by_tasks import means_over_tasks, methods_by_tasks
from dacompare.report.reading import Data, as_data, is_usable, methods_of
from dacompare.report.starting_point import like_for_like
from dacompare.report.tables import validator_table
from dacompare.verdict import repeats_of

SPECIAL = re.compile(r"([\\|`*_<>\[\]~$])")
NONE = "–"


def methods_markdown(results: Any) -> str:
    """Return the methods of one task as a Markdown table; columns that would be empty are left out.

    The best adapted method is bold, rows that have seen target labels are in italics. Without target labels the table
    says what can be said all the same.

    Parameters
    ----------
    results : Results or dict
        Of schema "dacompare/1".

    Examples
    --------
    >>> summary = [{"method": "dann", "kind": "deep", "mean": 0.5, "ci95": [0.4, 0.6]}]
    >>> print(methods_markdown({"task": {}, "summary": summary}))
    | Method | Target accuracy, % |
    |---|---:|
    | **dann** | **50.0** (40.0 to 60.0) |
    <BLANKLINE>
    """
    data = as_data(results)
    if not data["task"]["target_labels"]:
        return _unlabelled(data)
    best = (best_adapted(data) or {}).get("method")
    head = ["Method", "Target accuracy, %", "Gap covered, %", "Against source-only, points", "p", "Better in"]
    head += ["Published, %"]
    return _table(head, [_method(data, entry, best) for entry in methods_of(data)])


def report_markdown(results: Any) -> str:
    """Return one task as a Markdown document: verdict, methods, published figures, and what validators pick."""
    data = as_data(results)
    how = listing(map(_escape, data["overrides"]))
    marks = [f"**Made with {how}: not a measurement to quote.**"] if how else []
    marks += ["**Partial: some rows or seeds are missing.**"] if data["partial"] else []
    parts = [f"# {_escape(data['task']['title'])}", *marks, _escape(data["verdict"].get("text") or "")]
    parts += [_escape(like_for_like(data, best_adapted(data)))] if data["task"]["target_labels"] else []
    parts += [methods_markdown(data).rstrip("\n") if methods_of(data) else "", _notes(data), _published(data)]
    return "\n\n".join(part for part in [*parts, _validators(data)] if part) + "\n"


def index_markdown(reports: Iterable[Any]) -> str:
    """Return several tasks as two Markdown tables: accuracy, and gap covered, a line a method and a column a task.

    Results with overrides are no measurements to compare, and are named below. A mean over tasks stands at the end of
    each line whose row all tasks have.

    Parameters
    ----------
    reports : iterable of (Results or dict)
        Of schema "dacompare/1"; tasks without target labels have no column.
    """
    read = [as_data(results) for results in reports]
    kept = [data for data in read if not data["overrides"]]
    table, means = methods_by_tasks(kept, oracles=True), means_over_tasks(kept, oracles=True)
    left = [data["task"]["title"] for data in read if data["overrides"]]
    without = [data["task"]["title"] for data in kept if not data["task"]["target_labels"]]
    parts = []
    if table:
        over = {line["method"]: line for line in means["lines"]} if means else {}
        common = f"{_escape(table['common'])}. " if table["common"] else ""
        parts.append(f"{common}Target accuracy in %, means over seeds; the best adapted method of a task is bold.")
        parts.append(_by_tasks(table, over, "mean", 1))
        if any(c and c["gap"] is not None for g in table["groups"] for x in g["lines"] for c in x["cells"]):
            parts.append("Gap to training on target labels that is covered, in %; the mean is that of the means.")
            parts.append(_by_tasks(table, over, "gap", 0))
        parts.append("Rows in italics have seen target labels.")
    parts += [f"Without target labels: {listing(map(_escape, without))}."] if without else []
    parts += [f"Left out, as no measurements to compare: {listing(map(_escape, left))}."] if left else []
    return "\n\n".join(parts) + "\n"


def _method(data: Data, entry: Data, best: str | None) -> list[str]:
    gap, versus = entry["gap_covered"] or {}, entry["vs_source_only"] or {}
    is_best = entry["method"] == best
    ends = None if is_constant(data) else versus.get("ci95")
    own = "" if entry["mean"] is None else number(100 * entry["mean"], 1)
    failed = bool(entry["n_missing"]) and not entry["n_seeds"]
    p = versus.get("p_holm") if versus.get("p_holm") is not None else versus.get("p_value")
    return [
        _label(entry["label"], is_usable(entry), is_best),
        _around(_bold(own, is_best), mean_interval(entry, repeats_of(data["task"])))
        if own
        else "failed"
        if failed
        else "n/a",
        _around(number(100 * gap["value"], 0), _ends(gap.get("ci95"))) if gap.get("value") is not None else "",
        _around(points(versus["difference"]), interval(ends, points)) if versus else "",
        p_value(p).removeprefix("p = ").removeprefix("p "),
        f"{versus['wins']} of {versus['n']}" if versus else "",
        ", ".join(number(100 * p["accuracy"], 1) for p in entry["published"]),
    ]


def _unlabelled(data: Data) -> str:
    table = unlabelled_comparison(data) or {"primary": "", "lines": []}
    head = ["Method", str(table["primary"] or "Validator"), "Predicted as by source-only, %", "Source accuracy, %"]
    lines = [
        [
            _label(line["label"], True, False),
            "" if line["score"] is None else number(line["score"], 3),
            "" if line["agreement"] is None else number(100 * line["agreement"], 1),
            "" if line["source"] is None else number(100 * line["source"], 1),
        ]
        for line in table["lines"]
    ]
    return _table(head, lines)


def _notes(data: Data) -> str:
    entries = methods_of(data)
    seeds = max((entry["n_seeds"] for entry in entries), default=0)
    around = any(entry["ci95"] for entry in entries)
    said = [f"Means over {plural(seeds, 'seed')}, with 95 % intervals."] if around else []
    tested = any((entry["vs_source_only"] or {}).get("p_holm") is not None for entry in entries)
    said += ["P-values are corrected for all rows."] if tested else []
    said += ["Rows in italics have seen target labels."] if any(not is_usable(entry) for entry in entries) else []
    return " ".join(said)


def _published(data: Data) -> str:
    lines = []
    for entry in methods_of(data):
        for p in entry["published"]:
            gap = "" if p.get("gap_covered") is None else f", gap covered {percent(p['gap_covered'])}"
            note = f" {_escape(p['note'])}" if p.get("note") else ""
            lines.append(f"- {_escape(entry['label'])}: {percent(p['accuracy'])}{gap}. {_escape(p['where'])}.{note}")
    return "\n".join(["Published figures, beside these and not of the same runs:\n", *lines]) if lines else ""


def _validators(data: Data) -> str:
    lines = [
        [
            _bold(_escape(line["validator"]), line["primary"]),
            _escape(line["picks"]),
            "" if line["cost"] is None else number(100 * line["cost"], 1),
            "" if line["gain"] is None else points(line["gain"]),
        ]
        for line in validator_table(data)
    ]
    if not lines:
        return ""
    said = "What each validator picks without target labels, in how many seeds; the primary one is bold."
    head = ["Validator", "Picks", "Cost against the best, points", "Gain over source-only, points"]
    return f"{said}\n\n{_table(head, lines)}".rstrip("\n")


def _by_tasks(table: dict[str, Any], means: dict[str, Any], key: str, digits: int) -> str:
    lines = []
    for line in (line for group in table["groups"] for line in group["lines"]):
        cells = [cell and cell[key] for cell in line["cells"]]
        written = [
            "" if value is None else _bold(number(100 * value, digits), key == "mean" and cell["best"])
            for value, cell in zip(cells, line["cells"], strict=True)
        ]
        mean = (means.get(line["method"]) or {}).get(key)
        if any(written):
            own = "" if mean is None else number(100 * mean, digits)
            lines.append([_label(line["label"], line["usable"], False), *written, own])
    return _table(["Method", *map(_escape, table["titles"]), "Mean"], lines).rstrip("\n")


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table without the columns that are empty, numbers to the right."""
    kept = [k for k in range(len(head)) if k == 0 or any(line[k] for line in lines)]
    left = {0, *(k for k in kept if head[k] == "Picks")}
    rows = [[head[k] for k in kept], *([line[k] or NONE for k in kept] for line in lines)]
    text = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([text[0], f"|{'|'.join('---' if k in left else '---:' for k in kept)}|", *text[1:]]) + "\n"


def _label(label: str, usable: bool, best: bool) -> str:
    text = _escape(label)
    return _bold(text, best) if usable else f"*{text}*"


def _bold(text: str, is_bold: bool) -> str:
    return f"**{text}**" if is_bold and text else text


def _around(value: str, ends: str) -> str:
    return f"{value} ({ends})" if ends else value


def _ends(ends: Sequence[float] | None) -> str:
    return interval(ends, lambda end: number(100 * end, 0))


def _escape(text: Any) -> str:
    """Return text on one line that Markdown takes as it is."""
    return SPECIAL.sub(r"\\\1", " ".join(str(text).split()))
