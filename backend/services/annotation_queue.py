"""What a reader of a label set is to read next, and how far the reading is."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, String, cast, func, select
from sqlalchemy.orm import Session

from backend.db.tables import LabelSet, Prediction, PredictionResult, Reading, Recording
from backend.errors import InvalidInputError
from backend.ml.spec import ModelSpec
from backend.services import predictions


@dataclass(frozen=True, slots=True)
class Waiting:
    """A recording to be read; `uncertainty` is that of the prediction by which the queue is ordered."""

    recording_id: str
    uncertainty: float | None = None  # 0 sure … 1 as unsure as can be


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading of a label set is, in recordings."""

    n_recordings: int
    n_read: int  # by one reader or more
    n_read_twice: int
    n_mine: int
    n_left: int  # for the reader who asks: neither read by them, nor by as many others as the set wants
    n_disagreements: int  # that nobody has adjudicated
    n_adjudicated: int


def queue(
    session: Session, label_set: LabelSet, reader: str, limit: int, prediction_id: str | None = None
) -> list[Waiting]:
    """Return the next recordings for a reader: by file name, or those first of which a prediction is least sure.

    A recording without a result of the prediction comes last. Raises InvalidInputError for a prediction of values.
    """
    left = _left(label_set, reader)
    by_name = left.order_by(Recording.file_name, Recording.index, Recording.id)
    if prediction_id is None:
        return [Waiting(recording_id) for recording_id in session.scalars(by_name.limit(limit))]
    prediction = predictions.get(session, label_set.project_id, prediction_id)
    unsure = _uncertainties(session, prediction, left)
    asked = sorted(unsure.items(), key=lambda one: (-one[1], one[0]))[:limit]
    found = [Waiting(recording_id, uncertainty) for recording_id, uncertainty in asked]
    if len(found) < limit:
        rest = by_name.where(Recording.id.not_in(select(PredictionResult.recording_id).where(_has_answer(prediction))))
        found += [Waiting(recording_id) for recording_id in session.scalars(rest.limit(limit - len(found)))]
    return found


def _left(label_set: LabelSet, reader: str) -> Select[str]:
    """Ask for the recordings that a reader may still read."""
    finished = done(label_set).where(Reading.recording_id == Recording.id)
    mine = finished.where(Reading.reader == reader)
    others = finished.with_only_columns(func.count()).scalar_subquery()
    return select(Recording.id).where(
        Recording.project_id == label_set.project_id, ~mine.exists(), others < label_set.n_readers
    )


def done(label_set: LabelSet) -> Select[str]:
    """Ask for the recording of each finished reading that counts."""
    return select(Reading.recording_id).where(
        Reading.label_set_id == label_set.id, Reading.current, Reading.role == "reader", Reading.done
    )


def _has_answer(prediction: Prediction) -> ColumnElement[bool]:
    return (PredictionResult.prediction_id == prediction.id) & PredictionResult.error.is_(None)


def _uncertainties(session: Session, prediction: Prediction, left: Select[str]) -> dict[str, float]:
    spec = ModelSpec.from_json(prediction.model.spec)
    if spec.task == "regression":
        raise InvalidInputError("This prediction gives values, not labels: it does not say how unsure it is.")
    rows = session.execute(
        select(PredictionResult.recording_id, PredictionResult.probabilities).where(
            _has_answer(prediction), PredictionResult.recording_id.in_(left)
        )
    ).all()
    if not rows:
        return {}
    unsure = uncertainty(np.array([row.probabilities for row in rows], np.float64), spec.task == "single_label")
    return {row.recording_id: float(value) for row, value in zip(rows, unsure, strict=True)}


def uncertainty(probabilities: NDArray[np.float64], one_of_them: bool) -> NDArray[np.float64]:
    """Return how unsure answers (N, L) are, (N,), from 0 to 1.

    Of one label out of L: the entropy over its largest value, log L. Of several: the entropy of yes or no (over log 2)
    of the label that is least sure. Source: uncertainty sampling, Lewis & Gale 1994, doi:10.1007/978-1-4471-2099-5_1;
    entropy as its measure, Settles 2009 (Computer Sciences Technical Report 1648, Wisconsin), section 3.1.
    """
    p = np.clip(probabilities, 1e-12, 1.0)
    if one_of_them:
        return np.asarray(-(p * np.log(p)).sum(1) / np.log(max(2, p.shape[1])))
    no = np.clip(1 - probabilities, 1e-12, 1.0)
    each = -(p * np.log(p) + no * np.log(no)) / np.log(2)
    return np.asarray(each.max(1))


def progress(session: Session, label_set: LabelSet, reader: str) -> Progress:
    """Count what is read, what is left, and on what readers disagree."""
    here = select(func.count()).where(Recording.project_id == label_set.project_id)
    each = done(label_set).add_columns(func.count().label("n")).group_by(Reading.recording_id).subquery()
    read, twice = session.execute(select(func.count(), func.count().filter(each.c.n > 1)).select_from(each)).one()
    return Progress(
        n_recordings=_number(session, here),
        n_read=read,
        n_read_twice=twice,
        n_mine=_number(session, _counted(done(label_set).where(Reading.reader == reader))),
        n_left=_number(session, _counted(_left(label_set, reader))),
        n_disagreements=_number(session, _counted(disagreements(label_set))),
        n_adjudicated=_number(session, _counted(adjudicated(label_set))),
    )


def disagreements(label_set: LabelSet) -> Select[str]:
    """Ask for the recordings on which readers disagree and that nobody has adjudicated."""
    differ = func.count(cast(Reading.labels, String).distinct()) > 1
    return (
        done(label_set)
        .where(Reading.recording_id.not_in(adjudicated(label_set)))
        .group_by(Reading.recording_id)
        .having(differ)
    )


def adjudicated(label_set: LabelSet) -> Select[str]:
    """Ask for the recordings that somebody has adjudicated."""
    return select(Reading.recording_id).where(
        Reading.label_set_id == label_set.id, Reading.current, Reading.role == "adjudicator"
    )


def _counted(what: Select[Any]) -> Select[int]:
    return select(func.count()).select_from(what.subquery())


def _number(session: Session, statement: Select[int]) -> int:
    return session.scalar(statement) or 0
