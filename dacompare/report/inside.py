"""Show what happened inside: the curve over dimensions, the embeddings and the training."""

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes

from dacompare.names import in_sentence
from dacompare.report.distance_table import layer_name
from dacompare.report.formatting import count, listing, number, percent, plural, span, valued
from dacompare.report.history_display import CURVES, HistoryDisplay, draw_schedules
from dacompare.report.palette import BLUE, CLASS_COLOURS, CSS_VARIABLES, ORANGE, method_styles
from dacompare.report.reading import Data, class_names, label_of, mean_of
from dacompare.report.svg import draw_svg
from dacompare.report.sweep_display import SubspaceSweepDisplay, mean_curve, seed_curves
from dacompare.report.tsne_display import TSNEDisplay, is_numbered

MONITORED = 250  # held-out rows a seed that a training looks at while it runs

MOST_DRAWN = 20  # seeds up to which every one is a line: more are a smear, and a page too large to send


def first_seeds(entries: Sequence[Data]) -> list[Data]:
    """Return the entries of the first seeds, as many as a figure can show."""
    seeds = sorted({entry["seed"] for entry in entries if entry.get("seed") is not None})[:MOST_DRAWN]
    return [entry for entry in entries if entry.get("seed") is None or entry["seed"] in seeds]


def drawn_said(entries: Sequence[Data]) -> str:
    """Return which seeds are drawn where not all are."""
    n = len({entry.get("seed") for entry in entries})
    return (
        f"Of {n} seeds the first {MOST_DRAWN} are drawn, with their mean; sentences are about all."
        if n > MOST_DRAWN
        else ""
    )


# The curve over dimensions


def sweeps(data: Data) -> list[dict[str, Any]]:
    """Return one block a swept method: its figures and what they show."""
    return [sweep(data, method) for method in dict.fromkeys(entry["method"] for entry in data["sweep"])]


def sweep(data: Data, method: str) -> dict[str, Any]:
    """Return the figures of one method's sweep."""
    display = SubspaceSweepDisplay.from_results(data, method)
    shown = SubspaceSweepDisplay(first_seeds(display.sweeps), validator=display.validator, base=display.base)
    figures = []
    if display.has_accuracy:
        said = accuracy_said(display)
        svg = draw_svg(unlabelled(lambda ax: shown.plot(ax, of="target_accuracy")), title=said)
        figures.append({"title": "Target accuracy", "svg": svg, "caption": said})
    if display.validator and seed_curves(display.sweeps, display.validator):
        own = f"; picked: {span(display.picks)}" if display.picks else ""
        said = f"Score of {display.validator}, which needs no target label{own}."
        svg = draw_svg(unlabelled(lambda ax: shown.plot(ax, of=shown.validator)), title=said)
        figures.append({"title": f"Validator: {display.validator}", "svg": svg, "caption": said})
    return {
        "label": label_of(data, method),
        "figures": figures,
        "has_accuracy": display.has_accuracy,
        "has_band": len(shown.sweeps) > 1,
        "drawn": drawn_said(display.sweeps),
    }


def accuracy_said(display: SubspaceSweepDisplay) -> str:
    """Return the finding of an accuracy curve, from its numbers."""
    mean = mean_curve(seed_curves(display.sweeps, "target_accuracy"))
    if not mean:
        return "The seeds share no dimension."
    best, worst = max(mean, key=lambda n: mean[n]), min(mean.values())
    text = f"On average best at {plural(best, 'dimension')}, {percent(mean[best])}; worst {percent(worst)}"
    text += f"; source-only without alignment {percent(display.base)}" if display.base is not None else ""
    return text + f"{picked(display)}."


def picked(display: SubspaceSweepDisplay) -> str:
    """Return which dimensions were picked, as the end of a sentence."""
    own = f"; picked without labels: {span(display.picks)}" if display.picks else ""
    return own + (f"; by target labels: {span(display.oracles)}" if display.oracles else "")


# t-SNE


