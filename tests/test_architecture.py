"""The shape of the house: arrows, sizes, what may be loaded where, the tree of errors, generated files."""

import importlib
import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import backend
import workers
from backend import errors
from backend.api.errors import STATUS, status_of
from tests.installation import installation

ROOT = Path(__file__).parents[1]
TREE_LINE = re.compile(r"^[│ ]*[├└]── (\w+)", re.MULTILINE)


def _python_files() -> list[Path]:
    return [
        path
        for folder in ("backend", "workers", "exchangeai", "migrations", "tests", "bench")
        for path in ROOT.glob(f"{folder}/**/*.py")
        if path.name != "shapes.py"  # written by `make openapi`
    ]


def _every_error() -> set[type[errors.UserError]]:
    for package in (backend, workers):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found: set[type[errors.UserError]] = set()
    waiting: list[type[errors.UserError]] = [errors.UserError]
    while waiting:
        kind = waiting.pop()
        found.add(kind)
        waiting.extend(kind.__subclasses__())
    return {kind for kind in found if kind.__module__.startswith(("backend.", "workers."))}


@pytest.fixture(scope="module")
def every_error(tmp_path_factory: pytest.TempPathFactory) -> set[type[errors.UserError]]:
    with installation(tmp_path_factory.mktemp("imports") / "data"):  # workers.app reads the settings when imported
        return _every_error()


def test_all_arrows_point_down() -> None:
    checked = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout


def test_no_python_file_is_longer_than_300_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): n for path in _python_files() if (n := len(path.read_text().splitlines())) > 300
    }
    assert not long


def test_no_file_of_the_page_is_longer_than_250_lines() -> None:
    written = [path for kind in ("ts", "tsx") for path in ROOT.glob(f"frontend/src/**/*.{kind}")]
    assert written
    long = {
        str(path.relative_to(ROOT)): n
        for path in written
        if path.name != "schema.d.ts" and (n := len(path.read_text().splitlines())) > 250
    }
    assert not long


@pytest.mark.parametrize("module", ["backend.main", "backend.cli.platform", "workers.app"])
def test_what_always_runs_loads_neither_torch_nor_onnx(module: str, tmp_path: Path) -> None:
    code = (
        f"import sys; import {module}; "
        "print([name for name in ('torch', 'onnx', 'onnxscript', 'matplotlib', 'pandas') if name in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        env={"PATH": "", "EXCHANGEAI_DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    assert shown.stdout.strip() == "[]"


def test_the_tree_of_errors_is_drawn_in_full(every_error: set[type[errors.UserError]]) -> None:
    drawn = TREE_LINE.findall(errors.__doc__ or "")
    assert len(drawn) == len(set(drawn))
    assert {"UserError", *drawn} == {kind.__name__ for kind in every_error}


def test_every_error_has_an_http_status(every_error: set[type[errors.UserError]]) -> None:
    assert (
        {status_of(kind("what to do")) for kind in every_error}
        == set(STATUS.values())
        == {401, 403, 404, 409, 413, 422, 429, 503, 507}
    )


def test_nothing_evaluates_or_unpickles() -> None:
    evaluates = r"(?<![\w.])(eval|exec)\(|pickle\.loads?\(|allow_pickle=True|weights_only=False"
    hostile = re.compile(evaluates + r"|except Exception: *(return|pass)")
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for folder in ("backend", "workers", "exchangeai")
        for path in ROOT.glob(f"{folder}/**/*.py")
        if (match := hostile.search(path.read_text()))
    ]
    assert not found


def test_the_committed_description_of_the_api_is_the_present_one(tmp_path: Path) -> None:
    from backend.main import create_app

    with installation(tmp_path):
        present = create_app().openapi()
    committed = json.loads((ROOT / "frontend" / "openapi.json").read_text())
    assert committed == json.loads(json.dumps(present)), "run 'make schema' and commit what it has written"
