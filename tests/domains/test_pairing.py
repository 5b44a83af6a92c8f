import numpy as np
import pytest
from PIL import Image

from dacompare.domains.pairing import FEW_TARGETS, inspect_pair


@pytest.fixture
def pair(tmp_path):
    """Inspect two npz files with these arrays."""

    def pair(source, target, test=None, **options):
        for name, arrays in (("old", source), ("new", target), ("test", test)):
            if arrays is not None:
                np.savez(tmp_path / f"{name}.npz", **arrays)
        return inspect_pair(
            tmp_path / "old.npz", tmp_path / "new.npz", None if test is None else tmp_path / "test.npz", **options
        )

    return pair


@pytest.fixture
def images(tmp_path):
    """Save images of some sizes and colours, and inspect the two folders."""

    def images(source, target):
        for side, kinds in (("old", source), ("new", target)):
            for k, (size, value) in enumerate(kinds):
                for name in ("a/x", "a/y", "b/x"):
                    path = tmp_path / side / f"{name}{k}.png"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    Image.new("RGB", size, value).save(path)
        return inspect_pair(tmp_path / "old", tmp_path / "new")

    return images


GREY, RED = (9, 9, 9), (200, 0, 0)


def _rows(labels, width=3):
    labels = np.array(labels)
    return {"X": np.random.default_rng(0).normal(size=(len(labels), width)), "y": labels}


def _without(rows):
    return {"X": rows["X"]}


