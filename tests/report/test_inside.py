import pytest

from dacompare.report import inside, render
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


def test_distances_hold_their_controls_and_keep_negative_values(small):
    entry = {**small["divergence"][0], "value": -0.02, "ci95": None, "control_source": None}
    found = inside.distances({**small, "divergence": [entry]})
    assert found["lines"][0]["value"] == -0.02
    assert "raw input −0.02" in found["figure"]["caption"]


def test_other_measures_are_in_the_table_only(small):
    entry = {"features": "dann", "measure": "mmd", "seed": 0, "value": 0.1}
    found = inside.distances({**small, "divergence": [entry]})
    assert found["figure"] is None
    assert found["lines"][0]["measure"] == "MMD², unbiased"


def test_directions_that_were_cut_are_counted(small, bare, read_page):
    entry = {**small["divergence"][0], "n_features": 2352, "details": {"principal_directions": 200}}
    assert inside.distances({**small, "divergence": [entry]})["lines"][0]["kept"] == 200
    narrow = [{**entry, "n_features": n, "details": {}} for n in (18, 47, 18)]
    assert inside.distances({**small, "divergence": narrow})["lines"][0]["n_features"] == "18 to 47"
    text = read_page(render({**bare(seeds=1), "divergence": [entry]})).text
    assert "2,352200 directions" in text
    assert "a difference in a few of very many columns can be missed" in text


def test_the_second_estimate_and_the_p_value_stand_in_small_print(small, bare, read_page):
    entry = {**small["divergence"][0], "measure": "hdh", "value": 1.5, "details": {"discriminator": 1.75}}
    several = [{**entry, "seed": k, "p_value": p, "details": {}} for k, p in ((0, 0.005), (1, 0.02))]
    lines = [inside.distances({**small, "divergence": own})["lines"][0] for own in ([entry], several, several[:1])]
    assert [line["beside"] for line in lines] == [["by a discriminator 1.75"], ["p at most 0.020"], ["p 0.005"]]
    assert "by a discriminator 1.75" in read_page(render({**bare(seeds=1), "divergence": [entry]})).text


def test_the_bound_says_where_it_is_vacuous(small):
    entry = {"features": "dann", "seed": 0, "source_error": 0.1, "half_distance": 0.9, "value": 1.0, "vacuous": True}
    (line,) = inside.distances({**small, "bound": [entry]})["bound"]
    assert line["vacuous"]
    assert line["combined_error"] is None


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
