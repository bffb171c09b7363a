"""What routes ask for in their signatures.

What waits for nothing is async here: FastAPI then calls it at once instead of in a thread, which takes longer than
most of this does. Sessions are given out in turn (`backend.api.turns`).
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool
from sqlalchemy.orm import Session

from backend.api.turns import turn
from backend.db.session import read_session, write_session
from backend.db.tables import Project
from backend.services import projects
from backend.services.person import Person, current
from backend.settings import Settings, get_settings
from backend.storage import Storage, storage_of


async def _settings() -> Settings:
    return get_settings()


SettingsDep = Annotated[Settings, Depends(_settings)]


async def get_storage(settings: SettingsDep) -> Storage:
    """Return the store of this installation."""
    return storage_of(settings)


async def _read_session(request: Request, settings: SettingsDep) -> AsyncIterator[Session]:
    async with turn("read", _kind(request)):
        with read_session(settings.resolved_database_url) as session:  # asks nothing of the database yet
            try:
                yield session
            finally:
                if session.in_transaction():
                    await run_in_threadpool(session.close)


async def _write_session(request: Request, settings: SettingsDep) -> AsyncIterator[Session]:
    async with turn("write", _kind(request)):
        unit_of_work = write_session(settings.resolved_database_url)
        async with contextmanager_in_threadpool(unit_of_work) as session:
            yield session


def _kind(request: Request) -> str:
    return f"{request.method} {getattr(request.scope.get('route'), 'path', '')}"


StorageDep = Annotated[Storage, Depends(get_storage)]
# Scope "function": the commit comes before the answer, so that what was answered is also kept.
ReadDep = Annotated[Session, Depends(_read_session, scope="function")]
WriteDep = Annotated[Session, Depends(_write_session, scope="function")]


async def _person() -> Person:
    return current()


PersonDep = Annotated[Person, Depends(_person)]
"""Who is asking: `id` and `name`, both "local" in local mode. Whether they may has been decided before."""

ProjectId = Annotated[str, Path(min_length=1, max_length=64)]


def _project_to_read(session: ReadDep, project_id: ProjectId) -> Project:
    return projects.get(session, project_id)


def _project_to_write(session: WriteDep, project_id: ProjectId) -> Project:
    return projects.get(session, project_id)


# Each route below a project names one of these, so that nothing is reached around the project's wall.
ProjectDep = Annotated[Project, Depends(_project_to_read, scope="function")]
ProjectWriteDep = Annotated[Project, Depends(_project_to_write, scope="function")]
