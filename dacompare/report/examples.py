"""Show what the domains look like, and which rows adaptation fixed and broke."""

import re
from typing import Any

from dacompare.report.formatting import count, listing, shorten
from dacompare.report.reading import Data, class_name, is_usable, label_of, mean_of, methods_in_order

BASE64 = re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*")


def examples(data: Data) -> dict[str, Any] | None:
    """Return image sheets and tiles; None where the rows are no images.

    Examples
    --------
    >>> from dacompare.report.reading import as_data
    >>> examples(as_data({})) is None
    True
    """
    found = data["examples"]
    sheets = [sheet(data, side, found.get(side)) for side in ("source", "target")]
    tiles = [group(data, kind, found.get(kind) or []) for kind in ("fixed", "broken")]
    sheets, tiles = [s for s in sheets if s], [t for t in tiles if t]
    return {"sheets": sheets, "tiles": tiles} if sheets or tiles else None


def sheet(data: Data, side: str, given: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return one domain's strip of images with the names of their classes."""
    if not given or not is_image(given.get("png_base64")):
        return None
    name, n = data["task"][side], given.get("columns") or 1
    names = [shorten(class_name(data, k)) for k in given.get("labels") or []]
    said = f", from left to right: {listing(names)}" if names else ", classes unknown"
    return {
        "title": f"{side.capitalize()}: {name}",
        "src": given["png_base64"],
        "alt": f"{n} images of {name}, the {side} domain{said}.",
        "names": names if len(names) == n and max(map(len, names), default=0) <= 3 else [],
        "said": listing(names) if names else "",
    }


def group(data: Data, kind: str, given: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return target test rows that adaptation fixed, or broke, with what was said before and after."""
    tiles = [one for one in given if is_image(one.get("png_base64"))]
    if not tiles:
        return None
    after = label_of(data, tiles[0].get("method") or "")
    return {
        "kind": kind,
        "title": f"{'Fixed' if kind == 'fixed' else 'Broken'} by {after}",
        "note": f"The first {len(tiles)} in test order, seed {tiles[0].get('seed')}. Below each: true class, then what "
        f"source-only and {after} said.",
        "tiles": [tile(data, one, after) for one in tiles],
    }


def tile(data: Data, one: dict[str, Any], after: str) -> dict[str, str]:
    """Return one small image with its three classes."""
    true, before, now = (class_name(data, one.get(key)) for key in ("true", "before", "after"))
    return {
        "src": one["png_base64"],
        "true": shorten(true),
        "change": f"{shorten(before)} → {shorten(now)}",
        "alt": f"Target image of class {true}: source-only said {before}, {after} says {now}.",
    }


def is_image(text: object) -> bool:
    """Return whether this can be the base64 text of a PNG; anything else is left out."""
    return isinstance(text, str) and text.startswith("iVBORw0KGgo") and BASE64.fullmatch(text) is not None


def changes(data: Data) -> list[dict[str, Any]]:
    """Return how many rows each method fixed and broke, on average over seeds."""
    lines = []
    for entry in methods_in_order(data):
        own = [change for change in data["changes"] if change["method"] == entry["method"]]
        if not own or entry["oracle"]:
            continue
        means = {key: mean_of(c.get(key) for c in own) for key in ("fixed", "broken", "both_right", "both_wrong")}
        counts = {key: count(value) for key, value in means.items()}
        lines.append({"label": entry["label"], "usable": is_usable(entry), **counts})
    return lines
