"""WFDB headers (`.hea`): the text that names data files, storage formats, gains and leads.

Source: the WFDB applications guide, header(5), https://physionet.org/physiotools/wag/header-5.htm
"""

import math
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from backend.ecg.errors import UnreadableFileError
from backend.ecg.readers.facts import moment
from backend.ecg.readers.units import millivolts
from backend.ecg.readers.wfdb.comments import patient, recorded, statements
from backend.ecg.recording import Patient, Statement

FORMATS = ("8", "16", "24", "32", "61", "80", "160", "212", "310", "311", "508", "516", "524")
_LONGEST_LINE = 1024
_FORMAT = r"(?P<fmt>\d{1,4})(?:x(?P<spf>\d{1,9}))?(?::(?P<skew>\d{1,12}))?(?:\+(?P<offset>\d{1,12}))?"
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_INTEGER = re.compile(r"[-+]?\d{1,18}")
_SIGNAL = re.compile(rf"(?P<file>\S.*?)[ \t]+{_FORMAT}(?=[ \t]|$)(?P<rest>.*)$")
_GAIN = re.compile(rf"(?P<gain>{_NUMBER})(?:\((?P<baseline>-?\d{{1,12}})\))?(?:/(?P<unit>\S+))?$")
_FIELDS = (
    rf"[ \t]+(?P<n_sig>\d{{1,6}})(?:[ \t]+(?P<rate>{_NUMBER})(?:/{_NUMBER}(?:\([^)]*\))?)?"
    rf"(?:[ \t]+(?P<length>\d{{1,15}})(?P<start>[ \t]+.*)?)?)?$"
)
_RECORD = re.compile(rf"(?P<name>\S.*?)(?:/(?P<segments>\d{{1,9}}))?{_FIELDS}")
_IN_FOLDER = re.compile(rf"(?P<name>\S.*?)(?P<segments>(?!))?{_FIELDS}")
_TIME = re.compile(r"\b(?:(?:(\d{1,2}):)?(\d{1,2}):)(\d{1,2})(\.\d{1,6})?\b")
_DATE = re.compile(r"\b\d{1,2}([/.-])(?:\d{1,2}|[A-Za-z]{3})\1\d{4}\b|\b\d{4}([/.-])\d\d\2\d\d\b")
_SEGMENT = re.compile(r"(\S.*?)[ \t]+(\d{1,15})$")
_MASTER_BYTES = 1 << 20  # as far as a header of many segments is looked at
DEFAULT_GAIN = 200.0  # steps per mV, where a header states none or 0: the signal is not calibrated, header(5)
NO_FILE = "~"  # a segment without samples, or a signal of a layout


@dataclass(frozen=True, slots=True)
class SignalLine:
    """One signal: physical value = (sample - baseline) / gain in `unit`."""

    file: str
    fmt: str
    samples_per_frame: int
    skew: int
    offset: int
    gain: float
    baseline: int
    unit: str
    initial: int
    checksum: int | None
    name: str
    uncalibrated: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """A single-segment header; `rate` is in Hz (None where not given), `length` in samples a signal (0: not given)."""

    record: str
    rate: float | None
    length: int
    signals: tuple[SignalLine, ...]
    start: datetime | None
    patient: Patient
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Master:
    """The header of a record of several segments: (name, samples a signal) of each; a gap is named "~".

    Where the first has no samples it describes the layout: all signals there are, of which a segment may lack some.
    """

    record: str
    rate: float | None
    segments: tuple[tuple[str, int], ...]
    start: datetime | None
    patient: Patient
    statements: tuple[Statement, ...]


def looks_like_header(data: bytes) -> bool:
    """Whether the content is a WFDB header: a record line, then signal lines of a known storage format."""
    return data_files(data) is not None


def is_master(data: bytes) -> bool:
    """Whether a header is that of a record of several segments, told from its first line."""
    record = _record(_lines(_text(data[:65536])))
    return record is not None and record["segments"] is not None


def data_files(data: bytes) -> tuple[str, ...] | None:
    """The files a header names, each once, in order; None where the content is no WFDB header.

    They are data files, or the headers of the segments of a record that has several.
    """
    # The first line decides for nearly every other file, so it is looked at alone first.
    record = _record(_lines(_text(data[:_LONGEST_LINE])))
    if record is None and not data[:65536].lstrip().startswith(b"#"):
        return None
    return _named(data[:65536]) if record is None or not record["segments"] else _segments(data)


def _segments(data: bytes) -> tuple[str, ...] | None:
    # Also where some lines are missing or damaged: the segments belong to it, and it is refused with them.
    lines = _lines(_text(data[:_MASTER_BYTES]))
    segments = list(map(_SEGMENT.match, lines[1:]))
    if b"\0" in data[:65536] or max(map(len, _lines(_text(data[:65536])))) > _LONGEST_LINE or not any(segments):
        return None
    return tuple(dict.fromkeys(f"{found[1]}.hea" for found in segments if found and found[1] != NO_FILE))


