"""One multiplex group of a DICOM waveform: samples, leads, calibration.

Source: DICOM PS3.3 C.10.9.1.4: value = sample x sensitivity x correction factor + baseline, in the units given.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import LimitError, UndeclaredError, UnreadableFileError
from backend.ecg.leads import canonical_lead, shown
from backend.ecg.readers.dicom.lead_names import lead_name
from backend.ecg.readers.marks import missing_marks
from backend.ecg.readers.options import ReadOptions, settle_unit
from backend.ecg.readers.sources import Limits
from backend.ecg.readers.units import millivolts

if TYPE_CHECKING:
    from pydicom import Dataset

_DTYPES = {
    ("SB", 8): "i1", ("UB", 8): "u1", ("SS", 16): "i2", ("US", 16): "u2", ("SL", 32): "i4", ("UL", 32): "u4",
    ("SV", 64): "i8", ("UV", 64): "u8",
}  # fmt: skip
# What labels of groups may be quoted: they are free text.
_LABELS = frozenset(("rhythm", "median", "median beat", "representative beat", "average beat", "original", "derived"))
_COMPANDED = {"MB": "mu-law", "AB": "A-law"}  # made for speech: coarse where an ECG is largest


@dataclass(frozen=True, slots=True)
class Group:
    """The channels of a group: `values` (k, n) in mV, `names` in any spelling, `steps` (k,) in mV, the rate in Hz.

    `on_grid` is whether values are whole multiples of the steps; `offset` is the start in ms. `filters` are high pass,
    low pass and notch in Hz, where all leads agree. `unit_declared` is whether the uploader gave
    a scale, `arbitrary` whether there is none.
    """

    values: NDArray[np.float64]
    names: tuple[str, ...]
    steps: NDArray[np.float64]
    on_grid: bool
    rate: float
    offset: float
    filters: tuple[float | None, float | None, float | None]
    unit_declared: bool
    arbitrary: bool
    notes: tuple[str, ...]


def decimal(item: "Dataset", keyword: str) -> float | None:
    """Return a number of a data set, None where it is absent or empty; a decimal comma is read as a point.

    Raises UnreadableFileError that names the element for anything else.
    """
    try:
        value = item.get(keyword)
        return None if value is None or str(value).strip() == "" else float(value)
    except (TypeError, ValueError):
        raw = item.get_item(keyword)
        stored = getattr(raw, "value", None)
        text = stored.decode("latin-1").strip(" \0") if isinstance(stored, bytes) else str(stored)
    try:
        return float(text.replace(",", ".", 1))
    except ValueError as error:
        # What is no number at all may be anything, also a name, and is not repeated.
        said = f"'{text}'" if re.fullmatch(r"[\d.,eE+ -]{1,16}", text) else "a text"
        raise UnreadableFileError(
            f"the element {keyword} holds {said}, which is no number. Export it again, or correct it."
        ) from error


def rank(item: "Dataset") -> tuple[bool, float]:
    """Order of groups: whether it is no average of beats, then the duration in s (0 where it is not stated)."""
    samples, rate = decimal(item, "NumberOfWaveformSamples") or 0.0, decimal(item, "SamplingFrequency") or 0.0
    original = str(item.get("WaveformOriginality") or "ORIGINAL").upper() == "ORIGINAL"
    return original, samples / rate if rate > 0 else 0.0


def read_group(item: "Dataset", number: int, little_endian: bool, options: ReadOptions, limits: Limits) -> Group:
    """Read one item of the waveform sequence; `number` counts from 1, for messages.

    Raises UnreadableFileError, LimitError, UndeclaredError and MissingLeadsError. What pydicom raises for damaged
    elements passes through.
    """
    title = group_title(item, number)
    rate = decimal(item, "SamplingFrequency") or 0.0
    if not 0 < rate < 1e6:
        raise UnreadableFileError(f"{title} has a sampling rate of {rate:g} Hz. Export it again.")
    samples, missing = _samples(item, title, little_endian, limits)
    channels = list(item.ChannelDefinitionSequence)
    if len(channels) != len(samples):
        raise UnreadableFileError(
            f"{title} defines {len(channels)} channels and holds {len(samples)}. Export it again."
        )
    marks: tuple[str, ...] = ()
    if missing is None:  # the file names no value for padding
        missing, marks = missing_marks(samples)
    samples, notes = _stored_bits(samples, missing, channels, title)
    held = len(item.WaveformData) // (len(samples) * samples.itemsize)
    if held > samples.shape[1]:
        notes += (f"{title} holds {held} samples a lead and states {samples.shape[1]}: those were read.",)
    notes += marks
    names = [lead_name(channel) for channel in channels]
    leads = [channel for channel, name in zip(channels, names, strict=True) if canonical_lead(name)]
    factors, baselines = np.ones(len(channels)), np.zeros(len(channels))
    for index, (channel, name) in enumerate(zip(channels, names, strict=True)):
        if canonical_lead(name):
            factors[index], baselines[index] = _calibration(channel, name, title, options)
    values = samples * factors[:, None]
    if baselines.any():
        values += baselines[:, None]
    if missing is not None:
        values[missing] = np.nan
    skewed = [
        name
        for channel, name in zip(channels, names, strict=True)
        if decimal(channel, "ChannelTimeSkew") or decimal(channel, "ChannelSampleSkew")
    ]
    if skewed:
        notes += (f"The file states a skew of the leads {shown(skewed)}; it was not corrected.",)
    if not rank(item)[0]:
        notes += ("The file marks this waveform as derived (an average beat, say), not as the recording itself.",)
    return Group(
        values=values,
        names=tuple(names),
        steps=np.abs(factors),
        on_grid=bool(np.all(np.abs(baselines / factors - np.rint(baselines / factors)) < 1e-9)),
        rate=rate,
        offset=decimal(item, "MultiplexGroupTimeOffset") or 0.0,
        filters=_filters(leads),
        unit_declared=any(_unit_open(channel) for channel in leads),
        arbitrary=options.unit == "arbitrary" and any(millivolts(_unit_code(channel)) is None for channel in leads),
        notes=notes,
    )


def _filters(leads: "list[Dataset]") -> tuple[float | None, float | None, float | None]:
    """Return high pass, low pass and notch in Hz, None for one that is not stated, zero, or not that of all leads."""
    found: list[float | None] = []
    for keyword in ("FilterLowFrequency", "FilterHighFrequency", "NotchFilterFrequency"):
        stated = {decimal(channel, keyword) or 0.0 for channel in leads}
        value = stated.pop() if len(stated) == 1 else 0.0
        found.append(value if 0 < value < 1e6 else None)
    return found[0], found[1], found[2]


def group_title(item: "Dataset", number: int) -> str:
    """What a group is, for messages."""
    labels = (str(item.get(key) or "").strip().lower() for key in ("MultiplexGroupLabel", "WaveformOriginality"))
    label = next((label for label in labels if label in _LABELS), None)
    return f"waveform group {number}" + (f" ({label})" if label else "")


def _samples(
    item: "Dataset", title: str, little_endian: bool, limits: Limits
) -> tuple[NDArray[np.integer], NDArray[np.bool_] | None]:
    """Return the raw (channel, sample) integers, and where they are the value that stands for a missing sample."""
    kind, bits = str(item.get("WaveformSampleInterpretation") or "SS"), int(item.WaveformBitsAllocated)
    if kind in _COMPANDED:
        raise UnreadableFileError(
            f"{title} stores samples by {_COMPANDED[kind]} (interpretation {kind}), which loses too much of an ECG and "
            "is not read. Export it with 16-bit signed samples."
        )
    if (kind, bits) not in _DTYPES:
        raise UnreadableFileError(
            f"{title} stores samples as {kind[:2]} of {bits} bits, which cannot be read. "
            "Export it with 16-bit signed samples."
        )
    dtype = np.dtype(("<" if little_endian else ">") + _DTYPES[kind, bits])
    n, k = int(item.NumberOfWaveformSamples), int(item.NumberOfWaveformChannels)
    if n > limits.samples:
        raise LimitError(f"{title} holds {n:,} samples a lead; at most {limits.samples:,} are read. Split it.")
    data = item.WaveformData
    if not isinstance(data, bytes) or len(data) < n * k * dtype.itemsize:
        have = len(data) if isinstance(data, bytes) else 0
        raise UnreadableFileError(
            f"{title} is cut off: {n * k * dtype.itemsize:,} bytes of samples are promised, {have:,} are there. "
            "Export or copy it again."
        )
    if n < 1 or k < 1:
        raise UnreadableFileError(f"{title} holds no samples. Export it again.")
    samples = np.ascontiguousarray(np.frombuffer(data, dtype, n * k).reshape(n, k).T)
    padding = item.get("WaveformPaddingValue")
    if isinstance(padding, bytes) and len(padding) >= dtype.itemsize:
        padding = int(np.frombuffer(padding, dtype, 1)[0])
    rate = decimal(item, "SamplingFrequency") or 0.0
    return samples, padded(samples, padding, rate) if isinstance(padding, int) else None


def _stored_bits(
    samples: NDArray[np.integer], missing: NDArray[np.bool_] | None, channels: "list[Dataset]", title: str
) -> tuple[NDArray[np.integer], tuple[str, ...]]:
    """Extend the sign of samples stored in fewer bits than allocated, where the file left the upper bits empty.

    The standard demands that writers extend it, so samples with a sign are left alone; samples beyond the stated bits
    show that the statement is wrong.
    """
    signed, allocated, beyond = samples.dtype.kind == "i", 8 * samples.itemsize, False
    for row, channel in enumerate(channels):
        stored = int(channel.get("WaveformBitsStored") or allocated)
        if not 1 < stored < allocated:
            continue
        valid = samples[row] if missing is None else samples[row][~missing[row]]
        low, high, half = int(valid.min(initial=0)), int(valid.max(initial=0)), 1 << (stored - 1)
        if signed and low == 0 and half <= high < 2 * half:
            samples = samples if samples.flags.writeable else samples.copy()
            wrapped = samples[row] >= half
            if missing is not None:
                wrapped &= ~missing[row]
            samples[row][wrapped] -= 2 * half
        elif high >= (half if signed else 2 * half) or low < -half:
            beyond = True
    notes = (f"{title} holds samples beyond the bits it states as stored; they were kept.",) if beyond else ()
    return samples, notes


def padded(samples: NDArray[np.integer], padding: int, rate: float) -> NDArray[np.bool_]:
    """Where samples (k, n) at `rate` Hz are padding, and no ECG that happens to have the value of the padding.

    A value beyond all others is padding wherever it stands. One amid them, such as 0, is padding where a lead holds
    nothing else, where all leads hold it together for 0.1 s, and where one holds it for a second.
    """
    at: NDArray[np.bool_] = np.asarray(samples == padding, np.bool_)
    others = samples[~at]
    if not others.size or not at.any() or not int(others.min()) <= padding <= int(others.max()):
        return at
    together = _long_runs(np.logical_and.reduce(at), max(2, round(0.1 * rate)))
    long = max(2, round(rate))
    marked = np.stack([row if row.all() else _long_runs(row, long) for row in at])
    out: NDArray[np.bool_] = marked | together
    return out


def _long_runs(marked: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    """Those of the marked samples (n,) that stand in a run of at least `least`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], marked, [False]))))
    out = np.zeros_like(marked)
    for start, stop in edges.reshape(-1, 2):
        out[start:stop] = stop - start >= least
    return out


