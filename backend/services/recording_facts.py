"""The columns of a recording that follow from its file."""

import math
from collections.abc import Mapping
from dataclasses import asdict

from backend.ecg import findings
from backend.ecg import recording as ecg
from backend.ecg.fingerprint import fingerprint
from backend.isolation.wire import Json
from backend.pseudonym import OLDEST, kept_age


def facts_of(recording: ecg.Recording) -> Json:
    """Return the columns; the patient's identifier is still that of the file, to be hidden by the project's key."""
    device, age = recording.device, kept_age(recording.patient.age)
    notes = [storable(note) for note in recording.notes]
    if age == OLDEST:
        notes.append("Ages above 89 are kept as 90.")
    return {
        "name": storable(recording.name),
        "record_id": recording.record_id and storable(recording.record_id),
        "file_labels": _file_labels(recording.labels),
        "format": recording.format,
        "rate": recording.rate,
        "n_samples": recording.n_samples,
        "unit": recording.unit,
        "derived_leads": list(recording.derived),
        "missing_leads": list(recording.missing),
        "patient_id": recording.patient.id,
        "age": age,
        "sex": recording.patient.sex,
        "device": device.model and storable(device.model),
        "device_facts": _device_facts(device),
        "recorded_at": recording.start,
        "left_open": list(recording.declared),
        "notes": notes,
        "fingerprint": fingerprint(recording.signal, recording.rate),
        "findings": [asdict(finding) for finding in findings.check(recording)],
    }


def _file_labels(labels: Mapping[str, str | float]) -> Json:
    return {
        storable(name): storable(value) if isinstance(value, str) else float(value)
        for name, value in labels.items()
        if isinstance(value, str) or math.isfinite(value)
    }


def _device_facts(device: ecg.DeviceFacts) -> Json:
    """Return what the device says as JSON, which has no infinite numbers."""
    filters = {"high_pass": device.high_pass, "low_pass": device.low_pass, "notch": device.notch}
    return {
        "model": device.model and storable(device.model),
        **{name: float(hz) if hz is not None and math.isfinite(hz) else None for name, hz in filters.items()},
        "measurements": {name: float(value) for name, value in device.measurements.items() if math.isfinite(value)},
        "statements": [
            {key: text and storable(text) for key, text in asdict(one).items()} for one in device.statements
        ],
    }


def storable(text: str) -> str:
    """Return a text without what no database holds: zero bytes, and bytes of a file name that are no UTF-8."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")
