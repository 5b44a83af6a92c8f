from copy import deepcopy

import pytest

from dacompare.recipe import recipe_from_dict
from dacompare.recipe_grid import expand_grid


@pytest.fixture
def template():
    return {
        "schema": "dacompare-recipe/1",
        "slug": "surf-{source}-{target}",
        "title": "{source} → {target}",
        "note": "From {source}.",
        "source": {"domain": "office-caltech", "part": "{source}", "normalise": True},
        "target": {"domain": "office-caltech", "part": "{target}"},
        "split": {"protocol": "transductive"},
        "method": [{"name": "source-only", "label": "Source {only}"}],
        "grid": {"pairs": [["amazon", "webcam"], ["webcam", "amazon"], ["dslr", "caltech"]]},
        "published": [
            {"method": "source-only", "accuracy": 0.3, "where": "x", "pair": "webcam-amazon"},
            {"method": "source-only", "accuracy": 0.4, "where": "y", "pair": "amazon-webcam"},
        ],
    }


def test_one_recipe_for_each_pair_in_order(template):
    recipes = expand_grid(template)
    assert [recipe["slug"] for recipe in recipes] == ["surf-amazon-webcam", "surf-webcam-amazon", "surf-dslr-caltech"]
    first = recipes[0]
    assert (first["title"], first["note"]) == ("amazon → webcam", "From amazon.")
    assert first["source"] == {"domain": "office-caltech", "part": "amazon", "normalise": True}
    assert first["target"] == {"domain": "office-caltech", "part": "webcam"}
    assert first["method"] == template["method"]
    assert all("grid" not in recipe for recipe in recipes)


def test_some_of_the_pairs_can_be_asked_for(template):
    whole = expand_grid(template)
    assert expand_grid(template, ["dslr-caltech", "amazon-webcam"]) == [whole[0], whole[2]]
    with pytest.raises(ValueError, match=r"pairs is 'amazn-webcam', which is no pair of the grid, did you mean"):
        expand_grid(template, ["amazn-webcam"])
    alone = {key: value for key, value in template.items() if key != "grid"}
    with pytest.raises(ValueError, match=r"pairs were asked for \(amazon-webcam\), but this recipe has no \[grid\]"):
        expand_grid(alone, ["amazon-webcam"])


def test_published_figures_stay_with_their_pair(template):
    first, second, third = (recipe["published"] for recipe in expand_grid(template))
    assert first == [{"method": "source-only", "accuracy": 0.4, "where": "y"}]
    assert [row["accuracy"] for row in second] == [0.3]
    assert third == []


def test_a_row_may_have_other_parameters_from_pair_to_pair(template):
    small = {"name": "gfk", "params": {"n_components": 10}, "pairs": ["amazon-webcam", "dslr-caltech"]}
    large = {"name": "gfk", "params": {"n_components": 20}, "pairs": ["webcam-amazon"]}
    alone = {"name": "zscore", "pairs": ["dslr-caltech"]}
    rows = [*template["method"], small, large, alone]
    first, second, third = (recipe["method"][1:] for recipe in expand_grid({**template, "method": rows}))
    assert first == [{"name": "gfk", "params": {"n_components": 10}}]
    assert second == [{"name": "gfk", "params": {"n_components": 20}}]
    assert third == [*first, {"name": "zscore"}]
    checked = [recipe_from_dict(recipe) for recipe in expand_grid({**template, "method": rows})]
    assert [recipe.method[1]["params"]["n_components"] for recipe in checked] == [10, 20, 10]


def test_a_row_that_two_lists_hold_comes_twice_and_is_refused(template):
    rows = [*template["method"], *({"name": "gfk", "pairs": ["amazon-webcam"]} for _ in range(2))]
    with pytest.raises(ValueError, match="gfk"):
        recipe_from_dict(expand_grid({**template, "method": rows})[0])


def test_what_comes_out_is_a_recipe(template):
    checked = [recipe_from_dict(recipe) for recipe in expand_grid(template)]
    assert [recipe.target["part"] for recipe in checked] == ["webcam", "amazon", "caltech"]


def test_nothing_is_shared_with_the_template_or_between_recipes(template):
    before = deepcopy(template)
    first, second, _ = expand_grid(template)
    first["method"].append("mine")
    first["split"]["protocol"] = "mine"
    assert template == before
    assert second["method"] == before["method"]
    assert second["split"] == before["split"]


