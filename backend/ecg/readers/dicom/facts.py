"""Who, when and with what: the facts about a DICOM recording that are not its samples."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from backend.ecg.readers.facts import identifier, model_name
from backend.ecg.recording import Patient

if TYPE_CHECKING:
    from pydicom import Dataset

_YEARS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}


def patient(dataset: "Dataset") -> Patient:
    """Identifier, age (as stated, else from the birth date) and sex. The name is never read."""
    sex = _text(dataset, "PatientSex").upper()
    return Patient(
        id=identifier(_text(dataset, "PatientID")),
        age=_age(dataset),
        sex="F" if sex == "F" else "M" if sex == "M" else None,
    )


def start_time(dataset: "Dataset") -> datetime | None:
    """When the recording was acquired: acquisition, else content, else study date and time."""
    return (
        _datetime(_text(dataset, "AcquisitionDateTime"))
        or _datetime(_text(dataset, "ContentDate") + _text(dataset, "ContentTime"))
        or _datetime(_text(dataset, "StudyDate") + _text(dataset, "StudyTime"))
    )


def device(dataset: "Dataset") -> str | None:
    """Manufacturer and model."""
    return model_name(_text(dataset, "Manufacturer"), _text(dataset, "ManufacturerModelName"))


def _text(dataset: "Dataset", keyword: str) -> str:
    value = dataset.get(keyword)
    return "" if value is None else str(value).strip()


def _age(dataset: "Dataset") -> float | None:
    stated = re.fullmatch(r"(\d{1,3})([YMWD])", _text(dataset, "PatientAge").upper())
    if stated:
        return round(int(stated[1]) * _YEARS[stated[2]], 2)
    born, taken = _datetime(_text(dataset, "PatientBirthDate")), start_time(dataset)
    if born is None or taken is None or not 0 <= (taken - born).days < 130 * 366:
        return None
    return float(taken.year - born.year - ((taken.month, taken.day) < (born.month, born.day)))


def _datetime(text: str) -> datetime | None:
    """Parse YYYYMMDD[HHMM[SS[.ffffff]]]; the offset from UTC is not kept, as recordings are in local time."""
    match = re.match(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?(\.\d{1,6})?)?", text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    if (year, month, day) == (1900, 1, 1):
        return None  # the usual stand-in for a date that is unknown, where the standard demands one
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), round(float(match[7] or 0) * 1e6))
    except ValueError:
        return None
