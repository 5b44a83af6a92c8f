"""The command line: dacompare new | run | render | list | fetch | study | show | tsne."""

from typing import Annotated

import typer

from dacompare.commands.fetch import fetch_command
from dacompare.commands.listing import list_command
from dacompare.commands.new import new_command
from dacompare.commands.render import render_command
from dacompare.commands.run import run_command
from dacompare.commands.show import show_command
from dacompare.commands.study import study_command
from dacompare.commands.tsne import tsne_command

app = typer.Typer(
    name="dacompare",
    help="Find out whether domain adaptation helps: recipes in, comparison reports out.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
app.command("new")(new_command)
app.command("run")(run_command)
app.command("render")(render_command)
app.command("study")(study_command)
app.command("show")(show_command)
app.command("tsne")(tsne_command)
app.command("fetch")(fetch_command)
app.command("list")(list_command)


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
