"""Readings: what readers say of recordings by a label set. Each is kept as it came; the last of each reader counts.

A reading names the one that it replaces. So what was sent late, or from another window, never covers what the reader
said since, and two adjudicators never cover each other: the second is told (decision 0052).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from backend.db.tables import Json, LabelSet, Reading, Recording, Reveal
from backend.ecg.leads import LEADS
from backend.errors import ConflictError, InvalidInputError
from backend.services import annotations, recordings

Role = Literal["reader", "adjudicator"]
MOST_REGIONS: Final = 200


@dataclass(frozen=True, slots=True)
class Said:
    """A reading as it is sent: `id` is the sender's own, `replaces` the id of the last one that the sender knew."""

    id: str
    recording_id: str
    labels: Sequence[str]
    done: bool
    replaces: str | None = None
    role: Role = "reader"
    note: str = ""
    regions: Sequence[Json] = ()
    made_at: datetime | None = None


def save(session: Session, label_set: LabelSet, reader: str, said: Said) -> Reading:
    """Keep a reading; the same one sent again is kept once.

    Raises InvalidInputError for labels or regions that are none of the set, ConflictError where somebody (or the reader
    in another window) said something since.
    """
    annotations.hold(session, label_set)
    labels = sorted(dict.fromkeys(said.labels))
    if (known := session.get(Reading, said.id)) is not None:
        return _same(known, label_set, reader, said, labels)
    recording = recordings.get(session, label_set.project_id, said.recording_id)
    _check(label_set, recording, said, labels)
    mine = _of(label_set, said.recording_id, said.role, reader)
    last = session.scalar(select(Reading).where(mine, Reading.current))
    if (last.id if last else None) != said.replaces:
        raise ConflictError(_changed(last, said))
    if last is not None:
        last.current = False
        session.flush()
    row = Reading(
        id=said.id, label_set_id=label_set.id, recording_id=said.recording_id, reader=reader, role=said.role,
        number=last.number + 1 if last else 1, labels=labels, done=said.done, note=said.note.strip(),
        regions=list(said.regions), made_at=said.made_at, current=True,
        sighted=said.role == "reader" and _has_seen_others(session, label_set, said.recording_id, reader),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _of(label_set: LabelSet, recording_id: str, role: Role, reader: str) -> ColumnElement[bool]:
    """The readings that follow each other: those of one reader, or of all who adjudicate."""
    here = (Reading.label_set_id == label_set.id) & (Reading.recording_id == recording_id) & (Reading.role == role)
    return here if role == "adjudicator" else here & (Reading.reader == reader)


def _same(known: Reading, label_set: LabelSet, reader: str, said: Said, labels: list[str]) -> Reading:
    before = (known.label_set_id, known.recording_id, known.reader, known.role, known.labels, known.done, known.note)
    now = (label_set.id, said.recording_id, reader, said.role, labels, said.done, said.note.strip())
    is_same = before == now and known.regions == list(said.regions)
    if not is_same:
        raise ConflictError("Another reading has this id. Give each reading an id of its own, 32 hexadecimal digits.")
    return known


def _check(label_set: LabelSet, recording: Recording, said: Said, labels: Sequence[str]) -> None:
    names = {label["name"] for label in label_set.labels}
    if unknown := [label for label in labels if label not in names]:
        raise InvalidInputError(f"{unknown[0]!r} is no label of {label_set.name}. Its labels: {', '.join(names)}.")
    if label_set.task == "single_label" and len(labels) != 1 and (said.done or labels):
        raise InvalidInputError(f"In {label_set.name} a recording has one label; {len(labels)} were given.")
    if said.role == "adjudicator" and not said.done:
        raise InvalidInputError("An adjudication says which labels are right: it is done or it is none.")
    if len(said.regions) > MOST_REGIONS:
        raise InvalidInputError(f"A reading marks at most {MOST_REGIONS} regions; these are {len(said.regions)}.")
    duration = recording.n_samples / recording.rate * 1000
    for region in said.regions:
        _check_region(region, names | set(label_set.region_classes), duration)


def _check_region(region: Json, classes: set[str], duration: float) -> None:
    if region["label"] not in classes:
        raise InvalidInputError(f"{region['label']!r} is no class of regions here: {', '.join(sorted(classes))}.")
    if not 0 <= region["from_ms"] < region["to_ms"] <= duration + 0.5:
        raise InvalidInputError(
            f"A region from {region['from_ms']:g} to {region['to_ms']:g} ms does not lie in the recording, which "
            f"lasts {duration:g} ms."
        )
    leads = region["leads"]
    if not leads or len(set(leads)) != len(leads) or any(lead not in LEADS for lead in leads):
        raise InvalidInputError(f"A region lies on leads out of {', '.join(LEADS)}, each once; not on {leads}.")


def _changed(last: Reading | None, said: Said) -> str:
    if last is None:
        return "The reading that this one replaces is not there any more. Look at the recording again."
    what = ", ".join(last.labels) or ("none of the labels" if last.done else "nothing")
    who = f"{last.reader} has adjudicated it" if said.role == "adjudicator" else "It was read in another window"
    return f"{who} in the meantime: {what}. Look at it, and label it again if you do not agree."


def _has_seen_others(session: Session, label_set: LabelSet, recording_id: str, reader: str) -> bool:
    return label_set.blind and session.get(Reveal, (label_set.id, recording_id, reader)) is not None


@dataclass(frozen=True, slots=True)
class OnRecording:
    """What is said of one recording, as far as one reader may see it."""

    recording_id: str
    mine: Reading | None
    others: list[Reading]
    adjudication: Reading | None
    suggestions: list[Json]  # [{text, code, system, label}], of the device
    hidden: bool  # more is said, or may be, that a blind reader does not see
    n_readers: int  # who have finished it


def of_recording(session: Session, label_set: LabelSet, recording_id: str, reader: str) -> OnRecording:
    """Return what is said of a recording: all of it, or of a blind set what the reader said, until it is revealed."""
    recording = recordings.get(session, label_set.project_id, recording_id)
    rows = session.scalars(
        select(Reading)
        .where(Reading.label_set_id == label_set.id, Reading.current, Reading.recording_id == recording_id)
        .order_by(Reading.reader)
    ).all()
    own = [row for row in rows if row.role == "reader"]
    hidden = label_set.blind and not _has_seen_others(session, label_set, recording_id, reader)
    return OnRecording(
        recording_id=recording_id,
        mine=next((row for row in own if row.reader == reader), None),
        others=[] if hidden else [row for row in own if row.reader != reader and row.done],
        adjudication=None if hidden else next((row for row in rows if row.role == "adjudicator"), None),
        suggestions=[] if hidden else suggestions(label_set, recording),
        hidden=hidden,
        n_readers=sum(row.done for row in own),
    )


def suggestions(label_set: LabelSet, recording: Recording) -> list[Json]:
    """Return what the device stated, and which label of the set says the same; None where none does."""
    by_word: dict[str, str] = {}
    for label in label_set.labels:
        for word in (label["name"], label["code"]):
            by_word.setdefault(word.casefold(), label["name"])
    by_word.pop("", None)
    return [
        {
            "text": one["text"] or one["code"], "code": one["code"], "system": one["system"],
            "label": by_word.get(one["code"].casefold()) or by_word.get((one["text"] or "").casefold()),
        }
        for one in recording.device_facts.get("statements", ())
    ]  # fmt: skip


def reveal(session: Session, label_set: LabelSet, recording_id: str, reader: str) -> None:
    """Let a reader of a blind set see what others say of a recording; later readings of theirs count as sighted."""
    annotations.hold(session, label_set)
    recordings.get(session, label_set.project_id, recording_id)
    if session.get(Reveal, (label_set.id, recording_id, reader)) is None:
        session.add(Reveal(label_set_id=label_set.id, recording_id=recording_id, reader=reader))
        session.flush()


def history(session: Session, label_set: LabelSet, reader: str, start: int, size: int) -> tuple[Sequence[Reading], int]:
    """Return some of all that a reader has said, the newest first, and how much that is in all."""
    mine = (Reading.label_set_id == label_set.id) & (Reading.reader == reader)
    rows = select(Reading).where(mine).order_by(Reading.created_at.desc(), Reading.number.desc(), Reading.id)
    total = session.scalar(select(func.count()).where(mine)) or 0
    return session.scalars(rows.limit(size).offset(start)).all(), total
