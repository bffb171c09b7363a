"""GE CardioSoft and CAM-14 XML (CardiologyXML): comma-separated integers of the rhythm strip.

Source: files of CardioSoft 6, as UK Biobank describes and stores them (data fields 20205 and 6025).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from xml.etree.ElementTree import Element

from backend.ecg.errors import UnreadableFileError
from backend.ecg.readers.assemble import Facts
from backend.ecg.readers.channels import Channel, calibrated, from_channels
from backend.ecg.readers.facts import (
    age_at,
    age_in_years,
    at,
    identifier,
    measurements,
    model_name,
    positive,
    sex,
)
from backend.ecg.readers.number_list import numbers
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.readers.xml.ge_statements import coded
from backend.ecg.readers.xml.tree import attribute, number, parse_xml, root_name, text
from backend.ecg.recording import DeviceFacts, Patient, Recording

_MEASURED = {
    "heart_rate": "VentricularRate", "rr": "RRInterval", "p": "PDuration", "pr": "PQInterval", "qrs": "QRSDuration",
    "qt": "QTInterval", "qtc": "QTCInterval", "p_axis": "PAxis", "qrs_axis": "RAxis", "t_axis": "TAxis",
}  # fmt: skip


def _recognises(files: FileSet) -> bool:
    return root_name(files.main.data) == "CardiologyXML"


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    root = parse_xml(files.main.data, files.name)
    strips = [(strip, channels) for strip in root.iter("StripData") if (channels := _strip(strip, options, limits))]
    left_out: list[str] = []
    if root.find(".//MedianSamples") is not None:
        left_out.append("median beat")
    disclosed = [] if strips else list(_full_disclosures(root, options, limits))
    if strips and root.find("FullDisclosure") is not None:
        left_out.append("full disclosure")
    found = strips or disclosed
    if not found:
        raise UnreadableFileError(
            f"{files.name} holds no rhythm strip (StripData). Export it with the waveform of the resting ECG."
        )
    said = _facts(root)
    notes = tuple(f"Left out: {title}." for title in left_out) + said.notes
    return [
        from_channels(
            files.part(index, len(found)),
            options,
            limits,
            format="cardiosoft-xml",
            channels=channels,
            rate=number(strip, "SampleRate"),
            facts=replace(said, notes=notes, stated_samples=_count(strip)),
        )
        for index, (strip, channels) in enumerate(found[: limits.records])
    ]


def _strip(strip: Element, options: ReadOptions, limits: Limits) -> Sequence[Channel]:
    """The leads of a strip, each an element of its own."""
    return [
        _channel(strip, wave.get("lead") or wave.get("Lead") or "", wave.text or "", options, limits)
        for wave in strip.iterfind("WaveformData")
        if (wave.text or "").strip()
    ]


def _full_disclosures(
    root: Element, options: ReadOptions, limits: Limits
) -> Iterator[tuple[Element, Sequence[Channel]]]:
    """Whole exercise tests: the leads of one moment side by side, named by LeadOrder."""
    for element in root.iter("FullDisclosure"):
        names = [name.strip() for name in (text(element, "LeadOrder") or "").split(",") if name.strip()][:64]
        data = element.find("FullDisclosureData")
        if not names or data is None:
            continue
        written = "".join([data.text or "", *(child.tail or "" for child in data)])
        values = numbers(written, limits.samples * len(names))
        if values.size % len(names):
            raise UnreadableFileError(
                f"the full disclosure ends within a moment of its {len(names)} leads. Copy it again."
            )
        scale, unit = _resolution(element)
        yield (
            element,
            [calibrated(name, values[row :: len(names)], scale, unit, options) for row, name in enumerate(names)],
        )


def _channel(strip: Element, name: str, data: str, options: ReadOptions, limits: Limits) -> Channel:
    scale, unit = _resolution(strip)
    return calibrated(name, numbers(data, limits.samples), scale, unit, options)


def _resolution(strip: Element) -> tuple[float, str | None]:
    """Units a step and the unit: "uVperLsb"."""
    scale = number(strip, "Resolution")
    unit = (attribute(strip, "Resolution", "units") or "").lower().partition("per")[0].strip() or None
    return (1.0, None) if scale is None else (scale, unit)


def _count(strip: Element) -> int | None:
    count = number(strip, "ChannelSampleCountTotal")
    return int(count) if count and 0 < count < 2**31 else None


def _facts(root: Element) -> Facts:
    """Names, places and free text are never read."""
    patient, filters = root.find("PatientInfo"), root.find("FilterSetting")
    start = _moment(root, "ObservationDateTime")
    age = age_in_years(number(patient, "Age"), attribute(patient, "Age", "units"))
    phrases = [
        phrase for element in root.iterfind("Interpretation/Diagnosis/DiagnosisText") if (phrase := text(element))
    ]
    statements, notes = coded(phrases)
    measured = root.find("RestingECGMeasurements")
    mains = [hertz for hertz in (50.0, 60.0) if (text(filters, f"Filter{hertz:.0f}Hz") or "").lower() == "yes"]
    return Facts(
        start=start,
        patient=Patient(
            id=identifier(text(patient, "PID")),
            age=age_at(_moment(root, "PatientInfo/BirthDateTime"), start) if age is None else age,
            sex=sex(text(patient, "Gender")),
        ),
        device=DeviceFacts(
            model=model_name(text(root, "ClinicalInfo/DeviceInfo/Desc")),
            high_pass=positive(number(filters, "HighPass")),
            low_pass=positive(number(filters, "LowPass")),
            notch=mains[0] if len(mains) == 1 else None,
            measurements=measurements({key: number(measured, tag) for key, tag in _MEASURED.items()}),
            statements=statements,
        ),
        notes=notes,
    )


def _moment(root: Element, path: str) -> datetime | None:
    year, month, day, hour, minute, second = (
        int(number(root, f"{path}/{part}") or 0) for part in ("Year", "Month", "Day", "Hour", "Minute", "Second")
    )
    return at(year, month, day, hour, minute, second)


READER = Reader(
    name="cardiosoft-xml",
    title="GE CardioSoft XML (CardiologyXML, .xml)",
    extensions=(".xml",),
    declares_units=True,
    recognises=_recognises,
    read=_read,
    source="GE CardioSoft 6 files, as in UK Biobank's data fields 20205 and 6025",
)
