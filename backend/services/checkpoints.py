"""Checkpoints of trainings: kept while somebody may go on from them, and forgotten afterwards."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Job, Run, utc_now
from backend.services import run_division

KEPT: Final = timedelta(days=14)
"""For so long a training that was cancelled can be resumed where it stood; afterwards it begins anew."""


def place(data_dir: Path, run_id: str) -> Path:
    """Return where the checkpoint of a run lies."""
    return data_dir / "checkpoints" / f"{run_id}.pt"


def forget(checkpoint: Path) -> None:
    """Remove the checkpoint of a run, and those of its folds."""
    for file in (checkpoint, *checkpoint.parent.glob(f"{checkpoint.stem}-*{checkpoint.suffix}")):
        file.unlink(missing_ok=True)


def forget_old(session: Session, data_dir: Path) -> None:
    """Remove checkpoints from which nobody goes on: of runs that are done, deleted, cancelled long ago, or of which
    recordings were erased.

    Those of pre-trainings, which bear the id of their job, are left to it.
    """
    folder = data_dir / "checkpoints"
    if not folder.is_dir():
        return
    for file in folder.glob("*.pt"):
        name = file.stem.partition("-")[0]
        row = session.execute(
            select(Job.status, Job.finished_at, Run.facts).join(Run, Run.job_id == Job.id).where(Run.id == name)
        ).one_or_none()
        if row is None:
            if session.get(Job, name) is None and _age(file) > timedelta(days=1):
                file.unlink(missing_ok=True)
        elif (
            row.status == "done"
            or not run_division.stands(row.facts)
            or (row.finished_at is not None and utc_now() - row.finished_at > KEPT)
        ):
            file.unlink(missing_ok=True)


def forget_prepared(session: Session, data_dir: Path, project_id: str) -> None:
    """Remove the arrays of a project's recordings that workers which died have left; no job of it may be going on."""
    for file in (data_dir / "prepared").glob("*.npy"):
        name = file.stem.removeprefix("round-")
        owner = session.get(Job, name) or session.get(Run, name)
        if owner is not None and owner.project_id == project_id:
            file.unlink(missing_ok=True)


def _age(file: Path) -> timedelta:
    return timedelta(seconds=max(0.0, utc_now().timestamp() - file.stat().st_mtime))
