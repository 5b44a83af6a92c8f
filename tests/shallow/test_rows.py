import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from dacompare.shallow import SubspaceAlignment
from dacompare.shallow.rows import apply_in_domain, check_domain, takes_domain


def test_a_third_domain_is_refused_with_the_nearest_name():
    with pytest.raises(
        ValueError, match="domain must be one of 'source', 'target', got 'sorce', did you mean 'source'"
    ):
        check_domain("sorce")


def test_only_methods_with_a_domain_get_one(rng):
    X = rng.normal(size=(10, 2))
    aligner = SubspaceAlignment().fit(X, X_target=X + 5)
    assert takes_domain(aligner.transform)
    assert not takes_domain(StandardScaler().transform)
    expected = aligner.transform(X, domain="source")
    np.testing.assert_array_equal(apply_in_domain(aligner.transform, X, "source"), expected)


@pytest.mark.parametrize("X_target", ["target.csv", np.ones(3), [[1, 2, 3], [4, 5]]])
def test_what_is_no_target_names_the_argument(X_target):
    with pytest.raises(ValueError, match="^X_target: "):
        SubspaceAlignment().fit(np.eye(3), X_target=X_target)


def test_too_few_target_rows_are_named():
    with pytest.raises(ValueError, match="X_target must have at least 2 rows to adapt to, got 0"):
        SubspaceAlignment().fit(np.eye(3), X_target=np.zeros((0, 3)))
