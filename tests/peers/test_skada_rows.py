"""Let adapters of skada be rows of a comparison, and compare them with our own estimators."""

import os
import re
from pathlib import Path

import numpy as np
import pytest

if os.environ.get("DACOMPARE_PEERS") != "skada":
    pytest.skip(
        "`tox -e skada` runs these by themselves: importing skada changes scikit-learn's settings for all tests",
        allow_module_level=True,
    )

import skada
import sklearn

from dacompare import (
    METHODS,
    CorrelationAlignment,
    OptimalTransport,
    SubspaceAlignment,
    Transfer,
    compare,
)
from dacompare.methods import Method
from dacompare.shallow import SampleDomainAligner, SampleDomainWeighting, kernel_mean_matching_weights
from dacompare.shallow.kernels import kernel_matrix

PAGE = Path(__file__).parents[2] / "docs" / "methods.md"

# Some of these adapters cause warnings in torch, POT and scikit-learn.
warned = pytest.mark.filterwarnings("ignore::UserWarning")

ALIGNERS = {
    "CORALAdapter": {},
    "ClassRegularizerOTMappingAdapter": {},
    "EntropicOTMappingAdapter": {},
    "LinearOTMappingAdapter": {},
    "MMDLSConSMappingAdapter": {"gamma": 1e-3, "max_iter": 5},
    "MultiLinearMongeAlignmentAdapter": {},
    "OTMappingAdapter": {},
    "SubspaceAlignmentAdapter": {"n_components": 2},
    "TransferComponentAnalysisAdapter": {"n_components": 2},
    "TransferJointMatchingAdapter": {"n_components": 2},
    "TransferSubspaceLearningAdapter": {"n_components": 2},
}
WEIGHTINGS = {
    "DensityReweightAdapter": {},
    "DiscriminatorReweightAdapter": {},
    "GaussianReweightAdapter": {},
    "KLIEPReweightAdapter": {"gamma": 1.0, "random_state": 0},
    "KMMReweightAdapter": {},
    "MMDTarSReweightAdapter": {"gamma": 1.0},
    "NearestNeighborReweightAdapter": {},
}
LABELLING = ["JCPOTLabelPropAdapter", "OTLabelPropAdapter"]


@pytest.fixture
def domains(rng):
    mix = rng.normal(size=(5, 5))
    return rng.normal(size=(60, 5)) @ mix + 1, np.arange(60) % 3, rng.normal(size=(50, 5)) @ mix[::-1] - 1


@pytest.fixture
def transfer(rng):
    """Return two overlapping classes, and in the target the same ones turned by 60 degrees and moved."""
    y, y_target = np.arange(120) % 2, np.arange(100) % 2
    X, X_target = (rng.normal(size=(len(labels), 6)) * [3, 1, 0.3, 0.3, 0.3, 0.3] for labels in (y, y_target))
    X[:, 0] += 4 * y
    X_target[:, 0] += 4 * y_target
    turn = np.eye(6)
    turn[:2, :2] = [[0.5, 0.75**0.5], [-(0.75**0.5), 0.5]]
    with pytest.warns(UserWarning, match="columns differ in spread"):  # on purpose: they say which directions turn
        return Transfer.from_arrays(X, y, X_target @ turn + 2, y_target)


def both(ours, theirs, domains):
    """Return source and target rows as our aligner and as an adapter of skada map them."""
    X, y, X_target = domains
    maps = [ours, SampleDomainAligner(theirs)]
    for aligner in maps:
        aligner.fit(X, y, X_target=X_target)
    return [(aligner.transform(X, domain="source"), aligner.transform(X_target)) for aligner in maps]


def given_by(adapter, domains):
    """Return what an adapter of skada gives where skada calls it."""
    X, y, X_target = domains
    stacked, labels = np.concatenate([X, X_target]), np.concatenate([y, np.full(len(X_target), -1)])
    sample_domain = np.repeat([1, -2], [len(X), len(X_target)])
    return sklearn.clone(adapter).fit_transform(stacked, labels, sample_domain=sample_domain)


def row(name, build, monkeypatch):
    monkeypatch.setitem(METHODS, name, Method(name, "shallow", lambda row, seed: build(), adapts=True))


def rows_of(transfer, methods):
    results = compare(transfer, methods=["source-only", *methods], network={"name": "none"}, seeds=[0], n_jobs=1)
    return {found["method"]: found for found in results.data["rows"]}


