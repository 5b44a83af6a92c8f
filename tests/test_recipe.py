"""A recipe is checked at the door: every message names the file, the key, the value and the way out."""

import subprocess
import sys
from pathlib import Path

import pytest

from dacompare.recipe import Recipe, find_recipe, list_recipes, load_recipe, load_recipes, recipe_from_dict
from dacompare.recipe_agreement import PICK_DIMENSIONS
from dacompare.shallow.subspace_sweep import SWEEP_CHOICES

MINIMAL = """\
schema = "dacompare-recipe/1"
title = "Fonts"
[source]
domain = "fonts"
[target]
domain = "fontsm"
[[method]]
name = "source-only"
[[method]]
name = "sa"
[[method]]
name = "dann"
[[method]]
name = "train-on-target"
"""
METHODS = [{"name": name} for name in ("source-only", "sa", "dann", "train-on-target")]


def minimal(**more):
    base = {"schema": "dacompare-recipe/1", "slug": "mine", "title": "Mine", "method": METHODS}
    return {**base, "source": {"domain": "fonts"}, "target": {"domain": "fontsm"}, **more}


def write(folder, text, name="mine.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# defaults


def test_a_file_with_the_required_keys_gets_the_documented_defaults(tmp_path):
    recipe = load_recipe(write(tmp_path, MINIMAL))
    assert (recipe.slug, recipe.seeds, recipe.note, recipe.base) == ("mine", (0, 1, 2), "", tmp_path)
    assert recipe.training == {
        "steps": 2000, "batch": 128, "learning_rate": 0.01, "schedule": "paper", "momentum": 0.9, "weight_decay": 0.0,
        "adaptation_factor": "paper", "gamma": 10.0, "domain_loss_weight": 1.0, "clip_gradient": 0.0,
        "input_scale": 255.0, "precision": "float32", "threads": 1, "device": "auto", "monitor_every": 40,
        "checkpoint_every": 1000,
    }  # fmt: skip
    assert recipe.network == {"name": "", "domain_hidden": None, "padding": None, "dropout": None, "init": "kaiming"}
    assert recipe.protocol == {
        "head": "svm", "classifier": "svm", "svm_C": 1.0, "scaling": "rms", "layer": "last_hidden",
        "primary_validator": "reverse-svm",
        "validators": [
            "source-accuracy", "paper", "reverse-svm", "entropy", "bnm", "class-ami", "mixval", "dev", "iwv",
        ],
    }  # fmt: skip
    assert recipe.split == {
        "protocol": "inductive", "source_test": None, "target_test": None, "by_group": True, "split_seed": 0,
        "max_rows": 0, "source_per_class": 0,
    }  # fmt: skip
    assert recipe.divergence == {
        "measures": ["proxy-a-distance"], "features": ["source-only", "sa", "dann"], "max_rows": 5000, "bound": False,
    }  # fmt: skip
    assert recipe.embedding == {
        "features": ["source-only", "dann"], "layer": "last_hidden", "max_points": 1000, "perplexity": 30.0, "seed": 0,
    }  # fmt: skip
    assert recipe.report == {"examples": 10, "class_names": []}
    assert recipe.target == {"domain": "fontsm", "labelled": True}
    assert recipe.method[1] == {
        "name": "sa", "label": "Subspace alignment", "features": "source-only", "n_components": "sweep",
        "sweep": [2, 60],
    }  # fmt: skip
    assert recipe.method[2] == {"name": "dann", "label": "DANN", "training": {}, "network": {}}
    assert recipe.published == ()


def test_defaults_are_not_shared_between_recipes():
    recipe_from_dict(minimal()).protocol["validators"].append("changed")
    assert "changed" not in recipe_from_dict(minimal()).protocol["validators"]


def test_the_embedding_shows_the_first_seed():
    assert recipe_from_dict(minimal(seeds=[7, 3])).embedding["seed"] == 7


# round trip and hash


def test_round_trip_through_a_dict():
    recipe = recipe_from_dict(
        minimal(training={"steps": 100}, published=[{"method": "dann", "accuracy": 0.5, "where": "x"}])
    )
    again = recipe_from_dict(recipe.to_dict())
    assert again == recipe
    assert again.hash == recipe.hash


def test_hostile_strings_survive_the_round_trip():
    hostile = "<script>\"'{{ x }}</style>\\ \n — 漢字"
    methods = [{"name": "source-only", "label": hostile}]
    recipe = recipe_from_dict(minimal(title=hostile, note=hostile, method=methods, report={"class_names": [hostile]}))
    again = recipe_from_dict(recipe.to_dict())
    assert again.title == again.note == again.method[0]["label"] == again.report["class_names"][0] == hostile


def test_the_hash_follows_what_is_said_and_not_how():
    spelled_out = minimal(training={"steps": 2000, "learning_rate": 0.01})
    assert recipe_from_dict(minimal()).hash == recipe_from_dict(spelled_out).hash
    assert recipe_from_dict(minimal()).hash != recipe_from_dict(minimal(training={"steps": 2001})).hash
    assert len(recipe_from_dict(minimal()).hash) == 64


def test_whole_numbers_stand_for_floats():
    assert recipe_from_dict(minimal(training={"gamma": 10})) == recipe_from_dict(minimal(training={"gamma": 10.0}))


def test_to_dict_is_a_copy_and_the_input_stays():
    data = minimal(training={"steps": 100})
    recipe = recipe_from_dict(data, overrides=["training.steps=5"])
    recipe.to_dict()["training"]["steps"] = 1
    assert recipe.training["steps"] == 5
    assert data["training"]["steps"] == 100


# refusals


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sede": [0]}, r"sede is no key of a recipe, did you mean 'seeds'\?"),
        ({"training": {"step": 5}}, r"training\.step is no key of \[training\], did you mean 'steps'\?"),
        ({"training": {"steps": True}}, r"training\.steps must be a whole number from 1 on, got True"),
        ({"training": {"steps": 0}}, r"training\.steps must be a whole number from 1 on, got 0"),
        ({"training": {"steps": 2.0}}, r"training\.steps must be a whole number from 1 on, got 2\.0"),
        ({"training": {"momentum": 1}}, r"training\.momentum must be a number from 0 on and below 1, got 1"),
        ({"training": {"learning_rate": 0}}, r"training\.learning_rate must be a number above 0, got 0"),
        ({"training": {"gamma": float("nan")}}, r"training\.gamma must be a number above 0, got nan"),
        ({"training": {"schedule": "papr"}}, r"training\.schedule must be one of .* did you mean 'paper'\?"),
        ({"training": {"adaptation_factor": "papr"}}, r"adaptation_factor must be one of 'paper', or must be a number"),
        ({"training": {"precision": "fp16"}}, r"training\.precision must be one of 'bf16', 'float32', got 'fp16'"),
        ({"training": [1]}, r"training must be a table, got \[1\]"),
        ({"training": {"max_norm": 1.0}}, r"training\.max_norm is not available yet"),
        ({"training": {"checkpoint_every": -1}}, r"training\.checkpoint_every must be a whole number from 0 on"),
        ({"network": {"weights": "x"}}, r"network\.weights is not available yet"),
        ({"network": {"name": "svhn"}}, r"network\.name = 'svhn' is not available yet; use one of '', 'mnist', 'mlp'"),
        ({"network": {"name": "mnst"}}, r"network\.name must be one of .* did you mean 'mnist'\?"),
        ({"network": {"domain_hidden": [100, -1]}}, r"network\.domain_hidden item 2 must be a whole number from 1"),
        ({"few": {"per_class": 10}}, r"few is not available yet; leave it out"),
        ({"grid": {}}, r"grid stands for several recipes; read the file with load_recipes"),
        ({"divergence": {"bound": "yes"}}, r"divergence\.bound must be true or false"),
        ({"divergence": {"bound": True}}, r"divergence\.bound = true needs 'hdh' in divergence\.measures"),
        ({"divergence": {"measures": ["hhd"]}}, r"divergence\.measures item 1 must be one of.*did you mean 'hdh'"),
        ({"divergence": {"features": ["dan"]}}, r"divergence\.features names the row 'dan'.* did you mean 'dann'\?"),
        ({"divergence": {"features": ["train-on-target"]}}, r"'train-on-target', which cannot be used here"),
        ({"embedding": {"features": ["sa"]}}, r"embedding\.features names the row 'sa'"),
        ({"embedding": {"seed": 9}}, r"embedding\.seed must be one of seeds \[0, 1, 2\], got 9"),
        ({"protocol": {"layer": "extractor"}}, r"protocol\.layer = 'extractor' is not available yet"),
        ({"protocol": {"svm_C": -1}}, r"protocol\.svm_C must be one of 'cv', or must be a number above 0, got -1"),
        ({"seeds": []}, r"seeds must be a list of at least 1, got \[\]"),
        ({"seeds": [0, 1, 0]}, r"seeds must not name anything twice, got \[0, 1, 0\]"),
        ({"seeds": [-1]}, r"seeds item 1 must be a whole number from 0 on, got -1"),
        ({"seeds": 3}, r"seeds must be a list of at least 1, got 3"),
        (
            {"slug": "Not a slug"},
            r"slug must be lower-case letters, digits and hyphens, and not 'index', got 'Not a slug'",
        ),
        ({"slug": "../up"}, r"slug must be lower-case letters"),
        ({"title": " "}, r"title must be some words, got ' '"),
        ({"title": 3}, r"title must be a string, got 3"),
        ({"method": []}, r"at least one \[\[method\]\] is required, got \[\]"),
        ({"method": {"name": "dann"}}, r"method must be a list of tables: write \[\[method\]\]"),
        ({"slug": "index"}, r"slug must be .* not 'index'"),
        ({"method": [{}]}, r"method 1 must be a table with a name, got \{\}"),
        ({"method": [{"name": "dan"}]}, r"method 1\.name must be one of .* got 'dan', did you mean 'dann'\?"),
        ({"method": [{"name": "dann+few"}]}, r"method 1\.name = 'dann\+few' is not available yet"),
        ({"method": [{"name": "dann"}, {"name": "dann"}]}, r"method 2 \(dann\) is there twice"),
        (
            {"method": [{"name": "my-oracle", "method": "coral"}]},
            r"method 1 \(my-oracle\) ends in '-oracle', which rows",
        ),
        ({"method": [{"name": "sa"}]}, r"method sa\.features names the row 'source-only'"),
        ({"method": [*METHODS[:1], {"name": "sa", "sweep": [9, 2]}]}, r"method 2 \(sa\)\.sweep must be two dimensions"),
        (
            {"method": [*METHODS[:1], {"name": "sa", "n_components": "swep"}]},
            r"n_components must be one of 'sweep', or",
        ),
        ({"method": [{"name": "dann", "n_components": 3}]}, r"method 1 \(dann\)\.n_components is no key"),
        ({"method": [{"name": "dann", "training": {"stps": 3}}]}, r"method 1 \(dann\)\.training\.stps is no key"),
        ({"method": [{"name": "dann", "training": {"max_norm": 3}}]}, r"training\.max_norm is not available yet"),
        (
            {"method": [METHODS[0], {"name": "dann", "training": {"steps": 9}}]},
            r"training\.steps must be equal for all networks of a page, got source-only 2000, dann 9",
        ),
        (
            {"published": [{"method": "dann", "accuracy": 76.7, "where": "x"}]},
            r"published 1\.accuracy must be a number",
        ),
        ({"published": [{"method": "dann", "accuracy": 0.7}]}, r"published 1\.where is missing; it is required"),
        ({"published": [{"method": "gfk", "accuracy": 0.7, "where": "x"}]}, r"published\.method names the row 'gfk'"),
        ({"published": {"method": "dann"}}, r"published must be written as \[\[published\]\]"),
        ({"source": {"domain": "fontz"}}, r"\[source\] domain must be one of .* did you mean 'fonts'\?"),
        ({"source": {"domain": "fonts", "sise": 28}}, r"\[source\] option of domain 'fonts'.* did you mean 'size'\?"),
        ({"source": {"domain": "folder"}}, r"\[source\] with domain = 'folder' must have the option 'path'"),
        ({"source": {"domain": "fonts", "labelled": False}}, r"\[source\] labelled belongs to \[target\]"),
        ({"target": None}, r"\[target\] is required, a table with a domain, got None"),
        ({"split": {"protocol": "transductiv"}}, r"\[split\] protocol .* did you mean 'transductive'\?"),
        ({"split": {"protocl": "inductive"}}, r"\[split\] key .* did you mean 'protocol'\?"),
        ({"split": {"protocol": "transductive", "target_test": 0.5}}, r"target_test must be absent"),
        ({"split": 3}, r"split must be a table, got 3"),
        ({"schema": "dacompare-recipe/2"}, r"'dacompare-recipe/2' is newer than this dacompare reads .*upgrade it"),
        ({"schema": None}, r"schema must be 'dacompare-recipe/1', got None; write it as the first line"),
    ],
)
def test_what_is_wrong_is_named(change, message):
    with pytest.raises(ValueError, match=f"^recipe: .*{message}"):
        recipe_from_dict(minimal(**change))


