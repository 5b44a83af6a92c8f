"""Draw the features of two domains in the plane, from a file."""

import zipfile
from pathlib import Path
from typing import Annotated, Any

import typer

from dacompare.commands.guard import Debug, Quiet, check_folder, guarded

# In a file of a run, held-out rows stand beside those that were trained on; the report draws the held-out ones.
PARTS = {side: (f"{side}_test", side, f"X_{side}") for side in ("source", "target")}
MAX_POINTS, PERPLEXITY = 1000, 30.0
WAY_OUT = "write it with numpy.savez(file, source=Z_source, target=Z_target, y_source=y_source)"


def tsne_command(
    features: Annotated[
        Path,
        typer.Argument(help="An npz file with the arrays source and target, or the results file (.json) of a run."),
    ],
    out: Annotated[Path, typer.Option("--out", help="The figure: .svg, .png or .pdf.")],
    by: Annotated[str, typer.Option(help="Colour by domain, or by class (needs y_source).")] = "domain",
    method: Annotated[
        str, typer.Option(help="Of a results file: the row whose features are drawn; default: the last.")
    ] = "",
    layer: Annotated[str, typer.Option(help="Of a results file: last_hidden or extractor; default: the first.")] = "",
    max_points: Annotated[int, typer.Option(help="Rows of each domain that are drawn at most.")] = MAX_POINTS,
    perplexity: Annotated[float, typer.Option(help="About how many neighbours count.")] = PERPLEXITY,
    seed: Annotated[int, typer.Option(help="Of the rows drawn and of the embedding.")] = 0,
    title: Annotated[str, typer.Option(help="Written above the figure.")] = "",
    dpi: Annotated[float, typer.Option(help="Dots per inch of a PNG.")] = 200.0,
    style: Annotated[str, typer.Option(help="light or dark.")] = "light",
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Draw the features of two domains in the plane, from a file."""

    def work_through() -> None:
        from dacompare.names import check_name
        from dacompare.report.figure_file import check_figure, write_figure

        check_figure(out, "--out", dpi=dpi, style=style)
        check_folder(out.parent, "--out")
        check_name("--by", by, ("domain", "class"))
        if features.suffix == ".json":
            if (max_points, perplexity, seed) != (MAX_POINTS, PERPLEXITY, 0):
                raise ValueError(
                    f"{features} holds points in the plane already; --max-points, --perplexity and --seed go with the"
                    " features.npz of a run"
                )
            display = _drawn_already(features, method, layer)
        elif method or layer:
            raise ValueError(
                f"--method and --layer go with a results file (.json); {features} holds one set of features"
            )
        else:
            display = _embedded(features, by, max_points, perplexity, seed)
        write_figure(
            lambda ax: display.plot(ax, colour_by=by, legend=True),
            out,
            size=(5.0, 4.7),
            title=title,
            dpi=dpi,
            style=style,
        )
        typer.echo(str(out) if quiet else f"Figure: {out.resolve()}")

    guarded(work_through, debug)


def _drawn_already(file: Path, method: str, layer: str) -> Any:
    """Return the display of points that a run has embedded."""
    from dacompare.names import check_name
    from dacompare.report.tsne_display import TSNEDisplay
    from dacompare.results import Results

    if not file.is_file():
        raise FileNotFoundError(f"{str(file)!r} is no file; give the results file of a run, or an npz file: {WAY_OUT}")
    results = Results.from_json(file)
    drawn = [entry["features"] for entry in results.data["embedding"]]
    if not drawn:
        raise ValueError(f"{file} holds no points in the plane: its recipe asks for none (embedding.features)")
    chosen = check_name("--method", method or drawn[-1], list(dict.fromkeys(drawn)))
    return TSNEDisplay.from_results(results, chosen, layer=layer)


def _embedded(file: Path, by: str, max_points: int, perplexity: float, seed: int) -> Any:
    """Return the display of features that are embedded now."""
    from dacompare.report.tsne_display import TSNEDisplay

    arrays = read_features(file)
    if by == "class" and "y_source" not in arrays:
        raise ValueError(f"{file} has no y_source, so --by class has nothing to colour by; {WAY_OUT}")
    labels = {name: arrays.get(name) for name in ("y_source", "y_target")} if by == "class" else {}
    return TSNEDisplay.from_features(
        arrays["source"], arrays["target"], max_points=max_points, perplexity=perplexity, random_state=seed, **labels
    )


def read_features(file: Path) -> dict[str, Any]:
    """Return the arrays of a feature file, checked: source and target as rows, y_source and y_target where given.

    Rows are taken from ``source_test`` where the file has it, else from ``source`` or ``X_source``, and the target's
    in the same way; labels stand beside them as ``y_source_test`` or ``y_source``.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Naming the file, the array, its shape, and what would work. Python objects are never unpickled.
    """
    import numpy as np

    if not file.is_file():
        raise FileNotFoundError(f"{str(file)!r} is no file; give an npz file: {WAY_OUT}")
    if not zipfile.is_zipfile(file):
        raise ValueError(f"{file} is no npz file, or a truncated one; {WAY_OUT}")
    arrays: dict[str, Any] = {}
    with np.load(file, allow_pickle=False) as archive:
        for side, names in PARTS.items():
            name = next((name for name in names if name in archive), None)
            if name is None:
                held = ", ".join(sorted(archive.files)) or "nothing"
                raise ValueError(f"{file} has no array {side}, it holds {held}; {WAY_OUT}")
            arrays[side] = _rows(file, name, _read(archive, file, name))
            label = f"y_{name.removeprefix('X_')}"
            if label in archive:
                arrays[f"y_{side}"] = _labels(file, label, _read(archive, file, label), name, arrays[side].shape)
    source, target = arrays["source"].shape, arrays["target"].shape
    if source[1] != target[1]:
        raise ValueError(
            f"{file}: source has shape {source} and target {target}; one plane needs rows of the same features"
        )
    return arrays


def _read(archive: Any, file: Path, name: str) -> Any:
    try:
        return archive[name]
    except (ValueError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError(
            f"{file}: {name} cannot be read ({error}); Python objects are refused, since loading them can run code:"
            " save numbers, or text as an array of strings"
        ) from error


def _rows(file: Path, name: str, array: Any) -> Any:
    """Return rows of finite numbers; whatever a row's own shape is, it is laid flat."""
    import numpy as np

    if array.dtype.kind not in "fiub" or array.ndim < 2 or 0 in array.shape:
        raise ValueError(
            f"{file}: {name} must be numbers of shape (n, n_features), got {array.dtype} of shape {array.shape}"
        )
    rows = array.reshape(len(array), -1).astype(np.float64)
    bad = ~np.isfinite(rows).all(axis=1)
    if bad.any():
        raise ValueError(
            f"{file}: {name} of shape {array.shape} holds NaN or infinity in {bad.sum()} rows, the first is row"
            f" {bad.argmax()}; drop these rows, or fill the values"
        )
    return rows


def _labels(file: Path, label: str, array: Any, name: str, shape: tuple[int, ...]) -> Any:
    if array.shape != shape[:1]:
        raise ValueError(
            f"{file}: {label} must have a label for each of the {shape[0]} rows of {name}, got shape {array.shape}"
        )
    return array
