"""The command line: dacompare run | render | list | fetch | study."""

import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dacompare.stages.folder import RunFolderInUse

app = typer.Typer(
    name="dacompare",
    help="Find out whether domain adaptation helps: recipes in, comparison reports out.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)

# 1: the run went wrong; 2: the command or the recipe is wrong; 3: the report is there, but incomplete.
FAILED, MISUSED, PARTIAL, INTERRUPTED = 1, 2, 3, 130

Debug = Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")]
Out = Annotated[Path, typer.Option("--out", help="Folder for the page and its JSON.")]
Work = Annotated[Path, typer.Option("--work", help="Folder for finished stages, used again by the next run.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the path of the page and nothing else.")]


@app.command("run")
def run_command(
    recipe: Annotated[str, typer.Argument(help="Name of a recipe (see `dacompare list`), or path of a TOML file.")],
    seeds: Annotated[str, typer.Option(help="Seeds instead of the recipe's, such as 0,1,2.")] = "",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Override a key: training.steps=500. May repeat.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A small, fast run: to try things out, not to quote.")] = False,
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
        from dacompare.report import write_index

        _check_folder(out, "--out")
        _check_folder(work, "--work")
        command = _command(recipe, seeds, set_ or [], quick)
        code = 0
        for chosen in load_recipes(recipe, overrides=set_ or [], quick=quick, choices=_choices(seeds, device)):
            results = run(chosen, n_jobs=jobs, work=work, fresh=fresh, progress=not quiet, command=command)
            page = _keep(results, out)
            write_index(out)
            if page is not None:
                _summarise(results, quiet)
                _say_where(page, quiet)
            if results.data["interrupted"]:
                raise typer.Exit(INTERRUPTED)
            code = max(code, PARTIAL if page is None or results.data["partial"] else 0)
        if code:
            raise typer.Exit(code)

    _guarded(work_through, debug)


@app.command()
def render(
    results: Annotated[list[Path], typer.Argument(help="Results files (JSON) that a run wrote.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the pages; default: beside each JSON.")] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write pages from results files again, without computing anything."""

    def work_through() -> None:
        from dacompare.report import write_index, write_report, write_study
        from dacompare.results import Results
        from dacompare.study import read_results

        folders = set()
        for path in results:
            folder = out or path.parent
            if (compared := read_results(path)) is not None:
                _say_where(write_study(compared, folder / f"{path.stem}.html"), quiet)
                continue
            _say_where(write_report(Results.from_json(path), folder / f"{path.stem}.html"), quiet)
            folders.add(folder)
        for folder in sorted(folders):
            if any(folder.glob("*.json")):  # an index reads the numbers, not the pages
                write_index(folder)

    _guarded(work_through, debug)


@app.command()
def study(
    name: Annotated[str, typer.Argument(help="Name of a study (see baselines/study), or path of a TOML file.")],
    jobs: Annotated[int | None, typer.Option(help="Processes side by side; default: one per core.")] = None,
    work: Work = Path(".dacompare"),
    out: Out = Path("reports/study"),
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Compare settings with each other, and say what each way of choosing takes."""

    def work_through() -> None:
        from dacompare.report import write_study
        from dacompare.study import load_study, run_study, write_results

        _check_folder(out, "--out")
        _check_folder(work, "--work")
        chosen = load_study(name)

        def keep(results: dict[str, Any]) -> None:
            write_results(results, out / f"{chosen.slug}.json")
            write_study(results, out / f"{chosen.slug}.html")

        run_study(chosen, n_jobs=jobs, work=work, progress=not quiet, finished=keep)
        _say_where(out / f"{chosen.slug}.html", quiet)

    _guarded(work_through, debug)


@app.command("fetch")
def fetch_command(
    names: Annotated[list[str], typer.Argument(help="Data sets, such as mnist bsds500 (see `dacompare list`).")],
    data: Annotated[
        Path | None, typer.Option("--data", help="Data folder; default: DACOMPARE_DATA, or a cache.")
    ] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Fetch published data sets; what is there already is checked and kept."""

    def work_through() -> None:
        from dacompare.domains import fetching
        from dacompare.names import check_name

        for name in names:  # all of them, before the first is fetched
            check_name("data set", name, fetching.DATASETS)
        for name in names:
            for place in fetching.fetch(name, folder=data, progress=not quiet, datasets=fetching.DATASETS):
                typer.echo(str(place))

    _guarded(work_through, debug)


@app.command("list")
def list_command(debug: Debug = False) -> None:
    """List recipes, methods and domains."""

    def work_through() -> None:
        from dacompare.domains import DOMAINS
        from dacompare.domains.fetching import DATASETS
        from dacompare.methods import METHODS
        from dacompare.recipe import list_recipes

        console = Console()
        recipes = Table("recipe", "title", title="Recipes", title_justify="left")
        for name, title in list_recipes().items():
            recipes.add_row(escape(name), escape(title))
        methods = Table("method", "label", "kind", title="Methods", title_justify="left")
        for name, method in METHODS.items():
            methods.add_row(name, method.label, method.kind)
        console.print(recipes, methods)
        console.print("Domains:", ", ".join(DOMAINS))
        console.print("Can be fetched:", ", ".join(DATASETS))

    _guarded(work_through, debug)


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Find out whether domain adaptation helps: recipes in, comparison reports out."""
    if show:
        import dacompare

        typer.echo(f"dacompare {dacompare.__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line."""
    app()


def _guarded(work_through: Callable[[], None], debug: bool) -> None:
    """Turn an error into a sentence and an exit code; --debug shows where it comes from."""
    try:
        work_through()
    except (ValueError, TypeError, OSError, RunFolderInUse) as error:
        _explain(error, debug, MISUSED)
    except KeyboardInterrupt as error:
        _explain(error, debug, INTERRUPTED)
    except Exception as error:
        _explain(error, debug, FAILED)


def _explain(error: BaseException, debug: bool, code: int) -> None:
    if isinstance(error, typer.Exit):
        raise error
    if debug:
        raise error
    kind = "" if isinstance(error, ValueError | OSError | RunFolderInUse) else f"{type(error).__name__}: "
    text = f"{kind}{error}" if str(error) else type(error).__name__
    Console(stderr=True, soft_wrap=True).print(f"[bold red]error:[/] {escape(text)}")
    raise typer.Exit(code) from error


def _check_folder(folder: Path, option: str) -> None:
    """Refuse a folder that cannot be written to before anything is computed."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        raise NotADirectoryError(f"{option} {folder} cannot be written to; choose another folder")


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
    return [*([f"seeds=[{seeds}]"] if seeds else []), *([f"training.device={device}"] if device else [])]


def _command(recipe: str, seeds: str, pairs: list[str], quick: bool) -> str:
    """Return the command that makes the same measurements again; where and how it was run does not belong to it."""
    options = [*(["--seeds", seeds] if seeds else []), *(part for pair in pairs for part in ("--set", pair))]
    return shlex.join(["dacompare", "run", recipe, *options, *(["--quick"] if quick else [])])


def _summarise(results: Any, quiet: bool) -> None:
    """Print accuracies on the target, in percent, differences to source-only, in points, and the verdict."""
    if quiet:
        return
    table = Table(
        "method", "accuracy", "95 % interval", "difference", "better in", title=escape(results.data["task"]["title"])
    )
    for line in results.data["summary"]:
        against = line["vs_source_only"]
        table.add_row(
            escape(line["label"]),
            _percent(line["mean"]),
            "–" if not line["ci95"] else f"{100 * line['ci95'][0]:.1f} to {100 * line['ci95'][1]:.1f}",
            "–" if not against or against["difference"] is None else f"{100 * against['difference']:+.1f}",
            "–" if not against else f"{against['wins']} of {against['n']}",
        )
    console = Console()
    console.print(table)
    console.print(escape(results.data["verdict"]["text"]))
    for row in results.data["rows"]:
        if row["status"] == "failed":
            console.print(f"[bold red]failed:[/] {escape(row['label'])}, seed {row['seed']}: {escape(row['reason'])}")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _say_where(page: Path, quiet: bool) -> None:
    typer.echo(str(page) if quiet else f"Report: {page.resolve()}")
