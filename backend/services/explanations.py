"""Explanations: what a model looked at in a recording; asked for, kept, shown with the ECGs that are like it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Explanation, Json, Model, Recording
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.ml.explanations import explained
from backend.ml.explanations.explained import Explained
from backend.ml.inference.answers import check_leads
from backend.ml.spec import ModelSpec
from backend.services import jobs, model_library, models, prediction_results, recordings, seen

Way: TypeAlias = Literal["occlusion", "gradients", "weights", "nearest"]
WAYS: Final[tuple[Way, ...]] = get_args(Way)
MOST_NEIGHBOURS: Final = 1000  # training ECGs of the project that are embedded for one explanation
SHOWN: Final = 5
NOT_OFFERED: Final = "None of the ECGs that the model was trained on is in this project."


def create(
    session: Session,
    project_id: str,
    model_id: str,
    recording_id: str,
    label: str | None = None,
    ways: Collection[Way] | None = None,
) -> Explanation:
    """Queue an explanation of what a model of the installation says of a recording of the project.

    `label` is one of the model's, or None for the one that it tells; `ways` of looking are all by default.
    Raises NotFoundError, SettingError for an unknown label, MissingLeadsError for a partial recording, ConflictError
    for a model that is not offered for predictions.
    """
    model = model_library.usable(session, project_id, model_id)
    models.check_offered(model)
    recording = recordings.get(session, project_id, recording_id)
    check_leads(recording.missing_leads)
    explained.check_label(ModelSpec.from_json(model.spec), label)
    chosen = WAYS if ways is None else [way for way in WAYS if way in ways]
    if not chosen:
        raise InvalidInputError(f"Ask for at least one way of looking: {', '.join(WAYS)}.")
    job = jobs.create(session, project_id, "explanations.explain", {})
    row = Explanation(
        project_id=project_id, model_id=model.id, recording_id=recording.id, job_id=job.id, label=label,
        ways=list(chosen),
    )  # fmt: skip
    session.add(row)
    session.flush()
    job.payload = {"explanation_id": row.id}
    return row


def get(session: Session, project_id: str, explanation_id: str) -> Explanation:
    """Return an explanation of a project. Raises NotFoundError."""
    row = session.get(Explanation, explanation_id)
    if row is None or row.project_id != project_id:
        raise NotFoundError(f"There is no explanation {explanation_id} in this project.")
    return row


def list_explanations(
    session: Session, project_id: str, limit: int, start: int = 0, recording_id: str | None = None
) -> Sequence[Explanation]:
    """Return explanations of a project, or of one of its recordings, the newest first, from place `start` on."""
    query = select(Explanation).where(Explanation.project_id == project_id)
    if recording_id is not None:
        query = query.where(Explanation.recording_id == recording_id)
    newest = query.order_by(Explanation.created_at.desc(), Explanation.id)
    return session.scalars(newest.limit(limit).offset(start)).all()


def count(session: Session, project_id: str, recording_id: str | None = None) -> int:
    """Return how many explanations a project, or one of its recordings, has."""
    query = select(Explanation.id).where(Explanation.project_id == project_id)
    if recording_id is not None:
        query = query.where(Explanation.recording_id == recording_id)
    return len(session.scalars(query).all())


def delete(session: Session, row: Explanation) -> None:
    """Delete an explanation that has ended. Raises ConflictError while it goes on."""
    if row.job.status not in jobs.FINISHED:
        raise ConflictError("The explanation is still being made. Cancel its job first, then delete it.")
    session.delete(row.job)


def conclude(row: Explanation, found: Explained, nearest: Json | None) -> None:
    """Keep what was found."""
    row.result = found.to_dict() | {"nearest": nearest}


def trained_on(session: Session, model: Model, recording: Recording) -> tuple[list[str], int]:
    """Return the recordings of the project that the model was trained on, and how many there are in all.

    At most MOST_NEIGHBOURS of them, evenly taken; the recording itself is left out. Only those of the recording's own
    project: whoever may see it may see them.
    """
    wanted = select(Recording.id).where(Recording.project_id == recording.project_id, Recording.id != recording.id)
    ids = sorted(session.scalars(wanted).all())
    said = seen.seen_by(session, model, recording.project_id, ids)
    known = [one for one in ids if said[one].status == "training" and said[one].how != "patient"]
    step = max(1, -(-len(known) // MOST_NEIGHBOURS))
    return known[::step], len(known)


def share_of(session: Session, row: Explanation, ids: Sequence[str], label: str) -> float | None:
    """Return the share of recordings with a label among those whose labels are known; None where none are."""
    known = prediction_results.known_labels(session, row.project_id, None, row.model.spec["task"], ids)
    return sum(label in one for one in known.values()) / len(known) if known else None


def neighbours(session: Session, row: Explanation) -> list[Mapping[str, Any]]:
    """Return the nearest training ECGs that are still there: id, file name, known labels, similarity."""
    found = ((row.result or {}).get("nearest") or {}).get("recordings", [])
    ids = [one["recording_id"] for one in found if "recording_id" in one]
    there = select(Recording.id, Recording.file_name).where(
        Recording.project_id == row.project_id, Recording.id.in_(ids)
    )
    names = {row.id: row.file_name for row in session.execute(there)}
    known = prediction_results.known_labels(session, row.project_id, None, row.model.spec["task"], ids)
    return [
        {"recording_id": one["recording_id"], "file_name": names[one["recording_id"]],
         "known": known.get(one["recording_id"]), "similarity": one["similarity"]}
        for one in found if one.get("recording_id") in names
    ]  # fmt: skip
