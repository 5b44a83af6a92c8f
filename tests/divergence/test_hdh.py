from dataclasses import asdict
from statistics import NormalDist

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from dacompare.divergence import proxy_a_distance
from dacompare.divergence.hdh import hdh_distance
from dacompare.divergence.hdh_pair import linear_predictor
from dacompare.domains import Domain

N = 700


def halves_of_a_line(X):
    return np.where(X[:, 0] > 0, "right", "left")


def test_two_draws_of_one_distribution_are_close(rng):
    X = rng.normal(size=(2, N, 3))
    found = hdh_distance(*X, halves_of_a_line(X[0]))
    # Three standard errors of 2 (1 − 2ε) at ε = ½.
    assert abs(found.pair) < 0.23
    assert abs(found.discriminator) < 0.23
    # One interval of twenty misses 0, though hardly by more than this.
    assert found.pair_ci95[0] < 0.1
    assert found.pair_ci95[1] > -0.1


def test_a_shift_that_one_halfspace_sees(rng):
    # Gaussians 2 apart: no set tells them apart better than a halfspace, so d = 2 TV = 2 (2 Φ(1) − 1) = 1.365.
    X_source, X_target = rng.normal(size=(N, 3)), rng.normal([2.0, 0.0, 0.0], 1.0, size=(N, 3))
    truth = 2 * (2 * NormalDist().cdf(1) - 1)
    found = hdh_distance(X_source, X_target, halves_of_a_line(X_source))
    assert found.pair == pytest.approx(truth, abs=0.18)
    assert found.discriminator == pytest.approx(truth, abs=0.18)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_a_shift_that_only_pairs_see(rng, n_classes):
    # Correlation ρ against −ρ: the densities cross where x₁x₂ = 0, which is the XOR of two halfspaces. So
    # d = 2 TV = (4/π) arcsin ρ. Means are equal, and every halfspace through them holds half of each domain.
    rho = 0.9
    first, second = (rng.multivariate_normal([0, 0], [[1, r], [r, 1]], size=N) for r in (rho, -rho))
    turn = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    X_source, X_target = (np.hstack([X, rng.normal(size=(N, 2))]) @ turn for X in (first, second))
    truth = 4 / np.pi * np.arcsin(rho)
    found = hdh_distance(X_source, X_target, rng.integers(0, n_classes, N))
    assert abs(proxy_a_distance(X_source, X_target).value) < 0.45
    assert found.n_classes == n_classes
    # Five standard errors of the judging half, and what a search may miss.
    assert found.pair == pytest.approx(truth, abs=0.3)
    assert found.discriminator == pytest.approx(truth, abs=0.3)
    assert found.pair_ci95[0] > 1


def test_a_predictor_stands_for_the_labels(rng):
    X_source, X_target = rng.normal(size=(80, 3)), rng.normal(0.7, size=(80, 3))
    y = halves_of_a_line(X_source)
    model = LogisticRegression().fit(X_source, y)
    by_model = hdh_distance(X_source, X_target, predictor=model, n_starts=1)
    assert by_model == hdh_distance(X_source, X_target, model.predict(X_source), n_starts=1)
    # What the classes are called does not matter, nor whether a Domain brings them.
    renamed = hdh_distance(Domain(X_source, model.predict(X_source) == "right"), X_target, n_starts=1)
    assert renamed == by_model


def test_rows_of_a_group_are_on_one_side(rng):
    # Each group is one point, repeated: who has seen its twin would know it.
    X = np.repeat(rng.normal(size=(2, 20, 30)), 6, axis=1)
    groups, y = np.repeat(np.arange(20), 6), halves_of_a_line(X[0])
    cheated = hdh_distance(*X, y, n_starts=0)
    honest = hdh_distance(*X, y, groups_source=groups, groups_target=groups + 20, n_starts=0)
    assert cheated.discriminator > 1.4
    assert honest.discriminator < 1.2
    assert honest.details["interval"] == "bootstrap over groups"


def test_labels_go_with_their_rows(rng, monkeypatch):
    # 60 of 200 rows are drawn: labels that went astray would be noise, and the predictor with them.
    agree = []

    def remember(X, codes, n_classes):
        agree.append(np.mean((X[:, 0] > np.median(X[:, 0])) == codes))
        return linear_predictor(X, codes, n_classes)

    monkeypatch.setattr("dacompare.divergence.hdh.linear_predictor", remember)
    X_source, X_target = rng.normal(size=(200, 2)), rng.normal(size=(60, 2))
    found = hdh_distance(X_source, X_target, (X_source[:, 0] > 0).astype(int), n_starts=0)
    assert agree[0] > 0.7
    assert found.n_per_domain == 60


def test_it_is_plain_data_and_its_own_float(rng):
    X = rng.normal(size=(2, 20, 2))
    found = hdh_distance(*X, halves_of_a_line(X[0]), n_starts=0)
    assert float(found) == found.pair
    assert found.pair_ci95[0] <= found.pair <= found.pair_ci95[1]
    named = {"n_test", "interval", "discriminator_interval", "principal_directions", "sign"}
    assert asdict(found)["details"].keys() == named
    assert found == hdh_distance(*X, halves_of_a_line(X[0]), n_starts=0)


def test_bad_input_is_named(rng):
    X = rng.normal(size=(2, 9, 2))
    y = halves_of_a_line(X[0])
    with pytest.raises(ValueError, match="needs y_source or a fitted predictor"):
        hdh_distance(*X)
    with pytest.raises(ValueError, match="pass y_source or predictor, not both"):
        hdh_distance(*X, y, predictor=LogisticRegression().fit(X[0], y))
    with pytest.raises(ValueError, match=r"at least two classes, got only \['right'\]"):
        hdh_distance(*X, np.full(9, "right"))
    with pytest.raises(ValueError, match="y_source must have one entry per row of X, 9 in all, got 8"):
        hdh_distance(*X, y[1:])
    with pytest.raises(ValueError, match="n_starts must be a whole number from 0 on, got -1"):
        hdh_distance(*X, y, n_starts=-1)
    with pytest.raises(TypeError, match="n_starts must be a whole number from 0 on, got 1.5"):
        hdh_distance(*X, y, n_starts=1.5)
    with pytest.raises(ValueError, match=r"predictor must be a fitted classifier, got Logistic.*: call fit"):
        hdh_distance(*X, predictor=LogisticRegression())
