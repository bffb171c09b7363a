"""Storing uploads when several people do it at once, in batches, and when something breaks in the middle."""

import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.db.session import read_session, write_session
from backend.db.tables import Recording
from backend.ecg.readers import Limits, ReadOptions, Refusal, SourceFile
from backend.isolation.table import read_table
from backend.services import dataset_report, datasets, file_batches, ingest, projects, recordings, waiting_labels
from backend.services.ingest import Outcome
from backend.settings import Settings
from backend.storage import LocalStorage, Storage, storage_of
from tests.samples import csv_file, wfdb_pair

OPTIONS = ReadOptions(rate=100, units_per_mv=1000)


def _upload(settings: Settings, project_id: str, files: Sequence[tuple[str, bytes]]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    storage = storage_of(settings)
    for batch in ingest.read_all([SourceFile(*file) for file in files], OPTIONS, Limits()):
        with write_session(settings.resolved_database_url) as session:
            outcomes += ingest.store(session, storage, projects.get(session, project_id), batch, OPTIONS)
    return outcomes


def _project(settings: Settings) -> str:
    with write_session(settings.resolved_database_url) as session:
        return projects.create(session, "P").id


def _count(settings: Settings) -> int:
    with read_session(settings.resolved_database_url) as session:
        return session.scalar(select(func.count()).select_from(Recording)) or 0


def test_the_same_files_sent_by_many_at_once_are_stored_once(on_each_database: Settings) -> None:
    project = _project(on_each_database)
    files = [(f"{number}.csv", csv_file(number, n=200)) for number in range(5)]
    with ThreadPoolExecutor(6) as pool:
        reports = list(pool.map(lambda _: _upload(on_each_database, project, files), range(6)))
    found = Counter(outcome.status for report in reports for outcome in report)
    assert found == {"imported": 5, "duplicate": 25}
    assert _count(on_each_database) == 5


def test_uploads_and_labels_at_once_leave_every_label_linked(on_each_database: Settings) -> None:
    project = _project(on_each_database)
    url = on_each_database.resolved_database_url
    table = ("file_name,label\n" + "".join(f"{n}.csv,A\n" for n in range(20))).encode()

    def label() -> None:
        with write_session(url) as session:
            datasets.create(session, project, table, "labels.csv")

    with ThreadPoolExecutor(5) as pool:
        waiting = [
            pool.submit(_upload, on_each_database, project, [(f"{n}.csv", csv_file(n, n=200))]) for n in range(20)
        ]
        waiting.insert(7, pool.submit(label))
        for one in waiting:
            one.result()
    with read_session(url) as session:
        (dataset,) = datasets.list_datasets(session, project)
        assert dataset_report.report(session, dataset).n_matched == 20


def test_a_large_table_is_attached_in_parts_and_seen_only_when_all_of_it_is_there(
    on_each_database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "AT_ONCE", 4)
    url, project = on_each_database.resolved_database_url, _project(on_each_database)
    _upload(on_each_database, project, [(f"{n}.csv", csv_file(n, n=60)) for n in range(10)])
    cells = read_table(("file_name,label\n" + "".join(f"{n}.csv,A\n" for n in range(12))).encode())
    with read_session(url) as session:
        matched = datasets.match(session, project, cells)
    _upload(on_each_database, project, [("10.csv", csv_file(10, n=60))])  # comes in between
    with write_session(url) as session:  # goes in between
        (row,) = session.scalars(select(Recording).where(Recording.file_name == "9.csv"))
        recordings.delete(session, storage_of(on_each_database), row)
    insert, seen = datasets._insert, []

    def watched(*args: object) -> None:
        with read_session(url) as session:
            seen.append((len(datasets.list_datasets(session, project)), projects.counts(session, [project])))
        insert(*args)

    monkeypatch.setattr(datasets, "_insert", watched)
    dataset_id = datasets.attach_in_parts(url, project, matched, "labels.csv")
    with read_session(url) as session:
        report = dataset_report.report(session, datasets.get(session, project, dataset_id))
    assert (report.n_rows, report.n_matched, report.unmatched) == (12, 10, ["9.csv", "11.csv"])
    assert [(n, counts[project]["n_datasets"]) for n, counts in seen] == [(0, 0)] * 3


def test_a_store_that_breaks_in_the_middle_keeps_nothing_of_its_batch(
    installed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = _project(installed)

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(waiting_labels, "link", broken)
    with pytest.raises(OSError, match="disk full"):
        _upload(installed, project, [("a.csv", csv_file())])
    monkeypatch.undo()
    assert _count(installed) == 0
    assert [outcome.status for outcome in _upload(installed, project, [("a.csv", csv_file())])] == ["imported"]


def test_a_deletion_that_is_rolled_back_keeps_the_bytes(installed: Settings, storage: Storage) -> None:
    project = _project(installed)
    (outcome,) = _upload(installed, project, [("a.csv", csv_file())])

    def delete_and_break() -> None:
        with write_session(installed.resolved_database_url) as session:
            recordings.delete(session, storage, recordings.get(session, project, outcome.recording_ids[0]))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        delete_and_break()
    with read_session(installed.resolved_database_url) as session:
        row = recordings.get(session, project, outcome.recording_ids[0])
        assert recordings.original(storage, row) == ("a.csv", csv_file())


def test_files_are_read_in_batches_of_bounded_size() -> None:
    files = (SourceFile(f"{number}.csv", csv_file(number, n=100)) for number in range(600))
    sizes = [len(batch) for batch in ingest.read_all(files, OPTIONS, Limits())]
    assert sizes == [256, 256, 88]


def test_pairs_of_one_name_in_different_folders_are_not_mixed_up(installed: Settings) -> None:
    project = _project(installed)
    one, two = wfdb_pair("r1", 1), wfdb_pair("r1", 2)
    outcomes = _upload(
        installed, project, [("b/r1.dat", two[1]), ("a/r1.hea", one[0]), ("b/r1.hea", two[0]), ("a/r1.dat", one[1])]
    )
    assert {outcome.file_name: outcome.status for outcome in outcomes} == {
        "a/r1.hea": "imported",
        "b/r1.hea": "imported",
    }
    storage = storage_of(installed)
    with read_session(installed.resolved_database_url) as session:
        for outcome, (_, data) in zip(sorted(outcomes, key=lambda item: item.file_name), (one, two), strict=True):
            row = recordings.get(session, project, outcome.recording_ids[0])
            assert storage.get(row.originals[1].key) == data


def test_storage_keeps_bytes_once_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(storage.put, [b"same"] * 50))
    (key,) = keys
    assert storage.get(key) == b"same"
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        f"{key[:2]}/{key[2:]}"
    ]
    storage.delete(key)
    storage.delete(key)


