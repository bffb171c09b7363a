"""EDF+ (16 bits) and BDF+ (24 bits): one continuous recording.

Source: Kemp and Olivan 2003, https://www.edfplus.info/specs/edfplus.html; BDF as BioSemi extends it to 24 bits.
"""

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnwritableError
from backend.ecg.readers.sources import SourceFile
from backend.ecg.recording import Recording
from backend.ecg.writers.edf_scale import MAXIMUM, Scale, find_scale, record_of
from backend.ecg.writers.writer import Steps, Writer, in_steps, need_millivolts, plain_text

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def _write(recording: Recording, stem: str) -> tuple[SourceFile, ...]:
    need_millivolts(recording, "EDF")
    steps = in_steps(recording)
    if steps.missing.any():
        raise UnwritableError("EDF cannot say that samples are missing, as some are here. Write it as wfdb or dicom.")
    peaks = np.abs(steps.samples.astype(np.int64)).max(axis=1).tolist()
    bits = 16 if max(peaks) <= MAXIMUM[16] else 24
    scales = [find_scale(step, peak, bits) for step, peak in zip(steps.step.tolist(), peaks, strict=True)]
    per_record, duration = record_of(recording.n_samples, recording.rate)
    times = _times(recording, recording.n_samples // per_record, Decimal(duration), bits // 8)
    header = _header(recording, steps, scales, bits, per_record, duration, times.shape[1])
    blocks = steps.samples.reshape(len(steps.leads), -1, per_record).transpose(1, 0, 2)
    numbers = np.ascontiguousarray(blocks).astype("<i2" if bits == 16 else "<i4").view(np.uint8)
    if bits == 24:
        numbers = numbers.reshape(len(times), -1, 4)[:, :, :3]
    data = np.concatenate([numbers.reshape(len(times), -1), times], axis=1).tobytes()
    return (SourceFile(f"{stem}.{'edf' if bits == 16 else 'bdf'}", header + data),)


def _times(recording: Recording, records: int, duration: Decimal, width: int) -> NDArray[np.uint8]:
    """Return the annotation signal (records, bytes): when each record starts, in s after the start in the header."""
    first = Decimal(recording.start.microsecond if recording.start else 0) / 1_000_000
    texts = [f"+{first + number * duration:f}\x14\x14\0".encode() for number in range(records)]
    size = -(-max(map(len, texts)) // width) * width
    return np.frombuffer(b"".join(text.ljust(size, b"\0") for text in texts), np.uint8).reshape(records, size)


def _header(
    recording: Recording,
    steps: Steps,
    scales: list[Scale],
    bits: int,
    per_record: int,
    duration: str,
    time_bytes: int,
) -> bytes:
    kind = "EDF" if bits == 16 else "BDF"
    k = len(steps.leads)
    first, last = (-32768, 32767) if bits == 16 else (-8388608, 8388607)
    start = recording.start
    fields: list[tuple[int, list[str]]] = [
        (80, [_patient(recording)]),
        (80, [_recorded(recording)]),
        # The year has two digits; the whole date stands in the line above. 1985 is the usual stand-in.
        (8, [f"{start:%d.%m.%y}" if start else "01.01.85"]),
        (8, [f"{start:%H.%M.%S}" if start else "00.00.00"]),
        (8, [str(256 * (k + 2))]),
        (44, [f"{kind}+C"]),
        (8, [str(recording.n_samples // per_record)]),
        (8, [duration]),
        (4, [str(k + 1)]),
        (16, [*(f"ECG {lead}" for lead in steps.leads), f"{kind} Annotations"]),
        (80, [""] * (k + 1)),
        (8, [*(scale.unit for scale in scales), ""]),
        (8, [*(f"-{scale.physical}" for scale in scales), "-1"]),
        (8, [*(scale.physical for scale in scales), "1"]),
        (8, [*(str(-scale.digital) for scale in scales), str(first)]),
        (8, [*(str(scale.digital) for scale in scales), str(last)]),
        (80, [_filters(recording)] * k + [""]),
        (8, [str(per_record)] * k + [str(time_bytes // (bits // 8))]),
        (32, [""] * (k + 1)),
    ]
    text = "".join(value[:width].ljust(width) for width, values in fields for value in values)
    return (b"0       " if bits == 16 else b"\xffBIOSEMI") + text.encode("ascii")


def _patient(recording: Recording) -> str:
    """Code, sex, date of birth and name; the last two are never known here."""
    return f"{_word(recording.patient.id, 60)} {recording.patient.sex or 'X'} X X"


def _recorded(recording: Recording) -> str:
    start = recording.start
    day = "X" if start is None else f"{start:%d}-{_MONTHS[start.month - 1]}-{start.year:04d}"
    return f"Startdate {day} X X {_word(recording.device.model, 50)}"


def _filters(recording: Recording) -> str:
    device = recording.device
    known = (("HP", device.high_pass), ("LP", device.low_pass), ("N", device.notch))
    return " ".join(f"{name}:{hertz:g}Hz" for name, hertz in known if hertz is not None)


def _word(text: str | None, longest: int) -> str:
    """A text as one word of ASCII, X where there is none."""
    return plain_text(text, longest).encode("ascii", "replace").decode().replace(" ", "_") or "X"


WRITER = Writer(
    name="edf",
    title="EDF+ (.edf; .bdf where 24 bits are needed)",
    extension=".edf",
    media_type="application/octet-stream",
    rounds=True,
    write=_write,
)
