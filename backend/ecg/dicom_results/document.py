"""The answer of a model as a PDF in DICOM's envelope: the ECG on paper, and a sheet with what the model says.

Source: DICOM PS3.3 A.45.1 (Encapsulated PDF), C.24.
"""

from collections.abc import Sequence
from typing import Final

from backend.ecg.dicom_results.told import NOTICE, Label, Told, begun, code, reference, said, written
from backend.ecg.drawing.files import to_pdf
from backend.ecg.drawing.shapes import Drawing

SOP_CLASS: Final = "1.2.840.10008.5.1.4.1.1.104.1"
_MARGIN, _LINE, _SIZE = 15.0, 6.0, 2.6  # mm
_LONGEST = 110  # letters of a line


def document(told: Told, tracing: Drawing | None) -> bytes:
    """Return the DICOM file; without a tracing it holds what the model says alone."""
    one = begun(told, "pdf", SOP_CLASS, "DOC")
    one.ConversionType, one.BurnedInAnnotation = "WSD", "YES"
    one.RecognizableVisualFeatures = "NO"
    one.AcquisitionDateTime = (
        "" if told.recorded_at is None else f"{told.recorded_at.year:04d}{told.recorded_at:%m%d%H%M%S}"
    )
    one.DocumentTitle = "Answer of a model about an ECG (research use)"
    one.ConceptNameCodeSequence = [code("11524-6", "LN", "EKG study")]
    one.VerificationFlag = "UNVERIFIED"
    if told.origin is not None:
        one.SourceInstanceSequence = [reference(told.origin)]
    one.MIMETypeOfEncapsulatedDocument = "application/pdf"
    data = pdf(told, tracing)
    one.EncapsulatedDocumentLength = len(data)
    one.EncapsulatedDocument = data + b"\0" * (len(data) % 2)
    return written(one)


def pdf(told: Told, tracing: Drawing | None) -> bytes:
    """Return the PDF itself: the tracing with the research-use line at its lower edge, and the sheet of words."""
    pages = [] if tracing is None else [tracing]
    if tracing is not None:
        tracing.text(NOTICE, tracing.width / 2, tracing.height - 2.5, 2.2, anchor="middle", bold=True)
    width, height = (297.0, 210.0) if tracing is None else (tracing.width, tracing.height)
    return to_pdf(*pages, *_sheets(told, width, height))


def _sheets(told: Told, width: float, height: float) -> list[Drawing]:
    lines = [line for text in _words(told) for line in _broken(text)]
    room = int((height - 2 * _MARGIN - 3 * _LINE) / _LINE)
    sheets = []
    for start in range(0, len(lines), room):
        sheet = Drawing(width, height, "Answer of a model")
        sheet.text(NOTICE, _MARGIN, _MARGIN, 3.0, bold=True)
        for place, line in enumerate(lines[start : start + room], start=2):
            sheet.text(line, _MARGIN, _MARGIN + place * _LINE, _SIZE)
        sheets.append(sheet)
    return sheets


def _words(told: Told) -> list[str]:
    patient = told.patient
    about = [f"Patient {patient.id}" if patient.id else "Patient not named"]
    about += [f"{patient.age:g} years"] if patient.age is not None else []
    about += [{"F": "female", "M": "male"}[patient.sex]] if patient.sex else []
    when = "at an unknown time" if told.recorded_at is None else f"{told.recorded_at:%Y-%m-%d %H:%M}"
    return [
        f"Model: {told.model_name}", f"Version: sha256 {told.model_sha256}",
        f"Recording: {told.recording_id}, recorded {when}", ", ".join(about),
        f"Answered {told.told_at:%Y-%m-%d %H:%M} UTC by ExChanGeAI {told.version}", "",
        *([f"No answer: {told.error}"] if told.error else _outputs(told.labels)), "", *told.notes,
    ]  # fmt: skip


def _outputs(labels: Sequence[Label]) -> list[str]:
    found = []
    for label in labels:
        name = label.label if label.name == label.label else f"{label.label} ({label.name})"
        if label.value is not None:
            found.append(f"{name}: {label.value:.4g}")
            continue
        limit = "" if label.threshold is None else f", threshold {label.threshold:.3f}"
        found.append(f"{name}: probability {label.probability:.3f}{limit}: {said(label)}")
    return found or ["The model tells no label."]


def _broken(text: str) -> list[str]:
    """Return a text in lines that a sheet has room for."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > _LONGEST:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]