def test_a_recipe_without_a_grid_is_itself(template):
    del template["grid"]
    template["title"] = "What {remains} {source}"
    (alone,) = expand_grid(template)
    assert alone == template
    assert alone["source"] is not template["source"]


def test_both_names_may_stand_in_either_table_and_in_the_name_of_the_domain(template):
    template |= {"source": {"domain": "{source}"}, "target": {"domain": "{target}", "path": "{source}/{target}.npz"}}
    template |= {"grid": {"pairs": [["mnist", "npz"]]}, "published": []}
    (recipe,) = expand_grid(template)
    assert recipe["source"] == {"domain": "mnist"}
    assert recipe["target"] == {"domain": "npz", "path": "mnist/npz.npz"}


def test_names_with_braces_are_filled_in_once(template):
    template |= {"grid": {"pairs": [["{target}", "x"]]}, "published": []}
    assert expand_grid(template)[0]["title"] == "{target} → x"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"grid": {}}, r"\[grid\] must be a table with pairs"),
        ({"grid": {"pairs": []}}, r"\[grid\] must be a table with pairs"),
        ({"grid": [["a", "b"]]}, r"\[grid\] must be a table with pairs"),
        ({"grid": {"pairs": [["a", "b"]], "seeds": [0]}}, r"grid\.seeds is no key of \[grid\]"),
        ({"grid": {"pairs": [["a", "b"], ["a"]]}}, r"grid\.pairs item 2 must be two names"),
        ({"grid": {"pairs": [["a", 3]]}}, r"grid\.pairs item 1 must be two names, source and target, got \['a', 3\]"),
        ({"grid": {"pairs": [["a", ""]]}}, r"grid\.pairs item 1 must be two names"),
        ({"grid": {"pairs": ["ab"]}}, r"grid\.pairs item 1 must be two names"),
        ({"grid": {"pairs": [["a", "b"], ["a", "b"]]}}, r"item 2 is called 'a-b', as another is: \['a', 'b'\]"),
        ({"grid": {"pairs": [["a-b", "c"], ["a", "b-c"]]}}, r"item 2 is called 'a-b-c', as another is: \['a-b', 'c'\]"),
        ({"title": "{sorce} → x"}, r"title has the placeholder \{sorce\}, .*did you mean 'source'"),
        ({"title": "{} → x"}, r"title has the placeholder \{\}, known are \{source\} and \{target\}"),
        ({"source": {"domain": "npz", "path": "{pair}.npz"}}, r"source\.path has the placeholder \{pair\}"),
        (
            {"method": [{"name": "dann", "label": "On {target}"}]},
            r"method 1\.label has the placeholder \{target\}, which may stand in slug, title, note and in strings",
        ),
        ({"report": {"class_names": ["{source}"]}}, r"report\.class_names 1 has the placeholder \{source\}"),
        ({"slug": "surf"}, r"slug becomes 'surf' for 3 pairs; write \{source\} and \{target\} into it"),
        ({"slug": "surf-{target}", "grid": {"pairs": [["a", "c"], ["b", "c"]]}, "published": []}, "'surf-c' for 2"),
        ({"published": [{"method": "dann", "accuracy": 0.5}]}, r"published 1\.pair is missing; .*'amazon-webcam'"),
        (
            {"published": [{"method": "dann", "pair": "amazon-webcm"}]},
            r"published 1\.pair is 'amazon-webcm', which is no pair of the grid, did you mean 'amazon-webcam'",
        ),
        ({"published": [{"method": "dann", "pair": ["amazon", "webcam"]}]}, r"published 1\.pair is \['amazon'"),
        (
            {"method": [{"name": "gfk", "pairs": ["amazon-webcm"]}]},
            r"method 1\.pairs is 'amazon-webcm', which is no pair of the grid, did you mean 'amazon-webcam'",
        ),
        (
            {"method": [{"name": "gfk", "pairs": "amazon-webcam"}]},
            r"method 1\.pairs must be a list of pairs",
        ),
        ({"method": [{"name": "gfk", "pairs": []}]}, r"method 1\.pairs must be a list of pairs .*, got \[\]"),
        ({"published": {"pair": "amazon-webcam"}}, r"published must be written as \[\[published\]\]"),
    ],
)
def test_what_is_wrong_is_named(change, message, template):
    with pytest.raises(ValueError, match=message):
        expand_grid({**template, **change})


def test_a_missing_slug_is_named(template):
    del template["slug"]
    with pytest.raises(ValueError, match="slug is missing; with a .grid., write one such as"):
        expand_grid(template)
