"""What is told of Office-Caltech10 is what its reports say."""

import re
from collections import Counter
from statistics import fmean

import pytest

from dacompare.report.validator_costs import NEVER, by_validator
from tests.committed import ROOT, by_label, gains, mean_cost, pairs_in, shown, signed, words

FOLDERS = ("office-caltech", "office-caltech-1nn")


@pytest.mark.parametrize("folder", FOLDERS)
def test_means_over_the_pairs_of_office_caltech_are_those_of_the_reports(folder):
    """Cells: row, accuracy, difference, pairs in which it helps and hurts, and the published mean if there is."""
    text = (ROOT / "reports" / "README.md").read_text(encoding="utf-8")
    (part,) = re.findall(rf"<!-- means: {folder} -->\s*\n((?:\|.*\n)+)", text)
    head, _, *table = part.splitlines()
    reports = pairs_in(folder)
    assert len(reports) == 12
    rows = by_label(reports)
    for line in table:
        label, *cells = [cell.strip().strip("*") for cell in line.strip("|").split("|")]
        own = rows[label]
        against = [entry["vs_source_only"] for entry in own]
        expected = [shown(100 * fmean(entry["mean"] for entry in own)), "–", "–"]
        if against[0] is not None:
            helps, hurts = sum(one["ci95"][0] > 0 for one in against), sum(one["ci95"][1] < 0 for one in against)
            difference = signed(100 * fmean(one["difference"] for one in against))
            expected[1:] = [difference, f"{helps}, {hurts}"]
        if "published" in head:
            printed = [one["accuracy"] for entry in own for one in entry["published"]]
            assert len(printed) in (0, 12)
            expected.append(shown(100 * fmean(printed)) if printed else "–")
        assert cells == expected, line
    assert len(table) == len(rows)


def test_what_is_told_of_the_linear_svm():
    text = words(ROOT / "reports" / "README.md")
    reports = pairs_in("office-caltech")
    gain = gains(reports)
    told = "loses {:.1f} points at chosen dimensions ({:.1f} at its default)".format(-gain["pca-chosen"], -gain["pca"])
    assert told in text
    assert "chosen the same way, gains {sa:.1f}".format(**gain) in text
    assert "dimensions that the authors list gain {gfk-published:.1f} here".format(**gain) in text
    assert max(gain["gfk-chosen"], gain["sgf-chosen"], gain["gfk-pls"]) == max(
        value for name, value in gain.items() if name not in ("sa-oracle", "train-on-target")
    )
    readme = words(ROOT / "README.md")
    assert 2.5 < gain["sgf-chosen"] < 3
    assert "gain 3 points at most on average with a linear SVM" in readme
    most = max(len(data["summary"]) for data in reports)
    assert f"some of the {most - 3} methods help in 11 pairs" in text
    assert [data["verdict"]["code"] for data in reports].count("helps") == 11


def test_what_is_told_of_the_nearest_neighbour():
    text = words(ROOT / "reports" / "README.md")
    reports = pairs_in("office-caltech-1nn")
    gain = gains(reports)
    assert "the subspaces not aligned, gain {pca:.1f} points".format(**gain) in text
    assert "at as many dimensions ({sa-fixed:.1f})".format(**gain) in text
    assert "({gfk-published:.1f}) as at those of its own measure ({gfk:.1f})".format(**gain) in text
    assert "auxiliary tasks a little more ({landmark-gfk:.1f})".format(**gain) in text
    validators = set.intersection(*(set(by_validator(data)) for data in reports)) - {NEVER}
    cost = {name: mean_cost(reports, name) for name in validators}
    taken = Counter(
        s["pick"] for d in reports for s in d["selection"] if s["validator"] == "mixval" and s["scope"] == "methods"
    )
    told = "takes optimal transport in {} of {} draws, lies {:.1f} points below the best row of each draw"
    told += ", the others 4 to 6"
    assert told.format(taken["ot-chosen"], taken.total(), cost.pop("mixval")) in text
    assert {round(one) for one in cost.values()} == {4, 5, 6}
    most = max(len(data["summary"]) for data in reports)
    assert f"best of {most - 2} methods helps in all twelve pairs" in text
    best = min(cost, key=lambda name: cost[name])
    assert cost["reverse-svm"] - cost[best] == pytest.approx(0.5, abs=0.06)


def _table_of(marker):
    text = (ROOT / "reports" / "README.md").read_text(encoding="utf-8")
    (part,) = re.findall(rf"<!-- {marker}: office-caltech, office-caltech-1nn -->\s*\n((?:\|.*\n)+)", text)
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in part.splitlines()[2:]]


def test_what_validators_cost_on_office_caltech():
    reports = [pairs_in(folder) for folder in FOLDERS]
    assert [len(own) for own in reports] == [12, 12]
    table = _table_of("validators")
    named = {"reverse-svm", "source-accuracy", "class-ami", "iwv", "dev", "paper", "mixval", NEVER}
    for data in (data for own in reports for data in own):
        assert set(by_validator(data)) >= named
    assert {name for name, *_ in table} == {name for own in reports for data in own for name in by_validator(data)}
    cost = {}
    for name, *cells in table:
        cost[name] = [mean_cost(own, name) if name in by_validator(own[0]) else None for own in reports]
        assert cells == ["–" if mean is None else shown(mean) for mean in cost[name]], name
    known = [[own[side] for name, own in cost.items() if name != NEVER and own[side] is not None] for side in (0, 1)]
    least = [min(own) for own in known]
    more = [cost["reverse-svm"][side] - least[side] for side in (0, 1)]
    text = words(ROOT / "reports" / "README.md")
    told = "costs {} points more than the best of them by the SVM, and {} more by the nearest neighbour"
    assert told.format(*map(shown, more)) in text
    told = "the best saves {} of the {} points that never adapting costs"
    assert told.format(shown(cost[NEVER][0] - least[0]), shown(cost[NEVER][0])) in text
    told = "`reverse-svm` costs {} points with a linear SVM, {} more than the least, where never adapting costs {},"
    told += " and {} with a nearest neighbour, where it costs {}. `mixval` costs {} and {}."
    (reverse, other), (never, other_never), mixval = (cost[name] for name in ("reverse-svm", NEVER, "mixval"))
    page = words(ROOT / "docs" / "choosing-without-labels.md")
    assert told.format(*map(shown, (reverse, more[0], never, other, other_never, *mixval))) in page
