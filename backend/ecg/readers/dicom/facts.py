"""Who, when and with what: the facts about a DICOM recording that are not its samples."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from backend.ecg.readers.facts import age_at, age_in_years, identifier, model_name, moment, sex
from backend.ecg.recording import Patient

if TYPE_CHECKING:
    from pydicom import Dataset


def patient(dataset: "Dataset") -> Patient:
    """Identifier, age (as stated, else from the birth date) and sex. The name is never read."""
    return Patient(
        id=identifier(_text(dataset, "PatientID")),
        age=_age(dataset),
        sex=sex(_text(dataset, "PatientSex")),
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
        return age_in_years(int(stated[1]), stated[2])
    return age_at(_datetime(_text(dataset, "PatientBirthDate")), start_time(dataset))


def _datetime(text: str) -> datetime | None:
    """Parse YYYYMMDD[HHMM[SS[.ffffff]]]; 1 January 1900 stands for an unknown date where the standard demands one."""
    found = moment(text)
    return None if found is None or (found.year, found.month, found.day) == (1900, 1, 1) else found
