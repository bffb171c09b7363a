"""Predictions: one recording at once, or a dataset as a job; results as rows and as CSV."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import chain
from typing import Any

from sqlalchemy import String, cast, func, insert, select
from sqlalchemy import delete as sql_delete
from sqlalchemy.orm import Session

from backend.db.tables import DatasetEntry, Json, Model, Prediction, PredictionResult, Recording
from backend.ecg import recording as ecg
from backend.ecg.fingerprint import fingerprint
from backend.ecg.readers import Refusal
from backend.ecg.signal_file import encode_signal
from backend.errors import ConflictError, InvalidInputError, NotFoundError, UserError
from backend.ml.data.seen_list import Identity
from backend.ml.inference.answers import Answer, answer
from backend.ml.inference.predictor import Predictor
from backend.ml.patient import encode
from backend.pseudonym import kept_age
from backend.services import datasets, ingest, jobs, model_library, models, patients, recordings
from backend.services.kept_figures import figures
from backend.storage import Storage


def answer_recording(predictor: Predictor, recording: ecg.Recording) -> Answer:
    """Apply a model to a recording that has just been read."""
    # The age is that of a stored recording, so that both get the same answer.
    patient = encode(kept_age(recording.patient.age), recording.patient.sex)
    return answer(predictor, recording.signal, recording.rate, recording.unit, recording.missing, patient)


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """What a model says of one recording of a file, or why it says nothing: exactly one of the two is None."""

    file_name: str
    answer: Answer | None = None
    error: str | None = None
    identity: Identity | None = None  # by which it is found among what the model has seen


def predict_files(
    predictor: Predictor, batches: Iterable[Sequence[ingest.ReadSet | Refusal]], project_id: str = ""
) -> Iterator[FileAnswer]:
    """Yield an answer for each recording of files that have been read, and for each file that could not be.

    Nothing is stored. Patients are known again by the pseudonyms of a project, if one is given. The notes of an
    answer hold those of its recording too; one bad file stops nobody.
    """
    for result in chain.from_iterable(batches):
        if not isinstance(result, ingest.ReadSet):
            yield FileAnswer(result.name, error=str(result.error))
            continue
        if result.error:
            yield FileAnswer(result.files.name, error=result.error)
        for recording in result.recordings:
            try:
                given = answer_recording(predictor, recording)
            except UserError as error:
                yield FileAnswer(recording.name, error=str(error))
            else:
                notes = [*given.notes, *recording.notes]
                yield FileAnswer(recording.name, replace(given, notes=notes), identity=_identity(recording, project_id))


def _identity(recording: ecg.Recording, project_id: str) -> Identity:
    known = patients.columns_of(project_id, recording.patient.id if project_id else None)
    patient, alike = known["patient_id"], known["patient_alike"]
    key = sha256(encode_signal(recording)).hexdigest()
    print_ = fingerprint(recording.signal, recording.rate)
    return Identity(f"not stored {key}", key, print_, (patient,) if patient else (), (alike,) if alike else ())


def answer_stored(predictor: Predictor, storage: Storage, row: Recording) -> Answer:
    """Apply a model to a stored recording."""
    signal = recordings.signal(storage, row)
    return answer(predictor, signal, row.rate, row.unit, row.missing_leads, encode(row.age, row.sex))


def create(session: Session, project_id: str, model_id: str, dataset_id: str | None) -> Prediction:
    """Queue the prediction of a dataset, or of all recordings of the project, with any model of the installation."""
    model = model_library.usable(session, project_id, model_id)
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


def check_complete(prediction: Prediction, partial: bool) -> None:
    """Raise ConflictError for a prediction that is not done, unless somebody asks for a part of its results."""
    job = prediction.job
    if job.status == "done" or partial:
        return
    state = {
        "queued": "has not begun",
        "running": f"is still going on ({job.progress:.0%})",
        "failed": "failed",
        "cancelled": "was cancelled",
    }
    raise ConflictError(
        f"The prediction {state[job.status]}, so not every recording has a result. Ask for partial=true to get those "
        "there are."
    )


def recordings_to_predict(session: Session, prediction: Prediction) -> Sequence[Recording]:
    """Return the recordings that have no result yet, in a fixed order."""
    done = select(PredictionResult.recording_id).where(PredictionResult.prediction_id == prediction.id)
    statement = _recordings(prediction.project_id, prediction.dataset_id).where(Recording.id.not_in(done))
    return session.scalars(statement.order_by(Recording.file_name, Recording.index, Recording.id)).all()


def add_results(session: Session, prediction_id: str, rows: Sequence[Json]) -> None:
    """Store results: dicts of recording_id, probabilities, predicted, error, routes. Again is the same as once.

    What has been deleted since it was read gets none.
    """
    wanted = select(Recording.id).where(Recording.id.in_([row["recording_id"] for row in rows]))
    ids = set(session.scalars(wanted.with_for_update(read=True, key_share=True)))
    rows = [row for row in rows if row["recording_id"] in ids]
    session.execute(
        sql_delete(PredictionResult).where(
            PredictionResult.prediction_id == prediction_id, PredictionResult.recording_id.in_(ids)
        )
    )
    if rows:
        session.execute(insert(PredictionResult), [{"prediction_id": prediction_id} | row for row in rows])


def known_truth(
    session: Session, prediction: Prediction
) -> tuple[list[DatasetEntry], list[list[float]], list[str | None]]:
    """Return the rows of the dataset, the outputs of the model and the patients of all results it has a row for."""
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
    entries, outputs, patients = [], [], []
    for entry, output, patient, own in rows:
        entries.append(entry)
        outputs.append(output)
        patients.append(patient or own)
    return entries, outputs, patients


@dataclass(frozen=True, slots=True)
class Summary:
    """How many results a prediction has, how many of them errors, and how often each label was predicted."""

    n: int
    n_errors: int
    counts: dict[str, int]


def summary(session: Session, prediction: Prediction) -> tuple[int, int, dict[str, int]]:
    """Return how many results there are, how many of them errors, and how often each label was predicted."""
    text = cast(PredictionResult.predicted, String)
    alike = select(text.label("text"), PredictionResult.error).where(PredictionResult.prediction_id == prediction.id)
    each = alike.subquery()
    rows = session.execute(select(each.c.text, func.count(), func.count(each.c.error)).group_by(each.c.text)).all()
    counts: Counter[str] = Counter()
    for as_json, n, _ in rows:
        for label in json.loads(as_json):
            counts[label] += n
    order = {label: counts[label] for label in prediction.model.spec["labels"]}
    return sum(n for _, n, _ in rows), sum(n for _, _, n in rows), order


def kept_summary(session: Session, prediction: Prediction) -> tuple[int, int, dict[str, int]]:
    """Return the summary; that of a large project as it was counted a while ago, once the prediction has ended."""
    if prediction.job.status not in jobs.FINISHED:
        return summary(session, prediction)

    def count(session: Session) -> Summary:
        return Summary(*summary(session, session.get_one(Prediction, prediction.id)))

    found, _ = figures(session, prediction.project_id, f"summary of {prediction.id}", Summary, count)
    return found.n, found.n_errors, found.counts


def load_model(session: Session, storage: Storage, project_id: str, model_id: str) -> tuple[Model, Predictor]:
    """Return a model that may be used in the project, and its predictor."""
    model = model_library.usable(session, project_id, model_id)
    return model, models.predictor(storage, model)


def _recordings(project_id: str, dataset_id: str | None) -> Any:
    statement = select(Recording).where(Recording.project_id == project_id)
    if dataset_id is None:
        return statement
    members = select(DatasetEntry.recording_id).where(
        DatasetEntry.dataset_id == dataset_id, DatasetEntry.recording_id.is_not(None)
    )
    return statement.where(Recording.id.in_(members))
