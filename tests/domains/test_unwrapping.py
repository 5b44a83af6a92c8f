import warnings

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

import dacompare
from dacompare.domains import Domain
from dacompare.domains.unwrapping import rows_for, unwrap

pandas = pytest.importorskip("pandas")


@pytest.fixture
def frames(rng):
    """Return source rows with named columns, their labels, and target rows."""
    X = pandas.DataFrame(rng.normal(size=(40, 3)), columns=["length", "width", "height"])
    return X, np.arange(40) % 2, X + 1


def test_a_domain_gives_its_rows_and_an_array_itself(rng):
    X = rng.normal(size=(4, 2))
    assert unwrap(X) is X
    np.testing.assert_array_equal(unwrap(Domain(X, [0, 1, 0, 1])), X)


def test_a_domain_keeps_the_names_that_an_estimator_was_fitted_on(frames):
    X, _, X_target = frames
    scaler = StandardScaler().fit(X)
    pandas.testing.assert_frame_equal(rows_for(scaler, Domain(X_target)), X_target)
    assert isinstance(rows_for(StandardScaler().fit(X.to_numpy()), Domain(X_target)), np.ndarray)
    assert isinstance(rows_for(scaler, Domain(X_target.to_numpy())), np.ndarray)
    assert rows_for(scaler, X_target) is X_target


@pytest.mark.parametrize(
    "build",
    [
        lambda: dacompare.SubspaceAlignment(2),
        lambda: dacompare.SubspaceSweep((1, 3)),
        lambda: dacompare.KernelMeanMatching(),
        lambda: dacompare.DANNClassifier(max_steps=5, batch_size=16, random_state=0),
        lambda: dacompare.make_adaptation_pipeline(
            StandardScaler(), dacompare.SubspaceAlignment(2), dacompare.NewtonSVC()
        ),
    ],
)
def test_estimators_fitted_on_frames_take_domains_of_frames(frames, build):
    X, y, X_target = frames
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "X does not have valid feature names")
        model = build().fit(X, y, X_target=Domain(X_target))
        ask = model.predict if hasattr(model, "predict") else model.transform
        said = ask(Domain(X_target))
    np.testing.assert_array_equal(said, ask(X_target))
    with pytest.raises(ValueError, match="feature names should match"):
        ask(Domain(X_target[["width", "length", "height"]]))