def test_subspace_alignment_is_the_same_but_for_signs(domains):
    ours, theirs = both(SubspaceAlignment(3), skada.SubspaceAlignmentAdapter(n_components=3), domains)
    signs = np.sign((ours[1] * theirs[1]).sum(axis=0))
    for own, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(own * signs, other, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("reg", [None, 0.0])
def test_coral_is_the_same_without_regularisation(reg, domains):
    own = CorrelationAlignment(0.0, centre="both", ddof=0)
    for ours, theirs in zip(*both(own, skada.CORALAdapter(reg=reg), domains), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


def test_exact_optimal_transport_is_the_same(domains):
    for ours, theirs in zip(*both(OptimalTransport("emd"), skada.OTMappingAdapter(), domains), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


def test_linear_optimal_transport_is_the_same(domains):
    X, _, X_target = domains
    unit = (X.var(axis=0).mean() + X_target.var(axis=0).mean()) / 2
    pair = both(OptimalTransport("linear", reg=0.01), skada.LinearOTMappingAdapter(reg=0.01 * unit), domains)
    for ours, theirs in zip(*pair, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


def test_kernel_mean_matching_has_the_same_optimum(domains):
    """skada's default solver stops a little above it."""
    X, _, X_target = domains
    K, kappa = kernel_matrix(X, gamma=0.1), len(X) * kernel_matrix(X, X_target, gamma=0.1).mean(axis=1)
    ours = kernel_mean_matching_weights(X, X_target, gamma=0.1)
    reached = {"ours": 0.5 * ours @ K @ ours - kappa @ ours}
    for solver in ("scipy", "frank-wolfe"):
        weights = given_by(skada.KMMReweightAdapter(gamma=0.1, solver=solver), domains)[1]["sample_weight"][:60]
        reached[solver] = 0.5 * weights @ K @ weights - kappa @ weights
        np.testing.assert_allclose(weights, ours, atol={"scipy": 0.005, "frank-wolfe": 0.5}[solver])
    assert reached["ours"] <= reached["scipy"] < reached["frank-wolfe"]
    np.testing.assert_allclose(reached["scipy"], reached["ours"], rtol=1e-7)


def test_every_adapter_of_skada_is_accounted_for():
    found = {name for name in dir(skada) if name.endswith("Adapter") and name != "BaseAdapter"}
    assert found == {*ALIGNERS, *WEIGHTINGS, *LABELLING}


@warned
@pytest.mark.parametrize("name", ALIGNERS)
def test_an_adapter_that_maps_gives_what_it_gives_in_skada(name, domains):
    X, y, X_target = domains
    adapter = getattr(skada, name)(**ALIGNERS[name])
    aligner = SampleDomainAligner(adapter).fit(X, y, X_target=X_target)
    expected = given_by(adapter, domains)
    np.testing.assert_allclose(aligner.transform(X, domain="source"), expected[:60], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(aligner.transform(X_target), expected[60:], rtol=1e-10, atol=1e-12)


@warned
@pytest.mark.parametrize("name", WEIGHTINGS)
def test_an_adapter_that_weights_gives_what_it_gives_in_skada(name, domains):
    X, y, X_target = domains
    adapter = getattr(skada, name)(**WEIGHTINGS[name])
    weights = SampleDomainWeighting(adapter).fit(X, y, X_target=X_target).weights_
    expected = given_by(adapter, domains)[1]["sample_weight"][:60]
    np.testing.assert_allclose(weights, expected / expected.mean(), rtol=1e-10, atol=1e-12)


@warned
@pytest.mark.parametrize("name", LABELLING)
def test_an_adapter_that_labels_target_rows_is_refused(name, domains):
    X, y, X_target = domains
    with pytest.raises(TypeError, match="gives rows and labels, not rows alone"):
        SampleDomainAligner(getattr(skada, name)()).fit(X, y, X_target=X_target)


def test_rows_of_skada_and_our_own_agree(transfer, monkeypatch):
    row("ours-sa", lambda: SubspaceAlignment(2), monkeypatch)
    row("skada-sa", lambda: SampleDomainAligner(skada.SubspaceAlignmentAdapter(n_components=2)), monkeypatch)
    row("ours-coral", lambda: CorrelationAlignment(0.0, centre="both", ddof=0), monkeypatch)
    row("skada-coral", lambda: SampleDomainAligner(skada.CORALAdapter(reg=0.0)), monkeypatch)
    row("skada-kmm", lambda: SampleDomainWeighting(skada.KMMReweightAdapter()), monkeypatch)
    found = rows_of(transfer, ["ours-sa", "skada-sa", "ours-coral", "skada-coral", "skada-kmm"])
    assert {name["status"] for name in found.values()} == {"ok"}
    for method in ("sa", "coral"):
        ours, theirs = found[f"ours-{method}"], found[f"skada-{method}"]
        for key in ("target_accuracy", "source_accuracy", "confusion"):
            assert ours[key] == theirs[key]
    # The rows are told apart by what they do, not by chance.
    assert found["ours-sa"]["confusion"] != found["ours-coral"]["confusion"] != found["source-only"]["confusion"]


def test_the_setting_that_skada_changes_leaves_our_rows_alone(transfer):
    assert sklearn.get_config()["enable_metadata_routing"]
    methods = ["sa", "coral", "kmm", "landmarks", "ot"]
    changed = rows_of(transfer, methods)
    with sklearn.config_context(enable_metadata_routing=False):
        plain = rows_of(transfer, methods)
    for method in ("source-only", *methods):
        assert changed[method]["status"] == "ok", changed[method]["reason"]
        assert changed[method]["confusion"] == plain[method]["confusion"]


def test_the_example_of_the_documentation():
    names = {"__name__": "docs"}
    blocks = re.findall(r"```(python|python skada)\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.S)
    assert "python skada" in dict(blocks)
    for _, block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    assert {found["status"] for found in names["results"].data["rows"]} == {"ok"}
    assert any(found["method"].startswith("skada") for found in names["results"].data["rows"])
