"""Recordings: look at, fetch the signal, delete; lists of them are in `recording_lists`."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, select, tuple_, update
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, DatasetEntry, Project, Recording
from backend.ecg import display, thin
from backend.ecg.clinical_filters import filtered
from backend.ecg.preprocess import Preprocessing
from backend.ecg.recording import Unit
from backend.ecg.signal_file import decode_signal, stored_step
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.services import projects
from backend.services.blobs import forget_unused, keys_of
from backend.services.person import current
from backend.storage import Storage


@dataclass(frozen=True, slots=True)
class Labels:
    """What the tables of a project say of a recording: the newest one of labels, and the newest one of values."""

    labels: list[str] = field(default_factory=list)
    values: dict[str, float] = field(default_factory=dict)  # by name, which holds the unit: "LVEF (%)"


def get(session: Session, project_id: str, recording_id: str) -> Recording:
    """Return a recording of a project. Raises NotFoundError."""
    recording = session.get(Recording, recording_id)
    if recording is None or recording.project_id != project_id:
        raise NotFoundError(f"There is no recording {recording_id} in this project.")
    return recording


_OF_PROJECT: Final = (
    select(Recording)
    .join(Project, Project.id == Recording.project_id)
    .where(Recording.id == bindparam("recording_id"), Project.id == bindparam("id"), Project.deleted_at.is_(None))
)


def get_at_once(session: Session, project_id: str, recording_id: str) -> Recording:
    """Do what `projects.get` and `get` do with one question to the database, where each costs as much as the rest."""
    found = session.scalar(_OF_PROJECT, {"recording_id": recording_id, "id": project_id})
    if found is None or not current().sees(project_id):
        return get(session, projects.get(session, project_id).id, recording_id)
    return found


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


def unit_after(preprocessing: Preprocessing, unit: Unit) -> Unit:
    """Return the unit of samples in `unit` after a preprocessing: its own scale is none that a ruler could measure."""
    keeps = preprocessing.standardise == "none" and preprocessing.units_per_mv == 1
    return unit if keeps else "arbitrary"


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a signal is asked for: s from its begin, and samples a lead at most; None for all."""

    from_s: float = 0.0
    seconds: float | None = None
    points: int | None = None

    def of(self, x: NDArray[np.float32], rate: float) -> tuple[NDArray[np.float32], float]:
        """Return the part of a signal (leads, n) at `rate` Hz, and its rate. Raises InvalidInputError for nothing."""
        part = thin.cut(x, rate, self.from_s, self.seconds)
        if not part.shape[-1]:
            raise InvalidInputError(f"The recording ends after {x.shape[-1] / rate:g} s. Ask for an earlier part.")
        return (part, rate) if self.points is None else thin.thin(part, rate, self.points)


WHOLE: Final = Part()


def to_show(
    storage: Storage, recording: Recording, band: str | None = None, mains: int | None = None, part: Part = WHOLE
) -> bytes:
    """Return the signal as the page's canvas takes it (`backend.ecg.display`), through the filters of a drawing.

    Filters see the whole recording, whichever part is asked for. Unfiltered it comes in the steps of its source. Raises
    PreprocessingError for a filter that is not offered, InvalidInputError for a part behind its end.
    """
    data = storage.get(recording.signal_key)
    x, unit = decode_signal(data)[0], unit_of(recording)
    if band is None and mains is None:
        shown, rate = part.of(x, recording.rate)
        return display.to_payload(shown, rate, unit=unit, step=stored_step(data))
    shown, rate = part.of(filtered(x, recording.rate, band, mains), recording.rate)
    return display.to_payload(shown, rate, unit=unit)


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
