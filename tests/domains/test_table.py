import csv

import numpy as np
import pytest

from dacompare.domains import load_transfer
from dacompare.domains.table import load_table


@pytest.fixture
def write(tmp_path):
    def write(text, name="mine.csv"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(tmp_path / name)

    return write


def test_columns_are_told_apart_wherever_they_stand(write):
    path = write("a,label,patient,b\n1,cat,p7,-2.5\n3e2,dog,p8, 4 \n")
    loaded = load_table(path=path, group="patient")
    assert loaded.train.X.tolist() == [[1, -2.5], [300, 4]]
    assert loaded.train.X.dtype == np.float64
    assert loaded.train.feature_names == ("a", "b")
    assert loaded.train.y.tolist() == ["cat", "dog"]
    assert loaded.train.groups.tolist() == ["p7", "p8"]
    assert (loaded.test, loaded.train.name, loaded.files[0].name) == (None, "mine", "mine.csv")


def test_numbers_come_through_as_python_wrote_them(write, rng):
    X = rng.normal(size=(50, 4)) * 10.0 ** rng.integers(-30, 30, size=(50, 4))
    rows = "".join(",".join(map(repr, row)) + ",x\n" for row in X.tolist())
    assert np.array_equal(load_table(path=write(f"a,b,c,d,label\n{rows}")).train.X, X)


def test_what_other_programs_write_is_read(write):
    spreadsheet = '\ufeff"a ";b;"label"\r\n1;2;"a ""cat"", or two;\r\nthree"\r\n\r\n3;4;dog\r\n'
    domain = load_table(path=write(spreadsheet), delimiter=";").train
    assert domain.feature_names == ("a", "b")
    assert domain.y.tolist() == ['a "cat", or two;\r\nthree', "dog"]
    assert load_table(path=write("a\tlabel\n1\tx\n"), delimiter="\t").train.X.tolist() == [[1]]


def test_labels_are_text_so_that_two_files_agree(write):
    # Were numbers made of them where all are numbers, a target without "other" would have other labels.
    source = load_table(path=write("a,label\n1,1\n2,2\n3,other\n")).train
    target = load_table(path=write("a,label\n1,1\n2,2\n"), side="target").train
    assert set(target.y.tolist()) < set(source.y.tolist())


def test_a_target_may_lack_labels_and_a_source_may_not(write):
    path = write("a,b\n1,2\n")
    assert load_table(path=path, side="target").train.y is None
    with pytest.raises(ValueError, match=r"mine\.csv has no column 'label' for label; its columns are 'a', 'b'"):
        load_table(path=path, side="source")


@pytest.mark.parametrize("column", ["Label", "LABEL", " label "])
def test_a_column_of_labels_in_other_case_never_becomes_a_feature(column, write):
    path = write(f"a,{column}\n1,0\n2,1\n")
    if column.strip() == "label":
        assert load_table(path=path, side="target").train.y.tolist() == ["0", "1"]
        return
    with pytest.raises(ValueError, match=f"no column 'label' for label, did you mean '{column}'"):
        load_table(path=path, side="target")


@pytest.mark.parametrize(
    ("cell", "shown"),
    [("", "''"), ("n/a", "'n/a'"), ("nan", "'nan'"), ("inf", "'inf'"), ("1,5", None), ("1e999", "'1e999'")],
)
def test_the_first_bad_cell_is_named_by_line_and_column(cell, shown, write):
    path = write(f"label;good;bad\nx;1;2\n\nx;2;{cell}\nx;oops;3\n")
    with pytest.raises(ValueError, match=r"line 4 of .*mine\.csv, column 'bad', must be a finite number, got") as error:
        load_table(path=path, delimiter=";")
    assert (shown or repr(cell)) in str(error.value)


def test_line_numbers_count_the_lines_within_cells(write):
    with pytest.raises(ValueError, match=r"line 4 of .*column 'a'"):
        load_table(path=write('a,label\n1,"two\nlines"\nbad,x\n'))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; its first line must name the columns"),
        ("a,label\n", "holds no row below"),
        ("a,label\n1,x\n1,x,3\n", r"line 3 of .* has 3 cells, its first line names 2"),
        ("a,label\n1,x\n1\n", r"line 3 of .* has 1 cells"),
        (",a,label\n0,1,x\n", "column 1 of .* has no name; name it, or leave it out if it counts the rows"),
        ("a,a,label\n1,2,x\n", "two columns with the name 'a'"),
        ("label\nx\n", "no column of features, only 'label'"),
        ("a;b;label\n1;2;x\n", "has one column, 'a;b;label'; give delimiter = ';'"),
        ("1,2,3\n4,5,6\n", "the first line of .* must name the columns, got numbers: 1, 2, 3"),
        ("a,label\n1,x\n2, \n", "line 3 of .*, column 'label', is empty; drop the row"),
        ('a,label\n1,"x\n2,y\n', "no CSV file below line 1"),
        ('a,label\n1,"x"y\n', "no CSV file below line 1"),
        (b"a,label\n1,\xff\xfe\n", "is not in UTF-8 .byte 0xff.; save it as UTF-8"),
        (b"PK\x03\x04\x14\x00\x06\x00label,\x00\n1,2\n", "mine.csv"),
        (b"a,label\n1\x00,x\n", "line 2 of .*, column 'a'"),
    ],
)
def test_files_that_are_no_such_table_are_refused(text, message, write):
    with pytest.raises(ValueError, match=message):
        load_table(path=write(text))


