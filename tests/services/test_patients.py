"""What is stored of patients: pseudonyms that agree across files and tables, ages without the very old."""

import numpy as np
import pytest
from sqlalchemy import select, text

from backend.db.session import read_session, write_session
from backend.db.tables import DatasetEntry
from backend.ecg.errors import UnreadableFileError
from backend.ecg.readers import FileSet, ReadOptions, Refusal, SourceFile
from backend.ecg.recording import DeviceFacts, Patient, Recording, Statement
from backend.services import dataset_report, datasets, examples, imports, ingest, projects, recording_lists, recordings
from backend.services.recording_filters import Filter
from backend.services.recording_lists import Query
from backend.settings import Settings
from backend.storage import storage_of
from tests.samples import microvolts


def _store(settings: Settings, project: str, patients: list[Patient], device: DeviceFacts | None = None) -> list[str]:
    """Store a recording a patient, as a reader would return it; return their ids."""
    read = []
    for number, patient in enumerate(patients):
        signal = (microvolts(number) / 1000).astype(np.float32)
        recording = Recording(
            signal, 100.0, f"{number}.x", "x", patient=patient, device=device or DeviceFacts(), declared=("rate",)
        )
        file = SourceFile(f"{number}.x", f"{project}{number}".encode())
        read.append(ingest.ReadSet(FileSet((file,)), (recording,)))
    with write_session(settings.resolved_database_url) as session:
        row = projects.get(session, project)
        storage = storage_of(settings)
        _, outcomes = imports.store(session, storage, row, None, read, ReadOptions())
    return [outcome.recording_ids[0] for outcome in outcomes]


def _project(settings: Settings) -> str:
    with write_session(settings.resolved_database_url) as session:
        return projects.create(session, "P").id


def _everything(settings: Settings) -> str:
    """Return all that the database holds, as text."""
    with read_session(settings.resolved_database_url) as session:
        tables = ("projects", "recordings", "datasets", "dataset_entries", "imports", "import_outcomes", "runs")
        return "\n".join(str(tuple(row)) for table in tables for row in session.execute(text(f"SELECT * FROM {table}")))


def test_an_identifier_is_stored_nowhere_and_its_pseudonym_agrees_between_files_and_table(
    on_each_database: Settings,
) -> None:
    settings, project = on_each_database, _project(on_each_database)
    ids = _store(settings, project, [Patient("MRN-4711"), Patient(" MRN-4711 "), Patient("MRN-4712"), Patient(" ")])
    table = b"file_name,label,patient_id\n0.x,A,MRN-4711\n1.x,B,MRN-4712\n2.x,A,\n"
    with write_session(settings.resolved_database_url) as session:
        dataset = datasets.create(session, project, table, "labels.csv")
        report = dataset_report.report(session, dataset)
    assert report.n_patients == 2
    with read_session(settings.resolved_database_url) as session:
        stored = [recordings.get(session, project, one).patient_id for one in ids]
        labelled = session.scalars(select(DatasetEntry.patient_id).order_by(DatasetEntry.row)).all()
        learnt = examples.load(session, datasets.get(session, project, dataset.id))
    assert stored[0] == stored[1] != stored[2]
    assert stored[3] is None
    assert labelled == [stored[0], stored[2], None]
    assert [example.patient_id for example in learnt] == [stored[0], stored[2], stored[2]]
    assert "MRN" not in _everything(settings)


def test_two_projects_give_one_patient_two_pseudonyms(installed: Settings) -> None:
    one, other = _project(installed), _project(installed)
    first, second = (_store(installed, project, [Patient("MRN-4711")])[0] for project in (one, other))
    with read_session(installed.resolved_database_url) as session:
        assert recordings.get(session, one, first).patient_id != recordings.get(session, other, second).patient_id


def test_searching_for_an_identifier_finds_the_recordings_of_that_patient(on_each_database: Settings) -> None:
    settings, project = on_each_database, _project(on_each_database)
    _store(settings, project, [Patient("MRN-1"), Patient("MRN-2"), Patient()])
    with write_session(settings.resolved_database_url) as session:
        datasets.create(session, project, b"file_name,label,patient_id\n2.x,A,MRN-3\n", "labels.csv")

    def found(search: str) -> list[str]:
        with read_session(settings.resolved_database_url) as session:
            return [
                row.file_name for row in recording_lists.list_recordings(session, project, Query(Filter(search)))[0]
            ]

    assert found("MRN-1") == found(" MRN-1 ") == ["0.x"]
    assert found("MRN-3") == ["2.x"]
    assert found("MRN") == found("  ") == []
    with read_session(settings.resolved_database_url) as session:
        rows, *_ = recording_lists.list_recordings(session, project, Query())
    assert rows[1].patient_id is not None
    assert found(rows[1].patient_id) == ["1.x"]


@pytest.mark.parametrize(
    ("age", "kept"), [(89.0, 89.0), (89.5, 90.0), (90.0, 90.0), (107.0, 90.0), (300.0, 90.0), (None, None)]
)
def test_ages_above_89_are_kept_as_90(installed: Settings, age: float | None, kept: float | None) -> None:
    project = _project(installed)
    (recording_id,) = _store(installed, project, [Patient(age=age)])
    with read_session(installed.resolved_database_url) as session:
        row = recordings.get(session, project, recording_id)
        assert row.age == kept
        assert ("Ages above 89 are kept as 90." in row.notes) == (kept == 90)


def test_a_file_and_a_reason_that_no_database_can_hold_are_kept_all_the_same(on_each_database: Settings) -> None:
    settings, project = on_each_database, _project(on_each_database)
    refusal = Refusal("a\0\udcff.csv", UnreadableFileError("The unit is 'm\0\udcff'."))
    with write_session(settings.resolved_database_url) as session:
        storage = storage_of(settings)
        row = projects.get(session, project)
        import_id, _ = imports.store(session, storage, row, None, [refusal], ReadOptions())
    with read_session(settings.resolved_database_url) as session:
        ((outcome,), _) = imports.outcomes(session, import_id, imports.Query(), 1, 10)
    assert (outcome.file_name, outcome.detail) == ("a??.csv", "The unit is 'm??'.")


def test_what_the_device_says_is_kept_without_numbers_that_json_does_not_have(on_each_database: Settings) -> None:
    project = _project(on_each_database)
    device = DeviceFacts(
        model="MAC\0 5", high_pass=0.05, low_pass=float("inf"), measurements={"qt": np.float32(380), "p": float("nan")},
        statements=(Statement("161", "SCP-ECG", "Sinus rhythm"), Statement("x", "MDC")),
    )  # fmt: skip
    (recording_id,) = _store(on_each_database, project, [Patient()], device)
    with read_session(on_each_database.resolved_database_url) as session:
        row = recordings.get(session, project, recording_id)
    assert row.device_facts == {
        "model": "MAC? 5", "high_pass": 0.05, "low_pass": None, "notch": None, "measurements": {"qt": 380.0},
        "statements": [
            {"code": "161", "system": "SCP-ECG", "text": "Sinus rhythm"}, {"code": "x", "system": "MDC", "text": None},
        ],
    }  # fmt: skip
    assert (row.device, row.left_open) == ("MAC? 5", ["rate"])
