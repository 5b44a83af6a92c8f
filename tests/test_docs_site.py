"""Hold the site's contents to the pages that there are, and the API reference to the public names."""

import inspect
import re
from pathlib import Path
from pkgutil import resolve_name

import pytest

import dacompare

DOCS = Path(__file__).parent.parent / "docs"
CONFIG = (DOCS / "site" / "mkdocs.yml").read_text(encoding="utf-8")
NAV = re.findall(r"([\w/-]+\.md)$", CONFIG[CONFIG.index("\nnav:") : CONFIG.index("\nnot_in_nav:")], flags=re.M)
SHOWN = {
    path.name: re.findall(r"^::: ([\w.]+)$", path.read_text(encoding="utf-8"), flags=re.M)
    for path in sorted((DOCS / "api").glob("*.md"))
}


def _links(page):
    return re.findall(r"^- \[[^]]+\]\(([\w/-]+\.md)\)", page.read_text(encoding="utf-8"), flags=re.M)


def test_every_page_is_in_the_contents_of_the_site_once():
    pages = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")]
    assert sorted(NAV) == sorted([*pages, "CONTRIBUTING.md", "CHANGELOG.md"])


def test_the_indexes_list_the_pages_in_the_order_of_the_site():
    own = [page for page in NAV if "/" not in page and not page.isupper() and page[0].islower()]
    assert _links(DOCS / "README.md") == [*own, "api/README.md"]
    api = [page.removeprefix("api/") for page in NAV if page.startswith("api/")]
    assert _links(DOCS / "api" / "README.md") == [page for page in api if page != "README.md"]


def test_every_public_name_is_in_the_api_reference_once():
    tables = {name for name in dacompare.__all__ if isinstance(getattr(dacompare, name), dict)}
    shown = [name.rpartition(".")[2] for names in SHOWN.values() for name in names]
    assert len(shown) == len(set(shown))
    assert set(dacompare.__all__) - tables <= set(shown)
    titles = {line for page in (DOCS / "api").glob("*.md") for line in page.read_text(encoding="utf-8").splitlines()}
    assert {f"## {name}" for name in tables} <= titles


@pytest.mark.parametrize("name", [name for names in SHOWN.values() for name in names])
def test_what_the_api_reference_shows_is_there_and_documented(name):
    thing = resolve_name(
        name
    )  # by import; the site resolves it by reading, and there a module of that name comes first
    assert inspect.isclass(thing) or inspect.isfunction(thing)
    assert not (DOCS.parent / Path(*name.split("."))).with_suffix(".py").exists(), (
        "name the function within that module"
    )
    assert inspect.getdoc(thing)
