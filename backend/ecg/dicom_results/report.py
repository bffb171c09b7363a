"""The answer of a model as an Enhanced SR: who has answered, of which ECG, and each label with its probability.

A label is a code of the model's own, with the codes of SCP-ECG and SNOMED CT beside it as equivalents where the
built-in tables know it: what a model calls AFIB is an output, not a finding of that name. The report is preliminary and
verified by nobody.

Source: DICOM PS3.3 A.35.2 (Enhanced SR), C.17; PS3.16 TID 1204 (language), TID 1002 and 1004 (a device observes), TID
4019 (algorithm), CID 3230 and UCUM for units.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from backend.ecg.dicom_results.told import NOTICE, SCHEME, Label, Told, begun, code, reference, uid, written

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

SOP_CLASS: Final = "1.2.840.10008.5.1.4.1.1.88.22"
_DECISIONS: Final = {"told": "Told by the model", "not-told": "Not told by the model", "open": "Left open by the model"}


def report(told: Told) -> bytes:
    """Return the report as a DICOM file."""
    from pydicom.dataset import Dataset

    one = begun(told, "sr", SOP_CLASS, "SR")
    one.ReferencedPerformedProcedureStepSequence, one.PerformedProcedureCodeSequence = [], []
    one.CompletionFlag, one.VerificationFlag, one.PreliminaryFlag = "COMPLETE", "UNVERIFIED", "PRELIMINARY"
    if told.origin is not None:
        series, study = Dataset(), Dataset()
        series.SeriesInstanceUID, series.ReferencedSOPSequence = told.origin.series, [reference(told.origin)]
        study.StudyInstanceUID, study.ReferencedSeriesSequence = told.origin.study, [series]
        one.CurrentRequestedProcedureEvidenceSequence = [study]
    one.ValueType, one.ContinuityOfContent = "CONTAINER", "SEPARATE"
    one.ConceptNameCodeSequence = [code("11524-6", "LN", "EKG study")]
    one.ContentSequence = [
        _coded("HAS CONCEPT MOD", code("121049", "DCM", "Language of Content Item and Descendants"),
               code("en", "RFC5646", "English")),
        *_observer(told), *_about(told), _findings(told),
    ]  # fmt: skip
    return written(one)


def _observer(told: Told) -> list["Dataset"]:
    relation = "HAS OBS CONTEXT"
    return [
        _coded(relation, code("121005", "DCM", "Observer Type"), code("121007", "DCM", "Device")),
        _uid_of(relation, code("121012", "DCM", "Device Observer UID"), uid("model", told.model_sha256)),
        _text(relation, code("121013", "DCM", "Device Observer Name"), told.model_name),
        _text(relation, code("121014", "DCM", "Device Observer Manufacturer"), "ExChanGeAI"),
    ]


def _about(told: Told) -> list["Dataset"]:
    """Say that it is for research, which model has answered and which ECG it was given."""
    found = [
        _text("CONTAINS", code("121106", "DCM", "Comment"), NOTICE),
        _text("CONTAINS", code("111001", "DCM", "Algorithm Name"), told.model_name),
        _text("CONTAINS", code("111003", "DCM", "Algorithm Version"), f"sha256 {told.model_sha256}"),
        _text("CONTAINS", code("recording", SCHEME, "Recording in the platform"), told.recording_id),
    ]
    if told.origin is not None:
        source = _item("CONTAINS", "WAVEFORM", code("121112", "DCM", "Source of Measurement"))
        source.ReferencedSOPSequence = [reference(told.origin)]
        found.append(source)
    return found


def _findings(told: Told) -> "Dataset":
    found = _item("CONTAINS", "CONTAINER", code("outputs", SCHEME, "Outputs of the model"))
    found.ContinuityOfContent = "SEPARATE"
    comment = code("121106", "DCM", "Comment")
    items = [_label(label) for label in told.labels]
    items += [_text("CONTAINS", comment, note) for note in ((told.error,) if told.error else told.notes)]
    found.ContentSequence = items or [_text("CONTAINS", comment, "The model tells no label.")]
    return found


def _label(label: Label) -> "Dataset":
    name = code(label.label, SCHEME, label.name)
    if label.known_as:
        name.EquivalentCodeSequence = [code(value, scheme, meaning) for scheme, value, meaning in label.known_as]
    output = label.probability if label.value is None else label.value
    one = _number("CONTAINS", name, output)
    if label.value is not None:
        return one
    decision = "open" if label.abstains else "told" if label.predicted else "not-told"
    one.ContentSequence = [
        _coded("HAS CONCEPT MOD", code("kind", SCHEME, "Kind of output"), code("probability", SCHEME, "Probability")),
        _coded("HAS PROPERTIES", code("decision", SCHEME, "Decision of the model"),
               code(decision, SCHEME, _DECISIONS[decision])),
    ]  # fmt: skip
    if label.threshold is not None:
        named = code("threshold", SCHEME, "Threshold of the model")
        one.ContentSequence.append(_number("HAS PROPERTIES", named, label.threshold))
    return one


def _item(relation: str, kind: str, name: "Dataset") -> "Dataset":
    from pydicom.dataset import Dataset

    item = Dataset()
    item.RelationshipType, item.ValueType, item.ConceptNameCodeSequence = relation, kind, [name]
    return item


def _coded(relation: str, name: "Dataset", value: "Dataset") -> "Dataset":
    item = _item(relation, "CODE", name)
    item.ConceptCodeSequence = [value]
    return item


def _text(relation: str, name: "Dataset", value: str) -> "Dataset":
    item = _item(relation, "TEXT", name)
    item.TextValue = "".join(sign if sign.isprintable() else " " for sign in value).strip() or "-"
    return item


def _uid_of(relation: str, name: "Dataset", value: str) -> "Dataset":
    item = _item(relation, "UIDREF", name)
    item.UID = value
    return item


def _number(relation: str, name: "Dataset", value: float | None) -> "Dataset":
    """Return a number without a unit; without a value it says so."""
    from pydicom.dataset import Dataset

    item = _item(relation, "NUM", name)
    measured: Sequence[Dataset] = []
    if value is not None:
        number = Dataset()
        number.NumericValue = f"{value:.6g}"
        number.MeasurementUnitsCodeSequence = [code("1", "UCUM", "no units")]
        measured = [number]
    else:
        item.NumericValueQualifierCodeSequence = [code("114000", "DCM", "Not a number")]
    item.MeasuredValueSequence = list(measured)
    return item
