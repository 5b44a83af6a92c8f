"""What is told of Office-Caltech10 is what its reports say."""

import re
from collections import Counter
from statistics import fmean

import pytest

from dacompare.report.validator_costs import NEVER, by_validator
from tests.committed import ROOT, by_label, gains, mean_cost, pairs_in, shown, signed, words

RUN_AGAIN = {  # targets, and single pairs
    "office-caltech": {"dslr", "webcam", "amazon", "dslr-caltech", "webcam-caltech"},
    "office-caltech-1nn": {"dslr", "webcam", "amazon", "caltech"},
}


@pytest.mark.parametrize("folder", ["office-caltech", "office-caltech-1nn"])
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
    cost = {name: mean_cost(reports, name) for name in ("class-ami", "mixval", NEVER)}
    shown = "Their picks lie {:.1f} and {:.1f} points below the best row; never adapting lies {:.1f} below"
    assert shown.format(*cost.values()) in text


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


def _run_again():
    """Return, by folder, the pages of pairs that have scores of the validators that look at rows set aside."""
    return {
        folder: [data for data in pairs_in(folder) if "reverse-svm" in by_validator(data)]
        for folder in ("office-caltech", "office-caltech-1nn")
    }


def _table_of(marker):
    text = (ROOT / "reports" / "README.md").read_text(encoding="utf-8")
    (part,) = re.findall(rf"<!-- {marker}: office-caltech, office-caltech-1nn -->\s*\n((?:\|.*\n)+)", text)
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in part.splitlines()[2:]]


def test_which_pairs_of_office_caltech_were_run_again_is_told():
    again = {folder: {data["recipe"]["slug"] for data in own} for folder, own in _run_again().items()}
    for folder, known in RUN_AGAIN.items():
        pairs = {slug: slug.removeprefix(f"{folder}-") for slug in (d["recipe"]["slug"] for d in pairs_in(folder))}
        assert again[folder] == {slug for slug, pair in pairs.items() if {pair, pair.split("-")[1]} & known}


def test_what_validators_cost_where_office_caltech_was_run_again():
    again = _run_again().values()
    table = _table_of("validators")
    assert {name for name, *_ in table} == {name for own in again for data in own for name in by_validator(data)}
    for name, *cells in table:
        means = [mean_cost(own, name) if name in by_validator(own[0]) else None for own in again]
        assert cells == ["–" if mean is None else shown(mean) for mean in means], name
    cost = {name: cells for name, *cells in table}
    told = "`reverse-svm` costs {} points with a linear SVM, hardly more than the least, where never adapting costs {},"
    told += " and {} with a nearest neighbour, where it costs {}. `mixval` costs {} and {}."
    linear, nearest = zip(*(cost[name] for name in ("reverse-svm", NEVER, "mixval")), strict=True)
    page = words(ROOT / "docs" / "choosing-without-labels.md")
    assert told.format(linear[0], linear[1], nearest[0], nearest[1], linear[2], nearest[2]) in page
    assert float(linear[0]) < 0.3 + min(float(own[0]) for name, own in cost.items() if name != NEVER)


def test_what_later_rows_gain_where_office_caltech_was_run_again():
    again = _run_again()
    table = _table_of("later rows")
    rows = [by_label(reports) for reports in again.values()]
    first = {label for folder in again for label in by_label(pairs_in(folder))}
    assert {label for own in rows for label in own} - first <= {label for label, *_ in table}
    for label, *cells in table:
        gains = [
            100 * fmean(entry["vs_source_only"]["difference"] for entry in own[label]) if label in own else None
            for own in rows
        ]
        assert cells == ["–" if gain is None else signed(gain) for gain in gains], label
