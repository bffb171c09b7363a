"""FHIR R4 Observation: one component a lead, its samples as SampledData.

Source: HL7 FHIR R4, Observation and SampledData, http://hl7.org/fhir/R4/datatypes.html#SampledData; the leads by their
codes in ISO/IEEE 11073-10101.
"""

import json
from typing import Any

import numpy as np

from backend.ecg.readers.sources import SourceFile
from backend.ecg.recording import Recording
from backend.ecg.writers.writer import Writer, need_millivolts, plain_text, present, whole_steps

UCUM = "http://unitsofmeasure.org"
MDC = "urn:iso:std:iso:11073:10101"
LOINC = "http://loinc.org"
CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
LEAD_CODES = {
    "I": 131329, "II": 131330, "III": 131389, "aVR": 131390, "aVL": 131391, "aVF": 131392,
    "V1": 131331, "V2": 131332, "V3": 131333, "V4": 131334, "V5": 131335, "V6": 131336,
}  # fmt: skip


def _write(recording: Recording, stem: str) -> tuple[SourceFile, ...]:
    need_millivolts(recording, "a FHIR Observation")
    contained, references = _contained(recording)
    observation: dict[str, Any] = {
        "resourceType": "Observation",
        **({"contained": contained} if contained else {}),
        "status": "final",
        "category": [{"coding": [{"system": CATEGORIES, "code": "procedure", "display": "Procedure"}]}],
        "code": {"coding": [{"system": LOINC, "code": "11524-6", "display": "EKG study"}]},
        **references,
        **_moment(recording),
    }
    observation["component"] = _leads(recording) + _age(recording)
    return (SourceFile(f"{stem}.json", json.dumps(observation, ensure_ascii=False, allow_nan=False).encode()),)


def _contained(recording: Recording) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Patient and device, as far as known, within the resource, and the references to them."""
    patient = recording.patient
    contained: list[dict[str, Any]] = []
    references: dict[str, Any] = {}
    if patient.id or patient.sex:
        person: dict[str, Any] = {"resourceType": "Patient", "id": "patient"}
        if patient.id:
            person["identifier"] = [{"value": plain_text(patient.id)}]
        if patient.sex:
            person["gender"] = "female" if patient.sex == "F" else "male"
        contained.append(person)
        references["subject"] = {"reference": "#patient"}
    if model := plain_text(recording.device.model):
        contained.append({"resourceType": "Device", "id": "device", "modelNumber": model})
        references["device"] = {"reference": "#device"}
    return contained, references


def _moment(recording: Recording) -> dict[str, Any]:
    """When it was recorded, and what else a person should know.

    FHIR allows a time of day only with its offset from UTC, which recordings do not state; so the date is the effective
    time and the time of day stands in a note.
    """
    notes = []
    if recording.start is not None:
        notes.append(f"Recorded at {recording.start.time().isoformat()} local time.")
    if recording.derived:
        notes.append(f"Derived from other leads: {', '.join(recording.derived)}.")
    moment: dict[str, Any] = {}
    if recording.start is not None:
        moment["effectiveDateTime"] = recording.start.date().isoformat()
    if notes:
        moment["note"] = [{"text": " ".join(notes)}]
    return moment


def _leads(recording: Recording) -> list[dict[str, Any]]:
    steps = whole_steps(recording)
    period = 1000 / recording.rate
    components = []
    if steps is None:
        leads, signal = present(recording)
        texts = [" ".join(_decimals(row)) for row in signal]
        factors: list[float | None] = [None] * len(leads)
    else:
        leads, factors = steps.leads, [*steps.step.tolist()]
        lowest = str(steps.lowest)
        texts = [
            " ".join("E" if value == lowest else value for value in map(str, row.tolist())) for row in steps.samples
        ]
    for lead, factor, text in zip(leads, factors, texts, strict=True):
        data: dict[str, Any] = {
            "origin": {"value": 0, "unit": "mV", "system": UCUM, "code": "mV"},
            "period": period,
            **({} if factor is None else {"factor": factor}),
            "dimensions": 1,
            "data": text,
        }
        code = {"system": MDC, "code": str(LEAD_CODES[lead]), "display": f"MDC_ECG_LEAD_{lead.upper()}"}
        components.append({"code": {"coding": [code], "text": lead}, "valueSampledData": data})
    return components


def _decimals(row: "np.ndarray[Any, np.dtype[np.float32]]") -> list[str]:
    """The shortest decimals, without exponent, that read back as the same 32-bit floats."""
    return ["E" if np.isnan(value) else np.format_float_positional(value, trim="-") for value in row]


def _age(recording: Recording) -> list[dict[str, Any]]:
    if recording.patient.age is None:
        return []
    code = {"coding": [{"system": LOINC, "code": "30525-0", "display": "Age"}], "text": "Age"}
    return [{"code": code, "valueQuantity": {"value": recording.patient.age, "unit": "a", "system": UCUM, "code": "a"}}]


WRITER = Writer(
    name="fhir",
    title="FHIR R4 Observation (.json)",
    extension=".json",
    media_type="application/fhir+json",
    rounds=False,
    write=_write,
)