def embeddings(data: Data) -> dict[str, Any] | None:
    """Return the panels of every embedding: by domain, then by class."""
    entries = [entry for entry in data["embedding"] if entry.get("x")]
    if not entries:
        return None
    drawn = list(dict.fromkeys(entry.get("layer") for entry in entries))
    # By class in the first layer alone: the page has to stay small, and the others show the same rows.
    first = [entry for entry in entries if entry.get("layer") == drawn[0]]
    panels = [
        *(by_domain(data, entry, several=len(drawn) > 1) for entry in entries),
        *(by_class(data, entry) for entry in first if entry.get("label")),
    ]
    return {
        "finding": distance_change(data, first),
        "panels": panels,
        "is_numbered": is_numbered(class_names(data)),
        "n_colours": len(CLASS_COLOURS) if len(class_names(data)) > len(CLASS_COLOURS) else None,
        "has_classes": any(entry.get("label") for entry in entries),
        "caption": embedding_caption(data, entries, drawn),
    }


def by_domain(data: Data, entry: Data, *, several: bool = False) -> dict[str, Any]:
    """Return the panel that tells source from target; of several layers, the title names which one it is."""
    label, distance = label_of(data, entry["features"]), entry.get("proxy_a_distance")
    # The distance is measured where the SVM works, which need not be the layer that is drawn.
    measured = f"proxy A-distance {number(distance)}" if distance is not None else "proxy A-distance not measured"
    apart = f"{measured} (last hidden layer)" if distance is not None and entry["layer"] == "extractor" else measured
    display = TSNEDisplay.from_entry(entry, class_names(data))
    title = f"t-SNE of {in_sentence(label)} features by domain, source as discs and target as crosses; {apart}"
    title += f", so the domains {overlap(distance)}." if distance is not None else "."
    svg = draw_svg(lambda ax: display.plot(ax), title=title, height=360)
    layer = f", {layer_name(data, entry['features'], entry['layer'])}" if several else ""
    return {"title": f"{label}{layer}, by domain", "svg": svg, "caption": f"{apart[0].upper()}{apart[1:]}."}


def by_class(data: Data, entry: Data) -> dict[str, Any]:
    """Return the panel that tells classes apart."""
    label, names = label_of(data, entry["features"]), class_names(data)
    display = TSNEDisplay.from_entry(entry, names)
    svg = draw_svg(
        lambda ax: display.plot(ax, colour_by="class"),
        title=f"The same t-SNE of {in_sentence(label)} features by class: {plural(len(names), 'class', 'classes')}, "
        "each named at the median of its source rows.",
        height=360,
    )
    return {"title": f"{label}, by class", "svg": svg, "caption": ""}


def overlap(distance: float) -> str:
    """Return in words what a proxy A-distance says."""
    if distance < 0.4:
        return "can hardly be told apart"
    return "overlap in part" if distance < 1.2 else "are easily told apart"


def distance_change(data: Data, entries: list[Data]) -> str:
    """Return how the distance differs between the embedded features, as the section's finding."""
    known = [
        (label_of(data, e["features"]), e["proxy_a_distance"]) for e in entries if e.get("proxy_a_distance") is not None
    ]
    if len(known) < 2:
        return ""
    said = listing(f"{number(distance)} in {in_sentence(label)} features" for label, distance in known)
    seed = f" (seed {entries[0]['seed']})" if entries[0].get("seed") is not None else ""
    return f"Proxy A-distance {said}{seed}: 2 means told apart without error, 0 not at all."


def embedding_caption(data: Data, entries: list[Data], layers: list[Any]) -> str:
    """Return what is drawn and what must not be read from it."""
    first = entries[0]
    layer, seed = listing(layer_name(data, first["features"], name or "") for name in layers), first.get("seed")
    n_target = sum(first["domain"])
    n_source = len(first["domain"]) - n_target
    setting = f"perplexity {number(first['perplexity'], 0)}" if first.get("perplexity") is not None else ""
    rows, which = f"{count(n_source)} source and {count(n_target)} target rows", "" if seed is None else f"seed {seed}"
    drawn = ", ".join(filter(None, [layer, which, rows, setting]))
    return f"Drawn: {drawn}; one joint fit for each set of features, the same rows in every panel."


