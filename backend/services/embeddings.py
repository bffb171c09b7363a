"""Embeddings: what a model that comes with the platform sees in an ECG, as a fixed number of numbers (CardX: 512)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sqlalchemy.orm import Session

from backend.ecg import recording as ecg
from backend.errors import UserError
from backend.services import predictions, recordings, shipped
from backend.storage import Storage

Embedding: TypeAlias = NDArray[np.float32]
USUAL = "cardx"
MOST = 1000  # stored recordings that are embedded at once


@dataclass(frozen=True, slots=True)
class Embedded:
    """The embedding of a recording (e,), or why there is none."""

    name: str  # of the file, or the id of a stored recording
    embedding: Embedding | None
    notes: Sequence[str] = ()
    error: str = ""


def embed(signal: ArrayLike, rate: float, model: str = USUAL) -> Embedding:
    """Return the embeddings (b, e) of ECGs (b, 12, n) in mV at `rate` Hz; leads as in `backend.ecg.leads.LEADS`.

    NaN marks missing samples. Only the first 10 s are looked at, and of each lead the shape, not the amplitude.
    Raises NotFoundError for an unknown model, PreprocessingError for what cannot be preprocessed.
    """
    return shipped.predictor(model).probabilities(signal, rate)


def embed_recording(recording: ecg.Recording, model: str = USUAL) -> Embedded:
    """Embed a recording that has just been read; what stands in the way is said in `error`."""
    try:
        answer = predictions.answer_recording(shipped.predictor(model), recording)
    except UserError as error:
        return Embedded(recording.name, None, error=str(error))
    return Embedded(recording.name, answer.outputs, [*answer.notes, *recording.notes])


def embed_stored(
    session: Session, storage: Storage, project_id: str, recording_ids: Sequence[str], model: str = USUAL
) -> list[Embedded]:
    """Embed stored recordings of a project, in the order in which they are named.

    Raises NotFoundError for an unknown model or recording; what stands in the way of one recording is said in `error`.
    """
    predictor = shipped.predictor(model)
    found: list[Embedded] = []
    for recording_id in recording_ids:
        row = recordings.get(session, project_id, recording_id)
        try:
            answer = predictions.answer_stored(predictor, storage, row)
        except UserError as error:
            found.append(Embedded(row.id, None, error=str(error)))
            continue
        found.append(Embedded(row.id, answer.outputs, answer.notes))
    return found
