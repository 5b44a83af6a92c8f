import os

import numpy as np
import pytest
from PIL import Image

from dacompare.domains.inspecting import inspect_domain, kind_of_file, scales_of
from dacompare.domains.npz import load_npz


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def save(tmp_path):
    def save(name, value=0, size=(20, 20), mode="RGB"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new(mode, size, value).save(path)
        return path

    return save


# Files of which kind


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.txt", "1 1:0.5 3:2\n-1 2:1\n", "svmlight"),
        ("a.csv", "# a comment\n+1 1:0.5 # more\n", "svmlight"),
        ("a.dat", "1,3 qid:4 1:0.5\n2 1:1\n", "svmlight"),
        ("a.svmlight", "1 1:0.5\n1 bad\n2 1:1\n", "svmlight"),
        ("a.svmlight", "a,b\n1,2\n", "table"),
        ("a", "time,label\n10:30,x\n", "table"),
    ],
)
def test_the_content_tells_the_kind_and_not_the_name(name, text, kind, write):
    assert kind_of_file(write(name, text)) == kind


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.png", b"\x89PNG", "is one image; name the folder that it lies in"),
        ("a.npy", b"\x93NUMPY", "put it into an .npz file"),
        ("a.bin", b"\x93NUMPY", "no npz file, or a truncated one"),
        ("a.npz", b"PK\x03\x04 cut", "no npz file, or a truncated one"),
        ("a.xlsx", b"PK", "save the sheet as CSV"),
        ("a.tar", b"x", "unpack it first"),
        ("a.csv", b" \n ", "is empty"),
    ],
)
def test_files_that_are_not_read_are_refused_with_what_to_do(name, content, message, write):
    with pytest.raises(ValueError, match=message):
        inspect_domain(write(name, content))


def test_places_that_are_not_there_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="'.*none' is not there in"):
        inspect_domain(tmp_path / "none")
    with pytest.raises(FileNotFoundError, match="neither is the folder .*no"):
        inspect_domain(tmp_path / "no" / "none")


# Images


def test_a_folder_of_images_is_counted_by_class_size_and_colour(save, tmp_path):
    save("cat/1.png", 7)
    save("cat/2.jpg", (200, 0, 0), size=(30, 20))
    save("dog/1.webp", 9, mode="L")
    for junk in ("__MACOSX/1.png", "cat/.hidden.png", ".trash/1.png"):
        save(junk)
    (tmp_path / "cat/Thumbs.db").write_bytes(b"x")
    found = inspect_domain(tmp_path)
    assert (found.domain, found.n_rows, found.labels) == ("folder", 3, {"cat": 2, "dog": 1})
    assert found.sizes == {(20, 20): 2, (30, 20): 1}
    assert found.colours == "grey and colour"
    assert (found.choices, found.notes, found.is_image) == ((), (), True)


def test_colour_is_what_is_seen_not_what_the_file_could_hold(save, tmp_path):
    save("1.png", (5, 5, 5))
    save("2.png", 200, mode="L")
    assert inspect_domain(tmp_path).colours == "grey"
    save("1.png", (5, 5, 9))
    save("2.png", (5, 5, 9))
    assert inspect_domain(tmp_path).colours == "colour"
    assert inspect_domain(tmp_path).labels is None


def test_images_that_cannot_be_read_are_counted_and_named(save, tmp_path):
    for k in range(6):
        save(f"cat/{k}.png")
        save(f"dog/{k}.png")
    for k in range(4):
        (tmp_path / f"dog/{k}.png").write_bytes(b"no image")
    whole = (tmp_path / "cat/0.png").read_bytes()
    (tmp_path / "cat/0.png").write_bytes(whole[:-30])
    found = inspect_domain(tmp_path)
    assert found.labels == {"cat": 5, "dog": 2}
    assert found.option("skip_unreadable") is True
    (note,) = found.notes
    assert note.startswith("5 of the images cannot be read")
    assert str(tmp_path / "cat/0.png") in note
    assert note.endswith("and 2 more.")


