"""Each contract of the imports catches what it is there for: one violation of each, put into a copy of the code."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

VIOLATIONS = {  # contract -> (file, what it imports)
    "All arrows point down": ("backend/ecg/leads.py", "backend.services.jobs"),
    "The shell stands on the services, not on the web API": ("backend/cli/projects.py", "backend.api.deps"),
    "The backend sends tasks by name and never imports the workers": ("backend/queue.py", "workers.app"),
    "The public package stands on the core alone": ("exchangeai/errors.py", "backend.services.jobs"),
    "Nothing imports the public package": ("workers/prepare.py", "exchangeai.reading"),
    "The core is pure": ("backend/ml/evaluation/scores.py", "sqlalchemy"),
    "ECG code needs only numpy, scipy and the format libraries": ("backend/ecg/beats.py", "torch"),
    "No reader of a format imports that of another": ("backend/ecg/readers/ishne.py", "backend.ecg.readers.edf.header"),
    "What all readers share knows no format": ("backend/ecg/readers/units.py", "backend.ecg.readers.ishne"),
    "The rooms of backend.ml stand on each other in one order": ("backend/ml/spec.py", "backend.ml.packaging.package"),
    "What answers, judges and describes models never loads torch or onnx": (
        "backend/ml/inference/parity.py",
        "backend.ml.architectures.pooling",  # which loads torch: through any chain
    ),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache", "--config", str(folder / "pyproject.toml")]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={"PATH": "", "PYTHONPATH": str(folder)}
    )


@pytest.fixture(scope="module")
def violated(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the linter says of a copy of the code with all the violations."""
    folder = tmp_path_factory.mktemp("violated")
    for package in ("backend", "workers", "exchangeai"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("static", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for file, imported in VIOLATIONS.values():
        with (folder / file).open("a") as source:
            source.write(f"\n\ndef _violation() -> None:\n    import {imported}  # noqa\n")
    checked = lint(folder)
    assert checked.returncode == 1, checked.stdout + checked.stderr
    return checked.stdout


def test_every_contract_has_a_violation_here() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in contracts} == set(VIOLATIONS)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_violation_of_a_contract_is_found(contract: str, violated: str) -> None:
    assert re.search(rf"^{re.escape(contract)} BROKEN", violated, re.MULTILINE)
    file, imported = VIOLATIONS[contract]
    report = violated.split(f"{contract}\n{'-' * len(contract)}\n")[1]
    report = re.split(r"\n[^\n]+\n-{8,}\n", report)[0]
    assert f"{file.removesuffix('.py').replace('/', '.')} -> {imported} (" in report
