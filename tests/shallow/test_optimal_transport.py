import doctest
import os
import pickle
import sys
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline

from dacompare.shallow import linear_svm
from dacompare.shallow.optimal_transport import OptimalTransport, optimal_transport
from tests.estimator_battery import assert_passes_the_battery

METHODS = ("linear", "emd", "sinkhorn")


@pytest.fixture
def da():
    return pytest.importorskip("ot.da", reason="POT is not installed")


@pytest.fixture
def domains(rng):
    return rng.normal(size=(60, 4)), rng.normal(size=(50, 4)) * [1.0, 2.0, 0.5, 1.0] + 3


class Adapting(OptimalTransport):
    """Meets a target wherever scikit-learn's checks give none, and moves rows wherever they name no domain."""

    def _learn(self, X, X_target, y):
        super()._learn(X, X[::-1] * 1.5 + 1, y)

    def transform(self, X, *, domain="source"):
        return super().transform(X, domain=domain)


def classes(rng, shares, n=200):
    y = (np.arange(n) < shares * n).astype(int)
    return np.stack([4.0 * y - 2, np.zeros(n)], axis=1) + rng.normal(size=(n, 2)), y


def accuracy(Z_source, y_source, Z_target, y_target):
    return linear_svm().fit(Z_source, y_source).score(Z_target, y_target)


def test_it_is_what_pot_gives(da, domains, rng):
    X_source, X_target = domains
    variance = (X_source.var(axis=0).mean() + X_target.var(axis=0).mean()) / 2
    median = np.median(((X_source[:, None] - X_target) ** 2).sum(axis=2))
    theirs = {
        "linear": da.LinearTransport(reg=0.01 * variance),
        "emd": da.EMDTransport(),
        "sinkhorn": da.SinkhornTransport(reg_e=0.1 * median, out_of_sample_map="ferradans"),
    }
    new = rng.normal(size=(300, 4))
    for method, reg in zip(METHODS, (0.01, None, 0.1), strict=True):
        ours = OptimalTransport(method, reg=reg).fit(X_source, X_target=X_target)
        pot = theirs[method].fit(Xs=X_source, Xt=X_target)
        np.testing.assert_allclose(ours.transform(X_source, domain="source"), pot.transform(Xs=X_source), atol=1e-10)
        np.testing.assert_allclose(ours.transform(new, domain="source"), pot.transform(Xs=new), atol=1e-10)
        np.testing.assert_array_equal(ours.transform(X_target), X_target)


def test_sinkhorns_two_maps_agree_on_the_rows_of_the_fit(da, domains):
    continuous = da.SinkhornTransport(reg_e=0.1, norm="median").fit(Xs=domains[0], Xt=domains[1])
    ours, _ = optimal_transport(*domains, method="sinkhorn", reg=0.1)
    np.testing.assert_allclose(ours, continuous.transform(Xs=domains[0]), atol=1e-5)


def test_the_exact_plan_undoes_a_shift(da, rng):
    X_source, shift = rng.normal(size=(40, 3)), np.array([5.0, -7.0, 1.0])
    Z_source, _ = optimal_transport(X_source, X_source[::-1] + shift, method="emd")
    np.testing.assert_allclose(Z_source, X_source + shift, atol=1e-10)