def test_a_class_without_a_readable_image_is_gone_and_said(save, tmp_path):
    save("cat/1.png")
    save("dog/1.png").write_bytes(b"")
    found = inspect_domain(tmp_path)
    assert found.labels == {"cat": 1}
    assert 'No image can be read of the classes "dog"' in found.notes[1]
    (tmp_path / "cat/1.png").write_bytes(b"")
    with pytest.raises(ValueError, match="none of the images of .* can be read; 1.png, for instance"):
        inspect_domain(tmp_path)


def test_folders_in_no_such_form_are_refused(save, tmp_path):
    with pytest.raises(ValueError, match="holds no image"):
        inspect_domain(tmp_path)
    save("train/cat/1.png")
    with pytest.raises(ValueError, match="name the folder .*train if its folders are the classes"):
        inspect_domain(tmp_path)


def test_names_that_hint_at_groups_are_an_alternative_and_others_are_not(save, tmp_path):
    for box in range(5):
        for k in range(3):
            save(f"cat/box{box}_{k}.png")
    (choice,) = inspect_domain(tmp_path).choices
    assert (choice.key, choice.value, choice.is_used) == ("group_until", "_", False)
    assert "5 names" in choice.why
    for k in range(15):  # one prefix for a class says nothing
        save(f"plain/cat/cat_{k}.png")
        save(f"plain/dog/dog_{k}.png")
    assert inspect_domain(tmp_path / "plain").choices == ()


def test_photos_are_measured_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 30)).save(tmp_path / "1.jpg", exif=exif)
    assert inspect_domain(tmp_path).sizes == {(30, 40): 1}


@pytest.mark.skipif(os.name == "nt", reason="such names cannot be made there")
def test_names_that_are_not_utf8_are_refused(save, tmp_path):
    image = save("cat/1.png").read_bytes()
    folder = os.path.join(os.fsencode(tmp_path), b"\xff")
    os.mkdir(folder)
    with open(os.path.join(folder, b"1.png"), "wb") as file:
        file.write(image)
    with pytest.raises(ValueError, match="is not UTF-8; rename it"):
        inspect_domain(tmp_path)
    with pytest.raises(ValueError, match="is not UTF-8, and a recipe could not hold it"):
        inspect_domain(os.fsdecode(folder))


# Tables


def test_the_column_of_labels_is_found_by_name_then_by_content(write):
    for text, column, how in (
        ("a,Species,b\n1,x,0\n2,y,3\n", "Species", "Found by its name"),
        ("a,kind,b\n" + "1,x,0\n2,y,3\n" * 3, "kind", "The only column of text"),
        (
            "a,b,quality\n" + "".join(f"{i}.5,{i * i},{i % 3}\n" for i in range(30)),
            "quality",
            "The last column, with 3",
        ),
    ):
        found = inspect_domain(write("a.csv", text))
        assert found.option("label") == column
        assert next(choice.why for choice in found.choices if choice.key == "label").startswith(how)
    assert inspect_domain(write("a.csv", "a,Species,b\n1,x,0\n2,y,3\n"), label="b").option("label") == "b"


def test_columns_of_labels_that_cannot_be_told_are_asked_for(write):
    several = write("a.csv", "one,two,n\n" + "x,p,1.5\ny,q,2\n" * 4)
    with pytest.raises(ValueError, match='--label NAME; its columns are "one", "two"'):
        inspect_domain(several)
    last_of_two = write("c.csv", "n,outcome,sex\n" + "1.5,pos,f\n2,neg,m\n" * 4)
    with pytest.raises(ValueError, match='--label NAME; its columns are "outcome", "sex"'):
        inspect_domain(last_of_two)
    numbers = write("b.csv", "a,b\n" + "".join(f"{i}.5,{i}.25\n" for i in range(9)))
    with pytest.raises(ValueError, match="which column of .* holds the labels"):
        inspect_domain(numbers)
    with pytest.raises(ValueError, match="no column 'tow', did you mean 'two'"):
        inspect_domain(several, label="tow")
    assert inspect_domain(numbers, side="target").labels is None


