"""MFER files taken apart: definitions in force and frames of samples.

Source: ISO/TS 11073-92001 (ISO 22077-1), medical waveform format encoding rules. A file is a chain of definitions, each
a tag, a length and a value; MWF_WAV holds samples laid out by the definitions before it.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from backend.ecg.errors import LimitError, UnreadableFileError

PREAMBLE, ZERO, ORDER, CHARACTERS, BLOCK, CHANNELS, SEQUENCES, POINTER = 0x40, 0x00, 0x01, 0x03, 0x04, 0x05, 0x06, 0x07
KIND, LEAD, DATA_TYPE, INTERVAL, SENSITIVITY, OFFSET, COMPRESSION = 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E
FILTER, NO_VALUE, MAKER, WAVE, CHANNEL, END = 0x11, 0x12, 0x17, 0x1E, 0x3F, 0x80
PATIENT_ID, AGE, SEX, TIME = 0x82, 0x83, 0x84, 0x85
_GROUP = 0x67
_LAYOUT = (BLOCK, SEQUENCES, POINTER, KIND, LEAD, DATA_TYPE, INTERVAL, SENSITIVITY, OFFSET, NO_VALUE)
_FACTS = (FILTER, MAKER, PATIENT_ID, AGE, SEX, TIME)  # names, notes and events are passed over
_TYPES = ("i2", "u2", "i4", "u1", "u2", "i1", "u4", "f4", "f8")
_STATUS = 4
_MOST_DEFINITIONS, _MOST_CHANNELS, _MOST_WAVES = 200_000, 1024, 200_000


@dataclass(frozen=True, slots=True)
class Value:
    """The bytes of a definition, in the byte order and character set in force where it stands."""

    raw: bytes
    little: bool = False
    encoding: str = "latin-1"

    @property
    def number(self) -> int:
        """The value as an unsigned integer."""
        return int.from_bytes(self.raw, "little" if self.little else "big")

    def typed(self, dtype: str) -> float | None:
        """The value as one sample of a data type, None where it is too short."""
        kind = np.dtype(("<" if self.little else ">") + dtype)
        return float(np.frombuffer(self.raw, kind, 1)[0]) if len(self.raw) >= kind.itemsize else None

    def scaled(self) -> tuple[int, float]:
        """The unit and the value of an interval or a sensitivity: unit, exponent of ten, mantissa."""
        if not 3 <= len(self.raw) <= 10:
            raise UnreadableFileError("a sampling interval or sensitivity cannot be read. Export the file again.")
        exponent = int.from_bytes(self.raw[1:2], "big", signed=True)
        mantissa = int.from_bytes(self.raw[2:], "little" if self.little else "big", signed=True)
        return self.raw[0], float(f"{mantissa}e{exponent}")


@dataclass(frozen=True, slots=True)
class Wave:
    """One channel of a frame: its definitions by tag, its samples as stored, the type they have in the file."""

    definitions: dict[int, Value]
    samples: NDArray[np.integer] | NDArray[np.floating]
    dtype: str


@dataclass(slots=True)
class Content:
    """What a file holds: frames of waves, the definitions about patient and device, what the reader had to decide."""

    frames: list[tuple[Wave, ...]] = field(default_factory=list)
    facts: dict[int, list[Value]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _State:
    little: bool = False
    encoding: str = "latin-1"
    n_channels: int = 1
    common: dict[int, Value] = field(default_factory=dict)
    single: dict[int, dict[int, Value]] = field(default_factory=dict)
    n_definitions: int = 0
    n_waves: int = 0
    content: Content = field(default_factory=Content)


def looks_like_mfer(data: bytes) -> bool:
    """Whether the content begins with the preamble of MFER, or with definitions of a layout that lead to samples."""
    if data[0:1] == b"\x40" and data[2:6] == b"MFR ":
        return True
    if data[0:1] not in (b"\x01", b"\x02", b"\x03", b"\x05", b"\x08", b"\x0b", b"\x0c", b"\x17"):
        return False
    seen: set[int] = set()
    try:
        for count, (tag, _, start, end) in enumerate(definitions(data, 0, len(data))):
            if count > 2000 or not _plausible(tag, data[start : min(end, start + 12)], end - start):
                return False
            seen.add(tag)
            if tag == WAVE:
                return bool(seen & {CHANNELS, LEAD, CHANNEL}) and bool(seen & {INTERVAL, SENSITIVITY, CHANNEL})
    except UnreadableFileError:
        return False
    return False


def _plausible(tag: int, value: bytes, length: int) -> bool:
    """Whether a definition has a length and a value that its tag allows."""
    if tag in (ORDER, DATA_TYPE, SEX):
        return length <= 1 and value < b"\x0a"
    if tag in (BLOCK, CHANNELS, SEQUENCES):
        return length <= 4
    if tag in (INTERVAL, SENSITIVITY):
        return length == 0 or (3 <= length <= 10 and value[0] <= (1 if tag == INTERVAL else 22))
    return tag in (WAVE, CHANNEL, _GROUP) or 0x02 <= tag <= 0x17 or 0x40 <= tag <= 0x46 or 0x81 <= tag <= 0x88


def definitions(data: bytes, position: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield tag, channel (of MWF_ATT, else 0), start and end of the value of each definition.

    Raises UnreadableFileError where a definition is cut off.
    """
    while position < end:
        if data[position] == ZERO:
            position += 1
            continue
        if data[position] == END:
            return
        tag, channel, size, position = _head(data, position, end)
        stop = _end_of_contents(data, position, end) if size is None else position + size
        if stop > end:
            raise UnreadableFileError(
                f"the file is cut off: a definition of {stop - position:,} bytes is promised, "
                f"{max(0, end - position):,} are there. Copy it again from its source."
            )
        yield tag, channel, position, stop
        position = stop + (2 if size is None else 0)


