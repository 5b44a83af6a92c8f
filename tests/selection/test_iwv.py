import numpy as np
import pytest
from scipy.stats import norm

from dacompare.selection import Candidate, dev_risk, pick, score_candidate
from dacompare.selection.density_ratio import source_test_log_ratios
from dacompare.selection.iwv import importance_weighted_risk, iwv

# Source N(0, 1), target N(1, 1): the density ratio is e^(x − ½). A row is "dog" from 1.5 on in both domains.
SHIFT, TRUE_THRESHOLD = 1.0, 1.5


def risk(threshold, mean):
    """Return the exact error of a threshold where x is N(mean, 1)."""
    return abs(norm.cdf(TRUE_THRESHOLD - mean) - norm.cdf(threshold - mean))


def candidate(rng, threshold, *, n=4000, columns=1, train=True):
    """Return a threshold on the first column as a candidate."""

    def labels(Z, at):
        return np.where(Z[:, 0] > at, "dog", "cat")

    test, source, target = rng.normal(size=(3, n, columns))
    target[:, 0] += SHIFT
    return Candidate(
        y_source_test=labels(test, TRUE_THRESHOLD),
        source_test_predictions=labels(test, threshold),
        source_test_features=test,
        target_features=target,
        source_features=source if train else None,
    )


def test_with_the_true_ratio_it_is_the_target_risk_up_to_monte_carlo_error(rng):
    x = rng.normal(size=100_000)
    errors = (x > 0.5) != (x > TRUE_THRESHOLD)
    weights = np.exp(x - 0.5)
    found = importance_weighted_risk(errors, np.log(weights))
    # Delta method: the standard error of a ratio of means.
    standard_error = np.sqrt(np.mean((weights * (errors - found)) ** 2) / len(x))
    assert found == pytest.approx(risk(0.5, SHIFT), abs=4 * standard_error)
    assert errors.mean() == pytest.approx(risk(0.5, 0.0), abs=0.01)
    assert risk(0.5, SHIFT) - risk(0.5, 0.0) > 10 * standard_error  # so plain source error misses it


@pytest.mark.parametrize(("columns", "train"), [(1, True), (5, True), (1, False)])
def test_with_a_learned_ratio_it_is_near_the_target_risk(rng, columns, train):
    value = score_candidate("iwv", candidate(rng, 0.5, columns=columns, train=train)).value
    assert value == pytest.approx(risk(0.5, SHIFT), abs=0.05)
    assert abs(value - risk(0.5, 0.0)) > 0.08


def test_it_finds_the_true_order(rng):
    thresholds = sorted((0.0, 0.7, 1.2, 2.2), key=lambda threshold: risk(threshold, SHIFT))
    seed = int(rng.integers(2**31))
    candidates = [candidate(np.random.default_rng(seed), threshold) for threshold in thresholds]
    values = [score_candidate("iwv", c).value for c in candidates]
    assert values == sorted(values)
    assert pick("iwv", candidates[::-1]) == 3


def test_it_chooses_against_source_accuracy(rng):
    # Errors in (−2, −1) cost the source 13.6 %, the target 2.1 %; errors in (1.5, 3) 6.5 % and 28.6 %.
    test, source, target = rng.normal(size=(3, 4000, 1))
    x, y = test[:, 0], (test[:, 0] > 0).astype(int)
    parts = {"source_test_features": test, "source_features": source, "target_features": target + SHIFT}
    left = Candidate(y, np.where((x > -2) & (x < -1), 1 - y, y), **parts)
    right = Candidate(y, np.where((x > 1.5) & (x < 3), 1 - y, y), **parts)
    assert pick("source-accuracy", [left, right]) == 1
    assert pick("iwv", [left, right]) == 0
    assert pick("dev", [left, right]) == 0


@pytest.mark.parametrize("name", ["iwv", "dev"])
def test_it_is_misled_where_labels_mean_something_else_in_the_target(rng, name):
    # Provably: it never sees p(y | x) of the target. Were every target label the other one, the perfect
    # source classifier would be wrong everywhere, and nothing that the validator looks at would change.
    perfect = candidate(rng, TRUE_THRESHOLD)
    assert score_candidate(name, perfect).value == 0


@pytest.mark.parametrize("name", ["iwv", "dev"])
def test_it_is_misled_where_both_domains_are_centred(rng, name):
    # Provably: with equal means the best linear log ratio is flat. Errors beyond ±2 cost N(0, 3²) half its rows.
    test, source, target = rng.normal(size=(3, 4000, 1))
    y = np.zeros(4000, int)
    c = Candidate(y, (np.abs(test[:, 0]) > 2).astype(int), test, 3 * target, source_features=source)
    assert 2 * norm.sf(2 / 3) > 0.5
    assert score_candidate(name, c).value == pytest.approx(2 * norm.sf(2), abs=0.02)


def test_the_value_is_a_weighted_mean(rng):
    losses, logs = rng.random(50), 400 * rng.normal(size=50)
    assert losses.min() <= importance_weighted_risk(losses, logs) <= losses.max()
    weights = np.array([3.0, 1.0, 0.5])
    assert importance_weighted_risk([1, 0, 1], np.log(weights)) == pytest.approx(3.5 / 4.5)
    assert importance_weighted_risk([1, 0, 1], np.log(weights) - 2000) == pytest.approx(3.5 / 4.5)


def test_weights_that_are_all_tiny_are_no_perfect_score(rng):
    test, target = rng.normal(size=(60, 2)), rng.normal(size=(60, 2)) + 1e5
    parts = {"source_test_features": test, "target_features": target, "source_features": rng.normal(size=(60, 2))}
    y = np.arange(60) % 2
    logs = source_test_log_ratios(Candidate(**parts))
    assert np.exp(logs).mean() < 0.2  # it is 1 for true density ratios, and the plain mean of w ℓ would shrink with it
    assert iwv(Candidate(y, 1 - y, **parts)) == pytest.approx(1.0)
    assert 0 < iwv(Candidate(y, np.zeros(60, int), **parts)) < 1


def test_hostile_input_gives_a_value_or_a_reason(rng):
    y, Z = np.array([0]), rng.normal(size=(1, 2))
    one = Candidate(y, y, source_test_features=Z, target_features=Z)
    assert score_candidate("iwv", one).reason == "needs source_features, or at least two source test rows"
    assert score_candidate("iwv", Candidate(y, y, Z, Z, source_features=Z)).value == 0.0
    broken = Candidate(y, y, Z, np.full((3, 2), np.nan), source_features=Z)
    assert score_candidate("iwv", broken).reason == "target_features is not finite"
    none = Candidate(y[:0], y[:0], Z[:0], Z)
    assert score_candidate("iwv", none).reason == "y_source_test is empty"


def test_the_same_rows_give_the_same_bits(rng):
    c = candidate(rng, 0.5, n=6000, columns=3)
    assert score_candidate("iwv", c).value == score_candidate("iwv", c).value


@pytest.mark.parametrize("risk", [importance_weighted_risk, dev_risk])
def test_losses_and_weights_that_do_not_fit_are_named(risk):
    for losses, logs in (([1, 0], [0.0]), ([1, 0], [0.0, 1.0, 2.0]), ([[1, 0]], [[0.0, 1.0]])):
        with pytest.raises(
            ValueError, match="losses and log_weights must each hold one number for each source test row"
        ):
            risk(losses, logs)
    with pytest.raises(ValueError, match="losses is empty; pass at least one row"):
        risk([], [])
    with pytest.raises(ValueError, match="log_weights is not finite"):
        risk([1, 0], [0.0, -np.inf])
