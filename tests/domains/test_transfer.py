import pickle

import numpy as np
import pytest

from dacompare.domains import Domain, Transfer


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 3))
    return X, np.arange(100) % 4, X + 1, np.arange(100) % 4


def image(n, *shape, dtype=np.uint8, y=None):
    return Domain(np.random.default_rng(n).integers(0, 2, (n, *shape)).astype(dtype), y)


def test_from_arrays_splits_the_source_by_class_and_uses_the_whole_target(arrays):
    transfer = Transfer.from_arrays(*arrays)
    assert (transfer.source.n_rows, transfer.source_test.n_rows, transfer.target.n_rows) == (80, 20, 100)
    assert np.bincount(transfer.source_test.y).tolist() == [5, 5, 5, 5]
    assert transfer.protocol == "transductive"
    assert transfer.target_evaluation is transfer.target
    both = np.concatenate([transfer.source.X, transfer.source_test.X])
    assert np.array_equal(np.unique(both, axis=0), np.unique(arrays[0], axis=0))


def test_a_split_that_loses_a_class_says_what_would_keep_it(rng):
    X = rng.normal(size=(20, 3))
    with pytest.raises(
        ValueError, match=r"test_size=0.2 leaves no row of class \d to train on, as there are too few rows"
    ):
        Transfer.from_arrays(X[:2], [0, 1], X)
    assert Transfer.from_arrays(X[:2], [0, 1], X, test_size=None).source.n_rows == 2
    y = np.arange(20) % 2
    with pytest.raises(ValueError, match=r"to train on, as all rows of a group stay together; pass test_size=None"):
        Transfer.from_arrays(X, y, X, groups_source=y)
    with pytest.raises(ValueError, match="source must have at least two classes, got only 0"):
        Transfer.from_arrays(X, 0 * y, X)
    with pytest.raises(ValueError, match="labels that are fractions"):
        Transfer.from_arrays(X, X[:, 0], X)


def test_labels_in_a_column_are_told_how_they_become_a_vector(rng):
    X, y = rng.normal(size=(20, 3)), np.arange(20) % 2
    with pytest.raises(ValueError, match=r"y_source must have shape .* got \(20, 1\); use y_source.ravel\(\)"):
        Transfer.from_arrays(X, y[:, None], X)
    frame = pytest.importorskip("pandas").DataFrame({"label": y})
    with pytest.raises(ValueError, match=r"use numpy.ravel\(y_source\)"):
        Transfer.from_arrays(X, frame, X)
    Transfer.from_arrays(X, np.ravel(frame), X)


def test_from_arrays_is_inductive_with_a_target_test_set(arrays):
    X, y, X_target, y_target = arrays
    transfer = Transfer.from_arrays(X, y, X_target, X_target_test=X_target, y_target_test=y_target)
    assert transfer.protocol == "inductive"
    assert transfer.target_evaluation is transfer.target_test
    assert transfer.target.y is None
    assert transfer.has_target_labels


def test_an_unlabelled_target_is_no_special_case(arrays):
    transfer = Transfer.from_arrays(*arrays[:3])
    assert not transfer.has_target_labels
    assert "unlabelled target" in repr(transfer)
    assert Transfer.from_arrays(*arrays[:3], X_target_test=arrays[2]).has_target_labels is False


def test_the_same_seed_gives_the_same_split(arrays):
    first, again, other = (Transfer.from_arrays(*arrays, random_state=seed) for seed in (3, 3, 4))
    assert first.source.X.tobytes() == again.source.X.tobytes()
    assert first.source.X.tobytes() != other.source.X.tobytes()


def test_groups_never_straddle_the_source_split(arrays):
    groups = np.repeat(np.arange(20), 5)
    transfer = Transfer.from_arrays(*arrays, groups_source=groups)
    assert not set(transfer.source.groups) & set(transfer.source_test.groups)


def test_inputs_are_never_written_to(arrays):
    before = [array.tobytes() for array in arrays]
    transfer = Transfer.from_arrays(*arrays)
    transfer.to_sample_domain()
    assert [array.tobytes() for array in arrays] == before
    assert all(array.flags.writeable for array in arrays)


@pytest.mark.parametrize("position", range(4))
def test_messages_name_the_users_own_argument(arrays, position):
    arguments = list(arrays)
    name = ("X_source", "y_source", "X_target", "y_target")[position]
    arguments[position] = np.zeros((2, 2, 2, 2, 2))
    with pytest.raises(ValueError, match=f"^{name} must "):
        Transfer.from_arrays(*arguments)


def test_test_labels_without_test_rows_are_refused(arrays):
    with pytest.raises(ValueError, match="y_target_test was given without X_target_test"):
        Transfer.from_arrays(*arrays, y_target_test=[1])


@pytest.mark.parametrize("test_size", [0, 1.0, -0.5, "0.2", True])
def test_bad_shares_are_refused(arrays, test_size):
    with pytest.raises(ValueError, match="test_size must be a share between 0 and 1"):
        Transfer.from_arrays(*arrays, test_size=test_size)


