"""What a model says of a recording as an object of DICOM, for hospital systems: a structured report or a PDF.

The patient is the platform's pseudonym. Study and ECG are named by the UIDs of the original, where it came as DICOM and
is kept: those are numbers of a PACS, by which it finds what it has sent; nothing else is taken from the original.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Final, Literal, get_args

from sqlalchemy.orm import Session

from backend.db.tables import Prediction, PredictionResult, Recording
from backend.ecg.dicom_results.document import document
from backend.ecg.dicom_results.report import report
from backend.ecg.dicom_results.told import Label, Told
from backend.ecg.drawing import Sheet
from backend.ecg.errors import UserError
from backend.ecg.readers.dicom.identity import Origin, origin
from backend.ecg.terminology.codes import CODES
from backend.errors import NotFoundError
from backend.ml.inference.decisions import undecided
from backend.ml.spec import ModelSpec
from backend.services import downloads, drawings, ingest
from backend.services.ecg_results import EcgResult, LabelResult
from backend.settings import get_settings
from backend.storage import Storage

Kind = Literal["sr", "pdf"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
MEDIA_TYPE: Final = "application/dicom"
_SCHEMES: Final[Mapping[str, str]] = {"SCP-ECG": "SCPECG", "SNOMED-CT": "SCT"}
"""Vocabulary -> its designator in DICOM (PS3.16, 8)."""


def stored(session: Session, prediction: Prediction, recording_id: str) -> EcgResult:
    """Return what a prediction says of one recording. Raises NotFoundError where it says nothing of it."""
    row = session.get(PredictionResult, (prediction.id, recording_id))
    if row is None:
        raise NotFoundError(f"This prediction has no result for the recording {recording_id}.")
    spec, recording = ModelSpec.from_json(prediction.model.spec), row.recording
    kind = "value" if spec.task == "regression" else "probability"
    thresholds = spec.thresholds if spec.task == "multi_label" else (None,) * len(spec.labels)
    left_open = undecided(spec, row.probabilities)
    labels = [
        LabelResult(
            label=label, name=name, threshold=threshold, predicted=label in row.predicted, abstains=label in left_open,
            **{kind: output},
        )
        for label, name, threshold, output in zip(
            spec.labels, spec.label_names, thresholds, row.probabilities, strict=True
        )
    ] if row.probabilities else []  # fmt: skip
    model = prediction.model
    return EcgResult(
        recording_id=recording.id, file_name=recording.file_name, patient=recording.patient_id, model_id=model.id,
        model_name=model.name, model_sha256=model.onnx_key, task=spec.task, predicted=list(row.predicted),
        labels=labels, error=row.error,
    )  # fmt: skip


def as_dicom(storage: Storage, row: Recording, result: EcgResult, told_at: datetime, kind: Kind) -> tuple[str, bytes]:
    """Return name and bytes of a DICOM file with a result. The same result gives the same object, UIDs and all."""
    told = Told(
        key=_key(result, told_at), recording_id=row.id, recorded_at=row.recorded_at, told_at=told_at,
        patient=downloads.patient_of(row), origin=origin_of(storage, row), model_name=result.model_name,
        model_sha256=result.model_sha256, version=version("exchangeai"), labels=tuple(map(_label, result.labels)),
        notes=tuple(result.notes), error=result.error or "",
    )  # fmt: skip
    name = f"{row.id}-{kind}.dcm"
    if kind == "sr":
        return name, report(told)
    try:
        tracing = drawings.drawn(downloads.recorded(storage, row), Sheet())
    except UserError:  # what cannot be drawn can still be told
        tracing = None
    return name, document(told, tracing)


def origin_of(storage: Storage, row: Recording) -> Origin | None:
    """Return the UIDs of the DICOM file that a recording came as, None where it came otherwise or is not kept."""
    if row.format != "dicom" or not row.originals:
        return None
    try:
        return origin(storage.get(row.originals[0].key), ingest.limits_from(get_settings()))
    except UserError:  # what is lost, or is read no more, is not named
        return None


def _key(result: EcgResult, told_at: datetime) -> str:
    said = repr([(one.label, one.probability, one.value, one.predicted, one.abstains) for one in result.labels])
    parts = (result.recording_id, result.model_sha256, told_at.isoformat(), said, result.error or "")
    return sha256("\n".join(parts).encode()).hexdigest()


def _label(one: LabelResult) -> Label:
    return Label(
        one.label, one.name, one.probability, one.value, one.threshold, one.predicted, one.abstains,
        known_as(one.label, one.name),
    )  # fmt: skip


def known_as(label: str, name: str) -> tuple[tuple[str, str, str], ...]:
    """Return the codes of SCP-ECG and SNOMED CT that a label is, or that its name is called, letter by letter.

    Nothing is likened: a label that only looks like a code has none.
    """
    called = {label, label.casefold(), name.casefold()}
    return tuple(
        (_SCHEMES[one.system], one.code, one.text)
        for one in CODES
        if one.system in _SCHEMES and (one.code == label or one.text.casefold() in called)
    )
