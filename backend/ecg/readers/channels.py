"""Channels that a file stores one by one, each with its own scale, put together to a recording."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import LimitError, MissingLeadsError, UnreadableFileError
from backend.ecg.leads import canonical_lead, shown
from backend.ecg.readers.assemble import Facts, assemble
from backend.ecg.readers.number_list import ABSENT, Samples, as_floats
from backend.ecg.readers.options import ReadOptions, settle_unit
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.readers.undeclared import ask
from backend.ecg.readers.units import millivolts
from backend.ecg.recording import Declaration, Recording

_SPREAD = 16  # times the longest channel that a recording may last: memory follows the samples, not stated times


@dataclass(frozen=True, slots=True)
class Channel:
    """One lead as stored: `name` in any spelling, `samples` (n,) · `mv_per_step` is mV, NaN and ABSENT are missing.

    `start` is the sample of the recording at which the channel begins. `unit_open` says that the file states no unit.
    """

    name: str
    samples: Samples
    mv_per_step: float
    start: int = 0
    unit_open: bool = False

    @property
    def end(self) -> int:
        """One past the last sample."""
        return self.start + self.samples.size


def calibrated(
    name: str, stored: Samples, scale: float, unit: str | None, options: ReadOptions, origin_mv: float = 0.0
) -> Channel:
    """Return the channel of `stored` values: origin + scale · value, `scale` in `unit`.

    Integers stay integers where the origin is a whole number of steps. Raises UnreadableFileError for an impossible
    scale, UndeclaredError where neither the file nor the uploader says what the unit is.
    """
    step = scale * settle_unit(unit, name, options)
    unit_open = not unit or millivolts(unit) is None
    if not (np.isfinite(step) and step != 0 and np.isfinite(origin_mv)):
        raise UnreadableFileError(
            f"lead {shown([name])} has an impossible scale ({scale:g}). Export the recording again."
        )
    shift = origin_mv / step
    if stored.dtype.kind in "iu" and abs(shift) < 2**31 and abs(shift - round(shift)) < 1e-9:
        if round(shift):
            stored = np.where(stored == ABSENT, ABSENT, stored.astype(np.int64) + round(shift))
        return Channel(name, stored, step, unit_open=unit_open)
    return Channel(name, as_floats(stored) * step + origin_mv, 1.0, unit_open=unit_open)


def from_channels(
    files: FileSet,
    options: ReadOptions,
    limits: Limits,
    *,
    format: str,  # noqa: A002
    channels: Sequence[Channel],
    rate: float | None,
    facts: Facts,
) -> Recording:
    """Return the recording of `channels` at `rate` in Hz; where a channel does not span it, samples are missing.

    A `rate` of None is left open by the file. Raises UndeclaredError where the uploader has not declared it either,
    LimitError, UnreadableFileError without samples, and MissingLeadsError as `place_leads` does.
    """
    left_open: tuple[Declaration, ...] = () if rate is not None else ("rate",)
    unit_open = [channel.unit_open for channel in channels if canonical_lead(channel.name)]
    if any(unit_open):
        left_open += ("unit",)
    arbitrary = any(unit_open) and options.unit == "arbitrary"
    if arbitrary and not all(unit_open):
        raise UnreadableFileError("some leads are in a unit of voltage and others are not. Export all of them in mV.")
    names, renamed = options.named([channel.name for channel in channels])
    channels = [replace(channel, name=name) for channel, name in zip(channels, names, strict=True)]
    if renamed:
        left_open += ("leads",)
    channels, notes = _leads(channels)
    notes = renamed + notes
    length = max((channel.end for channel in channels), default=0)
    if length > limits.samples:
        raise LimitError(f"{length:,} samples a lead; at most {limits.samples:,} are read. Split the recording.")
    if length > _SPREAD * max((channel.samples.size for channel in channels), default=0) > 0:
        raise UnreadableFileError("the leads were recorded at times far apart. Export leads of one recording.")
    if not length:
        raise UnreadableFileError("no samples of an ECG lead were found. Export the recording with its waveform.")
    samples = _stacked(channels, length)
    if rate is None:
        if options.rate is None:
            raise ask(("rate",), samples)
        rate = options.rate
    recording = assemble(
        files,
        options,
        format=format,
        samples=samples,
        names=[channel.name for channel in channels],
        rate=rate,
        mv_per_step=[channel.mv_per_step for channel in channels],
        missing_value=ABSENT if samples.dtype == np.int64 else None,
        facts=replace(facts, notes=facts.notes + notes),
    )
    return replace(recording, declared=left_open, unit="arbitrary" if arbitrary else "mV") if left_open else recording


def _leads(channels: Sequence[Channel]) -> tuple[Sequence[Channel], tuple[str, ...]]:
    """Drop channels of another length that are none of the twelve leads; say which do not span the recording."""
    spans = {(channel.start, channel.end) for channel in channels}
    if len(spans) <= 1:
        return [replace(channel, start=0) for channel in channels], ()
    leads = [channel for channel in channels if canonical_lead(channel.name) is not None]
    known = [canonical_lead(channel.name) for channel in leads]
    if len(set(known)) < len(known):
        twice = next(name for name in known if known.count(name) > 1)
        raise MissingLeadsError(f"Lead {twice} is named twice. Name each lead once.")
    first, last = min((lead.start for lead in leads), default=0), max((lead.end for lead in leads), default=0)
    short = [lead.name for lead in leads if (lead.start, lead.end) != (first, last)]
    others = [channel.name for channel in channels if canonical_lead(channel.name) is None]
    notes: tuple[str, ...] = ()
    if others:
        notes += (f"Left out, being none of the twelve leads: {shown(others)}.",)
    if short:
        notes += (f"The leads {shown(short)} do not span the whole recording; the rest of them is missing.",)
    return [replace(lead, start=lead.start - first) for lead in leads], notes


def _stacked(channels: Sequence[Channel], length: int) -> NDArray[np.integer] | NDArray[np.floating]:
    """Return the (k, n) samples. What is missing is ABSENT in integers, NaN in floats."""
    rows: list[Any] = [channel.samples for channel in channels]
    if any(row.dtype.kind == "f" for row in rows):
        rows = [as_floats(row) for row in rows]
    if all(channel.start == 0 and channel.end == length for channel in channels):
        return np.stack(rows)
    samples: Any = np.full((len(rows), length), ABSENT if rows[0].dtype.kind in "iu" else np.nan)
    for target, row, channel in zip(samples, rows, channels, strict=True):
        target[channel.start : channel.end] = row
    found: NDArray[np.integer] | NDArray[np.floating] = samples
    return found
