"""The notebook of docs/ runs from its first cell to its last, alone and with a platform."""

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.platform_process import running_platform

NOTEBOOK = Path(__file__).parents[2] / "docs" / "python.ipynb"


def executed(folder: Path) -> nbformat.NotebookNode:
    """Run a copy of the notebook in a folder of its own. Raises where a cell does."""
    made = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(made, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    return made


def printed(made: nbformat.NotebookNode) -> str:
    """Everything its cells say."""
    said = [output for cell in made.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(one.get("text") or one.get("data", {}).get("text/plain", "") for one in said)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("EXCHANGEAI_URL", raising=False)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_platform(tmp_path_factory.mktemp("platform")) as platform:
        platform.wait_for_workers()
        yield platform.address


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_the_notebook_runs_without_a_platform(tmp_path: Path) -> None:
    said = printed(executed(tmp_path))
    assert "declare it in Hz" in said
    assert "((12, 5000), 500.0" in said
    assert "of the nearest neighbours are of the same class" in said


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_the_notebook_runs_with_a_platform(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGEAI_URL", address)
    said = printed(executed(tmp_path))
    assert " epoch" in said
    assert "'NORM': " in said


def test_the_notebook_that_is_kept_shows_what_it_gave_and_nothing_of_a_machine() -> None:
    kept = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(kept)
    assert printed(kept)
    assert not [word for word in ("/tmp/", "/home/", "/root/", "Traceback") if word in NOTEBOOK.read_text()]