@pytest.mark.parametrize("key", ["../../../etc/passwd", "", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n"])
def test_storage_takes_no_key_that_is_no_hash(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        LocalStorage(tmp_path).get(key)


def test_files_of_one_record_stay_in_one_batch(monkeypatch):
    monkeypatch.setattr(file_batches, "BATCH_FILES", 3)
    header, data = wfdb_pair("r1")
    files = [SourceFile("a.csv", csv_file(1)), SourceFile("b.csv", csv_file(2)), SourceFile("r1.dat", data)]
    files.append(SourceFile("r1.hea", header))
    options = ReadOptions(rate=100, units_per_mv=1000, raw=True)  # by itself, the .dat would be read as bare samples
    batches = list(ingest.read_all(files, options, Limits()))
    assert [result.files.name for batch in batches for result in batch] == ["a.csv", "b.csv", "r1.hea"]
    assert all(not result.error for batch in batches for result in batch)


def test_a_refusal_holds_its_words_and_not_the_files_that_were_open() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../escape.csv", csv_file())
        archive.writestr("bomb.csv", bytes(1 << 24))
        archive.writestr("good.csv", csv_file())
    damaged = SourceFile("damaged.zip", buffer.getvalue()[:200])
    limits = Limits(archive_ratio=2)
    items = list(file_batches.expand([SourceFile("a.zip", buffer.getvalue()), damaged], limits))
    refused = [item for item in items if isinstance(item, Refusal)]
    assert len(refused) >= 2
    for item in refused:
        assert str(item.error)
        assert (item.error.__traceback__, item.error.__cause__, item.error.__context__) == (None, None, None)
