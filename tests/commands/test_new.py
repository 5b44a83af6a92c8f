import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from dacompare.cli import app
from dacompare.recipe import load_recipe

runner = CliRunner()
HOSTILE = ['say "hi"', "ünï # 猫\n[x]"]


def _run(*arguments):
    return runner.invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _features(shift, n=30):
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    return rng.normal(size=(n, 4)) + 3 * y[:, None] + shift, y


def _folder(folder, names, n=8, edge=16):
    rng = np.random.default_rng(0)
    for k, name in enumerate(names):
        path = folder / name
        path.mkdir(parents=True, exist_ok=True)
        for i in range(n):
            pixels = rng.integers(0, 60, (edge, edge), dtype=np.uint8)
            pixels[4 + 4 * k :, :8] += 150
            Image.fromarray(pixels).save(path / f"{i}.png")


def _make_folders(here):
    _folder(here / "old 'camera' # é", HOSTILE)
    _folder(here / "new", HOSTILE)
    (here / "new" / HOSTILE[0] / "broken.png").write_bytes(b"no image")
    return "old 'camera' # é", "new"


def _make_flat(here):
    _folder(here / "old", HOSTILE, edge=20)
    _folder(here / "flat", [""], n=16)
    return "old", "flat"


def _make_npz(here):
    (X, y), (X_target, _) = _features(0), _features(1)
    np.savez(here / "both.npz", X_source=X, y_source=y, X_target=X_target, y_target=y)
    return ("both.npz",)


def _make_svmlight(here):
    for name, shift in (("old.txt", 0), ("new.txt", 1)):
        X, y = _features(shift)
        lines = (f"{y[k]} " + " ".join(f"{j + 1}:{v:.3f}" for j, v in enumerate(row)) for k, row in enumerate(X))
        (here / name).write_text("\n".join(lines) + "\n")
    return "old.txt", "new.txt"


def _make_csv(here):
    for name, shift in (("old.csv", 0), ("new.csv", 1)):
        X, y = _features(shift)
        lines = (f"{k},{row[0]},{1000 * row[1]},{row[2]},note,{y[k]}.0" for k, row in enumerate(X.tolist()))
        (here / name).write_text("id,a,b,c,remark,class\n" + "\n".join(lines) + "\n30,,2,3,note,1.0\n")
    return "old.csv", "new.csv"


def _make_mixed(here):
    _make_csv(here)
    X, y = _features(1)
    np.savez(here / "new.npz", X=X[:, :3] * [1, 1000, 1], y=y)
    return "old.csv", "new.npz"


@pytest.mark.parametrize("make", [_make_folders, _make_flat, _make_npz, _make_svmlight, _make_csv, _make_mixed])
def test_what_is_written_runs(make, here):
    places = make(here)
    answer = _run("new", *places, "--out", "recipes/mine.toml")
    assert answer.exit_code == 0, answer.output
    recipe = load_recipe("recipes/mine.toml")
    ran = _run(
        "run", "recipes/mine.toml", "--quick", "--jobs", 1, "--set", "training.steps=5", "--set",
        "protocol.validators=['reverse-svm']", "--quiet",
    )  # fmt: skip
    assert ran.exit_code == 0, ran.output
    data = json.loads((here / "reports" / f"{recipe.slug}.json").read_text(encoding="utf-8"))
    assert {row["status"] for row in data["rows"]} == {"ok"}
    labelled = make is not _make_flat
    assert data["task"]["target_labels"] is labelled
    assert ("train-on-target" in {row["method"] for row in data["rows"]}) is labelled
    if make in (_make_folders, _make_flat):
        assert data["task"]["classes"] == sorted(HOSTILE)
    assert (here / "reports" / f"{recipe.slug}.html").exists()


def test_numbers_of_rows_are_left_out_of_both_domains_and_the_recipe_loads(here):
    for name, first, shift in (("old.csv", 1000, 0), ("new.csv", 2000, 1)):
        X, y = _features(shift)
        rows = "".join(f"{first + k},{row[0]},{row[1]},{y[k]}\n" for k, row in enumerate(X.tolist()))
        (here / name).write_text(f"sample_id,a,b,label\n{rows}")
    answer = _run("new", "old.csv", "new.csv", "--out", "mine.toml")
    assert answer.exit_code == 0, answer.output
    assert '"sample_id" numbers the rows' in answer.output
    recipe = load_recipe("mine.toml")
    assert recipe.source["leave_out"] == recipe.target["leave_out"] == ["sample_id"]


def test_decimal_commas_end_in_a_sentence_and_not_in_a_recipe_without_features(here):
    pd = pytest.importorskip("pandas")
    for name, shift in (("old.csv", 0), ("new.csv", 1)):
        X, y = _features(shift)
        frame = pd.DataFrame(X[:, :2], columns=["a", "b"]).assign(n=np.arange(30) % 7, label=y)
        frame.to_csv(here / name, sep=";", decimal=",", index_label="id")
    answer = _run("new", "old.csv", "new.csv", "--out", "mine.toml")
    assert answer.exit_code == 2, answer.output
    said = " ".join(answer.output.split())
    for words in ("old.csv", 'decimal commas in "a", "b"', 'to_csv(…, decimal=".")'):
        assert words in said
    assert not (here / "mine.toml").exists()


