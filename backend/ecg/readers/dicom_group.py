"""One multiplex group of a DICOM waveform: samples, leads, calibration.

Source: DICOM PS3.3 C.10.9.1.4: value = sample x sensitivity x correction factor + baseline, in the units given.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import LimitError, UndeclaredError, UnreadableFileError
from backend.ecg.leads import Placed, canonical_lead, place_leads
from backend.ecg.readers.options import ReadOptions
from backend.ecg.readers.sources import Limits
from backend.ecg.readers.units import millivolts

if TYPE_CHECKING:
    from pydicom import Dataset

_DTYPES = {"SB": "i1", "UB": "u1", "SS": "i2", "US": "u2", "SL": "i4", "UL": "u4"}
_BITS = {"SB": 8, "UB": 8, "SS": 16, "US": 16, "SL": 32, "UL": 32}
# Lead numbers of SCP-ECG ("5.6.3-9-1") and of the MDC nomenclature ("2:1") are the same.
_NUMBERS = {
    1: "I", 2: "II", 3: "V1", 4: "V2", 5: "V3", 6: "V4", 7: "V5", 8: "V6", 61: "III", 62: "aVR", 63: "aVL", 64: "aVF",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """A group with twelve leads in mV, its integer steps in mV and its rate in Hz."""

    placed: Placed
    step: NDArray[np.float64] | None
    rate: float
    notes: tuple[str, ...]


def rank(item: "Dataset") -> tuple[bool, float]:
    """Order of groups: whether it is no average of beats, then the duration in s (0 where it is not stated)."""
    samples, rate = float(item.get("NumberOfWaveformSamples") or 0), float(item.get("SamplingFrequency") or 0)
    original = str(item.get("WaveformOriginality") or "ORIGINAL").upper() == "ORIGINAL"
    return original, samples / rate if rate > 0 else 0.0


def read_group(item: "Dataset", number: int, little_endian: bool, options: ReadOptions, limits: Limits) -> Group:
    """Read one item of the waveform sequence; `number` counts from 1, for messages.

    Raises UnreadableFileError, LimitError, UndeclaredError and MissingLeadsError. What pydicom raises for damaged
    elements passes through.
    """
    title = group_title(item, number)
    rate = float(item.SamplingFrequency)
    if not 0 < rate < 1e6:
        raise UnreadableFileError(f"{title} has a sampling rate of {rate:g} Hz. Export it again.")
    samples, padding = _samples(item, title, little_endian, limits)
    channels = list(item.ChannelDefinitionSequence)
    if len(channels) != len(samples):
        raise UnreadableFileError(
            f"{title} defines {len(channels)} channels and holds {len(samples)}. Export it again."
        )
    names = [lead_name(channel) for channel in channels]
    factors, baselines = np.ones(len(channels)), np.zeros(len(channels))
    for index, (channel, name) in enumerate(zip(channels, names, strict=True)):
        if canonical_lead(name):
            factors[index], baselines[index] = _calibration(channel, name, title, options)
    physical = samples * factors[:, None]
    if baselines.any():
        physical += baselines[:, None]
    if padding is not None:
        physical[samples == padding] = np.nan
    placed = place_leads(physical, names, options.partial)
    on_grid = np.all(np.abs(baselines / factors - np.rint(baselines / factors)) < 1e-9)
    skewed = [
        name
        for channel, name in zip(channels, names, strict=True)
        if float(channel.get("ChannelTimeSkew") or 0) or float(channel.get("ChannelSampleSkew") or 0)
    ]
    notes: tuple[str, ...] = ()
    if skewed:
        notes = (f"The file states a skew of the leads {', '.join(skewed)}; it was not corrected.",)
    if not rank(item)[0]:
        notes += ("The file marks this waveform as derived (an average beat, say), not as the recording itself.",)
    return Group(
        placed,
        placed.steps(np.abs(factors)) if on_grid else None,
        rate,
        notes,
    )


def lead_name(channel: "Dataset") -> str:
    """The lead of a channel, by the code of its source, else by the code's meaning or the channel's label."""
    sources = channel.get("ChannelSourceSequence") or ()
    for source in sources:
        code = re.fullmatch(r"(?:5\.6\.3-9-|2:)(\d+)", str(source.get("CodeValue") or "").strip())
        if code and int(code[1]) in _NUMBERS:
            return _NUMBERS[int(code[1])]
    texts = [str(source.get("CodeMeaning") or "") for source in sources] + [str(channel.get("ChannelLabel") or "")]
    plain = [re.sub(r"\(.*?\)", "", text).strip() for text in texts]
    return next((text for text in plain if canonical_lead(text)), next(filter(None, plain), "(unnamed)"))


def group_title(item: "Dataset", number: int) -> str:
    """What a group is, for messages."""
    label = str(item.get("MultiplexGroupLabel") or item.get("WaveformOriginality") or "").strip().lower()
    return f"waveform group {number}" + (f" ({label})" if label else "")


def _samples(
    item: "Dataset", title: str, little_endian: bool, limits: Limits
) -> tuple[NDArray[np.integer], int | None]:
    """Return the raw (channel, sample) integers and the value that stands for a missing sample."""
    kind = str(item.get("WaveformSampleInterpretation") or "SS")
    if kind not in _DTYPES or int(item.WaveformBitsAllocated) != _BITS[kind]:
        raise UnreadableFileError(
            f"{title} stores samples as {kind} of {item.WaveformBitsAllocated} bits, which cannot be read. "
            "Export it with 16-bit signed samples."
        )
    dtype = np.dtype(("<" if little_endian else ">") + _DTYPES[kind])
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
        return samples, int(np.frombuffer(padding, dtype, 1)[0])
    return samples, padding if isinstance(padding, int) else None


def _calibration(channel: "Dataset", name: str, title: str, options: ReadOptions) -> tuple[float, float]:
    """Return mV a step and the baseline in mV of one lead."""
    if channel.get("ChannelSensitivity") is None:
        if options.units_per_mv is None:
            raise UndeclaredError(
                f"{title} does not say how many mV a step of lead {name} is. Declare the units per mV."
            )
        return 1 / options.units_per_mv, 0.0
    units = channel.get("ChannelSensitivityUnitsSequence") or ()
    code = str(units[0].get("CodeValue") or "") if units else ""
    factor = millivolts(code)
    if factor is None:
        raise UnreadableFileError(f"{title} gives lead {name} in '{code}', which is no voltage. Export it in uV or mV.")
    correction = channel.get("ChannelSensitivityCorrectionFactor")
    step = float(channel.ChannelSensitivity) * (1.0 if correction is None else float(correction)) * factor
    if not np.isfinite(step) or step == 0:
        raise UnreadableFileError(f"{title} gives lead {name} a sensitivity of {step:g}. Export it again.")
    return step, float(channel.get("ChannelBaseline") or 0.0) * factor
