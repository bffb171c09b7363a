"""The data records of EDF and BDF: samples of one signal, their calibration, and the times of the records."""

import re

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError
from backend.ecg.readers.channels import Channel
from backend.ecg.readers.edf.header import Header, Signal
from backend.ecg.readers.options import ReadOptions, settle_unit
from backend.ecg.readers.units import millivolts

_ONSET = re.compile(rb"([+-]\d{1,12}(?:\.\d{1,12})?)(?:\x15[0-9.]*)?\x14")


def samples_of(data: bytes, header: Header, signal: Signal, n_records: int) -> NDArray[np.int32]:
    """Return the (n,) integers of one signal, record after record; the caller has checked that they are there."""
    start, total = header.sample_offset(signal), sum(other.per_record for other in header.signals)
    columns = slice(start, start + signal.per_record)
    if header.width == 2:
        words = np.frombuffer(data, "<i2", n_records * total, header.length).reshape(n_records, total)
        return words[:, columns].astype(np.int32).reshape(-1)
    triples = np.frombuffer(data, np.uint8, n_records * total * 3, header.length).reshape(n_records, total, 3)
    wide = np.zeros((n_records, signal.per_record, 4), np.uint8)
    wide[:, :, 1:] = triples[:, columns]
    return (wide.view("<i4").reshape(-1) >> 8).astype(np.int32)


def calibrated(signal: Signal, stored: NDArray[np.int32], options: ReadOptions) -> Channel:
    """Return the lead so that sample x step is the voltage: (stored - digital minimum) x gain + physical minimum.

    The samples stay integers where 0 mV lies on a whole or a half step, as it does in most files. Raises
    UnreadableFileError for an impossible range, UndeclaredError where nobody says what the unit is.
    """
    (low, high), (digital_low, digital_high) = signal.physical, signal.digital
    span, steps = high - low, digital_high - digital_low
    if not (np.isfinite(span) and np.isfinite(steps) and span != 0 and steps > 0):
        raise UnreadableFileError(
            f"lead {signal.label} has an impossible range of values. Export the recording again with a physical and "
            "a digital minimum and maximum."
        )
    unit_open = millivolts(signal.unit) is None
    step = span / steps * settle_unit(signal.unit, signal.label, options)
    shift = low * steps / span - digital_low
    twice = round(2 * shift) if abs(shift) < 1 << 28 else 0
    if abs(2 * shift - twice) > 1e-6:
        return Channel(signal.label, stored + shift, step, unit_open=unit_open)
    if twice % 2:
        return Channel(signal.label, stored * 2 + twice, step / 2, unit_open=unit_open)
    return Channel(signal.label, stored + twice // 2, step, unit_open=unit_open)


def record_starts(data: bytes, header: Header, n_records: int) -> list[float | None]:
    """Return when each data record begins, in s, as its first annotation says; None where it does not."""
    annotations = next((signal for signal in header.signals if signal.is_annotation), None)
    if annotations is None:
        return [None] * n_records
    start = header.length + header.width * header.sample_offset(annotations)
    found = (_ONSET.match(data, start + i * header.record_bytes) for i in range(n_records))
    return [float(match[1]) if match else None for match in found]
