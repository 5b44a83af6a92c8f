"""Run skada's own test functions on these estimators, and its adapters in a comparison.

skada is installed in the tox environment of the same name only: importing it switches metadata routing of
scikit-learn on for the whole process. Its test functions are imported from the installed package; its fixtures are not
in it, so that those here make data of the same kind.
"""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, GroupShuffleSplit, LeaveOneGroupOut

pytest.importorskip("skada")

import skada
from skada.datasets import make_shifted_blobs
from skada.model_selection import DomainShuffleSplit, SourceTargetShuffleSplit, StratifiedDomainShuffleSplit
from skada.tests import test_cv, test_mapping, test_subspace

from dacompare import METHODS, Transfer, compare
from dacompare.methods import Method
from dacompare.shallow import (
    CorrelationAlignment,
    DomainScaling,
    GeodesicFlowKernel,
    OptimalTransport,
    SampleDomainAdapter,
    SubspaceAlignment,
    TransferComponentAnalysis,
)

# Collected here only under the names below: those modules' own parametrisations are about skada's estimators.
run_subspace = test_subspace.test_subspace_estimator
run_width = test_subspace.test_subspace_default_n_components
run_mapping = test_mapping.test_mapping_estimator
run_group_cv = test_cv.test_group_based_cv
run_domain_split = test_cv.test_domain_aware_split
run_leave_one_out = test_cv.test_leave_one_domain_out
run_shuffle_split = test_cv.test_domain_shuffle_split
del test_cv, test_mapping, test_subspace


class InSkada(TransformerMixin, BaseEstimator):
    """Put an aligner behind skada's convention: rows of both domains at once, and a number that says which is which."""

    __metadata_request__fit = {"sample_domain": True}
    __metadata_request__fit_transform = {"sample_domain": True}
    __metadata_request__transform = {"sample_domain": True, "allow_source": True}

    def __init__(self, aligner=None, n_components=None):
        self.aligner = aligner
        self.n_components = n_components

    def fit(self, X, y=None, *, sample_domain=None):
        aligner = SubspaceAlignment() if self.aligner is None else clone(self.aligner)
        if self.n_components is not None:
            aligner.set_params(n_components=self.n_components)
        source = sample_domain >= 0
        labels = None if y is None else np.asarray(y)[source]
        self.aligner_ = aligner.fit(X[source], labels, X_target=X[~source] if (~source).any() else None)
        return self

    def fit_transform(self, X, y=None, *, sample_domain=None):
        return self.fit(X, y, sample_domain=sample_domain).transform(X, sample_domain=sample_domain, allow_source=True)

    def transform(self, X, *, sample_domain=None, allow_source=False):
        source = np.zeros(len(X), dtype=bool) if sample_domain is None else np.asarray(sample_domain) >= 0
        assert allow_source or not source.any()
        Z = self.aligner_.transform(X, domain="target")
        if source.any():
            Z[source] = self.aligner_.transform(X[source], domain="source")
        return Z


def _blobs(centers, seed):
    return make_shifted_blobs(
        n_samples=100, centers=np.array(centers), n_features=2, shift=0.13, cluster_std=0.05, random_state=seed,
        return_dataset=True,
    )  # fmt: skip


@pytest.fixture
def da_dataset():
    second = _blobs([[2, 0], [-1, 2]], 1)
    return _blobs([[0, 0], [1, 1]], 0).merge(second, names_mapping={"s": "s2", "t": "t2"})


def _pipeline(aligner):
    return skada.make_da_pipeline(InSkada(aligner), LogisticRegression())


ONE = [
    SubspaceAlignment(1),
    TransferComponentAnalysis(1),
    SubspaceAlignment(2),
    CorrelationAlignment(),
    OptimalTransport(),
    DomainScaling(),
]


@pytest.mark.parametrize("aligner", ONE, ids=repr)
def test_subspace_estimator(aligner, da_dataset):
    run_subspace(_pipeline(aligner), da_dataset)


@pytest.mark.parametrize("aligner", ONE, ids=repr)
def test_mapping_estimator(aligner):
    run_mapping(_pipeline(aligner), _blobs([[0, 0], [1, 1]], 42))


@pytest.mark.parametrize(("n_samples", "n_features"), [(5, 3), (9, 3)])
def test_all_components_are_the_default(n_samples, n_features):
    run_width(InSkada(SubspaceAlignment()), n_samples, n_features, n_features)


