"""Results as HL7 FHIR R4: a DiagnosticReport a recording, with an Observation for each label and measurement.

Source: http://hl7.org/fhir/R4/diagnosticreport.html and observation.html; codes of LOINC for the measurements. Labels
are codes of the model's own. A report is `preliminary`: no person has seen it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.ecg.writers.fhir import CATEGORIES, LOINC, UCUM
from backend.services.ecg_results import EcgResult, LabelResult

MEDIA_TYPE = "application/fhir+json"
OURS = "urn:exchangeai"
SECTIONS = "http://terminology.hl7.org/CodeSystem/v2-0074"

Json = dict[str, Any]
MEASUREMENTS: Mapping[str, tuple[str, str, str, str]] = {
    "heart_rate": ("8867-4", "Heart rate", "/min", "/min"),
    "pr_ms": ("8625-6", "P-R Interval", "ms", "ms"),
    "qrs_ms": ("8633-0", "QRS duration", "ms", "ms"),
    "qt_ms": ("8634-8", "Q-T interval", "ms", "ms"),
    "qtc_bazett_ms": ("44974-4", "QTc interval by Bazett formula", "ms", "ms"),
    "qrs_axis": ("8632-2", "QRS axis", "deg", "deg"),
}
"""Name of a measurement -> code and name in LOINC, unit as shown, unit in UCUM."""


def bundle(results: Sequence[EcgResult], issued: datetime, reference: str = "", refused: Sequence[str] = ()) -> Json:
    """Return a Bundle (collection) of reports, and of why files were `refused`.

    `reference` is the sender's own number of what was asked.
    """
    entries = [
        {"fullUrl": f"{OURS}:report:{one.recording_id}", "resource": report(one, issued, reference)} for one in results
    ]
    entries += [{"resource": _refusal(why)} for why in refused]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": _moment(issued),
        **({"entry": entries} if entries else {}),
    }


def _refusal(why: str) -> Json:
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "invalid", "diagnostics": why}],
    }


def report(result: EcgResult, issued: datetime, reference: str = "") -> Json:
    """Return the DiagnosticReport of one recording; its observations are contained in it."""
    observations = [_of_label(result, label) for label in result.labels]
    observations += [_of_measurement(result, name) for name in MEASUREMENTS if name in result.measurements]
    for number, one in enumerate(observations, start=1):
        one["id"] = f"o{number}"
    said = result.error or ", ".join(one.name for one in result.labels if one.predicted) or "No label is predicted."
    remarks = [*result.notes, *result.findings]
    return {
        "resourceType": "DiagnosticReport",
        **({"contained": observations} if observations else {}),
        "identifier": [{"system": f"{OURS}:recording", "value": result.recording_id}]
        + ([{"system": f"{OURS}:reference", "value": reference}] if reference else []),
        "status": "preliminary",
        "category": [{"coding": [{"system": SECTIONS, "code": "EC"}]}],  # electrocardiac
        "code": {"coding": [{"system": LOINC, "code": "11524-6", "display": "EKG study"}]},
        **_subject(result),
        "issued": _moment(issued),
        **({"result": [{"reference": f"#{one['id']}"} for one in observations]} if observations else {}),
        "conclusion": " ".join([f"{result.model_name}: {said}", *remarks]),
    }  # fmt: skip


def _of_label(result: EcgResult, label: LabelResult) -> Json:
    about = _observation(result, {
        "coding": [{"system": f"{OURS}:model:{result.model_sha256}", "code": label.label, "display": label.name}],
        "text": label.name,
    })  # fmt: skip
    about["device"] = {"display": result.model_name, "identifier": _number("model", result.model_sha256)}
    if label.value is not None:
        return about | {"valueQuantity": {"value": label.value}}
    if label.abstains:
        about["dataAbsentReason"] = {"text": "The model leaves this open."}
    else:
        about["valueBoolean"] = label.predicted
    parts = [("probability", label.probability), ("threshold", label.threshold)]
    about["component"] = [
        {"code": {"text": name}, "valueQuantity": {"value": value, "system": UCUM, "code": "1"}}
        for name, value in parts if value is not None
    ]  # fmt: skip
    return about


def _of_measurement(result: EcgResult, name: str) -> Json:
    code, display, unit, ucum = MEASUREMENTS[name]
    quantity = {"value": result.measurements[name], "unit": unit, "system": UCUM, "code": ucum}
    coded = {"coding": [{"system": LOINC, "code": code, "display": display}]}
    return _observation(result, coded) | {"valueQuantity": quantity}


def _observation(result: EcgResult, code: Json) -> Json:
    category = {"coding": [{"system": CATEGORIES, "code": "procedure", "display": "Procedure"}]}
    return {"resourceType": "Observation", "status": "preliminary", "category": [category], "code": code,
            **_subject(result)}  # fmt: skip


def _subject(result: EcgResult) -> Json:
    return {"subject": {"identifier": _number("patient", result.patient)}} if result.patient else {}


def _number(kind: str, value: str) -> Json:
    return {"system": f"{OURS}:{kind}", "value": value}


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
