"""Run every Python block of the documentation, page by page."""

import json
import re
import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from statistics import fmean
from types import ModuleType

import pytest

from dacompare.recipe import load_recipes, recipe_from_dict
from dacompare.recipe_schema import TABLES
from dacompare.report.formatting import number, points
from dacompare.report.validator_costs import NEVER, by_validator
from dacompare.statistics import paired_interval
from dacompare.summary import summarise
from dacompare.verdict import effect

ROOT = Path(__file__).parent.parent
RUN_AGAIN = {  # targets, and single pairs
    "office-caltech": {"dslr", "webcam"},
    "office-caltech-1nn": {"dslr", "webcam", "webcam-amazon"},
}
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _words(page):
    """Return the text of a page with single spaces: sentences are found wherever their lines end."""
    return " ".join(page.read_text(encoding="utf-8").split())


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
    data = json.loads(next((ROOT / "reports").rglob(f"{slug}.json")).read_text(encoding="utf-8"))
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
        if slug.startswith("mnist-mnistm"):
            genuine = entry["genuine_mean"]
            assert cells[3] == ("–" if genuine is None else f"{100 * genuine:.1f}"), line
        published = [f"{100 * figure['accuracy']:.1f}" for figure in entry["published"]]
        assert cells[-1] == (", ".join(published) or "–"), line
    assert not entries, f"{page.name} leaves out rows of {slug}"


