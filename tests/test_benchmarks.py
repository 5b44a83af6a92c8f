import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
pytest.importorskip("resource")  # peak memory is not to be had everywhere


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("kernel_methods")


@pytest.fixture(scope="module")
def figures():
    return json.loads((BENCHMARKS / "kernel_methods.json").read_text(encoding="utf-8"))


def test_the_slope_is_the_power_of_the_growth(script):
    cubic = {rows: 1e-9 * rows**3 for rows in (1000, 2000, 4000)}
    assert script.slope(cubic) == 3.0
    assert script.slopes({500: 1.0, **cubic})["last_slope"] == 3.0
    assert script.slope({1000: 1.0}) is None


def test_what_comes_next_is_expected_from_the_last_growth(script):
    assert script.expect({}, 1000) == 0
    assert script.expect({1000: 2.0}, 2000) == pytest.approx(16)  # cubic where nothing else is known
    assert script.expect({1000: 1.0, 2000: 2.0, 4000: 8.0}, 8000) == pytest.approx(32)


def test_nothing_is_begun_after_its_time(script):
    assert script.reason_to_leave_out(1.0, 300.0, 61.0, 1) == "not begun within 1 minutes"
    assert not script.reason_to_leave_out(1.0, 300.0, 59.0, 1)
    assert not script.reason_to_leave_out(1.0, 300.0, 1e9, None)


def save_domains(folder, rng):
    for name, values in {"source": rng.normal(size=(60, 50)), "target": rng.normal(size=(60, 50))}.items():
        np.save(folder / f"{name}.npy", values)
    np.save(folder / "y.npy", np.arange(60) % 3)


def test_a_method_that_refuses_is_no_crash(script, monkeypatch, tmp_path, rng):
    save_domains(tmp_path, rng)
    refusing = script.TransferComponentAnalysis(5, max_memory=1000)
    monkeypatch.setitem(script.CONTESTANTS, "tca", lambda: refusing)
    found = script.measure("tca", tmp_path)
    assert list(found) == ["refused"]
    assert found["refused"].startswith("TCA needs 230,400 bytes for matrices of 120 x 120")


def test_what_a_measurement_holds(script, tmp_path, rng):
    save_domains(tmp_path, rng)
    found = script.measure("kmm", tmp_path)
    steps = {f"{step}_{unit}" for step in ("fit", "transform") for unit in ("seconds", "processor_seconds")}
    assert set(found) == steps | {"memory_MiB", "repeats"}
    assert all(value >= 0 for value in found.values())


def test_the_script_leaves_out_what_would_exceed_the_limit(tmp_path):
    target = tmp_path / "figures.json"
    arguments = ["--rows", "60", "120", "240", "--methods", "gfk", "--limit", "1e-6", "--json", str(target)]
    subprocess.run([sys.executable, BENCHMARKS / "kernel_methods.py", *arguments], check=True, capture_output=True)
    gfk = json.loads(target.read_text(encoding="utf-8"))["methods"]["gfk"]
    assert gfk["sizes"]["60"]["repeats"] >= 1
    assert "more than 1e-06 s" in gfk["sizes"]["120"]["left_out"]
    assert "more than 1e-06 s" in gfk["sizes"]["240"]["left_out"]
    assert gfk["slope"] is None


def test_the_table_of_the_readme_is_that_of_the_figures(script, figures):
    page = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    assert f"<!-- figures: kernel_methods.json -->\n{script.table(figures)}\n" in page


def test_the_figures_are_those_of_the_methods_that_there_are(script, figures):
    assert set(figures["methods"]) == set(script.CONTESTANTS)
    for name, one in figures["methods"].items():
        assert one["estimator"] == script.describe(name)["estimator"]
        assert {key: one[key] for key in ("slope", "last_slope")} == script.slopes(script.seconds_by_rows(one))


