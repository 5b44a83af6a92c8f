"""Show how far apart the domains are: the plot of proxy A-distances, the table of all measures, and the bound."""

from typing import Any

from dacompare.names import in_sentence
from dacompare.report.distance_plot import PAD, DistanceDisplay, distances_of, measure_label
from dacompare.report.formatting import MISSING, listing, number, span, valued
from dacompare.report.reading import Data, label_of, mean_of, methods_of
from dacompare.report.svg import draw_svg

AROUND_ZERO = {"hdh": "the HΔH-distance", "mmd": "MMD²"}
"""Measures that are 0 on average where the domains do not differ."""
ABOVE_ZERO = {
    "sliced-wasserstein": "the sliced Wasserstein distance", "coral": "the CORAL distance",
    "linear-discrepancy": "the linear discrepancy", "mean-difference": "the difference of means",
}  # fmt: skip
LAYERS = {"last_hidden": "last hidden layer", "extractor": "top layer of the feature extractor", "input": "raw input"}


def distances(data: Data) -> dict[str, Any] | None:
    """Return the plot of proxy A-distances and the table of all measures."""
    groups: dict[tuple[str, str], list[Data]] = {}
    for entry in data["divergence"]:
        if entry.get("value") is not None:
            groups.setdefault((entry["measure"], entry["features"]), []).append(entry)
    if not groups:
        return None
    lines = [distance_line(data, measure, features, own) for (measure, features), own in groups.items()]
    return {
        "figure": distance_figure(data),
        "others": other_measures(list(dict.fromkeys(measure for measure, _ in groups)), data),
        "lines": lines,
        "bound": bound(data),
        "n": next((e["n_per_domain"] for e in data["divergence"] if e.get("n_per_domain")), None),
    }


def other_measures(measures: list[str], data: Data) -> dict[str, Any] | None:
    """Return how to read the measures beside the proxy A-distance; None where there is none."""
    around, above = (
        listing(names[measure] for measure in measures if measure in names) for names in (AROUND_ZERO, ABOVE_ZERO)
    )
    has_p = any(entry.get("p_value") is not None for entry in data["divergence"])
    if not (around or above or has_p):
        return None
    return {"around": around[:1].upper() + around[1:], "above": above[:1].upper() + above[1:], "has_p": has_p}


def distance_line(data: Data, measure: str, features: str, own: list[Data]) -> dict[str, Any]:
    """Return one line of the table: a measure on a set of features, over seeds."""
    values = [entry["value"] for entry in own]
    ends = own[0].get("ci95") if len(own) == 1 else [min(values), max(values)]
    return {
        "measure": measure_label(measure),
        "features": features_label(data, features),
        "value": mean_of(values),
        "spread": f"{number(ends[0])} to {number(ends[1])}" if ends else "",
        "beside": [*filter(None, [second_estimate(own), p_said(own), deals_said(measure, own)])],
        "error": mean_of(entry.get("domain_error") for entry in own),
        "source": mean_of(entry.get("control_source") for entry in own),
        "target": mean_of(entry.get("control_target") for entry in own),
        "n_features": span(entry.get("n_features") for entry in own) or MISSING,
        "kept": (own[0].get("details") or {}).get("principal_directions"),
        "layer": layer_said(data, features, own[0].get("layer") or ""),
    }


def layer_said(data: Data, features: str, layer: str) -> str:
    """Return where in a method a distance was measured: only networks have layers."""
    if features == "pixels":
        return ""
    kind = next((entry["kind"] for entry in methods_of(data) if entry["method"] == features), None)
    return "transformed features" if kind == "shallow" else layer_name(data, features, layer)


def layer_name(data: Data, features: str, layer: str) -> str:
    """Return what a layer of a row is called; of a row without a network, what would have been put into it."""
    rows = data["recipe"].get("method") or ()
    row: Data = next((row for row in rows if row["name"] == features), {})
    network = {**(data["recipe"].get("network") or {}), **(row.get("network") or {})}
    if network.get("name") != "none":
        return LAYERS.get(layer, layer or "features")
    return "transformed features" if row.get("features") not in (None, "pixels") else LAYERS["input"]


def second_estimate(own: list[Data]) -> str:
    """Return what a discriminator says of the distance, where a measure has that estimate too."""
    other = mean_of((entry.get("details") or {}).get("discriminator") for entry in own)
    return "" if other is None else f"by a discriminator {number(other)}"


def p_said(own: list[Data]) -> str:
    """Return the p-value of the distance: of several seeds the largest, as a mean of p-values is none."""
    known = [entry["p_value"] for entry in own if entry.get("p_value") is not None]
    if not known:
        return ""
    return f"p {number(known[0], 3)}" if len(own) == 1 else f"p at most {number(max(known), 3)}"


def deals_said(measure: str, own: list[Data]) -> str:
    """Return what a measure that lies above 0 anyway gives on average where the rows are dealt out at random."""
    mean = mean_of((entry.get("details") or {}).get("null_mean") for entry in own)
    return "" if mean is None or measure not in ABOVE_ZERO else f"of random deals {number(mean)}"


def features_label(data: Data, features: str) -> str:
    """Return what a set of features is called."""
    return "Raw input" if features == "pixels" else label_of(data, features)


def distance_figure(data: Data) -> dict[str, Any] | None:
    """Return the dot plot of proxy A-distances."""
    shown = distances_of(data, PAD)
    if not shown:
        return None
    display = DistanceDisplay(shown)
    said = f"Proxy A-distance, mean over seeds: {listing(valued(in_sentence(d.label), number(d.mean)) for d in shown)}."
    svg = draw_svg(
        lambda ax: display.plot(ax),
        title=said,
        width=460,
        height=80 + 34 * len(shown),
    )
    return {"svg": svg, "caption": said}


def bound(data: Data) -> list[dict[str, Any]]:
    """Return the plug-in values of the bound on the target error, mean over seeds."""
    keys = ("source_error", "half_distance", "combined_error", "value", "target_error")
    lines = []
    for features in dict.fromkeys(entry["features"] for entry in data["bound"]):
        own = [entry for entry in data["bound"] if entry["features"] == features]
        means = {key: mean_of(entry.get(key) for entry in own) for key in keys}
        lines.append({"label": features_label(data, features), **means, "vacuous": any(e.get("vacuous") for e in own)})
    return lines