def test_a_target_follows_its_source(write):
    source = inspect_domain(
        write("old.csv", "id,a,kind,when\n0,1.5,x,mo\n1,2,y,tu\n2,4,x,we\n3,5,y,th\n"), label="kind"
    )
    assert source.columns == ("a",)
    assert source.option("leave_out") == ["id", "when"]
    target = inspect_domain(write("new.csv", "a,kind,when,extra\n7,x,mo,3\n9,y,we,4\n"), side="target", like=source)
    assert (target.columns, target.option("label"), target.labels) == (("a",), "kind", {"x": 1, "y": 1})
    assert target.option("leave_out") == ["when", "extra"]
    bare = inspect_domain(write("bare.csv", "a\n7\n"), side="target", like=source)
    assert (bare.labels, bare.choices) == (None, ())
    unnamed = inspect_domain(write("unnamed.csv", ",a\n0,7\n1,8\n"), side="target", like=source)
    assert (unnamed.labels, unnamed.option("leave_out")) == (None, [""])
    empty = inspect_domain(write("empty.csv", "a,kind\n7,\n8,\n"), side="target", like=source)
    assert (empty.n_rows, empty.labels) == (2, None)


def test_rows_with_gaps_are_counted_and_left_out_and_columns_of_gaps_too(write):
    rows = "".join(
        f"{i}.5,{'' if i % 2 else i},{'NaN' if i == 3 else i},{'' if i == 4 else 'xy'[i % 2]}\n" for i in range(20)
    )
    found = inspect_domain(write("a.csv", f"a,hole,b,label\n{rows}"))
    assert found.columns == ("a", "b")
    assert found.option("leave_out") == ["hole"]
    assert (found.n_rows, found.labels, found.option("drop_incomplete")) == (18, {"x": 9, "y": 9}, True)
    assert any("2 of 20 rows" in note and '"b"' in note for note in found.notes)


def _numbered(name, values, more="a"):
    rows = "".join(f"{value},{k * k % 7},{'xy'[k % 2]}\n" for k, value in enumerate(values))
    return f"{name},{more},label\n{rows}"


SHUFFLED = [k * 7 % 20 for k in range(20)]


@pytest.mark.parametrize("name", ["id", "ID", "No", "sample_id", "Sample_ID", "sample id", "PassengerId", "userID"])
@pytest.mark.parametrize("values", [range(1000, 1020), SHUFFLED, [f"{k}.0" for k in SHUFFLED], ["", *SHUFFLED]])
def test_numbers_of_rows_are_no_features_whatever_their_order(name, values, write):
    found = inspect_domain(write("a.csv", _numbered(name, values)))
    assert found.columns == ("a",)
    assert found.option("leave_out") == [name]
    assert found.n_rows == len(values)  # what numbers a row is no gap in it
    assert any(f'"{name}" numbers the rows' in note for note in found.notes)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("sample_id", [*SHUFFLED[:-1], SHUFFLED[0]]),
        ("sample_id", [k / 2 for k in SHUFFLED]),
        ("acid", SHUFFLED),
        ("humid", SHUFFLED),
        ("price", range(1000, 1020)),
    ],
)
def test_a_column_that_repeats_or_has_fractions_or_another_name_stays_a_feature(name, values, write):
    found = inspect_domain(write("a.csv", _numbered(name, values)))
    assert (found.columns, found.option("leave_out")) == ((name, "a"), None)


def test_numbers_too_long_for_a_float_are_told_apart(write):
    found = inspect_domain(write("a.csv", _numbered("tweet_id", [1234567890123456700 + k for k in range(20)])))
    assert found.columns == ("a",)


def test_what_numbers_the_rows_of_one_side_is_left_out_of_both(write):
    distinct, repeated = _numbered("sample_id", range(1000, 1020)), _numbered("sample_id", [1, 2] * 10)
    for old, new, columns in ((distinct, distinct, ("a",)), (distinct, repeated, ("a",))):
        source = inspect_domain(write("old.csv", old))
        target = inspect_domain(write("new.csv", new), side="target", like=source)
        assert source.columns == target.columns == columns
        assert source.option("leave_out") == target.option("leave_out") == ["sample_id"]
    source = inspect_domain(write("old.csv", repeated))
    target = inspect_domain(write("new.csv", distinct), side="target", like=source)
    assert source.columns == target.columns == ("sample_id", "a")


