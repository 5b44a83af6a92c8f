"""Decide how the rows of two places get one form: one size and colour for images, the same columns for tables."""

from collections.abc import Iterable
from dataclasses import replace
from statistics import median

from dacompare.domains.inspected import Choice, Decision, Inspected, named
from dacompare.domains.scales import MOST_SCALES

SMALLEST, USUAL, LARGEST = 16, 32, 40
"""Edges of images in pixels: what the network needs, what large images become, up to which they stay as they are."""


def decide_images(source: Inspected, target: Inspected) -> Decision:
    """Decide to which size images are brought, and whether colour is kept."""
    part = Decision()
    folders = [side for side in (source, target) if side.domain == "folder"]
    if source.is_float != target.is_float:
        floats, whole = (source, target) if source.is_float else (target, source)
        part.problems += (
            f"{floats.path} holds images from 0 to 1 and {whole.path} from 0 to 255: save both as uint8.",
        )
    size, why, problem = _size(source, target)
    part.problems += (problem,) if problem else ()
    shared: tuple[Choice, ...] = () if size is None else (Choice("size", size, why),)
    if size == USUAL:
        larger = Choice(
            "size", 2 * USUAL, "More detail, and about four times the time; in both domains:", is_used=False
        )
        shared += (larger,)
    if folders and source.colours == target.colours == "grey":
        shared += (Choice("grey", True, "All images are grey, so that one channel holds all there is."),)
    elif folders and "grey" in f"{source.colours} {target.colours}":
        why = (
            f"The source is {source.colours}, the target {target.colours}. Grey images are repeated to three channels;"
            " this line would take the colour away, in both domains alike:"
        )
        shared += (Choice("grey", True, why, is_used=False),)
        part.notes += (f"The source is {source.colours}, the target {target.colours}; all are read as colour.",)
    part.source, part.target = (shared if side.domain == "folder" else () for side in (source, target))
    return part


def _size(source: Inspected, target: Inspected) -> tuple[int | None, str, str]:
    """Return the size to resize to, None for as they are; why; and what makes that impossible."""
    arrays = [side for side in (source, target) if side.domain != "folder"]
    sizes = {*source.sizes, *target.sizes}
    told = f"The images measure {_measured(sizes)} pixels"
    if arrays:
        ((width, height),) = arrays[0].sizes
        if sizes == {(width, height)}:
            return None, "", ""
        if len(arrays) == 2 or width != height:
            fixed = f"{arrays[0].path} holds images of {width}×{height} pixels"
            return None, "", f"{told}, and arrays are not resized: {fixed}. Resize them to one square size first."
        return width, f"As large as those in {arrays[0].path.name}, as both domains must be.", ""
    edges = [edge for size in sizes for edge in size]
    if len(sizes) == 1 and min(edges) >= SMALLEST and max(edges) <= LARGEST:
        return None, "", ""
    shortest = min(median(_edges(side)) for side in (source, target))
    size = USUAL if shortest >= USUAL else max(SMALLEST, int(shortest))
    if len(sizes) == 1:
        limit = "at least" if min(edges) < SMALLEST else "about"
        reason = (
            f"the network needs {limit} {size}×{size}"
            if min(edges) < SMALLEST
            else "the network is made for small ones"
        )
        return size, f"{told}, and {reason}: all are resized to {size}×{size}.", ""
    return (
        size,
        f"{told}, and all must have one size: they are resized to {size}×{size} (proportions are not kept).",
        "",
    )


def _edges(side: Inspected) -> list[int]:
    return [min(size) for size, n in side.sizes.items() for _ in range(n)]


def _measured(sizes: Iterable[tuple[int, int]]) -> str:
    ordered = sorted(sizes, key=lambda size: (size[0] * size[1], size))
    (a, b), (c, d) = ordered[0], ordered[-1]
    return f"{a}×{b}" if len(ordered) == 1 else f"{a}×{b} to {c}×{d}"


def decide_features(source: Inspected, target: Inspected) -> Decision:
    """Decide how two tables get the same columns, on one scale."""
    part, (source, target) = _both_zero_based(source, target)
    if source.columns and target.columns and source.columns != target.columns:
        part.problems += (_columns_differ(source, target),)
    width = max(source.n_features, target.n_features)
    for side in ("source", "target"):
        own = source if side == "source" else target
        if own.n_features == width:
            continue
        if own.domain == "svmlight":
            why = f"The largest index here is {own.n_features:,}; the other domain has {width:,} features."
            setattr(part, side, (*getattr(part, side), Choice("n_features", width, why)))
        elif not part.problems:
            part.problems += (
                f"Both domains must have the same features: {source.path} has {source.n_features:,} columns,"
                f" {target.path} {target.n_features:,}.",
            )
    part.source += tuple(_scaling(source))
    return part


def _both_zero_based(source: Inspected, target: Inspected) -> tuple[Decision, tuple[Inspected, Inspected]]:
    """Let both svmlight files count features from 0 where one of them does."""
    files = {side.domain == "svmlight": side for side in (source, target) if not side.option("zero_based")}
    other, part = files.get(True), Decision()
    if other is None or not any(side.option("zero_based") for side in (source, target)):
        return part, (source, target)
    why = "The other file has a feature with the index 0, so that this one is read in the same way."
    side = "source" if other is source else "target"
    setattr(part, side, (Choice("zero_based", True, why),))
    part.notes += (f"{other.path.name} is read as counting features from 0, as the other file does.",)
    wider = replace(other, n_features=other.n_features + 1)
    return part, (wider, target) if other is source else (source, wider)


def _columns_differ(source: Inspected, target: Inspected) -> str:
    lacking = [name for name in source.columns if name not in target.columns]
    if lacking:
        return f"{target.path} lacks columns of the source: {named(lacking)}."
    return f"{source.path} and {target.path} must have their columns in the same order."


def _scaling(source: Inspected) -> Iterable[Choice]:
    if source.domain == "svmlight":
        return
    if source.scales > MOST_SCALES:
        yield Choice(
            "unit_variance",
            True,
            f"Columns differ in spread by a factor of {source.scales:,.0f}, so that the widest would decide all. With"
            " this line, each is divided by its standard deviation in the source, in both domains alike.",
        )
    elif source.offset > MOST_SCALES:
        yield Choice(
            "unit_variance",
            True,
            f"Rows lie {source.offset:,.0f} times as far from 0 as from each other, so that what they have in common"
            " would decide all. With this line, each column has mean 0 and deviation 1 in the source.",
        )
    else:
        why = "Columns have similar spreads; this line would bring each to standard deviation 1 (of the source):"
        yield Choice("unit_variance", True, why, is_used=False)
