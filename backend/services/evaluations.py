"""Evaluations: any model on a dataset of any project, as a job of the project in which it is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Dataset, Evaluation, Json, Model, Run
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.ml.spec import ModelSpec
from backend.services import datasets, evaluation_thresholds, jobs, model_library, models, projects
from backend.services.evaluation_cohort import Cohort, cohort, mapped_labels
from backend.services.evaluation_thresholds import ThresholdRule
from backend.services.person import current

_STATES: Final = {
    "queued": "it has not begun. Wait for it.",
    "running": "it is still going on. Wait for it.",
    "failed": "it failed. Start it again.",
    "cancelled": "it was cancelled. Start it again.",
    "done": "nothing was kept of it. Start it again.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a person chooses. `label_map` holds the label of the table for each label of the model that it knows."""

    include_seen: bool = False
    threshold_rule: ThresholdRule = "own"
    """Never from these recordings; see `backend.services.evaluation_thresholds`."""
    prevalence: Mapping[str, float] = field(default_factory=dict)
    """Label -> share of the people it will be used on who have it, for predictive values; else that of the dataset."""
    label_map: Mapping[str, str] = field(default_factory=dict)


def create(
    session: Session,
    project_id: str,
    model_id: str,
    dataset_id: str,
    settings: Settings | None = None,
    dataset_project_id: str | None = None,
) -> Evaluation:
    """Queue the evaluation of a model of any project on a dataset of this or another one.

    Raises NotFoundError, ConflictError for a model that cannot predict, and InvalidInputError where the table knows no
    label of the model, or no recording is left to evaluate; the message says why.
    """
    chosen = settings or Settings()
    model = model_library.usable(session, project_id, model_id)
    models.check_offered(model)
    other = projects.get(session, dataset_project_id or project_id)
    dataset = datasets.get(session, other.id, dataset_id)
    label_map = mapped_labels(ModelSpec.from_json(model.spec), dataset, chosen.label_map)
    _check_prevalence(chosen.prevalence, label_map)
    limits = evaluation_thresholds.of_model(model, chosen.threshold_rule)
    found = cohort(session, model, dataset, label_map, include_seen=chosen.include_seen)
    if not found.members:
        raise InvalidInputError(_nobody_left(dataset, found))
    job = jobs.create(session, project_id, "evaluations.evaluate", {})
    row = Evaluation(
        project_id=project_id,
        model_id=model.id,
        dataset_id=dataset.id,
        dataset_project_id=other.id,
        job_id=job.id,
        settings=asdict(chosen) | {"label_map": label_map},
        facts=_facts(session, model, dataset, other.name, found)
        | {"thresholds": list(limits), "threshold_told": evaluation_thresholds.told(model, chosen.threshold_rule)},
    )
    session.add(row)
    session.flush()
    job.payload = {"evaluation_id": row.id}
    return row


def get(session: Session, project_id: str, evaluation_id: str) -> Evaluation:
    """Return an evaluation of a project. Raises NotFoundError, also where its ECGs are none of whoever asks."""
    row = session.get(Evaluation, evaluation_id)
    if row is None or row.project_id != project_id or not _sees_recordings(row):
        raise NotFoundError(f"There is no evaluation {evaluation_id} in this project.")
    return row


def of_recordings(session: Session, project_id: str, evaluation_id: str) -> Evaluation:
    """Return an evaluation on recordings of a project, of a model of this or another one, that has ended well.

    Raises NotFoundError, also where it goes on, or the model's project is none of whoever asks.
    """
    row = session.get(Evaluation, evaluation_id)
    if row is None or project_id not in (row.project_id, row.dataset_project_id) or row.job.status != "done":
        raise NotFoundError(f"There is no evaluation {evaluation_id} on recordings of this project.")
    if not (current().sees(row.project_id) and _sees_recordings(row)):
        raise NotFoundError(f"There is no evaluation {evaluation_id} on recordings of this project.")
    return row


def list_evaluations(session: Session, project_id: str, model_id: str | None = None) -> Sequence[Evaluation]:
    """Return the evaluations of a project, or of one of its models, the newest first."""
    query = select(Evaluation).where(Evaluation.project_id == project_id).order_by(Evaluation.created_at.desc())
    rows = session.scalars(query if model_id is None else query.where(Evaluation.model_id == model_id))
    return [row for row in rows if _sees_recordings(row)]


def delete(session: Session, row: Evaluation) -> None:
    """Delete an evaluation that has ended. Raises ConflictError while it runs."""
    if row.job.status not in jobs.FINISHED:
        raise ConflictError("The evaluation is still going on. Cancel it first, then delete it.")
    session.delete(row.job)


def _sees_recordings(row: Evaluation) -> bool:
    """Say whether whoever asks may see the ECGs of an evaluation, which may be those of another project."""
    return row.dataset_project_id is None or current().sees(row.dataset_project_id)


def check_done(row: Evaluation) -> None:
    """Raise ConflictError for an evaluation that has no result: it is not done, failed or was cancelled."""
    if row.job.status != "done" or row.result is None:
        raise ConflictError(f"The evaluation has no result: {_STATES[row.job.status]}")


def conclude(row: Evaluation, result: Json) -> None:
    """Keep a result, and beside it the few numbers that a list of evaluations shows."""
    row.result = result
    scores = result["evaluation"]
    row.facts = row.facts | {
        "left_out": result["left_out"],
        "headline": {name: result[name] for name in ("n", "n_patients")}
        | {name: scores.get(name) for name in ("macro_auroc", "macro_f1", "macro_r2")},
    }


def settings_of(row: Evaluation) -> Settings:
    """Return what was chosen."""
    return Settings(**row.settings)


def cohort_of(session: Session, row: Evaluation) -> tuple[Dataset, Cohort]:
    """Return the dataset and whom the model is evaluated on. Raises ConflictError where the dataset is gone."""
    dataset = session.get(Dataset, row.dataset_id) if row.dataset_id else None
    if dataset is None:
        raise ConflictError("The dataset of this evaluation has been deleted. Evaluate on another one.")
    chosen = settings_of(row)
    return dataset, cohort(session, row.model, dataset, chosen.label_map, include_seen=chosen.include_seen)


def _facts(session: Session, model: Model, dataset: Dataset, project: str, found: Cohort) -> dict[str, object]:
    run = session.get(Run, model.run_id) if model.run_id else None
    return {
        "model": model.name,
        "dataset": dataset.name,
        "dataset_project": project,
        "external": found.n_seen == 0 and (run is None or run.dataset_id != dataset.id),
        "n_seen": found.n_seen,
        "n_not_known": found.n_not_known,
        "not_known_told": found.not_known_told,
        "left_out": [asdict(one) for one in found.left_out],
    }


def _check_prevalence(prevalence: Mapping[str, float], label_map: Mapping[str, str]) -> None:
    for label, share in prevalence.items():
        if label not in label_map:
            raise InvalidInputError(f"A prevalence is given for {label!r}, which is not evaluated.")
        if not 0 < share < 1:
            raise InvalidInputError(f"The prevalence of {label!r} should lie between 0 and 1, such as 0.02 for 2 %.")


def _nobody_left(dataset: Dataset, found: Cohort) -> str:
    reasons = " ".join(f"{one.n} left out: {one.why}" for one in found.left_out)
    advice = "Choose another dataset"
    if any(one.reason == "seen" for one in found.left_out):
        advice += ", or include recordings that the model has seen, which flatters it"
    return f"No recording of “{dataset.name}” is left to evaluate. {reasons or 'The table has no rows.'} {advice}."