METHODS = {
    "source only": "source-only",
    "subspace alignment, dimension by reverse-svm": "sa",
    "each domain less its own mean, and nothing else": "centred",
    "optimal transport": "ot",
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
            entry = next((entry for entry in summary if entry["method"] == METHODS[label]), None)
            if entry is None:
                assert cell == "–", (slug, line)
                continue
            against = entry["vs_source_only"]
            told = against and METHODS[label] != "train-on-target"
            difference = f" [{100 * against['difference']:+.1f}]" if told else ""
            assert cell.replace("−", "-") == f"{100 * entry['mean']:.1f}{difference}", (slug, line)


def test_centring_does_what_subspace_alignment_does_as_told():
    differences, intervals = [], []
    for slug in ("mnist-mnistm", "mnist-usps", "usps-mnist"):
        rows = json.loads((ROOT / "reports" / f"{slug}.json").read_text(encoding="utf-8"))["rows"]
        sa, centred = ([r["target_accuracy"] for r in rows if r["method"] == name] for name in ("sa", "centred"))
        differences.append(f"{100 * (fmean(sa) - fmean(centred)):.1f}".replace("-", "−"))
        intervals.append(paired_interval(centred, sa))
    assert all(low < 0 < high for low, high in intervals)
    readme = _words(ROOT / "README.md")
    assert "the two differ by {}, {} and {} points on the three image tasks".format(*differences) in readme
    told = _words(ROOT / "docs" / "comparison-with-the-paper.md")
    data = json.loads((ROOT / "reports" / "mnist-mnistm.json").read_text(encoding="utf-8"))
    mmd, pad = (
        {f: [d["value"] for d in data["divergence"] if (d["measure"], d["features"]) == (measure, f)] for f in known}
        for measure, known in (("mmd", ("source-only", "centred", "sa")), ("proxy-a-distance", ("centred",)))
    )
    assert f"(MMD, from {fmean(mmd['source-only']):.2f}) is {fmean(mmd['centred']):.2f} after either" in told
    assert f"{fmean(mmd['sa']):.2f}" == f"{fmean(mmd['centred']):.2f}"
    low, _, third, fourth, _ = sorted(pad["centred"])
    assert f"between {low:.2f} and {third:.2f} in three seeds and {fourth:.1f} in two" in told
    low, high = (f"{100 * end:.1f}".replace("-", "−") for end in intervals[0])
    assert f"is {differences[0]} points below subspace alignment ({low} to {high}, paired over the seeds)" in told
    assert f"({differences[1].strip('−')} above, {differences[2]} below, intervals that hold 0)" in told


@pytest.mark.parametrize("folder", ["office-caltech", "office-caltech-1nn"])
def test_means_over_the_pairs_of_office_caltech_are_those_of_the_reports(folder):
    """Cells: row, accuracy, difference, pairs in which it helps and hurts, and the published mean if there is."""
    text = (ROOT / "reports" / "README.md").read_text(encoding="utf-8")
    (part,) = re.findall(rf"<!-- means: {folder} -->\s*\n((?:\|.*\n)+)", text)
    head, _, *table = part.splitlines()
    reports = _pairs_in(folder)
    assert len(reports) == 12
    rows = _by_label(reports)
    for line in table:
        label, *cells = [cell.strip().strip("*") for cell in line.strip("|").split("|")]
        own = rows[label]
        against = [entry["vs_source_only"] for entry in own]
        expected = [f"{100 * fmean(entry['mean'] for entry in own):.1f}", "–", "–"]
        if against[0] is not None:
            helps, hurts = sum(one["ci95"][0] > 0 for one in against), sum(one["ci95"][1] < 0 for one in against)
            difference = f"{100 * fmean(one['difference'] for one in against):+.1f}".replace("-", "−")
            expected[1:] = [difference, f"{helps}, {hurts}"]
        if "published" in head:
            printed = [one["accuracy"] for entry in own for one in entry["published"]]
            assert len(printed) in (0, 12)
            expected.append(f"{100 * fmean(printed):.1f}" if printed else "–")
        assert cells == expected, line
    assert len(table) == len(rows)


@cache
def _pairs_in(folder):
    return [json.loads(p.read_text(encoding="utf-8")) for p in sorted((ROOT / "reports" / folder).glob("*.json"))]


def _rows_of_all(reports):
    """Return, by method, the lines of the summaries of all reports, for methods that each of them has."""
    lines = [{entry["method"]: entry for entry in data["summary"]} for data in reports]
    return {name: [own[name] for own in lines] for name in lines[0] if all(name in own for own in lines)}


def _by_label(reports):
    return {own[0]["label"]: own for own in _rows_of_all(reports).values()}


def _gains(reports):
    """Return how many points each method stands above source only, mean over the reports."""
    return {
        name: 100 * fmean(entry["vs_source_only"]["difference"] for entry in own)
        for name, own in _rows_of_all(reports).items()
        if own[0]["vs_source_only"]
    }


def _mean_cost(reports, validator):
    """Return how many points the picks of a validator lie below the best row, mean over the reports."""
    return 100 * fmean(by_validator(data)[validator]["cost"] for data in reports)


def test_what_is_told_of_the_linear_svm():
    text = _words(ROOT / "reports" / "README.md")
    reports = _pairs_in("office-caltech")
    gain = _gains(reports)
    told = "loses {:.1f} points at chosen dimensions ({:.1f} at its default)".format(-gain["pca-chosen"], -gain["pca"])
    assert told in text
    assert "chosen the same way, gains {sa:.1f}".format(**gain) in text
    assert "dimensions that the authors list gain {gfk-published:.1f} here".format(**gain) in text
    assert max(gain["gfk-chosen"], gain["sgf-chosen"], gain["gfk-pls"]) == max(
        value for name, value in gain.items() if name not in ("sa-oracle", "train-on-target")
    )
    readme = _words(ROOT / "README.md")
    assert 2.5 < gain["sgf-chosen"] < 3
    assert "gain 3 points at most on average with a linear SVM" in readme
    cost = {name: _mean_cost(reports, name) for name in ("class-ami", "mixval", NEVER)}
    shown = "Their picks lie {:.1f} and {:.1f} points below the best row; never adapting lies {:.1f} below"
    assert shown.format(*cost.values()) in text


def test_what_is_told_of_the_nearest_neighbour():
    text = _words(ROOT / "reports" / "README.md")
    reports = _pairs_in("office-caltech-1nn")
    gain = _gains(reports)
    assert "the subspaces not aligned, gain {pca:.1f} points".format(**gain) in text
    assert "at as many dimensions ({sa-fixed:.1f})".format(**gain) in text
    assert "({gfk-published:.1f}) as at those of its own measure ({gfk:.1f})".format(**gain) in text
    assert "auxiliary tasks a little more ({landmark-gfk:.1f})".format(**gain) in text
    cost = {name: _mean_cost(reports, name) for name in ("class-ami", "mixval")}
    assert f"picks of `class-ami` lie {cost['class-ami']:.1f} points" in text
    taken = Counter(
        s["pick"] for d in reports for s in d["selection"] if s["validator"] == "mixval" and s["scope"] == "methods"
    )
    assert f"takes optimal transport in {taken['ot-chosen']} of {taken.total()} draws, {cost['mixval']:.1f}" in text


def _run_again():
    """Return, by folder, the pages of pairs that have scores of the validators that look at rows set aside."""
    return {
        folder: [data for data in _pairs_in(folder) if "reverse-svm" in by_validator(data)]
        for folder in ("office-caltech", "office-caltech-1nn")
    }


def _table_of(marker):
    text = (ROOT / "reports" / "README.md").read_text(encoding="utf-8")
    (part,) = re.findall(rf"<!-- {marker}: office-caltech, office-caltech-1nn -->\s*\n((?:\|.*\n)+)", text)
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in part.splitlines()[2:]]


