from dataclasses import fields, replace

import numpy as np
import pytest

from dacompare.selection import (
    VALIDATORS,
    Candidate,
    CannotScore,
    pick,
    rank_candidates,
    rank_values,
    score_candidate,
    why_not,
)
from dacompare.shallow import linear_svm

LABELS = np.array(["cat", "dog"])


def candidate(rng, *, shift, n=200):
    """Return a candidate whose target features lie `shift` off the source features."""
    y_source, y_target = rng.integers(0, 2, n), rng.integers(0, 2, n)
    Z_source = np.stack([4.0 * y_source, rng.normal(size=n)], axis=1) + 0.5 * rng.normal(size=(n, 2))
    Z_target = np.stack([4.0 * y_target + shift, rng.normal(size=n)], axis=1) + 0.5 * rng.normal(size=(n, 2))
    svm = linear_svm().fit(Z_source, LABELS[y_source])
    return Candidate(
        y_source_test=LABELS[y_source],
        source_test_predictions=svm.predict(Z_source),
        source_test_features=Z_source,
        target_features=Z_target,
        target_predictions=svm.predict(Z_target),
        target_probabilities=np.full((n, 2), 0.5),
        source_features=Z_source[::-1],
        predict_target=svm.predict,
        refit=lambda X_target, pseudo, X_source, X_test: linear_svm().fit(X_target, pseudo).predict(X_test),
    )


def test_no_validator_can_see_a_target_label():
    assert not [field.name for field in fields(Candidate) if "y_target" in field.name]
    known = {field.name for field in fields(Candidate)}
    assert all(set(validator.needs) <= known for validator in VALIDATORS.values())


def test_the_names_are_those_of_the_table():
    later = ["iwv", "dev", "bnm", "class-ami", "mixval", "reverse"]
    assert list(VALIDATORS) == ["source-accuracy", "paper", "reverse-svm", "entropy", *later]
    assert [validator.name for validator in VALIDATORS.values()] == list(VALIDATORS)


@pytest.mark.parametrize("name", VALIDATORS)
def test_what_is_missing_is_said_in_words_and_never_nan(name):
    score = score_candidate(name, Candidate())
    assert score.value is None
    assert score.reason == "needs " + ", ".join(VALIDATORS[name].needs)


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'entropy'"):
        score_candidate("entropi", Candidate())


def test_reverse_svm_prefers_aligned_features(rng):
    near = candidate(rng, shift=0.0)
    # Here the target varies along the axis that says nothing in the source, and only a little along the other.
    t = rng.normal(size=200)
    labels = np.where(t > 0, "dog", "cat")
    features = np.stack([2 + 0.2 * t, 3 * t], axis=1)
    far = replace(near, target_features=features, target_predictions=labels)
    scores = [score_candidate("reverse-svm", c) for c in (far, near)]
    assert scores[1].value > 0.9
    assert scores[0].value < 0.7
    assert scores[0].seconds > 0
    assert pick("reverse-svm", [far, near]) == 1


def test_reverse_svm_equals_an_svm_written_out(rng):
    c = candidate(rng, shift=1.0)
    svm = linear_svm().fit(c.target_features, c.target_predictions)
    expected = (svm.predict(c.source_test_features) == c.y_source_test).mean()
    assert score_candidate("reverse-svm", c).value == expected


def test_reverse_svm_of_a_candidate_that_predicts_one_class_is_the_share_of_that_class(rng):
    c = candidate(rng, shift=50.0)
    assert set(c.target_predictions) == {"dog"}
    assert score_candidate("reverse-svm", c).value == (c.y_source_test == "dog").mean()


def test_entropy_of_sure_and_of_even_predictions():
    sure = Candidate(target_probabilities=np.array([[1.0, 0.0, 0.0]]))
    even = Candidate(target_probabilities=np.full((2, 3), 1 / 3))
    assert score_candidate("entropy", sure).value == 0
    assert score_candidate("entropy", even).value == pytest.approx(np.log(3))
    assert pick("entropy", [even, sure]) == 1


def test_the_papers_criterion_is_the_mean_of_two_ranks():
    # Source accuracies rank 1, 2, 3; domain errors rank 3, 1, 2.
    assert rank_values([0.9, 0.8, 0.7], [0.1, 0.5, 0.3]) == [2.0, 1.5, 2.5]


def test_equals_share_their_rank_and_unknowns_have_none():
    assert rank_values([0.9, 0.9, None, 0.5], [0.1, 0.2, 0.5, None]) == [2.0 - 0.25, 1.25, None, None]
    assert rank_values([None], [0.1]) == [None]
    assert rank_values([], []) == []


