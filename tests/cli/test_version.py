"""The version, and completion of commands by the person's own shell."""

import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from backend.cli.app import MODULES
from tests.platform_process import COMMAND, environment
from tests.shell_calls import run


def test_the_version_is_that_of_the_package() -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"exchangeai {version('exchangeai')}\n")


def _completed(folder: Path, words: str, place: int) -> set[str]:
    asked = {"_EXCHANGEAI_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(place)}
    ran = subprocess.run(
        [COMMAND], env=environment(folder) | asked, cwd=folder, capture_output=True, text=True, timeout=90
    )
    return set(ran.stdout.split())


def test_commands_and_their_verbs_are_completed(tmp_path: Path) -> None:
    assert _completed(tmp_path, "exchangeai pre", 1) == {"predict", "pretrain"}
    assert _completed(tmp_path, "exchangeai ", 1) == set(MODULES)
    assert {"import", "export", "card"} <= _completed(tmp_path, "exchangeai models ", 2)
    assert "--project" in _completed(tmp_path, "exchangeai train --pro", 2)
    assert not (tmp_path / "data").exists()  # nothing is begun by asking


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_installed_for_the_shells_people_use(shell: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [COMMAND, "--show-completion", shell], env=environment(tmp_path), capture_output=True, text=True, timeout=90
    )
    assert ran.returncode == 0
    assert "_EXCHANGEAI_COMPLETE" in ran.stdout
