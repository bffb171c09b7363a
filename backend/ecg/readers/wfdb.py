"""WFDB records: a header and the signal files it names (PhysioNet, PTB-XL, the CinC challenges)."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import IncompleteSetError, LimitError, UnreadableFileError
from backend.ecg.leads import canonical_lead, place_leads
from backend.ecg.readers.options import Reader, ReadOptions, settle_rate
from backend.ecg.readers.sources import FileSet, Limits, SourceFile
from backend.ecg.readers.units import millivolts
from backend.ecg.readers.wfdb_header import FORMATS, Header, SignalLine, looks_like_header, parse_header
from backend.ecg.readers.wfdb_samples import INVALID, Samples, bytes_needed, decode, decode_flac, samples_in
from backend.ecg.recording import Recording

DEFAULT_RATE = 250.0  # Hz, where a header names none, header(5)


class WfdbSignals(NamedTuple):
    """Physical signals (n, k) float64 in `units`, as `wfdb.rdrecord(...).p_signal`, with names and the rate in Hz."""

    signals: NDArray[np.float64]
    names: tuple[str, ...]
    units: tuple[str, ...]
    rate: float


@dataclass(frozen=True, slots=True)
class _Digital:
    """Samples (k, n) as stored, the places the format marks as without a value, and the true rate in Hz."""

    samples: Samples
    invalid: NDArray[np.bool_] | None
    rate: float
    notes: tuple[str, ...]


def read_wfdb_signals(files: FileSet, limits: Limits | None = None) -> WfdbSignals:
    """Read any single-segment record, also one without twelve leads. Raises EcgError as `READER.read` does."""
    header = parse_header(files.main.data, files.name)
    digital = _digital(files, header, limits or Limits())
    baselines, gains = _scales(header.signals)
    signals = (digital.samples - baselines[:, None]) / gains[:, None]
    if digital.invalid is not None:
        signals[digital.invalid] = np.nan
    return WfdbSignals(
        signals.T, tuple(s.name for s in header.signals), tuple(s.unit for s in header.signals), digital.rate
    )


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    header = parse_header(files.main.data, files.name)
    names = tuple(signal.name for signal in header.signals)
    notes: tuple[str, ...] = ()
    if not any(names) and len(names) == len(options.order):
        names, notes = (
            options.order,
            (f"The header names no leads: {', '.join(options.order)} were assumed, in order.",),
        )
    factors = [
        _millivolts(signal, files.name) if canonical_lead(name) else 1.0
        for signal, name in zip(header.signals, names, strict=True)
    ]
    digital = _digital(files, header, limits)
    baselines, gains = _scales(header.signals)
    gains /= factors  # now samples per mV
    signal = _physical(digital.samples, baselines, gains)
    if digital.invalid is not None:
        signal[digital.invalid] = np.nan
    placed = place_leads(signal, names, options.partial)
    return [
        Recording(
            signal=placed.signal,
            rate=digital.rate,
            name=files.name,
            format="wfdb",
            derived=placed.derived,
            missing=placed.missing,
            step=placed.steps(np.abs(1 / gains)),
            start=header.start,
            patient=header.patient,
            notes=notes + digital.notes + settle_rate(options, digital.rate, "the header")[1] + placed.notes,
        )
    ]


def _physical(samples: Samples, baselines: NDArray[np.float64], gains: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return (samples - baseline) / gain. In float32 where all are exact in it: as good, and faster."""
    exact = (
        samples.dtype.itemsize <= 2 and not np.any(gains.astype(np.float32) - gains) and np.abs(baselines).max() < 1e6
    )
    kind: type[np.float32 | np.float64] = np.float32 if exact else np.float64
    physical: NDArray[np.floating] = samples.astype(kind)
    if baselines.any():
        np.subtract(physical, baselines[:, None], out=physical, casting="same_kind", dtype=kind)
    np.divide(physical, gains[:, None], out=physical, casting="same_kind", dtype=kind)
    return physical.astype(np.float32, copy=False)


