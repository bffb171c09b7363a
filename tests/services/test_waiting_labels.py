"""Labels attached before their recordings: found by an index, and exactly those that the finder finds among all."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.db.session import read_session, write_session
from backend.db.tables import Dataset, DatasetEntry, Recording, RecordingName, new_id
from backend.ecg.readers import Limits, ReadOptions, SourceFile
from backend.ml.data.label_tables.finder import Finder, Named, place_of
from backend.services import ingest, projects, recordings, waiting_labels
from backend.settings import Settings
from backend.storage import Storage
from tests.samples import csv_file

WORDS = st.sampled_from(["a", "a.b", "a.b.c", ".a", "a.", "b", "1", "..", "x" * 250, "x" * 250 + ".b", "ä é", "a[0]"])
FOLDERS = st.sampled_from(["", "", "f/", "f/g/", "g/", "./", "././", "f\\g\\", "/", "f//"])
PATHS = st.builds(lambda folder, word: folder + word, FOLDERS, WORDS)
KNOWN = st.tuples(PATHS, WORDS, st.none() | WORDS)
OPTIONS = ReadOptions(rate=100, units_per_mv=1000)


@pytest.fixture
def url(installed: Settings) -> str:
    return installed.resolved_database_url


def _add(session: Session, project_id: str, names: Sequence[tuple[str, str, str | None]]) -> list[Named]:
    """Store recordings as far as their names go, and link what waits for them."""
    new = [Named(new_id(), file_name, name, record_id) for file_name, name, record_id in names]
    rows = [
        {"id": one.id, "project_id": project_id, "source_sha256": one.id, "file_name": one.file_name, "name": one.name,
         "record_id": one.record_id, "format": "csv", "rate": 500, "n_samples": 1, "signal_key": ""}
        for one in new
    ]  # fmt: skip
    if rows:
        session.execute(insert(Recording), rows)
    waiting_labels.add_names(session, new)
    waiting_labels.link(session, project_id, new)
    return new


def _label(session: Session, project_id: str, file_names: Sequence[str]) -> str:
    """Store a table of labels none of whose rows has a recording."""
    dataset = Dataset(project_id=project_id, name="L", file_name="l.csv", task="single_label")
    session.add(dataset)
    session.flush()
    rows = [
        {"id": new_id(), "dataset_id": dataset.id, "row": row, "file_name": name, "labels": [],
         "stem": place_of(name)[0], "place": "/".join(reversed(place_of(name)))}
        for row, name in enumerate(file_names)
    ]  # fmt: skip
    if rows:
        session.execute(insert(DatasetEntry), rows)
    return dataset.id


def _linked(session: Session, dataset_id: str) -> dict[int, str | None]:
    wanted = select(DatasetEntry.row, DatasetEntry.recording_id).where(DatasetEntry.dataset_id == dataset_id)
    return {line.row: line.recording_id for line in session.execute(wanted)}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(KNOWN, max_size=5), st.lists(KNOWN, max_size=5), st.lists(PATHS, max_size=6))
def test_exactly_those_rows_are_linked_that_the_finder_finds_among_all(on_each_database, before, come, labelled):
    with write_session(on_each_database.resolved_database_url) as session:
        project_id = projects.create(session, "P").id
        old = _add(session, project_id, before)
        dataset_id = _label(session, project_id, labelled)
        new = _add(session, project_id, come)
        linked = _linked(session, dataset_id)
    finds, ids, taken = Finder([*old, *new]), {one.id for one in new}, set()
    for row, name in enumerate(labelled):
        found = finds.find(name)
        wanted = found if found in ids and found not in taken else None
        taken.add(wanted)
        assert linked[row] == wanted, name


def _steps(session: Session, project_id: str, names: Sequence[tuple[str, str, str | None]]) -> int:
    """Return how many hundreds of steps the database makes to store recordings and link what waits."""
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    connection = session.connection().connection.driver_connection
    connection.set_progress_handler(count, 100)
    _add(session, project_id, names)
    connection.set_progress_handler(None, 0)
    return steps


def test_neither_a_long_table_that_waits_nor_a_large_project_makes_the_database_work_more(url):
    def names(start: int, n: int) -> list[tuple[str, str, str | None]]:
        numbers = range(start, start + n)
        flat = [(f"{i % 7}/{i:05}.csv", f"{i:05}.csv", str(i)) for i in numbers]
        return flat + [(f"patient{i}/ecg.csv", f"patient{i}/ecg.csv", None) for i in numbers]

    steps = {}
    for waiting, there in ((300, 100), (300, 3000), (6000, 100)):
        with write_session(url) as session:
            project_id = projects.create(session, "P").id
            _add(session, project_id, names(50_000, there))
            labelled = [f"{i:05}" for i in range(waiting)] + [f"patient{i}/ecg" for i in range(waiting)]
            dataset_id = _label(session, project_id, labelled)
            steps[waiting, there] = _steps(session, project_id, names(0, 30))
            assert sum(found is not None for found in _linked(session, dataset_id).values()) == 60
    assert max(steps.values()) < 1.5 * steps[300, 100], steps


def test_a_file_read_again_is_found_by_the_names_it_has_now(installed: Settings, storage: Storage):
    """Files imported before identifiers were read get theirs when they are sent again, and are found by it."""
    url = installed.resolved_database_url
    file = SourceFile("a.csv", csv_file())

    def send() -> str:
        (batch,) = ingest.read_all([file], OPTIONS, Limits())
        with write_session(url) as session:
            project = projects.get(session, project_id)
            (outcome,) = ingest.store(session, storage, project, batch, OPTIONS)
        return outcome.recording_ids[0]

    with write_session(url) as session:
        project_id = projects.create(session, "P").id
    recording_id = send()
    with write_session(url) as session:
        row = recordings.get(session, project_id, recording_id)
        row.record_id = "old"
        waiting_labels.rename(session, [row])
    assert "old" in _names(url, recording_id)
    assert send() == recording_id
    assert _names(url, recording_id) == {"a.csv", "a"}


def _names(url: str, recording_id: str) -> set[str]:
    with read_session(url) as session:
        return set(session.scalars(select(RecordingName.name).where(RecordingName.recording_id == recording_id)))
