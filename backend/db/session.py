"""Engines and sessions: one request or job step, one transaction, committed at the edge."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session


@lru_cache
def engine_for(url: str) -> Engine:
    """Return the engine for a database URL; SQLite is put into WAL mode with foreign keys enforced."""
    engine = _create(url)
    # A worker's child must not talk over connections that its parent also uses.
    os.register_at_fork(after_in_child=partial(engine.dispose, close=False))
    return engine


def _create(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql" and parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=20)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": 30, "check_same_thread": False}, pool_size=20)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: object) -> None:
    # The driver must not open transactions of its own: `_begin_sqlite` chooses the kind.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once when another writer came between;
    # one that is going to write therefore takes the write lock at its start and waits for it there.
    kind = "BEGIN" if connection.get_execution_options().get("read_only") else "BEGIN IMMEDIATE"
    connection.exec_driver_sql(kind)


@contextmanager
def write_session(url: str) -> Iterator[Session]:
    """Open a session for one unit of work: committed at the end, rolled back on any error.

    What was given to `after_commit` runs once the work is committed, and not at all after a roll-back.
    """
    with Session(engine_for(url), expire_on_commit=False) as session:
        with session.begin():
            yield session
        for call in session.info.pop("after_commit", ()):
            call()


def after_commit(session: Session, call: Callable[[], None]) -> None:
    """Have something done when, and only when, the session's unit of work is committed."""
    session.info.setdefault("after_commit", []).append(call)


@contextmanager
def read_session(url: str) -> Iterator[Session]:
    """Open a session that only reads and never waits for a writer."""
    engine = engine_for(url).execution_options(read_only=True)
    with Session(engine, expire_on_commit=False) as session:
        yield session
