"""Deleting what is in a project, a little at a time, so that others can write in between.

A project is first taken out of sight (`backend.services.projects.delete`); what is left when the process ends in the
middle is deleted at the next start.
"""

import shutil
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.db.session import engine_for, read_session, write_session, write_session_of_many
from backend.db.tables import Dataset, DatasetEntry, Model, Original, Project, Recording, Table, Transfer
from backend.services import blobs, touched, transfers
from backend.settings import get_settings
from backend.storage import Storage

AT_ONCE = 500  # rows of a unit of work


def finish(url: str, storage: Storage, project_id: str) -> None:
    """Delete all that is in a project which is out of sight, its bytes too, then the project."""
    while _some_labels(url, project_id):
        pass
    while keys := _some_recordings(url, project_id):
        blobs.forget(engine_for(url), storage, keys)
    with write_session(url) as session:
        for transfer_id in session.scalars(select(Transfer.id).where(Transfer.project_id == project_id)):
            shutil.rmtree(transfers.place_of(get_settings().data_dir, transfer_id), ignore_errors=True)
        models = select(Model.onnx_key, Model.weights_key).where(Model.project_id == project_id)
        of_models = {key for row in session.execute(models) for key in row if key}
        session.execute(delete(Project).where(Project.id == project_id))
        blobs.forget_unused(session, storage, of_models)


def unfinished(url: str) -> Sequence[str]:
    """Return the ids of projects whose deletion was begun and not finished."""
    with read_session(url) as session:
        return session.scalars(select(Project.id).where(Project.deleted_at.is_not(None))).all()


def _some_labels(url: str, project_id: str) -> bool:
    """Delete some rows of tables of labels; say whether there were any."""
    with write_session_of_many(url) as session:
        datasets = select(Dataset.id).where(Dataset.project_id == project_id)
        ids = session.scalars(select(DatasetEntry.id).where(DatasetEntry.dataset_id.in_(datasets)).limit(AT_ONCE)).all()
        _delete(session, DatasetEntry, ids)
        return bool(ids)


def _some_recordings(url: str, project_id: str) -> set[str]:
    """Delete some recordings; return the keys of their bytes."""
    with write_session_of_many(url) as session:
        rows = session.execute(
            select(Recording.id, Recording.signal_key).where(Recording.project_id == project_id).limit(AT_ONCE)
        ).all()
        ids = [row.id for row in rows]
        touched.add(ids)
        originals = session.scalars(select(Original.key).where(Original.recording_id.in_(ids))).all()
        _delete(session, Recording, ids)
        return {row.signal_key for row in rows} | set(originals)


def _delete(session: Session, table: type[Table], ids: Sequence[str]) -> None:
    session.execute(delete(table).where(table.id.in_(ids)).execution_options(synchronize_session=False))  # type: ignore[attr-defined]
