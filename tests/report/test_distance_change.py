import pytest

from dacompare.report.distance_change import (
    Change,
    correlation,
    distance_changes,
    distance_section,
    quadrants,
    task_interval,
)
from dacompare.report.reading import as_data


def results(*methods, start="source-only", base=(1.5, 1.7), title="A → B"):
    """Return results with one deep row a (name, distances, gain)."""
    divergence = [distance(start, seed, value) for seed, value in enumerate(base)]
    summary = [{"method": "source-only", "kind": "deep", "mean": 0.5}]
    for name, values, gain in methods:
        divergence += [distance(name, seed, value) for seed, value in enumerate(values)]
        versus = None if gain is None else {"difference": gain, "ci95": None, "wins": 0, "n": 2}
        summary.append({"method": name, "kind": "deep", "mean": 0.5, "vs_source_only": versus})
    return as_data({"task": {"title": title}, "summary": summary, "divergence": divergence})


def distance(features, seed, value, measure="proxy-a-distance"):
    return {"features": features, "seed": seed, "value": value, "measure": measure}


def changes(*pairs):
    return [Change("t", "", "m", "deep", 1.0, 1.0 + distance, gain, "source-only") for distance, gain in pairs]


def test_changes_are_paired_by_seed():
    (own,) = distance_changes([(results(("dann", (0.5, 0.9, 9.0), 0.1)), "a.html")])
    assert own[0].before == pytest.approx(1.6)
    assert own[0].distance == pytest.approx(-0.9)
    assert (own[0].gain, own[0].start, own[0].link) == (0.1, "source-only", "a.html")


def test_the_raw_input_stands_in_where_source_only_was_not_measured():
    (own,) = distance_changes([(results(("dann", (0.5, 0.9), 0.1), start="pixels"), "")])
    assert own[0].start == "pixels"


def test_what_lacks_one_of_both_is_no_point():
    data = results(("dann", (0.5, 0.9), None), ("other", (), 0.1))
    data["divergence"].append(distance("other", 0, 0.1, measure="mmd"))
    assert distance_changes([(data, "")]) == []
    assert distance_section([(data, "")]) is None


def test_oracles_and_bounds_are_no_points():
    data = results(("dann", (0.5, 0.9), 0.1), ("top", (0.5, 0.9), 0.1))
    data["summary"][1]["oracle"], data["summary"][2]["kind"] = True, "bound"
    assert distance_changes([(data, "")]) == []


def test_few_tasks_have_no_interval_and_no_rule():
    text = correlation([changes((-1, 0.3), (-0.5, 0.2)), changes((-0.1, 0.1))])
    assert text.startswith("Spearman’s correlation of the two changes is −1.00 over 3 points of 2 tasks: too few tasks")
    assert "no correlation to compute" in correlation([changes((-1, 0.3))])


def test_the_interval_is_over_tasks_and_the_words_follow_it():
    falling = [changes((-1 - k / 10, 0.3 + k / 10), (-0.2 + k / 100, 0.1 - k / 100)) for k in range(6)]
    low, high = task_interval(falling)
    assert -1 <= low <= high < 0
    assert "here the two go together" in correlation(falling)
    rising = [[Change("", "", "", "deep", p.after, p.before, p.gain, "") for p in own] for own in falling]
    assert "the other way round" in correlation(rising)
    mixed = [*falling[:3], *rising[:3]]
    assert "leaves open" in correlation(mixed)
    both = [changes((-1, 0.1), (1, 0.1), (-1, -0.1), (1, -0.1)) for _ in range(6)]
    assert "one says little of the other" in correlation(both)
    assert task_interval(falling[:4]) is None


def test_points_of_one_task_come_and_go_together():
    # Ten copies of a point in every task say no more than one: the interval must not shrink.
    tasks = [changes((-k, ((k * 7) % 5) / 10)) for k in range(6)]
    assert task_interval([own * 10 for own in tasks]) == pytest.approx(task_interval(tasks), abs=1e-9)


