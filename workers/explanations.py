"""Explaining what a model looked at in one recording: maps with their controls, and the training ECGs nearest to it."""

from functools import partial

import numpy as np
from sqlalchemy.orm import Session

from backend.db.tables import Explanation, Json
from backend.errors import ConflictError, NotFoundError, UserError
from backend.ml.explanations.explained import WAYS, Explained, Gradients, or_reason
from backend.ml.explanations.explained import explain as make
from backend.ml.explanations.nearest import nearest
from backend.ml.patient import encode
from backend.ml.spec import ModelSpec
from backend.services import embeddings, explanations, models, predictions, recordings
from workers.lifecycle import RunningJob

_OF_MAPS = 0.9  # of the work, where the nearest ECGs are asked for too
_BATCH = 16


def explain(job: RunningJob) -> Json:
    """Make the maps that were asked for, and keep them."""
    with job.read() as session:
        row = _asked_for(job, session)
        recording, ways, label = row.recording, row.ways, row.label
        model, predictor = predictions.load_model(session, job.storage, job.project_id, row.model_id)
        onnx = job.storage.checked_path(model.onnx_key).read_bytes()
        weights = models.weights_path(job.storage, model).read_bytes() if model.weights_key else None
        signal = recordings.signal(job.storage, recording)
        patient = encode(recording.age, recording.sex)
    near = "nearest" in ways
    job.progress(0.0, "Comparing the network with networks of random weights", always=True)

    def step(share: float) -> None:
        job.progress((_OF_MAPS if near else 1) * share, "Comparing the network with networks of random weights")

    found: Explained = make(
        predictor, onnx, signal, recording.rate, label=label, ways=[way for way in WAYS if way in ways],
        patient=patient, gradients=or_reason(partial(_gradients, predictor.spec, weights)), on_step=step,
    )  # fmt: skip
    nearby = _nearest(job, found.label) if near else None
    with job.session() as session:
        explanations.conclude(_asked_for(job, session), found, nearby)
    return {"explanation_id": row.id}


def _asked_for(job: RunningJob, session: Session) -> Explanation:
    try:
        return explanations.get(session, job.project_id, job.payload["explanation_id"])
    except NotFoundError:
        raise ConflictError(
            "The model or the recording was deleted while it was being explained, and the explanation went too."
        ) from None


def _gradients(spec: ModelSpec, weights: bytes | None) -> Gradients:
    from backend.ml.explanations.gradients import of_weights  # torch, which is loaded where it is asked for

    return of_weights(spec, weights)


def _nearest(job: RunningJob, label: str) -> Json:
    """Return the training ECGs of the project that are most like the recording, by the embedding of CardX."""
    with job.read() as session:
        row = _asked_for(job, session)
        ids, n_trained = explanations.trained_on(session, row.model, row.recording)
        if not ids:
            return {"why_not": explanations.NOT_OFFERED, "recordings": []}
        (own,) = embeddings.embed_stored(session, job.storage, job.project_id, [row.recording_id])
        if own.embedding is None:
            return {"why_not": own.error, "recordings": []}
        share = explanations.share_of(session, row, ids, label)
    kept: list[str] = []
    found = []
    for start in range(0, len(ids), _BATCH):
        job.progress(_OF_MAPS + (1 - _OF_MAPS) * start / len(ids), f"Embedded {start} of {len(ids)} training ECGs")
        for recording_id in ids[start : start + _BATCH]:
            try:
                with job.read() as session:
                    (one,) = embeddings.embed_stored(session, job.storage, job.project_id, [recording_id])
            except UserError:  # deleted meanwhile, or its bytes are lost
                continue
            if one.embedding is not None:
                kept.append(recording_id)
                found.append(one.embedding)
    near = nearest(own.embedding, np.stack(found), explanations.SHOWN) if found else []
    return {
        "recordings": [{"recording_id": kept[one.place], "similarity": round(one.similarity, 4)} for one in near],
        "n_compared": len(kept), "n_trained": n_trained, "share_with_label": share,
    }  # fmt: skip
