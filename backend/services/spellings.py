"""Identifiers of patients that differ only in how they are written, such as P001 and p-001: the same patient or two?

The identifiers themselves are not kept; what is asked about are their pseudonyms, how each is written, and a recording
of each, which a person can look up.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from backend.counted import counted
from backend.db.tables import Dataset, DatasetEntry, Recording


@dataclass(frozen=True, slots=True)
class Question:
    """One patient, or several? Lists are in the same order: pseudonyms, how each is written, a file, how many files."""

    text: str
    patients: list[str]
    written: list[str]
    files: list[str]
    counts: list[int]


def questions(session: Session, project_id: str, recording_ids: Collection[str], same: bool) -> list[Question]:
    """Return what is to be asked about the patients of recordings; `same` is how it is taken as long as nobody says."""
    columns = ("id", "patient_id", "patient_alike", "patient_written", "file_name")
    of_files = select(*(getattr(Recording, name) for name in columns)).where(Recording.project_id == project_id)
    of_tables = (
        select(
            DatasetEntry.recording_id, DatasetEntry.patient_id, DatasetEntry.patient_alike,
            DatasetEntry.patient_written, DatasetEntry.file_name,
        )
        .join(Dataset, Dataset.id == DatasetEntry.dataset_id)
        .where(Dataset.project_id == project_id, DatasetEntry.recording_id.is_not(None))
    )  # fmt: skip
    rows = union_all(of_files, of_tables).subquery()
    several = (
        select(rows.c.patient_alike)
        .where(rows.c.patient_alike.is_not(None))
        .group_by(rows.c.patient_alike)
        .having(func.count(rows.c.patient_id.distinct()) > 1)
    )
    wanted = set(recording_ids)
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in session.execute(select(rows).where(rows.c.patient_alike.in_(several)).order_by(rows.c.file_name)):
        if row.id in wanted:
            spelled = found.setdefault(row.patient_alike, {})
            spelled.setdefault(f"{row.patient_id} {row.patient_written}", {}).setdefault(row.id, row.file_name)
    return [_question(spelled, same) for spelled in found.values() if len(spelled) > 1]


def _question(spelled: dict[str, dict[str, str]], same: bool) -> Question:
    patients, written = zip(*(key.split(" ", 1) for key in spelled), strict=True)
    files = [next(iter(some.values())) for some in spelled.values()]
    counts = [len(some) for some in spelled.values()]
    each = [
        f"{patient} ({how}; {counted(n, 'recording')}, such as {file})"
        for patient, how, n, file in zip(patients, written, counts, files, strict=True)
    ]
    taken = (
        "They count as one, so that they are never on both sides; say so if they are two."
        if same
        else "They count as two, as you have chosen: what is learned from one is tested on the other."
    )
    text = f"Are {' and '.join(each)} the same patient? Their identifiers differ only in how they are written. {taken}"
    return Question(text, list(patients), list(written), files, counts)
