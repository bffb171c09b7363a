"""Saved views: lists of recordings kept under a name, with what they are filtered and sorted by."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import SavedView
from backend.errors import ConflictError, NotFoundError

MOST = 100  # of a project


def list_views(session: Session, project_id: str) -> Sequence[SavedView]:
    """Return the views of a project by name."""
    return session.scalars(select(SavedView).where(SavedView.project_id == project_id).order_by(SavedView.name)).all()


def save(session: Session, project_id: str, name: str, query: Mapping[str, str]) -> SavedView:
    """Keep a list under a name; under the name of another one it takes its place. Raises ConflictError."""
    mine = list_views(session, project_id)
    row = next((one for one in mine if one.name == name), None)
    if row is None:
        if len(mine) >= MOST:
            raise ConflictError(f"A project keeps {MOST} views at most. Delete one that is not needed any more.")
        row = SavedView(project_id=project_id, name=name)
        session.add(row)
    row.query = dict(query)
    session.flush()
    return row


def delete(session: Session, project_id: str, view_id: str) -> None:
    """Delete a view. Raises NotFoundError."""
    row = session.get(SavedView, view_id)
    if row is None or row.project_id != project_id:
        raise NotFoundError(f"There is no saved view {view_id} in this project.")
    session.delete(row)