@pytest.mark.xfail(strict=True, reason="centred rows have one direction less than there are rows: a last one is noise")
def test_as_many_components_as_rows():
    run_width(InSkada(SubspaceAlignment()), 3, 3, 3)


@pytest.fixture(params=[SubspaceAlignment(), TransferComponentAnalysis(), GeodesicFlowKernel(1)], ids=repr)
def ours(request, monkeypatch):
    """Let skada's cross-validation tests use one of these estimators where they use their own subspace alignment."""

    def build(n_components=None):
        # The geodesic needs fewer dimensions than half of the features, which are two here.
        return InSkada(request.param, None if isinstance(request.param, GeodesicFlowKernel) else n_components)

    monkeypatch.setitem(run_group_cv.__globals__, "SubspaceAlignmentAdapter", build)


# Folds of single domains, which no method adapts: skada's own tests ask for some scores, not for all.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("ours")
class TestCrossValidation:
    @pytest.mark.parametrize(
        ("cv", "n_splits"), [(GroupShuffleSplit(2, test_size=0.3, random_state=0), 2), (GroupKFold(2), 2),
                             (LeaveOneGroupOut(), 4)],
        ids=["shuffled", "folds", "one-out"],
    )  # fmt: skip
    def test_group_based_cv(self, da_dataset, cv, n_splits):
        run_group_cv(da_dataset, cv, n_splits)

    @pytest.mark.parametrize("cv", [SourceTargetShuffleSplit, DomainShuffleSplit, StratifiedDomainShuffleSplit])
    def test_domain_aware_split(self, da_dataset, cv):
        run_domain_split(da_dataset, cv(n_splits=4, test_size=0.3, random_state=0))

    @pytest.mark.parametrize(("asked", "n_splits"), [(2, 2), (10, 4)])
    def test_leave_one_domain_out(self, da_dataset, asked, n_splits):
        run_leave_one_out(da_dataset, asked, n_splits)

    def test_domain_shuffle_split(self, da_dataset):
        run_shuffle_split(da_dataset)


@pytest.fixture
def transfer(rng):
    y = rng.integers(0, 3, 240)
    X = rng.normal(size=(240, 6)) + 4 * np.eye(6)[y]
    turned = X @ np.linalg.qr(rng.normal(size=(6, 6)) + 3 * np.eye(6))[0] + 1
    return Transfer.from_arrays(X[:120], y[:120], turned[120:], y_target=y[120:])


def _added(monkeypatch, name, adapter):
    method = Method(name, "shallow", lambda row, seed: SampleDomainAdapter(adapter), adapts=True)
    monkeypatch.setitem(METHODS, name, method)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_adapter_of_skada_is_a_row(transfer, monkeypatch, n_jobs):
    _added(monkeypatch, "theirs", skada.SubspaceAlignmentAdapter(n_components=6))
    monkeypatch.setitem(
        METHODS, "ours", Method("ours", "shallow", lambda row, seed: SubspaceAlignment(6), adapts=True)
    )  # all six directions: any fewer may be told apart by rounding
    results = compare(
        transfer, methods=["source-only", "theirs", "ours"], network={"name": "none"}, seeds=[0], n_jobs=n_jobs
    )
    rows = {row["method"]: row for row in results.data["rows"]}
    assert [row["reason"] for row in rows.values()] == [None] * 3
    assert rows["theirs"]["confusion"] == rows["ours"]["confusion"]


def test_both_align_alike(transfer):
    X, X_target = transfer.source.X, transfer.target.X
    theirs = SampleDomainAdapter(skada.SubspaceAlignmentAdapter(n_components=3))
    ours = SubspaceAlignment(3)
    for domain in ("source", "target"):
        a, b = (
            aligner.fit(X, X_target=X_target).transform(X if domain == "source" else X_target, domain=domain)
            for aligner in (theirs, ours)
        )
        np.testing.assert_allclose(np.abs(a), np.abs(b), atol=1e-10)


def test_both_correlate_alike(transfer):
    X, X_target = transfer.source.X, transfer.target.X
    theirs = SampleDomainAdapter(skada.CORALAdapter(reg=0.0)).fit_transform(X, X_target=X_target)
    ours = CorrelationAlignment(0.0, centre="both", ddof=0).fit_transform(X, X_target=X_target)
    np.testing.assert_allclose(theirs - theirs.mean(axis=0), ours - ours.mean(axis=0), atol=1e-8)
