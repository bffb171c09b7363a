"""Whether this installation can do its work: database, queue, storage and workers, each asked now."""

from collections.abc import Callable
from dataclasses import dataclass
from shutil import disk_usage
from tempfile import TemporaryFile
from typing import Literal

import redis
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from backend.db.session import read_session
from backend.db.tables import Worker
from backend.errors import StoreUnavailableError
from backend.services import jobs
from backend.settings import Settings
from backend.storage import storage_of

ROOM = 64 * 1024**2
"""Bytes that must be free for storage to be called ready."""

QUEUE_PATIENCE_S = 2.0
NEEDED = ("ingest", "predict")
"""Queues without which what the page offers first would wait for ever."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the installation, and in words what is wrong with it."""

    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Readiness:
    """All parts. Without workers requests are still answered and uploads kept, so they do not make it unready."""

    database: Part
    queue: Part
    storage: Part
    workers: Part

    @property
    def status(self) -> Literal["ready", "degraded", "unready"]:
        """Unready: send no requests here. Degraded: jobs wait until a worker comes."""
        if not (self.database.ok and self.queue.ok and self.storage.ok):
            return "unready"
        return "ready" if self.workers.ok else "degraded"


def readiness(settings: Settings) -> Readiness:
    """Ask every part. What is wrong is told without addresses, names of users or passwords."""
    return Readiness(
        _part(_database, settings, "The database does not answer."),
        _part(_queue, settings, "The queue does not answer."),
        _part(_storage, settings, "The data folder cannot be written, or its disk is full."),
        _part(_workers, settings, f"No worker listens to {' or '.join(NEEDED)}; jobs wait until one does."),
    )


def _part(check: Callable[[Settings], bool], settings: Settings, wrong: str) -> Part:
    try:
        return Part(ok=True) if check(settings) else Part(ok=False, detail=wrong)
    except StoreUnavailableError as problem:
        return Part(ok=False, detail=str(problem))
    except (SQLAlchemyError, redis.RedisError, OSError):
        return Part(ok=False, detail=wrong)


def _database(settings: Settings) -> bool:
    with read_session(settings.resolved_database_url) as session:
        session.execute(select(Worker.name).limit(1))  # a table: without it nobody has migrated the database
        return True


def _queue(settings: Settings) -> bool:
    if not settings.redis_url:
        return (settings.data_dir / "queue" / "messages").is_dir() or not (settings.data_dir / "queue").exists()
    patience = {"socket_timeout": QUEUE_PATIENCE_S, "socket_connect_timeout": QUEUE_PATIENCE_S}
    with redis.Redis.from_url(settings.redis_url, **patience) as connection:
        return bool(connection.ping())


def _storage(settings: Settings) -> bool:
    with TemporaryFile(dir=settings.data_dir) as file:
        file.write(b"ready?")
    return disk_usage(settings.data_dir).free >= ROOM and storage_of(settings).answers()


def _workers(settings: Settings) -> bool:
    with read_session(settings.resolved_database_url) as session:
        listened = {queue for worker in jobs.living_workers(session) for queue in worker.queues}
    return listened.issuperset(NEEDED)