@pytest.mark.parametrize("key", ["title", "slug"])
def test_required_keys(key):
    data = minimal()
    del data[key]
    with pytest.raises(ValueError, match=f"{key} is missing"):
        recipe_from_dict(data)


def test_a_recipe_without_the_row_that_all_are_compared_with_is_told_its_name():
    with pytest.raises(ValueError, match=r"write a \[\[method\]\] with name = 'source-only', with which every row"):
        recipe_from_dict(minimal(method=[{"name": "gfk"}, {"name": "dann"}]))


def test_validators_are_known_by_name():
    with pytest.raises(ValueError, match=r"protocol\.validators item 1 must be one of .* did you mean 'entropy'\?"):
        recipe_from_dict(minimal(protocol={"validators": ["entropi"]}))
    with pytest.raises(ValueError, match=r"protocol\.primary_validator must be one of 'entropy', got 'reverse-svm'"):
        recipe_from_dict(minimal(protocol={"validators": ["entropy"]}))
    with pytest.raises(
        ValueError, match=r"'reverse-svm' \(what it is where none is written\); .* protocol\.validators"
    ):
        recipe_from_dict(minimal(protocol={"validators": ["entropy"]}))
    with pytest.raises(ValueError, match="'paper' cannot pick a dimension"):
        recipe_from_dict(minimal(protocol={"primary_validator": "paper"}))