def _head(data: bytes, position: int, end: int) -> tuple[int, int, int | None, int]:
    """Return tag, channel, length (None: up to an end of contents) of a definition, and where its value begins."""
    tag, channel = data[position], 0
    position += 1
    if tag == CHANNEL:
        while position < end and channel < 1 << 28:
            channel = channel << 7 | data[position] & 0x7F
            position += 1
            if not data[position - 1] & 0x80:
                break
    size: int | None = data[position] if position < end else 0x7F
    position += 1
    if size == 0x80 and tag in (CHANNEL, _GROUP):
        return tag, channel, None, position
    if size is not None and size >= 0x80:
        width = size & 0x7F
        size = int.from_bytes(data[position : position + width], "big") if 1 <= width <= 4 else 1 << 62
        position += width
    return tag, channel, size, position


def _end_of_contents(data: bytes, position: int, end: int) -> int:
    """Return where the two zeros stand that end a value of open length."""
    while position + 1 < end:
        if data[position] == ZERO:
            if data[position + 1] == ZERO:
                return position
            position += 1
            continue
        _, _, size, position = _head(data, position, end)
        position += 1 << 62 if size is None else size
    raise UnreadableFileError("a definition has no end. Export the file again with definite lengths.")


def parse_content(data: bytes) -> Content:
    """Parse a file that `looks_like_mfer`. Raises UnreadableFileError and LimitError."""
    state = _State()
    _walk(data, 0, len(data), None, state)
    return state.content


def _walk(data: bytes, start: int, end: int, channel: int | None, state: _State) -> None:
    for tag, number, begin, stop in definitions(data, start, end):
        state.n_definitions += 1
        if state.n_definitions > _MOST_DEFINITIONS:
            raise LimitError(f"the file holds more than {_MOST_DEFINITIONS:,} definitions. Split it.")
        if tag == CHANNEL and channel is None:
            _walk(data, begin, stop, number, state)
        elif tag == _GROUP and channel is None:
            _walk_group(data, begin, stop, state)
        elif tag == WAVE and channel is None:
            _add_frame(data, begin, stop, state)
        else:
            _define(tag, Value(data[begin:stop], state.little, state.encoding), channel, state)


