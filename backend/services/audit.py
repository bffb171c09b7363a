"""The audit log: one line an access, append-only, in a chain sealed under the secret of the installation.

The seal of a line is the HMAC-SHA256 of the line and of the seal before it, so that none can be changed, dropped,
added or moved by somebody who has the database alone; that of the end (`AuditHead`) shows where lines were cut off.
Who can also put back an older end is found out by a number and seal that were written down elsewhere (`verify`).
Source: Schneier and Kelsey, Secure audit logs to support computer forensics, 1999.
"""

import hmac
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, String, cast, func, select
from sqlalchemy.orm import Session

from backend.db.session import read_session
from backend.db.tables import AuditEntry, AuditHead, utc_now
from backend.errors import InvalidInputError
from backend.services.person import Person

AT_ONCE: Final = 1000
MOST_IDS: Final = 1000
"""Recordings that one line names at most; the others are counted."""
_HEAD: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which lines: of whom, what, in which project, on which recording, since and until when."""

    person: str = ""
    action: str = ""
    project_id: str = ""
    recording_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the chain has found: how many lines hold, and where it breaks, if it does."""

    number: int
    seal: str
    fault: str = ""


def append(
    session: Session,
    secret: bytes,
    person: Person,
    action: str,
    *,
    project_id: str = "",
    subject: Mapping[str, Any] | None = None,
    status: int = 0,
) -> AuditEntry:
    """Add a line at the end; others who add one wait until this unit of work is committed."""
    head = session.scalars(select(AuditHead).where(AuditHead.id == _HEAD).with_for_update()).one()
    entry = AuditEntry(
        number=head.number + 1, at=utc_now(), person_id=person.id, person=person.name, via=person.via, action=action,
        project_id=project_id, subject=dict(subject or {}), status=status,
    )  # fmt: skip
    entry.seal = _seal(secret, entry, head.seal)
    head.number, head.seal = entry.number, entry.seal
    head.closed = _closed(secret, head.number, head.seal)
    session.add(entry)
    return entry


def of_recordings(recording_ids: Collection[str]) -> dict[str, Any]:
    """Return how a line names the recordings that were seen or changed; empty for none."""
    if not recording_ids:
        return {}
    return {"recordings": sorted(recording_ids)[:MOST_IDS], "n_recordings": len(recording_ids)}


def page(session: Session, query: Query, number: int, size: int) -> tuple[list[AuditEntry], int]:
    """Return one page of the lines asked for, the newest first, and how many there are."""
    found = _filtered(select(AuditEntry), query)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    newest = found.order_by(AuditEntry.number.desc()).limit(size).offset((number - 1) * size)
    return list(session.scalars(newest)), total


def verify(url: str, secret: bytes, expected: str = "") -> Verdict:
    """Go through the chain from its beginning; return where it ends, and what is wrong with it.

    `expected` is "number:seal" of a line, written down elsewhere before. Raises InvalidInputError for another form.
    """
    known = _parsed(expected)
    last, before = 0, ""
    with read_session(url) as session:  # one view of the table, however long it takes
        for entry in _all(session):
            if entry.number != last + 1:
                return Verdict(last, before, f"After line {last} comes {entry.number}: lines were dropped.")
            if not hmac.compare_digest(entry.seal, _seal(secret, entry, before)):
                return Verdict(last, before, f"Line {entry.number} was changed, added or moved.")
            last, before = entry.number, entry.seal
            if known and known[0] == last and known[1] != before:
                return Verdict(last, before, f"Line {last} is another than the one that was written down.")
        head = session.get(AuditHead, _HEAD)
    closed = "" if head is None or (head.number, head.seal) != (last, before) else head.closed
    if last + (head.number if head else 0) and not hmac.compare_digest(closed, _closed(secret, last, before)):
        return Verdict(last, before, f"Lines were cut off after line {last}, or the end was changed.")
    if known and known[0] > last:
        return Verdict(last, before, f"Line {known[0]} was written down, but the log ends with {last}.")
    return Verdict(last, before)


def export(url: str, query: Query) -> Iterator[str]:
    """Yield the lines asked for as JSON, one a line of text, the oldest first."""
    with read_session(url) as session:
        last = 0
        while rows := session.scalars(
            _filtered(select(AuditEntry), query).where(AuditEntry.number > last).order_by(AuditEntry.number)
            .limit(AT_ONCE)
        ).all():  # fmt: skip
            for entry in rows:
                yield json.dumps(content(entry) | {"seal": entry.seal}, ensure_ascii=False, sort_keys=True) + "\n"
            last = rows[-1].number
            session.expunge_all()


def _all(session: Session) -> Iterator[AuditEntry]:
    last = 0
    while rows := session.scalars(
        select(AuditEntry).where(AuditEntry.number > last).order_by(AuditEntry.number).limit(AT_ONCE)
    ).all():
        yield from rows
        last = rows[-1].number
        session.expunge_all()


def _filtered(statement: Select[AuditEntry], query: Query) -> Select[AuditEntry]:
    for column, value in (
        (AuditEntry.person, query.person), (AuditEntry.action, query.action), (AuditEntry.project_id, query.project_id),
    ):  # fmt: skip
        if value:
            statement = statement.where(column == value)
    if query.recording_id:
        statement = statement.where(cast(AuditEntry.subject, String).contains(query.recording_id, autoescape=True))
    if query.since is not None:
        statement = statement.where(AuditEntry.at >= query.since)
    if query.until is not None:
        statement = statement.where(AuditEntry.at < query.until)
    return statement


def content(entry: AuditEntry) -> dict[str, Any]:
    """Return what a line says, without its seal, as it is sealed and exported."""
    names = ("number", "person_id", "person", "via", "action", "project_id", "subject", "status")
    return {name: getattr(entry, name) for name in names} | {"at": entry.at.isoformat(timespec="microseconds")}


def _seal(secret: bytes, entry: AuditEntry, before: str) -> str:
    text = json.dumps([before, content(entry)], ensure_ascii=False, sort_keys=True)
    return hmac.digest(_key(secret), text.encode(), "sha256").hex()


def _closed(secret: bytes, number: int, seal: str) -> str:
    return hmac.digest(_key(secret), f"the end is {number} {seal}".encode(), "sha256").hex()


def _key(secret: bytes) -> bytes:
    return hmac.digest(secret, b"audit log", "sha256")


def _parsed(expected: str) -> tuple[int, str] | None:
    if not expected:
        return None
    number, _, seal = expected.partition(":")
    if not number.isdecimal() or len(seal) != 64:
        raise InvalidInputError("What was written down is the number of a line and its seal: 1234:0f3a… (64 digits).")
    return int(number), seal
