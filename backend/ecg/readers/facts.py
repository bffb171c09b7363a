"""Facts beside the samples, as files write them: ages, sexes, dates, identifiers and a device's own measurements."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from backend.ecg.recording import MEASUREMENTS

_YEARS = {
    "a": 1.0, "y": 1.0, "yr": 1.0, "yrs": 1.0, "year": 1.0, "years": 1.0, "mo": 1 / 12, "m": 1 / 12, "month": 1 / 12,
    "months": 1 / 12, "wk": 7 / 365.25, "w": 7 / 365.25, "week": 7 / 365.25, "weeks": 7 / 365.25, "d": 1 / 365.25,
    "day": 1 / 365.25, "days": 1 / 365.25, "h": 1 / 8766, "hour": 1 / 8766, "hours": 1 / 8766,
}  # fmt: skip
_MOMENT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d)([.,]\d{1,9})?)?)?", re.ASCII)
_LONGEST = {"heart_rate": 1000.0}  # 1/min; the others are ms or degrees
_PLAIN = re.compile(r"[\w .,:;/+()&'®™-]{1,100}")
_NONE = frozenset(("", "?", "UNK", "UNKNOWN", "N/A"))


def sex(text: str | None) -> Literal["F", "M"] | None:
    """Return the sex for "F", "female", "M", "MALE" …, None for anything else."""
    match (text or "").strip().lower():
        case "f" | "female":
            return "F"
        case "m" | "male":
            return "M"
    return None


def age_in_years(value: float | None, unit: str | None) -> float | None:
    """Return an age in years, None for an unknown unit or an impossible age."""
    years = _YEARS.get((unit or "").strip().lower())
    return round(value * years, 2) if value is not None and years and 0 <= value * years < 150 else None


def age_at(born: datetime | None, taken: datetime | None) -> float | None:
    """Return the completed years between birth and recording, None where one is unknown or both contradict."""
    if born is None or taken is None or not 0 <= (taken - born).days < 130 * 366:
        return None
    return float(taken.year - born.year - ((taken.month, taken.day) < (born.month, born.day)))


def moment(text: str | None) -> datetime | None:
    """Parse an HL7 or ISO 8601 time of at least a day.

    The offset from UTC is not kept, as recordings are in local time.
    """
    match = _MOMENT.match((text or "").strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    fraction = float("0" + match[7].replace(",", ".")) if match[7] else 0.0
    return at(year, month, day, hour, minute, second, fraction)


def at(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, fraction: float = 0.0
) -> datetime | None:
    """Return the moment, None where there is no such date (devices fill unknown ones with 0, -9 or 255)."""
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), min(round(fraction * 1e6), 999_999))
    except (ValueError, OverflowError):
        return None


def identifier(text: str | None) -> str | None:
    """Return a patient's identifier as written, None for none or a placeholder."""
    plain = (text or "").strip()
    return None if plain.upper() in _NONE or len(plain) > 200 else plain


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
    """Return those of MEASUREMENTS that were measured: devices write 0 or an impossible number where they were not."""
    kept: dict[str, float] = {}
    for key, value in found.items():
        if value is None:
            continue
        axis = MEASUREMENTS[key] == "°"
        if (-360 <= value <= 360) if axis else (0 < value < _LONGEST.get(key, 10_000.0)):
            kept[key] = value
    if kept.get("p", 0.0) >= kept.get("pr", 1e9):  # some devices write the end of the P wave for its duration
        del kept["p"]
    return kept
