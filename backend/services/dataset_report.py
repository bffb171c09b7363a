"""How a table of labels and the recordings of a project fit each other, counted by the database."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sqlalchemy import Select, String, cast, func, select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, DatasetEntry, Json, Recording
from backend.services import histogram, touched
from backend.services.kept_figures import figures

LISTED = 1000


@dataclass(frozen=True, slots=True)
class Report:
    """How a table of labels and the recordings of a project fit each other."""

    n_rows: int
    n_matched: int
    n_unmatched: int
    n_unlabelled: int
    n_partial: int
    n_patients: int
    counts: list[Json]  # [{label, code, n_rows, n_recordings, values}]
    parts: dict[str, int]
    unmatched: list[str]
    unlabelled: list[str]


@dataclass(frozen=True, slots=True)
class _Told:
    """A report, and the recordings that it names."""

    report: Report
    named: list[str]


def report(session: Session, dataset: Dataset) -> Report:
    """Return how a table fits the recordings; of a large project as it was counted a while ago."""
    return kept(session, dataset)[0]


def kept(session: Session, dataset: Dataset) -> tuple[Report, datetime | None]:
    """Return the report, and of a large project when it was counted."""

    def count(session: Session) -> _Told:
        return _report(session, session.get_one(Dataset, dataset.id))

    told, counted_at = figures(session, dataset.project_id, f"report of {dataset.id}", _Told, count)
    touched.add(told.named)
    return told.report, counted_at


def _report(session: Session, dataset: Dataset) -> _Told:
    """Count what the table names against what is here. No row of it is read, but for the values of a regression."""
    mine = DatasetEntry.dataset_id == dataset.id
    here = mine & DatasetEntry.recording_id.is_not(None)
    alike = _alike(session, dataset)
    n_rows = sum(one.n_rows for one in alike)
    n_matched, n_patients, n_partial = session.execute(
        select(
            func.count(),
            func.count(func.coalesce(DatasetEntry.patient_id, Recording.patient_id).distinct()),
            func.count().filter(func.json_array_length(Recording.missing_leads) > 0),
        )
        .join_from(DatasetEntry, Recording, Recording.id == DatasetEntry.recording_id)
        .where(mine)
    ).one()
    n_unlabelled = _number(session, select(func.count()).where(Recording.project_id == dataset.project_id)) - n_matched
    parts: Counter[str] = Counter()
    for one in alike:
        if one.part and one.n_recordings:
            parts[one.part] += one.n_recordings
    labelled = select(DatasetEntry.recording_id).where(here)
    unlabelled = (
        select(Recording.id, Recording.name, Recording.file_name)
        .where(Recording.project_id == dataset.project_id, Recording.id.not_in(labelled))
        .order_by(Recording.file_name, Recording.index)
        .limit(LISTED)
    )
    unmatched = (
        select(DatasetEntry.file_name)
        .where(mine, DatasetEntry.recording_id.is_(None))
        .order_by(DatasetEntry.row)
        .limit(LISTED)
    )
    named = session.execute(unlabelled).all() if n_unlabelled else []
    found = Report(
        n_rows=n_rows,
        n_matched=n_matched,
        n_unmatched=n_rows - n_matched,
        n_unlabelled=n_unlabelled,  # a recording has one row of a table at most
        n_partial=n_partial,
        n_patients=n_patients,
        counts=(_values if dataset.task == "regression" else _labels)(dataset, alike),
        parts=dict(sorted(parts.items())),
        unmatched=list(session.scalars(unmatched)) if n_rows > n_matched else [],
        unlabelled=[row.file_name if row.name in row.file_name else row.name for row in named],
    )
    return _Told(found, [row.id for row in named])


class _Alike(NamedTuple):
    """Rows that say the same: their labels or values, as JSON, and their part."""

    text: str
    part: str | None
    n_rows: int
    n_recordings: int


def _alike(session: Session, dataset: Dataset) -> list[_Alike]:
    """Count rows that say the same, by the database and in one pass: there are few different ones."""
    text = cast(DatasetEntry.values if dataset.task == "regression" else DatasetEntry.labels, String)
    counted = session.execute(
        select(text, DatasetEntry.part, func.count(), func.count(DatasetEntry.recording_id))
        .where(DatasetEntry.dataset_id == dataset.id)
        .group_by(text, DatasetEntry.part)
    )
    return [_Alike(*row) for row in counted]


def _labels(dataset: Dataset, alike: Sequence[_Alike]) -> list[Json]:
    """Count each label."""
    in_rows: Counter[str] = Counter()
    in_recordings: Counter[str] = Counter()
    for one in alike:
        for label in json.loads(one.text):
            in_rows[label] += one.n_rows
            in_recordings[label] += one.n_recordings
    return [_count(dataset, label, in_rows[label], in_recordings[label], []) for label in dataset.labels]


def _values(dataset: Dataset, alike: Sequence[_Alike]) -> list[Json]:
    """Count the values of each target of a regression, and spread them out."""
    rows = json.loads(f"[{','.join(one.text for one in alike)}]")  # at once: there may be many
    counts = []
    for place, label in enumerate(dataset.labels):
        known = [
            (values[place], one.n_rows, one.n_recordings)
            for values, one in zip(rows, alike, strict=True)
            if values[place] is not None
        ]
        values, in_rows, in_recordings = zip(*known, strict=True) if known else ((), (), ())
        counts.append(_count(dataset, label, sum(in_rows), sum(in_recordings), np.repeat(values, in_rows)))
    return counts


def _count(dataset: Dataset, label: str, n_rows: int, n_recordings: int, values: ArrayLike) -> Json:
    return {
        "label": label, "code": dataset.codes.get(label), "n_rows": n_rows, "n_recordings": n_recordings,
        "values": histogram.spread(values),
    }  # fmt: skip


def _number(session: Session, statement: Select[Any]) -> int:
    return session.scalar(statement) or 0
