"""A small database with rows as they come of files whose names mean something else too; nothing is read or trained."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from backend.db.session import engine_for
from backend.db.tables import Recording, Table
from tests.installation import installation


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """Return the address of a database with all tables and no row."""
    with installation(folder) as settings:
        url = settings.resolved_database_url
        Table.metadata.create_all(engine_for(url))
        yield url


def recording(session: Session, project_id: str, n: int, name: str, patient: str | None = None, **more: Any) -> str:
    """Add a recording, by default of a file of its own; return its id."""
    row = Recording(
        project_id=project_id, source_sha256=f"{n:064x}", index=0, file_name=more.pop("file_name", f"{name}.csv"),
        name=name, format="csv", rate=500.0, n_samples=5000, patient_id=patient, patient_alike=patient,
        signal_key=f"{n + 10_000:064x}", **more,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id
