"""Drift checks: a dataset is measured and held against the training of a model."""

from functools import partial

import numpy as np
from sqlalchemy.orm import Session

from backend.db.tables import DriftCheck, Json
from backend.errors import ConflictError, NotFoundError
from backend.ml.architectures import ARCHITECTURES
from backend.ml.evaluation.drift.check import check as hold_against
from backend.ml.evaluation.drift.profile import FEWEST, Profile, make
from backend.ml.evaluation.routes import watch
from backend.ml.inference.predictor import Predictor
from backend.services import drift_checks, predictions, training_profiles
from workers.lifecycle import RunningJob
from workers.measured import Found, measure_samples

MEASURED = 0.98  # of the progress bar


def check(job: RunningJob) -> Json:
    """Measure the ECGs, those of the training where they are here, and say whether they are alike."""
    with job.read() as session:
        row = _asked_for(job, session)
        task = drift_checks.to_measure(session, row)
        routed = _routed(job, session, row)
    whole = len(task.training) + len(task.samples)
    training = measure_samples(job.storage, task.training, partial(_tell, job, 0, whole, "those of the training"))
    new = measure_samples(job.storage, task.samples, partial(_tell, job, len(task.training), whole, "ECGs"), routed)
    profile = None if task.profile is None else Profile.from_bytes(task.profile)
    if profile is None:
        profile = make(training.measured, training_profiles.embedder()) if training.samples else None
        if profile is None:
            raise ConflictError(
                f"Fewer than {FEWEST} patients of the training are still here, and the model keeps no picture of them: "
                "it cannot be told whether these ECGs are like them. Evaluate the model on some with known labels."
            )
        with job.session() as session:
            _asked_for(job, session).model.profile = profile.to_bytes()
    if not new.samples:
        reasons = " ".join(new.left_out)
        raise ConflictError(f"None of the ECGs could be measured. {reasons[:500]}")
    at_hand = training.measured if len(training.samples) >= FEWEST else None
    found = hold_against(profile, new.measured, at_hand, task.labels, _routes_told(new, routed))
    with job.session() as session:
        drift_checks.conclude(session, _asked_for(job, session), found, new.samples, new.left_out)
    return {"drift_check_id": job.payload["drift_check_id"]}


def _asked_for(job: RunningJob, session: Session) -> DriftCheck:
    try:
        return drift_checks.get(session, job.project_id, job.payload["drift_check_id"])
    except NotFoundError:
        raise ConflictError(
            "The model was deleted while it was being checked, and the check went too. Check another model."
        ) from None


def _routed(job: RunningJob, session: Session, row: DriftCheck) -> Predictor | None:
    """Return the model itself where it has experts and tells which of them answer."""
    known = ARCHITECTURES.get(row.model.architecture)
    if known is None or not known.experts or not row.model.for_prediction:
        return None
    _, predictor = predictions.load_model(session, job.storage, job.project_id, row.model_id)
    return predictor


def _routes_told(new: Found, routed: Predictor | None) -> str:
    """Return what is wrong with the experts that see the new ECGs, empty for nothing."""
    if routed is None or new.routes is None:
        return ""
    report = watch(routed.spec, new.routes.astype(np.float32), {})
    return "" if report is None else report.alarm


def _tell(job: RunningJob, before: int, whole: int, what: str, n: int) -> None:
    job.check()
    job.progress(MEASURED * (before + n) / max(1, whole), f"Measured {n} {what}")
