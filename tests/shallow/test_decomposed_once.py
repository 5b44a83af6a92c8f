"""Tests for decomposing the same rows once within a block."""

import threading

import numpy as np
import pytest
from scipy import linalg

from dacompare.shallow import GeodesicFlowKernel, decomposed_once
from dacompare.shallow.decomposed_once import decomposing_once, once
from dacompare.shallow.subspace_alignment import principal_directions


@pytest.fixture
def decompositions(monkeypatch):
    """Return a list that grows by the shape of each matrix whose directions are found."""
    shapes, svd = [], linalg.svd

    def counted(a, full_matrices=True, **rest):
        if not full_matrices:
            shapes.append(a.shape)
        return svd(a, full_matrices=full_matrices, **rest)

    monkeypatch.setattr(linalg, "svd", counted)
    return shapes


def test_a_search_decomposes_both_domains_once_and_finds_the_same(rng, decompositions):
    X, X_target = rng.normal(size=(20, 30)), rng.normal(size=(25, 30)) + 1

    def searched():
        return [GeodesicFlowKernel(d).fit(X, X_target=X_target.copy()).transform(X_target) for d in (2, 3, 4)]

    alone, before = searched(), len(decompositions)
    with decomposing_once():
        together = searched()
    saved = 2 * before - len(decompositions)
    assert saved == 4  # each domain twice more, of three dimensions
    for a, b in zip(alone, together, strict=True):
        np.testing.assert_array_equal(a, b)


def test_rows_that_differ_in_a_bit_in_shape_or_in_memory_are_others(rng, decompositions):
    X = rng.normal(size=(6, 4))
    other = X.copy()
    other[0, 0] = np.nextafter(X[0, 0], 9)
    with decomposing_once():
        for rows in (X, other, X.reshape(8, 3), np.asfortranarray(X), X):
            principal_directions(rows)
    assert len(decompositions) == 4


def test_what_is_kept_cannot_be_written_to(rng):
    X = rng.normal(size=(6, 4))
    with decomposing_once():
        mean, directions = principal_directions(X)
        for kept in (mean, directions):
            with pytest.raises(ValueError, match="read-only"):
                kept[0] = 0
    principal_directions(X)[0][0] = 0


def test_nothing_is_kept_after_a_block_nor_seen_by_another_thread(rng):
    X, found = rng.normal(size=(6, 4)), []
    with decomposing_once():
        first = principal_directions(X)[1]
        thread = threading.Thread(target=lambda: found.append(principal_directions(X)[1]))
        thread.start()
        thread.join()
        with decomposing_once():
            found.append(principal_directions(X)[1])
        assert principal_directions(X)[1] is first
    found.append(principal_directions(X)[1])
    assert all(directions is not first for directions in found)


def test_the_oldest_go_where_more_is_asked_for_than_may_be_kept(monkeypatch):
    monkeypatch.setattr(decomposed_once, "MAX_BYTES", 2 * 3 * 8)
    asked = []

    def decompose(X):
        asked.append(X[0])
        return np.zeros(int(X[1])), np.zeros(0)

    def ask(name, size):
        once(decompose, np.array([name, size], dtype=float))

    with decomposing_once():
        ask(1, 3), ask(2, 3), ask(1, 3), ask(2, 3)
        assert asked == [1, 2]
        ask(3, 3), ask(2, 3), ask(1, 3)
        assert asked == [1, 2, 3, 1]
        ask(4, 7), ask(4, 7)
        assert asked[4:] == [4, 4]
