"""What the recordings of a table of labels are like: labels and which go together, age and sex, devices, quality.

Counted over the recordings of the project that have a row in the table, by the same columns by which lists of
recordings are filtered (`backend.services.recording_filters`): each count is the length of a list.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any, Final

from sqlalchemy import String, case, cast, func, select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, Recording
from backend.ecg.findings import QUALITY
from backend.services.kept_figures import figures
from backend.services.recording_filters import ROW, age_of, sex_of

DECADE: Final = 10
OLDEST: Final = 90
"""Years; who is older is no more than that (`backend.pseudonym`), so the last stretch has no end."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two labels that recordings have at once."""

    one: str
    other: str
    n: int


@dataclass(frozen=True, slots=True)
class Decade:
    """Recordings of people from `low` to under `high` years, by sex; `high` is None of the last."""

    low: int
    high: int | None
    female: int
    male: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of recordings, the most frequent value first; "" stands for what is not known."""

    n_recordings: int
    n_patients: int
    labels: list[tuple[str, int]]
    pairs: list[Pair]
    n_unlabelled: int  # with a row that names no label
    sex: list[tuple[str, int]]
    age: list[Decade]
    n_without_age: int
    rate: list[tuple[float, int]]
    device: list[tuple[str, int]]
    format: list[tuple[str, int]]
    finding: list[tuple[str, int]]
    n_good: int  # without a finding about the quality of the signal
    n_doubtful: int


def kept(session: Session, dataset: Dataset) -> tuple[Statistics, datetime | None]:
    """Return the same as `statistics`, and of a large project when it was counted."""

    def count(session: Session) -> Statistics:
        return statistics(session, session.get_one(Dataset, dataset.id))

    return figures(session, dataset.project_id, f"statistics of {dataset.id}", Statistics, count)


def statistics(session: Session, dataset: Dataset) -> Statistics:
    """Count the recordings of a table of labels."""
    by_label = _grouped(session, dataset, cast(ROW.labels, String))
    by_finding = _grouped(session, dataset, cast(Recording.findings, String))
    labels = {tuple(sorted(set(json.loads(text or "[]")))): n for text, n in by_label}
    findings = {frozenset(one["code"] for one in json.loads(text or "[]")): n for text, n in by_finding}
    singles: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for group, n in labels.items():
        singles.update(dict.fromkeys(group, n))
        pairs.update(dict.fromkeys(combinations(group, 2), n))
    codes: Counter[str] = Counter()
    for found, n in findings.items():
        codes.update(dict.fromkeys(found, n))
    total = sum(labels.values())
    n_doubtful = sum(n for found, n in findings.items() if not found.isdisjoint(QUALITY))
    decades, n_without_age = _ages(session, dataset)
    patients = func.count(func.coalesce(ROW.patient_id, Recording.patient_id).distinct())
    return Statistics(
        n_recordings=total,
        n_patients=session.scalar(_of(dataset, patients)) or 0,
        labels=[(label, singles[label]) for label in sorted(dataset.labels, key=lambda one: (-singles[one], one))]
        if dataset.task != "regression"
        else [],
        pairs=[Pair(one, other, n) for (one, other), n in _by_number(pairs)],
        n_unlabelled=labels.get((), 0),
        sex=[(value or "", n) for value, n in _grouped(session, dataset, sex_of())],
        age=decades,
        n_without_age=n_without_age,
        rate=[(float(value), n) for value, n in _grouped(session, dataset, Recording.rate)],
        device=[(value or "", n) for value, n in _grouped(session, dataset, Recording.device)],
        format=[(value, n) for value, n in _grouped(session, dataset, Recording.format)],
        finding=_by_number(codes),
        n_good=total - n_doubtful,
        n_doubtful=n_doubtful,
    )


def _of(dataset: Dataset, *what: Any) -> Any:
    """Ask for something of the recordings that the table has a row for."""
    joined = select(*what).join_from(Recording, ROW, ROW.recording_id == Recording.id)
    return joined.where(ROW.dataset_id == dataset.id, Recording.project_id == dataset.project_id)


def _grouped(session: Session, dataset: Dataset, value: Any) -> Sequence[tuple[Any, int]]:
    """Count the recordings that share a value, the most frequent first."""
    of_each = _of(dataset, value.label("value")).subquery()  # grouped by a column: parameters are not alike to Postgres
    rows = session.execute(select(of_each.c.value, func.count()).group_by(of_each.c.value)).all()
    return sorted(((one, n) for one, n in rows), key=lambda pair: (-pair[1], str(pair[0])))


def _by_number(counted: Mapping[Any, int]) -> list[tuple[Any, int]]:
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))


def _ages(session: Session, dataset: Dataset) -> tuple[list[Decade], int]:
    """Count ages by decade and sex, from the youngest decade to the oldest; and those whose age is not known."""
    age, sex = age_of(), func.coalesce(sex_of(), "")
    starts = range(0, OLDEST + 1, DECADE)
    decade = case(
        (age.is_(None), -1), *((age < start + DECADE, start) for start in starts if start < OLDEST), else_=OLDEST
    )
    of_each = _of(dataset, decade.label("low"), sex.label("sex")).subquery()
    grouped = select(of_each.c.low, of_each.c.sex, func.count()).group_by(of_each.c.low, of_each.c.sex)
    rows = session.execute(grouped).all()
    n = {(low, who): count for low, who, count in rows}
    without = sum(count for (low, _), count in n.items() if low < 0)
    present = [low for low, _ in n if low >= 0]
    if not present:
        return [], without
    shown = [start for start in starts if min(present) <= start <= max(present)]
    return [
        Decade(
            start, start + DECADE if start < OLDEST else None,
            n.get((start, "F"), 0), n.get((start, "M"), 0),
            sum(count for (low, who), count in n.items() if low == start and who not in ("F", "M")),
        )
        for start in shown
    ], without  # fmt: skip