def test_a_recipe_without_a_network_runs_once_its_comment_is_followed(here):
    assert _run("new", *_make_csv(here), "--out", "mine.toml").exit_code == 0
    text = (here / "mine.toml").read_text(encoding="utf-8")
    said = " ".join(text.replace("# ", "").split())
    assert "put this in place of the line above, and take dann, which is a network, out of [[method]] and" in said
    text = text.replace('name = "mlp"\n', "").replace('# name = "none"', 'name = "none"')
    text = text.replace('[[method]]\nname = "dann"', "").replace(', "dann"]', "]")
    (here / "mine.toml").write_text(text, encoding="utf-8")
    ran = _run("run", "mine.toml", "--quick", "--jobs", 1, "--set", "protocol.validators=['reverse-svm']", "--quiet")
    assert ran.exit_code == 0, ran.output
    data = json.loads((here / "reports" / "old-new.json").read_text(encoding="utf-8"))
    assert {row["status"] for row in data["rows"]} == {"ok"}
    assert {row["method"] for row in data["rows"]} >= {"source-only", "sa", "coral", "train-on-target"}
    assert {entry["features"] for entry in data["divergence"]} == {"pixels", "source-only", "sa", "coral"}


def test_what_was_found_and_what_comes_next_is_said(here):
    answer = _run("new", *_make_folders(here))
    assert answer.exit_code == 0, answer.output
    for words in ("folder of images", "16", "16×16", "grey", '2: say "hi"', "8", "broken.png"):
        assert words in answer.output
    assert "Recipe: old-camera-e-new.toml" in answer.output
    assert "dacompare show old-camera-e-new.toml --out old-camera-e-new.png" in answer.output
    with pytest.warns(UserWarning, match="broken.png|[Gg]lyph"):
        shown = _run("show", "old-camera-e-new.toml", "--out", "old-camera-e-new.svg")
    assert shown.exit_code == 0, shown.output
    assert "dacompare run old-camera-e-new.toml --quick" in answer.output


def test_quiet_says_the_path_alone(here):
    answer = _run("new", *_make_npz(here), "--quiet", "--slug", "mine", "--title", "[red]x")
    assert answer.output == "mine.toml\n"
    assert load_recipe("mine.toml").title == "[red]x"


def test_nothing_is_written_over_unless_asked_for(here):
    places = _make_npz(here)
    (here / "both.toml").write_text("mine")
    for options in ([], ["--out", "both.toml"]):
        answer = _run("new", *places, *options)
        assert answer.exit_code == 2
        assert "is there already" in answer.output
    assert (here / "both.toml").read_text() == "mine"
    assert _run("new", *places, "--force").exit_code == 0
    assert load_recipe("both.toml").slug == "both"


def test_problems_are_said_and_nothing_is_written(here):
    _folder(here / "old", ["cat", "dog"])
    _folder(here / "new", ["Cat", "Dog"])
    answer = _run("new", "old", "new")
    assert answer.exit_code == 2
    assert '"cat" and "Cat"' in answer.output
    assert list(here.glob("*.toml")) == []
    assert _run("new", "old", "new", "--unlabelled").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["old", "none"], "'none' is not there"),
        (["old", "old/cat/0.png"], "is one image; name the folder"),
        (["old", "rows.csv"], "holds images and rows.csv rows of features"),
        (["empty", "old"], "empty holds no image"),
        ([".", "old"], "holds both images"),
        (["rows.csv", "rows.csv", "--label", "kidn"], "did you mean 'kind'"),
        (["old"], "in this form cannot be both"),
        (["old", "old", "--slug", "A b"], "slug must be"),
        (["old", "old", "--out", "old"], "is a folder"),
        (["old", "old", "--out", "rows.csv/x.toml"], "cannot be written to"),
        (["rows.csv", "rows.csv", "--out", "rows.csv", "--force"], "lies where the data are"),
        (["old", "old", "--out", "old/cat/mine.toml", "--force"], "lies where the data are"),
        (["rows.csv", "rows.csv", "--target-test", "rows.csv"], "is the target itself"),
        (["rows.csv", "rows.csv", "--target-test", "bare.csv"], "no labels"),
        ([], "Missing argument"),
    ],
)
def test_mistakes_end_in_a_sentence(arguments, words, here):
    _folder(here / "old", ["cat", "dog"])
    (here / "empty").mkdir()
    (here / "x.png").write_bytes(b"")
    rows = "a,kind\n" + "1.5,x\n2.5,y\n" * 3
    (here / "rows.csv").write_text(rows)
    (here / "bare.csv").write_text("a\n1.5\n2.5\n")
    answer = _run("new", *arguments)
    assert answer.exit_code == 2, answer.output
    assert words in " ".join(answer.output.split())
    assert (here / "rows.csv").read_text() == rows
    assert "Traceback" not in answer.output
    assert list(here.glob("**/*.toml")) == []


def test_one_place_for_both_is_noted(here):
    _folder(here / "old", ["cat", "dog"])
    answer = _run("new", "old", "old")
    assert answer.exit_code == 0
    assert "source and target are one place" in " ".join(answer.output.split())


def test_an_empty_name_is_no_source(here):
    answer = _run("new", "", "", "--out", "x.toml")
    assert answer.exit_code == 2
    assert "SOURCE is empty" in answer.output
