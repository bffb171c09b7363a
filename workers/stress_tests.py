"""Stress tests: the ECGs of an evaluation are disturbed step by step, and the model answers again."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.db.tables import Evaluation, Json, StressTest
from backend.ecg.disturb import KINDS, STEPS, Kind, disturbed
from backend.ecg.signal_file import decode_signal
from backend.errors import ConflictError, NotFoundError, UserError
from backend.ml.evaluation.stress import StressPoint, StressResult, curve, told
from backend.ml.inference.predictor import Predictor, to_outputs
from backend.services import predictions, stress_tests
from backend.services.stress_tests import Tested
from workers.lifecycle import RunningJob

BATCH = 32
Signal = tuple[NDArray[np.float32], float]


def test(job: RunningJob) -> Json:
    """Answer the ECGs as they are and at every step of every kind, and keep the curves."""
    with job.read() as session:
        _, row = _asked_for(job, session)
        some = stress_tests.tested(session, row)
        _, predictor = predictions.load_model(session, job.storage, job.project_id, row.model_id)
    some, signals = _read(job, some)
    if not some:
        raise ConflictError("None of the ECGs can be read any more. Evaluate the model again, then test it.")
    steps = [(kind, step) for kind in KINDS for step in STEPS[kind].steps]
    unchanged = stress_tests.point(row, some, _answers(job, predictor, some, signals, None, 0.0), 0.0, "as they are")
    points: dict[Kind, list[StressPoint]] = {kind: [] for kind in KINDS}
    for number, (kind, step) in enumerate(steps):
        words = told(kind, step)
        job.progress((number + 1) / (len(steps) + 1), f"{STEPS[kind].title}: {words}", always=True)
        outputs = _answers(job, predictor, some, signals, kind, step)
        points[kind].append(stress_tests.point(row, some, outputs, step, words))
    result = StressResult(
        measure="macro_r2" if predictor.spec.task == "regression" else "macro_auroc",
        n=len(some), n_patients=len({one.patient_id or one.recording_id for one in some}), unchanged=unchanged,
        curves=tuple(curve(kind, unchanged, points[kind]) for kind in KINDS),
    )  # fmt: skip
    with job.session() as session:
        kept, _ = _asked_for(job, session)
        stress_tests.conclude(kept, result)
    return {"stress_test_id": job.payload["stress_test_id"]}


def _asked_for(job: RunningJob, session: Session) -> tuple[StressTest, Evaluation]:
    try:
        return stress_tests.get(session, job.project_id, job.payload["stress_test_id"])
    except NotFoundError:
        raise ConflictError(
            "The evaluation was deleted while it was being tested, and the test went too. Evaluate again."
        ) from None


def _read(job: RunningJob, some: Sequence[Tested]) -> tuple[list[Tested], list[Signal]]:
    kept, signals = [], []
    for one in some:
        job.check()
        try:
            signals.append(decode_signal(job.storage.get(one.signal_key)))
        except UserError:
            continue
        kept.append(one)
    return kept, signals


def _answers(
    job: RunningJob, predictor: Predictor, some: Sequence[Tested], signals: Sequence[Signal], kind: Kind | None,
    step: float,
) -> NDArray[np.float64]:  # fmt: skip
    """Return the outputs (N, L) for ECGs disturbed by a step, or as they are; the same disturbance whenever asked.

    One that the model cannot answer any more counts as told nothing of: the mean of what is told of the others.
    """
    spec = predictor.spec
    outputs = np.full((len(some), len(spec.labels)), np.nan)
    for start in range(0, len(some), BATCH):
        job.check()
        places, prepared = [], []
        for place in range(start, min(start + BATCH, len(some))):
            signal, rate = signals[place]
            if kind is not None:
                random = np.random.default_rng([place, KINDS.index(kind), round(1000 * step)])
                signal, rate = disturbed(signal, rate, kind, step, random)
            try:
                prepared.append(spec.preprocessing(signal, rate))
            except UserError:
                continue
            places.append(place)
        if places:
            patients = np.stack([some[place].patient for place in places])
            outputs[places] = to_outputs(predictor.logits(np.stack(prepared), patients), spec.task, spec.calibration)
    known = np.isfinite(outputs).all(axis=1)
    if not known.any():
        raise ConflictError("The model answers none of these ECGs. Look at its evaluation.")
    outputs[~known] = outputs[known].mean(axis=0)
    return outputs
