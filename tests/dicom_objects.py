"""DICOM objects for the tests: an ECG, and the requests that carry some."""

from collections.abc import Sequence

import numpy as np

from backend.ecg.recording import Patient, Recording
from backend.ecg.writers import WRITERS
from tests.samples import microvolts

OCTETS, DICOM = "application/octet-stream", "application/dicom"
BOUNDARY = "between"
RELATED = f'multipart/related; type="{DICOM}"; boundary={BOUNDARY}'


def dicom_ecg(seed: int = 0, patient: str = "Meier 7") -> bytes:
    """Return a file of a 12-lead ECG Waveform of 10 s at 500 Hz."""
    signal = (microvolts(seed, 5000, 500) / 1000).astype(np.float32)
    recording = Recording(signal=signal, rate=500.0, name="ecg", format="csv", patient=Patient(id=patient, sex="F"))
    writer = next(one for one in WRITERS if one.name == "dicom")
    (file,) = writer.write(recording, "ecg")
    return file.data


def related(objects: Sequence[bytes]) -> bytes:
    """Return the body of a STOW-RS request."""
    head = f"Content-Type: {DICOM}\r\n\r\n".encode()
    parts = [f"--{BOUNDARY}\r\n".encode() + head + one + b"\r\n" for one in objects]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
