"""A department's project made up, row by row: patients with several ECGs, labels, findings, devices, a prediction.

The same number gives the same rows. Shares are those of a large archive: half of the ECGs are normal, rare labels are
rare, one in nine has a finding, devices and formats are few, patients come again. One blob of signal is shared by all.
"""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from backend.db.tables import (
    Dataset,
    DatasetEntry,
    Import,
    ImportOutcome,
    Job,
    Model,
    Original,
    Prediction,
    PredictionResult,
    Project,
    Recording,
    RecordingName,
    Table,
)
from backend.ecg.preprocess import preset
from backend.ml.spec import ModelSpec

LABELS: Final = {"NORM": 0.44, "MI": 0.25, "STTC": 0.24, "CD": 0.22, "HYP": 0.12, "AFIB": 0.07, "WPW": 0.004,
                 "LONGQT": 0.0005}  # fmt: skip
DEVICES: Final = {"CS100 3": 0.37, "AT-6 C 5.5": 0.3, "MAC 5500 HD": 0.2, "PageWriter TC70": 0.1,
                  "Cardiovit CS-200": 0.0299, "Burdick 8500": 0.0001}  # fmt: skip
FORMATS: Final = {"dicom": 0.5, "scp": 0.24, "xml_muse": 0.2, "wfdb": 0.05, "edf": 0.01}
RATES: Final = {500.0: 0.86, 250.0: 0.1, 1000.0: 0.0399, 240.0: 0.0001}
FINDINGS: Final = {"noise": 0.06, "wander": 0.03, "rate_doubtful": 0.012, "flat_lead": 0.01, "clipped": 0.002}
_BEGIN: Final = datetime(2004, 1, 1, tzinfo=UTC)
_MADE: Final = datetime(2026, 3, 1, tzinfo=UTC)
_DAYS: Final = 8000
_OF_ONE_IMPORT: Final = 20_000

Row = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """What was made, by its ids."""

    project: str
    dataset: str
    prediction: str
    model: str


