"""The bytes behind rows: stored and forgotten under one lock, so that nobody's bytes go while another stores the same.

Who stores holds the lock, shared with others who store, until the row that names the bytes is committed. Who forgets
holds it alone while it looks which of the keys a row still names. On SQLite the lock is that of its only writer, on
Postgres an advisory one of the transaction.
"""

from collections.abc import Collection, Iterable
from functools import partial

from sqlalchemy import select, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from backend.db.session import after_commit
from backend.db.tables import Model, Original, Recording
from backend.storage import Storage

AT_ONCE = 200  # so many blobs are forgotten before others may store again
NAMED_IN = (Recording.signal_key, Original.key, Model.onnx_key, Model.weights_key)
_LOCK = 0x45434742  # any fixed number, the same in every process, and another than that of the migrations


def put(session: Session, storage: Storage, data: bytes, sha256: str = "") -> str:
    """Store bytes that this unit of work is going to name in a row; return their key. Raises DiskFullError."""
    unit_of_work = session.get_transaction() or session.begin()
    if session.info.get("blobs_held_in") is not unit_of_work:
        _lock(session, alone=False)
        session.info["blobs_held_in"] = unit_of_work
    return storage.put(data, sha256)


def forget_unused(session: Session, storage: Storage, keys: Collection[str]) -> None:
    """Delete, after the commit of this unit of work, those of the blobs that no row names any more."""
    if keys:
        after_commit(session, partial(forget, session.get_bind(), storage, frozenset(keys)))


def forget(bind: Engine | Connection, storage: Storage, keys: Iterable[str]) -> int:
    """Delete those of the blobs that no row names, a few at a time; return how many."""
    n, in_order = 0, sorted(keys)
    for start in range(0, len(in_order), AT_ONCE):
        some = in_order[start : start + AT_ONCE]
        with Session(bind) as session, session.begin():
            _lock(session, alone=True)
            unused = set(some) - named(session, some)
            for key in unused:
                storage.delete(key)
            n += len(unused)
    return n


def keys_of(recording: Recording) -> set[str]:
    """Return the keys of all bytes of a recording."""
    return {recording.signal_key} | {item.key for item in recording.originals}


def named(session: Session, keys: Collection[str]) -> set[str]:
    """Return those of the keys that a row names."""
    found: set[str] = set()
    for column in NAMED_IN:
        found.update(key for key in session.scalars(select(column).where(column.in_(keys))) if key is not None)
    return found


def _lock(session: Session, *, alone: bool) -> None:
    # SQLite: a unit of work that may write has the only writer's lock from its beginning.
    if session.get_bind().dialect.name == "postgresql":
        how = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        session.execute(text(f"SELECT {how}(:key)"), {"key": _LOCK})
