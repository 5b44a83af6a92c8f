"""Columns of a target in another order are other features: nobody may learn from them in silence."""

import inspect

import numpy as np
import pytest

import dacompare
from dacompare import Domain, SubspaceSweep, proxy_a_distance
from dacompare.divergence import MEASURES, combined_error
from dacompare.domains.checks import check_same_columns

pd = pytest.importorskip("pandas")
NAMES = ["a", "b", "c", "d"]
MESSAGE = "must have the columns of X.* in the same order, but column 0 is 'd' there and 'a' in X"


@pytest.fixture
def frames(rng):
    y = np.arange(60) % 2
    X = rng.normal(size=(60, 4)) + 2 * y[:, None]
    return pd.DataFrame(X, columns=NAMES), y, pd.DataFrame(X + np.array([3, 0, -3, 0]), columns=NAMES)


def estimators():
    found = {name: getattr(dacompare, name) for name in dacompare.__all__}
    classes = {name: one for name, one in found.items() if inspect.isclass(one) and hasattr(one, "fit")}
    takes = {name: one for name, one in classes.items() if "X_target" in inspect.signature(one.fit).parameters}
    return {name: one for name, one in takes.items() if name not in ("AdaptationPipeline", "OptimalTransport")}


def made(name, estimator):
    own = inspect.signature(estimator).parameters
    return estimator(**{key: value for key, value in {"max_steps": 5, "n_components": 1}.items() if key in own})


def test_there_are_estimators_to_ask():
    assert {"DomainScaling", "KernelMeanMatching", "SubspaceSweep", "DANNClassifier"} <= set(estimators())


@pytest.mark.parametrize("name", estimators())
@pytest.mark.parametrize("as_domain", [False, True])
def test_a_target_in_another_order_is_refused(name, as_domain, frames):
    X, y, target = frames
    turned = target[NAMES[::-1]]
    estimator = SubspaceSweep((1, 2)) if name == "SubspaceSweep" else made(name, estimators()[name])
    with pytest.raises(ValueError, match=f"{MESSAGE}|feature names should match"):
        estimator.fit(X, y, X_target=Domain(turned) if as_domain else turned)


def test_the_right_order_is_taken_without_a_word(frames, recwarn):
    X, y, target = frames
    SubspaceSweep((1, 3)).fit(X, y, X_target=target).predict(target)
    dacompare.DomainScaling().fit(X, X_target=target).transform(target)
    assert not [warning for warning in recwarn if "feature names" in str(warning.message)]


def test_a_distance_is_between_the_same_columns(frames):
    X, _, target = frames
    with pytest.raises(ValueError, match=MESSAGE):
        proxy_a_distance(X, target[NAMES[::-1]])
    assert proxy_a_distance(X, target).value > 0.5


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("form", [lambda X: X, Domain])
def test_so_is_every_measure(name, form, frames):
    X, y, target = frames
    with pytest.raises(ValueError, match=MESSAGE):
        MEASURES[name].compute(form(X), form(target[NAMES[::-1]]), y_source=y)


def test_so_is_the_combined_error(frames):
    X, y, target = frames
    with pytest.raises(ValueError, match=MESSAGE):
        combined_error(X, y, target[NAMES[::-1]], y)


def test_tables_without_names_and_of_other_widths_are_left_to_others(frames):
    X, _, target = frames
    check_same_columns(X.to_numpy(), target[NAMES[::-1]])
    check_same_columns(X, target[["a", "b"]])  # the number of features is checked elsewhere
    check_same_columns(X, None)
