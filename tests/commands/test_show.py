import re

import numpy as np
import pytest
from typer.testing import CliRunner

from dacompare.cli import app
from dacompare.results import Results

runner = CliRunner()
HEAD = 'schema = "dacompare-recipe/1"\ntitle = "Day → night"\nseeds = [0]\nmethod = [{name = "source-only"}]\n'


def show(*arguments):
    return runner.invoke(app, ["show", *map(str, arguments)])


def words(path):
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text())


def images_in(path):
    return len(re.findall("<image ", path.read_text()))


@pytest.fixture
def recipe(tmp_path, rng):
    images = rng.integers(256, size=(30, 9, 9)).astype(np.uint8)
    y = np.array(["cat", "dog", "owl"] * 10)
    np.savez(tmp_path / "day.npz", X_source=images, y_source=y, X_target=255 - images)
    sides = '[source]\ndomain = "npz"\npath = "day.npz"\n[target]\ndomain = "npz"\npath = "day.npz"\n'
    (tmp_path / "day-night.toml").write_text(HEAD + sides, encoding="utf-8")
    return tmp_path / "day-night.toml"


def test_both_domains_are_shown_and_nothing_is_trained(recipe, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    done = show(recipe, "--out", "a.svg", "--images", 4, "--title", "Day & night")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"Figure: {tmp_path / 'a.svg'}\n"
    assert set(tmp_path.iterdir()) - before == {tmp_path / "a.svg"}
    assert words(tmp_path / "a.svg").count("cat") >= 1
    assert words(tmp_path / "a.svg")[-1] == "Day &amp; night"
    assert images_in(tmp_path / "a.svg") == 8


def test_same_recipe_same_bytes_in_every_format(recipe, tmp_path):
    for suffix in (".svg", ".pdf"):
        for name in "ab":
            assert show(recipe, "--out", tmp_path / f"{name}{suffix}", "--quiet").exit_code == 0
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_a_grid_gives_a_file_for_each_pair(recipe, tmp_path, rng):
    for name in ("day", "dusk", "night"):
        images = rng.integers(256, size=(30, 9, 9)).astype(np.uint8)
        np.savez(tmp_path / f"{name}.npz", X_source=images, y_source=[0, 1] * 15, X_target=images)
    text = recipe.read_text(encoding="utf-8").replace('"day.npz"', '"{source}.npz"', 1)
    text = text.replace('"day.npz"', '"{target}.npz"') + '[grid]\npairs = [["day", "night"], ["dusk", "night"]]\n'
    (tmp_path / "sky.toml").write_text(text, encoding="utf-8")
    done = show(tmp_path / "sky.toml", "--out", tmp_path / "pairs.png", "--quiet", "--dpi", 40)
    assert done.exit_code == 0, done.output
    paths = [tmp_path / f"pairs-sky-{name}-night.png" for name in ("day", "dusk")]
    assert done.stdout.split() == [str(path) for path in paths]
    assert paths[0].read_bytes() != paths[1].read_bytes()


def test_features_have_nothing_to_show_and_the_way_out_is_said(recipe, tmp_path, rng):
    X = rng.normal(size=(30, 5))
    np.savez(tmp_path / "day.npz", X_source=X, y_source=[0, 1] * 15, X_target=X + 1)
    done = show(recipe, "--out", tmp_path / "a.svg")
    assert done.exit_code == 2
    assert "Day → night: rows are vectors of 5 features, so there are no images to show" in done.stderr
    assert "dacompare tsne" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fonts-fonts", "--out", "a.svg"), "did you mean 'fonts-fontsm'"),
        (("fonts-fontsm", "--out", "a.txt"), "--out must end in .svg, .png or .pdf"),
        (("fonts-fontsm", "--out", "a.svg", "--images", "-1"), "--images must be at least 1"),
    ],
)
def test_mistakes_are_told_before_anything_is_loaded(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    done = show(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr


def test_a_results_file_shows_the_images_of_its_page(sample, tmp_path):
    Results(sample(seeds=1, points=0, steps=3)).to_json(tmp_path / "old-new.json")
    done = show(tmp_path / "old-new.json", "--out", tmp_path / "a.svg")
    assert done.exit_code == 0, done.output
    assert images_in(tmp_path / "a.svg") > 2
    refused = show(tmp_path / "old-new.json", "--out", tmp_path / "b.svg", "--images", 3)
    assert refused.exit_code == 2
    assert "--images and --set go with a recipe" in " ".join(refused.output.split())
