"""Who, when, with what, and what the device found: the facts of a FHIR observation that are not its samples."""

import re
from collections.abc import Sequence
from typing import Any

from backend.ecg.readers.assemble import Facts
from backend.ecg.readers.facts import age_at, age_in_years, identifier, measurements, model_name, moment, sex
from backend.ecg.readers.json.tree import member, members, real, string
from backend.ecg.readers.units import seconds
from backend.ecg.recording import DeviceFacts, Patient, Statement

# LOINC, and ISO/IEEE 11073-10101 by reference name.
_MEASURED = {
    "8867-4": "heart_rate", "8637-1": "rr", "8625-6": "pr", "8633-0": "qrs", "8634-8": "qt", "8636-3": "qtc",
    "8626-4": "p_axis", "8632-2": "qrs_axis", "8638-9": "t_axis",
    "MDC_ECG_HEART_RATE": "heart_rate", "MDC_ECG_TIME_PD_RR": "rr", "MDC_ECG_TIME_PD_P": "p",
    "MDC_ECG_TIME_PD_PR": "pr", "MDC_ECG_TIME_PD_QRS": "qrs", "MDC_ECG_TIME_PD_QT": "qt", "MDC_ECG_TIME_PD_QTC": "qtc",
    "MDC_ECG_ANGLE_P_FRONT": "p_axis", "MDC_ECG_ANGLE_QRS_FRONT": "qrs_axis", "MDC_ECG_ANGLE_T_FRONT": "t_axis",
}  # fmt: skip
_REPORTED_AGE = {"21612-7", "30525-0"}  # LOINC
_SNOMED = "http://snomed.info/sct"
_CODE = re.compile(r"[0-9]{6,18}")


def facts(observation: dict[str, Any], resources: Sequence[dict[str, Any]]) -> Facts:
    """Return the facts of `observation`; `resources` are those beside it. Names and texts are never read."""
    start = moment(start_of(observation))
    subject = string(member(observation, "subject", "reference")) or ""
    patient = _referred(resources, "Patient", subject)
    device = _referred(resources, "Device", string(member(observation, "device", "reference")) or "")
    stated = identifier(string(member(observation, "subject", "identifier", "value")))
    age = _stated_age(observation)
    local = subject.startswith(("#", "urn:"))
    # The id of a contained resource is a name within this file: many files call their patient "patient".
    own = None if subject.startswith("#") else string(member(patient, "id"))
    of_patient = identifier(string(member(patient, "identifier", "value")) or own)
    return Facts(
        start=start,
        patient=Patient(
            id=stated or of_patient or (None if local else identifier(subject.rpartition("/")[2])),
            age=age_at(moment(string(member(patient, "birthDate"))), start) if age is None else age,
            sex=sex(string(member(patient, "gender"))),
        ),
        device=DeviceFacts(
            model=model_name(
                string(member(device, "manufacturer")),
                string(member(device, "modelNumber")) or string(member(device, "model")),
            ),
            measurements=_measurements(observation),
            statements=_statements(observation),
        ),
    )


def start_of(observation: dict[str, Any]) -> str | None:
    """The time an observation was taken or began, as written."""
    places = (("effectiveDateTime",), ("effectivePeriod", "start"), ("effectiveInstant",))
    return next((time for place in places if (time := string(member(observation, *place)))), None)


def span_of(observation: dict[str, Any]) -> tuple[str | None, str | None]:
    """The times at which an observation began and ended, as written."""
    start, end = (string(member(observation, "effectivePeriod", key)) for key in ("start", "end"))
    return start, end


def _referred(resources: Sequence[dict[str, Any]], kind: str, reference: str) -> dict[str, Any] | None:
    """The resource a reference means; without one, the only resource of its kind."""
    found = [one for one in resources if member(one, "resourceType") == kind]
    wanted = reference.lstrip("#").rpartition("/")[2].rpartition(":")[2]
    if wanted:
        return next((one for one in found if member(one, "id") == wanted), found[0] if len(found) == 1 else None)
    return found[0] if len(found) == 1 else None


def _stated_age(observation: dict[str, Any]) -> float | None:
    for component in members(observation, "component"):
        codes = {str(coding.get("code")) for coding in members(member(component, "code"), "coding")}
        if codes & _REPORTED_AGE:
            value = member(component, "valueQuantity")
            return age_in_years(real(member(value, "value")), string(member(value, "code")) or "a")
    return None


def _measurements(observation: dict[str, Any]) -> dict[str, float]:
    found: dict[str, float | None] = {}
    for component in members(observation, "component"):
        value = real(member(component, "valueQuantity", "value"))
        for coding in members(member(component, "code"), "coding"):
            codes = (str(coding.get("code")), (string(coding.get("display")) or "").upper())
            key = next((_MEASURED[code] for code in codes if code in _MEASURED), None)
            if key is None or value is None:
                continue
            unit = string(member(component, "valueQuantity", "code")) or ""
            if key in ("rr", "p", "pr", "qrs", "qt", "qtc") and seconds(unit):
                value *= (seconds(unit) or 1e-3) * 1000
            found.setdefault(key, round(value, 6))
            break
    return measurements(found)


def _statements(observation: dict[str, Any]) -> tuple[Statement, ...]:
    """SNOMED CT codes of findings; their wording in the file may be anyone's and is not read."""
    codes: dict[str, None] = {}
    for entry in (observation, *members(observation, "component")):
        for coding in members(member(entry, "valueCodeableConcept"), "coding"):
            code = str(coding.get("code") or "")
            if coding.get("system") == _SNOMED and _CODE.fullmatch(code):
                codes[code] = None
    return tuple(Statement(code, "SNOMED-CT") for code in codes)
