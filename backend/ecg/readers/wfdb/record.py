"""One WFDB record of one segment: its data files become samples, by signal.

Source: the WFDB applications guide, header(5) and signal(5), https://physionet.org/physiotools/wag/
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import IncompleteSetError, LimitError, UnreadableFileError
from backend.ecg.leads import canonical_lead, shown
from backend.ecg.readers.sources import FileSet, Limits, SourceFile, check_claim
from backend.ecg.readers.wfdb.header import FORMATS, NO_FILE, Header, SignalLine, base_of
from backend.ecg.readers.wfdb.samples import INVALID, Samples, bytes_needed, decode, decode_flac, samples_in

DEFAULT_RATE = 250.0  # Hz, where a header names none, header(5)


@dataclass(frozen=True, slots=True)
class Digital:
    """Samples (k, n) as stored of the `signals`, where the format marks no value, and the true rate in Hz.

    `stated_rate` is whether the header names the rate, `stated_samples` the length a signal that it names; `per_frame`
    is how many samples make one frame.
    """

    samples: Samples
    signals: tuple[SignalLine, ...]
    invalid: NDArray[np.bool_] | None
    rate: float
    stated_rate: bool
    stated_samples: int | None
    per_frame: int
    notes: tuple[str, ...]

    @property
    def uncalibrated(self) -> list[str]:
        """The leads whose header states no gain."""
        return [s.name for s in self.signals if s.uncalibrated and (canonical_lead(s.name) or not s.name)]

    @property
    def scales(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Baseline and gain of each signal: physical value = (sample - baseline) / gain."""
        return np.array([float(s.baseline) for s in self.signals]), np.array([s.gain for s in self.signals])

    def physical(self) -> NDArray[np.float64]:
        """Return the values (k, n) in the units of the signals, NaN for no value."""
        baselines, gains = self.scales
        values = (self.samples - baselines[:, None]) / gains[:, None]
        if self.invalid is not None:
            values[self.invalid] = np.nan
        return values


class Members:
    """The files of a set by name, exactly written or in another case; `size` is how many bytes they have.

    A header may name a folder, as those of PTB-XL+ do: the file in it counts, or else the one beside the header.
    """

    def __init__(self, files: FileSet) -> None:
        self.size = sum(len(file.data) for file in files.files)
        self._folder = files.main.folder
        self._paths = {file.name: file for file in reversed(files.files)}
        self._exact = {file.base: file for file in reversed(files.files)}
        self._lower = {file.base.lower(): file for file in reversed(files.files)}

    def get(self, name: str, by: str) -> SourceFile:
        """Return the file that the header `by` names. Raises IncompleteSetError where it is missing."""
        base = base_of(name)
        path = str(PurePosixPath(self._folder, name.replace("\\", "/")))
        file = self._paths.get(path) or self._exact.get(base) or self._lower.get(base.lower())
        if file is None:
            raise IncompleteSetError(f"{by} needs {base}, which is missing. Upload the two together.")
        return file


def decode_record(
    members: Members, header: Header, name: str, limits: Limits, length: int = 0, leads_only: bool = True
) -> Digital:
    """Decode the data files of the record whose header is file `name`.

    `length` in samples a signal goes before that of the header where it is shorter (0: that of the header). Where
    signals differ in rate, the leads among them are read (with `leads_only`) and the others are left out.
    Raises UnreadableFileError, IncompleteSetError, LimitError.
    """
    if any(signal.file == NO_FILE for signal in header.signals):
        raise IncompleteSetError(
            f"{name} describes the layout of a record of several segments and no samples. "
            "Upload it together with the header of that record."
        )
    rows, left = _of_one_rate(header, name, leads_only)
    per_frame = header.signals[rows[0]].samples_per_frame
    blocks: list[Samples] = []
    places: list[int] = []
    notes: tuple[str, ...] = ()
    if left:
        notes = (f"Left out, being sampled at another rate than the leads: {shown(left)}.",)
    length = min(length, header.length) if length and header.length else length or header.length
    taken: dict[str, str] = {}
    for file_name in dict.fromkeys(header.signals[row].file for row in rows):
        file = members.get(file_name, name)
        if taken.setdefault(file.name, file_name) != file_name:
            raise IncompleteSetError(
                f"{name} names {file_name} and {taken[file.name]}, and only one file of that name is here. "
                "Upload both, in the folders that the header names."
            )
        channels = [i for i, signal in enumerate(header.signals) if signal.file == file_name]
        chosen = [at for at, channel in enumerate(channels) if channel in rows]
        block, available = _decode_file(file, [header.signals[i] for i in channels], chosen, length, limits)
        blocks.append(block)
        check_claim(name, sum(one.nbytes for one in blocks), members.size, limits)
        places += [channels[at] for at in chosen]
        if header.length and available > header.length:
            notes += (
                f"{file.base} holds {available * per_frame:,} samples a lead, the header states "
                f"{header.length * per_frame:,}: those were read.",
            )
    if len({block.shape[1] for block in blocks}) > 1:
        raise UnreadableFileError(f"The signal files of {name} differ in length. State the samples in the header.")
    samples = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    if places != sorted(places):
        samples = samples[np.argsort(places)]
    signals = tuple(header.signals[row] for row in rows)
    if not length or length == header.length:
        notes += _checksum_notes(signals, samples)
    samples, invalid = _mark_invalid(signals, samples, per_frame)
    if not header.rate:
        notes += (f"The header states no sampling rate: {DEFAULT_RATE:g} Hz applies, the default of the format.",)
    rate = (header.rate or DEFAULT_RATE) * per_frame
    stated = header.length * per_frame or None
    return Digital(samples, signals, invalid, rate, bool(header.rate), stated, per_frame, notes)