def test_what_picks_a_dimension_is_what_the_sweep_knows():
    assert set(PICK_DIMENSIONS) == set(SWEEP_CHOICES)
    for name in PICK_DIMENSIONS:
        assert recipe_from_dict(minimal(protocol={"primary_validator": name})).protocol["primary_validator"] == name


def test_reverse_validation_is_there_for_those_who_name_it():
    asked = {"validators": ["entropy", "reverse", "paper"], "primary_validator": "reverse"}
    assert "reverse" not in recipe_from_dict(minimal()).protocol["validators"]
    rows = [{"name": "source-only"}, {"name": "coral", "search": {"regularisation": [0.1, 1.0]}}, {"name": "dann"}]
    assert recipe_from_dict(minimal(method=rows, protocol=asked)).protocol["primary_validator"] == "reverse"
    with pytest.raises(ValueError, match="'reverse' cannot pick a dimension; use one of 'reverse-svm'"):
        recipe_from_dict(minimal(method=[*rows, {"name": "sa"}], protocol=asked))
    ranks = {**asked, "primary_validator": "paper"}
    assert recipe_from_dict(minimal(method=rows[::2], protocol=ranks)).protocol["primary_validator"] == "paper"
    with pytest.raises(ValueError, match="'paper' compares rows with each other, .* parameters of method coral; use"):
        recipe_from_dict(minimal(method=rows, protocol=ranks))