def test_a_group_stays_a_group_whether_its_numbers_repeat_or_not(write):
    for values in (SHUFFLED, [1, 2] * 10):
        found = inspect_domain(write("a.csv", _numbered("subject_id", values)))
        assert (found.option("group"), found.option("leave_out"), found.columns) == ("subject_id", None, ("a",))


def test_other_delimiters_are_seen_and_decimal_commas_among_text_are_told(write):
    found = inspect_domain(write("a.csv", "a;b;label\n1,5;2;x\nsome;3;y\n"))
    assert found.option("delimiter") == ";"
    assert found.columns == ("b",)
    assert any("write decimals with a point" in note for note in found.notes)


COMMAS = 'decimal commas in "a".*write decimal points, not commas.*decimal="."'


@pytest.mark.parametrize(
    "text",
    [
        "a;b;label\n1,5;2;x\n2,5;3;y\n",
        "id;a;label\n" + "".join(f"{1000 + k};{k},25;{'xy'[k % 2]}\n" for k in range(20)),
        "n;a;label\n" + "".join(f"{k % 3};{'' if k == 3 else f'-{k},5e-05'};x\n" for k in range(20)),
        "n;a;label\n" + "".join(f"{k % 3};{f'{k},5' if k % 3 else k};{k % 2}\n" for k in range(20)),  # Excel
        "n;a;label\n" + "".join(f"{k % 3};{k if k % 3 else f'{k},5'};{k % 2}\n" for k in range(20)),
        'a,b,label\n"1,5",2,x\n"2,5",3,y\n',
        "n;a;c\n" + "".join(f"{k / 4};{k % 4},5;{k % 2}\n" for k in range(20)),  # no classes, few as they are
    ],
)
def test_a_column_of_decimal_commas_is_refused_though_other_columns_hold_numbers(text, write):
    with pytest.raises(ValueError, match=COMMAS):
        inspect_domain(write("a.csv", text))


def test_decimal_commas_of_a_target_matter_in_the_columns_of_the_source(write):
    source = inspect_domain(write("old.csv", "a,b,label\n1.5,2,x\n2.5,3,y\n"))
    with pytest.raises(ValueError, match=f"new.csv .*{COMMAS}"):
        inspect_domain(write("new.csv", "a;b;label\n1,5;2;x\n2,5;3;y\n"), side="target", like=source)
    other = inspect_domain(write("new.csv", "a;b;z;label\n1.5;2;1,5;x\n2.5;3;2,5;y\n"), side="target", like=source)
    assert other.columns == ("a", "b")


def test_decimal_commas_do_not_matter_in_a_column_that_is_mostly_empty_but_in_a_target(write):
    rows = "".join(f"{f'{k},5' if k % 2 else ''};{k % 3};{'xy'[k % 3 % 2]}\n" for k in range(20))
    path = write("a.csv", f"a;b;label\n{rows}")
    found = inspect_domain(path)
    assert found.columns == ("b",)
    assert any("write decimals with a point" in note for note in found.notes)
    source = inspect_domain(write("old.csv", "a,b,label\n1.5,2,x\n2.5,3,y\n"))
    with pytest.raises(ValueError, match=COMMAS):
        inspect_domain(path, side="target", like=source)


def test_a_few_decimal_commas_are_gaps(write):
    rows = "".join(f"{k if k else '1,5'};{k % 3};{'xy'[k % 2]}\n" for k in range(20))
    assert inspect_domain(write("a.csv", f"a;b;label\n{rows}")).n_rows == 19


def test_labels_and_groups_are_read_as_the_loader_reads_them(write):
    found = inspect_domain(write("a.csv", "a,patient,label\n1,p,1.0\n2,p,1\n3,q,2.0\n"))
    assert found.labels == {"1": 2, "2": 1}
    assert found.option("group") == "patient"


