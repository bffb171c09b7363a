"""What a hospital system wants to know of an ECG it has sent: what a model says, what is measured, what is doubtful."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.db.session import read_session
from backend.db.tables import Recording
from backend.ecg.errors import UserError
from backend.language.sentence import Sentence
from backend.ml.inference.answers import Answer
from backend.ml.spec import ModelSpec, Task
from backend.services import measurements, predictions, recordings
from backend.services.seen import Status, seen_by
from backend.storage import Storage

MEASURED = ("heart_rate", "p_ms", "pr_ms", "qrs_ms", "qt_ms", "p_axis", "qrs_axis", "t_axis")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelResult:
    """What the model gives one label: a probability, or the value of a regression."""

    label: str
    name: str
    probability: float | None = None
    value: float | None = None
    threshold: float | None = None  # from which on the label is present, of a model whose labels stand side by side
    predicted: bool = False
    abstains: bool = False  # the model leaves this label open


@dataclass(frozen=True, slots=True, kw_only=True)
class EcgResult:
    """One recording: the model's answer or why there is none, measurements (ms, 1/min, degrees), findings about it."""

    recording_id: str
    file_name: str
    patient: str | None  # the pseudonym
    model_id: str
    model_name: str
    model_sha256: str
    task: Task
    predicted: list[str] = field(default_factory=list)
    labels: list[LabelResult] = field(default_factory=list)
    seen: Status = "not known"  # whether the model has learned from this ECG
    notes: list[Sentence] = field(default_factory=list)
    error: Sentence | None = None
    measurements: dict[str, float] = field(default_factory=dict)
    not_measured: dict[str, Sentence] = field(default_factory=dict)  # name -> why
    findings: list[Sentence] = field(default_factory=list)  # doubts about the signal or what the file says


def results_of(
    url: str, storage: Storage, project_id: str, model_id: str, recording_ids: Sequence[str]
) -> list[EcgResult]:
    """Apply a model to stored recordings and measure them, in their order. Raises NotFoundError.

    A recording that cannot be predicted says why, and stops no other.
    """
    with read_session(url) as session:
        model, predictor = predictions.load_model(session, storage, project_id, model_id)
        rows = [recordings.get(session, project_id, one) for one in recording_ids]
        said = seen_by(session, model, project_id, recording_ids)
    found = []
    for row in rows:
        try:
            answer = predictions.answer_stored(predictor, storage, row)
        except UserError as error:
            answered: dict[str, Any] = {"error": str(error)}
        else:
            answered = {"predicted": answer.predicted, "notes": answer.notes, "labels": _labels(predictor.spec, answer)}
        found.append(EcgResult(
            recording_id=row.id, file_name=row.file_name, patient=row.patient_id, model_id=model.id,
            model_name=model.name, model_sha256=model.onnx_key, task=predictor.spec.task, seen=said[row.id].status,
            findings=[one["message"] for one in row.findings], **answered, **_measured(storage, row),
        ))  # fmt: skip
    return found


def _labels(spec: ModelSpec, answer: Answer) -> list[LabelResult]:
    kind = "value" if spec.task == "regression" else "probability"
    outputs = [{kind: round(float(output), 6)} for output in answer.outputs]
    thresholds = spec.thresholds if spec.task == "multi_label" else [None] * len(spec.labels)
    return [
        LabelResult(
            label=label, name=name, threshold=threshold, predicted=label in answer.predicted,
            abstains=label in answer.undecided, **output,
        )
        for label, name, threshold, output in zip(spec.labels, spec.label_names, thresholds, outputs, strict=True)
    ]  # fmt: skip


def _measured(storage: Storage, row: Recording) -> dict[str, Any]:
    found = measurements.measurements(storage, row)
    numbers = {name: found[name] for name in MEASURED} | {f"qtc_{by}_ms": ms for by, ms in found["qtc_ms"].items()}
    reasons = {name: why for name, why in found["reasons"].items() if name in (*MEASURED, "qtc_ms")}
    known = {name: round(float(value), 1) for name, value in numbers.items() if value is not None}
    return {"measurements": known, "not_measured": reasons}