def test_published_figures_may_stand_beside_the_oracle_of_a_sweep():
    published = [{"method": "sa-oracle", "accuracy": 0.569, "where": "Table 1"}]
    assert recipe_from_dict(minimal(published=published)).published[0]["gap_covered"] is None
    fixed = [METHODS[0], {"name": "sa", "n_components": 20}]
    with pytest.raises(ValueError, match="'sa-oracle', which cannot be used here"):
        recipe_from_dict(minimal(published=published, method=fixed))


# files


def test_broken_toml_names_file_and_line(tmp_path):
    path = write(tmp_path, 'schema = "dacompare-recipe/1"\ntitle = \n')
    with pytest.raises(ValueError, match=r"mine\.toml: not valid TOML: .*line 2"):
        load_recipe(path)


def test_messages_name_the_file(tmp_path):
    with pytest.raises(ValueError, match=r"mine\.toml: training\.stepz is no key"):
        load_recipe(write(tmp_path, MINIMAL + "[training]\nstepz = 3\n"))


def test_text_must_be_utf8(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b'title = "\xff"')
    with pytest.raises(ValueError, match=r"mine\.toml: a recipe must be UTF-8"):
        load_recipe(path)


def test_arrays_are_for_data_in_memory(tmp_path):
    assert recipe_from_dict(minimal(source={"domain": "arrays"})).source == {"domain": "arrays"}
    with pytest.raises(ValueError, match="domain = 'arrays' is data in memory"):
        load_recipe(write(tmp_path, MINIMAL.replace('"fonts"', '"arrays"')))


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(ValueError, match=r"is called 'font-fontsm', did you mean 'fonts-fontsm'\?"):
        load_recipe("font-fontsm")
    with pytest.raises(ValueError, match=r"recipes are .*fonts-fontsm"):
        find_recipe("quite/else.toml")