def test_which_pairs_of_office_caltech_were_run_again_is_told():
    again = {folder: {data["recipe"]["slug"] for data in own} for folder, own in _run_again().items()}
    for folder, known in RUN_AGAIN.items():
        pairs = {slug: slug.removeprefix(f"{folder}-") for slug in (d["recipe"]["slug"] for d in _pairs_in(folder))}
        assert again[folder] == {slug for slug, pair in pairs.items() if {pair, pair.split("-")[1]} & known}


def test_what_validators_cost_where_office_caltech_was_run_again():
    again = _run_again().values()
    table = _table_of("validators")
    assert {name for name, *_ in table} == {name for own in again for data in own for name in by_validator(data)}
    for name, *cells in table:
        means = [_mean_cost(own, name) if name in by_validator(own[0]) else None for own in again]
        assert cells == ["–" if mean is None else f"{mean:.1f}" for mean in means], name
    cost = {name: cells for name, *cells in table}
    told = "`reverse-svm` costs {} points with a linear SVM, less than any other, where never adapting costs {}, and {}"
    told += " with a nearest neighbour, where it costs {}. `mixval` costs {} and {}."
    linear, nearest = zip(*(cost[name] for name in ("reverse-svm", NEVER, "mixval")), strict=True)
    page = _words(ROOT / "docs" / "choosing-without-labels.md")
    assert told.format(linear[0], linear[1], nearest[0], nearest[1], linear[2], nearest[2]) in page
    assert float(linear[0]) == min(float(own[0]) for name, own in cost.items() if name != NEVER)


def test_what_later_rows_gain_where_office_caltech_was_run_again():
    again = _run_again()
    table = _table_of("later rows")
    rows = [_by_label(reports) for reports in again.values()]
    first = {label for folder in again for label in _by_label(_pairs_in(folder))}
    assert {label for own in rows for label in own} - first <= {label for label, *_ in table}
    for label, *cells in table:
        gains = [
            100 * fmean(entry["vs_source_only"]["difference"] for entry in own[label]) if label in own else None
            for own in rows
        ]
        assert cells == ["–" if gain is None else f"{gain:+.1f}".replace("-", "−") for gain in gains], label


def _costs():
    """Return the slugs of the columns and, line by line, the cells of the table of what validators cost."""
    text = (ROOT / "docs" / "choosing-without-labels.md").read_text(encoding="utf-8")
    head, _, *lines = re.findall(r"<!-- costs -->\s*\n((?:\|.*\n)+)", text)[0].splitlines()
    cells = [[cell.strip().strip("*`") for cell in line.strip("|").split("|")] for line in lines]
    return re.findall(r"reports/([a-z0-9-]+)\.html", head), {name: own for name, *own in cells}


def _measured_costs(slugs):
    return [by_validator(json.loads((ROOT / "reports" / f"{slug}.json").read_text(encoding="utf-8"))) for slug in slugs]


