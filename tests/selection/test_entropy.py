import numpy as np
import pytest

from dacompare.selection import Candidate, prediction_entropy, score_candidate


def test_it_is_that_of_shares_worked_out_by_hand():
    assert prediction_entropy([[0.5, 0.5]]) == pytest.approx(np.log(2))
    assert prediction_entropy([[0.25, 0.75]]) == pytest.approx(2 * np.log(2) - 0.75 * np.log(3))
    assert prediction_entropy([[1.0, 0.0], [0.5, 0.5], [0.25, 0.75]]) == pytest.approx(np.log(2) - 0.25 * np.log(3))


@pytest.mark.parametrize("n_classes", [1, 2, 5])
def test_it_lies_between_sure_and_ignorant(rng, n_classes):
    assert prediction_entropy(np.eye(n_classes)) == 0
    assert prediction_entropy(np.full((7, n_classes), 1 / n_classes)) == pytest.approx(np.log(n_classes))
    assert 0 <= prediction_entropy(rng.dirichlet(np.ones(n_classes), size=30)) <= np.log(n_classes) + 1e-12


def test_the_validator_is_the_function_in_either_precision(rng):
    for P in (rng.dirichlet(np.ones(4), size=30), rng.dirichlet(np.ones(4), size=30).astype(np.float32)):
        assert score_candidate("entropy", Candidate(target_probabilities=P)).value == prediction_entropy(P)


def test_a_rounding_error_below_zero_is_zero():
    assert prediction_entropy([[1.0 + 1e-9, -1e-9]]) == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize(
    ("probabilities", "message"),
    [
        ([[0.5, 0.5], [0.9, 0.9]], "probabilities must be from 0 on and sum to 1 in each row, row 1 sums to 1.8"),
        ([[1.5, -0.5]], "probabilities must be from 0 on"),
        ([[np.nan, 1.0]], "probabilities contains NaN"),
        (np.zeros((0, 2)), "0 sample"),
        ([0.5, 0.5], "Expected 2D array"),
    ],
)
def test_what_is_no_probability_is_named(probabilities, message):
    with pytest.raises(ValueError, match=message):
        prediction_entropy(probabilities)
