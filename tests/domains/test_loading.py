import json

import numpy as np
import pytest

from dacompare.domains import DOMAINS, Domain, LoadedDomain, load_transfer

FONTS = {"domain": "fonts", "rows": 60, "test_rows": 20}
FONTSM = {"domain": "fontsm", "rows": 60, "test_rows": 20}


@pytest.fixture
def paired(monkeypatch):
    """Two domains that show the same 40 things, with an official split on request."""

    def load(name, official):
        def loader(*, seed: int = 0) -> LoadedDomain:
            rng = np.random.default_rng([seed, len(name)])
            groups, y = np.arange(40), np.arange(40) % 2
            whole = Domain(rng.normal(size=(40, 3)), y, groups=groups, name=name)
            if official:
                return LoadedDomain(whole.take(slice(0, 30)), whole.take(slice(30, 40)))
            return LoadedDomain(whole)

        return loader

    for name, official in (("plain", False), ("other", False), ("official", True)):
        monkeypatch.setitem(DOMAINS, name, load(name, official))


def test_official_test_sets_are_kept_and_all_is_recorded():
    loaded = load_transfer(FONTS, FONTSM, title="Fonts", slug="fonts")
    transfer = loaded.transfer
    assert (transfer.source.n_rows, transfer.source_test.n_rows) == (60, 20)
    assert (transfer.target.n_rows, transfer.target_test.n_rows) == (60, 20)
    assert (transfer.title, transfer.slug, transfer.protocol) == ("Fonts", "fonts", "inductive")
    assert transfer.source.row_shape == (28, 28, 3)
    assert set(loaded.generator) == {"source", "target"}
    assert json.loads(json.dumps(loaded.generator)) == loaded.generator
    assert all(set(file) == {"name", "sha256", "bytes"} for file in loaded.files)


def test_the_target_seed_does_not_touch_the_source():
    first, other = (load_transfer(FONTS, {**FONTSM, "data_seed": seed}).transfer for seed in (0, 1))
    assert first.source.X.tobytes() == other.source.X.tobytes()
    assert first.target.X.tobytes() != other.target.X.tobytes()


def test_labels_of_an_unlabelled_target_are_dropped_everywhere():
    transfer = load_transfer(FONTS, {**FONTSM, "labelled": False}).transfer
    assert transfer.target.y is None
    assert transfer.target_test.y is None
    assert transfer.source.y is not None


def test_shares_false_and_transductive(paired):
    transfer = load_transfer({"domain": "plain"}, {"domain": "other"}, {"source_test": 0.25}).transfer
    assert (transfer.source.n_rows, transfer.source_test.n_rows) == (30, 10)
    source, target = {"domain": "official"}, {"domain": "official"}
    with pytest.warns(UserWarning, match="source and target share 30 groups"):
        whole = load_transfer(source, target, {"protocol": "transductive", "source_test": False}).transfer
    assert (whole.source.n_rows, whole.source_test, whole.target.n_rows) == (30, None, 40)


def test_official_without_an_official_test_set_is_refused(paired):
    with pytest.raises(ValueError, match=r"\[split\] target_test is 'official', but 'plain' has no official test set"):
        load_transfer({"domain": "official"}, {"domain": "plain"}, {"target_test": "official"})


@pytest.mark.parametrize("names", [("plain", "other"), ("plain", "official"), ("official", "plain")])
def test_a_group_is_on_one_side_over_both_domains(paired, names):
    source, target = ({"domain": name} for name in names)
    transfer = load_transfer(source, target, {"source_test": None, "split_seed": 5}).transfer
    train = set(transfer.source.groups) | set(transfer.target.groups)
    test = set(transfer.source_test.groups) | set(transfer.target_test.groups)
    assert not train & test
    assert train | test == set(range(40))


def test_without_groups_the_domains_are_split_on_their_own(paired):
    transfer = load_transfer({"domain": "plain"}, {"domain": "other"}, {"by_group": False}).transfer
    assert transfer.source.groups is None
    assert transfer.target_test.groups is None
    assert transfer.target_test.n_rows == 8


def test_the_split_seed_decides(paired):
    tables = {"domain": "plain"}, {"domain": "other"}
    first, again, other = (load_transfer(*tables, {"split_seed": seed}).transfer for seed in (1, 1, 2))
    assert first.source_test.groups.tolist() == again.source_test.groups.tolist()
    assert first.source_test.groups.tolist() != other.source_test.groups.tolist()


def test_max_rows_keeps_that_many_for_training_and_half_for_testing():
    transfer = load_transfer(FONTS, FONTSM, {"max_rows": 30}).transfer
    sizes = [domain.n_rows for domain in transfer.domains.values()]
    assert sizes == [30, 30, 15, 15]
    assert len(np.unique(transfer.source.y)) == len(transfer.classes) == 10