def test_no_source_test_set_on_request(arrays):
    assert Transfer.from_arrays(*arrays, test_size=None).source_test is None


def test_grey_is_repeated_where_another_domain_is_in_colour():
    source = image(6, 4, 4, y=[0, 1] * 3)
    transfer = Transfer(source, image(5, 4, 4, 3), protocol="transductive")
    assert transfer.source.row_shape == (4, 4, 3)
    assert all(np.array_equal(transfer.source.X[..., c], source.X) for c in range(3))
    assert not transfer.source.X.flags.writeable
    reverse = Transfer(image(5, 4, 4, 3, y=[0, 1, 0, 1, 1]), image(6, 4, 4, 1), protocol="transductive")
    assert reverse.target.row_shape == (4, 4, 3)


def test_grey_stays_grey_among_grey():
    source = image(6, 4, 4, y=[0, 1] * 3)
    assert Transfer(source, image(5, 4, 4), protocol="transductive").source is source
    assert Transfer(source, image(5, 4, 4, 1), protocol="transductive").source.row_shape == (4, 4, 1)


def test_the_protocol_and_the_test_set_must_fit():
    source, target = Domain(np.eye(3), [0, 1, 1]), Domain(np.eye(3))
    with pytest.raises(ValueError, match="target_test must be given with protocol='inductive'"):
        Transfer(source, target)
    with pytest.raises(ValueError, match="target_test must be None with protocol='transductive'"):
        Transfer(source, target, target_test=target, protocol="transductive")
    with pytest.raises(ValueError, match="did you mean 'inductive'"):
        Transfer(source, target, protocol="inducitve")


def test_arrays_in_place_of_domains_are_refused():
    with pytest.raises(TypeError, match=r"target must be a Domain, got ndarray; use Transfer.from_arrays"):
        Transfer(Domain(np.eye(3), [0, 1, 1]), np.eye(3), protocol="transductive")


def test_constant_features_are_warned_of_once_per_domain(arrays):
    X = arrays[0].copy()
    X[:, 1] = 4
    with pytest.warns(UserWarning, match="1 of 3 features of source is constant") as caught:
        Transfer.from_arrays(X, *arrays[1:])
    assert len(caught) == 1
    assert caught[0].filename != ""


def test_classes_and_their_names():
    X = np.random.default_rng(0).normal(size=(4, 2))
    plain = Transfer.from_arrays(X, ["b", "a", "b", "a"], X, test_size=None)
    assert plain.classes.tolist() == ["a", "b"]
    assert plain.class_names == ("a", "b")
    named = Transfer.from_arrays(X, [5, 3, 5, 3], X, [3, 3, 3, 3], test_size=None, class_names=["three", "five"])
    assert named.class_names == ("three", "five")
    sparse = Domain(X, [0, 2, 0, 2], class_names=["zero", "one", "two"])
    assert Transfer(sparse, Domain(X), protocol="transductive").class_names == ("zero", "two")


def test_title_and_slug_come_from_the_names_and_are_safe_as_file_names():
    source, target = Domain(np.eye(3), [0, 1, 1], name="MNIST"), Domain(np.eye(3), name="../<b>M")
    transfer = Transfer(source, target, protocol="transductive")
    assert (transfer.title, transfer.slug) == ("MNIST → ../<b>M", "mnist-b-m")
    with pytest.raises(ValueError, match=r"slug must be made of a-z, 0-9 and '-', got '\.\./x'"):
        Transfer(source, target, protocol="transductive", slug="../x")


def test_a_transfer_survives_pickling(arrays):
    transfer = pickle.loads(pickle.dumps(Transfer.from_arrays(*arrays)))
    assert not transfer.source.X.flags.writeable
    assert repr(transfer) == repr(Transfer.from_arrays(*arrays))


def test_the_stacked_form_and_back(arrays):
    transfer = Transfer.from_arrays(*arrays, test_size=None)
    X, y, sample_domain = transfer.to_sample_domain()
    assert sample_domain.tolist() == [1] * 100 + [-2] * 100
    back = Transfer.from_sample_domain(X, y, sample_domain, test_size=None)
    for name in ("source", "target"):
        assert np.array_equal(back.domains[name].X, transfer.domains[name].X)
        assert np.array_equal(back.domains[name].y, transfer.domains[name].y)


def test_an_unlabelled_target_makes_the_round_trip_when_it_is_declared(arrays):
    stacked = Transfer.from_arrays(*arrays[:3]).to_sample_domain()
    assert set(stacked[1][stacked[2] < 0]) == {-1}
    with pytest.raises(ValueError, match=r'mean "masked".*labelled=False'):
        Transfer.from_sample_domain(*stacked)
    assert not Transfer.from_sample_domain(*stacked, labelled=False).has_target_labels
