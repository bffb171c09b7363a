"""ISHNE Holter recordings, version 1.0.

Source: Badilini 1998, "The ISHNE Holter Standard Output File Format", doi:10.1111/j.1542-474X.1998.tb00353.x
"""

import binascii
import struct

import numpy as np

from backend.ecg.errors import LimitError, UndeclaredError, UnreadableFileError
from backend.ecg.leads import canonical_lead
from backend.ecg.readers.assemble import Facts, assemble
from backend.ecg.readers.facts import age_at, at, identifier, model_name, plain
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.recording import DeviceFacts, Patient, Recording

_MAGIC, _ANNOTATIONS = b"ISHNE1.0", b"ANN  1.0"
_FIXED = 522  # bytes before the block of variable length
_MOST_LEADS = 12
_LEADS = (
    "unknown", "generic bipolar", "X", "Y", "Z", "I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5",
    "V6", "ES", "AS", "AI",
)  # fmt: skip


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    name, data = files.name, files.main.data
    if data.startswith(_ANNOTATIONS):
        raise UnreadableFileError(
            f"{name} holds the annotations of a Holter recording, no ECG signal. Upload the recording (.ecg)."
        )
    if len(data) < _FIXED:
        raise UnreadableFileError(f"{name} breaks off in its header. Export or copy it again.")
    stated, _, offset = struct.unpack_from("<3i", data, 14)
    n_leads, rate = struct.unpack_from("<h", data, 156)[0], struct.unpack_from("<h", data, 272)[0]
    if not 1 <= n_leads <= _MOST_LEADS or not _FIXED <= offset <= len(data):
        raise UnreadableFileError(
            f"{name} has a damaged header ({n_leads} leads, samples from byte {offset:,}). Export it again."
        )
    if rate <= 0:
        raise UnreadableFileError(f"{name} states a sampling rate of {rate} Hz. Export it again.")
    there = (len(data) - offset) // (2 * n_leads)
    # Some writers state the samples of all leads together.
    stated = stated // n_leads if stated == there * n_leads else stated
    length = min(stated, there) if stated > 0 else there
    if length == 0:
        raise UnreadableFileError(f"{name} holds no samples. Copy it again from its source.")
    if length > limits.samples:
        raise LimitError(
            f"{name} holds {length:,} samples a lead; at most {limits.samples:,} are read. Export a part of the "
            "recording."
        )
    codes = struct.unpack_from(f"<{n_leads}h", data, 158)
    names = [_LEADS[code] if 0 <= code < len(_LEADS) else f"lead number {code}" for code in codes]
    names = [lead if canonical_lead(lead) else f"{lead} ({index + 1})" for index, lead in enumerate(names)]
    if sorted(names) == ["X (1)", "Y (2)", "Z (3)"]:
        names = ["X", "Y", "Z"]
    resolutions = struct.unpack_from(f"<{n_leads}h", data, 206)
    steps = [
        _step(resolution, lead, options, name) if canonical_lead(lead) else 1.0
        for resolution, lead in zip(resolutions, names, strict=True)
    ]
    samples = np.frombuffer(data, "<i2", length * n_leads, offset).reshape(length, n_leads).T
    return [
        assemble(
            files,
            options,
            format="ishne",
            samples=samples,
            names=names,
            rate=float(rate),
            mv_per_step=steps,
            facts=_facts(data, offset, stated, there),
        )
    ]


def _step(resolution: int, lead: str, options: ReadOptions, name: str) -> float:
    """Return mV a step from the resolution in nV."""
    if resolution > 0:
        return resolution / 1e6
    if options.units_per_mv is None:
        raise UndeclaredError(f"{name} does not say how many nV a step of lead {lead} is. Declare the units per mV.")
    return 1 / options.units_per_mv


def _facts(data: bytes, offset: int, stated: int, there: int) -> Facts:
    """Identifier, sex, age, start and recorder; the names beside them are not read."""
    notes: tuple[str, ...] = ()
    if binascii.crc_hqx(data[10:offset], 0xFFFF) != struct.unpack_from("<H", data, 8)[0]:
        notes += ("The checksum of the header is wrong: it was changed after it was written. Compare with the source.",)
    if stated > there:
        notes += (f"The file is cut off: the header promises {stated:,} samples a lead, {there:,} are there.",)
    if struct.unpack_from("<h", data, 230)[0] > 0:
        notes += ("The file states that the patient has a pacemaker.",)
    day, month, year = struct.unpack_from("<3h", data, 138)
    start = at(year, month, day, *(max(0, part) for part in struct.unpack_from("<3h", data, 150)))
    born_day, born_month, born_year = struct.unpack_from("<3h", data, 132)
    sex = struct.unpack_from("<h", data, 128)[0]
    return Facts(
        start=start,
        patient=Patient(
            id=identifier(plain(data[108:128])),
            age=age_at(at(born_year, born_month, born_day), start),
            sex="M" if sex == 1 else "F" if sex == 2 else None,
        ),
        device=DeviceFacts(model=model_name(plain(data[232:272]))),
        notes=notes,
        stated_samples=stated if stated > 0 else None,
    )


READER = Reader(
    name="ishne",
    title="ISHNE Holter (.ecg)",
    extensions=(".ecg",),
    declares_units=True,
    recognises=lambda files: files.main.data.startswith((_MAGIC, _ANNOTATIONS)),
    read=_read,
    source="Badilini 1998, doi:10.1111/j.1542-474X.1998.tb00353.x",
)
