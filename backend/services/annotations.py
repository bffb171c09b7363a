"""Label sets: labels by which the recordings of a project are read on the page. What readers say: annotation_readings.

A label that stands in a reading keeps its name: what a reader has said is never reworded.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from backend.db.tables import LabelSet, Reading
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.services import projects

Task = Literal["single_label", "multi_label"]
MOST_LABELS: Final = 60
MOST_READERS: Final = 9
REGION_CLASSES: Final = ("P wave", "QRS", "ST segment", "T wave", "Ectopic beat", "Artefact")
"""What regions of a tracing are called where a label set says nothing else."""
TAKEN_KEYS: Final = frozenset("unrs?")
"""Keys of the page itself while one labels: undo, note, region, suggestion, help."""
_KEY: Final = re.compile(r"[0-9a-z]")


@dataclass(frozen=True, slots=True)
class Label:
    """One label: its name, the key that gives it, and the code that says what is meant."""

    name: str
    key: str = ""
    code: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """A label set as it is asked for."""

    name: str
    labels: Sequence[Label]
    task: Task = "single_label"
    region_classes: Sequence[str] = REGION_CLASSES
    blind: bool = False
    n_readers: int = 1


def create(session: Session, project_id: str, asked: Definition, reader: str) -> LabelSet:
    """Make a label set. Raises InvalidInputError for labels or keys that cannot be used."""
    projects.hold(session, project_id)
    row = LabelSet(project_id=project_id, task=asked.task, created_by=reader)
    _write(row, asked)
    session.add(row)
    session.flush()
    return row


def change(session: Session, label_set: LabelSet, asked: Definition) -> LabelSet:
    """Change a label set. Raises ConflictError where readings would lose their meaning."""
    hold(session, label_set)
    kept = {*(label.name.strip() for label in asked.labels), *asked.region_classes}
    if lost := {name: n for name, n in _used(session, label_set.id).items() if name not in kept}:
        told = ", ".join(f"{name} ({n})" for name, n in sorted(lost.items()))
        raise ConflictError(
            f"These labels stand in readings and can be neither removed nor renamed: {told}. Keep them, or make "
            "another label set."
        )
    if asked.task != label_set.task and session.scalar(
        select(Reading.id).where(Reading.label_set_id == label_set.id).limit(1)
    ):
        raise ConflictError("One or several labels a recording: that cannot change once it is read. Make another set.")
    _write(label_set, asked)
    session.flush()
    return label_set


def _write(row: LabelSet, asked: Definition) -> None:
    labels = checked(asked.labels)
    row.name, row.task, row.blind, row.n_readers = asked.name.strip(), asked.task, asked.blind, asked.n_readers
    row.labels = [asdict(label) for label in labels]
    row.region_classes = list(dict.fromkeys(filter(None, map(str.strip, asked.region_classes))))


def checked(labels: Sequence[Label]) -> list[Label]:
    """Return labels whose keys are filled in: the first nine that have none get 1 to 9. Raises InvalidInputError."""
    if not 1 <= len(labels) <= MOST_LABELS:
        raise InvalidInputError(f"A label set has 1 to {MOST_LABELS} labels; these are {len(labels)}.")
    names = [label.name.strip() for label in labels]
    if unusable := [name for name in names if not name or ";" in name or "|" in name]:
        raise InvalidInputError(
            f"{unusable[0]!r} cannot be a label: it needs a name without ';' and '|', which part labels in tables."
        )
    folded = Counter(name.casefold() for name in names)
    if twice := [name for name in names if folded[name.casefold()] > 1]:
        raise InvalidInputError(f"The label {twice[0]!r} is there twice. Name each label once.")
    keys = Counter(label.key for label in labels if label.key)
    for key, n in keys.items():
        if not _KEY.fullmatch(key) or key in TAKEN_KEYS:
            raise InvalidInputError(
                f"{key!r} cannot be the key of a label. Choose a digit or a small letter other than "
                f"{', '.join(sorted(TAKEN_KEYS - {'?'}))}, which the page uses itself."
            )
        if n > 1:
            raise InvalidInputError(f"The key {key!r} belongs to two labels. Give each its own.")
    free = iter([digit for digit in "123456789" if digit not in keys])
    return [
        Label(name, label.key or next(free, ""), label.code.strip(), label.system if label.code.strip() else "")
        for name, label in zip(names, labels, strict=True)
    ]


def get(session: Session, project_id: str, label_set_id: str) -> LabelSet:
    """Return a label set of a project. Raises NotFoundError."""
    row = session.get(LabelSet, label_set_id)
    if row is None or row.project_id != project_id:
        raise NotFoundError(f"There is no label set {label_set_id} in this project. Make one on the page of labels.")
    return row


def find(session: Session, project_id: str, name_or_id: str) -> LabelSet:
    """Return the label set of that id or name, the newest for "". Raises NotFoundError."""
    rows = list_label_sets(session, project_id)
    for row in rows:
        if not name_or_id or name_or_id in (row.id, row.name):
            return row
    names = ", ".join(row.name for row in rows)
    raise NotFoundError(
        f"There is no label set {name_or_id!r} in this project; there is {names}."
        if names
        else "The project has no label set yet. Make one on the page of labels."
    )


def list_label_sets(session: Session, project_id: str) -> Sequence[LabelSet]:
    """Return the label sets of a project, the newest first."""
    mine = select(LabelSet).where(LabelSet.project_id == project_id)
    return session.scalars(mine.order_by(LabelSet.created_at.desc(), LabelSet.id)).all()


def delete(session: Session, label_set: LabelSet) -> None:
    """Delete a label set with its readings. Datasets made of it stay."""
    session.delete(label_set)


def hold(session: Session, label_set: LabelSet) -> None:
    """Have others who write to the label set wait until this unit of work ends. Raises NotFoundError if it is gone."""
    held = select(LabelSet).where(LabelSet.id == label_set.id).with_for_update()
    if session.scalar(held.execution_options(populate_existing=True)) is None:
        raise NotFoundError("The label set was deleted in the meantime.")


def _used(session: Session, label_set_id: str) -> Counter[str]:
    """Count in how many current readings each label stands, as a label or as the class of a region."""
    said, marked = cast(Reading.labels, String), cast(Reading.regions, String)
    alike = (
        select(said, marked, func.count())
        .where(Reading.label_set_id == label_set_id, Reading.current)
        .group_by(said, marked)
    )
    used: Counter[str] = Counter()
    for labels, regions, n in session.execute(alike):
        for name in {*json.loads(labels), *(region["label"] for region in json.loads(regions))}:
            used[name] += n
    return used
