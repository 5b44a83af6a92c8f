import pytest

from dacompare.report import render
from dacompare.report.distance_table import distances
from dacompare.report.reading import as_data


@pytest.fixture(scope="module")
def small(sample):
    return as_data(sample(points=15, steps=4, seeds=2))


def test_distances_hold_their_controls_and_keep_negative_values(small):
    entry = {**small["divergence"][0], "value": -0.02, "ci95": None, "control_source": None}
    found = distances({**small, "divergence": [entry]})
    assert found["lines"][0]["value"] == -0.02
    assert "raw input −0.02" in found["figure"]["caption"]


def test_other_measures_are_in_the_table_only(small):
    entry = {"features": "dann", "measure": "mmd", "seed": 0, "value": 0.1}
    found = distances({**small, "divergence": [entry]})
    assert found["figure"] is None
    assert found["lines"][0]["measure"] == "MMD², unbiased"


def test_directions_that_were_cut_are_counted(small, bare, read_page):
    entry = {**small["divergence"][0], "n_features": 2352, "details": {"principal_directions": 200}}
    assert distances({**small, "divergence": [entry]})["lines"][0]["kept"] == 200
    narrow = [{**entry, "n_features": n, "details": {}} for n in (18, 47, 18)]
    assert distances({**small, "divergence": narrow})["lines"][0]["n_features"] == "18 to 47"
    text = read_page(render({**bare(seeds=1), "divergence": [entry]})).text
    assert "2,352200 directions" in text
    assert "a difference in a few of very many columns can be missed" in text


def test_what_random_deals_give_stands_beside_measures_that_lie_above_zero(small):
    entry = {**small["divergence"][0], "measure": "coral", "value": 2.0, "details": {"null_mean": 1.5}}
    found = [{**entry, "seed": seed, "measure": name} for name in ("coral", "mmd") for seed in (0, 1)]
    coral, mmd = distances({**small, "divergence": found})["lines"]
    assert "of random deals 1.50" in coral["beside"]
    assert not any("deals" in said for said in mmd["beside"])


def test_the_second_estimate_and_the_p_value_stand_in_small_print(small, bare, read_page):
    entry = {**small["divergence"][0], "measure": "hdh", "value": 1.5, "details": {"discriminator": 1.75}}
    several = [{**entry, "seed": k, "p_value": p, "details": {}} for k, p in ((0, 0.005), (1, 0.02))]
    lines = [distances({**small, "divergence": own})["lines"][0] for own in ([entry], several, several[:1])]
    assert [line["beside"] for line in lines] == [["by a discriminator 1.75"], ["p at most 0.020"], ["p 0.005"]]
    assert "by a discriminator 1.75" in read_page(render({**bare(seeds=1), "divergence": [entry]})).text


def test_the_bound_says_where_it_is_vacuous(small):
    entry = {"features": "dann", "seed": 0, "source_error": 0.1, "half_distance": 0.9, "value": 1.0, "vacuous": True}
    (line,) = distances({**small, "bound": [entry]})["bound"]
    assert line["vacuous"]
    assert line["combined_error"] is None


def test_only_networks_have_layers(small):
    entries = [
        {**small["divergence"][0], "features": name, "layer": "last_hidden"} for name in ("dann", "sa", "pixels")
    ]
    lines = distances({**small, "divergence": entries})["lines"]
    assert [line["layer"] for line in lines] == ["last hidden layer", "transformed features", ""]


def test_where_there_is_no_network_what_stands_for_its_layer_is_the_input(small):
    recipe = {**small["recipe"], "network": {"name": "none"}}
    entries = [{**small["divergence"][0], "features": name, "layer": "last_hidden"} for name in ("source-only", "sa")]
    lines = distances({**small, "recipe": recipe, "divergence": entries})["lines"]
    assert [line["layer"] for line in lines] == ["raw input", "transformed features"]
