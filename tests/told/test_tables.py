"""Tables of figures in the documentation are what a run has made."""

import json
import re

import pytest

from tests.committed import ROOT, report, shown, signed

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _tables():
    """Return page, slug and lines of every table that says which report its figures come from."""
    for page in [*PAGES, ROOT / "reports" / "README.md", ROOT / "baselines" / "README.md"]:
        found = re.findall(r"<!-- figures: ([a-z0-9-]+) -->\s*\n((?:\|.*\n)+)", page.read_text(encoding="utf-8"))
        for slug, table in found:
            yield page, slug, table.splitlines()[2:]


def test_there_are_tables_of_figures():
    assert {slug for _, slug, _ in _tables()} >= {"mnist-mnistm", "mnist-usps", "usps-mnist"}


@pytest.mark.parametrize(
    ("page", "slug", "lines"), list(_tables()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_figures_are_those_that_a_run_made(page, slug, lines):
    """Cells: label, mean (low to high), paired difference to source-only, genuine, published."""
    data = json.loads(next((ROOT / "reports").rglob(f"{slug}.json")).read_text(encoding="utf-8"))
    entries = {entry["label"]: entry for entry in data["summary"]}
    assert lines
    for line in lines:
        cells = [cell.strip().strip("*") for cell in line.strip("|").split("|")]
        entry = entries.pop(cells[0])
        low, high = entry["ci95"]
        assert cells[1] == f"{shown(100 * entry['mean'])} ({shown(100 * low)} to {shown(100 * high)})", line
        against = entry["vs_source_only"]
        difference = (
            "–" if against is None else f"{signed(100 * against['difference'])}, better in {against['wins']} of"
        )
        assert cells[2].startswith(difference), line
        if slug.startswith("mnist-mnistm"):
            genuine = entry["genuine_mean"]
            assert cells[3] == ("–" if genuine is None else shown(100 * genuine)), line
        published = [shown(100 * figure["accuracy"]) for figure in entry["published"]]
        assert cells[-1] == (", ".join(published) or "–"), line
    assert not entries, f"{page.name} leaves out rows of {slug}"


METHODS = {
    "source only": "source-only",
    "subspace alignment, dimension by reverse-svm": "sa",
    "each domain less its own mean, and nothing else": "centred",
    "optimal transport, its affine map": "ot",
    "DANN": "dann",
    "oracle: subspace alignment, dimension by target labels": "sa-oracle",
    "bound: train on target": "train-on-target",
}


def test_the_results_of_the_readme_are_those_of_the_reports():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"\n((?:\|.*\n)+)", text[text.index("## Results") :])[0].splitlines()
    slugs = re.findall(r"\(reports/([a-z0-9-]+)\.html\)", table[0])
    assert len(slugs) == 5
    for line in table[2:]:
        label, *cells = [cell.strip().strip("*") for cell in line.strip("|").split("|")]
        for slug, cell in zip(slugs, cells, strict=True):
            summary = report(slug)["summary"]
            entry = next((entry for entry in summary if entry["method"] == METHODS[label]), None)
            if entry is None:
                assert cell == "–", (slug, line)
                continue
            against = entry["vs_source_only"]
            told = against and METHODS[label] != "train-on-target"
            difference = f" [{signed(100 * against['difference'])}]" if told else ""
            assert cell == f"{shown(100 * entry['mean'])}{difference}", (slug, line)
