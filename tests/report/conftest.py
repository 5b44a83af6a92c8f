import json
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

HOSTILE = "<script>alert(1)</script></style>\"'>{{ 7 * 7 }}{% x %} $\\frac$ <img src=x onerror=y> \x00\x1b‮ 漢字\n"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
STUDY = Path(__file__).parents[2] / "reports" / "study" / "small-images.json"
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Read a page, and collect what tests ask about; a tag closed out of turn is an error."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.words = [], [], []
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        self.tags.append((tag, dict(attributes), list(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes), list(self.open)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    def all(self, tag):
        return [attributes for name, attributes, _ in self.tags if name == tag]

    @property
    def text(self):
        return " ".join("".join(self.words).split())


@pytest.fixture(scope="session")
def bare(sample):
    """Return a function that makes a results dict without anything to draw: fast to render."""

    def make(**options):
        data = sample(images=False, points=0, **options)
        return {**data, "sweep": [], "history": [], "embedding": [], "divergence": []}

    return make


@pytest.fixture(scope="session")
def read_page():
    """Return the function that parses a page strictly."""
    return Page


@pytest.fixture(scope="session")
def hostile():
    """Return text that breaks whatever does not escape it."""
    return HOSTILE


@pytest.fixture(scope="session")
def full(sample):
    """Return results of the size that the budget is made for: 10 classes, 5 seeds, 2 × 1,000 points."""
    return sample()


@pytest.fixture(scope="session")
def full_page(full):
    from dacompare.report import render

    return render(full)


# In a browser


@pytest.fixture(scope="session")
def browser():
    """Return a Chromium that is there already; nothing is downloaded."""
    api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here")
    with api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser, pages):
    """Return a function that opens one of the pages by its name; every page is closed at the end."""
    opened = []

    def open_one(name, width=1280, scheme="light", **options):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, **options)
        page = context.new_page()
        page.set_default_timeout(120_000)  # a busy machine takes its time
        opened.append(context)
        page.goto((pages / f"{name}.html").as_uri())
        return page

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory, sample, full_page):
    """Return a folder with a page of each kind."""
    from dacompare.report import render, render_index
    from dacompare.report.study import render_study

    folder = tmp_path_factory.mktemp("pages")
    unlabelled = sample(labelled=False, points=60, steps=8, seeds=2)
    many = sample(classes=43, extra_rows=15, points=60, steps=8, seeds=2, overrides=["--quick"], partial=True)
    texts = {
        "full": full_page,
        "unlabelled": render(unlabelled),
        "unlabelled-rows": render(sample(labelled=False, images=False, extra_rows=15, points=0, steps=8, seeds=2)),
        "many": render(many),
        "hostile": render(sample(hostile=HOSTILE, points=20, steps=8, seeds=2)),
        "index": render_index([(unlabelled, "unlabelled.html"), (sample(points=0), "full.html")]),
        "study": render_study(json.loads(STUDY.read_text(encoding="utf-8"))),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder
