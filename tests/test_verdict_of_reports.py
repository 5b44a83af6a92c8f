"""The verdicts of the committed reports are what today's code says of their numbers."""

from pathlib import Path

import pytest

from dacompare.report.reading import as_data
from dacompare.results import Results
from dacompare.verdict import chance_of, repeats_of, verdict

ROOT = Path(__file__).parent.parent
FILES = sorted(path for path in (ROOT / "reports").rglob("*.json") if path.parent.name != "study")


def test_there_are_reports():
    assert {"mnist-mnistm", "amazon-reviews-books-dvd"} <= {path.stem for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_verdict_follows_from_the_numbers(path):
    data = as_data(Results.from_json(path))
    labelled, chance = data["task"]["target_labels"], chance_of(data["task"])
    assert data["verdict"]["code"] in (("helps", "hurts", "unclear") if labelled else ("unlabelled",))
    if labelled:
        assert data["verdict"] == verdict(data["summary"], chance=chance, repeats=repeats_of(data["task"]))