def _cell(entry):
    return "–" if entry is None else f"{number(100 * entry['cost'], 1)} ({points(entry['gain'])})"


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
    counts = []
    for slug in slugs:
        summary = json.loads((ROOT / "reports" / f"{slug}.json").read_text(encoding="utf-8"))["summary"]
        counts.append(len({entry["method"] for entry in summary if not entry["oracle"]} - {"train-on-target"}))
    assert counts == [17, 17, 17, 3, 3]
    where_it_helps = {slug: own for slug, own in measured.items() if slug != "digits-fontsm"}
    for own in where_it_helps.values():
        assert own["bnm"]["cost"] == min(costs["cost"] for costs in own.values()) < 0.0075
    second = [sorted(own, key=lambda name: own[name]["cost"])[1] for own in where_it_helps.values()]
    assert second.count("entropy") == 2
    entropy = {slug: own["entropy"]["cost"] for slug, own in measured.items()}
    assert entropy["fonts-fontsm"] > 0.8 * measured["fonts-fontsm"][NEVER]["cost"]
    assert measured["mnist-mnistm"]["reverse-svm"]["gain"] < 0.2 * measured["mnist-mnistm"]["bnm"]["gain"]
    gains = {name: entry["gain"] for name, entry in measured["digits-fontsm"].items()}
    assert {name for name, gained in gains.items() if gained > 0} == {"iwv", "dev", "source-accuracy"}
    assert -0.0105 < min(gains.values()) < max(gains.values()) < 0.0035
    assert [slug for slug, own in measured.items() if "reverse" in own] == ["digits-fontsm"]
    text = _words(ROOT / "docs" / "choosing-without-labels.md")
    ends = {}
    for key in ("spearman_dimensions", "spearman"):
        orders = [
            entry[key]["value"]
            for slug in slugs
            for entry in json.loads((ROOT / "reports" / f"{slug}.json").read_text(encoding="utf-8"))["validators"]
            if entry["name"] == "reverse-svm"
        ]
        ends[key] = f"between {number(min(orders))} and {number(max(orders))}"
    assert f"(Spearman's correlation {ends['spearman_dimensions']}); methods it orders {ends['spearman']}." in text


def test_what_the_readme_says_of_the_demo_follows_from_its_seeds():
    text = _words(ROOT / "README.md")
    data = json.loads((ROOT / "reports" / "fonts-fontsm.json").read_text(encoding="utf-8"))
    assert len(data["recipe"]["seeds"]) == 10
    few = {e["method"]: e for e in summarise([row for row in data["rows"] if row["seed"] in (0, 1, 2)])}
    sa, dann = (few[name]["vs_source_only"] for name in ("sa", "dann"))
    (sa_low, sa_high), (low, high) = ((round(100 * end, 1) for end in one["ci95_joint"]) for one in (sa, dann))
    assert f"(+{100 * sa['difference']:.1f} points, {sa_low} to {sa_high} with both methods judged at once)" in text
    assert f"(+{100 * dann['difference']:.1f}, −{-low} to {high})" in text
    assert low < 0 < sa_low
    for name in ("sa", "dann"):
        entry = next(e for e in data["summary"] if e["method"] == name)
        assert entry["vs_source_only"]["ci95_joint"][0] > 0
        assert entry["vs_source_only"]["p_holm"] < 0.05


PAPER = (ROOT / "docs" / "comparison-with-the-paper.md").read_text(encoding="utf-8")


def _rows_under(marker):
    (table,) = re.findall(rf"<!-- {marker}: amazon-reviews -->\s*\n((?:\|.*\n)+)", PAPER)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def _pairs():
    return {data["recipe"]["slug"].removeprefix("amazon-reviews-"): data for data in _pairs_in("amazon-reviews")}


