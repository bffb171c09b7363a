"""The bytes behind rows: none that was acknowledged is lost, whatever others delete; none that is damaged goes out."""

import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from backend.db.session import read_session, write_session
from backend.db.tables import Original, Recording
from backend.ecg.readers import Limits, ReadOptions, SourceFile
from backend.errors import DamagedError, DiskFullError, NotFoundError
from backend.services import ingest, project_deletion, projects, recordings
from backend.settings import Settings
from backend.storage import FULL, Storage, local, storage_of
from tests.samples import csv_file
from tests.stores import blobs_of, replace

OPTIONS = ReadOptions(rate=100, units_per_mv=1000)
ROUNDS = 10 if os.environ.get("TEST_STORE") else 40


def _project(settings: Settings) -> str:
    with write_session(settings.resolved_database_url) as session:
        return projects.create(session, "P").id


def _storage(settings: Settings) -> Storage:
    return storage_of(settings)


def _upload(settings: Settings, project_id: str, data: bytes, name: str = "a.csv") -> ingest.Outcome:
    (batch,) = ingest.read_all([SourceFile(name, data)], OPTIONS, Limits())
    with write_session(settings.resolved_database_url) as session:
        project = projects.get(session, project_id)
        (outcome,) = ingest.store(session, _storage(settings), project, batch, OPTIONS)
    return outcome


def _delete(settings: Settings, project_id: str, recording_id: str) -> None:
    with write_session(settings.resolved_database_url) as session:
        recordings.delete(session, _storage(settings), recordings.get(session, project_id, recording_id))


def _original(settings: Settings, project_id: str, recording_id: str) -> bytes:
    with read_session(settings.resolved_database_url) as session:
        return recordings.original(_storage(settings), recordings.get(session, project_id, recording_id))[1]


def _blobs(settings: Settings) -> dict[str, bytes]:
    return blobs_of(_storage(settings))


def test_bytes_uploaded_to_one_project_while_another_deletes_the_same_are_kept(on_each_database: Settings) -> None:
    here, there = _project(on_each_database), _project(on_each_database)
    with ThreadPoolExecutor(2) as pool:
        for number in range(ROUNDS):
            data = csv_file(number, n=60)
            (old,) = _upload(on_each_database, here, data).recording_ids
            start = threading.Barrier(2)

            def upload(data: bytes = data, start: threading.Barrier = start) -> str:
                start.wait()
                return _upload(on_each_database, there, data).recording_ids[0]

            def delete(old: str = old, start: threading.Barrier = start) -> None:
                start.wait()
                _delete(on_each_database, here, old)

            uploaded, deleted = pool.submit(upload), pool.submit(delete)
            deleted.result()
            assert _original(on_each_database, there, uploaded.result()) == data, f"lost in round {number}"


def test_the_last_of_two_recordings_with_the_same_bytes_takes_them_along(on_each_database: Settings) -> None:
    here, there = _project(on_each_database), _project(on_each_database)
    first, second = (_upload(on_each_database, project, csv_file()).recording_ids[0] for project in (here, there))
    _delete(on_each_database, here, first)
    assert _original(on_each_database, there, second) == csv_file()
    assert len(_blobs(on_each_database)) == 2
    _delete(on_each_database, there, second)
    assert _blobs(on_each_database) == {}


@pytest.mark.parametrize("damage", [b"", b"cut", None], ids=["empty", "cut off", "one bit"])
def test_damaged_bytes_are_never_handed_out_and_importing_again_mends_them(
    installed: Settings, damage: bytes | None
) -> None:
    project = _project(installed)
    (recording_id,) = _upload(installed, project, csv_file()).recording_ids
    whole = _blobs(installed)
    for key, data in whole.items():
        replace(_storage(installed), key, data[:-1] + bytes([data[-1] ^ 1]) if damage is None else damage)
    with read_session(installed.resolved_database_url) as session:
        row = recordings.get(session, project, recording_id)
        for hand_out in (recordings.original, recordings.signal, recordings.to_show):
            with pytest.raises(DamagedError, match="Import the file again"):
                hand_out(_storage(installed), row)
    assert _upload(installed, project, csv_file()).status == "duplicate"
    assert _blobs(installed) == whole
    assert _original(installed, project, recording_id) == csv_file()


def test_missing_bytes_are_mended_by_importing_again_too(installed: Settings) -> None:
    project = _project(installed)
    (recording_id,) = _upload(installed, project, csv_file()).recording_ids
    for key in _blobs(installed):
        replace(_storage(installed), key, None)
    with pytest.raises(NotFoundError, match="Import the file again"):
        _original(installed, project, recording_id)
    _upload(installed, project, csv_file(), "again.csv")
    assert _original(installed, project, recording_id) == csv_file()


def test_where_the_disk_is_full_nothing_is_kept_and_words_say_so(
    installed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = _project(installed)
    if installed.storage_url:
        pytest.skip("the disk is the store's own")

    def full(_path: str, _target: str) -> None:
        raise OSError(FULL[0], "No space left on device")

    monkeypatch.setattr(local.os, "replace", full)
    with pytest.raises(DiskFullError, match="Make room"):
        _upload(installed, project, csv_file())
    monkeypatch.undo()
    assert _blobs(installed) == {}
    assert _upload(installed, project, csv_file()).status == "imported"


def test_a_deleted_project_is_out_of_sight_at_once_and_its_bytes_go_with_its_rows(
    on_each_database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_deletion, "AT_ONCE", 2)
    url = on_each_database.resolved_database_url
    kept, gone = _project(on_each_database), _project(on_each_database)
    shared = _upload(on_each_database, kept, csv_file(0)).recording_ids[0]
    for number in range(5):
        _upload(on_each_database, gone, csv_file(number))
    with write_session(url) as session:
        projects.delete(session, projects.get(session, gone))
    with read_session(url) as session, pytest.raises(NotFoundError):
        projects.get(session, gone)
    with pytest.raises(NotFoundError):
        _upload(on_each_database, gone, csv_file(9))
    assert project_deletion.unfinished(url) == [gone]
    project_deletion.finish(url, _storage(on_each_database), gone)
    assert project_deletion.unfinished(url) == []
    assert _original(on_each_database, kept, shared) == csv_file(0)
    with read_session(url) as session:
        assert len(session.scalars(select(Recording.id)).all()) == len(session.scalars(select(Original.key)).all()) == 1
    assert len(_blobs(on_each_database)) == 2


def test_a_blob_is_what_its_name_says(installed: Settings) -> None:
    _upload(installed, _project(installed), csv_file())
    for key, data in blobs_of(_storage(installed)).items():
        assert key == hashlib.sha256(data).hexdigest()
