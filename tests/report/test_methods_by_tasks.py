import pytest

from dacompare.report.methods_by_tasks import family_name, means_over_tasks, methods_by_tasks, split_titles
from dacompare.report.reading import as_data


def entry(method, mean, base=None, ci=None, kind="shallow", oracle=False):
    versus = None if base is None else {"difference": mean - base, "ci95": ci, "wins": 1, "n": 2}
    return {
        "method": method,
        "label": method.upper(),
        "kind": kind,
        "oracle": oracle,
        "mean": mean,
        "vs_source_only": versus,
    }


def task(title, *entries, labels=True):
    known = {"title": title, "slug": title, "target_labels": labels}
    return as_data({"task": known, "summary": list(entries)})


@pytest.fixture
def tasks():
    return [
        task("a", entry("source-only", 0.4), entry("x", 0.5, 0.4, [0.05, 0.15]), entry("y", 0.4, 0.4, [-0.1, 0.1]),
             entry("train-on-target", 0.8, 0.4, [0.3, 0.5], kind="bound"),
             entry("x-oracle", 0.7, 0.4, [0.2, 0.4], oracle=True)),
        task("b", entry("source-only", 0.6), entry("x", 0.4, 0.6, [-0.3, -0.1]), entry("z", 0.7, 0.6, None),
             entry("train-on-target", 0.8, 0.6, [0.1, 0.3], kind="bound")),
    ]  # fmt: skip


def test_each_method_has_a_line_and_each_task_a_column(tasks):
    table = methods_by_tasks(tasks)
    usable, seen = table["groups"]
    assert [line["method"] for line in usable["lines"]] == ["source-only", "x", "y", "z"]
    assert [line["method"] for line in seen["lines"]] == ["train-on-target"]
    x, y = usable["lines"][1:3]
    assert [cell["code"] for cell in x["cells"]] == ["helps", "hurts"]
    assert [cell["best"] for cell in x["cells"]] == [True, True]  # z has no interval, so that nothing judges it
    assert y["cells"][0]["code"] == "unclear"
    assert y["cells"][1] is None


def test_an_interval_that_is_not_there_is_no_side(tasks):
    z = methods_by_tasks(tasks)["groups"][0]["lines"][3]
    assert z["cells"][1]["code"] == ""


def test_oracles_have_lines_only_where_they_are_asked_for(tasks):
    assert "x-oracle" not in str(methods_by_tasks(tasks))
    assert methods_by_tasks(tasks, oracles=True)["groups"][-1]["lines"][0]["method"] == "x-oracle"


def test_means_are_of_rows_that_all_tasks_have(tasks):
    means = means_over_tasks(tasks)
    assert means["n"] == 2
    assert means["missing"] == ["Y", "Z"]
    base, x, top = means["lines"]
    assert (base["method"], x["method"], top["method"]) == ("source-only", "x", "train-on-target")
    assert x["mean"] == pytest.approx(0.45)
    assert x["difference"] == pytest.approx(-0.05)
    assert x["gap"] == pytest.approx(-0.05 / 0.3)  # a ratio of means: that of the tasks would be (0.25 − 1) / 2
    assert x["sides"] == {"helps": 1, "hurts": 1, "unclear": 0}
    assert x["rank"] == base["rank"] == 1.5
    assert top["rank"] is None


def test_tasks_without_labels_count_nowhere(tasks):
    unlabelled = task("c", entry("source-only", None), labels=False)
    assert means_over_tasks([*tasks, unlabelled]) == means_over_tasks(tasks)
    assert methods_by_tasks([unlabelled]) is None
    assert methods_by_tasks([unlabelled, *tasks])["tasks"] == [1, 2]


def test_no_means_of_one_task_nor_of_source_only_alone(tasks):
    assert means_over_tasks(tasks[:1]) is None
    alone = [task(name, entry("source-only", 0.4)) for name in "ab"]
    assert means_over_tasks(alone) is None


def test_names_in_common_are_cut_at_a_boundary():
    assert split_titles(["Reviews, a → b", "Reviews, a → c"]) == ("Reviews", ["a → b", "a → c"])
    assert split_titles(["a, b"]) == ("", ["a, b"])
    assert split_titles([", a", ", b"]) == ("", [", a", ", b"])
    assert family_name([task("office-ab-c"), task("office-ac-d")]) == "office"
    assert family_name([task("mnist"), task("usps")]) == ""
