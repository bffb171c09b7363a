"""Facts beside the samples, as files write them: ages, sexes, dates, identifiers and a device's own measurements."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from backend.ecg.recording import MEASUREMENTS

_YEARS = {
    "a": 1.0, "y": 1.0, "yr": 1.0, "yrs": 1.0, "year": 1.0, "years": 1.0, "mo": 1 / 12, "m": 1 / 12, "month": 1 / 12,
    "months": 1 / 12, "wk": 7 / 365.25, "w": 7 / 365.25, "week": 7 / 365.25, "weeks": 7 / 365.25, "d": 1 / 365.25,
    "jahr": 1.0, "jahre": 1.0, "monat": 1 / 12, "monate": 1 / 12, "woche": 7 / 365.25, "wochen": 7 / 365.25,
    "tag": 1 / 365.25, "tage": 1 / 365.25,
    "day": 1 / 365.25, "days": 1 / 365.25, "h": 1 / 8766, "hour": 1 / 8766, "hours": 1 / 8766,
}  # fmt: skip
_AGE = re.compile(r"(>|over |above )?\s*(\d{1,3}(?:[.,]\d{1,3})?)\s*(\+)?\s*-?\s*([a-z]{1,7})?\b", re.IGNORECASE)
_RANGE = re.compile(r"\D{0,8}\d{1,3}\s*(?:[-–/]|to|bis)\s*\d", re.IGNORECASE)
"""60-69, 60 to 69, and 6/12 of a year."""
_OLDEST = 90.0  # what "above 89" is kept as
_HIDDEN_AGES = (300.0, 320.0)  # PTB-XL writes 300 for an age above 89, MIMIC-III 300 and some more
_CLOCK = r"(?:[T ,]{0,3}(\d\d?):?(\d\d)(?::?(\d\d)([.,]\d{1,9})?)?(?: ?([AP])M\b)?)?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d\d)\2(\d\d)" + _CLOCK, re.ASCII | re.IGNORECASE)
_YEAR_LAST = re.compile(r"(\d\d?)([-/. ])(\d\d?|[A-Z]{3,9})\2(\d{4})\b" + _CLOCK, re.ASCII | re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SHORTEST = {"qt": 150.0, "qrs": 30.0}  # ms, of a human heart
_INTERVALS = frozenset(("p", "pr", "qrs", "qt", "qtc"))
_LONGEST = {"heart_rate": 1000.0}  # 1/min; the others are ms or degrees
_PLAIN = re.compile(r"[\w .,:;/+()&'®™-]{1,100}")
# What stands for an identifier that is not known, by its letters and digits alone, in lower case.
_NONE = frozenset((
    "", "unk", "unknown", "unknownpatient", "patientunknown", "unbekannt", "patientunbekannt", "nichtbekannt",
    "notknown", "na", "nan", "none", "null", "nil", "anon", "anonym", "anonymous", "anonymized", "anonymised",
    "anonymisiert", "anonymouspatient", "deidentified", "redacted", "removed", "missing", "undefined", "unassigned",
    "keine", "keineangabe", "keineangaben", "keineid", "ohne", "leer", "notavailable", "notapplicable",
    "notassigned", "notprovided", "notrecorded", "noid", "nopatientid", "inconnu", "inconnue", "desconocido",
    "desconhecido", "sconosciuto", "onbekend", "tbd",
))  # fmt: skip
_FILLED = re.compile(r"(?:x[\W_]*){3,}|k\.\s*a\.?", re.IGNORECASE)  # XXX-XXX, k.A.
_ZERO = re.compile(r"-\s*\d+|[0\W_]*0[0\W_]*")  # 0, 0000, 00000000-0000-…, -1


def sex(text: str | None) -> Literal["F", "M"] | None:
    """Return the sex for "F", "female", "weiblich", "M", "MALE" …, None for anything else."""
    match (text or "").strip().lower():
        case "f" | "female" | "w" | "weiblich" | "woman":
            return "F"
        case "m" | "male" | "männlich" | "maennlich" | "man":
            return "M"
    return None


def age_in_years(value: float | None, unit: str | None = "a") -> float | None:
    """Return an age in years, None for an unknown unit or an impossible age.

    300 years and a little more stand for an age above 89, as data sets write it: 90 is kept.
    """
    years = _YEARS.get((unit or "").strip().lower())
    if value is None or not years:
        return None
    age = value * years
    if _HIDDEN_AGES[0] <= age < _HIDDEN_AGES[1]:
        return _OLDEST
    return round(age, 2) if 0 <= age < 150 else None


def age_of(text: str | None) -> float | None:
    """Return an age written in words, in years: "45", "45 years", "6 months", "10d", ">89"; None for anything else.

    A number without a unit is one of years, and a capital M or F behind it the sex. A range is no age.
    """
    words = (text or "").strip()
    match = _AGE.match(words)
    if match is None or _RANGE.match(words):
        return None
    unit = "a" if match[4] in (None, "M", "F") else match[4]
    age = age_in_years(float(match[2].replace(",", ".")), unit)
    return _OLDEST if age is not None and (match[1] or match[3]) and age >= _OLDEST - 1 else age


def age_at(born: datetime | None, taken: datetime | None) -> float | None:
    """Return the completed years between birth and recording, None where one is unknown or both contradict."""
    if born is None or taken is None or not 0 <= (taken - born).days < 130 * 366:
        return None
    return float(taken.year - born.year - ((taken.month, taken.day) < (born.month, born.day)))


def moment(text: str | None, month_first: bool | None = None) -> datetime | None:
    """Parse a time of at least a day: HL7, ISO 8601, 2.1.2020, 02-JAN-2020, 01/02/2020, with a time of day or without.

    Dates with points put the day first. Of others with the year last `month_first` says it; None: only those are taken
    that can be meant in one way. The offset from UTC is not kept, as recordings are in local time.
    """
    plain_text = (text or "").strip()
    match = _YEAR_FIRST.match(plain_text)
    if match:
        year, month, day = int(match[1]), int(match[3]), int(match[4])
    else:
        match = _YEAR_LAST.match(plain_text)
        if match is None:
            return None
        year, day, month = int(match[4]), int(match[1]), _month(match[3])
        if match[3].isdigit() and match[2] != ".":
            if max(day, month) <= 12 and day != month and month_first is None:
                return None
            if month > 12 or (month_first and day <= 12):
                day, month = month, day
    hour, minute, second = (int(part or 0) for part in match.groups()[4:7])
    if match[9]:
        hour = hour % 12 + (12 if match[9].upper() == "P" else 0)
    fraction = float("0" + match[8].replace(",", ".")) if match[8] else 0.0
    return at(year, month, day, hour, minute, second, fraction)


def _month(text: str) -> int:
    """The number of a month, 0 for what is none."""
    if text.isdigit():
        return int(text)
    return _MONTHS.index(text[:3].lower()) + 1 if text[:3].lower() in _MONTHS else 0


def at(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, fraction: float = 0.0
) -> datetime | None:
    """Return the moment, None where there is no such date (devices fill unknown ones with 0, -9 or 255)."""
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), min(round(fraction * 1e6), 999_999))
    except (ValueError, OverflowError):
        return None


def identifier(text: str | None, may_be_zero: bool = False) -> str | None:
    """Return a patient's identifier as written, None for none or a placeholder.

    `may_be_zero` is for columns, which may number patients from 0 on; what a device calls 0 or -1 is nobody.
    """
    plain = (text or "").strip()
    bare = re.sub(r"[\W_]+", "", plain.casefold())
    if bare in _NONE or _FILLED.fullmatch(plain) or len(plain) > 200 or (not may_be_zero and _ZERO.fullmatch(plain)):
        return None
    return plain


def model_name(*parts: str | None) -> str | None:
    """Join manufacturer and model; what looks like more than a name is left out."""
    plain = (" ".join((part or "").split()) for part in parts)
    return " ".join(part for part in plain if _PLAIN.fullmatch(part)) or None


def positive(value: float | None) -> float | None:
    """Return a number above 0, such as a cut-off frequency in Hz; None for anything else."""
    return value if value is not None and value > 0 else None


def uncoded(count: int) -> tuple[str, ...]:
    """Return the note on `count` statements of a device that are left out, being free text or of no known code."""
    return (f"Statements of the device that have no code here and were not kept: {count}.",) if count else ()


def measurements(found: Mapping[str, float | None]) -> dict[str, float]:
    """Return those of MEASUREMENTS that were measured: devices write 0 or an impossible number where they were not.

    Intervals that no heart can have are in another unit, and none of that file is kept.

    An RR interval that contradicts the heart rate beside it is brought to ms where it is plainly one of samples or of
    seconds, and else left out.
    """
    kept: dict[str, float] = {}
    if any(0 < (found.get(key) or 0) < shortest for key, shortest in _SHORTEST.items()):
        found = {key: value for key, value in found.items() if key not in _INTERVALS}  # counted in samples, perhaps
    found = {**found, "rr": _mean_interval(found.get("rr"), found.get("heart_rate"))}
    for key, value in found.items():
        if value is None:
            continue
        axis = MEASUREMENTS[key] == "°"
        if (-360 <= value <= 360) if axis else (0 < value < _LONGEST.get(key, 10_000.0)):
            kept[key] = value
    if kept.get("p", 0.0) >= kept.get("pr", 1e9):  # some devices write the end of the P wave for its duration
        del kept["p"]
    return kept


def _mean_interval(rr: float | None, heart_rate: float | None) -> float | None:
    """Return RR in ms as the heart rate (1/min) confirms it; None where they contradict each other."""
    if rr is None or not heart_rate or not 0 < heart_rate < 1000:
        return rr
    wanted = 60_000 / heart_rate
    if 0.6 * wanted <= rr <= 1.6 * wanted:  # the rate of the whole and the RR of one beat may differ
        return rr
    # Older MUSE counts samples of 4 or 2 ms; others write seconds.
    return next((rr * ms for ms in (4.0, 2.0, 1000.0) if abs(rr * ms - wanted) <= 0.05 * wanted), None)


def plain(raw: bytes, encoding: str = "latin-1") -> str:
    """Return a text of a binary file up to its first NUL, without control characters and outer blanks."""
    text = raw.decode(encoding, errors="replace").partition("\0")[0]
    return "".join(character for character in text if character.isprintable()).strip()