def test_a_wide_header_is_no_trouble(write):
    names = ",".join(f"column_{k}" for k in range(20_000))
    rows = "".join(",".join(["1.5"] * 20_000) + f",{label}\n" for label in "xyxy")
    found = inspect_domain(write("a.csv", f"{names},label\n{rows}"))
    assert (found.n_features, found.labels) == (20_000, {"x": 2, "y": 2})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,label\n", "holds no row"),
        ("a,label\n1,x,3\n", "line 2 of .* has 3 cells"),
        ("label\nx\n", "no column of numbers beside the labels; code text as numbers"),
        ("a;b;label\n1,5;-2,5;x\n3,5;4,1;y\n", 'decimal commas in "a", "b".* write decimal points, not commas'),
        ("id,label\n7,x\n9,y\n", 'no column of numbers beside the labels.*"id" numbers the rows'),
        ("a,a,label\n1,2,x\n", "two columns with the name"),
        ("a,b,label\n1,,x\n,1,y\n1,,x\n,1,y\n", "no column of numbers beside the labels"),
        ("a,b,label\n" + "1,1,\n" * 3, "no row of .* has a number in each of its 2 columns"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(text, message, write):
    with pytest.raises(ValueError, match=message):
        inspect_domain(write("a.csv", text))


def test_spreads_are_those_of_the_columns(write, rng):
    X = rng.normal(1e6, [1.0, 50.0, 0.0], size=(2500, 3))
    rows = "".join(",".join(map(repr, row)) + f",{k % 2}\n" for k, row in enumerate(X.tolist()))
    found = inspect_domain(write("a.csv", f"a,b,c,label\n{rows}"))
    expected = X[:, 1].std() / X[:, 0].std()
    assert found.scales == pytest.approx(expected, rel=1e-6)
    assert scales_of(X.std(axis=0)) == pytest.approx(expected, rel=1e-6)


# Arrays


def test_an_npz_file_is_read_as_its_loader_reads_it(tmp_path, rng):
    X = rng.integers(0, 256, size=(6, 20, 24, 3), dtype=np.uint8)
    y = np.array([0, 2] * 3)
    np.savez(
        tmp_path / "a.npz", X_source=X, y_source=y, X_target=X / 255, X_target_test=X[:2] / 255, y_target_test=y[:2],
        class_names=["a", "b", "c"], groups_source=[1, 1, 2, 2, 3, 3],
    )  # fmt: skip
    source, target = inspect_domain(tmp_path / "a.npz"), inspect_domain(tmp_path / "a.npz", side="target")
    assert (source.labels, source.texts) == ({0: 3, 2: 3}, {0: "a", 2: "c"})
    assert (source.sizes, source.colours, source.groups, source.is_float) == ({(24, 20): 6}, "colour", 3, False)
    assert (target.labels, target.is_float, target.test.labels) == (None, True, {0: 1, 2: 1})
    assert load_npz(path=str(tmp_path / "a.npz"), side="target").test.n_rows == target.test.n_rows


def test_an_svmlight_file_says_where_it_counts_from(write):
    one = inspect_domain(write("a.txt", "1 1:0.5 3:2\n-1 2:1\n"))
    assert (one.n_features, one.labels, one.choices) == (3, {-1: 1, 1: 1}, ())
    zero = inspect_domain(write("b.txt", "1.5 0:0.5 3:2\n-1 2:1\n"))
    assert (zero.n_features, zero.labels, zero.option("zero_based")) == (4, {-1.0: 1, 1.5: 1}, True)
    with pytest.raises(ValueError, match="line 2 of .* cannot be read"):
        inspect_domain(write("c.txt", "1 1:0.5\n1 2:bad\n1 1:1\n"))


def test_a_partly_labelled_target_is_told_how_to_be_one(write):
    text = "a,b,label\n" + "".join(f"{i}.5,{i * i},{'xy'[i % 2] if i < 10 else ''}\n" for i in range(40))
    target = inspect_domain(write("new.csv", text), side="target")
    assert target.n_rows == 10
    assert "30 of them lack their labels alone. To adapt to them, put all rows into a file without" in target.notes[-1]
    assert "--target-test" in target.notes[-1]
    assert not any("--target-test" in note for note in inspect_domain(write("old.csv", text)).notes)
