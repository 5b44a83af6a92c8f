import pytest

from dacompare.domains.folder import find_data


def test_a_missing_variable_or_file_is_named_with_its_address(tmp_path, monkeypatch):
    monkeypatch.delenv("DACOMPARE_DATA", raising=False)
    with pytest.raises(FileNotFoundError, match=r"DACOMPARE_DATA is not set.*a/b\.gz.*https://example.org/b"):
        find_data("a/b.gz", "https://example.org/b")
    monkeypatch.setenv("DACOMPARE_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"a/b\.gz was not found in .*DACOMPARE_DATA.*https://example.org/b"):
        find_data("a/b.gz", "https://example.org/b")


def test_what_is_there_is_found(tmp_path, monkeypatch):
    (tmp_path / "b.gz").touch()
    monkeypatch.setenv("DACOMPARE_DATA", str(tmp_path))
    assert find_data("b.gz", "") == tmp_path / "b.gz"
