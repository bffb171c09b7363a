"""AliveCor Kardia JSON: the one or six limb leads of a pocket device, so always a partial recording.

Source: Kardia API documentation (developers.kardia.com), the object of a single recording: `data.raw` holds `frequency`
in Hz, `amplitudeResolution` in nV a step and `samples` by lead; `data.enhanced` is the same signal, filtered.
"""

import re
from typing import Any

import numpy as np

from backend.ecg.errors import LimitError, UnreadableFileError
from backend.ecg.readers.assemble import Facts
from backend.ecg.readers.channels import Channel, calibrated, from_channels
from backend.ecg.readers.facts import identifier, measurements, model_name, moment
from backend.ecg.readers.json.tree import looks_like_object, member, parse_json, real, string
from backend.ecg.readers.number_list import Samples
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.recording import DeviceFacts, Patient, Recording, Statement

_MARKS = (b'"amplitudeResolution"', b'"algorithmDetermination"', b'"recordedAt"', b'"data12L"')
_DETERMINATIONS = {
    "normal": "Normal sinus rhythm", "afib": "Possible atrial fibrillation", "unclassified": "Unclassified",
    "bradycardia": "Bradycardia", "tachycardia": "Tachycardia", "too_short": "Recording too short to analyse",
    "too_long": "Recording too long to analyse", "unreadable": "Unreadable", "no_analysis": "No analysis",
}  # fmt: skip
_INTERVALS = {"rr": "rr", "qt": "qt", "qtc": "qtcb"}
_MODEL = re.compile(r"[A-Za-z0-9_ .-]{1,40}")


def _recognises(files: FileSet) -> bool:
    data = files.main.data
    return looks_like_object(data) and sum(mark in data for mark in _MARKS) >= 2


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    tree = parse_json(files.main.data, files.name)
    raw, enhanced = member(tree, "data", "raw"), member(tree, "data", "enhanced")
    block = raw if isinstance(raw, dict) else enhanced
    if not isinstance(member(block, "samples"), dict):
        if member(tree, "data12L") is not None:
            raise UnreadableFileError(
                f"{files.name} is a Kardia 12L recording, which states no scale of its amplitudes. "
                "Export it in another format, such as DICOM."
            )
        raise UnreadableFileError(f"{files.name} holds no samples of a Kardia recording. Export it with its data.")
    channels = [
        _channel(name, values, real(member(block, "amplitudeResolution")), options, limits)
        for name, values in block["samples"].items()
        if values is not None
    ]
    rate = real(member(block, "frequency"))
    both = block is raw and isinstance(enhanced, dict)
    return [
        from_channels(
            files,
            options,
            limits,
            format="kardia",
            channels=channels,
            rate=rate if rate and rate > 0 else None,
            facts=_facts(tree, ("Left out: the filtered copy of the signal (enhanced).",) if both else ()),
        )
    ]


def _channel(name: str, values: Any, resolution: float | None, options: ReadOptions, limits: Limits) -> Channel:
    if not isinstance(values, list):
        raise UnreadableFileError(f"the samples of {name[:40]} are no list of numbers. Export the recording again.")
    if len(values) > limits.samples:
        raise LimitError(f"{len(values):,} samples a lead; at most {limits.samples:,} are read. Split the recording.")
    lead = name.removeprefix("lead")
    return calibrated(lead, _samples(values, name), resolution or 1.0, "nV" if resolution else None, options)


def _samples(values: list[Any], name: str) -> Samples:
    """Integers where all are; null is a missing sample."""
    if not all(value is None or type(value) in (int, float) for value in values):
        raise UnreadableFileError(f"the samples of {name[:40]} are no list of numbers. Export the recording again.")
    try:
        stored = np.array(values)
        return stored if stored.dtype.kind == "i" else np.array(values, np.float64)
    except OverflowError as error:
        raise UnreadableFileError(f"the samples of {name[:40]} are impossibly large. Export it again.") from error


def _facts(tree: dict[str, Any], notes: tuple[str, ...]) -> Facts:
    """Names, notes and tags are never read."""
    said = string(member(tree, "algorithmDetermination")) or ""
    model = string(member(tree, "deviceInfo", "hardwareType")) or ""
    intervals = {key: real(member(tree, "qtMeasurement", kind, "Value")) for key, kind in _INTERVALS.items()}
    measured = {"heart_rate": real(member(tree, "heartRate")), **intervals}
    return Facts(
        start=moment(string(member(tree, "recordedAt"))),
        patient=Patient(id=identifier(string(member(tree, "patientID")))),
        device=DeviceFacts(
            model=model_name("AliveCor", model) if _MODEL.fullmatch(model) else None,
            measurements=measurements(measured),
            statements=(Statement(said, "Kardia", _DETERMINATIONS[said]),) if said in _DETERMINATIONS else (),
        ),
        notes=notes,
    )


READER = Reader(
    name="kardia",
    title="AliveCor Kardia JSON, 1 or 6 leads (.json)",
    extensions=(".json",),
    declares_units=True,
    recognises=_recognises,
    read=_read,
    source="Kardia API documentation",
)
