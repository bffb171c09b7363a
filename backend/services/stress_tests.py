"""Stress tests: how a model stands the ECGs of an evaluation when these are made worse in steps. A job."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.tables import Evaluation, EvaluationRow, Recording, StressTest
from backend.errors import ConflictError, InvalidInputError, NotFoundError
from backend.ml.evaluation.estimate import Estimate
from backend.ml.evaluation.stress import StressPoint, StressResult
from backend.ml.patient import encode
from backend.ml.spec import ModelSpec
from backend.services import evaluation_results, evaluation_thresholds, evaluations, jobs
from backend.services.evaluation_rows import Columns

MOST: Final = 300  # patients, drawn by lot
_SEED: Final = 26


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """An ECG that is disturbed: where its signal lies, whose it is, what is known of it."""

    recording_id: str
    signal_key: str
    patient_id: str | None
    patient: NDArray[np.float32]  # (4,) as `backend.ml.patient` has it
    truth: list[float | None]
    seen: bool


def create(session: Session, project_id: str, evaluation_id: str) -> StressTest:
    """Queue the stress test of an evaluation; an earlier one is replaced.

    Raises NotFoundError, ConflictError for an evaluation that is not done or a test that goes on, InvalidInputError
    where no ECG has a mV scale.
    """
    row = evaluations.get(session, project_id, evaluation_id)
    evaluations.check_done(row)
    before = newest(session, row.id)
    if before is not None and before.job.status not in jobs.FINISHED:
        raise ConflictError("A stress test of this evaluation is still going on. Wait for it, or cancel it first.")
    if not tested(session, row):
        raise InvalidInputError(
            "None of the evaluated ECGs is still here with a mV scale: noise has to be added in mV. Evaluate on others."
        )
    if before is not None:
        session.delete(before.job)
    job = jobs.create(session, project_id, "stress_tests.test", {})
    test = StressTest(project_id=project_id, evaluation_id=row.id, job_id=job.id)
    session.add(test)
    session.flush()
    job.payload = {"stress_test_id": test.id}
    return test


def of_evaluation(session: Session, project_id: str, evaluation_id: str) -> StressTest:
    """Return the stress test of an evaluation. Raises NotFoundError where there is none."""
    row = evaluations.get(session, project_id, evaluation_id)
    found = newest(session, row.id)
    if found is None:
        raise NotFoundError("This evaluation has no stress test yet. Start one.")
    return found


def newest(session: Session, evaluation_id: str) -> StressTest | None:
    """Return the stress test of an evaluation, if there is one."""
    query = select(StressTest).where(StressTest.evaluation_id == evaluation_id).order_by(StressTest.created_at.desc())
    return session.scalars(query.limit(1)).first()


def get(session: Session, project_id: str, test_id: str) -> tuple[StressTest, Evaluation]:
    """Return a stress test of a project and its evaluation. Raises NotFoundError."""
    row = session.get(StressTest, test_id)
    if row is None or row.project_id != project_id:
        raise NotFoundError(f"There is no stress test {test_id} in this project.")
    return row, evaluations.get(session, project_id, row.evaluation_id)


def tested(session: Session, row: Evaluation) -> list[Tested]:
    """Return the ECGs of at most MOST patients of an evaluation that are still here with a mV scale, by file name."""
    rows = session.execute(
        select(EvaluationRow, Recording)
        .join(Recording, Recording.id == EvaluationRow.recording_id)
        .where(EvaluationRow.evaluation_id == row.id, EvaluationRow.error.is_(None), Recording.unit == "mV")
        .order_by(Recording.file_name, Recording.index, Recording.id)
    ).all()
    found = [
        Tested(ecg.id, ecg.signal_key, one.patient_id, encode(ecg.age, ecg.sex), list(one.truth), one.seen)
        for one, ecg in rows
    ]
    names = sorted({one.patient_id or one.recording_id for one in found})
    chosen = {names[place] for place in np.random.default_rng(_SEED).permutation(len(names))[:MOST]}
    return [one for one in found if (one.patient_id or one.recording_id) in chosen]


def point(
    row: Evaluation, some: Sequence[Tested], outputs: NDArray[np.floating], step: float, told: str
) -> StressPoint:
    """Return the scores of outputs (N, L) for these ECGs."""
    spec = ModelSpec.from_json(row.model.spec)
    known = [label for label in spec.labels if label in row.settings["label_map"]]
    columns = Columns(
        [one.recording_id for one in some], np.asarray(outputs, np.float64),
        np.array([one.truth for one in some], np.float64), [one.patient_id for one in some],
        np.array([one.seen for one in some]),
    )  # fmt: skip
    scores: Any = evaluation_results.scores_of(spec, known, evaluation_thresholds.of_evaluation(row), columns)
    if spec.task == "regression":
        return StressPoint(step=step, told=told, score=scores.macro_r2, f1=None)
    return StressPoint(step=step, told=told, score=scores.macro_auroc, f1=scores.macro_f1)


def conclude(row: StressTest, result: StressResult) -> None:
    """Keep what was found."""
    row.result = asdict(result)


def lines(result: dict[str, Any]) -> list[str]:
    """Return a result as lines for people: what each curve says, then its numbers."""
    name = "R²" if result["measure"] == "macro_r2" else "AUROC"
    first = f"{name} of the ECGs as they are: {_text(result['unchanged'])}"
    said = [one["text"] for one in result["curves"]]
    numbers = [
        f"{one['title']}, {point_['told']}: {_text(point_)}" for one in result["curves"] for point_ in one["points"]
    ]
    return [first, *said, *numbers]


def _text(one: dict[str, Any]) -> str:
    score, f1 = Estimate(**one["score"]), one["f1"] and Estimate(**one["f1"])
    return _interval(score) + (f", F1 {_interval(f1)}" if f1 else "")


def _interval(one: Estimate) -> str:
    if one.value is None:
        return one.withheld or "not defined"
    return f"{one.value:.3f}" + ("" if one.low is None else f" ({one.low:.3f} to {one.high:.3f})")
