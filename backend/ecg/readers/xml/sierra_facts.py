"""Who, when and with what: the facts about a Philips Sierra recording that are not its samples."""

import re
from datetime import datetime
from xml.etree.ElementTree import Element

from backend.ecg.readers.facts import age_at, age_in_years, identifier, measurements, model_name, moment, sex, uncoded
from backend.ecg.readers.xml.tree import attribute, number, text, to_number
from backend.ecg.recording import DeviceFacts, Patient, Statement

_PLACES = {
    "heart_rate": ("heartrate", "meanventrate"),
    "rr": ("rrint",),
    "p": ("pdur",),
    "pr": ("print", "meanprint"),
    "qrs": ("qrsdur", "meanqrsdur"),
    "qt": ("qtint", "meanqtint"),
    "qtc": ("qtcb", "meanqtc"),
    "p_axis": ("pfrontaxis",),
    "qrs_axis": ("qrsfrontaxis",),
    "t_axis": ("tfrontaxis",),
}
_BLOCKS = (  # the final measurements, which a person may have edited, go before those of the analysis program
    "interpretations/interpretation/globalmeasurements",
    "interpretations/interpretation/interpretationmeasurements",
    "internalmeasurements/crossleadmeasurements",
    "measurements/globalmeasurements",
)
_CODE = re.compile(r"[A-Z0-9][A-Z0-9_+-]{0,15}")
_AGE_UNITS = ("years", "months", "weeks", "days", "hours")
_MOST_STATEMENTS = 100


def start_time(root: Element) -> datetime | None:
    """When the ECG was taken."""
    day, time = (attribute(root, "dataacquisition", key) or "" for key in ("date", "time"))
    return moment(f"{day} {time}".strip())


def patient(root: Element, start: datetime | None) -> Patient:
    """Identifier, age and sex. The name is never read, nor is the age the device assumes where none was entered."""
    person = root.find("patient/generalpatientdata")
    identifiers = (identifier(_entered(text(person, key))) for key in ("patientid", "MRN"))
    ages = (age_in_years(number(person, f"age/{unit}"), unit) for unit in _AGE_UNITS)
    stated = next((age for age in ages if age is not None), None)
    return Patient(
        id=next(filter(None, identifiers), None),
        age=stated if stated is not None else age_at(moment(text(person, "age/dateofbirth")), start),
        sex=sex(text(person, "sex")),
    )


def device(root: Element, wave: Element, signal: Element | None) -> DeviceFacts:
    """The device, the filters of the stored waveform, the measurements and the statement codes."""
    maker = (attribute(root, "dataacquisition/machine", "detaildescription") or "").partition(":")[0]
    band = re.fullmatch(r"([\d.]+)\s*-\s*([\d.]+)", text(signal, "signalbandwidth") or "")  # version 1.03
    low, high = band.groups() if band else (None, None)
    filtered = (wave.get("notchfiltered") or text(signal, "notchfiltered") or "").strip().lower() == "true"
    notch = (wave.get("notchfilterfreqs") or text(signal, "notchfilterfreqs") or "").split()  # and its harmonics
    return DeviceFacts(
        model=model_name(maker, _entered(text(root, "dataacquisition/machine"))),
        high_pass=to_number(wave.get("hipass") or text(signal, "hipass") or low) or None,
        low_pass=to_number(wave.get("lowpass") or text(signal, "lowpass") or high) or None,
        notch=(to_number(notch[0]) or None) if filtered and notch else None,
        measurements=_measurements(root),
        statements=statements(root)[0],
    )


def _measurements(root: Element) -> dict[str, float]:
    found = {
        key: next(filter(None, (number(root, f"{block}/{name}") for block in _BLOCKS for name in names)), None)
        for key, names in _PLACES.items()
    }
    return measurements(found)


def statements(root: Element) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
    """The codes of the last interpretation, such as SR and IRBBB, and a note that counts the others: any free text."""
    interpretations = root.findall("interpretations/interpretation")
    found = interpretations[-1].findall("statement/statementcode") if interpretations else []
    stated = list(filter(None, map(text, found[:_MOST_STATEMENTS])))
    codes = list(filter(_CODE.fullmatch, stated))
    return tuple(Statement(code, "Philips") for code in dict.fromkeys(codes)), uncoded(len(stated) - len(codes))


def _entered(value: str | None) -> str | None:
    """None for the dashes that stand for what was not entered."""
    return value if value and value.strip("- ") else None
