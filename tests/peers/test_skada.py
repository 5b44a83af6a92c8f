"""Run skada's own test functions, from the installed package, on the estimators of this one.

Left out are those that look inside skada's classes (names of steps, attributes, what a constructor refuses), those of
weights for rows that were not in the fit (ours weight only the rows of the fit), and deep networks.
"""

import os

import numpy as np
import pytest

if os.environ.get("DACOMPARE_PEERS") != "skada":
    pytest.skip(
        "`tox -e skada` runs these by themselves: importing skada changes scikit-learn's settings for all tests",
        allow_module_level=True,
    )

from skada import make_da_pipeline
from skada.base import BaseAdapter
from skada.tests import test_cv as cv
from skada.tests import test_mapping as mapping
from skada.tests import test_pipeline as pipeline
from skada.tests import test_reweight as reweight
from skada.tests import test_scorer as scorer
from skada.tests import test_selector as selector
from skada.tests import test_subspace as subspace
from skada.utils import check_X_domain, extract_source_indices, source_target_merge, source_target_split
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_validate

import dacompare
from dacompare.shallow import kernel_mean_matching_weights

# What skada's tests are warned of, in most cases on purpose: here, warnings are errors.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore:{what}")
    for what in (
        ":sklearn.exceptions.FitFailedWarning",  # a fold without any target row
        "Scoring failed",
        "The `return_X_y` parameter is deprecated",
        "The predicted target domain labels",  # all the same
        "Pass sample_weight=",  # by name
    )
]

# Most toys have two features, where a geodesic has room for one dimension, and two tight heaps, on which Sinkhorn's
# iterations end in time with a strong entropy only.
ALIGNERS = {
    "sa": dacompare.SubspaceAlignment(2),
    "gfk": dacompare.GeodesicFlowKernel(1),
    "pca": dacompare.CommonSubspace(1),
    "landmark-gfk": dacompare.LandmarkFlowKernel(1),
    "sgf": dacompare.SamplingGeodesicFlow(1),
    "tca": dacompare.TransferComponentAnalysis(2),
    "dip": dacompare.DomainInvariantProjection(2, random_state=0),
    "coral": dacompare.CorrelationAlignment(0.01, centre="both"),
    "zscore": dacompare.DomainScaling(),
    "ot-linear": dacompare.OptimalTransport("linear"),
    "ot-emd": dacompare.OptimalTransport("emd"),
    "ot-sinkhorn": dacompare.OptimalTransport("sinkhorn", reg=1.0),
    "msda": dacompare.MarginalisedDenoising(),
    "dlid": dacompare.InterpolatedPath(2, n_atoms=8, random_state=0),
}
WEIGHTS = {
    "kmm": lambda X, X_target, y: kernel_mean_matching_weights(X, X_target),
    "landmarks": lambda X, X_target, y: dacompare.LandmarkSelection().fit(X, y, X_target=X_target).weights_,
}


class Aligned(BaseAdapter):
    """An aligner behind skada's contract: domains in one array, told apart by `sample_domain`."""

    def __init__(self, aligner):
        self.aligner = aligner

    def fit(self, X, y=None, *, sample_domain=None):
        X, sample_domain = check_X_domain(X, sample_domain)
        X_source, X_target, y_source, _ = source_target_split(X, y, sample_domain=sample_domain)
        self.aligner_ = clone(self.aligner).fit(X_source, y_source, X_target=X_target)
        return self

    def fit_transform(self, X, y=None, *, sample_domain=None):
        self.fit(X, y, sample_domain=sample_domain)
        return self.transform(X, sample_domain=sample_domain, allow_source=True)

    def transform(self, X, y=None, *, sample_domain=None, allow_source=False):
        X, sample_domain = check_X_domain(X, sample_domain, allow_source=allow_source)
        parts = zip(source_target_split(X, sample_domain=sample_domain), ("source", "target"), strict=True)
        mapped = [self.aligner_.transform(rows, domain=domain) if len(rows) else rows for rows, domain in parts]
        return source_target_merge(*mapped, sample_domain=sample_domain)[0]


class Weighted(BaseAdapter):
    """Weights of source rows behind the same contract."""

    def __init__(self, weigh):
        self.weigh = weigh

    def fit_transform(self, X, y=None, *, sample_domain=None):
        X, sample_domain = check_X_domain(X, sample_domain)
        X_source, X_target, y_source, _ = source_target_split(X, y, sample_domain=sample_domain)
        weights = np.zeros(len(X))
        weights[extract_source_indices(sample_domain)] = self.weigh(X_source, X_target, y_source)
        self.fitted_ = True  # what skada's transform asks for
        return X, {"sample_weight": weights}


def adapter(name, n_components=None):
    """Return one of ours as skada would take it."""
    if name in WEIGHTS:
        return Weighted(WEIGHTS[name])
    aligner = clone(ALIGNERS[name])
    if n_components and "n_components" in aligner.get_params():
        aligner.set_params(n_components=n_components)
    return Aligned(aligner)