def begin(session: Session, n: int, signal_key: str) -> Made:
    """Put a project, its table of labels, model and prediction into a database; the rows of n recordings come after."""
    labels = list(LABELS)
    project = Project(name=f"{n} ECGs")
    session.add(project)
    session.flush()
    spec = ModelSpec(
        architecture="inception_time", labels=tuple(labels), task="multi_label", preprocessing=preset("exchangeai")
    ).to_dict()
    dataset = Dataset(
        project_id=project.id, name="labels", file_name="labels.csv", task="multi_label", labels=labels,
        created_at=_MADE,
    )  # fmt: skip
    model = Model(
        project_id=project.id, name="net", architecture="inception_time", spec=spec, onnx_key=signal_key,
        created_at=_MADE,
    )  # fmt: skip
    job = Job(project_id=project.id, kind="predictions.predict", status="done", progress=1.0)
    session.add_all([dataset, model, job])
    session.flush()
    prediction = Prediction(
        project_id=project.id, model_id=model.id, dataset_id=dataset.id, job_id=job.id, seen={}, created_at=_MADE
    )
    session.add(prediction)
    session.add_all(
        Import(id=_import(number), project_id=project.id, created_at=_MADE + timedelta(hours=number))
        for number in range(-(-n // _OF_ONE_IMPORT))
    )
    session.flush()
    return Made(project.id, dataset.id, prediction.id, model.id)


def rows(made: Made, n: int, signal_key: str, seed: int = 0) -> Iterator[dict[type[Table], Row]]:
    """Yield the rows of each of n recordings, by table."""
    chance = random.Random(seed)
    patient, left = _patient(chance, 0), 0
    number_of_patient = 0
    for i in range(n):
        if not left:
            number_of_patient += 1
            patient, left = _patient(chance, number_of_patient), min(40, int(chance.expovariate(0.5)) + 1)
        left -= 1
        yield _of_recording(made, chance, i, patient, signal_key)


def _of_recording(made: Made, chance: random.Random, i: int, patient: Row, signal_key: str) -> dict[type[Table], Row]:
    recording_id = f"{chance.getrandbits(128):032x}"
    name = f"{i % 97:02}{chance.getrandbits(20):06x}-{i:07}"
    kind = _one(chance, FORMATS)
    file_name = f"ward{i % 31:02}/{name}.{kind[:3]}"
    taken = _BEGIN + timedelta(days=chance.random() * _DAYS) if chance.random() < 0.97 else None
    age = min(90.0, max(1.0, patient["age"] + chance.randrange(6))) if patient["age"] is not None else None
    findings = [{"code": code, "message": f"Look: {code}."} for code, p in FINDINGS.items() if chance.random() < p]
    said = [label for label, p in LABELS.items() if chance.random() < p]
    told = [label for label, p in LABELS.items() if chance.random() < (0.9 if label in said else p / 10)]
    recording = {
        "id": recording_id, "project_id": made.project, "source_sha256": f"{i:064x}", "index": 0,
        "file_name": file_name, "name": name, "record_id": str(100000 + i), "format": kind,
        "rate": _one(chance, RATES), "n_samples": 5000, "unit": "mV", "derived_leads": [], "missing_leads": [],
        "patient_id": patient["id"], "patient_alike": patient["id"], "patient_written": "plain number", "age": age,
        "sex": patient["sex"], "device": _one(chance, DEVICES), "device_facts": {"model": "12SL", "low_pass": 150.0},
        "recorded_at": taken, "declared": {}, "file_labels": {}, "left_open": [], "notes": [], "findings": findings,
        "signal_key": signal_key, "fingerprint": f"{i:064x}",
        "created_at": _MADE + timedelta(hours=i // _OF_ONE_IMPORT, milliseconds=i % _OF_ONE_IMPORT),
    }  # fmt: skip
    entry = {
        "id": f"{chance.getrandbits(128):032x}", "dataset_id": made.dataset, "recording_id": recording_id,
        "row": i + 1, "file_name": name, "labels": sorted(said), "values": [], "patient_id": patient["id"],
        "patient_alike": patient["id"], "patient_written": "plain number", "part": str(1 + i % 10), "sex": None,
        "age": None, "stem": name, "place": f"ward{i % 31:02}/{name}",
    }  # fmt: skip
    failed = chance.random() < 0.001
    result = {
        "prediction_id": made.prediction, "recording_id": recording_id, "predicted": [] if failed else sorted(told),
        "probabilities": [] if failed else [round(chance.random(), 6) for _ in LABELS],
        "error": "It is too short." if failed else None,
    }  # fmt: skip
    return {
        Recording: recording,
        RecordingName: {"recording_id": recording_id, "name": name, "place": f"ward{i % 31:02}/{name}"},
        Original: {"recording_id": recording_id, "position": 0, "name": file_name, "key": signal_key, "size": 60_000},
        DatasetEntry: entry, PredictionResult: result,
        ImportOutcome: {
            "import_id": _import(i // _OF_ONE_IMPORT), "number": 1 + i % _OF_ONE_IMPORT, "file_name": file_name,
            "status": "imported", "detail": "", "recording_ids": [recording_id], "findings": findings,
            "n_findings": len(findings),
        },
    }  # fmt: skip


def _patient(chance: random.Random, number: int) -> Row:
    return {
        "id": f"p-{number:016x}" if chance.random() < 0.95 else None,
        "sex": chance.choice("FM") if chance.random() < 0.98 else None,
        "age": float(min(90, max(1, round(chance.gauss(62, 17))))) if chance.random() < 0.97 else None,
    }


def _import(number: int) -> str:
    return f"{number:032x}"


def _one(chance: random.Random, shares: dict[Any, float]) -> Any:
    at = chance.random()
    for value, share in shares.items():
        at -= share
        if at < 0:
            return value
    return next(iter(shares))


TABLES: Final = (Recording, RecordingName, Original, DatasetEntry, PredictionResult, ImportOutcome)
_AT_ONCE: Final = 50_000


def copy_rows(connection: Connection, of_each: Iterable[dict[type[Table], Row]]) -> None:
    """Put rows into Postgres by COPY, some tens of thousands a time, each table by itself; indexes are made after."""
    driver: Any = connection.connection.driver_connection
    driver.execute("SET session_replication_role = replica")  # keys refer to what is here by how it is made
    indexes = driver.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s) "
        "AND indexname LIKE 'ix\\_%%'", [[table.__tablename__ for table in TABLES]],
    ).fetchall()  # fmt: skip
    for name, _ in indexes:
        driver.execute(f'DROP INDEX "{name}"')
    waiting: list[dict[type[Table], Row]] = []
    for one in of_each:
        waiting.append(one)
        if len(waiting) == _AT_ONCE:
            _copy(driver, waiting)
            waiting = []
    _copy(driver, waiting)
    for _, how in indexes:
        driver.execute(how)
    driver.execute("SET session_replication_role = DEFAULT")


def _copy(driver: Any, waiting: list[dict[type[Table], Row]]) -> None:
    for table in TABLES if waiting else ():
        columns = list(waiting[0][table])
        names = ", ".join(f'"{name}"' for name in columns)
        with driver.cursor().copy(f"COPY {table.__tablename__} ({names}) FROM STDIN") as copy:
            for one in waiting:
                copy.write_row([
                    json.dumps(value) if isinstance(value, list | dict) else value for value in one[table].values()
                ])  # fmt: skip
