import numpy as np
import pytest

from dacompare.selection import Candidate, pick, score_candidate
from dacompare.selection.mixval import mixing_consistency
from dacompare.shallow import linear_svm


def candidate(X, predict):
    return Candidate(target_features=X, target_predictions=predict(X), predict_target=predict)


def threshold(at):
    return lambda rows: np.where(rows[:, 0] > at, "dog", "cat")


def two_clusters(rng, n=400):
    y = np.arange(n) % 2
    return (4.0 * y - 2 + 0.3 * rng.normal(size=n))[:, None], np.where(y, "dog", "cat")


def test_it_equals_a_loop_written_out(rng):
    X, labels = rng.normal(size=(40, 2)), rng.choice(["a", "b", "c"], 40)

    def predict(rows):
        return np.array(["a", "b", "c"])[(np.abs(rows).sum(axis=1) * 3).astype(int) % 3]

    order = np.random.default_rng(5).permutation(40).tolist()
    hits = {True: [], False: []}
    for place, i in enumerate(order):
        j = order[place - 1]
        mixed = 0.55 * X[i] + 0.45 * X[j]
        hits[labels[i] == labels[j]].append(predict(mixed[None])[0] == labels[i])
    found = mixing_consistency(predict, X, labels, random_state=5)
    assert found == pytest.approx((np.mean(hits[True]), np.mean(hits[False])))


def test_it_finds_the_true_order_of_boundaries(rng):
    # Between clusters at −2 and 2 the boundary that is right is in the middle; a mixture lies about ±0.2.
    X, y = two_clusters(rng)
    candidates = [candidate(X, threshold(at)) for at in (1.9, 1.0, 0.0)]
    accuracies = [(c.target_predictions == y).mean() for c in candidates]
    values = [score_candidate("mixval", c).value for c in candidates]
    assert accuracies[2] == 1
    assert accuracies[0] < 0.9
    assert values[2] > 0.85
    assert values[2] > max(values[:2]) + 0.1
    assert pick("mixval", candidates) == 2


def test_within_a_class_a_linear_classifier_is_consistent_always(rng):
    # Provably: where w·a > w·b for two rows, it is so for every row between; here labels are pure noise.
    X = rng.normal(size=(300, 4))
    svm = linear_svm().fit(X, rng.choice(["a", "b", "c"], 300))
    found = mixing_consistency(svm.predict, X, svm.predict(X))
    assert found.within == 1.0
    assert found.across < 1


def test_within_a_class_it_sees_regions_in_pieces(rng):
    X = rng.normal(size=(500, 1))
    striped = mixing_consistency(lambda rows: np.floor(8 * rows[:, 0]) % 2, X, np.floor(8 * X[:, 0]) % 2)
    assert striped.within == pytest.approx(0.5, abs=0.1)


def test_it_is_misled_by_exchanged_classes(rng):
    # Provably: it compares the classifier with itself, so a new name for each class changes nothing.
    X, y = two_clusters(rng)
    exchanged = candidate(X, lambda rows: np.where(rows[:, 0] > 0, "cat", "dog"))
    assert (exchanged.target_predictions != y).all()
    assert score_candidate("mixval", exchanged) != score_candidate("mixval", candidate(X, threshold(1.9)))
    right = score_candidate("mixval", candidate(X, threshold(0.0))).value
    assert score_candidate("mixval", exchanged).value == right


def test_one_class_everywhere_is_not_called_consistent(rng):
    X, _ = two_clusters(rng)
    assert mixing_consistency(threshold(99), X, threshold(99)(X)) == (1.0, None)
    assert score_candidate("mixval", candidate(X, threshold(99))).value == 0.5
    assert pick("mixval", [candidate(X, threshold(99)), candidate(X, threshold(0.0))]) == 1


def test_two_rows_one_row_and_no_classifier(rng):
    X = np.array([[-1.0], [1.0]])
    assert score_candidate("mixval", candidate(X, threshold(0.0))).value == 1.0
    assert score_candidate("mixval", candidate(X[:1], threshold(0.0))).reason == "needs at least two target rows"
    known = Candidate(target_features=X, target_predictions=np.array([0, 1]))
    assert score_candidate("mixval", known).reason == "needs predict_target"


def test_bytes_stay_bytes_and_features_of_whole_numbers_do_not(rng):
    seen = []

    def predict(rows):
        seen.append(rows.dtype)
        return np.zeros(len(rows), int)

    images = rng.integers(0, 256, (6, 4, 4), np.uint8)
    mixing_consistency(predict, images, np.zeros(6, int))
    mixing_consistency(predict, images.astype(np.int64), np.zeros(6, int))
    assert [str(kind) for kind in seen] == ["uint8", "float64"]


def test_a_classifier_that_does_not_answer_row_by_row_is_refused(rng):
    X = rng.normal(size=(5, 2))
    with pytest.raises(ValueError, match=r"one label a row, shape \(5,\), got \(5, 2\)"):
        mixing_consistency(lambda rows: rows, X, np.zeros(5))


def test_rows_are_not_written_to_and_large_targets_are_subsampled(rng):
    X, asked = rng.normal(size=(9000, 2)), []
    before = X.copy()

    def predict(rows):
        asked.append(len(rows))
        return (rows[:, 0] > 0).astype(int)

    c = candidate(X, predict)
    first, second = (score_candidate("mixval", c).value for _ in range(2))
    assert first == second
    assert (asked[0], sum(asked[1:])) == (9000, 2 * 4000)
    assert max(asked[1:]) <= 1024  # mixtures of wide rows fill gigabytes
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize("share", [0.5, 0.2, 1.5])
def test_a_share_that_is_not_the_larger_part_is_refused(share):
    with pytest.raises(ValueError, match="share must be a number above 0.5 and up to 1"):
        mixing_consistency(len, np.zeros((3, 1)), np.zeros(3), share=share)
    with pytest.raises(ValueError, match="X must hold at least two rows"):
        mixing_consistency(len, np.zeros((1, 1)), np.zeros(1))
