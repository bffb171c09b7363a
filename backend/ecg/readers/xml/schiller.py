"""Schiller XML (SchillerEDI), as the SEMA data management and CARDIOVIT electrocardiographs export it.

An event holds blocks of waves (`wavedata`) of a type: the rhythm (`ECG_RHYTHMS`) is read, averaged beats are left out.
A block states its sampling rate and the voltage of a step, its channels their lead and their samples as numbers.
Source: exports of SEMA 2; no description is published. The readers of CVRG and BRAVEHEART agree.
"""

from datetime import datetime
from xml.etree.ElementTree import Element

from backend.ecg.errors import UnreadableFileError, UnsupportedFormatError
from backend.ecg.readers.assemble import Facts
from backend.ecg.readers.channels import Channel, calibrated, from_channels
from backend.ecg.readers.facts import age_at, identifier, measurements, model_name, moment, sex
from backend.ecg.readers.number_list import Samples, numbers
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.readers.xml.tree import each, number, parse_xml, root_name, text, to_number
from backend.ecg.recording import DeviceFacts, Patient, Recording

_MEASUREMENTS = {
    "heart_rate": "HR", "rr": "RR", "p": "P", "pr": "PQ", "qrs": "QRS", "qt": "QT", "qtc": "QTC",
    "p_axis": "AXIS_P", "qrs_axis": "AXIS_QRS", "t_axis": "AXIS_T",
}  # fmt: skip
_MOST_LEADS = 32


def _recognises(files: FileSet) -> bool:
    root = (root_name(files.main.data) or "").lower()
    return root.endswith("schilleredi") or (root != "" and b"<examdescript" in files.main.data)


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    root = parse_xml(files.main.data, files.name)
    blocks = [(event, wave) for event in root.iter("event") for wave in event.findall("wavedata")]
    rhythms = [block for block in blocks if "RHYTHM" in (text(block[1], "type") or "").upper()]
    if not rhythms:
        raise UnreadableFileError(
            f"{files.name} holds no rhythm, only averaged beats or reports. Export the full recording."
        )
    event, wave = max(rhythms, key=lambda block: sum(len(text(lead, "data") or "") for lead in block[1]))
    start = _start(root)
    facts = Facts(
        start=start,
        patient=Patient(
            id=identifier(text(root, "patdata/id")),
            age=age_at(moment(text(root, "patdata/birthdate")), start),
            sex=sex(text(root, "patdata/gender")),
        ),
        device=_device(root, event),
        notes=(f"Left out: {len(rhythms) - 1} shorter rhythms of the file.",) if len(rhythms) > 1 else (),
        stated_samples=_stated(wave),
    )
    return [
        from_channels(
            files,
            options,
            limits,
            format="schiller-xml",
            channels=_channels(wave, options, limits),
            rate=_rate(wave),
            facts=facts,
        )
    ]


def _channels(wave: Element, options: ReadOptions, limits: Limits) -> list[Channel]:
    leads = wave.findall("channel")
    if len(leads) > _MOST_LEADS:
        raise UnreadableFileError(f"{len(leads):,} channels are too many for an ECG. Export it again.")
    size = number(wave, "resolution/yres/unitperbit")
    if size is None:
        raise UnreadableFileError("the file states no voltage of its samples. Export it in another format.")
    unit = text(wave, "resolution/yres/units")
    return [calibrated(text(lead, "name") or "", _samples(lead, limits), size, unit, options) for lead in leads]


def _samples(channel: Element, limits: Limits) -> Samples:
    kind = (text(channel, "datastype") or text(channel, "datatype") or "COMMASEPARATE").upper()
    if "SEPARATE" not in kind:
        raise UnsupportedFormatError(f"The samples are stored as {kind[:20]}; only separated numbers can be read.")
    return numbers(text(channel, "data") or "", limits.samples)


def _rate(wave: Element) -> float | None:
    """The rate in Hz, None if it is not stated: a value with an exponent, of which only 1 is known to occur."""
    exponent = number(wave, "resolution/samplerate/exponent")
    if exponent not in (None, 0, 1):
        raise UnreadableFileError(
            f"the sampling rate is stated with the exponent {exponent:g}, whose meaning is not published. "
            "Export the ECG in another format."
        )
    return number(wave, "resolution/samplerate/value") or number(wave, "resolution/samplerate")


def _stated(wave: Element) -> int | None:
    stated = number(wave, "channel/samplecount")
    return int(stated) if stated and 0 < stated < 1e15 else None


def _start(root: Element) -> datetime | None:
    day, time = (text(root, f"examdescript/startdatetime/{part}") or "" for part in ("date", "time"))
    return moment(f"{day} {time}".strip())


def _device(root: Element, event: Element) -> DeviceFacts:
    """The device, its filters, and its measurements of the event; its interpretation is free text."""
    hardware = root.find("examdescript/aquiringdevice/hardware")
    filters = {text(one, "name"): to_number(text(one, "value")) or None for one in each(event, "filter")}
    values = {
        (label.text or "").strip(): to_number(value.text)
        for block in event.findall("annotation_global")
        for label, value in zip(block.findall("name"), block.findall("value"), strict=False)
    }
    return DeviceFacts(
        model=model_name(text(hardware, "vendor"), text(hardware, "model") or text(hardware, "type")),
        high_pass=filters.get("HIGHPASS_CUTOFF_FREQ"),
        low_pass=filters.get("LOWPASS_CUTOFF_FREQ"),
        notch=filters.get("MAINS"),
        measurements=measurements({key: values.get(label) for key, label in _MEASUREMENTS.items()}),
    )


READER = Reader(
    name="schiller-xml",
    title="Schiller XML",
    extensions=(".xml",),
    declares_units=True,
    recognises=_recognises,
    read=_read,
    source="Exports of Schiller SEMA (SchillerEDI); no description is published",
)