def test_the_protocol_follows_from_the_labels_and_the_number_of_target_rows(pair):
    source = _rows([0, 1] * 5)
    few, many = _rows([0, 1] * 5), _rows([0, 1] * (FEW_TARGETS // 2))
    known = pair(source, few)
    assert (known.protocol, known.is_judged, known.can_train_on_target) == ("transductive", True, True)
    assert pair(source, many).protocol == "inductive"
    blind = pair(source, _without(many))
    assert (blind.protocol, blind.is_judged, blind.can_train_on_target) == ("transductive", False, False)
    tested = pair(source, _without(few), few)
    assert (tested.protocol, tested.is_judged, tested.can_train_on_target) == ("inductive", True, False)
    told = pair(source, many, unlabelled=True)
    assert (told.is_judged, told.target.option("labelled")) == (False, False)


def test_classes_of_one_domain_alone_are_told(pair):
    found = pair(_rows(["a", "b", "only here"] * 4), _rows(["a", "b", "b", "new"] * 4))
    assert found.target.option("classes") == ["a", "b"]
    assert found.source.option("classes") is None
    assert any(choice.key == "classes" and choice.value == ["a", "b"] for choice in found.source.choices)
    assert any('no row of "only here"' in note for note in found.notes)
    assert any('The source has no "new": 4 target rows' in note for note in found.notes)
    assert not found.problems


def test_domains_that_share_no_class_cannot_be_compared(pair):
    (problem,) = pair(_rows(["Cat", "Dog"] * 4), _rows(["cat", "dog"] * 4)).problems
    assert "share no class" in problem
    assert '"Cat" and "cat"' in problem
    (problem,) = pair(_rows(["cat", "dog"] * 4), _rows(["monday", "tuesday"] * 4)).problems
    assert problem.endswith("add --unlabelled.")
    assert pair(_rows(["cat", "dog"] * 4), _rows(["monday", "tuesday"] * 4), unlabelled=True).problems == ()


def test_names_that_differ_in_case_alone_are_told(pair):
    found = pair(_rows(["Cat", "dog", "x "] * 4), _rows(["cat", "dog", "x"] * 4))
    assert found.target.option("classes") == ["dog"]
    assert any('"Cat" and "cat"' in note and '"x " and "x"' in note for note in found.notes)


def test_numbers_and_texts_are_compared_as_they_will_be_loaded(pair):
    numbers, texts = _rows([0, 1, 2] * 4), _rows(["0", "1", "9"] * 4)
    assert pair(numbers, texts).target.option("classes") == ["0", "1"]
    assert pair(texts, numbers).target.option("classes") == [0, 1]
    named = {**_rows([0, 1] * 4), "class_names": ["cat", "dog"]}
    assert pair(named, _rows(["cat", "dog"] * 4)).notes == ()
    assert pair(_rows([0.0, 1.0] * 4), _rows([0, 1] * 4)).notes == ()


def test_a_source_that_teaches_nothing_is_a_problem(pair):
    target = _rows([0, 1] * 4)
    for source, words in (
        (_without(_rows([0] * 4)), "lacks y|has no labels"),
        (_rows([0] * 4), "one class only, 0"),
        (_rows([0, 1, 2]), "its 3 rows have 3 different labels. Give more rows; or, if the labels are measurements"),
    ):
        (problem,) = pair(source, target).problems
        assert any(word in problem for word in words.split("|"))


def test_rows_must_have_the_same_width_and_kind(pair, tmp_path):
    (problem,) = pair(_rows([0, 1] * 4, 3), _rows([0, 1] * 4, 5)).problems
    assert "old.npz has 3 columns" in problem
    pictures = {"X": np.zeros((4, 20, 20), np.uint8), "y": np.array([0, 1] * 2)}
    with pytest.raises(ValueError, match="old.npz holds rows of features and .*new.npz images"):
        pair(_rows([0, 1] * 4), pictures)
    (problem,) = pair({**pictures, "X": np.zeros((4, 20, 20))}, pictures).problems
    assert "save both as uint8" in problem
    (problem,) = pair(pictures, {**pictures, "X": np.zeros((4, 24, 24), np.uint8)}).problems
    assert "arrays are not resized" in problem


@pytest.mark.parametrize(
    ("source", "target", "size"),
    [
        ([(28, 28)], [(28, 28)], None),
        ([(40, 20)], [(40, 20)], None),
        ([(8, 8)], [(8, 8)], 16),
        ([(8, 8)], [(28, 28)], 16),
        ([(28, 28)], [(24, 30)], 24),
        ([(28, 28)], [(32, 32)], 28),
        ([(300, 200)], [(300, 200)], 32),
        ([(300, 200), (20, 20), (400, 400)], [(64, 64)], 32),
    ],
)
def test_images_get_one_size_that_the_network_can_take(source, target, size, images):
    found = images([(edges, RED) for edges in source], [(edges, RED) for edges in target])
    assert found.source.option("size") == found.target.option("size") == size
    assert not found.problems


def test_colour_is_dropped_only_where_there_is_none(images):
    both = images([((20, 20), GREY)], [((20, 20), GREY)])
    assert (both.source.option("grey"), both.target.option("grey")) == (True, True)


def test_colour_in_one_domain_is_kept_and_told(images):
    mixed = images([((20, 20), GREY)], [((20, 20), RED)])
    assert mixed.source.option("grey") is None
    assert any("The source is grey, the target colour" in note for note in mixed.notes)


def test_a_folder_follows_the_size_of_an_array(images, tmp_path):
    images([((30, 20), RED)], [((30, 20), RED)])
    for edges, size, problems in (((18, 18), 18, 0), ((18, 22), None, 1), ((20, 30), None, 0)):
        np.savez(tmp_path / "new.npz", X=np.zeros((4, *edges, 3), np.uint8), y=["a", "b"] * 2)
        found = inspect_pair(tmp_path / "old", tmp_path / "new.npz")
        assert (found.source.option("size"), len(found.problems)) == (size, problems)
        assert found.target.option("size") is None


def test_columns_of_very_different_spread_are_standardised(pair):
    rows = _rows([0, 1] * 20)
    assert pair(rows, rows).source.option("unit_variance") is None
    wide = {**rows, "X": rows["X"] * [1, 1, 5000]}
    assert pair(wide, rows).source.option("unit_variance") is True
    far = {**rows, "X": rows["X"] + 1000}
    (choice,) = (one for one in pair(far, rows).source.choices if one.key == "unit_variance")
    assert choice.value is True
    assert "times as far from 0 as from each other" in choice.why


def test_tables_must_have_the_columns_of_the_source_in_its_order(tmp_path):
    (tmp_path / "old.csv").write_text("a,b,label\n1.5,2,x\n2,3,y\n1.5,2,x\n2,3,y\n")
    for header, words in (("b,a", "same order"), ("a,c", 'lacks columns of the source: "b"')):
        (tmp_path / "new.csv").write_text(f"{header}\n1.5,2\n")
        (problem,) = inspect_pair(tmp_path / "old.csv", tmp_path / "new.csv").problems
        assert words in problem


def test_a_table_without_a_column_of_the_source_is_told_that(tmp_path):
    (tmp_path / "old.csv").write_text("f0,f1,label\n1.5,2,x\n2,3,y\n1.5,2,x\n2,3,y\n")
    (tmp_path / "new.csv").write_text("a,b\n1.5,2\n2,3\n")
    with pytest.raises(ValueError, match='shares no column of features .* are "a", "b", .* old.csv are "f0", "f1"'):
        inspect_pair(tmp_path / "old.csv", tmp_path / "new.csv")


def test_svmlight_files_are_made_equally_wide(tmp_path):
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text("1 1:1 9:1\n2 2:1\n" * 3)
    new.write_text("1 1:1 4:1\n2 2:1\n" * 3)
    found = inspect_pair(old, new)
    assert (found.source.option("n_features"), found.target.option("n_features")) == (None, 9)
    new.write_text("1 0:1 4:1\n2 2:1\n" * 3)
    found = inspect_pair(old, new)
    assert (found.source.option("zero_based"), found.target.option("zero_based")) == (True, True)
    assert (found.source.option("n_features"), found.target.option("n_features")) == (None, 10)


def test_one_label_in_all_rows_of_an_svmlight_target_is_a_placeholder(tmp_path):
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text("1 1:1\n2 2:1\n" * 3)
    new.write_text("0 1:1\n0 2:1\n" * 3)
    found = inspect_pair(old, new)
    assert (found.target.option("labelled"), found.is_judged, found.problems) == (False, False, ())
    assert any("placeholder" in note for note in found.notes)


def test_test_rows_must_be_of_the_form_of_the_target(pair, tmp_path):
    source = _rows([0, 1] * 4)
    with pytest.raises(ValueError, match="test.npz has no labels"):
        pair(source, source, _without(source))
    (tmp_path / "test.csv").write_text("a,label\n1,0\n")
    with pytest.raises(ValueError, match="of the kind of the target, 'npz', got 'table'"):
        inspect_pair(tmp_path / "old.npz", tmp_path / "new.npz", tmp_path / "test.csv")
    np.savez(
        tmp_path / "both.npz",
        X_source=source["X"],
        y_source=source["y"],
        X_target=source["X"],
        X_target_test=source["X"],
    )
    with pytest.raises(ValueError, match="leave --target-test out"):
        inspect_pair(tmp_path / "both.npz", tmp_path / "both.npz", tmp_path / "old.npz")
