import numpy as np
import pytest

from dacompare.divergence.drawing import DrawnRows
from dacompare.divergence.permutation import deal_domains, p_value_of, permutation_test


def gap(X):
    return lambda domain: abs(X[domain == 0].mean() - X[domain == 1].mean())


def test_the_test_keeps_its_level_without_groups():
    p_values = []
    for seed in range(200):
        X = np.random.default_rng(seed).normal(size=(24, 1))
        p_values.append(permutation_test(gap(X), DrawnRows(X, np.repeat([0, 1], 12), None), 39, seed)[1])
    assert min(p_values) >= 1 / 40
    assert np.mean(np.array(p_values) <= 0.1) == pytest.approx(0.1, abs=0.065)  # three standard errors
    assert np.mean(p_values) == pytest.approx(0.51, abs=0.07)


def test_rows_that_hang_together_need_their_groups():
    # Eight photos of eight rows in each domain, all photos from one distribution: there is no distance.
    found = {"rows": [], "groups": []}
    groups = np.repeat(np.arange(16), 8)
    for seed in range(40):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=16)[groups, None] + 0.1 * rng.normal(size=(128, 1))
        domain = np.repeat([0, 1], 64)
        for name, known in (("rows", None), ("groups", groups)):
            found[name].append(permutation_test(gap(X), DrawnRows(X, domain, known), 39, seed)[1])
    assert np.mean(np.array(found["rows"]) <= 0.05) > 0.3
    assert np.mean(np.array(found["groups"]) <= 0.05) < 0.16


def test_groups_stay_together_and_shared_ones_swap_sides():
    domain = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    groups = np.array([0, 0, 1, 9, 2, 2, 3, 9])  # 9 is seen in both domains
    dealt = deal_domains(DrawnRows(np.zeros((8, 1)), domain, groups), 300, 0)
    assert (dealt[:, 0] == dealt[:, 1]).all()
    assert (dealt[:, 4] == dealt[:, 5]).all()
    assert (dealt[:, 3] != dealt[:, 7]).all()
    assert dealt[:, 3].mean() == pytest.approx(0.5, abs=0.1)
    # Two of the four other groups are the source, whichever they are: six ways.
    assert len(np.unique(dealt[:, [0, 2, 4, 6]], axis=0)) == 6
    assert (dealt[:, [0, 2, 4, 6]].sum(axis=1) == 2).all()


def test_dealings_that_leave_a_row_alone_are_dropped():
    drawn = DrawnRows(np.zeros((6, 1)), np.array([0, 0, 0, 0, 1, 1]), np.array([0, 1, 1, 1, 2, 2]))
    dealt = deal_domains(drawn, 200, 0)
    assert 0 < len(dealt) < 200
    assert dealt.sum(axis=1).min() >= 2
    assert (6 - dealt.sum(axis=1)).min() >= 2


def test_no_permutation_no_p_value(rng):
    drawn = DrawnRows(rng.normal(size=(8, 1)), np.repeat([0, 1], 4), None)
    for groups in (None, np.arange(8)):
        value, p_value, null_mean = permutation_test(gap(drawn.X), drawn._replace(groups=groups), 0, 0)
        assert value == gap(drawn.X)(drawn.domain)
        assert p_value is None
        assert null_mean is None
    with pytest.raises(ValueError, match="n_permutations must be a whole number from 0 on, got -1"):
        deal_domains(drawn, -1, 0)


def test_ties_count_against_the_finding():
    assert p_value_of(0.3, np.array([0.1 + 0.2, 0.0, 0.1])) == 0.5
    assert p_value_of(0.0, np.zeros(9)) == 1
    assert p_value_of(5.0, np.zeros(9)) == 0.1
