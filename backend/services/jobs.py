"""Jobs: rows that say what long tasks are to be done, who is at it, how far it is and what it said.

queued → running → done | failed | cancelled. A running job has a heartbeat; one that stops is queued again and
goes on from its checkpoint. `attempt` fences: a worker that lost its job can no longer write to it. `deaths` counts the
workers that died at it, and not those that were ended.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from backend import queue
from backend.db.session import after_commit
from backend.db.tables import Job, JobEvent, Json, Worker, utc_now
from backend.errors import ConflictError, NotFoundError
from backend.services import job_events

FINISHED = ("done", "failed", "cancelled")
WORKER_SILENCE_S = 20.0
WORKER_GONE_S = 300.0


def create(session: Session, project_id: str, kind: str, payload: Json) -> Job:
    """Add a queued job of a project and tell the workers once it is committed."""
    return add(session, Job(project_id=project_id, kind=kind, payload=payload))


def add(session: Session, job: Job) -> Job:
    """Add a job, whoever it belongs to, and tell the workers once it is committed."""
    session.add(job)
    session.flush()
    add_event(session, job.id, "status", {"status": "queued"})
    send(session, job)
    return job


def get(session: Session, project_id: str, job_id: str) -> Job:
    """Return a job of a project. Raises NotFoundError."""
    job = session.get(Job, job_id)
    if job is None or job.project_id != project_id:
        raise NotFoundError(f"There is no job {job_id} in this project.")
    return job


def get_of_exchange(session: Session, exchange_id: str, job_id: str) -> Job:
    """Return a job of an exchange. Raises NotFoundError."""
    job = session.get(Job, job_id)
    if job is None or job.exchange_id != exchange_id:
        raise NotFoundError(f"There is no job {job_id} of this exchange.")
    return job


def list_jobs(session: Session, project_id: str, limit: int = 100, start: int = 0) -> Sequence[Job]:
    """Return the newest jobs of a project, from the one at place `start` on."""
    newest = select(Job).where(Job.project_id == project_id).order_by(Job.created_at.desc(), Job.id)
    return session.scalars(newest.limit(limit).offset(start)).all()


def count(session: Session, project_id: str) -> int:
    """Return how many jobs a project has."""
    return session.scalar(select(func.count()).select_from(Job).where(Job.project_id == project_id)) or 0


def events(session: Session, job_id: str, after: int = 0, limit: int = 10_000, start: int = 0) -> Sequence[JobEvent]:
    """Return the events of a job numbered above `after`, in order, from the one at place `start` on."""
    return session.scalars(
        select(JobEvent)
        .where(JobEvent.job_id == job_id, JobEvent.number > after)
        .order_by(JobEvent.number)
        .limit(limit)
        .offset(start)
    ).all()


def count_events(session: Session, job_id: str, after: int = 0) -> int:
    """Return how many events of a job are numbered above `after`."""
    numbered = JobEvent.job_id == job_id, JobEvent.number > after
    return session.scalar(select(func.count()).select_from(JobEvent).where(*numbered)) or 0


def news(session: Session, after: Mapping[str, int], limit: int) -> Iterator[tuple[Job, Sequence[JobEvent]]]:
    """Yield each of the jobs that is there with its events numbered above the number given, in order, `limit` at most.

    Two short queries where nothing has happened, however many jobs are asked for.
    """
    rows = session.scalars(select(Job).where(Job.id.in_(after))).all()
    last = (
        select(JobEvent.job_id, func.max(JobEvent.number)).where(JobEvent.job_id.in_(after)).group_by(JobEvent.job_id)
    )
    newest = {row[0]: row[1] for row in session.execute(last)}
    for row in rows:  # read before their events: what is told last of a job that has ended is then among them
        fresh = newest.get(row.id, 0) > after[row.id]
        yield row, events(session, row.id, after[row.id], limit) if fresh else []


def add_event(session: Session, job_id: str, kind: str, payload: Json) -> int:
    """Append an event and return its number. `kind` and `payload` are those of `backend.services.job_events`."""
    job_events.check(kind, payload)
    session.execute(select(Job.id).where(Job.id == job_id).with_for_update())
    last = session.scalar(select(func.max(JobEvent.number)).where(JobEvent.job_id == job_id)) or 0
    session.add(JobEvent(job_id=job_id, number=last + 1, kind=kind, payload=payload))
    session.flush()
    return last + 1


def claim(session: Session, job_id: str, worker: str, lease_s: float) -> Job | None:
    """Take a job that waits, or whose worker has been silent for `lease_s`; None where there is nothing to take.

    A message delivered twice therefore does no harm. A job whose cancelling was asked for is not started any more.
    """
    now = utc_now()
    lost = (Job.status == "running") & (Job.heartbeat_at < now - timedelta(seconds=lease_s))
    taken = session.execute(
        update(Job)
        .where(Job.id == job_id, or_(Job.status == "queued", lost))
        .values(
            status="running",
            attempt=Job.attempt + 1,
            worker=worker,
            heartbeat_at=now,
            deaths=Job.deaths + case((Job.status == "running", 1), else_=0),
        )
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        return None
    job = session.get_one(Job, job_id, populate_existing=True)
    job.started_at = job.started_at or now
    if job.cancel_requested_at is not None:
        finish(session, job, "cancelled")
        return None
    add_event(session, job_id, "status", {"status": "running", "attempt": job.attempt})
    return job


def beat(session: Session, job_id: str, attempt: int) -> Job | None:
    """Renew the heartbeat of an attempt and return the row; None where the job is no longer this attempt's."""
    session.execute(
        update(Job)
        .where(Job.id == job_id, Job.attempt == attempt, Job.status == "running")
        .values(heartbeat_at=utc_now())
        .execution_options(synchronize_session=False)
    )
    return held(session, job_id, attempt)


