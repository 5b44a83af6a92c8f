"""Fetch published data sets."""

from pathlib import Path
from typing import Annotated

import typer

from dacompare.commands.guard import Debug, Quiet, guarded


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

    guarded(work_through, debug)
