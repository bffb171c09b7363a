"""Who, when, with what, and what the device found: the facts of a MUSE XML file that are not its samples."""

from datetime import datetime
from xml.etree.ElementTree import Element

from backend.ecg.readers.assemble import Facts
from backend.ecg.readers.facts import (
    age_at,
    age_in_years,
    identifier,
    measurements,
    model_name,
    moment,
    positive,
    sex,
)
from backend.ecg.readers.xml.ge_statements import coded
from backend.ecg.readers.xml.tree import number, text
from backend.ecg.recording import DeviceFacts, Patient

_MEASURED = {
    "heart_rate": "VentricularRate", "p": "PDuration", "pr": "PRInterval", "qrs": "QRSDuration", "qt": "QTInterval",
    "qtc": "QTCorrected", "p_axis": "PAxis", "qrs_axis": "RAxis", "t_axis": "TAxis",
}  # fmt: skip


def facts(root: Element, waveform: Element) -> Facts:
    """Return the facts of the file and of the chosen waveform. Names, places and free text are never read."""
    patient, test = root.find("PatientDemographics"), root.find("TestDemographics")
    age = age_in_years(number(patient, "PatientAge"), text(patient, "AgeUnits"))
    start = _moment(text(test, "AcquisitionDate"), text(test, "AcquisitionTime"))
    statements, notes = coded(_phrases(root))
    model = text(test, "AcquisitionDevice")
    return Facts(
        start=start,
        patient=Patient(
            id=identifier(text(patient, "PatientID")),
            age=age_at(_moment(text(patient, "DateofBirth"), None), start) if age is None else age,
            sex=sex(text(patient, "Gender")),
        ),
        device=DeviceFacts(
            model=model_name("GE", model) if model else None,
            high_pass=_high_pass(text(waveform, "HighPassFilter")),
            low_pass=positive(number(waveform, "LowPassFilter")),
            notch=positive(number(waveform, "ACFilter")),
            measurements=_measurements(root),
            statements=statements,
        ),
        notes=notes,
    )


def _measurements(root: Element) -> dict[str, float]:
    found: dict[str, float | None] = {}
    for section in ("OriginalRestingECGMeasurements", "RestingECGMeasurements"):
        element = root.find(section)
        found |= {key: value for key, tag in _MEASURED.items() if (value := number(element, tag)) is not None}
    if found.get("heart_rate"):  # which alone tells whether it is in ms, in samples or in seconds
        found["rr"] = number(root, "QRSTimesTypes/GlobalRR") or number(root, "PharmaData/PharmaRRinterval")
    return measurements(found)


def _phrases(root: Element) -> list[str]:
    """The phrases of the device's own interpretation; of the edited one only where the file keeps no other."""
    original = root.find("OriginalDiagnosis")
    section = root.find("Diagnosis") if original is None else original
    statements = section.iterfind("DiagnosisStatement") if section is not None else ()
    return [phrase for statement in statements if (phrase := text(statement, "StmtText"))]


def _high_pass(value: str | None) -> float | None:
    """MUSE writes hundredths of a Hz: 5 is 0.05 Hz, 16 is 0.16 Hz."""
    whole = value is not None and value.isascii() and value.isdigit()
    return positive(int(value[:9]) / 100) if value and whole else None


def _moment(date: str | None, time: str | None) -> datetime | None:
    """Month-day-year as MUSE exports it; other orders where they can be meant only so."""
    return moment(f"{date or ''} {time or ''}".strip(), month_first=True)
