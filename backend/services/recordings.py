"""Recordings: list, look at, fetch the signal, delete."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, DatasetEntry, Recording
from backend.ecg import display
from backend.ecg.preprocess import Preprocessing
from backend.ecg.recording import Unit
from backend.ecg.signal_file import decode_signal, stored_step
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.services import patients
from backend.services.blobs import forget_unused, keys_of
from backend.storage import Storage

SORTS = ("file_name", "created_at", "rate", "duration", "age", "patient_id", "label", "format")


@dataclass(frozen=True, slots=True)
class Labels:
    """What the tables of a project say of a recording: the newest one of labels, and the newest one of values."""

    labels: list[str] = field(default_factory=list)
    values: dict[str, float] = field(default_factory=dict)  # by name, which holds the unit: "LVEF (%)"


@dataclass(frozen=True, slots=True)
class Query:
    """Which recordings of a project, in which order."""

    search: str = ""
    label: str = ""
    findings_only: bool = False
    sort: str = "file_name"
    descending: bool = False
    page: int = 1
    size: int = 50


def list_recordings(session: Session, project_id: str, query: Query) -> tuple[Sequence[Recording], int]:
    """Return one page of recordings and how many there are in all. Raises InvalidInputError for an unknown sort."""
    if query.sort not in SORTS:
        raise InvalidInputError(f"Recordings cannot be sorted by {query.sort!r}; use one of {', '.join(SORTS)}.")
    statement = _filtered(session, select(Recording).where(Recording.project_id == project_id), project_id, query)
    total = session.scalar(statement.with_only_columns(func.count())) or 0
    order = _sort_key(session, project_id, query.sort)
    order = order.desc() if query.descending else order.asc()
    rows = session.scalars(
        statement.order_by(order, Recording.file_name, Recording.index, Recording.id)
        .limit(query.size)
        .offset((query.page - 1) * query.size)
    )
    return rows.all(), total


def get(session: Session, project_id: str, recording_id: str) -> Recording:
    """Return a recording of a project. Raises NotFoundError."""
    recording = session.get(Recording, recording_id)
    if recording is None or recording.project_id != project_id:
        raise NotFoundError(f"There is no recording {recording_id} in this project.")
    return recording


def keep_fingerprints(session: Session, prints: Mapping[str, str]) -> None:
    """Note the fingerprints of recordings that were imported before there were any."""
    for recording_id, print_ in prints.items():
        session.execute(update(Recording).where(Recording.id == recording_id).values(fingerprint=print_))


def neighbours(session: Session, recording: Recording) -> tuple[str | None, str | None]:
    """Return the ids of the recordings before and after this one by file name."""
    order = (Recording.file_name, Recording.index, Recording.id)
    here = tuple_(recording.file_name, recording.index, recording.id)
    mine = select(Recording.id).where(Recording.project_id == recording.project_id)
    before = mine.where(tuple_(*order) < here).order_by(*[column.desc() for column in order])
    after = mine.where(tuple_(*order) > here).order_by(*order)
    return session.scalar(before.limit(1)), session.scalar(after.limit(1))


def labels_of(session: Session, project_id: str, recording_ids: Sequence[str]) -> dict[str, Labels]:
    """Return what is known of each recording from the newest table of labels, and of values, that has it."""
    columns = (Dataset.id, Dataset.task, Dataset.labels)
    mine = select(*columns).where(Dataset.project_id == project_id, Dataset.complete).order_by(Dataset.created_at)
    tables = {row.id: (place, row.task == "regression", row.labels) for place, row in enumerate(session.execute(mine))}
    # Entries are asked for by recording alone: with the dataset as well, SQLite reads all rows of the dataset.
    entry = (DatasetEntry.recording_id, DatasetEntry.dataset_id, DatasetEntry.labels, DatasetEntry.values)
    rows = session.execute(select(*entry).where(DatasetEntry.recording_id.in_(recording_ids))).all() if tables else []
    found = {recording_id: Labels() for recording_id in recording_ids}
    for recording_id, dataset_id, labels, values in sorted(
        (row for row in rows if row.dataset_id in tables), key=lambda row: tables[row.dataset_id][0]
    ):
        _, is_values, names = tables[dataset_id]
        known = found[recording_id].values if is_values else found[recording_id].labels
        known.clear()
        if isinstance(known, dict):
            known.update({name: value for name, value in zip(names, values, strict=True) if value is not None})
        else:
            known.extend(labels)
    return found


def signal(storage: Storage, recording: Recording) -> NDArray[np.float32]:
    """Return the stored signal, (12, n), in mV (or without scale where the recording's unit is "arbitrary")."""
    return decode_signal(storage.get(recording.signal_key))[0]


def unit_of(recording: Recording) -> Unit:
    """Return the unit of a recording's samples."""
    return "mV" if recording.unit == "mV" else "arbitrary"


def to_show(storage: Storage, recording: Recording) -> bytes:
    """Return the signal as the page's canvas takes it (`backend.ecg.display`), in the steps of its source."""
    data = storage.get(recording.signal_key)
    return display.to_payload(decode_signal(data)[0], recording.rate, unit=unit_of(recording), step=stored_step(data))


def preprocessed(storage: Storage, recording: Recording, preprocessing: Preprocessing) -> NDArray[np.float32]:
    """Return the signal as a network would get it, (12, m), at the rate of the preprocessing."""
    return preprocessing(signal(storage, recording), recording.rate)


def original(storage: Storage, recording: Recording) -> tuple[str, bytes]:
    """Return name and bytes of the uploaded file; a zip where the recording came as several files."""
    if not recording.originals:
        raise ConflictError("The project does not keep originals; only the signal is stored.")
    files = [(PurePosixPath(item.name).name, storage.get(item.key)) for item in recording.originals]
    if len(files) == 1:
        return files[0]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return f"{PurePosixPath(recording.file_name).stem}.zip", buffer.getvalue()


def delete(session: Session, storage: Storage, recording: Recording) -> None:
    """Delete a recording, and its bytes where no other recording shares them."""
    forget_unused(session, storage, keys_of(recording))
    session.delete(recording)


def _filtered(session: Session, statement: Select[Recording], project_id: str, query: Query) -> Select[Recording]:
    if query.search:
        columns = (
            Recording.file_name,
            Recording.name,
            Recording.record_id,
            Recording.patient_id,
            Recording.device,
            Recording.format,
        )
        matches = [column.icontains(query.search, autoescape=True) for column in columns]
        if _is_label(session, project_id, query.search):
            matches.append(Recording.id.in_(_labelled(session, project_id, query.search)))
        if patient := patients.pseudonym_of(project_id, query.search):
            of_patient = select(DatasetEntry.recording_id).where(DatasetEntry.patient_id == patient)
            matches += [Recording.patient_id == patient, Recording.id.in_(of_patient)]
        statement = statement.where(or_(*matches))
    if query.label:
        statement = statement.where(Recording.id.in_(_labelled(session, project_id, query.label)))
    if query.findings_only:
        statement = statement.where(func.json_array_length(Recording.findings) > 0)
    return statement


def _is_label(session: Session, project_id: str, text: str) -> bool:
    newest = _newest(session, project_id, Dataset.task != "regression")
    labels = session.scalar(select(Dataset.labels).where(Dataset.id == newest))
    return text.casefold() in {label.casefold() for label in labels or ()}


def _labelled(session: Session, project_id: str, label: str) -> Select[str | None]:
    return select(DatasetEntry.recording_id).where(
        DatasetEntry.dataset_id == _newest(session, project_id, Dataset.task != "regression"),
        DatasetEntry.recording_id.is_not(None),
        cast(DatasetEntry.labels, String).icontains(json.dumps(label), autoescape=True),
    )


def _newest(session: Session, project_id: str, kind: ColumnElement[bool]) -> str | None:
    mine = select(Dataset.id).where(Dataset.project_id == project_id, Dataset.complete, kind)
    return session.scalar(mine.order_by(Dataset.created_at.desc()).limit(1))


def _sort_key(session: Session, project_id: str, sort: str) -> ColumnElement[Any]:
    if sort == "duration":
        return Recording.n_samples / Recording.rate
    if sort == "label":
        if newest := _newest(session, project_id, Dataset.task != "regression"):
            return _of_entry(cast(DatasetEntry.labels, String), newest)
        newest = _newest(session, project_id, Dataset.task == "regression")
        return _of_entry(DatasetEntry.values[0].as_float(), newest)
    column: ColumnElement[Any] = getattr(Recording, sort)
    return func.coalesce(column, "") if sort == "patient_id" else column


def _of_entry(what: ColumnElement[Any], dataset_id: str | None) -> ColumnElement[Any]:
    mine = select(func.min(what)).where(
        DatasetEntry.recording_id == Recording.id, DatasetEntry.dataset_id == dataset_id
    )
    return mine.scalar_subquery()