def test_the_speed_of_training_stands_in_the_readme_as_it_was_measured(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    script = importlib.import_module("training_speed")
    found = json.loads((BENCHMARKS / "training_speed.json").read_text(encoding="utf-8"))
    page = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    assert f"<!-- figures: training_speed.json -->\n{script.table(found['lines'])}\n" in page
    assert found["lines"] == script.ratios(found["lines"])
    assert f"one {found['environment']['gpu']} and one core" in page


def test_the_speed_of_training_is_measured_in_rounds(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    script = importlib.import_module("training_speed")
    one = script.measure("cpu", "float32", "source-only", 8, rounds=2, steps=2)
    assert len(one["step_ms_all"]) == 2
    assert min(one["step_ms"], one["row_us"]) > 0


@pytest.mark.parametrize("kind", ["words", "msda"])
def test_settings_for_reviews_stand_in_the_readme_as_they_were_measured(kind, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    script = importlib.import_module("amazon_settings")
    found = json.loads((BENCHMARKS / f"amazon_settings_{kind}.json").read_text(encoding="utf-8"))
    assert {(one["rate"], one["cut"]) for one in found} == set(script.SETTINGS[kind])
    assert {one["pair"] for one in found} == {"-".join(pair) for pair in script.PAIRS}
    text = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    head = "| learning rate | gradients cut at | diverged | source accuracy, % |\n| ---: | ---: | ---: | ---: |\n"
    assert f"<!-- settings: {kind} -->\n{head}" + "\n".join(script.table(found)) in text
    safe = {}
    for one in found:
        safe.setdefault((one["rate"], one["cut"]), []).append(one)
    safe = {setting: own for setting, own in safe.items() if not any(one["diverged"] for one in own)}
    best = max(safe, key=lambda setting: np.mean([one["source_accuracy"] for one in safe[setting]]))
    assert best == {"words": (0.01, 1.0), "msda": (0.001, 0.0)}[kind]


def test_wide_rows_are_told_as_they_were_measured(monkeypatch, rng):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    script = importlib.import_module("wide_rows")
    figures = json.loads((BENCHMARKS / "wide_rows.json").read_text(encoding="utf-8"))
    page = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    assert f"<!-- figures: wide_rows.json -->\n{script.table(figures['lines'])}\n" in page
    assert all(line["steps"][0] == line["steps"][1] and line["weights_apart"] < 1e-12 for line in figures["lines"])
    ratios = sorted(line["ratio"] for line in figures["lines"])
    told = f"in the benchmark {ratios[0]:.0f} to {ratios[-1]:.0f} times as fast"
    assert told in " ".join((BENCHMARKS.parent / "CHANGELOG.md").read_text(encoding="utf-8").split())
    found = script.measure("few", rng.normal(size=(20, 50)), np.arange(20) % 3, 1)
    assert found["weights_apart"] < 1e-12


def test_the_sweep_is_told_as_it_was_measured():
    text = " ".join((BENCHMARKS / "README.md").read_text(encoding="utf-8").split())
    whole, later = (
        json.loads((BENCHMARKS / f"subspace_sweep{which}.json").read_text(encoding="utf-8"))
        for which in ("", "_memory")
    )
    newton, clock, default = (
        round(whole[f"loop_over_{name}_seconds"]) for name in ("newton_processor", "newton", "default")
    )
    assert f"1/{newton} of the loop's processor time and 1/{clock} of its time on the clock" in text
    assert f"{whole['newton']['seconds']:.1f} s against {whole['loop']['seconds']:.1f} s" in text
    assert f"trains twice, took 1/{default}." in text
    assert min(newton, clock, default) >= 5

    def times(figures, name, key):
        return f"{figures[name][key] / figures['features_MiB']:.1f}"

    fitting = [times(whole, name, "memory_of_fitting_MiB") for name in ("newton", "default")]
    assert "memory rose by {} times the features of one domain, as it comes by {} times".format(*fitting) in text
    assert (
        "it was {} and {} times".format(*(times(whole, name, "memory_MiB") for name in ("newton", "default"))) in text
    )
    now = [times(later, name, "memory_MiB") for name in ("default", "newton")]
    assert "has {} times as it comes and {} times for Newton's method alone".format(*now) in text
    assert max(map(float, now)) < 3