def _unit_open(channel: "Dataset") -> bool:
    """Whether the scale of a channel is that of the uploader."""
    return decimal(channel, "ChannelSensitivity") is None or millivolts(_unit_code(channel)) is None


def _unit_code(channel: "Dataset") -> str:
    units = channel.get("ChannelSensitivityUnitsSequence") or ()
    return str(units[0].get("CodeValue") or "") if units else ""


def _calibration(channel: "Dataset", name: str, title: str, options: ReadOptions) -> tuple[float, float]:
    """Return mV a step and the baseline in mV of one lead."""
    sensitivity = decimal(channel, "ChannelSensitivity")
    if sensitivity is None:
        if options.units_per_mv is None:
            raise UndeclaredError(
                f"{title} does not say how many mV a step of lead {name} is. Declare the units per mV."
            )
        return 1 / options.units_per_mv, 0.0
    factor = settle_unit(_unit_code(channel), name, options)
    correction = decimal(channel, "ChannelSensitivityCorrectionFactor")
    step = sensitivity * (1.0 if correction is None else correction) * factor
    if not np.isfinite(step) or step == 0:
        raise UnreadableFileError(f"{title} gives lead {name} a sensitivity of {step:g}. Export it again.")
    return step, (decimal(channel, "ChannelBaseline") or 0.0) * factor
