import numpy as np

from dacompare.deep.batches import BatchOrder


def test_every_row_comes_once_before_any_comes_twice(rng):
    order = BatchOrder(10, 3, rng)
    drawn = np.concatenate([order.next_rows() for _ in range(10)])
    assert sorted(drawn[:10]) == list(range(10))
    assert sorted(drawn[10:20]) == list(range(10))
    assert not np.array_equal(drawn[:10], drawn[10:20])


def test_a_small_domain_is_drawn_with_replacement(rng):
    order = BatchOrder(2, 5, rng)
    assert order.with_replacement
    rows = order.next_rows()
    assert len(rows) == 5
    assert set(rows.tolist()) <= {0, 1}


def test_the_order_depends_on_its_own_stream_only():
    first = BatchOrder(50, 8, np.random.default_rng(1))
    second = BatchOrder(50, 8, np.random.default_rng(1))
    other = BatchOrder(70, 8, np.random.default_rng(2))
    for _ in range(9):
        other.next_rows()
        assert np.array_equal(first.next_rows(), second.next_rows())
