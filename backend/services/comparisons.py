"""Comparisons: candidates trained side by side, each by a run of its own, in the same folds of the same recordings.

Every candidate is an ordinary cross-validated run. So its job goes on where it was ended, several workers share the
candidates, and each leaves a model that has learned from all recordings.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import ComparedRun, Comparison, Job
from backend.errors import ConflictError, NotFoundError
from backend.services import candidates, datasets, jobs, learning_curves, runs, shipped
from backend.services.candidates import Candidate, Question
from backend.storage import Storage

Status = Literal["running", "done", "incomplete"]


def create(session: Session, storage: Storage, project_id: str, question: Question) -> Comparison:
    """Check all candidates and queue their trainings. Raises what `candidates.expected` and `runs.create` raise."""
    dataset = datasets.get(session, project_id, question.dataset_id)
    wanted = [one for one in candidates.expected(session, project_id, question) if one.included]
    row = Comparison(
        project_id=project_id,
        dataset_id=dataset.id,
        name=question.name.strip() or f"Which model for {dataset.name}?"[:200],
        settings={
            "dataset": dataset.name,
            "labels": list(question.labels) if question.labels is not None else None,
            "folds_by": question.folds_by,
            "folds": question.folds,
            "repeats": question.repeats,
            "split_seed": question.split_seed,
        },
    )
    for place, one in enumerate(wanted):
        compared = ComparedRun(place=place, title=one.title, asked=asdict(one.candidate))
        _train(session, storage, project_id, question, compared)
        row.candidates.append(compared)
        if compared.run is not None:  # folds that are sources are as many as there are
            row.settings["folds"] = compared.run.facts["how_tested"]["folds"]
    session.add(row)
    session.flush()
    return row


def get(session: Session, project_id: str, comparison_id: str) -> Comparison:
    """Return a comparison of a project. Raises NotFoundError."""
    row = session.get(Comparison, comparison_id)
    if row is None or row.project_id != project_id:
        raise NotFoundError(f"There is no comparison {comparison_id} in this project.")
    return row


def list_comparisons(session: Session, project_id: str) -> Sequence[Comparison]:
    """Return the comparisons of a project, the newest first."""
    wanted = select(Comparison).where(Comparison.project_id == project_id)
    return session.scalars(wanted.order_by(Comparison.created_at.desc(), Comparison.id)).all()


def status(row: Comparison) -> Status:
    """Return whether trainings go on, all are done, or some have failed, were cancelled or deleted."""
    states = [_state(one) for one in row.candidates]
    if any(state not in jobs.FINISHED for state in states):
        return "running"
    return "done" if all(state == "done" for state in states) else "incomplete"


def cancel(session: Session, row: Comparison) -> None:
    """Cancel all trainings that go on; those that are done stay. Raises ConflictError where none goes on."""
    going = _going(row)
    if not going:
        raise ConflictError("No training of this comparison goes on; there is nothing to cancel.")
    for job in going:
        if job.cancel_requested_at is None:
            jobs.request_cancel(session, job)


def resume(session: Session, storage: Storage, row: Comparison) -> None:
    """Train again what has failed, was cancelled or deleted.

    Raises ConflictError where there is nothing to do, or other recordings or patients would be divided than before.
    """
    lost = [one for one in row.candidates if _state(one) in ("failed", "cancelled", "deleted")]
    if not lost or row.dataset_id is None:
        why = "All its trainings are done or go on." if row.dataset_id else "Its dataset has been deleted."
        raise ConflictError(f"There is nothing to train again. {why}")
    kept = row.settings
    question = Question(
        dataset_id=row.dataset_id, labels=kept["labels"], folds_by=kept.get("folds_by", "patient"),
        folds=kept["folds"], repeats=kept["repeats"], split_seed=kept["split_seed"],
    )  # fmt: skip
    divided = [_divided(one) for one in row.candidates if one not in lost and one.run is not None]
    for one in lost:
        _train(session, storage, row.project_id, question, one)
        if any(_divided(one) != before for before in divided):
            raise ConflictError(
                "Recordings or patients of the dataset have changed since this comparison was begun, so that its "
                "candidates would not be tested alike. Start a new comparison."
            )
    session.flush()


def _divided(one: ComparedRun) -> tuple[list[str], list[int]] | None:
    """Return what the folds of a candidate are drawn from: its recordings, and which of them stay together."""
    return None if one.run is None else (one.run.split["train"], one.run.split["groups"])


def delete(session: Session, row: Comparison) -> None:
    """Delete a comparison; runs and models stay. Raises ConflictError while trainings go on, also of a curve."""
    if _going(row) or learning_curves.going(session, row):
        raise ConflictError("Trainings of this comparison go on. Cancel it first, then delete it.")
    session.delete(row)


def _train(session: Session, storage: Storage, project_id: str, question: Question, compared: ComparedRun) -> None:
    candidate = Candidate(**compared.asked)
    if candidate.base_model_id is not None:
        kept = shipped.keep(session, storage, project_id, candidate.base_model_id)
        candidate = replace(candidate, base_model_id=kept)
    compared.run = runs.create(session, project_id, candidates.request(question, candidate, compared.title))


def _state(one: ComparedRun) -> str:
    return one.run.job.status if one.run is not None else "deleted"


def _going(row: Comparison) -> list[Job]:
    return [one.run.job for one in row.candidates if one.run is not None and one.run.job.status not in jobs.FINISHED]
