"""Predicting many recordings, in batches that survive a crash."""

import numpy as np

from backend.db.tables import Json, Recording
from backend.errors import UserError
from backend.ml.metrics import evaluate
from backend.ml.predict import Predictor
from backend.services import predictions
from workers.lifecycle import RunningJob

BATCH = 32


def predict(job: RunningJob) -> Json:
    """Predict a dataset or a project; evaluate where its labels are known."""
    with job.read() as session:
        prediction = predictions.get(session, job.project_id, job.payload["prediction_id"])
        todo = predictions.recordings_to_predict(session, prediction)
        done, _, _ = predictions.summary(session, prediction)
        _, predictor = predictions.load_model(session, job.storage, job.project_id, prediction.model_id)
    total = done + len(todo)
    for start in range(0, len(todo), BATCH):
        rows = [_row(job, predictor, recording) for recording in todo[start : start + BATCH]]
        with job.session() as session:
            predictions.add_results(session, prediction.id, rows)
        finished = done + start + len(rows)
        job.progress(finished / total, f"Predicted {finished} of {total} recordings")
    with job.session() as session:
        prediction = predictions.get(session, job.project_id, prediction.id)
        known = predictions.known_labels(session, prediction) if prediction.dataset_id else []
        spec = predictor.spec
        # A model of one label out of several can be scored only where exactly one of them is true.
        labelled = [item for item in known if spec.task == "multi_label" or len({*item[0]} & {*spec.labels}) == 1]
        if labelled:
            truth = np.array([[label in item[0] for label in spec.labels] for item in labelled], dtype=float)
            result = evaluate(
                truth, np.array([item[1] for item in labelled]), spec.labels, spec.task, spec.thresholds,
                [item[2] for item in labelled],
            )  # fmt: skip
            prediction.evaluation = result.to_dict()
    return {"prediction_id": prediction.id}


def _row(job: RunningJob, predictor: Predictor, recording: Recording) -> Json:
    """Predict one recording; one that cannot be predicted says why and stops nobody."""
    try:
        answer = predictions.answer_stored(predictor, job.storage, recording)
    except UserError as error:
        return {"recording_id": recording.id, "probabilities": [], "predicted": [], "error": str(error)}
    probabilities = [round(float(value), 6) for value in answer.probabilities]
    return {
        "recording_id": recording.id, "probabilities": probabilities, "predicted": answer.predicted, "error": None,
    }  # fmt: skip
