"""Who, when and with what: the facts about a DICOM recording that are not its samples."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from backend.ecg.readers.facts import age_at, age_in_years, identifier, model_name, moment, sex
from backend.ecg.recording import Patient

if TYPE_CHECKING:
    from pydicom import Dataset

_MOMENTS = ("Acquisition", "Content", "Series", "Study")


def patient(dataset: "Dataset") -> Patient:
    """Identifier, age (as stated, else from the birth date) and sex. The name is never read."""
    return Patient(
        id=identifier(_text(dataset, "PatientID")),
        age=_age(dataset),
        sex=sex(_text(dataset, "PatientSex")),
    )


def start_time(dataset: "Dataset") -> datetime | None:
    """When it was acquired: acquisition, else content, series or study date and time, else the date alone."""
    pairs = [(_text(dataset, f"{what}Date"), _text(dataset, f"{what}Time")) for what in _MOMENTS]
    stated = (_text(dataset, "AcquisitionDateTime"), *(day + time for day, time in pairs), *(day for day, _ in pairs))
    return next((found for text in stated if (found := _datetime(text))), None)


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
