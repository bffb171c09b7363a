"""MFER, the medical waveform format of Japanese devices: the ECG leads among the waves of a file.

Source: ISO/TS 11073-92001 (ISO 22077-1), ISO/TS 22077-2 (electrocardiography)
"""

import re
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import LimitError, UndeclaredError, UnreadableFileError
from backend.ecg.leads import canonical_lead, shown
from backend.ecg.readers.assemble import Facts
from backend.ecg.readers.channels import Channel, from_channels
from backend.ecg.readers.facts import age_at, at, identifier, model_name, plain
from backend.ecg.readers.lead_numbers import LEAD_NUMBERS, lead_rows, numbered_lead
from backend.ecg.readers.mfer.frames import (
    AGE,
    FILTER,
    INTERVAL,
    KIND,
    LEAD,
    MAKER,
    NO_VALUE,
    OFFSET,
    PATIENT_ID,
    POINTER,
    SENSITIVITY,
    SEX,
    TIME,
    Content,
    Value,
    Wave,
    looks_like_mfer,
    parse_content,
)
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.recording import DeviceFacts, Patient, Recording

_AVERAGE_BEAT = 9
_DEFAULT_RATE = 1000.0  # Hz, where a file gives no interval
_VOLT, _HERTZ, _SECOND = 0, 0, 1


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    content = parse_content(files.main.data)
    if not content.frames:
        raise UnreadableFileError(f"{files.name} holds no waves. Export the recording with its signal.")
    frames, notes = _recording(content)
    names = [_name(wave) for wave in frames[0]]
    leads, other_notes = lead_rows(names)
    rates = [_rate(frames[0][index]) for index in leads]
    if len(set(rates)) > 1:
        raise UnreadableFileError(
            f"{files.name} holds leads of different sampling rates. Export them with one sampling rate."
        )
    gaps, gap_notes = _gaps([frame[leads[0]] for frame in frames])
    if sum(gaps) + sum(frame[leads[0]].samples.size for frame in frames) > limits.samples:
        raise LimitError(f"{files.name} holds more than {limits.samples:,} samples a lead. Split the recording.")
    channels = [_channel([frame[index] for frame in frames], gaps, names[index], options) for index in leads]
    notes += other_notes + gap_notes
    if INTERVAL not in frames[0][leads[0]].definitions:
        notes += (f"The file gives no sampling interval: {_DEFAULT_RATE:g} Hz applies, the default of the format.",)
    facts = _facts(content, content.notes + notes)
    return [from_channels(files, options, limits, format="mfer", channels=channels, rate=rates[0], facts=facts)]


def _recording(content: Content) -> tuple[list[tuple[Wave, ...]], tuple[str, ...]]:
    """Return the frames that make up the recording, and a note on those left out.

    Frames of one layout that follow each other belong together. Taken are those with the most leads, recorded before
    averaged ones, then the longest.
    """
    runs: list[list[tuple[Wave, ...]]] = []
    for frame in content.frames:
        if runs and _layout(runs[-1][0]) == _layout(frame):
            runs[-1].append(frame)
        else:
            runs.append([frame])
    best = max(runs, key=_rank)
    if len(runs) == 1:
        return best, ()
    return best, (f"Left out: {len(runs) - 1} other parts of the file, of another layout or averaged.",)


def _rank(run: Sequence[tuple[Wave, ...]]) -> tuple[bool, int, int]:
    leads = {canonical_lead(_name(wave)) for wave in run[0]} - {None}
    kind = run[0][0].definitions.get(KIND)
    average = kind is not None and Value(kind.raw[:2], kind.little).number == _AVERAGE_BEAT
    return not average, len(leads), sum(frame[0].samples.size for frame in run)


def _layout(frame: tuple[Wave, ...]) -> tuple[object, ...]:
    tags = (LEAD, INTERVAL, SENSITIVITY, OFFSET, NO_VALUE, KIND)
    return tuple((wave.dtype, *(wave.definitions.get(tag) for tag in tags)) for wave in frame)


def _name(wave: Wave) -> str:
    """The lead of a wave by its number, else by its label."""
    lead = wave.definitions.get(LEAD)
    if lead is None:
        return ""
    number = Value(lead.raw[:2], lead.little).number
    label = plain(lead.raw[2:], lead.encoding)
    return LEAD_NUMBERS.get(number) or label or numbered_lead(number)


def _rate(wave: Wave) -> float:
    """Return the sampling rate in Hz."""
    interval = wave.definitions.get(INTERVAL)
    if interval is None:
        return _DEFAULT_RATE
    unit, value = interval.scaled()
    if unit not in (_HERTZ, _SECOND) or not value > 0:
        raise UnreadableFileError("the waves are not sampled in time. Export the ECG as a waveform over time.")
    return round(value if unit == _HERTZ else 1 / value, 6)


