"""Transfers: models that are pulled from an exchange into a project, or pushed from a project into an exchange."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.tables import Transfer
from backend.errors import ConflictError, NotFoundError
from backend.services import jobs, quarantine
from backend.settings import Settings

PULL, PUSH = "pull", "push"


def get(session: Session, project_id: str, transfer_id: str) -> Transfer:
    """Return a transfer of a project. Raises NotFoundError."""
    row = session.get(Transfer, transfer_id)
    if row is None or row.project_id != project_id:
        raise NotFoundError(f"There is no transfer {transfer_id} in this project.")
    return row


def page(session: Session, project_id: str, number: int, size: int) -> tuple[Sequence[Transfer], int]:
    """Return one page of the transfers of a project, the newest first, and how many there are."""
    return _page(session, number, size, Transfer.project_id == project_id)


def page_of_exchange(session: Session, exchange_id: str, number: int, size: int) -> tuple[Sequence[Transfer], int]:
    """Return one page of the transfers from and to an exchange, whatever their project, and how many there are."""
    return _page(session, number, size, Transfer.exchange_id == exchange_id)


def delete(session: Session, settings: Settings, row: Transfer) -> None:
    """Forget a transfer that has ended, and what it left in quarantine. Raises ConflictError while it goes on."""
    if row.job.status not in jobs.FINISHED:
        raise ConflictError("The model is still on its way. Cancel that first, then delete it.")
    shutil.rmtree(place_of(settings.data_dir, row.id), ignore_errors=True)
    session.delete(row.job)


def place_of(data_dir: Path, transfer_id: str) -> Path:
    """Return the folder of a transfer's files: a model that comes stays in it until it is verified, or refused."""
    return quarantine.place(data_dir, transfer_id)


def _page(session: Session, number: int, size: int, which: object) -> tuple[Sequence[Transfer], int]:
    query = select(Transfer).where(which)  # type: ignore[arg-type]
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    newest = query.order_by(Transfer.created_at.desc(), Transfer.id).limit(size).offset((number - 1) * size)
    return session.scalars(newest).all(), total
