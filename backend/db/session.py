"""Engines and sessions: one request or job step, one transaction, committed at the edge."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.orm import DeclarativeBase, Session

from backend.db.large import plan_anew

POOL = 40
"""Connections of a process at most; what the web process does at once (`backend.api.turns`) needs fewer."""

_MOMENT_S = 0.05
_SQLITE_FULL = 13
_SQLITE_PASSES = (5, 6, 10, _SQLITE_FULL, 14)  # busy, locked, disk I/O error, full, cannot open the file
_POSTGRES_FULL = "53100"


@lru_cache
def engine_for(url: str) -> Engine:
    """Return the engine for a database URL; SQLite is put into WAL mode with foreign keys enforced."""
    engine = _create(url)
    # A worker's child must not talk over connections that its parent also uses.
    os.register_at_fork(after_in_child=partial(engine.dispose, close=False))
    return engine


def _from_json(text: str | bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # NaN, which JSON has not, but Python's own writer
        return json.loads(text)


def _create(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql" and parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(
            parsed, json_deserializer=_from_json, pool_pre_ping=True, pool_size=10, max_overflow=POOL - 10
        )
        event.listen(engine, "connect", plan_anew)
        return engine
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        parsed,
        json_deserializer=_from_json,
        connect_args={"timeout": 30, "check_same_thread": False},
        pool_size=POOL,
        max_overflow=0,
    )
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


def is_disk_full(error: BaseException) -> bool:
    """Say whether a database refuses to write because its disk is full."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    return (
        getattr(cause, "sqlite_errorcode", None) == _SQLITE_FULL or getattr(cause, "sqlstate", None) == _POSTGRES_FULL
    )


def passes(error: BaseException) -> bool:
    """Say whether the same may succeed later: the database is gone, starting, busy, locked or full.

    SQLite reports mistakes in a statement by the same class of errors, and tells them apart by a code.
    """
    if isinstance(error, NoConnectionError):
        return True
    if not isinstance(error, OperationalError | InterfaceError | InternalError):
        return isinstance(error, DBAPIError) and error.connection_invalidated
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is None or code & 0xFF in _SQLITE_PASSES


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


@contextmanager
def write_session_of_many(url: str) -> Iterator[Session]:
    """Open one of many units of work in a row; after it, others that write get a moment.

    Who waits for SQLite's lock asks for it now and then, and finds it taken each time where one writes without a pause.
    """
    begun = time.monotonic()
    with write_session(url) as session:
        yield session
    time.sleep(min(_MOMENT_S, time.monotonic() - begun))


def after_commit(session: Session, call: Callable[[], object]) -> None:
    """Have something done when, and only when, the session's unit of work is committed."""
    session.info.setdefault("after_commit", []).append(call)


def insert_rows(session: Session, kind: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns, at once.

    Into the table and not by the class, which sorts rows by what they leave empty and asks once for each sort.
    """
    if rows:
        session.execute(insert(kind.__table__), rows)  # type: ignore[arg-type]


@contextmanager
def read_session(url: str) -> Iterator[Session]:
    """Open a session that only reads and never waits for a writer."""
    with Session(_reading(engine_for(url)), expire_on_commit=False) as session:
        yield session


@lru_cache
def _reading(engine: Engine) -> Engine:
    return engine.execution_options(read_only=True)
