"""Pseudonyms of the patients of a project, under the secret of this installation."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.counted import counted
from backend.db.tables import Dataset, DatasetEntry, Json
from backend.pseudonym import normal_form, project_key, pseudonym, spelling
from backend.settings import get_settings


def pseudonym_of(project_id: str, patient_id: str | None) -> str | None:
    """Return what is stored for an identifier of a file or table; nothing for one that is empty."""
    if patient_id is None or not patient_id.strip():
        return None
    return pseudonym(project_key(get_settings().resolved_secret_key, project_id), patient_id)


def columns_of(project_id: str, patient_id: str | None) -> dict[str, str | None]:
    """Return what is stored of an identifier: its pseudonym, that of all its spellings, and how it is written."""
    if patient_id is None or not patient_id.strip():
        return {"patient_id": None, "patient_alike": None, "patient_written": None}
    return {
        "patient_id": pseudonym_of(project_id, patient_id),
        "patient_alike": pseudonym_of(project_id, normal_form(patient_id)),
        "patient_written": spelling(patient_id),
    }


def same_as_in_other_tables(session: Session, project_id: str, entries: Sequence[Json]) -> list[str]:
    """Say for each other table of a project how many patients are called alike there, but have other recordings.

    They are taken as the same persons; tables that number their patients anew would so join different ones.
    """
    own: dict[str, set[str | None]] = {}
    for entry in entries:
        if entry["patient_id"]:
            own.setdefault(entry["patient_id"], set()).add(entry["recording_id"])
    if not own:
        return []
    rows = session.execute(
        select(Dataset.id, Dataset.name, DatasetEntry.patient_id, DatasetEntry.recording_id)
        .join(DatasetEntry, DatasetEntry.dataset_id == Dataset.id)
        .where(Dataset.project_id == project_id, DatasetEntry.patient_id.is_not(None))
    )
    names: dict[str, str] = {}
    alike: dict[str, dict[str, set[str | None]]] = {}
    for dataset_id, name, patient, recording in rows:
        if patient in own:
            names[dataset_id] = name
            alike.setdefault(dataset_id, {}).setdefault(patient, set()).add(recording)
    said = []
    for dataset_id, found in alike.items():
        n = sum(not (recordings & own[patient] - {None}) for patient, recordings in found.items())
        if n:
            said.append(
                f"{counted(n, 'patient')} of this table {'is' if n == 1 else 'are'} called like "
                f"{'one' if n == 1 else 'some'} of “{names[dataset_id]}” with other recordings, and taken as the same "
                f"{'person' if n == 1 else 'persons'}. If both tables number their patients by themselves, put a "
                "name of the table before each number and attach it again."
            )
    return said
