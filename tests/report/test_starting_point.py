import pytest

from dacompare.report.hero import hero
from dacompare.report.markdown import report_markdown
from dacompare.report.reading import as_data, methods_of
from dacompare.report.starting_point import against, like_for_like, rival_of
from dacompare.summary import summarise

ROWS = [
    {"name": "source-only"}, {"name": "dann"},
    {"name": "svm", "label": "SVM", "features": "pixels"}, {"name": "msda", "label": "mSDA", "features": "pixels"},
    {"name": "nn", "method": "source-only", "label": "mSDA + NN", "features": "msda"},
    {"name": "deep", "method": "dann", "label": "mSDA + DANN", "features": "msda"},
    {"name": "sa", "features": "source-only"},
]  # fmt: skip
SHALLOW, CONTROLS = ("svm", "msda", "sa"), ("svm", "source-only")


def results(seeds=3, **accuracies):
    """Return results of the recipe above: accuracies by method; deep rows gain a hundredth a seed."""
    rows = [
        {"method": row["name"], "label": row.get("label", row["name"]), "seed": seed, "status": "ok", "oracle": False,
         "kind": "shallow" if row["name"] in SHALLOW else "deep", "adapts": row["name"] not in CONTROLS,
         "target_accuracy": accuracies[row["name"]] + (row["name"] not in SHALLOW) * seed / 100}
        for row in ROWS for seed in range(seeds) if row["name"] in accuracies
    ]  # fmt: skip
    return as_data({"recipe": {"method": ROWS}, "rows": rows, "summary": summarise(rows), "task": {"title": "A → B"}})


def entry_of(data, method):
    return next(entry for entry in methods_of(data) if entry["method"] == method)


@pytest.mark.parametrize(
    ("method", "rival"),
    [("dann", "source-only"), ("msda", "svm"), ("deep", "nn"), ("sa", None)],
)
def test_a_rival_has_the_same_features_and_the_same_kind_of_classifier(method, rival):
    data = results(**{row["name"]: 0.5 for row in ROWS})
    assert rival_of(data, entry_of(data, method)) == rival


def test_differences_are_paired_by_seed():
    data = results(**{"source-only": 0.5, "nn": 0.55, "deep": 0.6, "msda": 0.8, "svm": 0.7})
    versus = against(data, entry_of(data, "deep"), "nn")
    assert (versus["difference"], versus["wins"], versus["n"]) == (pytest.approx(0.05), 3, 3)
    data["rows"] = [row for row in data["rows"] if (row["method"], row["seed"]) != ("nn", 1)]
    assert against(data, entry_of(data, "deep"), "nn")["n"] == 2
    assert against(data, entry_of(data, "deep"), "svm")["ci95"] == pytest.approx([-0.114, -0.066], abs=1e-3)


def test_the_part_of_a_lead_that_is_another_classifier_is_told_apart():
    data = results(**{"source-only": 0.5, "svm": 0.7, "msda": 0.75, "dann": 0.6})
    told = hero(data)["like_for_like"]
    assert told == (
        "Like for like: SVM is the same classifier on the same features without this step. Against it, mSDA is at +5.0 "
        "points (the same in all 3 seeds)."
    )
    assert told in report_markdown(data)


def test_a_network_on_adapted_features_is_compared_with_a_network_on_them():
    data = results(**{"source-only": 0.5, "nn": 0.7, "deep": 0.65})
    for row in data["rows"]:
        row["target_accuracy"] += (row["method"] == "deep") * row["seed"] / 100
    told = like_for_like(data, entry_of(data, "deep"))
    assert "mSDA + NN is the same network on" in told
    assert "mSDA + DANN is at −4.0 points (95 % interval for this row alone −6.5 to −1.5)." in told


def test_nothing_is_said_where_source_only_is_the_starting_point_or_none_is_there():
    data = results(**{"source-only": 0.5, "dann": 0.6, "sa": 0.55, "msda": 0.7})
    assert [like_for_like(data, entry_of(data, name)) for name in ("dann", "sa", "msda")] == ["", "", ""]
    assert like_for_like(data, None) == ""
    one = results(seeds=1, **{"source-only": 0.5, "svm": 0.6, "msda": 0.7})
    assert like_for_like(one, entry_of(one, "msda")).endswith("is at +10.0 points (one seed: no interval).")
