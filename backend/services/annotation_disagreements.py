"""The recordings on which the readers of a label set disagree."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.tables import LabelSet, Reading, Recording
from backend.services import annotation_queue


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A recording on which readers differ; in a blind set its file is not named, for names often tell the finding."""

    recording_id: str
    file_name: str
    n_readers: int
    adjudicated: bool


def page(
    session: Session, label_set: LabelSet, adjudicated: bool, start: int, size: int
) -> tuple[Sequence[Disagreement], int]:
    """Return some of those that wait for adjudication, or that have been adjudicated, and how many there are in all."""
    which = annotation_queue.adjudicated(label_set) if adjudicated else annotation_queue.disagreements(label_set)
    finished = annotation_queue.done(label_set).with_only_columns(func.count())
    n_readers = finished.where(Reading.recording_id == Recording.id).correlate(Recording).scalar_subquery()
    rows = session.execute(
        select(Recording.id, Recording.file_name, n_readers)
        .where(Recording.id.in_(which))
        .order_by(Recording.file_name, Recording.index, Recording.id)
    ).all()
    some = rows[start : start + size]
    return [
        Disagreement(recording_id, "" if label_set.blind else file_name, n, adjudicated)
        for recording_id, file_name, n in some
    ], len(rows)
