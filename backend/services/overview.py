"""What a project holds, what is newest and unfinished in it, how well it is, and what is best done next.

Everything is counted by the database: a project of 20,000 recordings is told of in 50 ms. What takes long in a larger
one is kept (`kept_figures`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from backend.db.tables import (
    Dataset,
    DatasetEntry,
    Evaluation,
    Import,
    ImportOutcome,
    Job,
    LabelSet,
    Model,
    Prediction,
    Reading,
    Recording,
    Run,
)
from backend.services import annotation_queue, jobs
from backend.services.kept_figures import figures
from backend.services.next_step import Held, NextStep, Unfinished, next_step
from backend.services.recording_filters import newest

_EACH: Final = 5
"""Newest and unfinished things of a kind."""
NewestKind = Literal["import", "dataset", "label_set", "run", "model", "prediction", "evaluation"]
_NAMED: Final[dict[NewestKind, Any]] = {"dataset": Dataset, "label_set": LabelSet, "run": Run, "model": Model}


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of everything the project holds; `n_labelled` have a row in its newest table of labels or values."""

    n_recordings: int
    n_patients: int
    n_with_findings: int
    n_partial: int
    n_without_patient: int
    n_labelled: int
    n_datasets: int
    n_label_sets: int
    n_runs: int
    n_models: int
    n_predictions: int
    n_evaluations: int