def test_accuracies_beside_the_journals_are_those_of_the_reports():
    """Cells: pair, then "ours / theirs" for each row that the head names."""
    head, _, *lines = _rows_under("pairs")
    pairs = _pairs()
    means = {
        label: [next(entry for entry in data["summary"] if entry["label"] == label) for data in pairs.values()]
        for label in head[1:]
    }
    name, *cells = lines.pop()
    assert name == "*mean*"
    for (label, entries), cell in zip(means.items(), cells, strict=True):
        printed = [entry["published"][0]["accuracy"] for entry in entries if entry["published"]]
        theirs = f" / {100 * fmean(printed):.1f}" if printed else ""
        assert cell == f"{100 * fmean(entry['mean'] for entry in entries):.1f}{theirs}", label
    for pair, *cells in lines:
        entries = {entry["label"]: entry for entry in pairs.pop(pair.replace(" → ", "-"))["summary"]}
        for label, cell in zip(head[1:], cells, strict=True):
            printed = entries[label]["published"]
            theirs = f" / {100 * printed[0]['accuracy']:.1f}" if printed else ""
            assert cell == f"{100 * entries[label]['mean']:.1f}{theirs}", (pair, label)
    assert not pairs


def test_distances_of_the_pairs_are_those_of_the_reports():
    """Cells: pair, then the proxy A-distance in each set of features that the head names, mean over seeds."""
    head, _, *lines = _rows_under("distances")
    pairs = _pairs()
    for pair, *cells in lines:
        data = pairs.pop(pair.replace(" → ", "-"))
        names = {entry["label"]: entry["method"] for entry in data["summary"]} | {"input": "pixels"}
        for label, cell in zip(head[1:], cells, strict=True):
            own = [d["value"] for d in data["divergence"] if d["features"] == names[label]]
            assert cell == f"{fmean(own):.2f}", (pair, label)
    assert not pairs


def test_what_is_told_of_dann_on_reviews():
    rows = [row for data in _pairs().values() for row in data["rows"]]
    assert not [row["method"] for row in rows if any("diverged" in text for text in row["warnings"])]
    assert "No training diverged in this run." in PAPER
    head, *_ = _rows_under("pairs")
    own, theirs = {}, {}
    for label in head[1:]:
        entries = [next(e for e in data["summary"] if e["label"] == label) for data in _pairs().values()]
        own[label] = 100 * fmean(entry["mean"] for entry in entries)
        if all(entry["published"] for entry in entries):
            theirs[label] = 100 * fmean(entry["published"][0]["accuracy"] for entry in entries)
    told = " ".join(PAPER.split())
    taken = own["NN"] - own["DANN"], own["DANN, λ = 0.1"] - own["NN"]
    assert f"takes {taken[0]:.1f} points from the network at λ = 1, and clearly helps on no pair" in told
    assert f"it adds {taken[1]:.1f} at λ = 0.1, clearly on two pairs" in told
    deep = [own["mSDA + NN"] - own[label] for label in ("mSDA + DANN", "mSDA + DANN, λ = 0.1")]
    below = [theirs["mSDA + DANN"] - own[label] for label in ("mSDA + DANN", "mSDA + DANN, λ = 0.1")]
    assert "On mSDA features it takes {:.1f} and {:.1f} points".format(*deep) in told
    assert "stays {:.1f} and {:.1f} points below on average".format(*below) in told
    added = theirs["DANN"] - theirs["NN"], theirs["mSDA + DANN"] - theirs["mSDA + NN"]
    assert f"The journal has it add {added[0]:.1f}. On mSDA" in told
    assert f"where the journal has it add {added[1]:.1f}" in told
    readme = _words(ROOT / "README.md")
    raised = own["SVM"], own["mSDA + SVM"], own["NN"], own["mSDA + NN"]
    assert "raises an SVM from {:.1f} to {:.1f} % and a network from {:.1f} to {:.1f} %".format(*raised) in readme
    assert f"adds {raised[1] - raised[0]:.1f} points to the SVM and {raised[3] - raised[2]:.1f} to the network" in told
    verdicts = [data["verdict"]["code"] for data in _pairs().values()]
    assert verdicts == ["helps"] * 12
    assert "the verdict of all twelve pages says that adaptation helps" in told
    for name, pairs in (("dann", []), ("dann-0.1", ["dvd-books", "dvd-electronics"])):
        entries = {pair: next(e for e in data["summary"] if e["method"] == name) for pair, data in _pairs().items()}
        assert [pair for pair, entry in entries.items() if effect(entry["vs_source_only"]) == "helps"] == pairs
        if name == "dann":
            assert sum(entry["vs_source_only"]["ci95"][1] < 0 for entry in entries.values()) == 6
            assert "on six, its own interval lies below 0" in told


