"""List all reports of a folder on one page: what helps where, and what choosing without target labels costs."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dacompare.files import write_whole
from dacompare.names import in_sentence
from dacompare.report.distance_change import distance_section
from dacompare.report.folder import Family, read_folder
from dacompare.report.formatting import interval, listing, percent, plural, points
from dacompare.report.hero import UNJUDGED, VERDICTS, best_adapted, code_of, primary_picks
from dacompare.report.methods_by_tasks import BASE, family_name, means_over_tasks, methods_by_tasks
from dacompare.report.page import fill
from dacompare.report.reading import Data, as_data, label_of, mean_of, methods_of
from dacompare.report.validator_costs import validator_costs
from dacompare.verdict import repeats_of

OURS = '<p class="eyebrow">dacompare'  # on every index of reports, and on no page of somebody else


def render_index(
    reports: Iterable[tuple[Any, str]],
    *,
    left_out: Iterable[tuple[str, str]] = (),
    families: Iterable[Family] = (),
    studies: Iterable[tuple[str, str]] = (),
) -> str:
    """Return the index of some reports.

    Results with overrides (``--quick``, ``--set``) are no measurements to compare: they are named below the table,
    never in it. Partial ones are marked.

    Parameters
    ----------
    reports : iterable of (Results or dict, str)
        Each with the relative link of its page; an empty link for a page that is not there.
    left_out : iterable of (str, str)
        Further files with the reason why they are not shown.
    families : iterable of Family
        Folders of reports that have an index of their own: a line each, and their points in the figure.
    studies : iterable of (str, str)
        Titles and links of the pages of studies.

    Examples
    --------
    >>> page = render_index([({"task": {"title": "A → B"}}, "a-b.html")])
    >>> '<a href="a-b.html">A → B</a>' in page
    True
    """
    read, families = [(as_data(results), link) for results, link in reports], list(families)
    kept = [(data, link) for data, link in read if not data["overrides"]]
    refused = [(data["task"]["title"], overridden(data)) for data, _ in read if data["overrides"]]
    own, below = [data for data, _ in kept], [report for family in families for report in family.reports]
    return fill(
        "index.html.j2",
        {
            "family": family_name(own),
            "lead": lead(own, families),
            "lines": [task_line(data, link) for data, link in kept],
            "table": linked(methods_by_tasks(own), [link for _, link in kept]),
            "means": means_over_tasks(own),
            "families": [family_line(family) for family in families],
            "studies": list(studies),
            "distances": distance_section([*kept, *below]),
            "costs": validator_costs(kept, [(f.name, f.link, f.reports) for f in families]),
            "left_out": [*refused, *left_out],
        },
    )


def write_index(folder: str | Path) -> Path:
    """Write ``index.html`` over all results files (``*.json``) of a folder.

    A file that holds no results is left out, and the page says so. Folders right below that have an index of their
    own have a line each: write those first.

    Parameters
    ----------
    folder : str or Path
        Each ``<slug>.json`` is linked to ``<slug>.html`` where that exists.

    Returns
    -------
    Path
        Where the index lies.
    """
    folder = Path(folder)
    found = read_folder(folder)
    page = render_index(found.reports, left_out=found.left_out, families=found.families, studies=found.studies)
    return write_whole(folder / "index.html", page)


def refresh_indexes(folder: str | Path) -> None:
    """Write the index of a folder anew, and that of the folder above where it is one of reports, too.

    Parameters
    ----------
    folder : str or Path
        Where reports were written.
    """
    write_index(folder)
    above = Path(folder).resolve().parent
    index = above / "index.html"
    if index.is_file() and OURS in index.read_text(encoding="utf-8", errors="replace"):
        write_index(above)


def overridden(data: Data) -> str:
    """Return why results with overrides are refused."""
    how = listing(change if str(change).startswith("-") else f"--set {change}" for change in data["overrides"])
    return f"made with {how}: not a measurement to compare"


# What is said first


def lead(own: Sequence[Data], families: Sequence[Family]) -> list[str]:
    """Return in how many tasks adaptation helps and hurts, here and below."""
    sentences = []
    if own:
        sentences.append(f"Judged by the best adapted method of each task, {in_sentence(counted(own))}.")
        if (means := means_over_tasks(own)) and (best := best_of(means)):
            n = sum(line["usable"] and line["method"] != BASE for line in means["lines"])
            tasks = f"all {means['n']} tasks{'' if means['n'] == len(own) else ' with target labels'}"
            of = f", of {plural(n, 'method')} that {tasks} have" if n > 1 else ""
            sentences[-1] += f" Best on average{of}: {best_said(best)}."
    for family in families:
        sentences.append(f"{family.name}: {in_sentence(counted([data for data, _ in family.reports]))}.")
    return sentences


def counted(reports: Sequence[Data]) -> str:
    """Return the verdicts of some tasks, counted.

    Examples
    --------
    >>> counted([{"verdict": {"code": "helps"}}, {"verdict": {"code": "unclear"}}])
    'Adaptation helps in 1 of 2 tasks and hurts in none; 1 shows no clear difference'
    """
    codes = Counter(map(code_of, reports))
    text = f"Adaptation helps in {codes['helps']} of {plural(len(reports), 'task')}"
    text += f" and hurts in {codes['hurts'] or 'none'}"
    rest = len(reports) - codes["helps"] - codes["hurts"] - codes["unclear"]
    unclear, unknown = codes["unclear"], rest
    if unclear:
        text += f"; {unclear} {'shows' if unclear == 1 else 'show'} no clear difference"
    return f"{text}; {unknown} cannot be judged" if unknown else text


# Lines


def task_line(data: Data, link: str) -> dict[str, Any]:
    """Return what one task found: verdict, best adapted method, and how sure that is."""
    best = best_adapted(data)
    code = code_of(data)
    word, sign = VERDICTS.get(code or "", UNJUDGED)
    versus = (best or {}).get("vs_source_only") or {}
    return {
        "title": data["task"]["title"],
        "link": link,
        "partial": data["partial"],
        "code": code if code in VERDICTS else "none",
        "word": word,
        "sign": sign,
        "best": best["label"] if best else "",
        "mean": best["mean"] if best else None,
        "base": next((e["mean"] for e in methods_of(data) if e["method"] == BASE), None),
        "difference": points(versus["difference"]) if versus else "",
        "interval": interval(versus.get("ci95"), points),
        "gap": ((best or {}).get("gap_covered") or {}).get("value"),
        "repeats": plural(max((entry["n_seeds"] for entry in methods_of(data)), default=0), repeats_of(data["task"])),
        **validator_cost(data),
    }


def validator_cost(data: Data) -> dict[str, Any]:
    """Return what the primary validator picks among methods most often, and what its picks cost on average."""
    primary, picks = primary_picks(data)
    counts = Counter(label_of(data, s["pick"]) for s in picks).most_common()
    chosen, often = counts[0] if counts else ("", 0)
    share = f" in {often} of {len(picks)}" if often < len(picks) else ""
    return {"validator": primary or "", "pick": chosen + share, "cost": mean_of(s.get("cost") for s in picks)}


def linked(table: dict[str, Any] | None, links: Sequence[str]) -> dict[str, Any] | None:
    """Return the table of methods by tasks with a link for each column."""
    return table and {**table, "links": [links[k] for k in table["tasks"]]}


def family_line(family: Family) -> dict[str, Any]:
    """Return what a folder of reports found."""
    reports = [data for data, _ in family.reports]
    codes = Counter(map(code_of, reports))
    return {
        "name": family.name,
        "link": family.link,
        "n": len(reports),
        "helps": codes["helps"],
        "hurts": codes["hurts"],
        "best": best_said(best_of(means_over_tasks(reports, fewest=1))),
    }


def best_of(means: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the method that one could use with the highest mean over tasks, of those that all tasks have."""
    return next((line for line in means["lines"] if line["usable"]), None) if means else None


def best_said(best: dict[str, Any] | None) -> str:
    """Return which method has the highest mean over the tasks of a family."""
    if best is None:
        return "no method is in all tasks"
    if best["method"] == BASE:
        return f"{best['label']}, {percent(best['mean'])}: no method is better on average"
    gain = f", {points(best['difference'], unit=True)} against source-only" if best["difference"] is not None else ""
    return f"{best['label']}, {percent(best['mean'])}{gain}"
