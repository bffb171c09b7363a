"""The index of an exchange: a copy of all listings in one file, so that one request shows them. Rebuildable."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backend.exchange.errors import AbsentError, ExchangeError, ListingError
from backend.exchange.index_file import Key, Row, Rows, change, parse, read_index, written
from backend.exchange.layout import INDEX, MODELS, is_slug, version_of
from backend.exchange.progress import Progress, silent
from backend.exchange.version import read_version
from backend.exchange.webdav import Folder

__all__ = ["Catalogue", "Row", "add_rows", "read_catalogue", "rebuild", "versions_of"]

_AROUND: Final = timedelta(minutes=10)  # of a change of the index, in which another may have overwritten it
_MOST_READ: Final = 500  # versions that are read one by one


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All versions on an exchange; `notes` name what could not be read."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def read_catalogue(folder: Folder) -> Catalogue:
    """Return what is published: the index, and versions that are there but not yet in it.

    An exchange without an index is read version by version.
    """
    notes: list[str] = []
    data, _, exists = read_index(folder)
    try:
        raw = parse(data)
    except ListingError as problem:
        raw, exists = {}, False
        notes.append(str(problem))
    entry = folder.find(INDEX) if exists else None
    raw = _present(folder, raw, entry.modified if entry else None, notes)
    rows = []
    for key in sorted(raw):
        try:
            rows.append(Row.from_dict(raw[key]))
        except ListingError as problem:
            notes.append(f"{key[0]:.60} {key[1]}: {problem}")
    return Catalogue(rows=tuple(rows), notes=tuple(notes))


def add_rows(folder: Folder, rows: Iterable[Row]) -> tuple[str, ...]:
    """Put rows into the index beside those that others have put there; return notes on what did not go as it should.

    If-Match, or a lock, or reading again what was written: whatever the server can. What others have published in the
    last minutes and lost from the index comes back into it. Raises ListingError for an index that is not to be
    overwritten, and what `Folder` raises.
    """
    added: Rows = {row.key: row.to_dict() for row in rows}
    notes: list[str] = []

    def changed(data: bytes) -> bytes:
        entry = folder.find(INDEX) if data else None
        notes.clear()
        there = parse(data) | added  # what is added need not be read again
        return written(_present(folder, there, entry.modified if entry else None, notes) | added)

    def is_in(data: bytes) -> bool:
        found = parse(data)
        return all(found.get(key) == row for key, row in added.items())

    if not change(folder, changed, is_in):
        notes.append("The index could not be changed, since others change it all the time. Make it anew in a while.")
    return tuple(notes)


def rebuild(folder: Folder, progress: Progress = silent) -> Catalogue:
    """Make the index anew from the versions themselves, each verified by hash and signature; return what is in it.

    `progress` is told of the models read, and of how many there are.
    """
    notes: list[str] = []
    found: list[Rows] = []

    def changed(_data: bytes) -> bytes:
        notes.clear()
        found[:] = [_present(folder, {}, None, notes, most=None, progress=progress)]
        return written(found[0])

    if not change(folder, changed, lambda data: set(parse(data)) >= set(found[0])):
        notes.append("The index could not be changed, since others change it all the time. Make it anew in a while.")
    return Catalogue(rows=tuple(Row.from_dict(found[0][key]) for key in sorted(found[0])), notes=tuple(notes))


def versions_of(folder: Folder, slug: str) -> list[int]:
    """Return the versions of a model that are on the exchange, the newest last."""
    try:
        inside = folder.list(f"{MODELS}/{slug}")
    except AbsentError:
        return []
    return sorted(number for entry in inside if entry.is_folder and (number := version_of(entry.name)) is not None)


def _present(
    folder: Folder,
    rows: Rows,
    modified: datetime | None,
    notes: list[str],
    *,
    most: int | None = _MOST_READ,
    progress: Progress = silent,
) -> Rows:
    """Return the rows of what is there: without what is gone, with what is not in the index.

    Models whose folder has not changed since the index was written are taken as it has them.
    """
    try:
        slugs = {entry.name: entry for entry in folder.list(MODELS) if entry.is_folder and is_slug(entry.name)}
    except AbsentError:
        slugs = {}
    present: Rows = {}
    known = {slug for slug, _ in rows}
    unread = 0
    for done, (slug, entry) in enumerate(slugs.items()):
        progress(done, len(slugs))
        of_slug = {key: row for key, row in rows.items() if key[0] == slug}
        changed = entry.modified
        if slug in known and modified is not None and changed is not None and changed < modified - _AROUND:
            present |= of_slug
            continue
        for version in versions_of(folder, slug):
            key: Key = (slug, version)
            if key in of_slug:
                present[key] = of_slug[key]
            elif most is not None and most <= 0:
                unread += 1
            else:
                most = most if most is None else most - 1
                _read_into(folder, key, present, notes)
    if unread:
        notes.append(f"{unread:,} versions that are not in the index were not read. Make the index anew.")
    return present


def _read_into(folder: Folder, key: Key, rows: Rows, notes: list[str]) -> None:
    try:
        read = read_version(folder, *key)
    except ExchangeError as problem:
        notes.append(f"{key[0]} {key[1]} is left out. {problem}")
        return
    rows[key] = Row(listing=read.listing, fingerprint=read.key.fingerprint, withdrawn=read.withdrawn).to_dict()
