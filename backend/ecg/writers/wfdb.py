"""WFDB records: a header, one signal file in format 16 (24 or 32 where the samples need it), and annotations.

Source: the WFDB applications guide, header(5) and signal(5), https://physionet.org/physiotools/wag/
"""

import re

import numpy as np
from numpy.typing import NDArray

from backend.ecg.annotations import Annotation
from backend.ecg.beats import r_peaks
from backend.ecg.readers.sources import SourceFile
from backend.ecg.recording import Recording
from backend.ecg.writers.annotations import to_bytes
from backend.ecg.writers.writer import Steps, Writer, in_steps, plain_text

DETECTED = "qrs"
"""Ending of the file of R peaks, as WFDB's own detectors name theirs."""
_INVALID = {16: -(1 << 15), 24: -(1 << 23), 32: -(1 << 31)}


def _write(recording: Recording, stem: str) -> tuple[SourceFile, ...]:
    folder, slash, base = stem.rpartition("/")
    record = re.sub(r"\W+", "_", base, flags=re.ASCII) or "record"  # names that all WFDB software reads
    steps = in_steps(recording)
    bits, samples = _widths(steps)
    header = [f"{record} {len(steps.leads)} {_number(recording.rate)} {recording.n_samples}{_start(recording)}"]
    unit = "mV" if recording.unit == "mV" else "NU"
    for lead, row, step in zip(steps.leads, samples, steps.step.tolist(), strict=True):
        checksum = (int(row.sum(dtype=np.int64)) + 32768) % 65536 - 32768
        header.append(f"{record}.dat {bits} {_number(1 / step)}(0)/{unit} {bits} 0 {row[0]} {checksum} 0 {lead}")
    header += [f"# {key}: {value}" for key, value in _comments(recording) if value]
    place = f"{folder}{slash}{record}"
    return (
        SourceFile(f"{place}.hea", "\n".join([*header, ""]).encode()),
        SourceFile(f"{place}.dat", _bytes(samples, bits)),
        *(SourceFile(f"{place}.{annotator}", to_bytes(found)) for annotator, found in _annotations(recording).items()),
    )


def _annotations(recording: Recording) -> dict[str, list[Annotation]]:
    """Return annotator -> annotations: those that came with the recording, and the R peaks, found where none did."""
    found: dict[str, list[Annotation]] = {}
    for one in recording.annotations:
        found.setdefault(one.annotator, []).append(one)
    if DETECTED not in found:
        beats = r_peaks(recording.signal, recording.rate).samples.tolist()
        found[DETECTED] = [Annotation(round(sample), "N", annotator=DETECTED) for sample in beats]
    return {annotator: kept for annotator, kept in found.items() if kept and annotator not in ("hea", "dat")}


def _widths(steps: Steps) -> tuple[int, NDArray[np.signedinteger]]:
    """Return the bits of a sample and the samples with the invalid value of that format."""
    if steps.samples.dtype == np.int16:
        return 16, steps.samples
    missing = steps.missing
    largest = int(np.abs(np.where(missing, 0, steps.samples)).max())
    bits = 24 if largest < 1 << 23 else 32
    return bits, np.where(missing, _INVALID[bits], steps.samples)


def _bytes(samples: NDArray[np.signedinteger], bits: int) -> bytes:
    """Return the samples (k, n) one moment after the other, little-endian."""
    frames = np.ascontiguousarray(samples.T)
    if bits == 24:
        return frames.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    return frames.astype(f"<i{bits // 8}", copy=False).tobytes()


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")


def _start(recording: Recording) -> str:
    if recording.start is None:
        return ""
    fraction = f".{recording.start.microsecond:06d}" if recording.start.microsecond else ""
    return f" {recording.start:%H:%M:%S}{fraction} {recording.start:%d/%m}/{recording.start.year:04d}"


def _comments(recording: Recording) -> list[tuple[str, str]]:
    """The facts of a record as the CinC challenges write them."""
    patient = recording.patient
    return [
        ("Age", "" if patient.age is None else f"{patient.age:g}"),
        ("Sex", {"F": "Female", "M": "Male"}.get(patient.sex or "", "")),
        ("Patient ID", plain_text(patient.id).replace(" ", "_")),
        ("Device", plain_text(recording.device.model)),
        ("Derived leads", ", ".join(recording.derived)),
    ]


WRITER = Writer(
    name="wfdb",
    title="WFDB (.hea and .dat)",
    extension=".hea",
    media_type="text/plain",
    rounds=True,
    write=_write,
)
