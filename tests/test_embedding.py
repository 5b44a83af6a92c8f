import numpy as np
import pytest

from dacompare.domains import Domain
from dacompare.embedding import joint_tsne


@pytest.fixture
def features(rng):
    return rng.normal(size=(60, 5)), rng.normal(8.0, size=(40, 5))


def test_the_same_seed_gives_the_same_bytes(features):
    first, second = (joint_tsne(*features, random_state=3) for _ in range(2))
    assert first.source.tobytes() == second.source.tobytes()
    assert first.target.tobytes() == second.target.tobytes()
    assert first.kl == second.kl


def test_domains_that_lie_apart_stay_apart(features):
    embedded = joint_tsne(*features, perplexity=10.0)
    gap = np.linalg.norm(embedded.source.mean(axis=0) - embedded.target.mean(axis=0))
    spread = np.linalg.norm(embedded.source - embedded.source.mean(axis=0), axis=1).max()
    assert gap > spread
    assert embedded.perplexity == 10.0
    assert 0 < embedded.kl < 5


def test_the_rows_drawn_are_named_and_do_not_depend_on_the_features(features, rng):
    source, target = features
    first = joint_tsne(source, target, max_points=25)
    second = joint_tsne(Domain(rng.normal(size=(60, 2))), Domain(rng.normal(size=(40, 2))), max_points=25)
    assert first.source.shape == first.target.shape == (25, 2)
    np.testing.assert_array_equal(first.source_rows, second.source_rows)
    np.testing.assert_array_equal(first.target_rows, second.target_rows)
    assert first.target_rows.max() < 40


def test_few_points_reduce_the_perplexity_and_say_so(features):
    embedded = joint_tsne(features[0][:6], features[1][:4])
    assert embedded.perplexity == 3.0
    assert np.isfinite(embedded.source).all()


def test_inputs_stay_as_they_are(features):
    before = features[0].copy()
    for Z in features:
        Z.flags.writeable = False
    joint_tsne(*features)
    np.testing.assert_array_equal(features[0], before)


def test_bad_input_is_named(features):
    source, target = features
    with pytest.raises(ValueError, match="Z_source has 5 features, Z_target 3"):
        joint_tsne(source, target[:, :3])
    with pytest.raises(ValueError, match="at least 4 points"):
        joint_tsne(source[:1], target[:1])
    with pytest.raises(ValueError, match="perplexity must be a number above 0, got 0"):
        joint_tsne(source, target, perplexity=0)
    with pytest.raises(ValueError, match="max_points must be a whole number from 1 on, got 0"):
        joint_tsne(source, target, max_points=0)
    with pytest.raises(ValueError, match="Z_target holds"):
        joint_tsne(source, np.full((9, 5), np.nan))


def test_rows_that_are_all_the_same_are_refused():
    with pytest.raises(ValueError, match="all 90 rows are the same"):
        joint_tsne(np.ones((60, 5)), np.ones((30, 5)))


def test_columns_in_another_order_are_refused(features):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(np.arange(40.0).reshape(10, 4) % 7, columns=list("abcd"))
    with pytest.raises(ValueError, match="Z_target"):
        joint_tsne(frame, frame[list("dcba")])
    with pytest.raises(TypeError, match="max_points must be a whole number"):
        joint_tsne(frame, frame, max_points=None)
