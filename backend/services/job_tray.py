"""The jobs that somebody follows from everywhere: those that wait and run, and the newest that have ended."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import (
    DriftCheck,
    Evaluation,
    Explanation,
    Job,
    Model,
    Prediction,
    Project,
    Run,
    StressTest,
    Transfer,
    utc_now,
)
from backend.services import job_control, job_times, jobs

Thing = Literal[
    "run", "prediction", "evaluation", "stress_test", "drift_check", "explanation", "transfer", "pretraining",
    "project", "round",
]  # fmt: skip
OPEN: Final = 30
ENDED: Final = 8
RECENT: Final = timedelta(days=7)
_THINGS: Final[dict[str, Thing]] = {
    "runs.train": "run", "predictions.predict": "prediction", "evaluations.evaluate": "evaluation",
    "exchanges.pull": "transfer", "exchanges.push": "transfer", "pretrainings.pretrain": "pretraining",
    "stress_tests.test": "stress_test", "drift_checks.check": "drift_check", "explanations.explain": "explanation",
    "projects.demo": "project", "rounds.contribute": "round", "rounds.merge": "round",
}  # fmt: skip
"""What a kind of job is about. What is not here is done behind people's backs, such as webhooks."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A job with what it is about and what can be done with it; `seconds_left` is None where nothing tells."""

    job: Job
    project_name: str
    thing: Thing
    thing_id: str
    title: str
    seconds_left: float | None
    can_keep: bool
    can_resume: bool


def tray(session: Session, projects: Collection[str] | None) -> list[Followed]:
    """Return the jobs of these projects (None: all) that wait or run, oldest first, and then those that have ended."""
    mine = select(Job, Project.name).join(Project, Project.id == Job.project_id)
    mine = mine.where(Project.deleted_at.is_(None), Job.kind.in_(_THINGS))
    if projects is not None:
        mine = mine.where(Job.project_id.in_(projects))
    now = utc_now()
    opened = mine.where(Job.status.not_in(jobs.FINISHED)).order_by(Job.created_at).limit(OPEN)
    ended = mine.where(Job.status.in_(jobs.FINISHED), Job.finished_at > now - RECENT)
    rows = [*session.execute(opened), *session.execute(ended.order_by(Job.finished_at.desc()).limit(ENDED))]
    found = [job for job, _ in rows]
    named = _named(session, [job.id for job in found])
    left = job_times.left_of(session, [job for job in found if job.status == "running"], now)
    return [
        Followed(
            job, project, _THINGS[job.kind], *named.get(job.id, ("", str(job.payload.get("name") or project))),
            left.get(job.id), job_control.keeps_model(session, job), job_control.goes_on(session, job),
        )
        for job, project in rows
    ]  # fmt: skip


def _named(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return id and name of what each job is about, where it is a row of its own."""
    asked: tuple[Any, ...] = (
        select(Run.job_id, Run.id, Run.name).where(Run.job_id.in_(ids)),
        *(
            select(one.job_id, one.id, Model.name).join(Model, Model.id == one.model_id).where(one.job_id.in_(ids))
            for one in (Prediction, Evaluation, DriftCheck, Explanation)
        ),
        select(StressTest.job_id, StressTest.evaluation_id, Model.name)  # it is shown with its evaluation
        .join(Evaluation, Evaluation.id == StressTest.evaluation_id)
        .join(Model, Model.id == Evaluation.model_id)
        .where(StressTest.job_id.in_(ids)),
        select(Transfer.job_id, Transfer.id, Transfer.name).where(Transfer.job_id.in_(ids)),
    )
    return {job_id: (one, name) for query in asked for job_id, one, name in session.execute(query)}
