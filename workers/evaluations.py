"""Evaluating a model on a dataset, in batches that survive a crash."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.db.tables import Evaluation, Json
from backend.errors import ConflictError, NotFoundError, UserError
from backend.ml.inference.predictor import Predictor, to_outputs
from backend.ml.patient import encode
from backend.services import evaluation_results, evaluation_rows, evaluations, predictions
from backend.services.evaluation_cohort import Member, NotEvaluated
from workers.lifecycle import RunningJob
from workers.prepare_many import prepared

BATCH = 64  # recordings of a unit of work


def evaluate(job: RunningJob) -> Json:
    """Predict whom the dataset knows, then measure how well that fits."""
    with job.read() as session:
        row = _asked_for(job, session)
        _, cohort = evaluations.cohort_of(session, row)
        done = evaluation_rows.done(session, row.id)
        _, predictor = predictions.load_model(session, job.storage, job.project_id, row.model_id)
    todo = [member for member in cohort.members if member.example.recording_id not in done]
    finished = len(cohort.members) - len(todo)
    for rows in _rows(job, predictor, todo):
        with job.session() as session:
            evaluation_rows.add(session, _asked_for(job, session).id, rows)
        finished += len(rows)
        job.progress(0.95 * finished / len(cohort.members), f"Predicted {finished} of {len(cohort.members)} recordings")
    with job.read() as session:
        row = _asked_for(job, session)
        failed = [NotEvaluated("not_predicted", why, n) for why, n in evaluation_rows.errors(session, row.id)]
        result = evaluation_results.measure(session, row, [*cohort.left_out, *failed])
    with job.session() as session:
        evaluations.conclude(_asked_for(job, session), result)
    return {"evaluation_id": row.id}


def _asked_for(job: RunningJob, session: Session) -> Evaluation:
    try:
        return evaluations.get(session, job.project_id, job.payload["evaluation_id"])
    except NotFoundError:
        raise ConflictError(
            "The model was deleted while it was being evaluated, and the evaluation went too. Evaluate another model."
        ) from None


def _rows(job: RunningJob, predictor: Predictor, members: Sequence[Member]) -> Iterator[list[Json]]:
    """Yield rows, BATCH at a time. A recording that cannot be predicted says why and stops nobody."""
    keys = [member.example.signal_key for member in members]
    signals = prepared(job.storage, keys, predictor.spec.preprocessing)
    for start in range(0, len(members), BATCH):
        some = members[start : start + BATCH]
        answers = [answer for _, answer in zip(some, signals, strict=False)]
        yield _predicted(predictor, some, answers)


def _predicted(
    predictor: Predictor, members: Sequence[Member], signals: Sequence[NDArray[np.float32] | str]
) -> list[Json]:
    rows = [
        {
            "recording_id": member.example.recording_id, "outputs": [], "truth": list(member.truth),
            "patient_id": member.example.patient_id, "seen": member.seen,
            "error": signal if isinstance(signal, str) else None,
        }
        for member, signal in zip(members, signals, strict=True)
    ]  # fmt: skip
    sound = [place for place, signal in enumerate(signals) if not isinstance(signal, str)]
    if not sound:
        return rows
    x = np.stack([signal for signal in signals if not isinstance(signal, str)])
    patients = np.stack([encode(members[place].example.age, members[place].example.sex) for place in sound])
    try:
        logits = predictor.logits(x, patients)
    except UserError as problem:
        for place in sound:
            rows[place]["error"] = str(problem)
        return rows
    for place, line in zip(sound, logits, strict=True):
        if np.isfinite(line).all():
            output = to_outputs(line[None], predictor.spec.task, predictor.spec.calibration)[0]
            rows[place]["outputs"] = [float(str(value)) for value in output]  # as short as float32 is exact
        else:
            rows[place]["error"] = "The model answers this recording with values that are no numbers."
    return rows
