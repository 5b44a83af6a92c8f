"""Look at your own data and write a recipe for it."""

import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dacompare.commands.guard import MISUSED, Debug, Quiet, check_folder, guarded

if TYPE_CHECKING:
    from dacompare.domains.inspected import Inspected
    from dacompare.domains.pairing import Pair


def new_command(
    source: Annotated[
        str, typer.Argument(help="Labelled data: a folder of images, one folder for each class, or npz, CSV, svmlight.")
    ],
    target: Annotated[
        str, typer.Argument(help="Data to adapt to, labelled or not; left out where one npz file holds both.")
    ] = "",
    target_test: Annotated[
        str, typer.Option("--target-test", help="Target rows to judge on, in the form of the target.")
    ] = "",
    label: Annotated[str, typer.Option("--label", help="Column of labels of CSV files; default: it is found.")] = "",
    unlabelled: Annotated[
        bool, typer.Option("--unlabelled", help="What looks like labels of the target is none.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the recipe goes; default: <slug>.toml in this folder.")
    ] = None,
    slug: Annotated[str, typer.Option("--slug", help="Name of the page's file: a-z, 0-9 and hyphens.")] = "",
    title: Annotated[str, typer.Option("--title", help="Heading of the page.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Write over a recipe that is there.")] = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Look at your own data and write a recipe for it."""

    def work_through() -> None:
        from dacompare.domains.inspecting import holds_both
        from dacompare.domains.pairing import inspect_pair
        from dacompare.files import write_whole
        from dacompare.recipe import recipe_from_dict
        from dacompare.recipe_writing import recipe_text, slug_of, title_of
        from dacompare.toml_text import printable

        console = Console(quiet=quiet)
        if out is not None:
            _check_out(out, force, source, target, target_test)
        if not str(source).strip():
            raise ValueError("SOURCE is empty; name a folder or a file, as in `dacompare new OLD_DATA NEW_DATA`")
        if not target and Path(source).exists() and not holds_both(source):
            raise ValueError(
                f"TARGET is missing: {source} in this form cannot be both, as an npz file with X_source and X_target"
                f" can; name the data to adapt to, as in `dacompare new {source} NEW_DATA`."
            )
        with console.status("Looking at the data …"):
            pair = inspect_pair(source, target or source, target_test or None, label=label, unlabelled=unlabelled)
        heading = title or title_of(pair)
        place = out or Path(f"{slug or slug_of(heading)}.toml")
        if out is None:
            _check_out(place, force, source, target, target_test)
        _show(pair, heading, console)
        if pair.problems:
            for problem in pair.problems:
                Console(stderr=True, soft_wrap=True).print(f"[bold red]error:[/] {escape(printable(problem))}")
            raise typer.Exit(MISUSED)
        text = recipe_text(pair, place, slug=slug, title=heading)
        recipe_from_dict(tomllib.loads(text), name=str(place))  # before anything is written
        write_whole(place, text)
        _say_what_is_next(place, quiet, pair.is_image)

    guarded(work_through, debug)


def _check_out(place: Path, force: bool, *data: str) -> None:
    if place.is_dir():
        raise IsADirectoryError(f"--out {place} is a folder; give the name of a file in it, such as mine.toml")
    for path in (Path(text).resolve() for text in data if text):
        # Not even with --force: the recipe would stand where the data were.
        if place.resolve() == path or path in place.resolve().parents:
            raise FileExistsError(f"--out {place} lies where the data are ({path.name}); give another name")
    if place.exists() and not force:
        raise FileExistsError(f"{place} is there already; give another name with --out, or --force to write over it")
    check_folder(place.parent, "--out")


def _show(pair: "Pair", heading: str, console: Console) -> None:
    from dacompare.toml_text import printable

    table = Table("", "source", "target", title=escape(printable(heading)), title_justify="left")
    sides = [pair.source, pair.target]
    if pair.target_test is not None:
        table.add_column("target test")
        sides.append(pair.target_test)
    for name, cells in _facts(sides, pair.is_image).items():
        table.add_row(name, *map(escape, cells))
    console.print(table)
    for note in pair.notes:
        console.print(f"[bold]note:[/] {escape(printable(note))}", soft_wrap=True)


def _facts(sides: list["Inspected"], is_image: bool) -> dict[str, list[str]]:
    """Return what was found: one line a fact, one cell a domain."""
    from dacompare.domains.inspected import named

    kinds = {"folder": "folder of images", "npz": "npz file", "table": "CSV file", "svmlight": "svmlight file"}
    labels = [None if side.option("labelled") is False else side.labels for side in sides]
    facts = {
        "what": [kinds[side.domain] for side in sides],
        "images" if is_image else "rows": [f"{side.n_rows:,}" for side in sides],
        "classes": ["no labels" if known is None else f"{len(known):,}: {named(known, '')}" for known in labels],
        "rows a class": ["–" if known is None else _span(list(known.values())) for known in labels],
    }
    if is_image:
        facts["pixels"] = [_sizes(side) for side in sides]
        facts["colours"] = [side.colours for side in sides]
    else:
        facts["features"] = [f"{side.n_features:,}" for side in sides]
    if any(side.option("label") for side in sides):
        facts["labels in"] = [named([side.option("label")]) if side.option("label") else "–" for side in sides]
    return facts


def _span(values: list[int]) -> str:
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _sizes(side: "Inspected") -> str:
    ordered = sorted(side.sizes, key=lambda size: (size[0] * size[1], size))
    (a, b), (c, d) = ordered[0], ordered[-1]
    return f"{a}×{b}" if len(ordered) == 1 else f"{a}×{b} to {c}×{d}"


def _say_what_is_next(place: Path, quiet: bool, is_image: bool) -> None:
    if quiet:
        typer.echo(str(place))
        return
    typer.echo(f"Recipe: {place}")
    typer.echo("Next:")
    steps: dict[tuple[str, ...], str] = {
        **({("show", "--out", f"{place.stem}.png"): "images of both domains side by side"} if is_image else {}),
        ("run", "--quick"): "a first try, in a minute or so",
        ("run",): "the comparison",
    }
    commands = {shlex.join(["dacompare", name, str(place), *options]): why for (name, *options), why in steps.items()}
    width = max(map(len, commands))
    for command, why in commands.items():
        typer.echo(f"  {command:<{width}}   # {why}")
