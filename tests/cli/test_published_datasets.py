"""From a published folder to labelled recordings in three commands at most, as docs/datasets.md has them."""

import re
import shlex
from pathlib import Path, PurePosixPath

import pytest
from sqlalchemy import select

from backend.db.session import read_session
from backend.db.tables import Dataset, DatasetEntry, Recording
from backend.settings import Settings
from tests.published import PUBLISHED
from tests.shell_calls import run

DOCS = Path(__file__).parents[2] / "docs" / "datasets.md"


def _documented() -> dict[str, list[list[str]]]:
    """Return data set -> the commands under its heading, each as a list of words."""
    found = {}
    for title, text in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", DOCS.read_text(), re.MULTILINE | re.DOTALL):
        lines = "\n".join(re.findall(r"```bash\n(.*?)```", text, re.DOTALL)).replace("\\\n", " ").splitlines()
        found[title] = [shlex.split(line) for line in lines if line.startswith("exchangeai ")]
    return found


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_folder_becomes_labelled_recordings_by_the_documented_commands(
    name: str, installed: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "published"
    folder.mkdir()
    truth = PUBLISHED[name](folder)
    monkeypatch.chdir(tmp_path)
    commands = _documented()[name]
    assert 2 <= len(commands) <= 3
    for _, *words in commands:
        result = run(*[word.replace("FOLDER", "published") for word in words])
        assert result.exit_code == 0, result.output
    with read_session(installed.resolved_database_url) as session:
        rows = session.execute(
            select(Recording.file_name, DatasetEntry.labels)
            .join(DatasetEntry, DatasetEntry.recording_id == Recording.id)
            .join(Dataset, Dataset.id == DatasetEntry.dataset_id)
        ).all()
        n_recordings = len(session.scalars(select(Recording.id)).all())
    found = {PurePosixPath(file_name).name: set(labels) for file_name, labels in rows}
    assert found == {PurePosixPath(file_name).name: labels for file_name, labels in truth.items()}
    assert n_recordings == len(truth)


@pytest.mark.parametrize("name", sorted(PUBLISHED.keys() - {"CinC 2020/2021", "Parquet", "X.npy and y.npy"}))
def test_without_a_choice_the_shell_names_likely_ones_that_can_be_copied(
    name: str, installed: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "published"
    folder.mkdir()
    PUBLISHED[name](folder)
    monkeypatch.chdir(tmp_path)
    importing, labelling = _documented()[name]
    run(*[word.replace("FOLDER", "published") for word in importing[1:]])
    table = labelling[2].replace("FOLDER", "published")
    project = labelling[labelling.index("-p") + 1]
    refused = run("labels", table, "-p", project)
    assert refused.exit_code == 1
    commands = [line.strip() for line in refused.stderr.splitlines() if line.strip().startswith("exchangeai labels")]
    assert commands
    taken = run(*shlex.split(commands[0])[1:])
    assert taken.exit_code == 0, taken.output
    assert not re.search(r"\b0 with a recording", taken.output)
