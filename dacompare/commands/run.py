"""Make a comparison report from a recipe."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dacompare.commands.guard import (
    INTERRUPTED,
    PARTIAL,
    Debug,
    Out,
    Quiet,
    Work,
    check_folder,
    check_jobs,
    guarded,
    say_where,
)


def run_command(
    recipe: Annotated[str, typer.Argument(help="Name of a recipe (see `dacompare list`), or path of a TOML file.")],
    seeds: Annotated[str, typer.Option(help="Seeds instead of the recipe's, such as 0,1,2.")] = "",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Override a key: training.steps=500. May repeat.")
    ] = None,
    pairs: Annotated[
        str, typer.Option(help="Of a recipe for many pairs, those to run, such as amazon-webcam,webcam-amazon.")
    ] = "",
    quick: Annotated[
        bool, typer.Option("--quick", help="A small, fast run of one seed: to try things out, not to quote.")
    ] = False,
    jobs: Annotated[int | None, typer.Option(help="Processes side by side; default: one per core.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "",
    work: Work = Path(".dacompare"),
    out: Out = Path("reports"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Compute everything anew.")] = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Make a comparison report from a recipe."""

    def work_through() -> None:
        from dacompare.experiment import run
        from dacompare.recipe import load_recipes
        from dacompare.report import refresh_indexes

        check_jobs(jobs)
        check_folder(out, "--out")
        check_folder(work, "--work")
        command = _command(recipe, seeds, set_ or [], quick)
        code = 0
        wanted = [part.strip() for part in pairs.split(",") if part.strip()]
        choices = _choices(seeds, device)
        for chosen in load_recipes(recipe, overrides=set_ or [], quick=quick, choices=choices, pairs=wanted):
            results = run(chosen, n_jobs=jobs, work=work, fresh=fresh, progress=not quiet, command=command)
            page = _keep(results, out)
            refresh_indexes(out)
            if page is not None:
                _summarise(results, quiet)
                say_where(page, quiet)
            if results.data["interrupted"]:
                raise typer.Exit(INTERRUPTED)
            code = max(code, PARTIAL if page is None or results.data["partial"] else 0)
        if code:
            raise typer.Exit(code)

    guarded(work_through, debug)


def _keep(results: Any, out: Path) -> Path | None:
    """Write results and page; return the page, None where a better report was there and stays."""
    from dacompare.report import write_report

    slug = results.data["task"]["slug"]
    partial = out / f"{slug}.partial.html"
    if _is_worse(results, out / f"{slug}.json"):
        write_report(results, partial)
        _say_what_was_kept(results, partial)
        return None
    results.to_json(out / f"{slug}.json")
    partial.unlink(missing_ok=True)  # of an earlier run; this one has more to say
    return write_report(results, out / f"{slug}.html")


def _is_worse(results: Any, path: Path) -> bool:
    """Tell whether a report is there already that an interrupted or failed run must not replace."""
    data = results.data
    return path.exists() and (data["interrupted"] or not any(row["status"] == "ok" for row in data["rows"]))


def _say_what_was_kept(results: Any, partial: Path) -> None:
    data = results.data
    why = "interrupted" if data["interrupted"] else "every row failed"
    reasons = sorted({row["reason"] for row in data["rows"] if row["reason"]} - {"interrupted before it was done"})
    typer.echo(f"{why}: kept the report that was there. {' '.join(reasons)}".strip(), err=True)
    typer.echo(f"What is done: {partial}", err=True)
    typer.echo("Finished stages are kept; run the same command to go on.", err=True)


def _choices(seeds: str, device: str) -> list[str]:
    """Return what says how often and where a recipe is run, and so is no departure from it."""
    numbers = [part.strip() for part in seeds.removesuffix(",").split(",")] if seeds else []
    if not all(map(str.isdecimal, numbers)):
        raise ValueError(f"--seeds must be whole numbers with commas between them, such as 0,1,2, got {seeds!r}")
    return [
        *([f"seeds={list(map(int, numbers))}"] if seeds else []),
        *([f"training.device={device}"] if device else []),
    ]


def _command(recipe: str, seeds: str, pairs: list[str], quick: bool) -> str:
    """Return the command that makes the same measurements again; where and how it was run does not belong to it."""
    options = [*(["--seeds", seeds] if seeds else []), *(part for pair in pairs for part in ("--set", pair))]
    return shlex.join(["dacompare", "run", recipe, *options, *(["--quick"] if quick else [])])


def _summarise(results: Any, quiet: bool) -> None:
    """Print accuracies on the target, in percent, differences to source-only, in points, and the verdict."""
    if quiet:
        return
    from dacompare.report.formatting import percent, points

    table = Table(
        "method", "accuracy", "95 % interval", "difference", "better in", title=escape(results.data["task"]["title"])
    )
    for line in results.data["summary"]:
        against = line["vs_source_only"]
        table.add_row(
            escape(line["label"]),
            "–" if line["mean"] is None else percent(line["mean"]),
            _interval(line["ci95"]),
            "–" if not against or against["difference"] is None else points(against["difference"]),
            "–" if not against else f"{against['wins']} of {against['n']}",
        )
    console = Console()
    console.print(table)
    console.print(escape(results.data["verdict"]["text"]))
    for row in results.data["rows"]:
        if row["status"] == "failed":
            console.print(f"[bold red]failed:[/] {escape(row['label'])}, seed {row['seed']}: {escape(row['reason'])}")


def _interval(ends: Sequence[float] | None) -> str:
    """Return an interval in percent; none has a width of 0, as where every seed is a copy of the first."""
    from dacompare.report.formatting import interval

    return interval(ends) if ends and ends[0] < ends[1] else "–"
