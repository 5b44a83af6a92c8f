"""Show what the two domains of a recipe look like, without training anything."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dacompare.commands.guard import Debug, Quiet, check_folder, guarded


def show_command(
    recipe: Annotated[
        str,
        typer.Argument(help="Name of a recipe (see `dacompare list`), path of a TOML file, or results file (.json)."),
    ],
    out: Annotated[Path, typer.Option("--out", help="The figure: .svg, .png or .pdf. A pair of a grid adds its name.")],
    images: Annotated[int, typer.Option(help="Images of each domain; 0 for the recipe's report.examples.")] = 0,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Override a key: target.data_seed=1. May repeat.")
    ] = None,
    title: Annotated[str, typer.Option(help="Written above the figure.")] = "",
    dpi: Annotated[float, typer.Option(help="Dots per inch of a PNG.")] = 200.0,
    style: Annotated[str, typer.Option(help="light or dark.")] = "light",
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Show example images of both domains of a recipe, without training anything."""

    def work_through() -> None:
        from dacompare.recipe import load_recipes
        from dacompare.report.figure_file import check_figure, write_figure
        from dacompare.report.pairs_display import DomainPairsDisplay
        from dacompare.results import Results

        check_figure(out, "--out", dpi=dpi, style=style)
        check_folder(out.parent, "--out")
        if images < 0:
            raise ValueError(f"--images must be at least 1 image of each domain, got {images}")
        if recipe.endswith(".json"):
            if images or set_:
                raise ValueError(f"{recipe} keeps the images of its report; --images and --set go with a recipe")
            display = DomainPairsDisplay.from_results(Results.from_json(recipe))
            write_figure(display.plot, out, size=display.size, title=title, dpi=dpi, style=style)
            typer.echo(str(out) if quiet else f"Figure: {out.resolve()}")
            return
        chosen = load_recipes(recipe, overrides=set_ or [])
        for one in chosen:
            transfer = _load(one, recipe)
            n = images or one.report["examples"] or 10
            names = one.report["class_names"] or transfer.class_names
            display = DomainPairsDisplay.from_domains(transfer.source, transfer.target, n=n, class_names=names)
            path = out if len(chosen) == 1 else out.with_name(f"{out.stem}-{one.slug}{out.suffix}")
            write_figure(display.plot, path, size=display.size, title=title, dpi=dpi, style=style)
            typer.echo(str(path) if quiet else f"Figure: {path.resolve()}")

    guarded(work_through, debug)


def _load(recipe: Any, name: str) -> Any:
    """Return the transfer of a recipe, split as a run splits it: the figure has the images of the report."""
    from dacompare.domains import load_transfer

    settings = recipe.to_dict()
    transfer = load_transfer(
        settings["source"], settings["target"], settings["split"], title=recipe.title, slug=recipe.slug,
        base=recipe.base,
    ).transfer  # fmt: skip
    if transfer.kind != "image":
        raise ValueError(
            f"{recipe.title}: rows are vectors of {transfer.source.row_shape[0]} features, so there are no images to"
            f" show; `dacompare run {name}` keeps features.npz of every method below .dacompare/{recipe.slug}, and"
            " `dacompare tsne` draws such a file in the plane"
        )
    return transfer
