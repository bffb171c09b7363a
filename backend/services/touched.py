"""Which recordings a request has touched, for the audit log: noted where rows are loaded, not by each route.

Whatever is loaded of a recording, or of a row that belongs to one, counts as seen, also where only a part of it is
shown: the log may name a recording too many, never one too few. What is written without being loaded is noted by `add`.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import event

from backend.db.tables import Recording, Table

_touched: ContextVar[set[str] | None] = ContextVar("touched", default=None)


@contextmanager
def noting() -> Iterator[set[str]]:
    """Collect the ids of all recordings that are touched within, also by threads of the same request."""
    found: set[str] = set()
    token = _touched.set(found)
    try:
        yield found
    finally:
        _touched.reset(token)


def add(recording_ids: Iterable[str]) -> None:
    """Note recordings that are stored, changed or read as mere columns."""
    found = _touched.get()
    if found is not None:
        found.update(recording_ids)


def _note_row(row: Any, _context: object) -> None:
    found = _touched.get()
    if found is not None:
        recording_id = row.__dict__.get("recording_id")
        found.update(row.__dict__.get("recording_ids") or ([] if recording_id is None else [recording_id]))


def _note_recording(row: Recording, _context: object) -> None:
    found = _touched.get()
    if found is not None:
        found.add(row.id)


def _listen() -> None:
    event.listen(Recording, "load", _note_recording)
    for mapper in Table.registry.mappers:
        if {"recording_id", "recording_ids"} & {column.key for column in mapper.columns}:
            event.listen(mapper.class_, "load", _note_row)


_listen()
