import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dacompare.domains.pairing import inspect_pair
from dacompare.recipe import load_recipe
from dacompare.recipe_writing import ROWS, recipe_text, relative_path, slug_of, steps_for, title_of


@pytest.fixture
def write(tmp_path):
    """Write the recipe for two places, and return its text and what it says."""

    def write(source, target, test=None, **options):
        pair = inspect_pair(source, target, test)
        text = recipe_text(pair, tmp_path / "mine.toml", **options)
        (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
        return text, load_recipe(tmp_path / "mine.toml")

    return write


@pytest.fixture
def save(tmp_path):
    def save(name, labels=(0, 1) * 10, width=3, **more):
        X = np.random.default_rng(0).normal(size=(len(labels), width))
        np.savez(tmp_path / name, X=X, **({"y": np.array(labels)} if labels[0] is not None else {}), **more)
        return tmp_path / name

    return save


def _rows(recipe):
    return [row["name"] for row in recipe.method]


def test_a_recipe_says_what_is_compared_and_loads(save, write, tmp_path):
    text, recipe = write(save("old.npz"), save("new.npz"))
    assert (recipe.slug, recipe.title) == ("old-new", "old → new")
    assert (recipe.source["path"], recipe.target["path"]) == ("old.npz", "new.npz")
    assert _rows(recipe) == list(ROWS)
    assert (recipe.network["name"], recipe.split["protocol"], recipe.training["steps"]) == ("mlp", "transductive", 300)
    assert recipe.divergence["features"] == ["pixels", "source-only", "sa", "coral", "dann"]
    assert "examples" not in text


def test_every_option_has_a_comment_above_and_no_line_is_long(save, write):
    text, _ = write(save("old.npz", [0, 1, 1] * 9000, width=1), save("new.npz"))
    lines = text.splitlines()
    assert all(len(line) <= 120 for line in lines)
    assert all(line == line.rstrip() for line in lines)
    for key in ("seeds", "protocol", "source_test", "# max_rows", "name", "steps", "head", "features"):
        place = next(k for k, line in enumerate(lines) if line.startswith(f"{key} ="))
        assert lines[place - 1].startswith("# "), key


def test_commented_alternatives_are_options_that_work(save, write, tmp_path):
    text, _ = write(save("old.npz", [0, 1, 2] * 9000), save("new.npz", [0, 1] * 300))
    alternatives = [line[2:] for line in text.splitlines() if line.startswith("# ") and " = " in line]
    assert {line.split(" = ")[0] for line in alternatives} >= {"labelled", "protocol", "max_rows", "svm_C", "classes"}
    for line in alternatives:
        if line in ('name = "none"', 'name = "gfk"'):
            continue
        (tmp_path / "other.toml").write_text(text.replace(f"# {line}", line, 1).replace('\nprotocol = "inductive"', ""))
        key, value = next(iter(tomllib.loads(line).items()))
        recipe = load_recipe(tmp_path / "other.toml") if key != "protocol" else None
        found = (
            []
            if recipe is None
            else [t.get(key) for t in (recipe.source, recipe.target, recipe.split, recipe.protocol)]
        )
        assert recipe is None or value in found, line
    gfk = text.replace('# [[method]]\n# name = "gfk"', '[[method]]\nname = "gfk"')
    (tmp_path / "other.toml").write_text(gfk)
    assert _rows(load_recipe(tmp_path / "other.toml"))[-1] == "gfk"


def test_without_a_network_the_comment_says_all_that_must_change(save, write, tmp_path):
    text, _ = write(save("old.npz"), save("new.npz"))
    lines = text.splitlines()
    place = lines.index('# name = "none"')
    before = len(lines[:place]) - next(k for k, line in enumerate(reversed(lines[:place])) if line[:1] != "#")
    said = " ".join(line.removeprefix("# ") for line in lines[before:place])
    assert lines[before - 1] == 'name = "mlp"'
    assert "in place of the line above" in said
    named = [key for key, value in tomllib.loads(text).items() if "dann" in repr(value)]
    assert named == ["method", "divergence"]
    for key in named:
        assert f"[{key}]" in said

    lines[place], lines[before - 1] = 'name = "none"', ""
    followed = "\n".join(lines).replace('[[method]]\nname = "dann"', "").replace(', "dann"]', "]")
    (tmp_path / "none.toml").write_text(followed, encoding="utf-8")
    recipe = load_recipe(tmp_path / "none.toml")
    assert _rows(recipe) == ["source-only", "sa", "coral", "train-on-target"]
    assert recipe.divergence["features"] == ["pixels", "source-only", "sa", "coral"]


def test_without_target_labels_there_is_no_bound_and_the_head_says_what_that_means(save, write):
    text, recipe = write(save("old.npz"), save("new.npz", [None] * 20))
    assert "train-on-target" not in _rows(recipe)
    assert "The target has no labels." in text
    assert "labelled = false" not in text
    text, recipe = write(save("old.npz"), save("new.npz", [None] * 20), save("test.npz"))
    assert "train-on-target" not in _rows(recipe)
    assert "Only the target's test rows have labels" in text
    assert recipe.target["test_path"] == "test.npz"
    assert recipe.split["protocol"] == "inductive"


def test_images_get_the_network_that_their_size_allows(save, write, tmp_path):
    for edge, network in ((20, "mnist"), (12, "mlp")):
        for name in ("old", "new"):
            X = np.zeros((8, edge, edge), np.uint8)
            np.savez(tmp_path / f"{name}.npz", X=X, y=[0, 1] * 4)
        text, recipe = write(tmp_path / "old.npz", tmp_path / "new.npz")
        assert recipe.network["name"] == network
        assert recipe.report["examples"] == 10
        assert "raw images" in text


@pytest.mark.parametrize(
    "name", ['say "hi"', "new\nline", "# [x] = 1", "ünï 猫", "a\\b", "\x1b[31m", "{source}", " x "]
)
def test_whatever_names_hold_the_recipe_says_what_was_meant(name, write, tmp_path):
    for side in (f"old {name}", f"new {name}"):
        for label in (name, "other", f"{name}2"):
            for k in range(2):
                path = tmp_path / side / label / f"{k}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.new("L", (20, 20), k).save(path)
    (tmp_path / f"new {name}" / "other").rename(tmp_path / f"new {name}" / f"new {name}")
    text, recipe = write(tmp_path / f"old {name}", tmp_path / f"new {name}")
    assert recipe.target["classes"] == sorted([name, f"{name}2"])
    assert (tmp_path / recipe.source["path"]).is_dir()
    assert (tmp_path / recipe.target["path"]).is_dir()
    assert text.isprintable() or {c for c in text if not c.isprintable()} == {"\n"}


def test_given_names_win(save, write):
    text, recipe = write(save("old.npz"), save("new.npz"), slug="mine", title='A "title"')
    assert (recipe.slug, recipe.title) == ("mine", 'A "title"')
    assert "reports/mine.html" in text


def test_titles_tell_places_of_one_name_apart(save, tmp_path):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        save(f"{name}/data.npz")
    pair = inspect_pair(tmp_path / "old/data.npz", tmp_path / "new/data.npz")
    assert title_of(pair) == "old data → new data"


@pytest.mark.parametrize("title", ["", "index", "→", "猫", "---", "x" * 300, "A & B", "Ä's"])
def test_slugs_are_names_that_a_recipe_takes(title):
    from dacompare.recipe_schema import TOP

    assert TOP["slug"].check(slug_of(title))


def test_paths_are_relative_where_both_have_one_beginning(tmp_path):
    recipe = tmp_path / "recipes" / "mine.toml"
    assert relative_path(tmp_path / "recipes" / "old", recipe) == "old"
    assert relative_path(tmp_path / "data" / "old", recipe) == "../data/old"
    assert relative_path(tmp_path / "recipes" / "~old", recipe) == (tmp_path / "recipes" / "~old").as_posix()
    assert Path(relative_path(Path("/"), recipe)).is_absolute()


def test_paths_go_up_from_where_a_link_leads_to(tmp_path):
    (tmp_path / "far/away/recipes").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "recipes").symlink_to(tmp_path / "far/away/recipes")
    relative = relative_path(tmp_path / "data", tmp_path / "recipes" / "mine.toml")
    assert (tmp_path / "recipes" / relative).samefile(tmp_path / "data")


def test_few_rows_are_trained_for_fewer_steps_and_many_for_no_more():
    steps = [steps_for(n) for n in (1, 100, 500, 1000, 1280, 10**6)]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (300, 2000)
