"""Holds: a recording, all of a patient, or a whole project is kept whatever the rule of retention says.

A hold stands against the rule alone. Who deletes a recording or erases a patient by hand is not stopped by it.
"""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, DatasetEntry, Recording, RetentionHold
from backend.errors import InvalidInputError, NotFoundError
from backend.services import erasure, projects, recordings
from backend.services.person import Person


def list_holds(session: Session, project_id: str) -> Sequence[RetentionHold]:
    """Return the holds of a project, the oldest first."""
    mine = select(RetentionHold).where(RetentionHold.project_id == project_id)
    return session.scalars(mine.order_by(RetentionHold.created_at, RetentionHold.id)).all()


def get(session: Session, project_id: str, hold_id: str) -> RetentionHold:
    """Return a hold of a project. Raises NotFoundError."""
    row = session.get(RetentionHold, hold_id)
    if row is None or row.project_id != project_id:
        raise NotFoundError(f"There is no hold {hold_id} in this project.")
    return row


def add(
    session: Session, project_id: str, reason: str, person: Person, *, recording_id: str = "", patient: str = ""
) -> RetentionHold:
    """Keep a recording, a patient's recordings (by identifier or pseudonym), or with neither the whole project.

    A patient may be held before there is a recording. Raises NotFoundError for no such recording, InvalidInputError.
    """
    if recording_id and patient:
        raise InvalidInputError("Hold a recording or a patient, not both at once.")
    if len(reason.strip()) < 3:
        raise InvalidInputError("Say why it is kept, in a few words.")
    projects.hold(session, project_id)
    row = RetentionHold(project_id=project_id, reason=reason.strip(), placed_by=person.name)
    if recording_id:
        row.recording_id = recordings.get(session, project_id, recording_id).id
    elif patient:
        pseudonyms = erasure.pseudonyms_of(project_id, patient)
        row.patient_id, row.patient_alike = pseudonyms[0], pseudonyms[-1]
    session.add(row)
    session.flush()
    return row


def remove(session: Session, row: RetentionHold) -> None:
    """End a hold. What it kept is not erased at once: it gets a notice first."""
    session.delete(row)
    session.flush()


def is_held(session: Session, project_id: str) -> ColumnElement[bool]:
    """Return whether a recording of a project is held: itself, its patient by file or table, or the whole project."""
    held = list_holds(session, project_id)
    if any(kind_of(row) == "project" for row in held):
        return Recording.project_id == project_id
    patients = sorted({one for row in held for one in (row.patient_id, row.patient_alike) if one is not None})
    ids = [row.recording_id for row in held if row.recording_id is not None]
    of_tables = (
        select(DatasetEntry.recording_id)
        .join(Dataset)
        .where(
            Dataset.project_id == project_id,
            DatasetEntry.recording_id.is_not(None),
            or_(DatasetEntry.patient_id.in_(patients), DatasetEntry.patient_alike.in_(patients)),
        )
    )
    known = (Recording.patient_id.is_not(None)) & (Recording.patient_id.in_(patients))
    alike = (Recording.patient_alike.is_not(None)) & (Recording.patient_alike.in_(patients))
    return or_(Recording.id.in_(ids), known, alike, Recording.id.in_(of_tables))


def kind_of(row: RetentionHold) -> Literal["recording", "patient", "project"]:
    """Say what a hold keeps."""
    if row.recording_id is not None:
        return "recording"
    return "project" if row.patient_id is None else "patient"