def test_wrong_options_are_refused(write):
    path = write("a,patient,label\n1,2,x\n")
    with pytest.raises(ValueError, match="no column 'patent' for group, did you mean 'patient'"):
        load_table(path=path, group="patent")
    for delimiter in ("", ";;", '"', "\n"):
        with pytest.raises(ValueError, match="delimiter must be one character"):
            load_table(path=path, delimiter=delimiter)
    with pytest.raises(ValueError, match="side must be one of"):
        load_table(path=path, side="left")
    with pytest.raises(FileNotFoundError, match=r"test_path must name a CSV file, got '.*none\.csv'"):
        load_table(path=path, test_path=path.replace("mine", "none"))


def test_test_rows_need_the_same_columns(write):
    path, other = write("a,b,label\n1,2,x\n"), write("b,a,label\n1,2,x\n", "test.csv")
    assert load_table(path=path, test_path=path).test.n_rows == 1
    with pytest.raises(ValueError, match=r"test\.csv must have the same columns of features as .*mine\.csv"):
        load_table(path=path, test_path=other)


def test_the_csv_module_is_left_as_it_was(write):
    dialects, limit = csv.list_dialects(), csv.field_size_limit()
    load_table(path=write("a,label\n1,x\n"))
    assert (csv.list_dialects(), csv.field_size_limit()) == (dialects, limit)
    with pytest.raises(ValueError, match="field larger than field limit"):
        load_table(path=write(f"a,label\n1,{'x' * (limit + 1)}\n"))


def test_a_recipe_knows_which_side_needs_labels(write, tmp_path):
    rows = [f"{i},{i % 3},{'cat' if i % 2 else 'dog'},{i // 2}" for i in range(20)]
    write("a,b,kind,box\n" + "\n".join(rows), "old.csv")
    write("a,b\n1,2\n3,4\n", "new.csv")
    source = {"domain": "table", "path": "old.csv", "label": "kind", "group": "box"}
    target = {"domain": "table", "path": "new.csv", "label": "kind"}
    transfer = load_transfer(source, target, {"protocol": "transductive"}, base=tmp_path).transfer
    assert transfer.class_names == ("cat", "dog")
    assert not set(transfer.source.groups) & set(transfer.source_test.groups)
    with pytest.raises(ValueError, match="no column 'kind' for label"):
        load_transfer({**target}, {**target}, {"protocol": "transductive"}, base=tmp_path)
    write("b,a\n1,2\n3,4\n", "new.csv")
    with pytest.raises(ValueError, match="same columns in the same order"):
        load_transfer(source, target, {"protocol": "transductive"}, base=tmp_path)


def test_whole_numbers_are_one_label_however_they_are_written(write):
    source = load_table(path=write("a,label\n1,1\n2,2.0\n3,2.50\n4,v2.0\n")).train
    assert source.y.tolist() == ["1", "2", "2.50", "v2.0"]


def test_columns_that_are_no_features_are_left_out(write):
    path = write(",a,day,b,label\n0,1,Monday,2,x\n1,3,Friday,4,y\n")
    domain = load_table(path=path, leave_out=["", "day"]).train
    assert (domain.feature_names, domain.X.tolist()) == (("a", "b"), [[1, 2], [3, 4]])
    assert domain.groups is None
    with pytest.raises(ValueError, match="no column 'dya' for leave_out, did you mean 'day'"):
        load_table(path=path, leave_out=["", "dya"])
    with pytest.raises(ValueError, match="no column of features, only"):
        load_table(path=path, leave_out=["", "a", "b", "day"])


def test_incomplete_rows_are_dropped_on_request_alone(write):
    path = write("a,patient,label\n1,p,x\nnan,p,y\n3,,z\n4,q,\n5,q,w\n")
    with pytest.raises(ValueError, match="line 3"):
        load_table(path=path, group="patient")
    for side in ("source", "target"):
        loaded = load_table(path=path, group="patient", drop_incomplete=True, side=side)
        assert loaded.files[0].to_dict()["left_out"] == 3
        domain = loaded.train
        assert (domain.X.ravel().tolist(), domain.y.tolist(), domain.groups.tolist()) == (
            [1, 5],
            ["x", "w"],
            ["p", "q"],
        )
    with pytest.raises(ValueError, match="no row below its column names that is complete"):
        load_table(path=write("a,label\nnan,x\n"), drop_incomplete=True)


def test_a_target_with_an_empty_column_of_labels_is_unlabelled(write):
    assert load_table(path=write("a,label\n1,\n2, \n"), side="target").train.y is None
    with pytest.raises(ValueError, match=r"1 of 2 rows of .*, column 'label', are empty, the first is row 2"):
        load_table(path=write("a,label\n1,x\n2,\n"), side="target")
    with pytest.raises(ValueError, match="line 2 .* is empty"):
        load_table(path=write("a,label\n1,\n2,\n"), side="source")