def cases(*functions):
    """Parametrise with functions of skada's tests, each beside every set of arguments that it is run with there."""
    found = []
    for function in functions:
        mark = next((mark for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"), None)
        names, values = ([], [()]) if mark is None else (mark.args[0].split(", "), mark.args[1])
        for value in values:
            arguments = dict(zip(names, value if len(names) != 1 else [value], strict=True))
            name = "-".join([function.__name__, *map(_short, arguments.values())])
            found.append(pytest.param(function, arguments, id=name))
    return pytest.mark.parametrize(("function", "arguments"), found)


def _short(argument):
    return str(argument) if isinstance(argument, int | tuple) else type(argument).__name__


def but(failures):
    """Return the names of all aligners, those marked that fail for a known reason."""
    marks = {name: pytest.mark.xfail(reason=reason, strict=True) for name, reason in failures.items()}
    return pytest.mark.parametrize("name", [pytest.param(name, marks=marks.get(name, ())) for name in ALIGNERS])


every_aligner = but({})
# All but one, which learns from classes of the source: a regression has none.
every_unsupervised_aligner = pytest.mark.parametrize("name", [name for name in ALIGNERS if name != "landmark-gfk"])


@but({"dip": "the domains differ along the line between the classes, and the projection on one dimension avoids it"})
def test_subspaces(name, da_dataset):
    subspace.test_subspace_estimator(make_da_pipeline(adapter(name, 1), LogisticRegression()), da_dataset)


RANK = "centred rows are one dimension fewer than rows; skada counts a direction without variance as well"


@pytest.mark.parametrize(
    ("name", "n_samples", "n_features", "expected"),
    [
        ("sa", 5, 3, 3),
        pytest.param("sa", 3, 3, 3, marks=pytest.mark.xfail(reason=RANK, strict=True)),
        ("tca", 5, 3, 3),
        ("tca", 2, 3, 3),
        pytest.param("tca", 2, 5, 4, marks=pytest.mark.xfail(reason=RANK, strict=True)),
    ],
)
def test_default_number_of_components(name, n_samples, n_features, expected):
    default = Aligned(clone(ALIGNERS[name]).set_params(n_components=None))
    subspace.test_subspace_default_n_components(default, n_samples, n_features, expected)


@every_aligner
@pytest.mark.parametrize("function", [mapping.test_mapping_estimator, mapping.test_mapping_source_samples])
def test_mappings(function, name, da_blobs_dataset):
    function(make_da_pipeline(adapter(name), LogisticRegression()), da_blobs_dataset)


@every_unsupervised_aligner
def test_mappings_in_a_regression(name):
    mapping.test_reg_mapping_estimator(make_da_pipeline(adapter(name), Ridge()))


@every_unsupervised_aligner
@pytest.mark.parametrize("function", [mapping.test_new_X_adapt, mapping.test_reg_new_X_adapt])
def test_new_rows(function, name):
    function(adapter(name))


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights(name, da_dataset):
    head = LogisticRegression().set_fit_request(sample_weight=True)
    reweight.test_reweight_estimator(make_da_pipeline(adapter(name), head), da_dataset)


def test_weights_in_a_regression():
    head = Ridge().set_fit_request(sample_weight=True)
    reweight.test_reg_reweight_estimator(make_da_pipeline(adapter("kmm"), head))


@cases(reweight.test_adaptation_output_propagation_multiple_steps)
def test_weights_pass_other_steps(function, arguments, da_reg_dataset, monkeypatch):
    monkeypatch.setattr(reweight, "DensityReweightAdapter", lambda: adapter("kmm"))
    function(da_reg_dataset, **arguments)


every_splitter = cases(
    cv.test_group_based_cv, cv.test_domain_aware_split, cv.test_leave_one_domain_out, cv.test_domain_shuffle_split
)


@every_aligner
@every_splitter
def test_cross_validation(function, arguments, name, da_dataset, monkeypatch):
    monkeypatch.setattr(cv, "SubspaceAlignmentAdapter", lambda n_components: adapter(name))
    function(da_dataset, **arguments)


@every_splitter
def test_subspace_alignment_has_the_scores_of_skadas_own_in_every_fold(function, arguments, da_dataset, monkeypatch):
    scores = []

    def noted(*args, **options):
        scores.append(cross_validate(*args, **options))
        return scores[-1]

    monkeypatch.setattr(cv, "cross_validate", noted)
    function(da_dataset, **arguments)
    monkeypatch.setattr(cv, "SubspaceAlignmentAdapter", lambda n_components: adapter("sa"))
    function(da_dataset, **arguments)
    theirs, ours = (result["test_score"] for result in scores)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)


@every_aligner
def test_pipelines(name, da_dataset, monkeypatch):
    monkeypatch.setattr(pipeline, "SubspaceAlignmentAdapter", lambda n_components: adapter(name))
    pipeline.test_pipeline(da_dataset)


@every_aligner
@cases(pipeline.test_allow_nd_x)
def test_steps_in_front_that_flatten(function, arguments, name, monkeypatch):
    monkeypatch.setattr(pipeline, "CORALAdapter", lambda: adapter(name))
    function(**arguments)


@every_aligner
def test_masked_rows_reach_the_adapter(name):
    selector.test_base_selector_remove_masked(adapter(name))


@pytest.mark.parametrize("name", ["kmm", "sa", "coral"])
@cases(
    scorer.test_generic_scorer_with_cross_validate,
    scorer.test_generic_scorer_with_cross_val_score,
    scorer.test_supervised_scorer,
    scorer.test_scorer_with_entropy_requires_predict_proba,
    scorer.test_prediction_entropy_scorer_reduction,
    scorer.test_circular_validation,
    scorer.test_mixval_scorer,
    scorer.test_mano_scorer,
)
def test_scorers(function, arguments, name, da_dataset, monkeypatch):
    monkeypatch.setattr(scorer, "DensityReweightAdapter", lambda: adapter(name))
    function(da_dataset=da_dataset, **arguments)


@every_aligner
def test_a_scorer_of_probabilities(name, monkeypatch):
    monkeypatch.setattr(scorer, "SubspaceAlignmentAdapter", lambda n_components: adapter(name))
    scorer.test_scorer_with_log_proba()
