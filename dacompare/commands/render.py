"""Write pages from results files again."""

from pathlib import Path
from typing import Annotated

import typer

from dacompare.commands.guard import Debug, Quiet, guarded, say_where


def render_command(
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
                say_where(write_study(compared, folder / f"{path.stem}.html"), quiet)
                continue
            say_where(write_report(Results.from_json(path), folder / f"{path.stem}.html"), quiet)
            folders.add(folder)
        for folder in sorted(folders):
            if any(folder.glob("*.json")):  # an index reads the numbers, not the pages
                write_index(folder)

    guarded(work_through, debug)
