import re

import numpy as np
import pytest
from typer.testing import CliRunner

from dacompare.cli import app
from dacompare.commands.tsne import read_features
from dacompare.results import Results

runner = CliRunner()


@pytest.fixture
def file(tmp_path, rng):
    X, y = rng.normal(size=(24, 4)), np.array(["cat", "dog"] * 12)
    X[y == "dog"] += 9
    np.savez(tmp_path / "features.npz", source=X, target=X[:14] + 1, y_source=y, y_target=y[:14])
    return tmp_path / "features.npz"


def draw(*arguments):
    return runner.invoke(app, ["tsne", *map(str, arguments)])


def test_a_figure_comes_out_twice_the_same(file, tmp_path):
    first, second = tmp_path / "a.svg", tmp_path / "deep" / "b.svg"
    done = draw(file, "--out", first, "--title", "Cats & dogs")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"Figure: {first}\n"
    assert draw(file, "--out", second, "--title", "Cats & dogs", "--quiet").stdout == f"{second}\n"
    assert first.read_bytes() == second.read_bytes()
    assert re.findall(r"<text[^>]*>([^<]*)</text>", first.read_text()) == ["Cats &amp; dogs", "source", "target"]
    assert len(re.findall("<use ", first.read_text())) == 24 + 14 + 2  # rows, and the legend


def test_by_class_and_fewer_points(file, tmp_path):
    path = tmp_path / "a.svg"
    options = ("--by", "class", "--max-points", 10, "--perplexity", 3, "--seed", 4, "--style", "dark")
    done = draw(file, "--out", path, *options)
    assert done.exit_code == 0, done.output
    assert re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text()) == ["cat", "dog", "source", "target"]
    assert len(re.findall("<use ", path.read_text())) == 10 + 10 + 2


def test_other_seed_other_bytes(file, tmp_path):
    for seed in (0, 1):
        assert draw(file, "--out", tmp_path / f"{seed}.png", "--seed", seed, "--dpi", 50).exit_code == 0
    assert (tmp_path / "0.png").read_bytes() != (tmp_path / "1.png").read_bytes()


def test_of_a_run_the_held_out_rows_are_drawn(tmp_path, rng):
    from dacompare.stages.features import Features

    parts = [rng.normal(size=(n, 3)).astype(np.float32) for n in (9, 8, 7, 6)]
    Features(*parts).save(tmp_path / "features.npz")
    arrays = read_features(tmp_path / "features.npz")
    assert arrays["source"].tolist() == parts[2].tolist()
    assert arrays["target"].tolist() == parts[3].tolist()


def test_arrays_named_as_for_a_comparison_and_feature_maps(tmp_path, rng):
    maps = rng.normal(size=(6, 2, 3, 3))
    np.savez(tmp_path / "mine.npz", X_source=maps, y_source=[0, 1] * 3, X_target=maps[:4] + 1)
    arrays = read_features(tmp_path / "mine.npz")
    assert arrays["source"].shape == (6, 18)
    assert arrays["y_source"].tolist() == [0, 1] * 3
    assert "y_target" not in arrays


X = np.zeros((6, 2))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"source": X}, "has no array target, it holds source; write it with numpy.savez"),
        ({"source": X, "target": np.zeros((4, 3))}, r"source has shape \(6, 2\) and target \(4, 3\)"),
        ({"source": X[0], "target": X}, r"source must be numbers of shape \(n, n_features\), got float64 of .*\(2,\)"),
        ({"source": X, "target": X.astype(str)}, r"target must be numbers of shape .*, got <U32 of shape \(6, 2\)"),
        ({"source": X, "target": X[:0]}, r"target must be .* got float64 of shape \(0, 2\)"),
        ({"source": X + np.nan, "target": X}, r"source of shape \(6, 2\) holds NaN or infinity in 6 rows"),
        ({"source": X, "target": X, "y_source": [1]}, r"y_source must have a label .* 6 rows of source, got .*\(1,\)"),
        ({"source": np.array([[1], ["a"]], object), "target": X}, "Python objects are refused"),
    ],
)
def test_what_cannot_be_drawn_names_file_array_and_shape(tmp_path, arrays, message):
    np.savez(tmp_path / "mine.npz", **arrays)
    with pytest.raises(ValueError, match=message) as refused:
        read_features(tmp_path / "mine.npz")
    assert "mine.npz" in str(refused.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--out", "a.gif"), "--out must end in .svg, .png or .pdf"),
        (("--out", "a.svg", "--by", "clas"), "did you mean 'class'"),
        (("--out", "a.svg", "--dpi", "0"), "dpi must be from 30 to 1200"),
        (("--out", "a.svg", "--style", "sepia"), "style must be one of 'dark', 'light'"),
        (("--out", "a.svg", "--max-points", "0"), "max_points must be a whole number from 1 on"),
        (("--out", "a.svg", "--perplexity", "-1"), "perplexity must be a number above 0"),
    ],
)
def test_options_are_refused_in_a_sentence(file, tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    done = draw(file, *options)
    assert done.exit_code == 2
    assert message in done.stderr
    assert not (tmp_path / "a.svg").exists()


def test_files_that_are_none(tmp_path):
    (tmp_path / "x.npz").write_bytes(b"not a zip")
    done = draw(tmp_path / "x.npz", "--out", tmp_path / "a.svg")
    assert done.exit_code == 2
    assert "is no npz file, or a truncated one" in done.stderr
    assert "is no file" in draw(tmp_path / "y.npz", "--out", tmp_path / "a.svg").stderr


def test_by_class_without_labels_says_what_to_save(tmp_path):
    np.savez(tmp_path / "mine.npz", source=X, target=X)
    done = draw(tmp_path / "mine.npz", "--out", tmp_path / "a.svg", "--by", "class")
    assert done.exit_code == 2
    assert "has no y_source, so --by class has nothing to colour by" in done.stderr


@pytest.fixture
def results(sample, tmp_path):
    path = tmp_path / "old-new.json"
    Results(sample(seeds=1, images=False, points=30, steps=3)).to_json(path)
    return path


def test_points_of_a_results_file_are_drawn_as_they_are(results, tmp_path):
    for method in ("source-only", "dann"):
        done = draw(results, "--out", tmp_path / f"{method}.svg", "--method", method)
        assert done.exit_code == 0, done.output
    assert draw(results, "--out", tmp_path / "last.svg").exit_code == 0
    drawn = {name: (tmp_path / f"{name}.svg").read_bytes() for name in ("source-only", "dann", "last")}
    assert drawn["last"] == drawn["dann"] != drawn["source-only"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--method", "nope"], "--method must be one of"),
        (["--seed", "3"], "holds points in the plane already"),
    ],
)
def test_what_does_not_go_with_a_results_file_is_said(results, tmp_path, options, message):
    done = draw(results, "--out", tmp_path / "a.svg", *options)
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())


def test_results_without_points_and_no_results_at_all(results, sample, file, tmp_path):
    Results({**sample(seeds=1, images=False, points=0, steps=3), "embedding": []}).to_json(results)
    for path, options, message in (
        (results, [], "holds no points in the plane"),
        (tmp_path / "none.json", [], "is no file"),
        (file, ["--method", "dann"], "go with a results file"),
    ):
        done = draw(path, "--out", tmp_path / "a.svg", *options)
        assert done.exit_code == 2
        assert message in " ".join(done.output.split())