@dataclass(frozen=True, slots=True)
class Newest:
    """Something that was made lately; an import has no name."""

    kind: NewestKind
    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """What a project needs to go on, and what its results depend on."""

    has_worker: bool
    n_waiting: int  # jobs
    n_running: int
    n_failed: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A project at a glance."""

    counts: Counts
    newest: list[Newest]
    unfinished: list[Unfinished]
    health: Health
    next_step: NextStep
    counted_at: datetime | None = None  # of a large project, when its recordings were counted; None: now


@dataclass(frozen=True, slots=True)
class _OfRecordings:
    """What is counted over all recordings, and over all rows of the newest table."""

    n: int
    n_patients: int
    n_named: int
    n_found: int
    n_partial: int
    n_rows: int
    n_matched: int


def overview(session: Session, project_id: str) -> Overview:
    """Return a project at a glance."""
    table = newest(session, project_id, Dataset.id.is_not(None))
    name = f"recordings and {table}"
    recordings, counted_at = figures(
        session, project_id, name, _OfRecordings, lambda one: _of_recordings(one, project_id, table)
    )
    n_rows, n_matched = recordings.n_rows, recordings.n_matched
    counts = _counts(session, project_id, recordings)
    made = _newest(session, project_id)
    health, is_filling = _health(session, project_id)
    unfinished = [
        *_imports(session, project_id),
        *_unmatched(session, table, n_rows, n_matched),
        *_label_sets(session, project_id, counts.n_recordings),
        *_runs(session, project_id),
        *_untested(session, project_id),
    ]
    held = Held(
        n_recordings=counts.n_recordings, n_datasets=counts.n_datasets, n_matched=n_matched,
        n_label_sets=counts.n_label_sets, n_models=counts.n_models, n_predictions=counts.n_predictions,
        newest_model=next((one.id for one in made if one.kind == "model"), ""), is_filling=is_filling,
        n_waiting=health.n_waiting, has_worker=health.has_worker,
    )  # fmt: skip
    return Overview(counts, made, unfinished, health, next_step(held, unfinished), counted_at)


def _number(session: Session, kind: type[Any], project_id: str, *conditions: Any) -> int:
    return session.scalar(select(func.count()).where(kind.project_id == project_id, *conditions)) or 0


def _matched(session: Session, table: str | None) -> tuple[int, int]:
    """Return how many rows the newest table has, and how many of them have a recording."""
    rows = select(func.count(), func.count(DatasetEntry.recording_id)).where(DatasetEntry.dataset_id == table)
    n_rows, n_matched = session.execute(rows).one()
    return n_rows, n_matched


def _of_recordings(session: Session, project_id: str, table: str | None) -> _OfRecordings:
    found = cast(Recording.findings, String) != "[]"
    lacking = cast(Recording.missing_leads, String) != "[]"
    n, n_named, n_found, n_partial = session.execute(
        select(
            func.count(), func.count(Recording.patient_id), func.count().filter(found), func.count().filter(lacking)
        ).where(Recording.project_id == project_id)
    ).one()
    patients = select(Recording.patient_id).where(Recording.project_id == project_id).distinct().subquery()
    n_patients = session.scalar(select(func.count(patients.c.patient_id))) or 0
    return _OfRecordings(n, n_patients, n_named, n_found, n_partial, *_matched(session, table))


def _counts(session: Session, project_id: str, of: _OfRecordings) -> Counts:
    return Counts(
        n_recordings=of.n, n_patients=of.n_patients, n_with_findings=of.n_found, n_partial=of.n_partial,
        n_without_patient=of.n - of.n_named, n_labelled=of.n_matched,
        n_datasets=_number(session, Dataset, project_id, Dataset.complete),
        n_label_sets=_number(session, LabelSet, project_id), n_runs=_number(session, Run, project_id),
        n_models=_number(session, Model, project_id), n_predictions=_number(session, Prediction, project_id),
        n_evaluations=_number(session, Evaluation, project_id),
    )  # fmt: skip


def _newest(session: Session, project_id: str) -> list[Newest]:
    """Return what was made last, whatever it is, the newest first."""
    found: list[Newest] = []
    for kind, table in _NAMED.items():
        rows = select(table.id, table.name, table.created_at).where(table.project_id == project_id)
        if table is Dataset:
            rows = rows.where(Dataset.complete)
        rows = rows.order_by(table.created_at.desc()).limit(_EACH)
        found += [Newest(kind, *row) for row in session.execute(rows)]
    imports = select(Import.id, Import.created_at).where(Import.project_id == project_id)
    found += [
        Newest("import", one, "", made)
        for one, made in session.execute(imports.order_by(Import.created_at.desc()).limit(_EACH))
    ]
    asked: tuple[tuple[NewestKind, Any], ...] = (("prediction", Prediction), ("evaluation", Evaluation))
    for of_model, answers in asked:
        rows = select(answers.id, Model.name, answers.created_at).join(Model, Model.id == answers.model_id)
        rows = rows.where(answers.project_id == project_id).order_by(answers.created_at.desc()).limit(_EACH)
        found += [Newest(of_model, *row) for row in session.execute(rows)]
    return sorted(found, key=lambda one: one.created_at, reverse=True)[:_EACH]


def _health(session: Session, project_id: str) -> tuple[Health, bool]:
    states = select(Job.status, Job.kind, func.count()).where(Job.project_id == project_id)
    rows = session.execute(states.group_by(Job.status, Job.kind)).all()
    n = {status: sum(count for one, _, count in rows if one == status) for status in ("queued", "running", "failed")}
    is_filling = any(kind == "projects.demo" and status in ("queued", "running") for status, kind, _ in rows)
    has_worker = bool(jobs.living_workers(session))
    return Health(has_worker, n["queued"], n["running"], n["failed"]), is_filling


def _imports(session: Session, project_id: str) -> list[Unfinished]:
    """Return what is to be looked at of the newest imports."""
    new = select(Import.id).where(Import.project_id == project_id).order_by(Import.created_at.desc()).limit(_EACH)
    ids = list(session.scalars(new))
    refused = func.count().filter(ImportOutcome.status == "refused")
    found = func.count().filter(ImportOutcome.n_findings > 0)
    rows = session.execute(
        select(ImportOutcome.import_id, func.count(), refused, found)
        .where(ImportOutcome.import_id.in_(ids))
        .group_by(ImportOutcome.import_id)
    )
    of = {import_id: counts for import_id, *counts in rows}
    result = []
    for import_id in ids:
        total, n_refused, n_found = of.get(import_id, (0, 0, 0))
        if n_refused:
            result.append(Unfinished("refused", import_id, "", n_refused, total))
        if n_found:
            result.append(Unfinished("findings", import_id, "", n_found, total))
    return result


def _unmatched(session: Session, table: str | None, n_rows: int, n_matched: int) -> list[Unfinished]:
    if table is None or n_rows == n_matched:
        return []
    name = session.scalar(select(Dataset.name).where(Dataset.id == table)) or ""
    return [Unfinished("unmatched", table, name, n_rows - n_matched, n_rows)]


def _label_sets(session: Session, project_id: str, n_recordings: int) -> list[Unfinished]:
    """Return label sets that too few readers have read all recordings for, and those that no dataset was made of."""
    new = select(LabelSet).where(LabelSet.project_id == project_id).order_by(LabelSet.created_at.desc()).limit(_EACH)
    result = []
    for label_set in session.scalars(new):
        enough = annotation_queue.done(label_set).group_by(Reading.recording_id)
        enough = enough.having(func.count() >= label_set.n_readers)
        n = session.scalar(select(func.count()).select_from(enough.subquery())) or 0
        if n < n_recordings:
            result.append(Unfinished("reading", label_set.id, label_set.name, n, n_recordings))
        elif n and not label_set.n_versions:
            result.append(Unfinished("frozen", label_set.id, label_set.name, 0, n))
    return result


def _runs(session: Session, project_id: str) -> list[Unfinished]:
    """Return trainings that wait or run, and the newest one if it failed."""
    mine = select(Run.id, Run.name, Job.status, Job.progress).join(Job, Job.id == Run.job_id)
    mine = mine.where(Run.project_id == project_id).order_by(Run.created_at.desc())
    going: Sequence[Any] = session.execute(mine.where(Job.status.not_in(jobs.FINISHED)).limit(_EACH)).all()
    result = [Unfinished("running", row.id, row.name, round(100 * row.progress), 100) for row in going]
    last = session.execute(mine.limit(1)).one_or_none()
    if last is not None and last.status == "failed":
        result.append(Unfinished("failed", last.id, last.name, round(100 * last.progress), 100))
    return result


def _untested(session: Session, project_id: str) -> list[Unfinished]:
    """Return models for prediction that have no finished test on recordings that they have not learned from."""
    tested = select(Evaluation.model_id).where(
        Evaluation.result.is_not(None), Evaluation.facts["external"].as_boolean()
    )
    rows = session.execute(
        select(Model.id, Model.name)
        .where(Model.project_id == project_id, Model.for_prediction, Model.id.not_in(tested))
        .order_by(Model.created_at.desc())
        .limit(_EACH)
    )
    return [Unfinished("untested", one, name, 0, 1) for one, name in rows]
