import numpy as np
import pytest

from dacompare import Transfer, compare
from dacompare.idle import add_idle_warnings


def row(method, kind="deep", **changes):
    return {"method": method, "kind": kind, "seed": 0, "status": "ok", "oracle": False, "warnings": [], **changes}


@pytest.mark.parametrize(("wrong", "warned"), [(0, True), (5, True), (6, False), (500, False)])
def test_a_copy_of_source_only_is_called_one(wrong, warned):
    base, own = np.zeros(1000), np.zeros(1000)
    own[:wrong] = 1
    rows = [row("source-only"), row("dann"), row("sa", "shallow")]
    add_idle_warnings(rows, {0: {"source-only": base, "dann": own, "sa": own}})
    assert rows[0]["warnings"] == []
    for one in rows[1:]:
        assert [("hardly adapts" in text) for text in one["warnings"]] == [True] * warned
    if warned:
        assert "adaptation_factor" in rows[1]["warnings"][0]
        assert "adaptation_factor" not in rows[2]["warnings"][0]


def test_bounds_oracles_and_rows_without_predictions_are_not():
    alike = np.zeros(10)
    rows = [row("train-on-target", "bound"), row("sa-oracle", "shallow", oracle=True), row("dann"), row("sa", seed=1)]
    add_idle_warnings(rows, {0: {"source-only": alike, "train-on-target": alike, "sa-oracle": alike}, 1: {"sa": alike}})
    assert not any(one["warnings"] for one in rows)


def test_a_comparison_says_it(rng):
    y = np.arange(80) % 2
    X = rng.normal(size=(80, 3)) + 9 * y[:, None]
    transfer = Transfer.from_arrays(X, y, X)
    results = compare(transfer, methods=["source-only", "dann"], seeds=[0], training={"steps": 30}, n_jobs=1)
    dann = next(one for one in results.data["rows"] if one["method"] == "dann")
    assert any("predicted as by source-only" in text for text in dann["warnings"])