def _scales(signals: tuple[SignalLine, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.array([float(s.baseline) for s in signals]), np.array([s.gain for s in signals])


def _millivolts(signal: SignalLine, name: str) -> float:
    factor = millivolts(signal.unit)
    if factor is None:
        raise UnreadableFileError(
            f"{name} gives signal '{signal.name}' in '{signal.unit}', which is no voltage. "
            "Correct the unit in the header (mV, uV or V), or remove the signal."
        )
    return factor


def _digital(files: FileSet, header: Header, limits: Limits) -> _Digital:
    """Decode every data file of the record into one (k, n) array in header order."""
    spf = {signal.samples_per_frame for signal in header.signals}
    if len(spf) > 1 or 0 in spf:
        raise UnreadableFileError(
            f"{files.name} holds signals of different sampling rates. Resample them to one rate "
            "and write the record again."
        )
    per_frame = spf.pop()
    members = {file.base: file for file in reversed(files.files[1:])}
    lower = {file.base.lower(): file for file in reversed(files.files[1:])}
    blocks: list[Samples] = []
    places: list[int] = []
    for name in header.files:
        file = members.get(name) or lower.get(name.lower())
        if file is None:
            raise IncompleteSetError(f"{files.name} needs {name}, which is missing. Upload the two together.")
        channels = [i for i, signal in enumerate(header.signals) if signal.file == name]
        blocks.append(_decode_file(file, [header.signals[i] for i in channels], header.length, limits))
        places += channels
    lengths = {block.shape[1] for block in blocks}
    if len(lengths) > 1:
        raise UnreadableFileError(
            f"The signal files of {files.name} differ in length. State the samples in the header."
        )
    samples = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    if places != sorted(places):
        samples = samples[np.argsort(places)]
    notes = _checksum_notes(header.signals, samples)
    samples, invalid = _mark_invalid(header.signals, samples, per_frame)
    rate = header.rate if header.rate else DEFAULT_RATE
    if not header.rate:
        notes += (f"The header states no sampling rate: {DEFAULT_RATE:g} Hz applies, the default of the format.",)
    return _Digital(samples, invalid, rate * per_frame, notes)


def _decode_file(file: SourceFile, signals: list[SignalLine], length: int, limits: Limits) -> Samples:
    """Decode one signal file to (its signals, n samples)."""
    fmt, offset, per_frame, k = signals[0].fmt, signals[0].offset, signals[0].samples_per_frame, len(signals)
    if fmt not in FORMATS or any(signal.fmt != fmt for signal in signals):
        raise UnreadableFileError(
            f"{file.name} is stored in WFDB format {', '.join(dict.fromkeys(s.fmt for s in signals))}, which cannot be "
            "read here. Write the record again in format 16."
        )
    if fmt in ("508", "516", "524"):
        if length * per_frame > limits.samples:
            raise LimitError(_too_long(file.name, length * per_frame, limits))
        interleaved = decode_flac(fmt, file.data, offset, length * per_frame, k, limits.samples, file.name)
        return np.ascontiguousarray(interleaved.T)
    available = samples_in(fmt, max(0, len(file.data) - offset))
    length = length or available // (k * per_frame)
    if length == 0:
        raise UnreadableFileError(f"{file.name} holds no samples. Copy it again from its source.")
    n_samples = length * per_frame * k
    if length * per_frame > limits.samples:
        raise LimitError(_too_long(file.name, length * per_frame, limits))
    expected = offset + bytes_needed(fmt, n_samples)
    if len(file.data) < expected:
        raise UnreadableFileError(
            f"{file.name} is cut off: the header promises {expected:,} bytes ({length:,} samples of {k} signals), the "
            f"file has {len(file.data):,}. Copy it again from its source."
        )
    flat = decode(fmt, file.data, offset, n_samples)
    # Frames hold `per_frame` samples of each signal in turn: (frame, signal, sample) -> (signal, frame and sample).
    by_signal = flat.reshape(-1, k, per_frame).transpose(1, 0, 2).reshape(k, -1)
    if fmt == "8":
        by_signal = by_signal.cumsum(axis=1, dtype=np.int64) + np.array([[s.initial] for s in signals])
    return np.ascontiguousarray(by_signal)


def _too_long(name: str, samples: int, limits: Limits) -> str:
    return f"{name} holds {samples:,} samples a lead; at most {limits.samples:,} are read. Split the recording."


def _checksum_notes(signals: tuple[SignalLine, ...], samples: Samples) -> tuple[str, ...]:
    """A wrong checksum does not refuse the record: headers edited by hand are common and the samples may be sound."""
    if all(signal.checksum is None for signal in signals):
        return ()
    sums = samples.sum(axis=1, dtype=np.int64).tolist()
    wrong = [
        signal.name
        for signal, total in zip(signals, sums, strict=True)
        if signal.checksum is not None and (total - signal.checksum) % 65536
    ]
    if not wrong:
        return ()
    return (
        f"The checksum of {', '.join(wrong)} differs from the header: the samples or the header were changed after the "
        "record was written. Compare with the source.",
    )


def _mark_invalid(
    signals: tuple[SignalLine, ...], samples: Samples, per_frame: int
) -> tuple[Samples, NDArray[np.bool_] | None]:
    """Find samples without a value, and shift skewed signals (which leaves their end without values)."""
    marks = [INVALID.get(signal.fmt) for signal in signals]
    lowest = samples.min(axis=1, initial=0).tolist()
    invalid: NDArray[np.bool_] | None = None
    if any(mark is not None and low <= mark for mark, low in zip(marks, lowest, strict=True)):
        never = np.iinfo(np.int64).min
        invalid = samples == np.array([[never if mark is None else mark] for mark in marks])
    if any(signal.skew for signal in signals):
        samples = samples.copy()
        invalid = np.zeros(samples.shape, np.bool_) if invalid is None else invalid
        n = samples.shape[1]
        for row, missing, signal in zip(samples, invalid, signals, strict=True):
            shift = min(signal.skew * per_frame, n)
            row[: n - shift], missing[: n - shift] = row[shift:].copy(), missing[shift:].copy()
            missing[n - shift :] = True
    return samples, invalid


READER = Reader(
    name="wfdb",
    title="WFDB (.hea with .dat or .mat)",
    extensions=(".hea", ".dat", ".mat"),
    declares_units=True,
    recognises=lambda files: looks_like_header(files.main.data),
    read=_read,
)
