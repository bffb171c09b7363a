"""Drift checks: are the ECGs of a dataset like those that a model learned from? A job of the project."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import delete as delete_rows
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, object_session

from backend.counted import counted
from backend.db.tables import Dataset, DriftCheck, DriftCheckRow, Evaluation, Json, Model, Prediction, Recording, Run
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.ml.evaluation.drift.check import Checked, Labels
from backend.ml.evaluation.drift.profile import FEWEST
from backend.ml.spec import ModelSpec
from backend.services import cautions, datasets, examples, jobs, model_library, seen, training_profiles
from backend.services.cautions import Caution
from backend.services.evaluation_cohort import mapped_labels
from backend.services.examples import Example
from backend.services.training_profiles import Sample

MOST: Final = 5000  # patients that are measured
LISTED: Final = 500  # recordings that stick out and are kept
FOUND: Final = ("different", "very different")
_NOT_KNOWN: Final = (
    "It is not known what the ECGs were like that this model learned from: its package does not say it, and they are "
    f"not here (or fewer than {FEWEST} patients). Whether it fits these ECGs can only be told by evaluating it on some "
    "of them with known labels."
)


@dataclass(frozen=True, slots=True)
class ToMeasure:
    """What is to be measured: the ECGs that are checked, those of the training that are here, and labels of both."""

    samples: list[Sample]
    training: list[Sample]
    labels: tuple[Labels, Labels] | None
    profile: bytes | None


def create(session: Session, project_id: str, model_id: str, dataset_id: str) -> DriftCheck:
    """Queue a check of a model that may be used in the project on a dataset of it.

    Raises NotFoundError, InvalidInputError where no ECG is left to check, and ConflictError where nothing is known of
    the training; the message says what to do.
    """
    model = model_library.usable(session, project_id, model_id)
    dataset = datasets.get(session, project_id, dataset_id)
    new, left_out = _new(session, model, dataset)
    if not new:
        raise InvalidInputError(
            f"No ECG of “{dataset.name}” is left to check. {' '.join(one['why'] for one in left_out)} Choose another "
            "dataset."
        )
    if training_profiles.kept(model) is None and not _training(session, model):
        raise ConflictError(_NOT_KNOWN)
    job = jobs.create(session, project_id, "drift_checks.check", {})
    row = DriftCheck(
        project_id=project_id, model_id=model.id, dataset_id=dataset.id, job_id=job.id,
        facts={"model": model.name, "dataset": dataset.name, "left_out": left_out},
    )  # fmt: skip
    session.add(row)
    session.flush()
    job.payload = {"drift_check_id": row.id}
    return row


def get(session: Session, project_id: str, check_id: str) -> DriftCheck:
    """Return a check of a project. Raises NotFoundError."""
    row = session.get(DriftCheck, check_id)
    if row is None or row.project_id != project_id:
        raise NotFoundError(f"There is no drift check {check_id} in this project.")
    return row


def list_checks(session: Session, project_id: str, model_id: str | None = None) -> Sequence[DriftCheck]:
    """Return the checks of a project, or of one model, the newest first."""
    query = select(DriftCheck).where(DriftCheck.project_id == project_id).order_by(DriftCheck.created_at.desc())
    return session.scalars(query if model_id is None else query.where(DriftCheck.model_id == model_id)).all()


def delete(session: Session, row: DriftCheck) -> None:
    """Delete a check that has ended. Raises ConflictError while it runs."""
    if row.job.status not in jobs.FINISHED:
        raise ConflictError("The drift check is still going on. Cancel it first, then delete it.")
    session.delete(row.job)


def to_measure(session: Session, row: DriftCheck) -> ToMeasure:
    """Return what is to be measured. Raises ConflictError where the dataset is gone."""
    dataset = session.get(Dataset, row.dataset_id) if row.dataset_id else None
    if dataset is None:
        raise ConflictError("The dataset of this drift check has been deleted. Check another one.")
    new, _ = _new(session, row.model, dataset)
    samples = training_profiles.drawn([training_profiles.sample(one) for one in new], MOST)
    chosen = {one.recording_id for one in samples}
    labels = _labels(row.model, dataset, [one for one in new if one.recording_id in chosen])
    kept = training_profiles.kept(row.model)
    return ToMeasure(samples, _training(session, row.model), labels, None if kept is None else kept.to_bytes())


def conclude(session: Session, row: DriftCheck, found: Checked, samples: Sequence[Sample], left_out: Json) -> None:
    """Keep what a check found; `left_out` says why recordings could not be measured, and how many each reason has."""
    told = asdict(found)
    del told["odd"]
    row.result = told | {"n_odd": len(found.odd)}
    row.facts = row.facts | {
        "left_out": row.facts["left_out"] + [{"why": why, "n": n} for why, n in sorted(left_out.items())]
    }
    session.execute(delete_rows(DriftCheckRow).where(DriftCheckRow.check_id == row.id))
    ids = [samples[one.place].recording_id for one in found.odd[:LISTED]]
    there = set(session.scalars(select(Recording.id).where(Recording.id.in_(ids))))
    kept = [
        {"check_id": row.id, "recording_id": recording_id, "place": place, "distance": one.distance,
         "reasons": list(one.reasons)}
        for place, (one, recording_id) in enumerate(zip(found.odd, ids, strict=False))
        if recording_id in there
    ]  # fmt: skip
    if kept:
        session.execute(insert(DriftCheckRow), kept)


def odd(session: Session, row: DriftCheck, start: int, size: int) -> tuple[int, list[tuple[DriftCheckRow, Recording]]]:
    """Return how many recordings that stick out are still there, and one page of them, the oddest first."""
    mine = DriftCheckRow.check_id == row.id
    total = session.scalar(select(func.count()).select_from(DriftCheckRow).where(mine)) or 0
    rows = session.execute(
        select(DriftCheckRow, Recording)
        .join(Recording, Recording.id == DriftCheckRow.recording_id)
        .where(mine)
        .order_by(DriftCheckRow.place)
        .offset(start)
        .limit(size)
    ).all()
    return total, [(one, recording) for one, recording in rows]


def caution(used: Evaluation | Prediction) -> list[Caution]:
    """Say beside an evaluation or prediction what the newest check of its model and dataset has found, if anything."""
    session = object_session(used)
    if session is None or used.dataset_id is None:
        return []
    same = (
        DriftCheck.project_id == used.project_id, DriftCheck.model_id == used.model_id,
        DriftCheck.dataset_id == used.dataset_id,
    )  # fmt: skip
    rows = session.scalars(select(DriftCheck).where(*same).order_by(DriftCheck.created_at.desc()).limit(10))
    row = next((row for row in rows if row.result is not None), None)
    result: dict[str, Any] = (row.result if row else None) or {}
    if result.get("verdict") not in FOUND:
        return []
    much = "very different from" if result["verdict"] == "very different" else "different from"
    shown = " ".join(one["text"] for one in result["findings"][:3])
    return [cautions.Caution("drift", f"These ECGs are {much} those that the model learned from. {shown}")]


def _new(session: Session, model: Model, dataset: Dataset) -> tuple[list[Example], list[Json]]:
    """Return the recordings that the model has not learned from, and who is left out."""
    rows = examples.load(session, dataset)
    complete = [one for one in rows if not one.missing_leads]
    ids = [one.recording_id for one in complete]
    known = seen.seen_by(session, model, dataset.project_id, ids)
    new = [one for one in complete if known[one.recording_id].status not in seen.LEARNT_FROM]
    said = []
    if n := len(rows) - len(complete):
        said.append({"why": f"{counted(n, 'recording lacks', 'recordings lack')} leads.", "n": n})
    if n := len(complete) - len(new):
        said.append(
            {"why": f"The model has learned from {counted(n, 'recording')}, or others of their patients.", "n": n}
        )
    return new, said


def _training(session: Session, model: Model) -> list[Sample]:
    run = session.get(Run, model.run_id) if model.run_id else None
    return [] if run is None else training_profiles.training_samples(session, run)


def _labels(model: Model, dataset: Dataset, rows: Sequence[Example]) -> tuple[Labels, Labels] | None:
    """Return how often each label occurs in the training and in `rows`; None where one of them is not known."""
    card = model.manifest.get("training_data") or {}
    part = (card.get("counts") or {}).get("train")
    spec = ModelSpec.from_json(model.spec)
    if not part or spec.task == "regression":
        return None
    try:
        label_map = mapped_labels(spec, dataset, {})
    except InvalidInputError:  # the table knows none of them
        return None
    told = {label: part["labels"][label] for label in label_map if label in part["labels"]}
    here = [(label, sum(label_map[label] in one.labels for one in rows), len(rows)) for label in told]
    return [(label, n, part["n"]) for label, n in told.items()], here
