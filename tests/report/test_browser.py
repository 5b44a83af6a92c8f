"""A real browser opens the page: nothing is requested, nothing is cut off."""

import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
ARTEFACTS = Path(__file__).parents[2] / "test-artefacts"


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here")
    with api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory, sample, full_page):
    from dacompare.report import render, render_index

    folder = tmp_path_factory.mktemp("pages")
    unlabelled = sample(labelled=False, points=60, steps=8, seeds=2)
    many = sample(classes=43, extra_rows=8, points=60, steps=8, seeds=2, overrides=["--quick"], partial=True)
    texts = {
        "full": full_page,
        "unlabelled": render(unlabelled),
        "many": render(many),
        "index": render_index([(unlabelled, "unlabelled.html"), (sample(points=0), "full.html")]),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("name", ["full", "unlabelled", "many", "index"])
def test_page(browser, pages, name, width, scheme):
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    said, requested = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: requested.append(request.url))
    page.goto((pages / f"{name}.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []
    assert [url for url in requested if not url.startswith("data:")] == [(pages / f"{name}.html").as_uri()]
    unnamed = "[...document.querySelectorAll('img, svg[role=img]')].filter(e => !(e.alt || e.querySelector('title')))"
    assert page.evaluate(f"{unnamed}.length") == 0
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, paper[4:-1].split(","))) < 200) == (scheme == "dark")
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}-{width}-{scheme}.png", full_page=True)
    page.close()


CONTRAST = """
() => {
  const light = c => { const v = c / 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
  const rgb = s => s.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const luminance = s => { const [r, g, b] = rgb(s).map(light); return .2126 * r + .7152 * g + .0722 * b; };
  const paper = luminance(getComputedStyle(document.body).backgroundColor);
  const ratio = s => { const l = luminance(s); return (Math.max(l, paper) + .05) / (Math.min(l, paper) + .05); };
  const says = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  const colour = e => getComputedStyle(e)[e.closest('svg') ? 'fill' : 'color'];
  return [...document.querySelectorAll('body *')]
    .filter(e => says(e) && e.tagName.toLowerCase() !== 'title' && !e.matches('.mark'))
    .map(e => [ratio(colour(e)), e.outerHTML.slice(0, 80)])
    .filter(([r]) => r < 4.5);
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_the_paper(browser, pages, scheme):
    page = browser.new_page(color_scheme=scheme)
    page.goto((pages / "full.html").as_uri())
    assert page.evaluate(CONTRAST) == []
    page.close()


def test_paper_shows_what_is_folded(browser, pages):
    page = browser.new_page(viewport={"width": 720, "height": 900})
    page.goto((pages / "full.html").as_uri())
    page.emulate_media(media="print")
    assert page.locator("#provenance details pre").first.is_visible()
    assert not page.locator("nav").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 720
    page.close()
