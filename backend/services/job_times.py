"""How long a running job will still take: from its own speed, and from what earlier ones took on this machine.

A training tells at each epoch how long all that are left would take. It mostly stops earlier: how much of its epochs
it will need is learned from the trainings that this machine has done, of all projects, of which nothing but times is
taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.tables import Job, JobEvent

EARLIER: Final = 20
SURE: Final = 0.05
"""From this share of the work on, a job's own speed tells more than earlier jobs do."""
_FEWEST_S: Final = 3.0
_LEAST: Final = 0.2
"""Of what all epochs would take, where a training has gone on for longer than usual."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What earlier jobs of a kind took, in s from the start to the end; None where there is none.

    Of trainings also the share of their epochs that they needed, and the s after the last one, of export and test.
    """

    whole: float | None = None
    share: float | None = None
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a training said last: an epoch or a fold, and s ago."""

    kind: str
    payload: dict[str, Any]
    ago: float


def seconds_left(elapsed: float, progress: float, earlier: Earlier, said: Said | None) -> float | None:
    """Return how long it will take, in s; None where nothing tells.

    `elapsed` is since its start, in s; `progress` from 0 to 1 as the job says it.
    """
    if said is not None and said.kind == "epoch":
        return max(1.0, _of_epochs(said.payload, earlier) - said.ago)
    if said is not None:  # the folds that are left, and the model that is kept, which takes about as long as one
        return max(1.0, float(said.payload["seconds_left"] + said.payload["seconds"]) - said.ago)
    if progress >= SURE and elapsed >= _FEWEST_S:
        return elapsed * (1 - progress) / progress
    return None if earlier.whole is None else max(1.0, earlier.whole - elapsed)


def _of_epochs(epoch: dict[str, Any], earlier: Earlier) -> float:
    done, most = epoch["epoch"], epoch["max_epochs"]
    left = epoch["seconds_left"]
    if most <= done:
        return earlier.after or 0.0
    share = 1.0 if earlier.share is None else earlier.share
    likely = max(share * most - done, _LEAST * (most - done))
    return float(left * min(1.0, likely / (most - done)) + (earlier.after or 0.0))


def left_of(session: Session, running: Sequence[Job], now: datetime) -> dict[str, float | None]:
    """Return for each running job the seconds that it will still take."""
    kinds = {job.kind: _earlier(session, job.kind) for job in running}
    last = _said(session, [job.id for job in running], now)
    return {
        job.id: seconds_left(
            (now - (job.started_at or now)).total_seconds(), job.progress,
            # before its first epoch a training says nothing of its speed, and no two are as long
            Earlier() if job.kind == "runs.train" and job.id not in last else kinds[job.kind],
            last.get(job.id),
        )
        for job in running
    }  # fmt: skip


def _said(session: Session, ids: Sequence[str], now: datetime) -> dict[str, Said]:
    """Return the last epoch or fold of each job that has told one since it was started."""
    newest = (
        select(JobEvent.job_id, func.max(JobEvent.number).label("number"))
        .where(JobEvent.job_id.in_(ids), JobEvent.kind.in_(("epoch", "fold")))
        .group_by(JobEvent.job_id)
        .subquery()
    )
    rows = session.scalars(
        select(JobEvent).join(newest, (JobEvent.job_id == newest.c.job_id) & (JobEvent.number == newest.c.number))
    )
    return {row.job_id: Said(row.kind, row.payload, (now - row.created_at).total_seconds()) for row in rows}


def _earlier(session: Session, kind: str) -> Earlier:
    """Return what the last jobs of a kind took that were done without an interruption."""
    done = session.scalars(
        select(Job)
        .where(Job.kind == kind, Job.status == "done", Job.attempt == 1)
        .order_by(Job.created_at.desc())
        .limit(EARLIER)
    ).all()
    whole = [(job.finished_at - job.started_at).total_seconds() for job in done if job.finished_at and job.started_at]
    shares, after = [], []
    if kind == "runs.train":
        ends = {job.id: job.finished_at for job in done}
        for job_id, said in _said(session, list(ends), _anchor(ends)).items():
            end = ends[job_id]
            if said.kind == "epoch" and end is not None:
                shares.append(said.payload["epoch"] / said.payload["max_epochs"])
                after.append(said.ago - (_anchor(ends) - end).total_seconds())
    return Earlier(*(median(values) if values else None for values in (whole, shares, after)))


def _anchor(ends: dict[str, datetime | None]) -> datetime:
    """Return the latest of these moments: a common origin for differences."""
    return max((end for end in ends.values() if end is not None), default=datetime.max)
