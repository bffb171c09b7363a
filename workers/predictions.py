"""Predicting many recordings, in batches that survive a crash."""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.db.tables import Json, Prediction, Recording
from backend.ecg.fingerprint import fingerprint
from backend.errors import ConflictError, NotFoundError, UserError
from backend.ml.inference.answers import check_leads, shares
from backend.ml.inference.decisions import decide
from backend.ml.inference.predictor import Predictor
from backend.ml.patient import encode
from backend.services import datasets, prediction_results, predictions, recordings
from backend.services.known_truth import against_dataset
from workers.lifecycle import RunningJob
from workers.prepare_many import prepared

BATCH = 32


def predict(job: RunningJob) -> Json:
    """Predict a dataset or a project; evaluate where its labels are known."""
    with job.read() as session:
        prediction = _asked_for(job, session)
        todo = predictions.recordings_to_predict(session, prediction)
        done, _, _ = predictions.summary(session, prediction)
        _, predictor = predictions.load_model(session, job.storage, job.project_id, prediction.model_id)
    total = done + len(todo)
    signals = prepared(job.storage, [row.signal_key for row in todo], predictor.spec.preprocessing)
    for start in range(0, len(todo), BATCH):
        batch = todo[start : start + BATCH]
        rows = [_row(predictor, recording, signal) for recording, signal in zip(batch, signals, strict=False)]
        prints = _missing_fingerprints(job, batch)
        with job.session() as session:
            predictions.add_results(session, _asked_for(job, session).id, rows)
            recordings.keep_fingerprints(session, prints)
        finished = done + start + len(rows)
        job.progress(finished / total, f"Predicted {finished} of {total} recordings")
    with job.session() as session:
        prediction = _asked_for(job, session)
        prediction.seen = prediction_results.count_seen(session, prediction)
        prediction.routes = prediction_results.routes_of(session, prediction)
        if prediction.dataset_id:
            entries, outputs, patients = predictions.known_truth(session, prediction)
            columns = datasets.get(session, job.project_id, prediction.dataset_id).labels
            prediction.evaluation = against_dataset(predictor.spec, entries, outputs, patients, columns)
    return {"prediction_id": prediction.id}


def _asked_for(job: RunningJob, session: Session) -> Prediction:
    try:
        return predictions.get(session, job.project_id, job.payload["prediction_id"])
    except NotFoundError:
        raise ConflictError(
            "The model was deleted while this prediction with it went on, and its results went too. Predict with "
            "another model."
        ) from None


def _missing_fingerprints(job: RunningJob, batch: Sequence[Recording]) -> dict[str, str]:
    """Return fingerprints of recordings that were imported before there were any, but for lost bytes."""
    found = {}
    for recording in batch:
        if recording.fingerprint is None:
            with suppress(UserError):
                found[recording.id] = fingerprint(recordings.signal(job.storage, recording), recording.rate)
    return {recording_id: print_ for recording_id, print_ in found.items() if print_}


def _row(predictor: Predictor, recording: Recording, signal: NDArray[np.float32] | str) -> Json:
    """Predict one recording; one that cannot be predicted says why and stops nobody.

    One at a time: what a person is told of a recording at once is then the same to the last digit.
    """
    row: Json = {"recording_id": recording.id, "probabilities": [], "predicted": [], "error": None, "routes": None}
    try:
        check_leads(recording.missing_leads)
        if isinstance(signal, str):
            return row | {"error": signal}
        outputs, routes = predictor.outputs(signal[None], encode(recording.age, recording.sex)[None])
    except UserError as error:
        return row | {"error": str(error)}
    probabilities = [round(float(value), 6) for value in outputs[0]]
    return row | {
        "probabilities": probabilities, "predicted": decide(predictor.spec, outputs[0]),
        "routes": None if routes is None else shares(routes[0]),
    }  # fmt: skip
