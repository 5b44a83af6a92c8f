"""A dimension that nobody asked for gives way to what the rows allow, whatever it is that limits it."""

import numpy as np
import pytest

from dacompare import Transfer, compare
from dacompare.shallow import CommonSubspace, SubspaceAlignment, TransferComponentAnalysis
from dacompare.stages.fitting import fit_default

DEFAULT_20 = ["sa-fixed", "pca", "dip", "tca"]


class Counting(SubspaceAlignment):
    """An aligner that counts how often it is fitted."""

    n_fits = 0

    def fit(self, *args, **kwargs):
        type(self).n_fits += 1
        return super().fit(*args, **kwargs)


def rows_of(methods, X, y, X_target):
    transfer = Transfer.from_arrays(X, y, X_target)
    return compare(transfer, methods=methods, seeds=[0], network={"name": "none"}, n_jobs=1).data["rows"][1:]


def test_a_default_that_fits_is_fitted_once(rng):
    X, X_target = rng.normal(size=(2, 30, 8))
    Counting.n_fits = 0
    found = fit_default(Counting(5), X, None, X_target)
    assert (found.n_components_, Counting.n_fits) == (5, 1)


@pytest.mark.parametrize(("n_constant", "kept"), [(0, 8), (1, 7), (7, 1)])
def test_the_largest_that_these_rows_allow_is_kept(rng, n_constant, kept):
    X, X_target = rng.normal(size=(2, 30, 8))
    X[:, :n_constant] = 0.1
    for estimator in (SubspaceAlignment(20), CommonSubspace(20)):
        with pytest.warns(UserWarning, match=f"By default 20 dimensions would be kept; these rows allow {kept},"):
            assert fit_default(estimator, X, None, X_target).n_components_ == kept
    expected = SubspaceAlignment(kept).fit(X, X_target=X_target)
    with pytest.warns(UserWarning, match="By default 20"):
        found = fit_default(SubspaceAlignment(20), X, None, X_target)
    assert np.array_equal(found.alignment_, expected.alignment_)


def test_a_kernel_limits_it_as_a_rank_does(rng):
    X, X_target = rng.normal(size=(2, 4, 30))
    with pytest.warns(UserWarning, match=r"these rows allow \d,"):
        kept = fit_default(TransferComponentAnalysis(20), X, None, X_target).n_components_
    with pytest.raises(ValueError, match="n_components must be between 1"):
        TransferComponentAnalysis(kept + 1).fit(X, X_target=X_target)


def test_what_has_another_reason_is_refused_for_that(rng):
    X = rng.normal(size=(30, 8))
    with pytest.raises(ValueError, match="X_target has 7 features, but X has 8"):
        fit_default(SubspaceAlignment(5), X, None, X[:, :7])
    with pytest.raises(ValueError, match="only constant features"):
        fit_default(SubspaceAlignment(5), np.ones((30, 8)), None, X)


@pytest.mark.filterwarnings("ignore:1 of 7 features")
def test_no_row_fails_by_a_default_of_its_own(rng):
    y = np.arange(90) % 2
    X = np.column_stack([rng.normal(size=(90, 6)) + 3 * y[:, None], np.ones(90)])
    rows = rows_of(["source-only", *DEFAULT_20], X, y, X + np.array([1] * 6 + [0]))
    assert [(row["method"], row["status"]) for row in rows] == [(name, "ok") for name in DEFAULT_20]
    said = "By default 7 dimensions would be kept; these rows allow 6, which are kept."
    assert [said in row["warnings"] for row in rows] == [True, True, True, False]
    few, y = rng.normal(size=(20, 60)), np.arange(20) % 2
    assert {row["status"] for row in rows_of(["source-only", *DEFAULT_20], few, y, few + 1)} == {"ok"}
    one = rng.normal(size=(60, 1))
    assert {row["status"] for row in rows_of(["source-only", *DEFAULT_20], one, np.arange(60) % 2, one + 1)} == {"ok"}


@pytest.mark.filterwarnings("ignore:failed")
def test_a_dimension_that_was_asked_for_is_never_lowered(rng):
    X, y = rng.normal(size=(60, 6)), np.arange(60) % 2
    asked = [
        {"name": f"{name}-7", "method": name, "params": {"n_components": 7}} for name in ("sa-fixed", "pca", "dip")
    ]
    for row in rows_of(["source-only", *asked], X, y, X + 1):
        assert "n_components must be between 1 and 6, got 7" in row["reason"]