# Training


def training(data: Data) -> dict[str, Any] | None:
    """Return the training curves of all networks but the bound's, together."""
    display = HistoryDisplay.from_results(data)
    if not display.histories:
        return None
    shown = HistoryDisplay(first_seeds(display.histories), labels=display.labels)
    figures = [curve(display, key, shown) for key in CURVES if key not in ("adaptation_factor", "learning_rate")]
    return {
        "figures": [*filter(None, figures), *filter(None, [schedule(display)])],
        "legend": legend(data, list(dict.fromkeys(h["method"] for h in display.histories))),
        "target_is_drawn": display.has("target_test_accuracy"),
        "drawn": drawn_said(display.histories),
        "finding": last_said(display, "target_test_accuracy") if display.has("target_test_accuracy") else "",
        "monitored": MONITORED,
        "is_judged_by_svm": (data["recipe"].get("protocol") or {}).get("head") == "svm",
    }


def curve(display: HistoryDisplay, key: str, shown: HistoryDisplay) -> dict[str, Any] | None:
    """Return one panel of training curves, or None where nothing was recorded in the seeds that are shown."""
    if not shown.has(key):
        return None
    name = f"{CURVES[key][0].upper()}{CURVES[key][1:]}"
    svg = draw_svg(unlabelled(lambda ax: shown.plot(ax, curve=key)), title=last_said(display, key), height=210)
    return {"title": name, "svg": svg, "caption": ""}


def unlabelled(draw: Callable[[Axes], object]) -> Callable[[Axes], None]:
    """Return the same drawing without the name of its vertical axis, which the page prints as its heading."""

    def draw_without(ax: Axes) -> None:
        draw(ax)
        ax.set_ylabel("")

    return draw_without


def last_said(display: HistoryDisplay, key: str) -> str:
    """Return what a curve ends at, method by method."""
    ends = []
    for method in dict.fromkeys(h["method"] for h in display.histories):
        own = [value for h in display.histories if h["method"] == method for value in known(h, key)[-1:]]
        if own:
            mean = mean_of(own)
            value = percent(mean) if key.endswith("accuracy") else number(mean)
            ends.append(valued(in_sentence(display.labels.get(method, method)), value))
    return f"{CURVES[key][0].upper()}{CURVES[key][1:]} at the last step, mean over seeds: {listing(ends)}."


def known(history: Data, key: str) -> list[float]:
    """Return the recorded values of a curve."""
    return [value for value in history.get(key) or [] if value is not None]


def schedule(display: HistoryDisplay) -> dict[str, Any] | None:
    """Return the panel of λ and learning rate, from the first run that has λ."""
    first = next((h for h in display.histories if any(known(h, "adaptation_factor"))), display.histories[0])
    factors, rates = known(first, "adaptation_factor"), known(first, "learning_rate")
    if not factors and not rates:
        return None
    said = [f"λ goes from {number(factors[0])} to {number(factors[-1])}"] if factors else []
    said += [f"the learning rate from {number(rates[0], 4)} to {number(rates[-1], 4)}"] if rates else []
    svg = draw_svg(lambda ax: draw_schedules(ax, first), title=f"{listing(said)}.", height=210)
    lines = [("λ", BLUE, "")] if factors else []
    lines += [("learning rate, as a share of its start", ORANGE, "7 3 2 3")] if rates else []
    named = [{"label": label, "colour": CSS_VARIABLES[colour], "dash": dash} for label, colour, dash in lines]
    return {"title": "Schedules", "svg": svg, "caption": "", "legend": named}


def legend(data: Data, methods: list[str]) -> list[dict[str, str]]:
    """Return colour and dash of each line, for the legend that stands in the page."""
    dashes = {"-": "", "--": "7 4", "-.": "7 3 2 3", ":": "2 3"}
    return [
        {"label": label_of(data, method), "colour": CSS_VARIABLES[colour], "dash": dashes[dash]}
        for method, (colour, dash) in method_styles(methods).items()
    ]
