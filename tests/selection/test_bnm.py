import numpy as np
import pytest

from dacompare.selection import Candidate, pick, score_candidate
from dacompare.selection.bnm import batch_nuclear_norm


def one_hot(labels, n_classes):
    return np.eye(n_classes)[labels]


def sure_to(probabilities, share):
    """Mix probabilities with ignorance."""
    return share * probabilities + (1 - share) / probabilities.shape[1]


def test_it_is_the_sum_of_singular_values_by_another_road(rng):
    P = rng.dirichlet(np.ones(4), size=30)
    eigenvalues = np.linalg.eigvalsh(P.T @ P)
    assert batch_nuclear_norm(P) == pytest.approx(np.sqrt(eigenvalues).sum() / np.sqrt(30 * 4))


@pytest.mark.parametrize("n_classes", [2, 5])
def test_its_three_landmarks(n_classes):
    even = np.arange(20 * n_classes) % n_classes
    assert batch_nuclear_norm(one_hot(even, n_classes)) == pytest.approx(1)
    assert batch_nuclear_norm(one_hot(0 * even, n_classes)) == pytest.approx(1 / np.sqrt(n_classes))
    assert batch_nuclear_norm(sure_to(one_hot(even, n_classes), 0)) == pytest.approx(1 / n_classes)


def test_the_number_of_rows_does_not_matter(rng):
    P = rng.dirichlet(np.ones(3), size=50)
    assert batch_nuclear_norm(np.repeat(P, 7, axis=0)) == pytest.approx(batch_nuclear_norm(P))
    assert batch_nuclear_norm(rng.permutation(P)) == pytest.approx(batch_nuclear_norm(P))


def test_all_values_lie_between_the_bounds(rng):
    for concentration in (0.05, 1.0, 50.0):
        assert 1 / 6 <= batch_nuclear_norm(rng.dirichlet(np.full(6, concentration), size=40)) <= 1


def test_it_finds_the_true_order_where_entropy_prefers_a_collapse(rng):
    y = rng.integers(0, 3, 300)
    sharp, blurred = sure_to(one_hot(y, 3), 0.9), sure_to(one_hot(y, 3), 0.5)
    collapsed = sure_to(one_hot(0 * y, 3), 0.99)
    candidates = [Candidate(target_probabilities=P) for P in (collapsed, blurred, sharp)]
    values = [score_candidate("bnm", c).value for c in candidates]
    assert values[2] == max(values)
    assert values[0] < values[2]
    assert pick("bnm", candidates) == 2
    assert pick("entropy", candidates) == 0


def test_it_is_misled_by_sure_mistakes(rng):
    # Provably: singular values do not change where columns change places, so all wrong looks like all right.
    y = np.arange(300) % 3
    right, wrong = one_hot(y, 3), one_hot((y + 1) % 3, 3)
    doubtful = sure_to(right, 0.6)
    values = [score_candidate("bnm", Candidate(target_probabilities=P)).value for P in (right, wrong, doubtful)]
    assert values[0] == values[1] == pytest.approx(1)
    assert pick("bnm", [Candidate(target_probabilities=P) for P in (doubtful, wrong)]) == 1


def test_it_is_misled_where_classes_are_rare_in_the_target():
    # Provably: of sure predictions the largest norm is that of equal shares, though 90 : 10 be the truth.
    truth, even = np.repeat([0, 1], [90, 10]), np.repeat([0, 1], [50, 50])
    assert batch_nuclear_norm(one_hot(even, 2)) > batch_nuclear_norm(one_hot(truth, 2))


def test_hostile_input_gives_a_value_or_a_reason():
    assert score_candidate("bnm", Candidate(target_probabilities=np.array([[1.0, 0.0, 0.0]]))).value == pytest.approx(
        1 / np.sqrt(3)
    )
    assert score_candidate("bnm", Candidate(target_probabilities=np.ones((4, 1)))).value == pytest.approx(1)
    missing = one_hot(np.array([0, 2, 0, 2]), 3)
    assert score_candidate("bnm", Candidate(target_probabilities=missing)).value == pytest.approx(np.sqrt(2 / 3))
    broken = Candidate(target_probabilities=np.array([[np.nan, 1.0]]))
    assert score_candidate("bnm", broken).reason == "target_probabilities is not finite"
    assert score_candidate("bnm", Candidate(target_probabilities=np.ones((0, 2)))).reason == (
        "target_probabilities is empty"
    )


def test_no_row_and_nan_are_named():
    with pytest.raises(ValueError, match="0 sample"):
        batch_nuclear_norm(np.zeros((0, 2)))
    with pytest.raises(ValueError, match="probabilities contains NaN"):
        batch_nuclear_norm([[np.nan, 0.5]])
