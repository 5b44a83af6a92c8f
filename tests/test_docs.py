"""Run every Python block of the documentation, page by page."""

import json
import re
import sys
from pathlib import Path
from statistics import fmean
from types import ModuleType

import pytest

from dacompare.report.validator_costs import NEVER, by_validator

ROOT = Path(__file__).parent.parent
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
    data = json.loads((ROOT / "reports" / f"{slug}.json").read_text(encoding="utf-8"))
    entries = {entry["label"]: entry for entry in data["summary"]}
    assert lines
    for line in lines:
        cells = [cell.strip().strip("*") for cell in line.strip("|").split("|")]
        entry = entries.pop(cells[0])
        low, high = entry["ci95"]
        assert cells[1] == f"{100 * entry['mean']:.1f} ({100 * low:.1f} to {100 * high:.1f})", line
        against = entry["vs_source_only"]
        difference = "–" if against is None else f"{100 * against['difference']:+.1f}, better in {against['wins']} of"
        assert cells[2].replace("−", "-").startswith(difference), line
        if slug == "mnist-mnistm":
            genuine = entry["genuine_mean"]
            assert cells[3] == ("–" if genuine is None else f"{100 * genuine:.1f}"), line
        published = [f"{100 * figure['accuracy']:.1f}" for figure in entry["published"]]
        assert cells[-1] == (", ".join(published) or "–"), line
    assert not entries, f"{page.name} leaves out rows of {slug}"


METHODS = {
    "source only": "source-only",
    "subspace alignment, dimension by reverse-svm": "sa",
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
            summary = json.loads((ROOT / "reports" / f"{slug}.json").read_text(encoding="utf-8"))["summary"]
            entry = next(entry for entry in summary if entry["method"] == METHODS[label])
            against = entry["vs_source_only"]
            told = against and METHODS[label] != "train-on-target"
            difference = f" [{100 * against['difference']:+.1f}]" if told else ""
            assert cell.replace("−", "-") == f"{100 * entry['mean']:.1f}{difference}", (slug, line)


def test_means_over_the_pairs_of_office_caltech_are_those_of_the_reports():
    text = (ROOT / "reports" / "README.md").read_text(encoding="utf-8")
    table = re.findall(r"<!-- office-caltech -->\s*\n((?:\|.*\n)+)", text)[0].splitlines()[2:]
    paths = sorted((ROOT / "reports" / "office-caltech").glob("*.json"))
    assert len(paths) == 12
    summaries = [json.loads(path.read_text(encoding="utf-8"))["summary"] for path in paths]
    for line in table:
        label, mean, difference, counts = [cell.strip().strip("*") for cell in line.strip("|").split("|")]
        own = [next(entry for entry in summary if entry["label"] == label) for summary in summaries]
        assert mean == f"{100 * fmean(entry['mean'] for entry in own):.1f}", line
        against = [entry["vs_source_only"] for entry in own]
        if against[0] is None:
            assert (difference, counts) == ("–", "–")
            continue
        assert difference.replace("−", "-") == f"{100 * fmean(one['difference'] for one in against):+.1f}", line
        helps, hurts = sum(one["ci95"][0] > 0 for one in against), sum(one["ci95"][1] < 0 for one in against)
        assert counts == f"{helps}, {hurts}", line
    assert len(table) == len(summaries[0])


def _costs():
    """Return the slugs of the columns and, line by line, the cells of the table of what validators cost."""
    text = (ROOT / "docs" / "choosing-without-labels.md").read_text(encoding="utf-8")
    head, _, *lines = re.findall(r"<!-- costs -->\s*\n((?:\|.*\n)+)", text)[0].splitlines()
    cells = [[cell.strip().strip("*`") for cell in line.strip("|").split("|")] for line in lines]
    return re.findall(r"reports/([a-z0-9-]+)\.html", head), {name: own for name, *own in cells}


def _measured_costs(slugs):
    return [by_validator(json.loads((ROOT / "reports" / f"{slug}.json").read_text(encoding="utf-8"))) for slug in slugs]


def _cell(entry):
    return "–" if entry is None else f"{100 * entry['cost']:.1f} ({100 * entry['gain']:+.1f})".replace("-", "−")


def test_what_validators_cost_is_what_the_reports_say():
    slugs, table = _costs()
    measured = _measured_costs(slugs)
    assert len(slugs) == 5
    assert {name for own in measured for name in own} == set(table)
    # Compared as a whole: where a report is made anew, the message is the table to put in.
    assert table == {name: [_cell(own.get(name)) for own in measured] for name in table}


def test_what_the_page_says_about_validators_in_words_is_so():
    slugs, _ = _costs()
    measured = dict(zip(slugs, _measured_costs(slugs), strict=True))
    for slug in slugs:
        summary = json.loads((ROOT / "reports" / f"{slug}.json").read_text(encoding="utf-8"))["summary"]
        chosen_among = {entry["method"] for entry in summary if not entry["oracle"]} - {"train-on-target"}
        assert chosen_among == {"source-only", "sa", "dann"}, slug
    names = {name for own in measured.values() for name in own} - {NEVER}
    least = {slug: min(entry["cost"] for entry in own.values()) for slug, own in measured.items()}
    best = {
        name for name in names if all(own[name]["cost"] == least[slug] for slug, own in measured.items() if name in own)
    }
    assert not best & {name for name in names if all(name in own for own in measured.values())}
    entropy = {slug: own["entropy"]["cost"] for slug, own in measured.items()}
    assert sum(cost == 0 for cost in entropy.values()) == 2
    assert entropy["fonts-fontsm"] > 0.8 * measured["fonts-fontsm"][NEVER]["cost"]
    first = measured["mnist-mnistm"]
    assert first["reverse-svm"]["cost"] == pytest.approx(first[NEVER]["cost"])
    assert all(entry["gain"] <= 0 for entry in measured["digits-fontsm"].values())
    for name in ("bnm", "class-ami"):
        own = [costs[name]["cost"] for costs in measured.values() if name in costs]
        assert len(own) == 3
        assert sorted(own)[1] == 0 < sorted(own)[2]
