from dataclasses import replace

import numpy as np
import pytest

from dacompare.domains import Transfer
from dacompare.selection import VALIDATORS, Candidate, score_candidate
from dacompare.shallow import linear_svm
from dacompare.stages.features import pixel_features
from dacompare.stages.judge import svm_answers, validator_scores

OWN = [name for name in VALIDATORS if name not in ("paper", "reverse")]


@pytest.fixture
def judged(rng):
    y, y_target = rng.integers(0, 3, (2, 150))
    centres = 3 * rng.normal(size=(3, 4))
    X, X_target = (centres[labels] + rng.normal(size=(150, 4)) for labels in (y, y_target))
    names = np.array(["ant", "bee", "cow"])
    transfer = Transfer.from_arrays(X, names[y], X_target + 0.5, names[y_target])
    features = pixel_features(transfer)
    svm = linear_svm().fit(features.source, transfer.source.y)
    return transfer, features, svm, svm_answers(transfer, svm, features)


def test_the_svm_answers_for_new_rows_as_it_did_for_the_target(judged):
    _, features, _, answers = judged
    np.testing.assert_array_equal(answers.predict(features.target), answers.target)
    assert set(answers.predict(features.target)) <= {0, 1, 2}


def test_every_validator_gets_what_it_needs_from_an_svm(judged):
    transfer, features, _, answers = judged
    found = validator_scores(transfer, answers, features, [*OWN, "reverse"], 0)["validators"]
    assert [name for name, entry in found.items() if entry["value"] is None] == ["reverse"]
    assert found["reverse"]["reason"] == "needs refit"


def test_the_values_are_those_of_a_candidate_put_together_by_hand(judged):
    transfer, features, svm, answers = judged
    candidate = Candidate(
        y_source_test=transfer.positions(transfer.source_test.y),
        source_test_predictions=transfer.positions(svm.predict(features.source_test)),
        source_test_features=features.source_test,
        source_features=features.source,
        target_features=features.target,
        target_predictions=transfer.positions(svm.predict(features.target)),
        target_probabilities=answers.probabilities,
        predict_target=lambda rows: transfer.positions(svm.predict(rows)),
    )
    found = validator_scores(transfer, answers, features, OWN, 0)["validators"]
    assert {name: entry["value"] for name, entry in found.items()} == {
        name: score_candidate(name, candidate).value for name in OWN
    }


def test_a_method_that_can_go_back_is_asked_for_positions(judged):
    transfer, features, _, answers = judged

    def refit(X_target, pseudo, X_source, X_source_test):
        return linear_svm().fit(X_target, pseudo).predict(X_source_test)

    found = validator_scores(transfer, replace(answers, refit=refit), features, ["reverse", "reverse-svm"], 0)
    values = {name: entry["value"] for name, entry in found["validators"].items()}
    assert values["reverse"] == values["reverse-svm"]


def test_target_labels_change_nothing(judged):
    transfer, features, _, answers = judged
    blind = replace(transfer, target=replace(transfer.target, y=None))
    asked = [*OWN, "paper"]
    values = [validator_scores(t, answers, features, asked, 0) for t in (transfer, blind)]
    for own in values:
        for entry in own["validators"].values():
            entry.pop("seconds")
    assert values[0] == values[1]


def test_a_network_that_is_not_loaded_says_why_it_cannot_be_probed(judged):
    transfer, features, _, answers = judged
    found = validator_scores(transfer, replace(answers, predict=None), features, ["mixval", "bnm"], 0)["validators"]
    assert found["mixval"] == {"value": None, "seconds": 0.0, "reason": "needs predict_target"}
    assert found["bnm"]["value"] is not None
