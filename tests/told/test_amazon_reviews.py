"""What is told of the reviews of Amazon is what their reports say."""

import re
from statistics import fmean

from dacompare.report.validator_costs import NEVER, by_validator
from dacompare.verdict import effect
from tests.committed import ROOT, pairs_in, shown, words

PAPER = (ROOT / "docs" / "comparison-with-the-paper.md").read_text(encoding="utf-8")


def _rows_under(marker):
    (table,) = re.findall(rf"<!-- {marker}: amazon-reviews -->\s*\n((?:\|.*\n)+)", PAPER)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def _pairs():
    return {data["recipe"]["slug"].removeprefix("amazon-reviews-"): data for data in pairs_in("amazon-reviews")}


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
        theirs = f" / {shown(100 * fmean(printed))}" if printed else ""
        assert cell == f"{shown(100 * fmean(entry['mean'] for entry in entries))}{theirs}", label
    for pair, *cells in lines:
        entries = {entry["label"]: entry for entry in pairs.pop(pair.replace(" → ", "-"))["summary"]}
        for label, cell in zip(head[1:], cells, strict=True):
            printed = entries[label]["published"]
            theirs = f" / {shown(100 * printed[0]['accuracy'])}" if printed else ""
            assert cell == f"{shown(100 * entries[label]['mean'])}{theirs}", (pair, label)
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
    readme = words(ROOT / "README.md")
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
    told = words(ROOT / "docs" / "choosing-without-labels.md")
    own = [by_validator(data) for data in _pairs().values()]
    cost = {name: shown(100 * fmean(costs[name]["cost"] for costs in own)) for name in own[0] if name != "reverse"}
    assert f"`source-accuracy` costs {cost['source-accuracy']} points on average" in told
    assert f"`reverse-svm` {cost['reverse-svm']}, `class-ami` {cost['class-ami']}, `bnm` {cost['bnm']}, `paper`" in told
    assert f"`paper` {cost['paper']}, `mixval` {cost['mixval']}, `iwv` {cost['iwv']}, `dev` {cost['dev']}" in told
    assert f"and `entropy` {cost['entropy']}; never" in told
    assert f"never adapting costs {cost[NEVER]}." in told