def test_relative_paths_start_from_the_recipe(tmp_path):
    X = np.random.default_rng(0).normal(size=(20, 2))
    np.savez(tmp_path / "mine.npz", X_source=X, y_source=np.arange(20) % 2, X_target=X)
    table = {"domain": "npz", "path": "mine.npz"}
    loaded = load_transfer(table, table, {"protocol": "transductive"}, base=tmp_path)
    assert loaded.transfer.source.n_rows == 16
    assert not loaded.transfer.has_target_labels
    assert [file["name"] for file in loaded.files] == ["mine.npz"]
    assert loaded.generator is None


def test_every_path_option_starts_from_the_recipe(tmp_path):
    for name, n_rows in (("train.csv", 10), ("test.csv", 4)):
        rows = "".join(f"{i},{i * i},{i % 2}\n" for i in range(n_rows))
        (tmp_path / name).write_text(f"a,b,label\n{rows}")
    table = {"domain": "table", "path": "train.csv", "test_path": "test.csv"}
    transfer = load_transfer(table, table, base=tmp_path).transfer
    assert (transfer.source.n_rows, transfer.target_test.n_rows) == (10, 4)
    absolute = {**table, "path": str(tmp_path / "train.csv"), "test_path": ""}
    assert load_transfer(table, absolute, {"target_test": 0.5}, base=tmp_path).transfer.target_test.n_rows == 5


def test_two_processes_load_the_same_as_one():
    one, two = (load_transfer(FONTS, FONTSM, n_jobs=n_jobs) for n_jobs in (1, 2))
    assert one.files == two.files
    assert np.array_equal(one.transfer.target.X, two.transfer.target.X)
    assert not two.transfer.source.X.flags.writeable


def test_digits_have_no_official_test_set():
    small = {**FONTS, "size": 28}
    transfer = load_transfer({"domain": "digits"}, small).transfer
    assert transfer.source_test.n_rows == pytest.approx(1797 * 0.2, abs=10)


@pytest.mark.data
def test_mnist_and_mnistm_keep_every_digit_on_one_side(data_folder):
    split = {"source_test": 0.1, "target_test": 0.1, "max_rows": 3000}
    target = {"domain": "mnistm", "photos": "sklearn"}
    transfer = load_transfer({"domain": "mnist"}, target, split).transfer
    train = set(transfer.source.groups) | set(transfer.target.groups)
    assert not train & (set(transfer.source_test.groups) | set(transfer.target_test.groups))
    assert not np.array_equal(transfer.source.groups, transfer.target.groups)


@pytest.fixture
def beside(monkeypatch):
    """Rows that others have published, beside the domains of `paired`: `first` is their first group."""

    def load(first, labels=True, width=3):
        rows = np.random.default_rng(5).normal(size=(12, width))
        y = np.arange(12) % 2 if labels else None
        return LoadedDomain(Domain(rows, y, groups=np.arange(first, first + 12), name="published"))

    def loader(*, first: int = 100, labels: bool = True, width: int = 3) -> LoadedDomain:
        return load(first, labels, width)

    monkeypatch.setitem(DOMAINS, "published", loader)


def _beside(**options):
    return load_transfer(
        {"domain": "plain"}, {"domain": "other"}, {"source_test": 0.25}, genuine={"domain": "published", **options}
    )


def test_genuine_rows_lie_beside_the_transfer(paired, beside):
    loaded = _beside()
    assert loaded.genuine.name == "published"
    assert loaded.genuine.n_rows == 12
    assert load_transfer({"domain": "plain"}, {"domain": "other"}, {"source_test": 0.25}).genuine is None


def test_of_genuine_rows_the_official_test_set_is_taken(paired):
    shared = "share 30 groups|groups that the source is trained on"
    with pytest.raises(ValueError, match=shared):
        load_transfer({"domain": "plain"}, {"domain": "other"}, {"source_test": 0.25}, genuine={"domain": "official"})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"first": 0}, "genuine has .* groups that the source is trained on, such as"),
        ({"labels": False}, "genuine must have labels, got y=None"),
        ({"width": 4}, "target and genuine must have rows of one shape"),
    ],
)
def test_genuine_rows_that_cannot_serve_are_refused(paired, beside, options, message):
    with pytest.raises(ValueError, match=message):
        _beside(**options)


def test_genuine_rows_need_their_labels_in_the_recipe_too(paired, beside):
    with pytest.raises(ValueError, match=r"\[genuine\] labelled belongs to \[target\]"):
        _beside(labelled=False)