def test_an_existing_path_wins_over_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, MINIMAL, "fonts-fontsm")
    assert find_recipe("fonts-fontsm") == Path("fonts-fontsm")


# overrides


def test_overrides_are_toml_values_or_bare_strings():
    given = ["training.steps=500", "training.device=cpu", "seeds=[4]", "method.sa.sweep=[2, 9]", "report.examples = 0"]
    recipe = recipe_from_dict(minimal(), overrides=given)
    assert (recipe.training["steps"], recipe.training["device"], recipe.seeds) == (500, "cpu", (4,))
    assert recipe.method[1]["sweep"] == [2, 9]
    assert recipe.report["examples"] == 0
    assert recipe.overrides == tuple(given)


def test_an_override_may_reach_into_a_row():
    recipe = recipe_from_dict(minimal(), overrides=["method.dann.training.gamma=5"])
    assert recipe.method[2]["training"] == {"gamma": 5.0}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.steps", r"--set must look like training\.steps=500, got 'training\.steps'"),
        ("=3", "--set must look like"),
        ("training.stepz=3", r"training\.stepz is no key of \[training\], did you mean 'steps'"),
        ("trainin.steps=3", "trainin is no key of a recipe, did you mean 'training'"),
        ("method.dan.label=x", r"the row must be one of .* did you mean 'dann'"),
        ("title.x=3", "there is no such key"),
        ("training.steps=many", r"training\.steps must be a whole number from 1 on, got 'many'"),
        ("training.steps=1\nnote = 2", r"training\.steps must be a whole number"),
        ("seeds=[0,1", r"seeds must be a list of at least 1, got '\[0,1'"),
    ],
)
def test_overrides_are_checked(override, message):
    with pytest.raises(ValueError, match=message):
        recipe_from_dict(minimal(), overrides=[override])


def test_quick_cuts_everything_down_and_is_recorded():
    recipe = recipe_from_dict(minimal(seeds=[5, 6], embedding={"seed": 6}), quick=True)
    assert (recipe.split["max_rows"], recipe.training["steps"], recipe.embedding["max_points"]) == (2000, 300, 300)
    assert (recipe.seeds, recipe.embedding["seed"], recipe.overrides) == ((5,), 5, ("--quick",))


def test_quick_raises_nothing_and_overrides_win():
    small = minimal(training={"steps": 50}, split={"max_rows": 100})
    recipe = recipe_from_dict(small, quick=True, overrides=["seeds=[1, 2]", "embedding.max_points=500"])
    assert (recipe.training["steps"], recipe.split["max_rows"]) == (50, 100)
    assert (recipe.seeds, recipe.embedding["max_points"]) == ((1, 2), 500)
    assert recipe.overrides == ("--quick", "seeds=[1, 2]", "embedding.max_points=500")


def test_quick_cuts_the_steps_of_rows_too():
    rows = [{"name": name, "training": {"steps": 900}} for name in ("source-only", "dann")]
    assert recipe_from_dict(minimal(method=rows), quick=True).method[1]["training"] == {"steps": 300}


def test_quick_leaves_wrong_values_to_the_check():
    with pytest.raises(ValueError, match=r"training\.steps must be a whole number from 1 on, got 'many'"):
        recipe_from_dict(minimal(training={"steps": "many"}), quick=True)


