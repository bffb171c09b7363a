"""The rhythm of an SCP-ECG record: decoded, stretched where it was decimated, with its reference beat added.

Source: EN 1064 (ISO 11073-91064), sections 5 and 6, annex C.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import UnreadableFileError, UnsupportedFormatError
from backend.ecg.readers.channels import Channel
from backend.ecg.readers.lead_numbers import lead_rows
from backend.ecg.readers.scp.huffman import Table, decode, parse_tables, undo_differences
from backend.ecg.readers.scp.sections import LONG_TERM, Beats, Lead, parse_beats, parse_leads

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Leads as channels, rate in Hz, the length a lead that section 3 states (None: it does not)."""

    channels: tuple[Channel, ...]
    rate: float
    stated: int | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    """Section 5 or 6: nV a step, µs a sample, order of differences, flag of bimodal compression, bytes of each lead."""

    nanovolts: int
    microseconds: int
    order: int
    bimodal: bool
    leads: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Reduction:
    """How the rhythm was made smaller: decimated by `factor` outside the zones of `beats`, `reference` subtracted."""

    factor: int = 1
    beats: Beats = field(default_factory=Beats)
    reference: _Block | None = None


def read_rhythm(sections: Mapping[int, bytes]) -> Rhythm:
    """Return the rhythm of the sections of a record. Raises UnreadableFileError for damaged or missing ones."""
    if 6 not in sections and LONG_TERM in sections:
        raise UnsupportedFormatError(
            f"the file holds a long-term recording (section {LONG_TERM}), which cannot be read, and no resting ECG. "
            "Export the part wanted as a resting ECG."
        )
    if 6 not in sections:
        raise UnreadableFileError("the file holds no rhythm data (section 6). Export the recording with its signal.")
    if 3 not in sections:
        raise UnreadableFileError("the file does not say which leads it holds (section 3). Export it again.")
    leads, subtracted = parse_leads(sections[3])
    tables = parse_tables(sections[2]) if 2 in sections else ()
    wanted, notes = lead_rows([lead.name for lead in leads])
    block = _block(sections[6], leads, wanted, raw=not tables)
    reduction = _reduction(sections, block, leads, wanted, subtracted)
    factor, beats = reduction.factor, reduction.beats
    if factor > 1:
        notes += (f"Between the beats the file stores every {factor}. sample; the others were interpolated.",)
    leads = tuple(leads[index] for index in wanted)
    rows: list[Integers] = []
    for lead, coded in zip(leads, block.leads, strict=True):
        zones = beats.zones if factor > 1 else ()
        stored = _stored(lead, zones, factor)
        values = undo_differences(_values(coded, tables, stored), block.order)
        rows.append(_stretched(values, lead, zones, factor) if factor > 1 else values)
    step = block.nanovolts
    if reduction.reference:
        step = math.gcd(block.nanovolts, reduction.reference.nanovolts)
        rows = [row * (block.nanovolts // step) for row in rows]
        _add_reference(rows, leads, beats, reduction.reference, tables, reduction.reference.nanovolts // step)
    stated = max(lead.length for lead in leads)
    short = [lead.name for lead, row in zip(leads, rows, strict=True) if row.size < lead.length]
    if short:
        notes += (f"The leads {', '.join(short[:16])} hold fewer samples than the file says.",)
    first = min(lead.first for lead in leads)
    if max(lead.first - first + row.size for lead, row in zip(leads, rows, strict=True)) > sum(r.size for r in rows):
        raise UnreadableFileError("the leads lie further apart in time than they are long. Export the file again.")
    channels = tuple(
        Channel(lead.name, row, step / 1e6, start=lead.first - first) for lead, row in zip(leads, rows, strict=True)
    )
    return Rhythm(channels, 1e6 * factor / block.microseconds, stated or None, notes)


def _reduction(
    sections: Mapping[int, bytes], block: _Block, leads: Sequence[Lead], wanted: Sequence[int], subtracted: bool
) -> _Reduction:
    """Read sections 4 and 5 where the rhythm was made smaller by them. Raises UnreadableFileError without them."""
    beats = parse_beats(sections[4]) if 4 in sections and (subtracted or block.bimodal) else None
    if beats and not any(beat.kind == 0 for beat in beats.beats):
        subtracted = False  # no beat is like the reference beat
    if subtracted and (beats is None or 5 not in sections):
        raise UnreadableFileError("the reference beat (sections 4 and 5) is missing. Export the recording again.")
    if beats is None or 5 not in sections:
        return _Reduction()
    reference = _block(sections[5], leads, wanted)
    factor, rest = divmod(block.microseconds, reference.microseconds)
    if not rest and 1 <= factor <= 16:
        return _Reduction(factor, beats, reference if subtracted else None)
    if subtracted:
        raise UnreadableFileError("the rates of rhythm and reference beat do not fit. Export it again.")
    return _Reduction()  # a flag without the decimation it stands for


def _block(body: bytes, leads: Sequence[Lead], wanted: Sequence[int], raw: bool = False) -> _Block:
    """Take section 5 or 6 apart; `wanted` are the leads whose bytes are kept, `raw` says that those of 6 are plain."""
    count = len(leads)
    start = 6 + 2 * count
    if len(body) < start:
        raise UnreadableFileError("the samples are cut off. Export or copy the file again.")
    nanovolts, microseconds, order, bimodal = struct.unpack_from("<HHBB", body)
    if nanovolts == 0 or microseconds == 0:
        raise UnreadableFileError(
            f"the file states {nanovolts} nV a step and {microseconds} µs a sample. Export it again."
        )
    lengths = struct.unpack_from(f"<{count}H", body, 6)
    # Plain samples of a long lead overflow the field of two bytes; section 3 knows how many there are.
    if raw and all(2 * lead.length % 65536 == size for lead, size in zip(leads, lengths, strict=True)):
        lengths = tuple(2 * lead.length for lead in leads)
    if start + sum(lengths) > len(body):
        raise UnreadableFileError(
            f"the samples are cut off: {sum(lengths):,} bytes are promised, {len(body) - start:,} are there. "
            "Export or copy the file again."
        )
    starts = list(accumulate(lengths, initial=start))
    parts = tuple(body[starts[index] : starts[index] + lengths[index]] for index in wanted)
    return _Block(nanovolts, microseconds, order, bimodal == 1, parts)


def _values(coded: bytes, tables: Sequence[Table], count: int) -> Integers:
    """Return at most `count` stored values, all there are where it is 0."""
    if tables:
        return decode(coded, tables, count or None)
    whole = np.frombuffer(coded, "<i2", len(coded) // 2)
    return whole[: count or None].astype(np.int64)


def _parts(lead: Lead, zones: Sequence[tuple[int, int]]) -> list[tuple[int, bool]]:
    """Split a lead at the protected zones: the samples of each part, and whether it is protected."""
    parts: list[tuple[int, bool]] = []
    position, end = lead.first, lead.first + lead.length
    for first, last in zones:
        begin, stop = max(first, position), min(last + 1, end)
        if begin < stop:
            parts += [(begin - position, False), (stop - begin, True)]
            position = stop
    return [*parts, (end - position, False)]


def _stored(lead: Lead, zones: Sequence[tuple[int, int]], factor: int) -> int:
    """Return how many values are stored of a lead: outside the zones one for `factor` samples, and those left over."""
    if factor == 1:
        return lead.length
    return sum(n if protected else n // factor + n % factor for n, protected in _parts(lead, zones))


def _stretched(values: Integers, lead: Lead, zones: Sequence[tuple[int, int]], factor: int) -> Integers:
    """Return the samples of a lead that was decimated by `factor` outside the zones, interpolated linearly."""
    out: list[Integers] = []
    position = 0
    for n, protected in _parts(lead, zones):
        blocks, rest = (0, n) if protected else divmod(n, factor)
        held = values[position : position + blocks + rest]
        position += blocks + rest
        if held.size < blocks + rest:
            break  # the data end here
        if blocks:
            places = np.arange(blocks * factor) - factor // 2
            out.append(np.rint(np.interp(places, np.arange(blocks) * factor, held[:blocks])).astype(np.int64))
        out.append(held[blocks:])
    return np.concatenate(out) if out else values[:0]


def _add_reference(
    rows: Sequence[Integers], leads: Sequence[Lead], beats: Beats, block: _Block, tables: Sequence[Table], gain: int
) -> None:
    """Add the reference beat, times `gain`, to each lead where it was subtracted."""
    subtracted = [beat for beat in beats.beats if beat.kind == 0 and beat.last >= beat.first]
    covered = sum(beat.last - beat.first + 1 for beat in subtracted)
    if covered > 2 * sum(row.size for row in rows):
        raise UnreadableFileError("the beats overlap. Export or copy the file again.")
    length = round(beats.reference_ms * 1000 / block.microseconds)
    for row, lead, coded in zip(rows, leads, block.leads, strict=True):
        shape = undo_differences(_values(coded, tables, length), block.order) * gain
        for beat in subtracted:
            # Sample numbers count from 1; `shift` leads from a place in the row to one in the reference beat.
            shift = lead.first - beat.fiducial + beats.fiducial - 1
            begin = max(beat.first - lead.first, 0, -shift)
            stop = min(beat.last - lead.first + 1, row.size, shape.size - shift)
            if begin < stop:
                row[begin:stop] += shape[begin + shift : stop + shift]
