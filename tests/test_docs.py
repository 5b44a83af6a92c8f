"""Run every Python block of the documentation, page by page, and hold recipes in it to what a recipe is."""

import re
import sys
import tomllib
from types import ModuleType

import pytest

from dacompare.recipe import load_recipes, recipe_from_dict
from dacompare.recipe_schema import TABLES
from tests.committed import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _name(page):
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_the_blocks_of_a_page_run_one_after_the_other(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # A module that can be imported: estimators that a page writes can be pickled, as in a notebook.
    module = ModuleType("docs")
    monkeypatch.setitem(sys.modules, "docs", module)
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.S):
        exec(compile(block, str(page), "exec"), vars(module))
    assert page.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md"], ids=_name)
def test_links_inside_the_repository_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not link.startswith("http"):
            assert (page.parent / link).exists(), link


def test_the_keys_of_a_recipe_stand_with_their_defaults():
    text = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"<!-- keys -->\s*```toml\n(.*?)```", text, flags=re.S)
    needed = {
        "schema": "dacompare-recipe/1",
        "title": "Mine",
        "slug": "mine",
        "source": {"domain": "fonts"},
        "target": {"domain": "fontsm"},
        "method": [{"name": "source-only"}],
    }
    told = tomllib.loads(block)
    assert recipe_from_dict({**needed, **told}).to_dict() == recipe_from_dict(needed).to_dict()
    commented = set(re.findall(r"\w+", " ".join(re.findall(r"^# (.*?)(?:  #|$)", block, flags=re.M))))
    for table in ("split", *TABLES):
        assert set(recipe_from_dict(needed).to_dict()[table]) <= set(told[table]) | commented, table


def toml_blocks():
    texts = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
    found = [
        (name, block) for name, text in texts.items() for block in re.findall(r"```toml\n(.*?)```", text, flags=re.S)
    ]
    # A line of DOMAINS that a page adds itself is known to the code of that page alone.
    return [pytest.param(block, id=f"{name}-{k}") for k, (name, block) in enumerate(found) if '"rings"' not in block]


@pytest.mark.parametrize("block", toml_blocks())
def test_parts_of_recipes_are_recipes_once_the_rest_is_there(block, tmp_path):
    has = tomllib.loads(block)
    head = {"schema": '"dacompare-recipe/1"', "title": '"Old → new"'}
    tables = {"source": '[source]\ndomain = "fonts"\n', "target": '[target]\ndomain = "fontsm"\n'}
    tables["method"] = '[[method]]\nname = "source-only"\n'
    text = "".join(f"{key} = {value}\n" for key, value in head.items() if key not in has)
    if any(row["name"] == "source-only" for row in has.get("method", [])):
        del tables["method"]
    text += block + "".join(table for key, table in tables.items() if key == "method" or key not in has)
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    recipes = load_recipes(str(tmp_path / "mine.toml"))
    assert len(recipes) == len(has.get("grid", {}).get("pairs", [1]))
    assert {row["name"] for row in has.get("method", [])} <= {row["name"] for row in recipes[0].to_dict()["method"]}
