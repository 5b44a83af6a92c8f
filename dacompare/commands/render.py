"""Write pages, or tables as Markdown or CSV, from results files again."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from dacompare.commands.guard import Debug, Quiet, guarded, say_where


class Format(StrEnum):
    """What is written."""

    html = "html"
    md = "md"
    csv = "csv"


def render_command(
    results: Annotated[list[Path], typer.Argument(help="Results files (JSON) that a run wrote.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for what is written; default: beside each JSON. - prints tables."),
    ] = None,
    format_: Annotated[
        Format,
        typer.Option("--format", help="html: pages; md: tables in percent to paste; csv: tables in fractions."),
    ] = Format.html,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write pages or tables from results files again, without computing anything.

    html: a page for each file, and index.html over all results of its folder.
    md, csv: SLUG.md or SLUG.csv for each file, and index.md or index.csv over
    several files of a folder, methods by tasks; --out - prints one of these.
    The columns of the CSV are explained in docs/reading-a-report.md.
    """

    def work_through() -> None:
        if format_ is Format.html:
            write_pages(results, out, quiet)
        elif out == Path("-"):
            typer.echo(printed(read(results), format_), nl=False)
        else:
            write_tables(results, out, format_, quiet)

    guarded(work_through, debug)


def write_pages(paths: Sequence[Path], out: Path | None, quiet: bool) -> None:
    """Write a page for each file, and the index of every folder that has one of them."""
    from dacompare.report import refresh_indexes, write_report, write_study
    from dacompare.results import Results
    from dacompare.study import read_results

    if out == Path("-"):
        raise ValueError("--out - prints tables, and pages are no tables; give --format md or --format csv with it")
    folders = set()
    check_places(paths, out)
    for path in paths:
        folder = out or path.parent
        if (compared := read_results(path)) is not None:
            say_where(write_study(compared, folder / f"{path.stem}.html"), quiet)
            continue
        results = Results.from_json(path)
        try:
            page = write_report(results, folder / f"{path.stem}.html")
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            what = f"{type(error).__name__}: {error}"
            raise ValueError(
                f"{path}: an entry is missing or of another type ({what}), so that there is no page of it; --debug"
                " shows where. Files that a run wrote are whole: was it changed?"
            ) from error
        say_where(page, quiet)
        folders.add(folder)
    # The index of a folder tells of the folders below, so that theirs must be there first.
    for folder in sorted(folders, key=lambda path: (-len(path.resolve().parts), path)):
        if any(folder.glob("*.json")):  # an index reads the numbers, not the pages
            refresh_indexes(folder)


def check_places(paths: Sequence[Path], out: Path | None) -> None:
    """Refuse files whose pages or tables would be written over each other, or over an index."""
    places: dict[Path, Path] = {}
    for path in paths:
        place = ((out or path.parent) / path.stem).resolve()
        if path.stem == "index":
            raise ValueError(f"{path} would be written over the index of its folder: rename it")
        if place in places:
            raise ValueError(f"{places[place]} and {path} would both be written to {place.name}: render them apart")
        places[place] = path


def write_tables(paths: Sequence[Path], out: Path | None, format_: Format, quiet: bool) -> None:
    """Write the tables of each file, and those over the files of a folder where it has several."""
    from dacompare.files import write_whole

    folders: dict[Path, list[Any]] = {}
    check_places(paths, out)
    for path, results in zip(paths, read(paths), strict=True):
        folder = out or path.parent
        folders.setdefault(folder, []).append(results)
        for name, text in documents(path.stem, [results], format_):
            say_where(write_whole(folder / name, text), quiet)
    for folder, together in folders.items():
        for name, text in documents("index", together, format_) if len(together) > 1 else ():
            say_where(write_whole(folder / name, text), quiet)


def read(paths: Sequence[Path]) -> list[Any]:
    """Read all files before anything is written."""
    from dacompare.results import Results
    from dacompare.study import read_results

    for path in paths:
        if read_results(path) is not None:
            raise ValueError(
                f"{path} holds a study, which has a page but no tables: leave it out, or give --format html"
            )
    return [Results.from_json(path) for path in paths]


def documents(stem: str, together: Sequence[Any], format_: Format) -> list[tuple[str, str]]:
    """Return name and text of the files that tables of one or several results go to."""
    from dacompare.report.tables import VALIDATOR_COLUMNS, validator_table, write_csv

    made = [(f"{stem}.{format_}", printed(together, format_))]
    picks = [line for results in together for line in validator_table(results)] if format_ is Format.csv else []
    return [*made, (f"{stem}-validators.csv", write_csv(picks, VALIDATOR_COLUMNS))] if picks else made


def printed(together: Sequence[Any], format_: Format) -> str:
    """Return the table of methods of one or several results as text."""
    from dacompare.report.markdown import index_markdown, report_markdown
    from dacompare.report.tables import METHOD_COLUMNS, method_table, write_csv

    if format_ is Format.csv:
        return write_csv([line for results in together for line in method_table(results)], METHOD_COLUMNS)
    return report_markdown(together[0]) if len(together) == 1 else index_markdown(together)
