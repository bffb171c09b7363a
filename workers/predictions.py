"""Predicting many recordings, in batches that survive a crash."""

from collections.abc import Sequence

import numpy as np

from backend.db.tables import DatasetEntry, Json, Recording
from backend.errors import UserError
from backend.ml.metrics import evaluate
from backend.ml.predict import Predictor
from backend.ml.regression import evaluate_regression
from backend.ml.spec import ModelSpec
from backend.services import datasets, predictions
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
        known = predictions.known_truth(session, prediction) if prediction.dataset_id else []
        columns = datasets.get(session, job.project_id, prediction.dataset_id).labels if prediction.dataset_id else []
        prediction.evaluation = _evaluation(predictor.spec, known, columns)
    return {"prediction_id": prediction.id}


def _evaluation(
    spec: ModelSpec, known: Sequence[tuple[DatasetEntry, list[float], str | None]], columns: Sequence[str]
) -> Json | None:
    """Return how well outputs fit what the dataset, with these label columns, knows; None where it knows nothing."""
    if spec.task == "regression":
        places = [columns.index(label) if label in columns else None for label in spec.labels]
        usable = [item for item in known if item[0].values]
        values = [[None if place is None else entry.values[place] for place in places] for entry, _, _ in usable]
        truth = np.array(values, np.float64).reshape(-1, len(places))
        if np.isnan(truth).all():
            return None
        outputs = np.array([item[1] for item in usable])
        return evaluate_regression(truth, outputs, spec.labels, [item[2] for item in usable]).to_dict()
    # A model of one label out of several can be scored only where exactly one of them is true.
    usable = [
        item for item in known
        if not item[0].values and (spec.task == "multi_label" or len({*item[0].labels} & {*spec.labels}) == 1)
    ]  # fmt: skip
    if not usable:
        return None
    truth = np.array([[label in item[0].labels for label in spec.labels] for item in usable], dtype=float)
    outputs = np.array([item[1] for item in usable])
    return evaluate(truth, outputs, spec.labels, spec.task, spec.thresholds, [item[2] for item in usable]).to_dict()


def _row(job: RunningJob, predictor: Predictor, recording: Recording) -> Json:
    """Predict one recording; one that cannot be predicted says why and stops nobody."""
    try:
        answer = predictions.answer_stored(predictor, job.storage, recording)
    except UserError as error:
        return {"recording_id": recording.id, "probabilities": [], "predicted": [], "error": str(error)}
    outputs = [round(float(value), 6) for value in answer.outputs]
    return {
        "recording_id": recording.id, "probabilities": outputs, "predicted": answer.predicted, "error": None,
    }  # fmt: skip
