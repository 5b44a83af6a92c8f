"""A real browser opens the page: nothing is requested, nothing is cut off, and the keyboard reaches everything."""

import unicodedata
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

ARTEFACTS = Path(__file__).parents[2] / "test-artefacts"
PAGES = ["full", "unlabelled", "unlabelled-rows", "many", "hostile", "index", "study"]
# What Chromium leaves of a sheet of A4, in CSS pixels.
PAPER = (717, 1046)


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_page(browser, pages, name, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(120_000)
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
    assert page.evaluate(CONTRAST) == []
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}-{width}-{scheme}.png", full_page=True)
    context.close()


LETTERS = """[...document.querySelectorAll('svg.plot text')].map(text => {
  const box = text.getBoundingClientRect();
  return [text.textContent, box.left, box.right, box.height];
})"""


@pytest.mark.parametrize("name", ["full", "unlabelled", "many", "index"])
def test_figures_on_a_phone_keep_their_letters(browser, pages, name):
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.goto((pages / f"{name}.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    drawn = page.evaluate(LETTERS)
    assert drawn
    assert [text for text, left, right, height in drawn if left < -1 or right > 321 or height < 8] == []
    page.close()


# Of every text, against what really lies behind it: the cell, the box or the paper, half transparent or not.
CONTRAST = """
() => {
  const light = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const rgba = s => {
    const n = s.replace(/^color\\(srgb /, '(').match(/[\\d.e-]+/g).map(Number);
    const scale = s.startsWith('color') ? 1 : 255;
    return [n[0] / scale, n[1] / scale, n[2] / scale, n.length > 3 ? n[3] : 1];
  };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const behind = e => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), [1, 1, 1, 1]);
  };
  const luminance = c => .2126 * light(c[0]) + .7152 * light(c[1]) + .0722 * light(c[2]);
  const ratio = e => {
    const ground = behind(e.closest('svg') ? e.closest('svg').parentElement : e);
    const [a, b] = [luminance(over(rgba(getComputedStyle(e)[e.closest('svg') ? 'fill' : 'color']), ground)),
                    luminance(ground)];
    return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  };
  const says = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  return [...document.querySelectorAll('body *')]
    .filter(e => says(e) && e.tagName.toLowerCase() !== 'title' && !e.matches('.mark'))
    .map(e => [ratio(e), e.outerHTML.slice(0, 80)])
    .filter(([r]) => r < 4.5);
}
"""


FOCUSABLE = "[...document.querySelectorAll('a[href], summary, [tabindex]')].filter(e => e.checkVisibility())"


@pytest.mark.parametrize("name", ["unlabelled", "many", "index"])
def test_the_tabulator_goes_through_the_page_from_top_to_bottom(open_page, name):
    page = open_page(name)
    expected = page.evaluate(f"{FOCUSABLE}.map((e, i) => {{ e.dataset.order = i; return i; }})")
    met = []
    for _ in expected:
        page.keyboard.press("Tab")
        met.append(page.evaluate("Number(document.activeElement.dataset.order ?? -1)"))
    assert met == expected
    assert page.evaluate("[...document.querySelectorAll('[tabindex]')].every(e => e.tabIndex === 0)")


def test_what_has_the_focus_is_seen_to_have_it(open_page):
    page = open_page("unlabelled")
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2


def test_details_open_and_close_by_keyboard(open_page):
    page = open_page("full")
    details = page.locator("details").first
    details.locator("summary").first.focus()
    assert details.get_attribute("open") is None
    page.keyboard.press("Enter")
    assert details.get_attribute("open") is not None
    page.keyboard.press("Space")
    assert details.get_attribute("open") is None


def test_links_of_the_contents_lead_to_their_sections(open_page):
    page = open_page("full")
    for link in page.locator("nav a").all():
        target = page.locator(link.get_attribute("href"))
        assert target.locator("h2").first.inner_text() == link.inner_text()


def test_paper_shows_what_is_folded(open_page):
    page = open_page("full", width=720)
    page.emulate_media(media="print")
    assert page.locator("#provenance details pre").first.is_visible()
    assert not page.locator("nav").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 720


@pytest.mark.parametrize("name", ["full", "unlabelled", "many"])
def test_no_figure_is_cut_on_paper(open_page, name):
    """Whatever must stay in one piece asks for it, and is small enough for a sheet to grant it."""
    width, height = PAPER
    page = open_page(name, width=width)
    page.emulate_media(media="print")
    cut = page.evaluate(
        "height => [...document.querySelectorAll('figure, tr, .figures, .tiles li, .legend')]"
        ".filter(e => getComputedStyle(e).breakInside !== 'avoid' || e.getBoundingClientRect().height > height)"
        ".map(e => e.outerHTML.slice(0, 80))",
        height,
    )
    assert cut == []
    wide = page.evaluate(
        "width => [...document.querySelectorAll('figure, img, svg')]"
        ".filter(e => e.getBoundingClientRect().right > width + 1).map(e => e.outerHTML.slice(0, 80))",
        width,
    )
    assert wide == []


@pytest.mark.parametrize("name", ["full", "unlabelled", "many"])
def test_figures_are_whole_in_the_pdf(open_page, name):
    """Read the file that a printer gets: heading, axes and caption of each figure lie on one sheet."""
    pypdf = pytest.importorskip("pypdf")
    page = open_page(name)
    ARTEFACTS.mkdir(exist_ok=True)
    page.pdf(path=ARTEFACTS / f"{name}.pdf", format="A4")
    figures = page.evaluate(
        "[...document.querySelectorAll('figure')].map(f => [...f.querySelectorAll('h3, svg text, figcaption')]"
        ".map(e => e.textContent))"
    )
    sheets = [_plain(sheet.extract_text()) for sheet in pypdf.PdfReader(ARTEFACTS / f"{name}.pdf").pages]
    whole = [any(all(_plain(part) in sheet for part in parts) for sheet in sheets) for parts in figures]
    assert len(whole) > 3
    assert [parts for parts, is_whole in zip(figures, whole, strict=True) if not is_whole] == []


def _plain(text):
    """Return letters and signs alone: where a PDF has spaces and ligatures is its own business."""
    return "".join(unicodedata.normalize("NFKC", text).split())
