"""What the doctor finds in a store, what it mends, and what it never touches."""

import json
import os
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from backend.db.session import read_session, write_session
from backend.db.tables import Dataset, utc_now
from backend.ecg.readers import Limits, ReadOptions, SourceFile
from backend.services import datasets, ingest, projects, recordings
from backend.services.doctor import Finding, examine
from backend.settings import Settings
from backend.storage import LocalStorage, Storage, storage_of
from tests.samples import csv_file, wfdb_pair
from tests.shell_calls import run
from tests.stores import blobs_of, replace

OPTIONS = ReadOptions(rate=100, units_per_mv=1000)


def _storage(settings: Settings) -> Storage:
    return storage_of(settings)


def _upload(settings: Settings, files: dict[str, bytes]) -> tuple[str, list[str]]:
    with write_session(settings.resolved_database_url) as session:
        project_id = projects.create(session, "Ward").id
    ids: list[str] = []
    for batch in ingest.read_all([SourceFile(*file) for file in files.items()], OPTIONS, Limits()):
        with write_session(settings.resolved_database_url) as session:
            project = projects.get(session, project_id)
            for outcome in ingest.store(session, _storage(settings), project, batch, OPTIONS):
                ids += outcome.recording_ids
    return project_id, ids


def _examine(settings: Settings, mend: bool = False) -> list[Finding]:
    return list(examine(settings.resolved_database_url, _storage(settings), Limits(), mend=mend))


def _keys(settings: Settings, project_id: str, recording_id: str) -> tuple[str, list[str]]:
    with read_session(settings.resolved_database_url) as session:
        row = recordings.get(session, project_id, recording_id)
        return row.signal_key, [item.key for item in row.originals]


def _age(path: Path) -> None:
    before = time.time() - 7200
    os.utime(path, (before, before))


def test_a_healthy_store_has_no_findings(on_each_database: Settings) -> None:
    _upload(on_each_database, {"a.csv": csv_file(), "r1.hea": wfdb_pair("r1", 2)[0], "r1.dat": wfdb_pair("r1", 2)[1]})
    assert _examine(on_each_database) == _examine(on_each_database, mend=True) == []


@pytest.mark.parametrize("damage", [b"", b"other", None], ids=["empty", "other bytes", "gone"])
def test_a_signal_is_read_again_from_its_original(on_each_database: Settings, damage: bytes | None) -> None:
    project, (csv_id, wfdb_id) = _upload(
        on_each_database, {"a.csv": csv_file(), "r1.hea": wfdb_pair("r1", 2)[0], "r1.dat": wfdb_pair("r1", 2)[1]}
    )
    signals = [_keys(on_each_database, project, one)[0] for one in (csv_id, wfdb_id)]
    whole = blobs_of(_storage(on_each_database))
    for key in signals:
        replace(_storage(on_each_database), key, damage)
    kind = "missing" if damage is None else "damaged"
    assert {(one.kind, one.of, one.mended) for one in _examine(on_each_database)} == {
        (kind, "Ward: a.csv", False), (kind, "Ward: r1.hea", False)
    }  # fmt: skip
    assert [one.mended for one in _examine(on_each_database, mend=True)] == [True, True]
    assert blobs_of(_storage(on_each_database)) == whole
    assert _examine(on_each_database) == []


def test_an_original_that_is_lost_is_left_to_a_person_and_importing_again_mends_it(installed: Settings) -> None:
    project, (recording_id,) = _upload(installed, {"a.csv": csv_file()})
    signal, (original,) = _keys(installed, project, recording_id)
    replace(_storage(installed), original, b"")
    for mend in (False, True):
        (found,) = _examine(installed, mend)
        assert (found.kind, found.of, found.mended) == ("damaged", "Ward: a.csv", False)
        assert "Import" in found.detail
    replace(_storage(installed), signal, b"")
    assert [one.mended for one in _examine(installed, mend=True)] == [False, False]
    (batch,) = ingest.read_all([SourceFile("a.csv", csv_file())], OPTIONS, Limits())
    with write_session(installed.resolved_database_url) as session:
        ingest.store(session, _storage(installed), projects.get(session, project), batch, OPTIONS)
    assert _examine(installed) == []


def test_what_belongs_to_nobody_goes_whatever_the_store(installed: Settings) -> None:
    _upload(installed, {"a.csv": csv_file()})
    kept = set(blobs_of(_storage(installed)))
    key = _storage(installed).put(b"nobody's")
    ask = partial(examine, installed.resolved_database_url, _storage(installed), Limits(), mend=True)
    assert list(ask()) == []  # it may be an upload that goes on
    assert [(one.kind, one.key, one.mended) for one in ask(young_s=-60)] == [("orphan", key, True)]
    assert set(blobs_of(_storage(installed))) == kept


def test_what_belongs_to_nobody_is_deleted_when_it_is_old_enough(installed: Settings) -> None:
    _upload(installed, {"a.csv": csv_file()})
    storage = _storage(installed)
    if not isinstance(storage, LocalStorage):
        pytest.skip("only a folder has writes that were never finished")
    key = storage.put(b"nobody's")
    unfinished = Path(f"{storage.path(key)}.123-abcd-0")
    unfinished.write_bytes(b"half")
    assert _examine(installed, mend=True) == []
    for path in (storage.path(key), unfinished):
        _age(path)
    assert sorted(one.kind for one in _examine(installed)) == ["orphan", "unfinished"]
    assert [one.mended for one in _examine(installed, mend=True)] == [True, True]
    assert not storage.folder.joinpath(key[:2], key[2:]).exists()
    assert not unfinished.exists()
    assert _examine(installed) == []


def test_a_table_that_was_not_attached_in_full_is_found_and_deleted(installed: Settings) -> None:
    project, _ = _upload(installed, {"a.csv": csv_file()})
    with write_session(installed.resolved_database_url) as session:
        dataset = datasets.create(session, project, b"file_name,label\na.csv,A\n", "labels.csv")
        dataset.complete = False
    assert _examine(installed) == []  # it may be going on
    with write_session(installed.resolved_database_url) as session:
        session.get_one(Dataset, dataset.id).created_at = utc_now() - timedelta(hours=2)
    assert [(one.kind, one.of) for one in _examine(installed)] == [("unfinished", "labels.csv")]
    assert [one.mended for one in _examine(installed, mend=True)] == [True]
    assert _examine(installed) == []


def test_a_deletion_that_was_broken_off_is_finished(installed: Settings) -> None:
    project, _ = _upload(installed, {"a.csv": csv_file()})
    with write_session(installed.resolved_database_url) as session:
        projects.delete(session, projects.get(session, project))
    assert [one.kind for one in _examine(installed, mend=True)] == ["deletion"]
    assert blobs_of(_storage(installed)) == {}


def test_the_shell_tells_what_is_wrong_and_ends_with_an_error_while_something_is_left(installed: Settings) -> None:
    assert run("doctor").output.strip().endswith("Everything is as it should be.")
    project, (recording_id,) = _upload(installed, {"a.csv": csv_file()})
    replace(_storage(installed), _keys(installed, project, recording_id)[0], None)
    looked = run("doctor")
    assert (looked.exit_code, "file missing: Ward: a.csv" in looked.output) == (1, True)
    assert json.loads(run("doctor", "--mend", "--json").stdout)["left"] == 0
    assert run("doctor").exit_code == 0
