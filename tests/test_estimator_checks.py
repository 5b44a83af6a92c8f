"""scikit-learn's own battery over every public estimator."""

import warnings

import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import check_estimator

import dacompare

# Name of a check → why it cannot hold. Empty is the aim.
STEPS = "a scikit-learn Pipeline keeps its fitted steps in its parameter `steps`; its own battery expects this, too"
EXPECTED: dict[str, dict[str, str]] = {
    "pipeline": {"check_dont_overwrite_parameters": STEPS, "check_estimators_overwrite_params": STEPS}
}

CLASSIFIER = {"check_classifiers_train", "check_classifiers_classes"}
TRANSFORMER = {"check_transformer_general"}
NAMED = {"check_fit_idempotent", "check_readonly_memmap_input", "check_dont_overwrite_parameters"}

ESTIMATORS = {
    "source-only": (lambda: dacompare.SourceOnlyClassifier(), NAMED | CLASSIFIER | TRANSFORMER),
    "dann": (lambda: dacompare.DANNClassifier(), NAMED | CLASSIFIER | TRANSFORMER),
    "sa": (lambda: dacompare.SubspaceAlignment(), NAMED | TRANSFORMER),
    "sweep": (lambda: dacompare.SubspaceSweep(), NAMED | CLASSIFIER),
    "pipeline": (
        lambda: dacompare.make_adaptation_pipeline(StandardScaler(), dacompare.SubspaceAlignment(), LinearSVC()),
        (NAMED | CLASSIFIER) - {"check_dont_overwrite_parameters"},
    ),
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_check_estimator(name):
    build, wanted = ESTIMATORS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = check_estimator(
            build(), legacy=True, expected_failed_checks=EXPECTED.get(name, {}), on_fail=None, on_skip=None
        )
    failed = {r["check_name"]: r["exception"] for r in report if r["status"] == "failed"}
    passed = [r["check_name"] for r in report if r["status"] == "passed"]
    assert not failed
    assert len(passed) >= 40
    assert wanted <= set(passed)


def test_plain_scikit_learn_pipelines_take_the_target_as_a_fit_parameter():
    from sklearn.datasets import make_blobs

    X, y = make_blobs(100, centers=3, n_features=6, random_state=0)
    pipeline = make_pipeline(dacompare.SubspaceAlignment(3), LinearSVC())
    pipeline.fit(X, y, subspacealignment__X_target=X[:80] + 1)
    assert pipeline.predict(X + 1).shape == (100,)