def test_the_linear_plan_undoes_a_symmetric_map(da, rng):
    X_source, stretch = rng.normal(size=(40, 2)), np.array([[2.0, 0.5], [0.5, 1.0]])
    Z_source, _ = optimal_transport(X_source, X_source @ stretch + [5.0, -7.0], reg=1e-10)
    np.testing.assert_allclose(Z_source, X_source @ stretch + [5.0, -7.0], atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_the_mean_of_the_moved_source_is_that_of_the_target(da, domains, method):
    Z_source, _ = optimal_transport(*domains, method=method, reg=0.1)
    np.testing.assert_allclose(Z_source.mean(axis=0), domains[1].mean(axis=0), atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_it_helps_where_the_target_is_stretched_and_shifted(da, rng, method):
    (X_source, y_source), (X_target, y_target) = classes(rng, 0.5), classes(rng, 0.5)
    X_target = X_target * [2.0, 0.5] + [6.0, 0.0]
    assert accuracy(X_source, y_source, X_target, y_target) < 0.75
    Z_source, Z_target = optimal_transport(X_source, X_target, method=method)
    assert accuracy(Z_source, y_source, Z_target, y_target) > 0.93


@pytest.mark.parametrize("method", METHODS)
def test_it_hurts_where_only_the_shares_of_the_classes_differ(da, rng, method):
    (X_source, y_source), (X_target, y_target) = classes(rng, 0.5), classes(rng, 0.1)
    plain = accuracy(X_source, y_source, X_target, y_target)
    Z_source, Z_target = optimal_transport(X_source, X_target, method=method)
    # Four tenths of the source, all of class 1, have to land on class 0.
    assert plain > 0.93
    assert accuracy(Z_source, y_source, Z_target, y_target) < 0.8


@pytest.mark.parametrize("method", METHODS)
def test_it_does_not_depend_on_the_unit_of_the_features(da, domains, method):
    Z_source, _ = optimal_transport(*domains, method=method)
    scaled, _ = optimal_transport(*(1000 * X for X in domains), method=method)
    np.testing.assert_allclose(scaled / 1000, Z_source, atol=1e-6)


def test_more_entropy_draws_the_source_to_the_mean_of_the_target(da, domains):
    spread = [optimal_transport(*domains, method="sinkhorn", reg=reg)[0].std(axis=0).max() for reg in (0.05, 0.5, 50.0)]
    assert spread[0] > spread[1] > 20 * spread[2]


@pytest.mark.parametrize("method", ["emd", "sinkhorn"])
def test_rows_beyond_max_rows_move_along_with_their_neighbours(da, domains, method):
    X_source, X_target = domains
    few = OptimalTransport(method, max_rows=20, random_state=0).fit(X_source, X_target=X_target)
    assert few.transport_.coupling_.shape == (20, 20)
    Z_source = few.transform(X_source, domain="source")
    drawn = few.transport_.xs_ + few.centre_
    nearest = ((X_source[:, None] - drawn) ** 2).sum(axis=2).argmin(axis=1)
    moved = few.transform(drawn, domain="source") - drawn
    np.testing.assert_allclose(Z_source - X_source, moved[nearest], atol=1e-10)
    again = OptimalTransport(method, max_rows=20, random_state=0).fit(X_source, X_target=X_target)
    np.testing.assert_array_equal(again.transform(X_source, domain="source"), Z_source)


def test_memory_is_checked_and_the_ways_out_work(da, domains):
    words = r"emd transport needs .* 60 x 50.*pass max_rows=45, or method='linear'"
    with pytest.raises(MemoryError, match=words):
        OptimalTransport("emd", max_memory=100_000).fit(domains[0], X_target=domains[1])
    for way_out in (OptimalTransport("emd", max_memory=100_000, max_rows=45), OptimalTransport(max_memory=100_000)):
        assert np.isfinite(way_out.fit_transform(domains[0], X_target=domains[1])).all()
    with pytest.raises(MemoryError, match=r"linear transport needs .* 4 x 4.*reduce the features"):
        OptimalTransport(max_memory=100).fit(domains[0], X_target=domains[1])


@pytest.mark.parametrize("method", METHODS)
def test_hostile_rows_give_finite_numbers(da, rng, method):
    wide = rng.normal(size=(5, 30))
    dead, far = rng.normal(size=(20, 3)) * [1, 0, 1], rng.normal(size=(20, 3))
    far[0] = 1e4
    ones, twice, mostly = np.ones((4, 3)), np.repeat(dead, 2, axis=0), np.zeros((20, 3))
    mostly[0] = 1
    pairs = [(wide, wide[:2] + 1), (dead, far + 1), (far, dead), (twice, far), (ones, far), (ones, ones + 0)]
    for X_source, X_target in [*pairs, (mostly, mostly + 0)]:
        with warnings.catch_warnings():
            # With an outlier as far as this, POT says that its iterations were too few.
            warnings.filterwarnings("ignore", "Sinkhorn did not converge")
            Z_source, _ = optimal_transport(X_source, X_target, method=method)
        assert np.isfinite(Z_source).all()


def test_new_rows_far_from_everything_stay_finite(da, domains):
    for method in METHODS:
        aligner = OptimalTransport(method).fit(domains[0], X_target=domains[1])
        assert np.isfinite(aligner.transform([[1e6] * 4], domain="source")).all()


def test_a_regularisation_that_is_too_small_is_named(da, rng):
    X_source, X_target = rng.normal(size=(6, 30)), rng.normal(size=(5, 30))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match=r"'linear' transport with reg=1e-14; pass a larger"):
            optimal_transport(X_source, X_target, reg=1e-14)


def test_environment_variables_stay_as_they_are(da, domains):
    before = dict(os.environ)
    optimal_transport(*domains)
    assert dict(os.environ) == before
    assert not [name for name in os.environ if name.startswith("POT_BACKEND")]


def test_read_only_inputs_are_left_as_they_are(da, domains):
    before = [X.copy() for X in domains]
    for X in domains:
        X.flags.writeable = False
    for method in METHODS:
        optimal_transport(*domains, method=method)
    for X, old in zip(domains, before, strict=True):
        np.testing.assert_array_equal(X, old)


@pytest.mark.parametrize("method", METHODS)
def test_what_the_caller_does_to_the_rows_later_changes_nothing(da, domains, method):
    X_source, X_target = domains
    aligner = OptimalTransport(method).fit(X_source, X_target=X_target)
    new = X_source[:5] + 0.1
    before = aligner.transform(new, domain="source")
    X_source[:], X_target[:] = 0, 0
    np.testing.assert_array_equal(aligner.transform(new, domain="source"), before)


@pytest.mark.parametrize("method", METHODS)
def test_clone_pickle_and_names(da, domains, method):
    aligner = OptimalTransport(method).fit(domains[0], X_target=domains[1])
    again = pickle.loads(pickle.dumps(aligner))
    new = domains[0] + 0.1
    np.testing.assert_array_equal(again.transform(new, domain="source"), aligner.transform(new, domain="source"))
    assert clone(aligner).get_params()["method"] == method
    assert len(aligner.get_feature_names_out()) == 4


def test_labels_may_be_strings(da, rng):
    (X_source, y_source), (X_target, y_target) = classes(rng, 0.5), classes(rng, 0.5)
    X_target[:, 0] += 9
    labels = np.array(["cat", "dog"])
    pipeline = make_pipeline(OptimalTransport("emd"), linear_svm())
    pipeline.fit(X_source, labels[y_source], optimaltransport__X_target=X_target)
    assert (pipeline.predict(X_target) == labels[y_target]).mean() > 0.93


def test_the_examples_of_the_docstrings_run(da):
    for thing in (optimal_transport, OptimalTransport):
        text = thing.__doc__.replace("  # doctest: +SKIP", "")
        names = vars(sys.modules[thing.__module__]).copy()
        test = doctest.DocTestParser().get_doctest(text, names, thing.__name__, None, 0)
        assert len(test.examples) == 2
        assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize("method", METHODS)
def test_check_estimator_with_a_target(da, method):
    assert_passes_the_battery(Adapting(method, reg=0.5))


# From here on without POT.


def test_check_estimator_without_a_target():
    assert_passes_the_battery(OptimalTransport())


def test_without_pot_the_error_says_what_to_install(monkeypatch, domains):
    monkeypatch.setitem(sys.modules, "ot", None)
    monkeypatch.setitem(sys.modules, "ot.da", None)
    with pytest.raises(ImportError, match="pip install POT"):
        OptimalTransport().fit(domains[0], X_target=domains[1])
    np.testing.assert_array_equal(OptimalTransport().fit_transform(domains[0]), domains[0])


def test_without_a_target_nothing_moves(domains):
    for method in METHODS:
        aligner = OptimalTransport(method).fit(domains[0])
        np.testing.assert_array_equal(aligner.transform(domains[0], domain="source"), domains[0])
        assert aligner.transform(domains[1]) is not domains[1]


@pytest.mark.parametrize(
    ("parameters", "error", "words"),
    [
        ({"method": "sinkorn"}, ValueError, "method must be one of .*'sinkorn', did you mean 'sinkhorn'"),
        ({"reg": 0.0}, ValueError, "reg must be a number above 0, got 0.0"),
        ({"method": "sinkhorn", "reg": "auto"}, TypeError, "reg must be a number above 0"),
        ({"max_rows": 1}, ValueError, "max_rows must be a whole number from 2 on, got 1"),
        ({"max_rows": 2.5}, TypeError, "max_rows must be a whole number"),
    ],
)
def test_parameters_that_cannot_be_are_named(domains, parameters, error, words):
    with pytest.raises(error, match=words):
        OptimalTransport(**parameters).fit(domains[0], X_target=domains[1])


def test_rows_that_cannot_be_are_named(domains):
    with pytest.raises(ValueError, match="NaN"):
        optimal_transport(np.full((5, 4), np.nan), domains[1])
    with pytest.raises(ValueError, match="X_target has 3 features, but X has 4"):
        optimal_transport(domains[0], domains[1][:, :3])
    with pytest.raises(ValueError, match="minimum of 2"):
        optimal_transport(domains[0][:1], domains[1])


def test_too_few_steps_are_warned_of_in_the_words_of_the_parameters(da, domains):
    X, X_target = domains
    with pytest.warns(ConvergenceWarning, match=r"raise max_iter \(now 2\) or reg"):
        OptimalTransport("sinkhorn", reg=0.001, max_iter=2).fit(X, X_target=X_target)
    with pytest.raises(ValueError, match="max_iter must be a whole number from 1 on"):
        OptimalTransport("sinkhorn", max_iter=0).fit(X, X_target=X_target)


@pytest.mark.parametrize("method", METHODS)
def test_where_both_domains_lie_together_does_not_count(da, rng, method):
    X_source, X_target = rng.normal(size=(60, 3)), rng.normal(size=(50, 3)) + 1
    expected = optimal_transport(X_source, X_target, method=method)[0]
    far = optimal_transport(X_source + 1e8, X_target + 1e8, method=method)[0] - 1e8
    np.testing.assert_allclose(far, expected, atol=1e-4)
