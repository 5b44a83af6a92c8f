import pytest

from dacompare.report import inside
from dacompare.report.distance_plot import Distance, draw_distances
from dacompare.report.reading import as_data


@pytest.fixture(scope="module")
def small(sample):
    return as_data(sample(points=15, steps=4, seeds=2))


def test_the_page_names_the_rows_that_a_training_looks_at():
    from dacompare.stages.train import MONITOR_ROWS

    assert inside.MONITORED == MONITOR_ROWS


def test_findings_are_made_from_the_numbers(small):
    found = inside.embeddings(small)
    assert found["finding"].startswith("Proxy A-distance 1.62 in source only features and 0.34 in DANN features")
    assert "so the domains can hardly be told apart" in found["panels"][1]["svg"]
    assert "so the domains are easily told apart" in found["panels"][0]["svg"]


def test_of_two_layers_both_are_named_and_the_first_is_drawn_by_class(small):
    both = [{**entry, "layer": layer} for layer in ("extractor", "last_hidden") for entry in small["embedding"]]
    found = inside.embeddings({**small, "embedding": both})
    titles = [panel["title"] for panel in found["panels"]]
    assert titles == [
        "Source only, top layer of the feature extractor, by domain",
        "DANN, top layer of the feature extractor, by domain",
        "Source only, last hidden layer, by domain", "DANN, last hidden layer, by domain",
        "Source only, by class", "DANN, by class",
    ]  # fmt: skip
    assert found["caption"].startswith("Drawn: top layer of the feature extractor and last hidden layer, seed")
    assert found["finding"].count("Source only".lower()) == 1
    without = {**small, "recipe": {**small["recipe"], "network": {"name": "none"}}}
    assert inside.embeddings(without)["caption"].startswith("Drawn: raw input, seed")


def test_one_embedding_without_labels_has_one_panel(small):
    alone = {**small["embedding"][0], "label": None, "proxy_a_distance": None}
    found = inside.embeddings({**small, "embedding": [alone]})
    assert len(found["panels"]) == 1
    assert found["finding"] == ""


def test_a_sweep_of_one_seed_without_picks(small):
    sweep = {"method": "sa", "seed": 0, "n_components": [2, 3], "target_accuracy": [0.4, 0.5]}
    (block,) = inside.sweeps({**small, "sweep": [sweep]})
    assert len(block["figures"]) == 1
    assert block["figures"][0]["caption"].startswith("On average best at 3 dimensions, 50.0 %; worst 40.0 %")


def test_a_sweep_that_measured_nothing_has_no_figure(small):
    sweep = {"method": "sa", "seed": 0, "n_components": [2, 3], "target_accuracy": None, "validators": {}}
    assert inside.sweeps({**small, "sweep": [sweep]})[0]["figures"] == []


def test_training_of_source_only_alone(small):
    history = [h for h in small["history"] if h["method"] == "source-only"]
    found = inside.training({**small, "history": history})
    assert [line["label"] for line in found["legend"]] == ["Source only"]
    assert "Domain loss" not in [figure["title"] for figure in found["figures"]]


def test_distance_labels_are_no_mathematics():
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    draw_distances(ax, [Distance("$\\frac$", (0.1,))], label="x", ends=(0.0, 2.0))
    ax.figure.draw_without_rendering()
    assert ax.get_xlim()[1] >= 2.0


def test_of_a_hundred_seeds_a_figure_shows_twenty_and_says_so(sample):
    data = as_data(sample(points=0, steps=3, seeds=100, images=False, methods=("source-only", "sa", "dann")))
    found = inside.training(data)
    assert found["drawn"] == "Of 100 seeds the first 20 are drawn, with their mean; sentences are about all."
    assert inside.sweeps(data)[0]["drawn"] == found["drawn"]
    last = [h["target_test_accuracy"][-1] for h in data["history"] if h["method"] == "dann"]
    assert f"DANN {100 * sum(last) / 100:.1f} %" in found["finding"]
    assert inside.training(as_data(sample(points=0, steps=3, seeds=20, images=False)))["drawn"] == ""
