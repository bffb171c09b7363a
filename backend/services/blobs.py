"""Forgetting bytes: a blob goes when the last row that names it is gone, and only once that is committed."""

from collections.abc import Collection
from functools import partial

from sqlalchemy import ColumnElement, String, cast, or_, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from backend.db.session import after_commit
from backend.db.tables import Model, Recording
from backend.storage import Storage

FEW = 50  # so many keys are looked for by the database, more by one pass over all rows


def forget_unused(session: Session, storage: Storage, keys: Collection[str]) -> None:
    """Delete, after the commit of this unit of work, those of the blobs that no row names any more."""
    if keys:
        after_commit(session, partial(_forget, session.get_bind(), storage, frozenset(keys)))


def keys_of(recording: Recording) -> set[str]:
    """Return the keys of all bytes of a recording."""
    return {recording.signal_key} | {item["key"] for item in recording.originals}


def _forget(bind: Engine | Connection, storage: Storage, keys: frozenset[str]) -> None:
    # A unit of work of its own: where writers wait for each other, nobody stores the same bytes in the meantime.
    with Session(bind) as session, session.begin():
        for key in keys - _used(session, keys):
            storage.delete(key)


def _used(session: Session, keys: frozenset[str]) -> set[str]:
    few = len(keys) <= FEW
    used: set[str] = set()
    for column in (Recording.signal_key, Model.onnx_key, Model.weights_key):
        named_keys = session.scalars(select(column).where(column.in_(keys)) if few else select(column))
        used.update(key for key in named_keys if key is not None)
    originals = select(Recording.originals)
    if few:
        named: list[ColumnElement[bool]] = [cast(Recording.originals, String).contains(key) for key in keys]
        originals = originals.where(or_(*named))
    used.update(item["key"] for items in session.scalars(originals) for item in items)
    return used
