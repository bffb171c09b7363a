"""What a person does with a job that is there: stops a training early and keeps its model, has a job go on."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Job, JobEvent, Run, utc_now
from backend.errors import ConflictError
from backend.services import jobs, run_division, runs

TRAINING: Final = "runs.train"
GO_ON: Final = (TRAINING, "predictions.predict", "evaluations.evaluate", "projects.demo")
"""Kinds of jobs that go on from what they have kept, so that one that has failed or was cancelled can be resumed."""


def stop_and_keep(session: Session, job: Job) -> Job:
    """Ask a training to stop and make its model of the best epoch so far.

    Raises ConflictError where there is none: before the first epoch, in a cross-validation, for another kind of job.
    """
    if job.status in jobs.FINISHED:
        raise ConflictError(f"The job has already ended ({job.status}); there is nothing to stop.")
    if job.kind != TRAINING:
        raise ConflictError("Only a training has a model to keep. Cancel this job without keeping one.")
    if _is_cross_validation(session, job):
        raise ConflictError("A cross-validation has no model before its last training. Cancel it without keeping one.")
    if not has_epoch(session, job):
        raise ConflictError("No epoch is done, so there is no model to keep. Wait for one, or cancel the training.")
    if job.stop_requested_at is None:
        job.stop_requested_at = utc_now()
        jobs.add_event(session, job.id, "log", {"text": "Stopping was asked for: the best epoch so far is kept."})
    return job


def keeps_model(session: Session, job: Job) -> bool:
    """Say whether `stop_and_keep` would be granted."""
    going = job.kind == TRAINING and job.status not in jobs.FINISHED
    return going and has_epoch(session, job) and not _is_cross_validation(session, job)


def has_epoch(session: Session, job: Job) -> bool:
    """Say whether a training has finished an epoch."""
    epoch = select(JobEvent.number).where(JobEvent.job_id == job.id, JobEvent.kind == "epoch").limit(1)
    return session.scalar(epoch) is not None


def _is_cross_validation(session: Session, job: Job) -> bool:
    facts = session.scalar(select(Run.facts).where(Run.job_id == job.id)) or {}
    return (facts.get("how_tested") or {}).get("method") == "cross_validation"


def goes_on(session: Session, job: Job) -> bool:
    """Say whether `resume` is offered: it is quick to tell, while `resume` looks at every recording of a training."""
    if job.kind not in GO_ON or job.status not in ("failed", "cancelled"):
        return False
    if job.kind != TRAINING:
        return True
    run = session.execute(select(Run.facts, Run.dataset_id).where(Run.job_id == job.id)).one_or_none()
    return run is not None and run.dataset_id is not None and run_division.stands(run.facts)


def resume(session: Session, job: Job) -> Job:
    """Queue a job again that has failed or was cancelled; it goes on from what it has kept.

    Raises ConflictError for one that goes on, is done, or of a kind that has to be asked for anew, and for a training
    whose recordings are not what they were when it was asked for.
    """
    if job.status not in ("failed", "cancelled"):
        raise ConflictError(f"Only a job that has failed or was cancelled can be resumed; this one is {job.status}.")
    if job.kind not in GO_ON:
        raise ConflictError("A job of this kind cannot be resumed. Start it anew.")
    for run in session.scalars(select(Run).where(Run.job_id == job.id)):
        runs.to_train(session, run)
    job.status, job.error, job.message = "queued", None, ""
    job.cancel_requested_at = job.stop_requested_at = job.started_at = job.finished_at = None
    job.deaths = 0
    jobs.add_event(session, job.id, "status", {"status": "queued"})
    jobs.send(session, job)
    return job