def test_candidates_are_ranked_among_each_other(rng):
    y = np.array([0, 1, 0, 1])
    good = Candidate(y, y, domain_error=0.45)
    bad = Candidate(y, 1 - y, domain_error=0.05)
    assert rank_candidates("paper", [bad, good, Candidate()]) == [2.0, 1.0, None]
    assert pick("paper", [bad, good]) == 1
    assert score_candidate("paper", good).reason == "compares candidates with each other; use rank_candidates"


def test_of_equals_the_first_is_picked_and_unknowns_never():
    y = np.array([0, 1])
    same = Candidate(y, y)
    assert pick("source-accuracy", [Candidate(), same, same]) == 1


@pytest.mark.parametrize("candidates", [[], [Candidate(), Candidate()]])
def test_nothing_to_pick_from_is_an_error(candidates):
    with pytest.raises(ValueError, match=f"none of the {len(candidates)} candidates"):
        pick("entropy", candidates)


SCORED = [name for name, validator in VALIDATORS.items() if validator.score is not None]


@pytest.mark.parametrize("name", SCORED)
def test_a_whole_candidate_has_a_value_and_the_same_one_twice(rng, name):
    c = candidate(rng, shift=1.0)
    first, second = (score_candidate(name, c) for _ in range(2))
    assert isinstance(first.value, float)
    assert first.value == second.value
    assert first.reason is None
    assert why_not(name, c) is None


@pytest.mark.parametrize("name", SCORED)
def test_a_candidate_that_predicts_one_class_has_a_value(rng, name):
    c = candidate(rng, shift=50.0)
    assert set(c.target_predictions) == {"dog"}
    assert np.isfinite(score_candidate(name, c).value)


@pytest.mark.parametrize("name", SCORED)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_tiny_candidates_have_a_value_or_a_reason(rng, name, n):
    c = candidate(rng, shift=1.0)
    rows = [field.name for field in fields(Candidate) if isinstance(getattr(c, field.name), np.ndarray)]
    score = score_candidate(name, replace(c, **{row: getattr(c, row)[:n] for row in rows}))
    assert (score.value is None) != (score.reason is None)
    assert score.value is None or np.isfinite(score.value)


@pytest.mark.parametrize("name", SCORED)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none_are_a_reason_and_never_nan(rng, name, value):
    c = candidate(rng, shift=1.0)
    for need in VALIDATORS[name].needs:
        if getattr(getattr(c, need), "dtype", None) != np.float64:
            continue
        broken = getattr(c, need).copy()
        broken[3, 0] = value
        score = score_candidate(name, replace(c, **{need: broken}))
        if name == "reverse" and need.endswith("_features"):  # for the method to refuse, where it does not fill them in
            said = score.reason or "cannot be trained the other way round: Input X contains"
            assert said.startswith("cannot be trained the other way round: Input X contains")
            assert "\n" not in said
            assert score.value is None or np.isfinite(score.value)
            continue
        assert score.value is None
        assert score.reason == why_not(name, replace(c, **{need: broken})) == f"{need} is not finite"


def test_a_class_without_source_test_rows_and_one_that_is_never_predicted(rng):
    c = candidate(rng, shift=1.0)
    c = replace(
        c,
        y_source_test=np.where(c.y_source_test == "dog", "eel", c.y_source_test),
        target_probabilities=np.concatenate([c.target_probabilities, np.zeros((200, 1))], axis=1),
    )
    assert all(np.isfinite(score_candidate(name, c).value) for name in SCORED)


def test_inputs_are_not_written_to(rng):
    c = candidate(rng, shift=1.0)
    arrays = [getattr(c, field.name) for field in fields(c) if isinstance(getattr(c, field.name), np.ndarray)]
    for array in arrays:
        array.setflags(write=False)
    assert all(score_candidate(name, c).value is not None for name in SCORED)


def test_what_a_validator_refuses_or_cannot_count_is_a_reason(monkeypatch):
    def refuse(candidate):
        raise CannotScore("it is Monday")

    c = Candidate(target_probabilities=np.ones((1, 1)))
    for score, reason in ((refuse, "it is Monday"), (lambda candidate: float("nan"), "came out as nan")):
        monkeypatch.setitem(VALIDATORS, "bnm", replace(VALIDATORS["bnm"], score=score))
        assert score_candidate("bnm", c).reason == reason
        assert score_candidate("bnm", c).value is None


def test_a_nan_has_no_rank_and_spoils_no_other():
    assert rank_values([0.9, 0.8], [np.nan, 0.4]) == [None, 1.0]
    y = np.array([0, 1])
    broken, healthy = Candidate(y, y, domain_error=np.nan), Candidate(y, y, domain_error=0.4)
    assert rank_candidates("paper", [broken, healthy]) == [None, 1.0]
    assert pick("paper", [broken, healthy]) == 1


def test_measurements_of_other_candidates_are_refused():
    with pytest.raises(ValueError, match="one of each per candidate, got 1 and 2"):
        rank_values([0.1], [0.2, 0.3])
