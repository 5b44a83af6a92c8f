"""axe-core, the checker that browsers' own accessibility panels use, finds nothing on any page.

It is not part of this repository: ``tox -e axe`` fetches it, and names the file in DACOMPARE_AXE.
"""

import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def axe():
    path = os.environ.get("DACOMPARE_AXE", "")
    if not path:
        pytest.skip("DACOMPARE_AXE names no axe.min.js; run `tox -e axe`")
    return Path(path).read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["full", "unlabelled", "unlabelled-rows", "many", "index", "study"])
def test_axe_finds_nothing(open_page, axe, name, scheme):
    page = open_page(name, scheme=scheme, bypass_csp=True)  # the page's own policy lets no script in
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate(axe)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    said = [
        f"{v['id']} ({v['impact']}): {v['help']}: {[n['html'][:120] for n in v['nodes'][:3]]}"
        for v in found["violations"]
    ]
    assert said == []
    assert len(found["passes"]) > 10  # it looked


def test_axe_finds_what_is_wrong(open_page, axe):
    """Where the pages are broken on purpose, it does not stay silent."""
    page = open_page("index", bypass_csp=True)
    page.evaluate("document.documentElement.removeAttribute('lang')")
    page.evaluate(axe)
    assert "html-has-lang" in [v["id"] for v in page.evaluate("axe.run()")["violations"]]