def held(session: Session, job_id: str, attempt: int) -> Job | None:
    """Return the job, locked until the unit of work ends, if this attempt still holds it, else None."""
    job = session.get(Job, job_id, populate_existing=True, with_for_update=True)
    return job if job is not None and job.attempt == attempt and job.status == "running" else None


def finish(session: Session, job: Job, status: str, error: str | None = None, message: str = "") -> None:
    """End a job as done, failed or cancelled, with the reason in words a person can act on."""
    job.status, job.error, job.finished_at = status, error, utc_now()
    job.message = message or error or job.message
    if status == "done":
        job.progress = 1.0
    payload: dict[str, Any] = {"status": status}
    if error:
        payload["error"] = error
    add_event(session, job.id, "status", payload)


def request_cancel(session: Session, job: Job) -> Job:
    """Ask a job to stop. One that waits is cancelled at once; a running one stops at its next step."""
    if job.status in FINISHED:
        raise ConflictError(f"The job has already ended ({job.status}); there is nothing to cancel.")
    job.cancel_requested_at = job.cancel_requested_at or utc_now()
    if job.status == "queued":
        finish(session, job, "cancelled")
    else:
        add_event(session, job.id, "log", {"text": "Cancelling was asked for."})
    return job


def release(session: Session, worker: str) -> list[str]:
    """Queue again what a worker holds that was asked to end; nothing has died. Returns the ids."""
    released = []
    for job in session.scalars(select(Job).where(Job.status == "running", Job.worker == worker).with_for_update()):
        if job.cancel_requested_at is not None:
            finish(session, job, "cancelled")
            continue
        add_event(session, job.id, "log", {"text": "The worker was ended; the job goes on in another one."})
        _queue_again(session, job)
        released.append(job.id)
    return released


def requeue_lost(session: Session, lease_s: float, max_deaths: int) -> list[str]:
    """Queue again what lost its worker: no heartbeat for `lease_s`. Returns the ids queued.

    A job at which `max_deaths` workers have died is failed: it is probably what kills them.
    """
    lost = (Job.status == "running") & (Job.heartbeat_at < utc_now() - timedelta(seconds=lease_s))
    requeued = []
    for job in session.scalars(select(Job).where(lost).with_for_update(skip_locked=True)):
        job.deaths += 1
        if job.cancel_requested_at is not None:
            finish(session, job, "cancelled")
        elif job.deaths >= max_deaths:
            finish(
                session, job, "failed",
                f"The worker died {job.deaths} times at this job. It may need more memory than this machine has: "
                "try fewer recordings or a smaller batch size.",
            )  # fmt: skip
        else:
            add_event(session, job.id, "log", {"text": "The worker stopped; the job goes on in another one."})
            _queue_again(session, job)
            requeued.append(job.id)
    return requeued


def send_again(session: Session, queues: Collection[str], waiting_s: float) -> list[str]:
    """Send what has waited for `waiting_s` to these queues once more; return the ids.

    For a worker that has nothing to do: where it listens, what still waits has lost its message.
    """
    waiting = (Job.status == "queued") & (Job.enqueued_at <= utc_now() - timedelta(seconds=waiting_s))
    sent = []
    for job in session.scalars(select(Job).where(waiting).order_by(Job.created_at).with_for_update(skip_locked=True)):
        if _queue_of(session, job) in queues:
            _queue_again(session, job)
            sent.append(job.id)
    return sent


def living_workers(session: Session) -> Sequence[Worker]:
    """Return the workers heard of in the last seconds."""
    since = utc_now() - timedelta(seconds=WORKER_SILENCE_S)
    return session.scalars(select(Worker).where(Worker.heartbeat_at > since).order_by(Worker.name)).all()


def forget_silent_workers(session: Session) -> None:
    """Forget workers that have been silent for long: they were killed before they could sign off.

    One that was only away, on a machine that slept perhaps, shows itself anew.
    """
    session.execute(delete(Worker).where(Worker.heartbeat_at < utc_now() - timedelta(seconds=WORKER_GONE_S)))


def _queue_again(session: Session, job: Job) -> None:
    job.status, job.enqueued_at = "queued", utc_now()
    send(session, job)


def send(session: Session, job: Job) -> None:
    """Tell the workers of a queued job once this unit of work is committed."""
    after_commit(session, partial(queue.enqueue, job.kind, job.id, _queue_of(session, job)))


def _queue_of(session: Session, job: Job) -> str:
    name = queue.QUEUE_OF_KIND[job.kind]
    if name == "train-cpu" and any("train-gpu" in worker.queues for worker in living_workers(session)):
        return "train-gpu"
    return name
