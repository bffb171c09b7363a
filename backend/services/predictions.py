"""Predictions: one recording at once, or a dataset as a job; results as rows and as CSV."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete as sql_delete
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from backend.db.tables import DatasetEntry, Json, Model, Prediction, PredictionResult, Recording
from backend.ecg import recording as ecg
from backend.ecg.errors import MissingLeadsError
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.ml.patient import encode
from backend.ml.predict import Predictor
from backend.ml.spec import ModelSpec
from backend.pseudonym import kept_age
from backend.services import datasets, jobs, models, recordings
from backend.services.csv_line import csv_line
from backend.storage import Storage


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says of one recording: a probability, or for a regression a value, for each label."""

    outputs: NDArray[np.float32]  # (L,)
    predicted: list[str]
    notes: list[str]


def answer(
    predictor: Predictor,
    signal: NDArray[np.float32],
    rate: float,
    unit: str,
    missing: Sequence[str] = (),
    patient: NDArray[np.float32] | None = None,
) -> Answer:
    """Apply a model to one recording: signal (12, n) in mV at `rate` Hz, or without scale where `unit` says so.

    `patient` (4,), see `backend.ml.patient`, is for models that look at age and sex.
    Raises MissingLeadsError for a partial recording, of which `missing` names the leads that are not there.
    """
    if missing:
        raise MissingLeadsError(
            f"The recording lacks leads {', '.join(missing)}; a model needs all twelve. Partial recordings can only be "
            "looked at: export the recording with all its leads."
        )
    spec = predictor.spec
    outputs = predictor.probabilities(signal[None], rate, None if patient is None else patient[None])[0]
    notes = _notes(spec, signal, rate, unit)
    if spec.takes_patient and (patient is None or not patient.any()):
        notes.append("The model also looks at age and sex, which this recording does not say.")
    return Answer(outputs, decide(spec, outputs), notes)


def answer_recording(predictor: Predictor, recording: ecg.Recording) -> Answer:
    """Apply a model to a recording that has just been read."""
    # The age is that of a stored recording, so that both get the same answer.
    patient = encode(kept_age(recording.patient.age), recording.patient.sex)
    return answer(predictor, recording.signal, recording.rate, recording.unit, recording.missing, patient)


def answer_stored(predictor: Predictor, storage: Storage, row: Recording) -> Answer:
    """Apply a model to a stored recording."""
    signal = recordings.signal(storage, row)
    return answer(predictor, signal, row.rate, row.unit, row.missing_leads, encode(row.age, row.sex))


def decide(spec: ModelSpec, probabilities: NDArray[np.floating]) -> list[str]:
    """Return the predicted labels: the most probable one, or each that reaches its threshold; none of a regression."""
    if spec.task == "regression":
        return []
    if spec.task == "single_label":
        return [spec.labels[int(np.argmax(probabilities))]]
    chosen = probabilities >= np.asarray(spec.thresholds)
    return [label for label, yes in zip(spec.labels, chosen, strict=True) if yes]


def create(session: Session, project_id: str, model_id: str, dataset_id: str | None) -> Prediction:
    """Queue the prediction of a dataset, or of all recordings of the project."""
    model = models.get(session, project_id, model_id)
    models.check_offered(model)
    if dataset_id is not None:
        datasets.get(session, project_id, dataset_id)
    if session.scalar(select(func.count()).select_from(_recordings(project_id, dataset_id).subquery())) == 0:
        raise InvalidInputError("There is no recording to predict. Upload recordings first.")
    job = jobs.create(session, project_id, "predictions.predict", {})
    prediction = Prediction(project_id=project_id, model_id=model.id, dataset_id=dataset_id, job_id=job.id)
    session.add(prediction)
    session.flush()
    job.payload = {"prediction_id": prediction.id}
    return prediction


def get(session: Session, project_id: str, prediction_id: str) -> Prediction:
    """Return a prediction of a project. Raises NotFoundError."""
    prediction = session.get(Prediction, prediction_id)
    if prediction is None or prediction.project_id != project_id:
        raise NotFoundError(f"There is no prediction {prediction_id} in this project.")
    return prediction


def list_predictions(session: Session, project_id: str) -> Sequence[Prediction]:
    """Return the predictions of a project, the newest first."""
    return session.scalars(
        select(Prediction).where(Prediction.project_id == project_id).order_by(Prediction.created_at.desc())
    ).all()


def delete(session: Session, prediction: Prediction) -> None:
    """Delete a prediction that has ended. Raises ConflictError while it runs."""
    if prediction.job.status not in jobs.FINISHED:
        raise ConflictError("The prediction is still going on. Cancel it first, then delete it.")
    session.delete(prediction.job)


def recordings_to_predict(session: Session, prediction: Prediction) -> Sequence[Recording]:
    """Return the recordings that have no result yet, in a fixed order."""
    done = select(PredictionResult.recording_id).where(PredictionResult.prediction_id == prediction.id)
    statement = _recordings(prediction.project_id, prediction.dataset_id).where(Recording.id.not_in(done))
    return session.scalars(statement.order_by(Recording.file_name, Recording.index, Recording.id)).all()


