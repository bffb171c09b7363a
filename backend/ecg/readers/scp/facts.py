"""Who, when, with what and what the device made of it: the facts of an SCP-ECG record.

Source: EN 1064 (ISO 11073-91064), sections 1, 7 and 11. Read are only the fields listed here; names never.
"""

import re
import struct
from collections.abc import Mapping
from datetime import datetime

from backend.ecg.readers.assemble import Facts
from backend.ecg.readers.facts import age_at, age_in_years, at, identifier, measurements, model_name, plain, uncoded
from backend.ecg.readers.scp.statements import STATEMENTS
from backend.ecg.recording import DeviceFacts, Patient, Statement

_ID, _AGE, _BORN, _SEX, _DEVICE, _DATE, _TIME, _HIGH_PASS, _LOW_PASS, _FILTERS = 2, 4, 5, 8, 14, 25, 26, 27, 28, 29
_FIXED_LENGTHS = {
    _AGE: 3, _BORN: 4, 6: 3, 7: 3, _SEX: 1, 9: 1, 11: 2, 12: 2, 24: 1, _DATE: 4, _TIME: 3, _HIGH_PASS: 2, _LOW_PASS: 2,
    _FILTERS: 1,
}  # fmt: skip
_AGE_UNITS = {1: "years", 2: "months", 3: "weeks", 4: "days", 5: "hours"}
_MANUFACTURERS = (
    None, "Burdick", "Cambridge", "Compumed", "Datamed", "Fukuda", "Hewlett-Packard", "Marquette Electronics",
    "Mortara Instrument", "Nihon Kohden", "Okin", "Quinton", "Siemens", "Spacelabs", "Telemed", "Hellige", "Esaote",
    "Schiller", "Picker-Schwarzer", "Elettronica-Trentina", "Zwönitz",
)  # fmt: skip
_NOT_MEASURED = (19999, 29998, 29999)
_NO_AXIS = 999
_CODED = 1  # a statement in the codes of the standard, and no text


def read_facts(sections: Mapping[int, bytes]) -> Facts:
    """Return the facts of the sections that are there; damaged ones say nothing."""
    tags = _tags(sections.get(1, b""))
    start = _date(tags.get(_DATE, b""), tags.get(_TIME, b""))
    sex = tags.get(_SEX, b"\0")[:1]
    statements, notes = _statements(sections.get(11, b""))
    return Facts(
        start=start,
        patient=Patient(
            id=identifier(plain(tags.get(_ID, b""))),
            age=_age(tags.get(_AGE, b"")) or age_at(_date(tags.get(_BORN, b"")), start),
            sex="M" if sex == b"\1" else "F" if sex == b"\2" else None,
        ),
        device=DeviceFacts(
            model=_model(tags.get(_DEVICE, b"")),
            high_pass=_number(tags.get(_HIGH_PASS, b""), 0.01),
            low_pass=_number(tags.get(_LOW_PASS, b""), 1.0),
            notch=_notch(tags.get(_FILTERS, b"")),
            measurements=_measurements(sections.get(7, b"")),
            statements=statements,
        ),
        notes=notes,
    )


def _tags(body: bytes) -> dict[int, bytes]:
    """Return the first field of each tag of section 1; none where their lengths do not add up.

    Some devices write a wrong length for a field whose length the standard fixes.
    """
    return _walk(body, {}) or _walk(body, _FIXED_LENGTHS) or {}


def _walk(body: bytes, lengths: Mapping[int, int]) -> dict[int, bytes] | None:
    tags: dict[int, bytes] = {}
    offset = 0
    while offset + 3 <= len(body) and body[offset] != 255:
        tag, size = body[offset], int.from_bytes(body[offset + 1 : offset + 3], "little")
        size = lengths.get(tag, size)
        tags.setdefault(tag, body[offset + 3 : offset + 3 + size])
        offset += 3 + size
    return tags if offset <= len(body) else None


def _date(date: bytes, time: bytes = b"") -> datetime | None:
    if len(date) < 4:
        return None
    hour, minute, second = time[:3] if len(time) >= 3 else (0, 0, 0)
    return at(int.from_bytes(date[:2], "little"), date[2], date[3], hour, minute, second)


def _age(field: bytes) -> float | None:
    return age_in_years(int.from_bytes(field[:2], "little"), _AGE_UNITS.get(field[2])) if len(field) >= 3 else None


def _number(field: bytes, unit: float) -> float | None:
    value = int.from_bytes(field[:2], "little")
    return round(value * unit, 2) if 0 < value < 29998 else None


def _notch(field: bytes) -> float | None:
    flags = field[0] if field else 0
    return 60.0 if flags & 1 else 50.0 if flags & 2 else None


def _model(field: bytes) -> str | None:
    """Manufacturer, by its code or else its name, and model; the serial number between them is not read."""
    if len(field) < 14:
        return None
    code = field[7]
    texts = field[36:].split(b"\0")
    named = plain(texts[4]) if len(texts) > 4 else None
    maker = _MANUFACTURERS[code] if code < len(_MANUFACTURERS) else None
    return model_name(maker or named, plain(field[8:14]))


def _measurements(body: bytes) -> dict[str, float]:
    """The global measurements of the first reference beat, and the rates after the list of pacing spikes."""
    if len(body) < 6:
        return {}
    n_beats, n_spikes, rr = struct.unpack_from("<BBH", body)
    found: dict[str, float | None] = {"rr": _measured(rr)}
    if n_beats and len(body) >= 22:
        p_on, p_off, qrs_on, qrs_off, t_off = map(_measured, struct.unpack_from("<5H", body, 6))
        found |= {
            "p": _between(p_on, p_off),
            "pr": _between(p_on, qrs_on),
            "qrs": _between(qrs_on, qrs_off),
            "qt": _between(qrs_on, t_off),
        }
        axes = struct.unpack_from("<3h", body, 16)
        found |= {
            key: None if axis == _NO_AXIS else _measured(axis)
            for key, axis in zip(("p_axis", "qrs_axis", "t_axis"), axes, strict=True)
        }
    offset = 6 + 16 * n_beats + 10 * n_spikes
    n_qrs = int.from_bytes(body[offset : offset + 2], "little")
    offset += 2 + (0 if n_qrs in _NOT_MEASURED else n_qrs)
    if len(body) >= offset + 6:
        rate, _, qtc = struct.unpack_from("<3H", body, offset)
        found |= {"heart_rate": _measured(rate), "qtc": _measured(qtc)}
    return measurements(found)


def _measured(value: int) -> float | None:
    return None if value in _NOT_MEASURED else float(value)


def _between(begin: float | None, end: float | None) -> float | None:
    return None if begin is None or end is None else end - begin


def _statements(body: bytes) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
    """The coded statements of section 11 whose code is in the vocabulary here, and a note that counts the others."""
    if len(body) < 9:
        return (), ()
    others = 0
    codes: dict[str, None] = {}
    offset = 9
    for _ in range(body[8]):
        if offset + 4 > len(body):
            break
        size = int.from_bytes(body[offset + 1 : offset + 3], "little")
        text = body[offset + 4 : offset + 3 + size].decode("latin-1")
        known: list[str] = []
        for word in re.split(r"[\0 ;,]+", text) if body[offset + 3] == _CODED else ():
            stem = word.split("_")[0]
            known += [code for code in (word, stem, stem + "_") if code in STATEMENTS][:1]
        codes |= dict.fromkeys(known)
        others += not known and bool(text.strip("\0 "))
        offset += 3 + size
    return tuple(Statement(code, "SCP-ECG", STATEMENTS[code]) for code in codes), uncoded(others)
