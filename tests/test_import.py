import ast
import subprocess
import sys
from pathlib import Path

import pytest

import dacompare

ROOT = Path(dacompare.__file__).parent
HEAVY = ("torch", "sklearn", "scipy", "matplotlib", "openTSNE", "pandas", "joblib", "numpy")

# A room imports from its own floor and from those below.
FLOORS = {
    "checks": 0, "names": 0, "files": 0, "images": 0, "plain_data": 0, "ranks": 0, "standardising": 0, "toml_text": 0,
    "statistics": 0, "domains": 0,
    "deep": 1, "shallow": 1, "divergence": 1, "selection": 1, "embedding": 1, "pipeline": 1,
    "methods": 2, "recipe": 2, "recipe_schema": 2, "recipe_grid": 2, "recipe_writing": 2,
    "recipe_methods": 2, "recipe_overrides": 2, "recipe_agreement": 2, "recipe_of_call": 2,
    "summary": 2, "verdict": 2, "results": 2, "ranking": 2, "row_pipeline": 2,
    "environment": 2, "jobs": 2, "stages": 2, "plan": 2, "among_rows": 2, "assemble": 2, "gather": 2, "idle": 2,
    "experiment": 3, "report": 3, "study": 3, "commands": 4, "cli": 5, "__main__": 6, "__init__": 6,
}  # fmt: skip
NOT_FOR_REPORT = {"deep", "shallow", "selection", "divergence", "methods", "experiment", "domains", "stages", "plan"}


def test_import_loads_nothing_heavy_and_changes_nothing():
    code = f"""
import sys, warnings
filters, path = list(warnings.filters), list(sys.path)
import dacompare
assert dacompare.__version__
loaded = [name for name in {HEAVY} if name in sys.modules]
assert not loaded, loaded
assert warnings.filters == filters and sys.path == path
"""
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code]).returncode == 0


def test_using_scikit_learn_parts_leaves_its_configuration_alone():
    code = """
import sklearn
before = sklearn.get_config()
import dacompare
for name in dacompare.__all__:
    getattr(dacompare, name)
assert sklearn.get_config() == before
import matplotlib
assert "matplotlib.pyplot" not in __import__("sys").modules
"""
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code]).returncode == 0


def test_every_public_name_resolves():
    for name in dacompare.__all__:
        assert getattr(dacompare, name) is not None
    assert set(dacompare.__all__) <= set(dir(dacompare))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'DANN'"):
        dacompare.DANN  # noqa: B018


def _imports():
    for path in sorted(ROOT.rglob("*.py")):
        room = path.relative_to(ROOT).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "dacompare":
                names = [node.module.split(".")[1]] if "." in node.module else [alias.name for alias in node.names]
                yield from ((path.name, room, name) for name in names)


def test_imports_point_down_and_every_room_has_a_floor():
    lazy = {("results.py", "report")}  # Results.to_html and to_markdown, the one named exception
    for file, room, imported in _imports():
        assert room in FLOORS, f"{room} has no floor"
        if imported in FLOORS and (file, imported) not in lazy:
            assert FLOORS[imported] <= FLOORS[room], f"{file} ({room}) imports {imported}, a floor above"


def test_the_report_sees_only_results():
    measured_on_request = ("distance_plot.py", "divergence")  # DistanceDisplay.from_features, inside the function
    for file, room, imported in _imports():
        if room == "report" and (file, imported) != measured_on_request:
            assert imported not in NOT_FOR_REPORT, f"report/{file} imports {imported}"


def test_pages_and_figures_of_results_load_nothing_that_measures():
    rooms = (*(f"dacompare.{room}" for room in sorted(NOT_FOR_REPORT)), "torch", "sklearn")
    code = f"import sys, dacompare.report; print([name for name in {rooms} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_deep_imports_torch():
    allowed = {"environment.py"}  # asks torch for the name of the GPU
    for path in sorted(ROOT.rglob("*.py")):
        if "deep" in path.parts or path.name in allowed:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", None)]
            assert not any(str(name).split(".")[0] == "torch" for name in names if name), path
