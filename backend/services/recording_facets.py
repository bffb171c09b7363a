"""What the recordings of a project can be filtered by: each value that occurs, with how many have it."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.db.tables import Dataset, Recording
from backend.services.kept_figures import figures
from backend.services.recording_filters import newest

_MOST = 200  # values of a kind; more is no choice


@dataclass(frozen=True, slots=True)
class Facets:
    """Values with their counts, the most frequent first; lowest and highest of what is a range, None without any."""

    format: list[tuple[str, int]]
    device: list[tuple[str, int]]
    sex: list[tuple[str, int]]
    finding: list[tuple[str, int]]
    labels: list[str]
    age: tuple[float, float] | None
    recorded: tuple[datetime, datetime] | None


def facets(session: Session, project_id: str) -> tuple[Facets, datetime | None]:
    """Return what can be filtered by, and of a large project when it was counted."""
    return figures(session, project_id, "facets", Facets, lambda one: _facets(one, project_id))


def _facets(session: Session, project_id: str) -> Facets:
    """Return what the recordings of a project can be filtered by; `labels` are those of the newest table of labels."""
    bounds = select(
        func.min(Recording.age), func.max(Recording.age),
        func.min(Recording.recorded_at), func.max(Recording.recorded_at),
    )  # fmt: skip
    youngest, oldest, first, last = session.execute(bounds.where(Recording.project_id == project_id)).one()
    table = newest(session, project_id, Dataset.task != "regression")
    return Facets(
        format=_counted(session, project_id, Recording.format),
        device=_counted(session, project_id, Recording.device),
        sex=_counted(session, project_id, Recording.sex),
        finding=_findings(session, project_id),
        labels=session.scalar(select(Dataset.labels).where(Dataset.id == table)) or [],
        age=None if youngest is None or oldest is None else (youngest, oldest),
        recorded=None if first is None or last is None else (first, last),
    )


def _counted(session: Session, project_id: str, column: InstrumentedAttribute[Any]) -> list[tuple[str, int]]:
    rows = session.execute(
        select(column, func.count())
        .where(Recording.project_id == project_id, column.is_not(None), column != "")
        .group_by(column)
        .order_by(func.count().desc(), column)
        .limit(_MOST)
    )
    return [(value, n) for value, n in rows]


def _findings(session: Session, project_id: str) -> list[tuple[str, int]]:
    text = cast(Recording.findings, String)
    some = select(text.label("text")).where(Recording.project_id == project_id, text != "[]").subquery()
    alike = session.execute(select(some.c.text, func.count()).group_by(some.c.text))
    found: Counter[str] = Counter()
    for as_json, n in alike:
        found.update(dict.fromkeys({one["code"] for one in json.loads(as_json)}, n))
    return found.most_common(_MOST)