@lru_cache(maxsize=256)  # a header is asked when files are grouped, when it is recognised and when it is read
def _named(head: bytes) -> tuple[str, ...] | None:
    lines = _lines(_text(head))
    record = _record(lines)
    if record is None or b"\0" in head or max(map(len, lines)) > _LONGEST_LINE:
        return None
    n_sig = int(record["n_sig"])
    if not 0 < n_sig <= 1024 or len(lines) < 2 or (record["rate"] is None and len(lines) != n_sig + 1):
        return None
    names: list[str] = []
    for signal in map(_SIGNAL.match, lines[1 : n_sig + 1]):
        if signal is None or _is_number(signal["file"]):
            return None
        if signal["file"] != NO_FILE:
            if signal["fmt"] not in FORMATS:
                return None
            names.append(signal["file"])
    return tuple(dict.fromkeys(names))


def base_of(name: str) -> str:
    """The name of a file that a header names, without a folder before it."""
    return name.replace("\\", "/").rpartition("/")[2] or name


def parse_header(data: bytes, name: str) -> Header | Master:
    """Parse a header; `name` is the file's, for messages. Raises UnreadableFileError for what cannot be read."""
    text = _text(data)
    lines = _lines(text)
    record = _record(lines)
    if record is None or max(map(len, lines)) > _LONGEST_LINE:
        raise UnreadableFileError(f"{name} has no record line (name, signals, rate, samples). Export the record again.")
    rate = float(record["rate"]) if record["rate"] else None
    comments = [line.strip() for line in text.splitlines() if line.lstrip().startswith("#")]
    start = _start(record["start"] or "", comments)
    if record["segments"]:
        found = list(map(_SEGMENT.match, lines[1:]))
        described = sum(one is not None for one in found)
        if described != int(record["segments"]) or None in found:
            raise UnreadableFileError(
                f"{name} announces {record['segments']} segments and describes {described}. None was read, as a part "
                "of the record may be missing: copy the header again from its source."
            )
        segments = tuple((one[1], int(one[2])) for one in found if one is not None)
        return Master(record["name"], rate, segments, start, patient(comments), statements(comments))
    n_sig = int(record["n_sig"])
    if n_sig == 0 or len(lines) < n_sig + 1:
        raise UnreadableFileError(
            f"{name} announces {n_sig} signals and describes {len(lines) - 1}. Export the record again."
        )
    signals = tuple(_signal(line, number, name) for number, line in enumerate(lines[1 : n_sig + 1], 1))
    return Header(
        record["name"],
        rate,
        int(record["length"] or 0),
        signals,
        start,
        patient(comments),
        statements(comments),
    )


def _record(lines: list[str]) -> re.Match[str] | None:
    """The record line. Where signal lines follow, a number after a slash is the record and no count of segments."""
    if not lines:
        return None
    record = _RECORD.match(lines[0][:_LONGEST_LINE])
    if record is not None and record["segments"] and len(lines) > 1 and _is_signal(lines[1]):
        return _IN_FOLDER.match(lines[0][:_LONGEST_LINE])
    return record


def _is_signal(line: str) -> bool:
    signal = _SIGNAL.match(line)
    return signal is not None and signal["fmt"] in FORMATS and bool(signal["rest"].split())


def _signal(line: str, number: int, name: str) -> SignalLine:
    match = _SIGNAL.match(line)
    if match is None:
        raise UnreadableFileError(f"{name} describes signal {number} by a line that cannot be read. Export it again.")
    fields = match["rest"].split(None, 6)
    gain, baseline, unit = 0.0, None, "mV"
    if fields:
        parts = _GAIN.match(fields[0])
        if parts is None:
            raise UnreadableFileError(f"{name} gives signal {number} a gain that cannot be read. Correct the header.")
        gain, unit = float(parts["gain"]), parts["unit"] or "mV"
        if not math.isfinite(gain):
            raise UnreadableFileError(f"{name} gives signal {number} an impossible gain. Correct the header.")
        if gain == 0 and millivolts(unit) is not None:
            unit = "mV"  # of which the default is
        baseline = None if parts["baseline"] is None else int(parts["baseline"])
    zero, initial, checksum = (_integer(fields, i) for i in (2, 3, 4))
    return SignalLine(
        file=match["file"],
        fmt=match["fmt"],
        samples_per_frame=int(match["spf"] or 1),
        skew=int(match["skew"] or 0),
        offset=int(match["offset"] or 0),
        gain=gain or DEFAULT_GAIN,
        baseline=baseline if baseline is not None else zero or 0,
        unit=unit,
        initial=initial if initial is not None else zero or 0,
        checksum=checksum,
        name=fields[6].strip() if len(fields) > 6 else "",
        uncalibrated=gain == 0,
    )


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _lines(text: str) -> list[str]:
    return [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]


def _is_number(text: str) -> bool:
    return re.fullmatch(_NUMBER, text) is not None


def _integer(fields: list[str], index: int) -> int | None:
    return int(fields[index]) if index < len(fields) and _INTEGER.fullmatch(fields[index]) else None


def _start(text: str, comments: list[str]) -> datetime | None:
    """Date and time of the record line in either order, the date alone where no time is stated.

    A time alone needs a date from the comments.
    """
    day, found = _DATE.search(text), _TIME.search(text)
    hour, minute, second = (int(part or 0) for part in found.groups()[:3]) if found else (0, 0, 0)
    clock = f"{hour:02}:{minute:02}:{second:02}{found[4] or ''}" if found else ""
    return recorded(comments, clock) if day is None else moment(f"{day[0]} {clock}".strip(), month_first=False)