def add_results(session: Session, prediction_id: str, rows: Sequence[Json]) -> None:
    """Store results: dicts of recording_id, probabilities, predicted, error. Again is the same as once."""
    ids = [row["recording_id"] for row in rows]
    session.execute(
        sql_delete(PredictionResult).where(
            PredictionResult.prediction_id == prediction_id, PredictionResult.recording_id.in_(ids)
        )
    )
    session.execute(insert(PredictionResult), [{"prediction_id": prediction_id} | row for row in rows])


def known_truth(session: Session, prediction: Prediction) -> list[tuple[DatasetEntry, list[float], str | None]]:
    """Return (row of the dataset, outputs of the model, patient) of each result that the dataset knows."""
    rows = session.execute(
        select(DatasetEntry, PredictionResult.probabilities, DatasetEntry.patient_id, Recording.patient_id)
        .join(Recording, Recording.id == DatasetEntry.recording_id)
        .join(PredictionResult, PredictionResult.recording_id == Recording.id)
        .where(
            DatasetEntry.dataset_id == prediction.dataset_id,
            PredictionResult.prediction_id == prediction.id,
            PredictionResult.error.is_(None),
        )
    )
    return [(entry, outputs, patient or own) for entry, outputs, patient, own in rows]


def summary(session: Session, prediction: Prediction) -> tuple[int, int, dict[str, int]]:
    """Return how many results there are, how many of them errors, and how often each label was predicted."""
    rows = session.execute(
        select(PredictionResult.predicted, PredictionResult.error).where(
            PredictionResult.prediction_id == prediction.id
        )
    ).all()
    counts = Counter(label for row in rows for label in row.predicted)
    order = {label: counts[label] for label in prediction.model.spec["labels"]}
    return len(rows), sum(row.error is not None for row in rows), order


def results(
    session: Session, prediction: Prediction, page: int, size: int
) -> tuple[Sequence[tuple[PredictionResult, Recording]], int]:
    """Return one page of results with their recordings, and how many results there are."""
    statement = _results(prediction.id)
    total = session.scalar(
        select(func.count()).select_from(PredictionResult).where(PredictionResult.prediction_id == prediction.id)
    )
    rows = session.execute(statement.limit(size).offset((page - 1) * size))
    return [(result, recording) for result, recording in rows], total or 0


def to_csv(session: Session, prediction: Prediction) -> Iterator[str]:
    """Yield the results as CSV, a header first: file_name, predicted, a probability or a value a label, error."""
    labels = prediction.model.spec["labels"]
    kind = "value" if prediction.model.spec["task"] == "regression" else "probability"
    yield csv_line(["file_name", "recording", "predicted", *[f"{kind}_{label}" for label in labels], "error"])
    for result, recording in session.execute(_results(prediction.id).execution_options(yield_per=500)):
        numbers = [f"{value:.6f}" for value in result.probabilities] or [""] * len(labels)
        yield csv_line([recording.file_name, recording.name, ";".join(result.predicted), *numbers, result.error or ""])


def load_model(session: Session, storage: Storage, project_id: str, model_id: str) -> tuple[Model, Predictor]:
    """Return a model of the project and its predictor."""
    model = models.get(session, project_id, model_id)
    return model, models.predictor(storage, model)


def _recordings(project_id: str, dataset_id: str | None) -> Any:
    statement = select(Recording).where(Recording.project_id == project_id)
    if dataset_id is None:
        return statement
    members = select(DatasetEntry.recording_id).where(
        DatasetEntry.dataset_id == dataset_id, DatasetEntry.recording_id.is_not(None)
    )
    return statement.where(Recording.id.in_(members))


def _results(prediction_id: str) -> Any:
    return (
        select(PredictionResult, Recording)
        .join(Recording, Recording.id == PredictionResult.recording_id)
        .where(PredictionResult.prediction_id == prediction_id)
        .order_by(Recording.file_name, Recording.index, Recording.id)
    )


def _notes(spec: ModelSpec, signal: NDArray[np.float32], rate: float, unit: str) -> list[str]:
    notes = []
    p = spec.preprocessing
    seconds = signal.shape[1] / rate
    if seconds > p.window_s * 1.001:
        where = {"start": "first", "centre": "middle", "end": "last"}[p.long]
        notes.append(f"The recording lasts {seconds:g} s; the model looked at the {where} {p.window_s:g} s.")
    elif seconds < p.window_s * 0.999:
        notes.append(f"The recording lasts {seconds:g} s; it was padded to {p.window_s:g} s. Take care.")
    if unit != "mV" and p.standardise == "none":
        notes.append("The recording has no mV scale, but the model needs one: the result may be meaningless.")
    if np.isnan(signal.min()):
        notes.append(f"{np.isnan(signal).mean():.1%} of the samples are missing.")
    return notes
