"""What is told of the image tasks is what their reports say."""

from statistics import fmean

from dacompare.statistics import paired_interval
from dacompare.summary import summarise
from tests.committed import ROOT, report, words

PAPER = words(ROOT / "docs" / "comparison-with-the-paper.md")


def test_centring_does_what_subspace_alignment_does_as_told():
    differences, intervals = [], []
    for slug in ("mnist-mnistm", "mnist-usps", "usps-mnist"):
        rows = report(slug)["rows"]
        sa, centred = ([r["target_accuracy"] for r in rows if r["method"] == name] for name in ("sa", "centred"))
        differences.append(f"{100 * (fmean(sa) - fmean(centred)):.1f}".replace("-", "−"))
        intervals.append(paired_interval(centred, sa))
    assert all(low < 0 < high for low, high in intervals)
    readme = words(ROOT / "README.md")
    assert "the two differ by {}, {} and {} points on the three image tasks".format(*differences) in readme
    data = report("mnist-mnistm")
    mmd, pad = (
        {f: [d["value"] for d in data["divergence"] if (d["measure"], d["features"]) == (measure, f)] for f in known}
        for measure, known in (("mmd", ("source-only", "centred", "sa")), ("proxy-a-distance", ("centred",)))
    )
    assert f"(MMD, from {fmean(mmd['source-only']):.2f}) is {fmean(mmd['centred']):.2f} after either" in PAPER
    assert f"{fmean(mmd['sa']):.2f}" == f"{fmean(mmd['centred']):.2f}"
    low, _, third, fourth, _ = sorted(pad["centred"])
    assert f"between {low:.2f} and {third:.2f} in three seeds and {fourth:.1f} in two" in PAPER
    low, high = (f"{100 * end:.1f}".replace("-", "−") for end in intervals[0])
    assert f"is {differences[0]} points below subspace alignment ({low} to {high}, paired over the seeds)" in PAPER
    assert f"({differences[1].strip('−')} above, {differences[2]} below, intervals that hold 0)" in PAPER


def test_what_the_readme_says_of_the_demo_follows_from_its_seeds():
    text = words(ROOT / "README.md")
    data = report("fonts-fontsm")
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


def test_what_longer_training_adds_is_told_as_it_was_measured():
    reports = [report(slug) for slug in ("mnist-mnistm", "longer/mnist-mnistm-longer")]
    assert [data["recipe"]["training"]["steps"] for data in reports] == [10_000, 20_000]
    for key in ("source", "target", "split", "network", "protocol"):
        assert reports[0]["recipe"][key] == reports[1]["recipe"][key]
    short, long = (
        {m: [r["target_accuracy"] for r in data["rows"] if r["method"] == m] for m in ("dann", "source-only")}
        for data in reports
    )
    gains = [100 * (after - before) for before, after in zip(short["dann"], long["dann"], strict=True)]
    for method, verb in (("dann", "DANN"), ("source-only", "Source-only")):
        low, high = paired_interval(long[method], short[method])
        gained = 100 * (fmean(long[method]) - fmean(short[method]))
        said = f"{verb} gains {gained:.1f} points by it" if method == "dann" else f"{verb} gains {gained:.1f}"
        assert f"{said} ({100 * low:.1f} to {100 * high:.1f}".replace("(-", "(−") in PAPER
    assert max(sorted(gains)[:4]) < 1.5
    assert f"{max(gains):.1f} in one" in PAPER
    missed = [76.66 - 100 * fmean(own["dann"]) for own in (short, long)]
    readme = words(ROOT / "README.md")
    assert "misses the print by {:.1f} points, by {:.1f} with".format(*missed) in readme
    assert f"seed 0, 77.3 on a processor, has {100 * long['dann'][0]:.1f} there" in PAPER


def test_two_distances_disagree_about_subspace_alignment_as_told():
    data = report("mnist-mnistm")
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
    assert f"({pad})" in PAPER
    assert f"({hdh})" in PAPER
