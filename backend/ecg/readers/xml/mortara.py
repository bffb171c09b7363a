"""Mortara ELI XML, as ELI electrocardiographs and ELI Link (Mortara, Welch Allyn, Hillrom) write it.

The rhythm is a `CHANNEL` a lead: Base64 of little-endian 16-bit integers, UNITS_PER_MV of them in a mV; the averaged
beat (`TYPICAL_CYCLE`) is left out. Most facts are attributes.
Source: no description is published; the readers of BRAVEHEART, EDFbrowser and ecgdatakit agree on this.
"""

from datetime import datetime
from xml.etree.ElementTree import Element

from backend.ecg.errors import LimitError, UnreadableFileError, UnsupportedFormatError
from backend.ecg.readers.assemble import Facts
from backend.ecg.readers.channels import Channel, from_channels
from backend.ecg.readers.facts import age_at, age_in_years, identifier, measurements, model_name, moment, sex
from backend.ecg.readers.number_list import Samples, numbers
from backend.ecg.readers.options import Reader, ReadOptions
from backend.ecg.readers.sources import FileSet, Limits
from backend.ecg.readers.xml.base64_samples import from_base64, int16_samples
from backend.ecg.readers.xml.tree import attribute, parse_xml, root_name, to_number
from backend.ecg.recording import DeviceFacts, Patient, Recording

_MOST_LEADS = 32
_STORED = (("BITS", "16"), ("FORMAT", "SIGNED"), ("ENCODING", "BASE64"))  # attributes and their defaults
_SCALE = "UNITS_PER_MV"
_MARKS = tuple(_SCALE.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def _recognises(files: FileSet) -> bool:
    data = files.main.data
    return root_name(data) == "ECG" and any(mark in data for mark in _MARKS)


def _read(files: FileSet, options: ReadOptions, limits: Limits) -> list[Recording]:
    root = parse_xml(files.main.data, files.name)
    found = root.findall("CHANNEL")
    if not 0 < len(found) <= _MOST_LEADS:
        raise UnreadableFileError(f"{files.name} holds {len(found):,} channels of rhythm, no ECG. Export it again.")
    rates = {to_number(channel.get("SAMPLE_FREQ")) for channel in found}
    if len(rates) > 1:
        raise UnreadableFileError(f"{files.name} has leads of differing sampling rates. Export them alike.")
    rate = rates.pop()
    start = moment(root.get("ACQUISITION_TIME_XML")) or moment(root.get("ACQUISITION_TIME"))
    channels = [_channel(channel, limits) for channel in found]
    facts = Facts(
        start, _patient(root, start), _device(root), _offsets(found), _stated(found[0], channels[0].samples.size, rate)
    )
    return [
        from_channels(files, options, limits, format="mortara-xml", channels=channels, rate=rate, facts=facts),
    ]


def _channel(channel: Element, limits: Limits) -> Channel:
    name = (channel.get("NAME") or "").strip()
    per_mv = to_number(channel.get(_SCALE))
    if per_mv is None or per_mv <= 0:
        raise UnreadableFileError(f"lead {name[:20]} states no voltage of its samples ({_SCALE}). Export it again.")
    return Channel(name, _samples(channel, f"Lead {name[:20]}", limits), 1 / per_mv)


def _samples(channel: Element, what: str, limits: Limits) -> Samples:
    """The samples of one channel, from its attribute DATA or its text."""
    stored = [(key, (channel.get(key) or default).strip().upper()) for key, default in _STORED]
    if stored != list(_STORED):
        described = ", ".join(f"{key} {value[:20]}" for key, value in stored)
        raise UnsupportedFormatError(f"The samples are stored as {described}; only 16 SIGNED BASE64 can be read.")
    content = channel.get("DATA") or channel.text or ""
    if "," in content:
        return numbers(content, limits.samples)
    if len(content) > 4 * limits.samples:
        raise LimitError(f"{what} has more than {limits.samples:,} samples. Export a shorter recording.")
    return int16_samples(from_base64(content, what), what)


def _stated(channel: Element, length: int, rate: float | None) -> int | None:
    """The samples a lead by DURATION, which counts samples, in some files milliseconds."""
    duration = to_number(channel.get("DURATION")) or 0.0
    if not 0 < duration < 1e15:
        return None
    return length if duration * (rate or 0) == 1000 * length else round(duration)


def _offsets(channels: list[Element]) -> tuple[str, ...]:
    """A note where OFFSET is not 0: it is not known to have a meaning."""
    if any(to_number(channel.get("OFFSET")) for channel in channels):
        return ("The file states an OFFSET of its samples, whose meaning is not published: it was not applied.",)
    return ()


def _patient(root: Element, start: datetime | None) -> Patient:
    """Identifier, age and sex. The name is never read."""
    born = moment(attribute(root, "SUBJECT", "DOB_XML")) or moment(attribute(root, "SUBJECT", "DOB"))
    stated = age_in_years(to_number(root.get("AGE")) or None, root.get("AGE_UNITS") or "years")
    return Patient(
        id=identifier(attribute(root, "SUBJECT", "ID") or attribute(root, "SUBJECT", "LOCAL_ID")),
        age=stated if stated is not None else age_at(born, start),
        sex=sex(attribute(root, "SUBJECT", "GENDER")),
    )


def _device(root: Element) -> DeviceFacts:
    """The device, its low-pass filter and its measurements; its statements are free text."""
    averaged = root.find("TYPICAL_CYCLE")
    cycle = {} if averaged is None else averaged.attrib
    written = {
        "heart_rate": root.get("VENT_RATE"),
        "rr": root.get("AVERAGE_RR"),
        "p": cycle.get("P_DURATION"),
        "pr": cycle.get("PR_DURATION"),
        "qrs": cycle.get("QRS_DURATION"),
        "qt": cycle.get("QT"),
        "qtc": cycle.get("QTB") or cycle.get("QTC"),
        "p_axis": cycle.get("P_AXIS"),
        "qrs_axis": cycle.get("QRS_AXIS"),
        "t_axis": cycle.get("T_AXIS"),
    }
    model = attribute(root, "SOURCE", "MODEL") or attribute(
        root, "SOURCE", "ACQUIRING_DEVICE_EXTENDED_MODEL_DESCRIPTION"
    )
    return DeviceFacts(
        model=model_name(attribute(root, "SOURCE", "MANUFACTURER"), model),
        low_pass=to_number(attribute(root, "SOURCE", "LOW_PASS_FILTER")) or None,
        measurements=measurements({key: to_number(value) for key, value in written.items()}),
    )


READER = Reader(
    name="mortara-xml",
    title="Mortara ELI XML",
    extensions=(".xml",),
    declares_units=True,
    recognises=_recognises,
    read=_read,
    source="ELI exports; no description is published. BRAVEHEART, EDFbrowser and ecgdatakit agree",
)