# the recipes that come along


@pytest.mark.parametrize("name", sorted(list_recipes()))
def test_every_recipe_that_comes_along_loads(name):
    recipes = load_recipes(name)
    for recipe in recipes:
        assert isinstance(recipe, Recipe)
        assert recipe.slug.startswith(name.removesuffix("-dslr"))
        rows = [row["name"] for row in recipe.method]
        assert rows[0] == "source-only"
        assert (rows[-1] == "train-on-target") == recipe.target["labelled"]  # a bound needs the labels
        assert {"sa", "sa-fixed", "svm", "dann"} & set(rows)
        assert len(recipe.seeds) >= 3
    assert len({recipe.slug for recipe in recipes}) == len(recipes)
    assert {recipe.overrides for recipe in load_recipes(name, quick=True)} == {("--quick",)}


def test_the_list_has_names_and_titles():
    recipes = list_recipes()
    assert {"fonts-fontsm", "digits-fontsm", "mnist-mnistm"} <= set(recipes)
    assert recipes["mnist-mnistm"] == "MNIST → MNIST-M"


def test_published_figures_of_the_paper_have_their_place():
    published = {row["method"]: row for row in load_recipe("mnist-mnistm").published}
    assert published["dann"]["accuracy"] == 0.7666
    assert all("Table 1" in row["where"] for row in published.values())
    assert set(published) == {"source-only", "sa-oracle", "dann", "train-on-target"}


def test_reading_a_recipe_does_not_load_torch():
    code = "import sys, dacompare.recipe as r; r.load_recipe('fonts-fontsm'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_choices_change_the_recipe_and_are_not_recorded():
    recipe = load_recipe("fonts-fontsm", choices=["seeds=[4, 7]", "training.device=cpu"], quick=True)
    assert recipe.seeds == (4, 7)
    assert recipe.training["device"] == "cpu"
    assert recipe.overrides == ("--quick",)


def test_genuine_rows_are_optional_and_checked_as_a_domain_is():
    plain = recipe_from_dict(minimal())
    assert plain.genuine is None
    assert "genuine" not in plain.to_dict()
    beside = recipe_from_dict(minimal(genuine={"domain": "mnistm-genuine", "files": "subset"}))
    assert beside.genuine == {"domain": "mnistm-genuine", "files": "subset"}
    assert recipe_from_dict(beside.to_dict()).hash == beside.hash != plain.hash
    with pytest.raises(ValueError, match=r"\[genuine\] files.*did you mean 'subset'"):
        recipe_from_dict(minimal(genuine={"domain": "mnistm-genuine", "files": "subst"}))
    with pytest.raises(ValueError, match=r"\[genuine\] is required, a table with a domain, got 'mnistm'"):
        recipe_from_dict(minimal(genuine="mnistm"))


GRID = MINIMAL.replace("fontsm", "{target}").replace('title = "Fonts"', 'title = "{source} → {target}"')


def test_a_grid_becomes_one_recipe_a_pair(tmp_path):
    path = write(
        tmp_path, GRID.replace('"fonts"', '"{source}"') + '[grid]\npairs = [["fonts", "fontsm"], ["digits", "fontsm"]]'
    )
    recipes = load_recipes(path, ["training.steps=7"])
    assert [recipe.slug for recipe in recipes] == ["mine-fonts-fontsm", "mine-digits-fontsm"]
    assert [recipe.source["domain"] for recipe in recipes] == ["fonts", "digits"]
    assert {recipe.training["steps"] for recipe in recipes} == {7}
    assert recipes[0].overrides == ("training.steps=7",)
    assert [recipe.slug for recipe in load_recipes(path, pairs=["digits-fontsm"])] == ["mine-digits-fontsm"]
    with pytest.raises(
        ValueError, match=r"stands for 2 recipes \(mine-fonts-fontsm, mine-digits-fontsm\); load_recipes"
    ):
        load_recipe(path)


def test_mistakes_in_a_grid_name_the_file(tmp_path):
    path = write(tmp_path, GRID + '[grid]\npairs = [["fonts"]]')
    with pytest.raises(ValueError, match=r"mine.toml: grid.pairs item 1 must be two names"):
        load_recipes(path)