def _of_one_rate(header: Header, name: str, leads_only: bool) -> tuple[list[int], list[str]]:
    """Return the rows of the signals to read, all of one rate, and the names of those left out."""
    sizes = [signal.samples_per_frame for signal in header.signals]
    rows = list(range(len(sizes)))
    if len(set(sizes)) > 1 and leads_only:
        rows = [row for row in rows if canonical_lead(header.signals[row].name)] or rows
    if len({sizes[row] for row in rows}) > 1 or 0 in sizes:
        raise UnreadableFileError(
            f"{name} holds {'leads' if leads_only else 'signals'} of different sampling rates. Resample them to one "
            "rate and write the record again."
        )
    return rows, [signal.name for row, signal in enumerate(header.signals) if row not in rows]


def _decode_file(
    file: SourceFile, signals: list[SignalLine], chosen: list[int], length: int, limits: Limits
) -> tuple[Samples, int]:
    """Decode the chosen signals of one file to (signals, n samples); also return how many frames the file holds."""
    fmt, offset, k = signals[0].fmt, signals[0].offset, len(signals)
    per_frame = signals[chosen[0]].samples_per_frame
    sizes = [signal.samples_per_frame for signal in signals]
    frame = sum(sizes)
    if fmt not in FORMATS or any(signal.fmt != fmt for signal in signals):
        raise UnreadableFileError(
            f"{file.name} is stored in WFDB format {', '.join(dict.fromkeys(s.fmt for s in signals))}, which cannot be "
            "read here. Write the record again in format 16."
        )
    if fmt in ("508", "516", "524"):
        if length * per_frame > limits.samples:
            raise LimitError(_too_long(file.name, length * per_frame, limits))
        if frame != k * per_frame:
            raise UnreadableFileError(f"{file.name} mixes sampling rates in one FLAC file. Write it in format 16.")
        interleaved = decode_flac(fmt, file.data, offset, length * per_frame, k, limits.samples, file.name)
        return np.ascontiguousarray(interleaved.T[chosen]), length
    available = samples_in(fmt, max(0, len(file.data) - offset)) // frame
    length = length or available
    if length == 0:
        raise UnreadableFileError(f"{file.name} holds no samples. Copy it again from its source.")
    n_samples = length * frame
    if length * per_frame > limits.samples:
        raise LimitError(_too_long(file.name, length * per_frame, limits))
    expected = offset + bytes_needed(fmt, n_samples)
    if len(file.data) < expected:
        raise UnreadableFileError(
            f"{file.name} is cut off: the header promises {expected:,} bytes ({length:,} samples of {k} signals), the "
            f"file has {len(file.data):,}. Copy it again from its source."
        )
    flat = decode(fmt, file.data, offset, n_samples)
    if frame == k * per_frame:
        # Frames hold `per_frame` samples of each signal in turn: (frame, signal, sample) -> (signal, frame and sample).
        by_signal = flat.reshape(-1, k, per_frame).transpose(1, 0, 2).reshape(k, -1)
        by_signal = by_signal if len(chosen) == k else by_signal[chosen]
    else:
        starts = np.cumsum([0, *sizes])
        by_signal = np.stack([flat.reshape(-1, frame)[:, starts[i] : starts[i + 1]].reshape(-1) for i in chosen])
    if fmt == "8":
        by_signal = by_signal.cumsum(axis=1, dtype=np.int64) + np.array([[signals[i].initial] for i in chosen])
    return np.ascontiguousarray(by_signal), available


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
        f"The checksum of {shown(wrong)} differs from the header: the samples or the header were changed after the "
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