def test_what_validators_cost_on_reviews_is_told():
    told = _words(ROOT / "docs" / "choosing-without-labels.md")
    own = [by_validator(data) for data in _pairs().values()]
    cost = {name: f"{100 * fmean(costs[name]['cost'] for costs in own):.1f}" for name in own[0] if name != "reverse"}
    assert f"`source-accuracy` costs {cost['source-accuracy']} points on average" in told
    assert f"`reverse-svm` {cost['reverse-svm']}, `class-ami` {cost['class-ami']}, `bnm` {cost['bnm']}, `paper`" in told
    assert f"`paper` {cost['paper']}, `mixval` {cost['mixval']}, `iwv` {cost['iwv']}, `dev` {cost['dev']}" in told
    assert f"and `entropy` {cost['entropy']}; never" in told
    assert f"never adapting costs {cost[NEVER]}." in told


def test_what_longer_training_adds_is_told_as_it_was_measured():
    reports = [
        json.loads((ROOT / "reports" / f"{slug}.json").read_text(encoding="utf-8"))
        for slug in ("mnist-mnistm", "longer/mnist-mnistm-longer")
    ]
    assert [data["recipe"]["training"]["steps"] for data in reports] == [10_000, 20_000]
    for key in ("source", "target", "split", "network", "protocol"):
        assert reports[0]["recipe"][key] == reports[1]["recipe"][key]
    short, long = (
        {m: [r["target_accuracy"] for r in data["rows"] if r["method"] == m] for m in ("dann", "source-only")}
        for data in reports
    )
    gains = [100 * (after - before) for before, after in zip(short["dann"], long["dann"], strict=True)]
    told = " ".join(PAPER.split())
    for method, verb in (("dann", "DANN"), ("source-only", "Source-only")):
        low, high = paired_interval(long[method], short[method])
        gained = 100 * (fmean(long[method]) - fmean(short[method]))
        said = f"{verb} gains {gained:.1f} points by it" if method == "dann" else f"{verb} gains {gained:.1f}"
        assert f"{said} ({100 * low:.1f} to {100 * high:.1f}".replace("(-", "(−") in told
    assert max(sorted(gains)[:4]) < 1.5
    assert f"{max(gains):.1f} in one" in told
    missed = [76.66 - 100 * fmean(own["dann"]) for own in (short, long)]
    readme = _words(ROOT / "README.md")
    assert "misses the print by {:.1f} points, by {:.1f} with".format(*missed) in readme
    assert f"seed 0, 77.3 on a processor, has {100 * long['dann'][0]:.1f} there" in " ".join(PAPER.split())


def test_two_distances_disagree_about_subspace_alignment_as_told():
    data = json.loads((ROOT / "reports" / "mnist-mnistm.json").read_text(encoding="utf-8"))
    means = {
        (measure, features): fmean(
            d["value"] for d in data["divergence"] if (d["measure"], d["features"]) == (measure, features)
        )
        for measure in ("proxy-a-distance", "hdh")
        for features in ("sa", "dann", "source-only")
    }
    told = [
        f"{means[measure, f]:.2f}".replace("-", "−")
        for measure in ("proxy-a-distance", "hdh")
        for f in ("sa", "dann", "source-only")
    ]
    pad = "proxy A-distance {}, DANN {}, source-only {}".format(*told[:3])
    hdh = "HΔH-distance {}, DANN {}, source-only {}, all lower estimates".format(*told[3:])
    assert f"({pad})" in " ".join(PAPER.split())
    assert f"({hdh})" in " ".join(PAPER.split())


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