def test_quadrants_count_what_accuracy_did():
    assert quadrants(changes((-1, 0.1), (-1, -0.1), (1, 0.1))) == (
        "Domains came closer in 2 of 3 cases; accuracy rose in 1 of those, and in 1 of 1 where they did not."
    )
    assert quadrants(changes((-1, 0.1))).endswith("accuracy rose in 1 of those.")


def test_the_figure_says_what_was_found_and_has_both_shapes(read_page):
    data = results(("dann", (0.5, 0.9), 0.1), ("sa", (1.1, 1.2), 0.02), ("x", (2.0, 2.0), -0.1))
    data["summary"][2]["kind"] = "shallow"
    section = distance_section([(data, "")])
    page = read_page(str(section["svg"]))
    assert f"{section['finding']} {section['counted']}" in page.text
    assert section["kinds"] == {"deep", "shallow"}
    styles = [attributes["style"] for attributes in page.all("path")]
    assert sum("var(--blue)" in style for style in styles) == 1
    assert sum("var(--vermillion)" in style for style in styles) == 1
    assert distance_section([(data, "")])["svg"] == section["svg"]


def started(*rows, distances, accuracies):
    """Return results with a recipe, so that it is known what each row starts from."""
    seeds = range(2)
    kinds = {row["name"]: "shallow" if row.get("method", row["name"]) in ("svm", "msda") else "deep" for row in rows}
    adapts = {row["name"]: row.get("method", row["name"]) not in ("svm", "source-only") for row in rows}
    known = [
        {"method": name, "label": name.upper(), "kind": kind, "adapts": adapts[name], "seed": seed, "status": "ok",
         "target_accuracy": accuracies[name] + seed / 100}
        for name, kind in kinds.items() for seed in seeds
    ]  # fmt: skip
    summary = [
        {"method": name, "vs_source_only": {"difference": accuracies[name] - accuracies["source-only"]}}
        for name in kinds
    ]
    divergence = [distance(name, seed, value) for name, value in distances.items() for seed in seeds]
    return as_data({"recipe": {"method": list(rows)}, "rows": known, "summary": summary, "divergence": divergence})


def test_both_changes_are_from_where_a_method_started():
    data = started(
        {"name": "source-only"}, {"name": "dann"}, {"name": "svm", "features": "pixels"},
        {"name": "msda", "features": "pixels"}, {"name": "msda-nn", "method": "source-only", "features": "msda"},
        {"name": "msda-dann", "method": "dann", "features": "msda"},
        distances={"pixels": 1.8, "source-only": 1.2, "dann": 1.0, "msda": 1.9, "msda-nn": 1.5, "msda-dann": 1.6},
        accuracies={"source-only": 0.5, "dann": 0.6, "svm": 0.7, "msda": 0.8, "msda-nn": 0.75, "msda-dann": 0.72},
    )  # fmt: skip
    data["summary"][4]["adapts"] = True  # a network on features that have seen the target
    (own,) = distance_changes([(data, "")])
    found = {change.label: change for change in own}
    assert {label: (c.start, c.base) for label, c in found.items()} == {
        "DANN": ("source-only", ""), "MSDA": ("pixels", "SVM"),
        "MSDA-NN": ("source-only", ""), "MSDA-DANN": ("msda-nn", "MSDA-NN"),
    }  # fmt: skip
    assert [found[label].distance for label in ("MSDA", "MSDA-DANN")] == pytest.approx([0.1, 0.1])
    assert [found[label].gain for label in ("MSDA", "MSDA-DANN")] == pytest.approx([0.1, -0.03])


def test_reports_on_the_same_data_are_one_task():
    first, second = (results(("dann", (0.5, 0.9), gain)) for gain in (0.1, 0.2))
    for data in (first, second):
        data["task"]["data"] = [{"name": "images", "sha256": "ab"}]
    assert [len(own) for own in distance_changes([(first, ""), (second, "")])] == [2]
    second["task"]["data"] = [{"name": "images", "sha256": "cd"}]
    assert [len(own) for own in distance_changes([(first, ""), (second, "")])] == [1, 1]