def _walk_group(data: bytes, start: int, end: int, state: _State) -> None:
    """Read the definitions of a set; sets within sets are not used and would only nest without end."""
    for tag, _, begin, stop in definitions(data, start, end):
        _define(tag, Value(data[begin:stop], state.little, state.encoding), None, state)


def _define(tag: int, value: Value, channel: int | None, state: _State) -> None:
    if tag in _LAYOUT:
        target = state.common if channel is None else state.single.setdefault(channel, {})
        if value.raw:
            target[tag] = value
        else:
            target.pop(tag, None)  # an empty definition goes back to the default
    elif tag == ORDER:
        state.little = value.raw[:1] == b"\1"
    elif tag == CHARACTERS:
        name = value.raw.decode("latin-1").upper()
        state.encoding = "utf-16-le" if "UTF-16" in name else "utf-8" if "UTF-8" in name else "latin-1"
    elif tag == CHANNELS and channel is None:
        state.n_channels = value.number if value.raw else 1
        state.single = {}
        if not 1 <= state.n_channels <= _MOST_CHANNELS:
            raise UnreadableFileError(f"the file announces {state.n_channels:,} channels. Export it again.")
    elif tag == COMPRESSION and any(value.raw[:2]):
        raise UnreadableFileError("the samples are compressed, which cannot be read. Export them without compression.")
    elif tag in _FACTS and channel is None:
        state.content.facts.setdefault(tag, []).append(value)


def _add_frame(data: bytes, start: int, end: int, state: _State) -> None:
    """Read the samples of one MWF_WAV: for each sequence, for each channel a block of samples."""
    state.n_waves += state.n_channels
    if state.n_waves > _MOST_WAVES:
        raise LimitError(f"the file is cut into more than {_MOST_WAVES:,} waves. Export a part of the recording.")
    channels: list[dict[int, Value]] = []
    for number in range(state.n_channels):
        common = copy.copy(state.common)
        if number:
            common.pop(LEAD, None)  # a lead that is not given for a channel of its own is the first
        channels.append(common | state.single.get(number, {}))
    state.common.pop(POINTER, None)  # holds for one frame
    types, blocks = [_type(channel) for channel in channels], [_count(channel, BLOCK) or 1 for channel in channels]
    sizes = [block * np.dtype(kind).itemsize for block, kind in zip(blocks, types, strict=True)]
    there = (end - start) // sum(sizes)
    stated = {_count(channel, SEQUENCES) for channel in channels}
    if len(stated) > 1:
        raise UnreadableFileError("the channels of a frame differ in their number of sequences. Export it again.")
    n_sequences = stated.pop() or there
    if there < n_sequences:
        note = f"A frame is cut off: {n_sequences:,} sequences are promised, {there:,} are there."
        state.content.notes = (*state.content.notes[:20], note)
    n_sequences = min(n_sequences, there)
    if n_sequences == 0:
        return
    table = np.frombuffer(data, np.uint8, n_sequences * sum(sizes), start).reshape(n_sequences, sum(sizes))
    waves, offset = [], 0
    for channel, kind, size in zip(channels, types, sizes, strict=True):
        stored = np.ascontiguousarray(table[:, offset : offset + size]).reshape(-1)
        samples = stored.view(("<" if state.little else ">") + kind)
        waves.append(Wave(channel, samples, kind))
        offset += size
    state.content.frames.append(tuple(waves))


def _type(channel: dict[int, Value]) -> str:
    number = channel[DATA_TYPE].number if DATA_TYPE in channel else 0
    if number >= len(_TYPES):
        raise UnreadableFileError(f"the samples have data type {number}, which cannot be read. Export 16-bit samples.")
    return _TYPES[number]


def _count(channel: dict[int, Value], tag: int) -> int:
    return channel[tag].number if tag in channel else 0
