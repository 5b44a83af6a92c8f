import json

from dacompare.report.folder import read_folder
from dacompare.results import Results


def put(bare, place, name="a", page=True, **options):
    place.mkdir(exist_ok=True)
    Results(bare(seeds=1, **options)).to_json(place / f"{name}.json")
    if page:
        (place / f"{name}.html").write_text("", encoding="utf-8")


def test_only_folders_with_an_index_and_measurements_are_families(bare, tmp_path):
    for name in ("a", "b", "c", ".hidden"):
        put(bare, tmp_path / name)
        (tmp_path / name / "index.html").write_text("", encoding="utf-8")
    (tmp_path / "b" / "index.html").unlink()
    put(bare, tmp_path / "c", overrides=["--quick"])
    assert [family.name for family in read_folder(tmp_path).families] == ["a"]


def test_below_only_files_beside_a_page_are_read(bare, tmp_path):
    put(bare, tmp_path / "a")
    put(bare, tmp_path / "a", "b", page=False)
    (tmp_path / "a" / "index.html").write_text("", encoding="utf-8")
    (tmp_path / "a" / "package.json").write_text("no JSON", encoding="utf-8")
    found = read_folder(tmp_path)
    assert [link for _, link in found.families[0].reports] == ["a/a.html"]
    assert found.left_out == []


def test_a_study_of_the_folder_itself_is_no_broken_file(tmp_path):
    text = json.dumps({"schema": "dacompare-study-results/1", "title": "Steps"})
    (tmp_path / "s.json").write_text(text, encoding="utf-8")
    (tmp_path / "x.json").write_text('{"schema": "other/1"}', encoding="utf-8")
    found = read_folder(tmp_path)
    assert found.studies == [("Steps", "")]
    assert [name for name, _ in found.left_out] == ["x.json"]
