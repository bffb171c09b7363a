"""EDF and BDF headers: fixed columns of text that describe each signal.

Source: Kemp et al. 1992, doi:10.1016/0013-4694(92)90009-7; EDF+: Kemp and Olivan 2003,
doi:10.1016/S1388-2457(03)00123-8; BDF: https://www.biosemi.com/faq/file_format.htm
"""

import math
import re
from dataclasses import dataclass
from datetime import datetime

from backend.ecg.errors import UnreadableFileError
from backend.ecg.readers.facts import age_at, at, identifier
from backend.ecg.recording import Patient

_FIXED = 256  # bytes of the part before the signals, and of the description of each signal
_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DATE = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4})$")


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal: `per_record` samples in each data record; the physical range spans the digital one."""

    label: str
    unit: str
    physical: tuple[float, float]
    digital: tuple[float, float]
    filters: str
    per_record: int

    @property
    def is_annotation(self) -> bool:
        """Whether it holds texts and times instead of samples."""
        return self.label in ("EDF Annotations", "BDF Annotations")


@dataclass(frozen=True, slots=True)
class Header:
    """What precedes the data records; `records` is None where the file leaves their number open."""

    width: int  # bytes a sample
    length: int  # bytes of this header
    records: int | None
    record_s: float
    discontinuous: bool
    signals: tuple[Signal, ...]
    start: datetime | None
    patient: Patient

    @property
    def record_bytes(self) -> int:
        """Bytes of a data record."""
        return self.width * sum(signal.per_record for signal in self.signals)

    def sample_offset(self, signal: Signal) -> int:
        """Samples of other signals before those of `signal` in each data record."""
        index = next(i for i, other in enumerate(self.signals) if other is signal)
        return sum(other.per_record for other in self.signals[:index])


def looks_like_edf(data: bytes) -> bool:
    """Whether the content begins as EDF or BDF, and its header length fits its number of signals."""
    if not data.startswith((b"0       ", b"\xffBIOSEMI")):
        return False
    length, count = data[184:192].strip(), data[252:256].strip()
    return length.isdigit() and count.isdigit() and int(length) == _FIXED * (int(count) + 1)


def parse_header(data: bytes, name: str) -> Header:
    """Parse the header of a file that `looks_like_edf`. Raises UnreadableFileError for one that cannot be read."""
    count = int(data[252:256])
    length = _FIXED * (count + 1)
    if count == 0 or len(data) < length:
        raise UnreadableFileError(
            f"{name} announces {count} signals and breaks off in its header. Export or copy it again."
        )
    plus = data[192:196] in (b"EDF+", b"BDF+")
    record_s = _number(data[244:252], "duration of a data record", name)
    records = _number(data[236:244], "number of data records", name)
    start = _start(data)
    return Header(
        width=3 if data[0] == 0xFF else 2,
        length=length,
        records=int(records) if records >= 0 else None,
        record_s=record_s,
        discontinuous=data[192:197] in (b"EDF+D", b"BDF+D"),
        signals=_signals(data[_FIXED:length], count, name),
        start=start,
        patient=_patient(_text(data[8:88]), start) if plus else Patient(),
    )


def _signals(block: bytes, count: int, name: str) -> tuple[Signal, ...]:
    columns: list[list[bytes]] = []
    offset = 0
    for width in _WIDTHS:
        columns.append([block[offset + i * width : offset + (i + 1) * width] for i in range(count)])
        offset += width * count
    labels, _, units, low, high, digital_low, digital_high, filters, per_record, _ = columns
    signals = []
    for i in range(count):
        label = _text(labels[i])
        samples = _number(per_record[i], f"number of samples of signal {i + 1}", name)
        if not 0 <= samples <= 1 << 31:
            raise UnreadableFileError(f"{name} gives signal {i + 1} {samples:g} samples a record. Export it again.")
        signals.append(
            Signal(
                label=label,
                unit=_text(units[i]),
                physical=(_limit(low[i]), _limit(high[i])),
                digital=(_limit(digital_low[i]), _limit(digital_high[i])),
                filters=_text(filters[i]),
                per_record=int(samples),
            )
        )
    return tuple(signals)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8").strip(" \0")
    except UnicodeDecodeError:
        return raw.decode("latin-1").strip(" \0")


def _limit(raw: bytes) -> float:
    """Return a limit of a range, NaN where it is no number: only those of the ECG signals matter."""
    try:
        return float(_text(raw).replace(",", "."))
    except ValueError:
        return math.nan


def _number(raw: bytes, what: str, name: str) -> float:
    value = _limit(raw)
    if not math.isfinite(value):
        raise UnreadableFileError(f"{name} has no readable {what} in its header. Export it again.")
    return value


def _start(data: bytes) -> datetime | None:
    """The date with four digits of the year where EDF+ gives one, else dd.mm.yy of 1985 to 2084."""
    day = re.match(r"(\d\d?)[.:/-](\d\d?)[.:/-](\d{2})$", _text(data[168:176]))
    time = re.match(r"(\d\d?)[.:](\d{2})[.:](\d{2})$", _text(data[176:184]))
    hour, minute, second = (int(part) for part in time.groups()) if time else (0, 0, 0)
    words = _text(data[88:168]).split()
    if len(words) > 1 and words[0] == "Startdate":
        if words[1] == "X":
            return None
        stated = _plus_date(words[1])
        if stated:
            return at(stated.year, stated.month, stated.day, hour, minute, second)
    if day is None:
        return None
    year = int(day[3])
    return at(1900 + year if year >= 85 else 2000 + year, int(day[2]), int(day[1]), hour, minute, second)


def _plus_date(text: str) -> datetime | None:
    match = _DATE.match(text)
    if match is None or match[2].upper() not in _MONTHS:
        return None
    return at(int(match[3]), _MONTHS.index(match[2].upper()) + 1, int(match[1]))


def _patient(text: str, taken: datetime | None) -> Patient:
    """Code, sex and birth date are the first words of an EDF+ patient field; the fourth, the name, is not read."""
    code, sex, born = [*text.split(" "), "X", "X", "X"][:3]
    return Patient(
        id=None if code == "X" else identifier(code),
        age=age_at(_plus_date(born), taken),
        sex="F" if sex == "F" else "M" if sex == "M" else None,
    )
