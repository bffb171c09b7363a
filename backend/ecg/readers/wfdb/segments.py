"""WFDB records of several segments, one after the other, with gaps: joined to one signal in physical units.

Source: the WFDB applications guide, header(5), "multi-segment records".
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import LimitError, UnreadableFileError
from backend.ecg.leads import shown
from backend.ecg.readers.sources import FileSet, Limits, check_claim
from backend.ecg.readers.wfdb.header import NO_FILE, Header, Master, parse_header
from backend.ecg.readers.wfdb.record import DEFAULT_RATE, Digital, Members, decode_record


@dataclass(frozen=True, slots=True)
class Joined:
    """Values (k, n) in `units`, NaN in gaps; `steps` (k,) are those of the integers stored, None where they differ."""

    values: NDArray[np.float64]
    names: tuple[str, ...]
    units: tuple[str, ...]
    steps: NDArray[np.float64] | None
    rate: float
    stated_rate: bool
    notes: tuple[str, ...]
    uncalibrated: tuple[str, ...] = ()


def join_segments(files: FileSet, master: Master, limits: Limits, leads_only: bool = True) -> Joined:
    """Read every segment and join them; signals go by name, or by place in a fixed layout without names.

    Raises UnreadableFileError for segments that contradict each other, IncompleteSetError for a missing one, and
    LimitError.
    """
    members, name = Members(files), files.name
    headers = [None if part == NO_FILE else _header(members, part, name) for part, _ in master.segments]
    layout = headers[0] if master.segments[0][1] == 0 else None
    first = next((header for header in headers if header is not None), None)
    total = sum(length for _, length in master.segments)
    if first is None or total == 0:
        raise UnreadableFileError(f"{name} holds no samples. Copy it again from its source.")
    if total > limits.samples:
        raise LimitError(f"{name} holds {total:,} samples a lead; at most {limits.samples:,} are read. Split it.")
    most = max(len(header.signals) for header in headers if header is not None)
    check_claim(name, 8 * total * most, members.size, limits)
    decoded: list[tuple[int, Digital]] = []
    at = 0
    for header, (part, length) in zip(headers, master.segments, strict=True):
        if header is not None and length:
            if 0 < header.length < length:
                raise UnreadableFileError(
                    f"{name} promises {length:,} samples of segment {part}, whose header states {header.length:,}. "
                    "Copy the record again from its source."
                )
            decoded.append((at, decode_record(members, header, f"{part}.hea", limits, length, leads_only)))
        at += length
    if not decoded:
        raise UnreadableFileError(f"{name} consists of gaps alone. Copy it again from its source.")
    per_frame, rate, stated_rate = _rate(master, [digital for _, digital in decoded], name)
    if total * per_frame > limits.samples:
        raise LimitError(f"{name} holds more than {limits.samples:,} samples a lead. Split it.")
    signals = layout.signals if layout else decoded[0][1].signals
    names, units = [s.name for s in signals], [s.unit for s in signals]
    gains: list[set[float]] = [set() for _ in names]
    values = np.full((len(names), total * per_frame), np.nan)
    notes: dict[str, None] = {}
    for start, digital in decoded:
        rows = _rows(digital, names, layout is not None, name)
        n = digital.samples.shape[1]
        values[rows, start * per_frame : start * per_frame + n] = digital.physical()
        notes |= dict.fromkeys(digital.notes)
        for row, signal in zip(rows, digital.signals, strict=True):
            if gains[row] and units[row] != signal.unit:
                raise UnreadableFileError(
                    f"{name} gives signal {shown([signal.name])} in differing units. Write all its segments in mV."
                )
            units[row] = signal.unit
            gains[row].add(abs(signal.gain))
    gap = total - sum(digital.samples.shape[1] for _, digital in decoded) // per_frame
    joined = f"Joined from {len(decoded)} segments" + (f", with gaps of {gap:,} samples" if gap else "") + "."
    known = [found for found in gains if found]
    same = all(len(found) == 1 for found in known)
    steps = np.array([1 / min(found or known[0]) for found in gains]) if same else None
    uncalibrated = tuple(dict.fromkeys(name for _, digital in decoded for name in digital.uncalibrated))
    if uncalibrated:
        notes[f"Not calibrated in the headers (gain 0 or none), so 200 steps per mV apply: {shown(uncalibrated)}."] = (
            None
        )
    return Joined(
        values, tuple(names), tuple(units), steps, rate, stated_rate, (joined, *notes), uncalibrated
    )  # fmt: skip


def _header(members: Members, part: str, name: str) -> Header:
    header = parse_header(members.get(f"{part}.hea", name).data, f"{part}.hea")
    if not isinstance(header, Header):
        raise UnreadableFileError(f"{name} has segments within its segment {part}. Upload that record by itself.")
    return header


def _rate(master: Master, decoded: list[Digital], name: str) -> tuple[int, float, bool]:
    """Return samples a frame and the rate of the signals in Hz, which all segments share, and whether it is stated."""
    rates = {digital.rate / digital.per_frame for digital in decoded if digital.stated_rate}
    rates |= {master.rate} if master.rate else set()
    frames = {digital.per_frame for digital in decoded}
    if len(frames) > 1 or (rates and max(rates) - min(rates) > 1e-6 * max(rates)):
        raise UnreadableFileError(
            f"{name} has segments of different sampling rates. Resample them to one rate and write the record again."
        )
    per_frame = frames.pop()
    return per_frame, (max(rates) if rates else DEFAULT_RATE) * per_frame, bool(rates)


def _rows(digital: Digital, names: list[str], by_name: bool, record: str) -> list[int]:
    """Return the row of each signal of a segment: by name; by place where all segments hold the same signals."""
    own = [signal.name for signal in digital.signals]
    if own == names or (not by_name and len(own) == len(names) and not any(own)):
        return list(range(len(names)))
    if len(set(own)) == len(own) and len(set(names)) == len(names) and set(own) <= set(names):
        return [names.index(one) for one in own]
    raise UnreadableFileError(
        f"{record} has a segment with the signals {shown(own)}, which are not those of the record "
        f"({shown(names)}). Name the signals alike in all its headers."
    )