def _gaps(waves: Sequence[Wave]) -> tuple[list[int], tuple[str, ...]]:
    """Return how many samples are missing before each frame of a lead, by the numbers of their first samples.

    Where those cannot be meant so, the frames follow each other, with a note.
    """
    gaps: list[int] = []
    end = 0
    for wave in waves:
        start = wave.definitions[POINTER].number if POINTER in wave.definitions else end
        gaps.append(start - end if gaps else 0)
        end = start + wave.samples.size
    if min(gaps) < 0 or sum(gaps) > 3 * sum(wave.samples.size for wave in waves):
        note = "The frames are not stated to follow each other (MWF_PNT); they were joined as they stand."
        return [0] * len(gaps), (note,)
    notes = (f"Gaps in the recording: {sum(map(bool, gaps))}; the {sum(gaps):,} samples in them are missing.",)
    return gaps, notes if any(gaps) else ()


def _channel(waves: Sequence[Wave], gaps: Sequence[int], name: str, options: ReadOptions) -> Channel:
    """Return one lead over all frames with the gaps before them: (sample + offset) x sensitivity is the voltage."""
    definitions = waves[0].definitions
    samples: NDArray[np.integer] | NDArray[np.floating] = np.concatenate([wave.samples for wave in waves])
    samples = samples.astype(samples.dtype.newbyteorder("="), copy=False)
    if SENSITIVITY in definitions:
        unit, volts = definitions[SENSITIVITY].scaled()
        if unit != _VOLT:
            raise UnreadableFileError(
                f"lead {shown([name])} is not given in volts. Export the ECG in units of voltage."
            )
        step = volts * 1000
    elif options.units_per_mv is not None:
        step = 1 / options.units_per_mv
    else:
        raise UndeclaredError(f"lead {shown([name])} states no unit. Declare how many units of the file are one mV.")
    if not (np.isfinite(step) and step != 0):
        raise UnreadableFileError(f"lead {shown([name])} has an impossible sensitivity ({step:g} mV). Export it again.")
    missing = definitions[NO_VALUE].typed(waves[0].dtype) if NO_VALUE in definitions else None
    offset = definitions[OFFSET].typed(waves[0].dtype) if OFFSET in definitions else None
    absent = samples == missing if missing is not None else np.zeros(0, np.bool_)
    if absent.any():
        samples = samples.astype(np.float64)
        samples[absent] = np.nan
    elif samples.dtype.kind in "iu":
        samples = samples.astype(np.int64)
    if offset:
        samples = samples + (int(offset) if samples.dtype.kind == "i" else offset)
    if any(gaps):
        spread = np.full(samples.size + sum(gaps), np.nan)
        spread[np.arange(samples.size) + np.repeat(np.cumsum(gaps), [wave.samples.size for wave in waves])] = samples
        samples = spread
    return Channel(name, samples, step, unit_open=SENSITIVITY not in definitions)


def _facts(content: Content, notes: tuple[str, ...]) -> Facts:
    """Identifier, age, sex, start, device and filters; the last of several definitions counts."""
    last = {tag: values[-1] for tag, values in content.facts.items()}
    start = _time(last.get(TIME))
    number = last[PATIENT_ID] if PATIENT_ID in last else Value(b"")
    sex = last[SEX].raw[:1] if SEX in last else b""
    maker = plain(last[MAKER].raw, last[MAKER].encoding).split("^") if MAKER in last else []
    filters: dict[str, float] = {}
    for value in content.facts.get(FILTER, []):
        match = re.match(r"\s*(HPF|LPF|BEF)\s*=\s*(\d{1,6}(?:\.\d{1,6})?)", plain(value.raw, value.encoding))
        if match and float(match[2]):
            filters[match[1]] = float(match[2])
    return Facts(
        start=start,
        patient=Patient(
            id=identifier(plain(number.raw, number.encoding).split("^")[0]),
            age=_age(last.get(AGE), start),
            sex="M" if sex == b"\1" else "F" if sex == b"\2" else None,
        ),
        device=DeviceFacts(
            model=model_name(*maker[:2]),
            high_pass=filters.get("HPF"),
            low_pass=filters.get("LPF"),
            notch=filters.get("BEF"),
        ),
        notes=notes,
    )


def _age(value: Value | None, start: datetime | None) -> float | None:
    """Age in years as stated (255 stands for unknown), else from the birth date behind it."""
    if value is None or not value.raw:
        return None
    if 0 < value.raw[0] < 150:
        return float(value.raw[0])
    if len(value.raw) < 7:
        return None
    year = Value(value.raw[3:5], value.little).number
    return age_at(at(year, value.raw[5], value.raw[6]), start)


def _time(value: Value | None) -> datetime | None:
    if value is None or len(value.raw) < 7:
        return None
    return at(Value(value.raw[:2], value.little).number, *value.raw[2:7])


READER = Reader(
    name="mfer",
    title="MFER (.mwf, .mfer)",
    extensions=(".mwf", ".mfer", ".mfr"),
    declares_units=True,
    recognises=lambda files: looks_like_mfer(files.main.data),
    read=_read,
    source="ISO/TS 11073-92001 (ISO 22077-1), MFER",
)
