import pytest

from dacompare.domains.user_files import MOST_BYTES, check_fits, find_user_files, find_user_folders


def test_one_or_two_places_are_found(tmp_path):
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    first.touch()
    second.touch()
    assert find_user_files("a CSV file", path=str(first)) == [first]
    assert find_user_files("a CSV file", path=str(first), test_path=str(second)) == [first, second]
    assert find_user_folders("a folder", path=str(tmp_path)) == [tmp_path]


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine.csv").touch()
    assert find_user_files("a CSV file", path="~/mine.csv") == [tmp_path / "mine.csv"]


def test_what_is_not_there_is_named_with_its_option(tmp_path):
    file = tmp_path / "1.csv"
    file.touch()
    with pytest.raises(FileNotFoundError, match=r"path must name a CSV file, got '.*', which is a folder"):
        find_user_files("a CSV file", path=str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"test_path must name a CSV file, got '.*2\.csv', which is not there"):
        find_user_files("a CSV file", path=str(file), test_path=str(tmp_path / "2.csv"))
    with pytest.raises(FileNotFoundError, match=r"path must name a folder, got '.*1\.csv', which is a file"):
        find_user_folders("a folder", path=str(file))
    with pytest.raises(FileNotFoundError, match=r"test_path must name a folder, got '.*none', which is not there"):
        find_user_folders("a folder", path=str(tmp_path), test_path=str(tmp_path / "none"))


def test_an_empty_path_is_no_file():
    with pytest.raises(FileNotFoundError, match="path must name a CSV file, got '.', which is a folder"):
        find_user_files("a CSV file", path="")


def test_the_limit_itself_fits():
    check_fits("x", MOST_BYTES, "")
    with pytest.raises(ValueError, match=r"x would take 4\.0 GiB in memory, 4\.0 GiB are allowed: drop rows"):
        check_fits("x", MOST_BYTES + 1, "drop rows")
