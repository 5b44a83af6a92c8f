"""Run scikit-learn's own battery over an estimator."""

import warnings

from sklearn.base import is_classifier
from sklearn.utils.estimator_checks import check_estimator

NAMED = {"check_fit_idempotent", "check_readonly_memmap_input", "check_dont_overwrite_parameters"}


def assert_passes_the_battery(estimator, *, also=()):
    """Assert that no check fails and that enough of them pass, among them those that catch real faults.

    A skipped check neither fails nor passes, so that those which matter are asked for by name.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = check_estimator(estimator, legacy=True, on_fail=None, on_skip=None)
    passed = [r["check_name"] for r in report if r["status"] == "passed"]
    kind = "check_classifiers_train" if is_classifier(estimator) else "check_transformer_general"
    assert not {r["check_name"]: r["exception"] for r in report if r["status"] == "failed"}
    assert len(passed) >= 40
    assert NAMED | {kind, *also} <= set(passed)
