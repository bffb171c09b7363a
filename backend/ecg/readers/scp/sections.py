"""The sections of an SCP-ECG record: where they lie, which leads there are, where the beats are.

Source: EN 1064 (ISO 11073-91064), sections 0, 3 and 4.
"""

import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from backend.ecg.errors import UnreadableFileError
from backend.ecg.readers.lead_numbers import numbered_lead

_RECORD, _SECTION, _POINTER = 6, 16, 10  # bytes of the header of the record, of a section, and of a pointer
_MARK = b"SCPECG"
LONG_TERM = 12  # the samples of a long-term recording, which are not read
_READ = (1, 2, 3, 4, 5, 6, 7, 11, LONG_TERM)


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead with its first and last sample number, counted from 1; `length` is 0 where the file does not say."""

    name: str
    first: int
    length: int


@dataclass(frozen=True, slots=True)
class Beat:
    """A beat: `kind` 0 had the reference beat subtracted from sample `first` to `last`, around `fiducial`."""

    kind: int
    first: int
    fiducial: int
    last: int


@dataclass(frozen=True, slots=True)
class Beats:
    """Section 4: length of the reference beat in ms, its fiducial sample (from 1), the beats, the protected zones."""

    reference_ms: int = 0
    fiducial: int = 0
    beats: tuple[Beat, ...] = ()
    zones: tuple[tuple[int, int], ...] = ()


def looks_like_scp(data: bytes) -> bool:
    """Whether the content begins with the pointers of an SCP-ECG record: section 0, which points at itself first."""
    if len(data) < _RECORD + _SECTION + _POINTER or data[8:10] != b"\0\0":
        return False
    length = int.from_bytes(data[10:14], "little")
    if length < _SECTION + 4 * _POINTER or length > _SECTION + 1024 * _POINTER or (length - _SECTION) % _POINTER:
        return False
    itself = struct.unpack_from("<HII", data, _RECORD + _SECTION)
    return data[16:22] == _MARK or itself == (0, length, _RECORD + 1)


def parse_sections(data: bytes, name: str) -> tuple[Mapping[int, bytes], tuple[str, ...]]:
    """Return the sections that are read, by number and without their headers, and what is wrong with the record.

    A section that is not where section 0 says is looked for by its header, else left out. Raises UnreadableFileError
    where section 0 is cut off or sections overlap.
    """
    length = int.from_bytes(data[10:14], "little")
    table = data[_RECORD + _SECTION : _RECORD + length]
    if len(table) < length - _SECTION:
        raise UnreadableFileError(f"{name} breaks off in its table of sections. Export or copy it again.")
    sections: dict[int, bytes] = {}
    lost: list[int] = []
    damaged: list[int] = []
    moved: list[int] = []
    held = 0
    for number, size, index in struct.iter_unpack("<HII", table[: len(table) // _POINTER * _POINTER]):
        if number not in _READ or size <= _SECTION or number in sections:
            continue
        held += size
        if held > len(data):
            raise UnreadableFileError(f"{name} has sections that overlap. Export or copy it again.")
        start = _start_of(data, number, size, index)
        if start is None:
            lost.append(number)
            continue
        if start != index - 1:
            moved.append(number)
        section = data[start : start + size]
        crc = int.from_bytes(section[:2], "little")
        # 0xFFFF stands for a checksum that was not computed.
        if crc not in (0xFFFF, binascii.crc_hqx(section[2:], 0xFFFF)):
            damaged.append(number)
        sections[number] = section[_SECTION:]
    notes: tuple[str, ...] = ()
    if lost:
        notes += (f"The sections {_listed(lost)} are not where the file says and were not read.",)
    if moved:
        notes += (f"The sections {_listed(moved)} are not where the file says; they were found by their own headers.",)
    stated = int.from_bytes(data[2:6], "little")
    crc = int.from_bytes(data[:2], "little")
    whole = crc in (0xFFFF, binascii.crc_hqx(data[2:stated], 0xFFFF))
    if damaged or not whole:
        where = f" of section {_listed(damaged)}" if damaged else ""
        notes += (f"The checksum{where} is wrong: the file was changed after it was written. Compare with the source.",)
    return sections, notes


def _start_of(data: bytes, number: int, size: int, index: int) -> int | None:
    """Return where a section begins, by its header of number and size: at its index (from 1), else where it is alone.

    Some writers count the bytes from 0.
    """
    mark = struct.pack("<HI", number, size)
    behind = _RECORD + int.from_bytes(data[10:14], "little")  # the pointers themselves look like headers
    for start in (index - 1, index):
        if start >= behind and data[start + 2 : start + 8] == mark and start + size <= len(data):
            return start
    # The number alone decides where it is pointed at: a few devices write another length into the header.
    if index > behind and data[index + 1 : index + 3] == mark[:2] and index - 1 + size <= len(data):
        return index - 1
    found = data.find(mark, behind)
    if found < 2 or data.find(mark, found + 1) >= 0 or found - 2 + size > len(data):
        return None
    return found - 2


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:16]))


def parse_leads(body: bytes) -> tuple[tuple[Lead, ...], bool]:
    """Parse section 3: the leads, and whether a reference beat was subtracted from them.

    Raises UnreadableFileError for a section that is cut off or holds no leads.
    """
    count = body[0] if body else 0
    if count == 0 or len(body) < 2 + 9 * count:
        raise UnreadableFileError(f"the definition of the {count} leads is cut off. Export or copy the file again.")
    leads = []
    for first, last, number in struct.iter_unpack("<IIB", body[2 : 2 + 9 * count]):
        # Some devices count from 0 and write the number of samples as the last.
        start = max(first, 1)
        leads.append(Lead(numbered_lead(number), start, max(0, last - start + 1)))
    return tuple(leads), bool(body[1] & 1)


def parse_beats(body: bytes) -> Beats:
    """Parse section 4. Raises UnreadableFileError for a section that is cut off."""
    if len(body) < 6:
        raise UnreadableFileError("the positions of the beats are cut off. Export or copy the file again.")
    reference_ms, fiducial, count = struct.unpack_from("<HHH", body)
    ends = 6 + 14 * count
    if len(body) < ends:
        raise UnreadableFileError("the positions of the beats are cut off. Export or copy the file again.")
    beats = tuple(Beat(*fields) for fields in struct.iter_unpack("<HIII", body[6:ends]))
    protected = body[ends : ends + 8 * count]
    if len(protected) == 8 * count:
        zones = tuple(struct.iter_unpack("<II", protected))
    else:  # versions before 1.3 know no protected zones apart from the beats
        zones = tuple((beat.first, beat.last) for beat in beats)
    return Beats(reference_ms, fiducial, beats, tuple(sorted((a, b) for a, b in zones if 0 < a <= b)))
